"""Ours against Prisma's own parser and formatter, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from infra_gen.formatting import format_files
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SourceFile
from tests import real_schemas
from tests.prisma_parser import PrismaParser
from tests.schema_language import schemas
from tests.schema_language.cases_of_formatting import CASES, schema_files

OF_THE_GRAMMAR = (
    "This line is",
    "This block is invalid",
    "Invalid type definition",
    "Field declarations don't",
    "Fields are required by default",
    "To specify a list",
    "Optional lists are",
    "This field declaration is invalid",
    "Unknown escape",
    "Invalid unicode",
)
"""How Prisma's complaints about writing, and not about meaning, begin."""

OF_COMPOSITE_TYPES = ("A `type`", "A field of a `type`")
"""How ours about attributes in a `type` begin, for which Prisma has many sentences."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_our_cases(prisma_parser: PrismaParser, case: Path) -> None:
    files = schema_files(case)
    assert list(format_files(files)) == prisma_parser.formatted(files)


@pytest.mark.parametrize("folder", real_schemas.folders(), ids=lambda folder: folder.name)
def test_schemas_from_the_wild(prisma_parser: PrismaParser, folder: Path) -> None:
    files = real_schemas.source_files(folder)
    assert list(format_files(files)) == prisma_parser.formatted(files)


@schemas.law
@given(text=schemas.well_formed)
def test_well_formed_schemas_are_formatted_alike(prisma_parser: PrismaParser, text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    assert list(format_files(files)) == prisma_parser.formatted(files)


@schemas.law
@given(text=schemas.damaged())
def test_damaged_schemas_are_formatted_alike(prisma_parser: PrismaParser, text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    assert list(format_files(files)) == prisma_parser.formatted(files)


@schemas.law
@given(text=schemas.damaged())
def test_errors_are_found_at_the_same_places(prisma_parser: PrismaParser, text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    theirs = {
        found["start"]
        for found in prisma_parser.diagnostics(files)
        if found["severity"] == "error" and any(sign in found["message"] for sign in OF_THE_GRAMMAR)
    }
    ours = {found.span.start for found in parse(files)[1] if not found.message.startswith(OF_COMPOSITE_TYPES)}
    assert {len(text[:place].encode("utf-16-le")) // 2 for place in ours} == theirs
