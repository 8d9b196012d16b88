"""What holds for the checks as a whole: order, files, half-read schemas, refused databases, both forms of the datasource."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_gen.checks import check
from infra_gen.checks.providers import NOT_YET_SUPPORTED, SUPPORTED
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SourceFile
from tests.checks.golden import diagnose, schemas

USER = "model User {\n  id Int @id\n  posts Post[]\n}\n"
POST = "model Post {\n  id Int @id\n  userId Int\n  user User @relation(fields: [userId], references: [id])\n}\n"


def messages(text: str) -> list[str]:
    return [item.message for item in diagnose(text)]


def test_a_folder_of_files_is_one_schema() -> None:
    files = [SourceFile("a.prisma", USER), SourceFile("b.prisma", POST), SourceFile("c.prisma", USER)]
    document, _ = parse(files)
    found = check(document)
    assert [str(item.span) for item in found] == ["c.prisma:1:7"]
    document, _ = parse(files[:2])
    assert check(document) == ()


def test_diagnostics_of_several_files_stand_in_the_order_of_the_files() -> None:
    document, _ = parse([SourceFile("z.prisma", "model A {\n  x Nope\n}\n"), SourceFile("a.prisma", "model A {\n}\n")])
    assert [item.span.file.path for item in check(document)] == ["z.prisma", "a.prisma"]


def test_a_schema_that_did_not_parse_is_checked_block_by_block_only() -> None:
    document, problems = parse([SourceFile("s.prisma", "model User {\n  name String @uniqe\n  ???\n}\n")])
    assert problems
    told = check(document, well_formed=False)
    assert [item.message for item in told] == ['Attribute not known: "@uniqe". Did you mean `@unique`?']


def test_where_no_generator_runs_its_block_is_not_judged_but_its_preview_features_count() -> None:
    blocks = 'generator g {\n  previewFeatures = ["views"]\n}\ngenerator h {\n  provider = "x"\n  %s\n}\n'
    view = "view V {\n  id Int @id\n}\n"
    document, _ = parse([SourceFile("s.prisma", blocks % 'previewFeatures = ["views", "nonsense"]' + view)])
    assert [item.span.line for item in check(document)] == [1, 6]
    assert [item.span.line for item in check(document, for_generators=False)] == [9]


@pytest.mark.parametrize("provider", sorted(NOT_YET_SUPPORTED))
def test_a_database_that_is_not_served_is_refused_in_one_sentence(provider: str) -> None:
    found = diagnose(f'datasource db {{\n  provider = "{provider}"\n  color = 1\n}}\nmodel A {{\n  x Nope\n}}\n')
    assert len(found) == 1
    assert provider in found[0].message
    assert (found[0].span.line, found[0].span.text) == (2, f'"{provider}"')


@pytest.mark.parametrize("provider", sorted(SUPPORTED))
@pytest.mark.parametrize("url", ["", '  url = env("DATABASE_URL")\n', '  url = "anything"\n  directUrl = env("X")\n'])
def test_both_forms_of_the_datasource_are_accepted(provider: str, url: str) -> None:
    assert messages(f'datasource db {{\n  provider = "{provider}"\n{url}}}\n{USER}{POST}') == []


def test_a_schema_without_a_datasource_is_accepted() -> None:
    assert messages(USER + POST) == []


@pytest.mark.parametrize("feature", ["metrics", "driverAdapters", "multiSchema", "fullTextIndex", "TRACING"])
def test_preview_features_of_former_versions_are_warned_of_and_accepted(feature: str) -> None:
    found = diagnose(f'generator g {{\n  provider = "x"\n  previewFeatures = ["{feature}"]\n}}\n')
    assert [item.severity for item in found] == ["warning"]
    assert feature in found[0].message


def test_names_are_cut_to_the_bytes_of_the_database() -> None:
    """Two indexes whose default names differ beyond the limit are one name in the database."""
    long = "a_column_with_quite_a_long_name_that_goes_on_for_a_while_and_more"
    text = f"  {long}1 Int\n  {long}2 Int\n  @@index([{long}1])\n  @@index([{long}2])\n}}\n"
    model = "model A {\n  id Int @id\n" + text
    assert messages('datasource db {\n  provider = "sqlite"\n}\n' + model) == []
    clashes = messages('datasource db {\n  provider = "postgresql"\n}\n' + model)
    assert len(clashes) == 2
    assert all(f"`A_{long[:57]}_idx`" in message for message in clashes)


FRAGMENTS = [line for schema in schemas() for line in schema.read_text(encoding="utf-8").splitlines()]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25))
def test_whatever_is_written_is_answered_in_order_and_within_the_text(lines: list[str]) -> None:
    """No schema, however broken, is beyond an answer."""
    source = SourceFile("schema.prisma", "\n".join(lines))
    document, problems = parse([source])
    found = check(document, well_formed=not problems)
    starts = [item.span.start for item in found]
    assert starts == sorted(starts)
    assert all(0 <= item.span.start <= item.span.end <= len(source.text) for item in found)
    assert len(set(found)) == len(found)
    assert check(document, well_formed=not problems) == found


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(schemas()), st.data())
def test_removing_a_line_of_a_case_is_answered_too(schema: object, data: st.DataObject) -> None:
    lines = schema.read_text(encoding="utf-8").splitlines()  # type: ignore[attr-defined]
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    source = SourceFile("schema.prisma", "\n".join(lines))
    document, problems = parse([source])
    found = check(document, well_formed=not problems)
    assert all(item.span.line <= len(lines) for item in found)
