"""Formatting: Prisma's own, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from infra_gen.formatting import format_files, format_source
from infra_gen.formatting.naming import camel_case, plural
from infra_gen.schema.layout import laid_out
from infra_gen.schema.source import SourceFile
from tests.schema_language import schemas
from tests.schema_language.cases_of_formatting import CASES, schema_files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_schema_is_formatted_as_its_golden_says(case: Path, update_goldens: bool) -> None:
    files = schema_files(case)
    for file, text in zip(files, format_files(files), strict=True):
        golden = Path(file.path).with_suffix(".formatted")
        if update_goldens:
            golden.write_bytes(text.encode())
        assert text.encode() == golden.read_bytes()


@schemas.law
@given(schemas.well_formed)
def test_what_is_laid_out_stays_as_it_is(text: str) -> None:
    once = laid_out(SourceFile("schema.prisma", text))
    assert laid_out(SourceFile("schema.prisma", once)) == once


@schemas.law
@given(schemas.damaged())
def test_any_text_can_be_formatted(text: str) -> None:
    assert format_source(text).endswith("\n")


def test_a_completed_schema_is_complete() -> None:
    case = next(case for case in CASES if case.stem == "several_files")
    files = schema_files(case)
    once = format_files(files)
    assert once != tuple(laid_out(file) for file in files)
    assert format_files([SourceFile(file.path, text) for file, text in zip(files, once, strict=True)]) == once


def test_a_schema_with_unknown_types_is_laid_out_but_not_completed() -> None:
    text = "model A {\n  id Int @id\n  b B\n  c Nowhere\n}\nmodel B {\n  id Int @id\n}\n"
    assert "@relation" not in format_source(text)
    assert "@relation" in format_source(text.replace("c Nowhere", "c Int"))


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("UserProfile", "userProfile"),
        ("user_profile", "userProfile"),
        ("HTTPServer", "httpserver"),
        ("LiteLLM_Table", "liteLLMTable"),
        ("A1b2C", "a1B2C"),
    ],
)
def test_a_field_is_named_after_its_model(model: str, field: str) -> None:
    assert camel_case(model) == field


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("user", "users"),
        ("category", "categories"),
        ("day", "days"),
        ("box", "boxes"),
        ("status", "statuses"),
        ("analysis", "analyses"),
        ("child", "children"),
        ("person", "people"),
        ("index", "indices"),
        ("wolf", "wolves"),
        ("knife", "knives"),
        ("news", "news"),
        ("software", "software"),
        ("man", "men"),
        ("datum", "data"),
        ("hero", "heroes"),
    ],
)
def test_a_list_is_named_in_the_plural(one: str, many: str) -> None:
    assert plural(one) == many
