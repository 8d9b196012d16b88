"""Agreement with Prisma: over real schemas and Prisma's own test cases where they lie beside the checkout, and with Prisma's
parser itself where it is at hand.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra_gen.checks import check
from infra_gen.checks.providers import NOT_YET_SUPPORTED
from infra_gen.schema.parser import parse
from infra_gen.schema.source import Diagnostic, SourceFile
from tests import real_schemas
from tests.checks.golden import schemas_judged_as_by_prisma
from tests.prisma_parser import PrismaParser, without_connection

ANSWERED_BY_LATER_VERSIONS = {"preview_features/schema_engine_driver_adapters/postgres/url_is_still_required.prisma"}
"""Cases that Prisma 7 decides otherwise than the version they were taken from."""


def diagnose_files(files: list[SourceFile]) -> list[Diagnostic]:
    document, problems = parse(files)
    return [*problems, *check(document, well_formed=not problems)]


def lines_of(diagnostics: list[Diagnostic], severity: str) -> set[int]:
    return {item.span.line for item in diagnostics if item.severity == severity}


# ---- real schemas


@pytest.mark.parametrize("folder", real_schemas.folders(), ids=lambda folder: folder.name)
def test_real_schemas_are_accepted_except_those_of_refused_databases(folder: Path) -> None:
    files = real_schemas.source_files(folder)
    errors = [item for item in diagnose_files(files) if item.severity == "error"]
    refused = any(re.search(rf'provider\s*=\s*"{name}"', file.text) for name in NOT_YET_SUPPORTED for file in files)
    assert len(errors) == (1 if refused else 0)


# ---- Prisma's own cases


@pytest.mark.parametrize("case", real_schemas.cases("psl_validation"), ids=lambda case: case["id"])
def test_prismas_own_cases_are_judged_as_prisma_does(case: dict[str, Any]) -> None:
    if case["id"] in ANSWERED_BY_LATER_VERSIONS:
        pytest.skip("later versions decide otherwise")
    found = diagnose_files([SourceFile("schema.prisma", case["schema"])])
    is_refused_database = case["provider"] in NOT_YET_SUPPORTED
    assert bool(lines_of(found, "error")) == (case["kind"] == "error" or is_refused_database)
    if not is_refused_database:
        expected = set(case["lines"])
        assert lines_of(found, "error") == (expected if case["kind"] == "error" else set())
        if case["kind"] != "error":
            assert lines_of(found, "warning") == expected


# ---- Prisma's parser


@pytest.mark.parametrize("schema", schemas_judged_as_by_prisma(), ids=lambda path: path.stem)
def test_prismas_parser_points_at_the_same_lines(schema: Path, prisma_parser: PrismaParser) -> None:
    files = [SourceFile("schema.prisma", without_connection(schema.read_text(encoding="utf-8")))]
    found, expected = diagnose_files(files), prisma_parser.diagnostics(files)
    for severity in ("error", "warning"):
        assert lines_of(found, severity) == {item["line"] for item in expected if item["severity"] == severity}
