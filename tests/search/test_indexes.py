"""What `@infra.search` makes in a database: full-text indexes, found again by a second push, kept in step with the rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_gen.database.connection import DriverConnection, connected
from infra_gen.database.ddl import create_steps, statements
from infra_gen.database.push import plan_push, push
from infra_gen.dynamic import connect
from infra_runtime.urls import parse_url
from tests.conftest import SCRATCH
from tests.database.schemas import schema_of
from tests.databases import Databases
from tests.search.schemas import models, schema

PREFIX = "infra_search_"


@pytest.fixture
def connection() -> Iterator[DriverConnection]:
    with connected(parse_url(":memory:"), schema_of("", "sqlite")) as opened:
        yield opened


def matches(connection: DriverConnection, table: str, words: str) -> list[tuple[object, ...]]:
    """The numbers of rows that FTS5 finds; its own check of the index is made first."""
    name = f"{PREFIX}{table}"
    connection.query(f'INSERT INTO "{name}" ("{name}", rank) VALUES (\'integrity-check\', 1)')
    return list(connection.query(f'SELECT rowid FROM "{name}" WHERE "{name}" MATCH ? ORDER BY rowid', (words,)))


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_each_database_takes_the_indexes(databases: Databases, provider: str) -> None:
    database = databases(provider)
    database.url(models(provider))
    if provider == "sqlite":
        found = database.query("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'")
    elif provider == "postgresql":
        found = database.query("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
    else:
        found = database.query(
            "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = database()"
        )
    names = {name for (name,) in found if name.startswith(PREFIX)}
    assert names == {f"{PREFIX}Article", f"{PREFIX}the writers", f"{PREFIX}Seat"}


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_they_can_be_left_out(provider: str) -> None:
    wanted = schema_of(models(provider), provider)
    all_steps, without = create_steps(wanted), create_steps(wanted, directives=False)
    assert [step for step in all_steps if step.comment != "CreateSearchIndex"] == without
    assert not any(PREFIX in step.sql for step in without)


def test_a_second_push_has_nothing_to_do(connection: DriverConnection) -> None:
    wanted = schema_of(models("sqlite"), "sqlite")
    push(wanted, connection)
    assert plan_push(wanted, connection).steps == ()


@pytest.mark.parametrize("provider", ["postgresql", "mysql"])
def test_a_second_push_to_a_server_has_nothing_to_do_and_a_changed_index_is_made_anew(provider: str) -> None:
    with SCRATCH[provider]() as url:
        with connect(schema(provider), url=url, interface="sync") as infra:
            assert infra.push().steps
            assert infra.push().steps == ()
        with connect(schema(provider).replace("[title, body]", "[title]"), url=url, interface="sync") as infra:
            assert {step.comment for step in infra.push().steps} == {"DropSearchIndex", "CreateSearchIndex"}
            assert infra.push().steps == ()


def test_rows_that_are_there_get_into_a_new_index(connection: DriverConnection) -> None:
    without = models("sqlite").replace("/// @infra.search", "// ")
    push(schema_of(without, "sqlite"), connection)
    connection.run(
        [
            "INSERT INTO Article (id, title, body) VALUES (7, 'Rice and beans', NULL)",
            'INSERT INTO "the writers" ("writer code", "full name") VALUES (\'ada\', \'Ada Lovelace\')',
        ]
    )
    push(schema_of(models("sqlite"), "sqlite"), connection)
    assert matches(connection, "Article", "beans") == [(7,)]
    assert matches(connection, "the writers", "lovelace") == [(1,)]


def test_the_index_follows_every_write(connection: DriverConnection) -> None:
    push(schema_of(models("sqlite"), "sqlite"), connection)
    connection.run(
        [
            "INSERT INTO \"the writers\" (\"writer code\", \"full name\") VALUES ('a', 'Ada'), ('b', 'Bob')",
            "INSERT INTO Article (id, title, body, authorId) VALUES (1, 'soup', 'of beans', 'a'), (2, 'bread', NULL, 'b')",
            "INSERT INTO Seat VALUES (1, 'first'), (1, 'second')",
        ]
    )
    assert matches(connection, "Seat", "second") == [(2,)]
    connection.query("PRAGMA foreign_keys = ON")
    after: list[tuple[str, dict[str, dict[str, list[tuple[int]]]]]] = [
        ("UPDATE Article SET title = 'stew' WHERE id = 1", {"Article": {"soup": [], "stew": [(1,)], "beans": [(1,)]}}),
        ("UPDATE Article SET id = 9 WHERE id = 1", {"Article": {"stew": [(9,)]}}),
        (
            'UPDATE "the writers" SET "writer code" = \'c\' WHERE "writer code" = \'b\'',
            {"the writers": {"bob": [(2,)]}},
        ),
        (
            'DELETE FROM "the writers" WHERE "writer code" = \'a\'',
            {"the writers": {"ada": []}, "Article": {"stew": []}},
        ),
        ("UPDATE Seat SET rank = 'last' WHERE rank = 'second'", {"Seat": {"second": [], "last": [(2,)]}}),
        ("VACUUM", {"the writers": {"bob": [(2,)]}, "Seat": {"last": [(2,)]}}),
    ]
    for sql, found in after:
        connection.query(sql)
        for table, words in found.items():
            for word, rows in words.items():
                assert matches(connection, table, word) == rows, (sql, word)


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ("title   String\n", "title   String?\n", {"DropSearchIndex", "RedefineTables", "CreateSearchIndex"}),
        ("fields: [title, body]", "fields: [title]", {"DropSearchIndex", "CreateSearchIndex"}),
        ("body])\nmodel", 'body], language: "english")\nmodel', {"DropSearchIndex", "CreateSearchIndex"}),
        ("topic   String ", "subtitle String?\n  topic   String ", {"AlterTable"}),
    ],
)
def test_a_changed_schema_changes_the_index(
    connection: DriverConnection, before: str, after: str, steps: set[str]
) -> None:
    text = models("sqlite")
    assert before in text
    push(schema_of(text, "sqlite"), connection)
    connection.run(["INSERT INTO Article (id, title, body) VALUES (3, 'some beans', 'x')"])
    changed = schema_of(text.replace(before, after), "sqlite")
    assert {step.comment for step in push(changed, connection).steps} == steps
    assert matches(connection, "Article", "beans") == [(3,)]
    assert plan_push(changed, connection).steps == ()


def test_a_dropped_table_takes_its_index_with_it(connection: DriverConnection) -> None:
    push(schema_of(models("sqlite"), "sqlite"), connection)
    plain = models("sqlite")
    push(schema_of(plain[plain.index("model Plain") :], "sqlite"), connection)
    assert connection.query(f"SELECT name FROM sqlite_schema WHERE name LIKE '{PREFIX}%'") == []


def test_prismas_own_index_on_the_same_columns_is_used() -> None:
    model = "/// @infra.search([a, b])\nmodel T {\n  id Int @id\n  a String\n  b String\n  %s\n}"
    written = {line: statements(schema_of(model % line, "mysql")) for line in ("@@fulltext([b, a])", "@@fulltext([a])")}
    assert [any(PREFIX in sql for sql in made) for made in written.values()] == [False, True]
