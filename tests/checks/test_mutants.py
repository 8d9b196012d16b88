"""Laws of the checks, over schemas with something changed in them."""

from __future__ import annotations

from hypothesis import given

from infra_gen.checks import check
from infra_gen.formatting import format_files
from infra_gen.schema.parser import parse
from infra_gen.schema.source import Diagnostic, SourceFile
from tests.checks.mutants import mutants
from tests.prisma_parser import PrismaParser
from tests.schema_language.schemas import law


def diagnose(file: SourceFile) -> list[Diagnostic]:
    document, problems = parse([file])
    return [*problems, *check(document, well_formed=not problems)]


@law
@given(text=mutants())
def test_whatever_is_written_is_judged_in_words_at_its_place(text: str) -> None:
    file = SourceFile("schema.prisma", text)
    for found in diagnose(file):
        assert found.span.file is file
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert found.message.rstrip("\n")[-1:] not in ("", " ")


@law
@given(text=mutants())
def test_prismas_parser_judges_alike(prisma_parser: PrismaParser, text: str) -> None:
    file = SourceFile("schema.prisma", text)
    ours, theirs = diagnose(file), prisma_parser.diagnostics([file])
    for severity in ("error", "warning"):
        expected = {item["line"] for item in theirs if item["severity"] == severity}
        assert {item.span.line for item in ours if item.severity == severity} == expected


@law
@given(text=mutants())
def test_prismas_formatter_writes_alike(prisma_parser: PrismaParser, text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    assert list(format_files(files)) == prisma_parser.formatted(files)
