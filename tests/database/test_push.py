"""`db push`: an empty database gets the tables, a changed schema alters them, nothing is lost unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from infra_gen.database.cautions import BIG
from infra_gen.database.connection import DriverConnection, connected
from infra_gen.database.expected import expected_catalog
from infra_gen.database.introspect import sqlite as introspect
from infra_gen.database.push import DataLossError, LockError, UnexecutableError, plan_push, push
from infra_gen.dynamic import connect
from infra_runtime.errors import InfraError
from infra_runtime.urls import parse_url
from tests.database.schemas import LIBRARY, schema_of

NOTE = """
model Note {
  id   Int    @id @default(autoincrement())
  text String
  %s
}
"""


@pytest.fixture
def connection() -> Iterator[DriverConnection]:
    with connected(parse_url(":memory:"), schema_of("", "sqlite")) as opened:
        yield opened


def note(*lines: str) -> str:
    return NOTE % "\n  ".join(lines)


def test_an_empty_database_gets_the_tables(connection: DriverConnection) -> None:
    schema = schema_of(LIBRARY, "sqlite")
    push(schema, connection)
    assert introspect.read_catalog(connection.query) == introspect.normalize(expected_catalog(schema))


def test_a_second_push_has_nothing_to_do(connection: DriverConnection) -> None:
    schema = schema_of(LIBRARY, "sqlite")
    push(schema, connection)
    assert plan_push(schema, connection).steps == ()


def test_a_nullable_column_is_added_in_place(connection: DriverConnection) -> None:
    push(schema_of(note(), "sqlite"), connection)
    connection.run(["INSERT INTO Note (text) VALUES ('kept')"])
    planned = push(schema_of(note("colour String?"), "sqlite"), connection)
    assert [step.comment for step in planned.steps] == ["AlterTable"]
    assert connection.query("SELECT text, colour FROM Note") == [("kept", None)]


def test_a_changed_column_rebuilds_the_table_and_keeps_its_rows(connection: DriverConnection) -> None:
    push(schema_of(note("stars Int?"), "sqlite"), connection)
    connection.run(["INSERT INTO Note (text, stars) VALUES ('rated', 3), ('unrated', NULL)"])
    push(schema_of(note("stars Int @default(0)", "@@index([stars])"), "sqlite"), connection)
    assert connection.query("SELECT text, stars FROM Note ORDER BY id") == [("rated", 3), ("unrated", 0)]
    assert connection.query("PRAGMA foreign_keys") == [(1,)]


def test_rows_that_refer_to_a_rebuilt_table_stay(connection: DriverConnection) -> None:
    push(schema_of(LIBRARY, "sqlite"), connection)
    connection.run(
        [
            "INSERT INTO Reader (card, name) VALUES ('c1', 'Ada')",
            "INSERT INTO shelves (id, shelf_label) VALUES (1, 'top')",
            "INSERT INTO Loan VALUES (1, 1, '2026-01-01')",
        ]
    )
    push(schema_of(LIBRARY.replace("name     String\n", "name     String?\n"), "sqlite"), connection)
    assert connection.query("SELECT count(*) FROM Loan") == [(1,)]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (
            note("colour String?"),
            note(),
            "You are about to drop the column `colour` on the `Note` table. All the data in the column will be lost. (1 value)",
        ),
        (
            note("colour String?"),
            "model Other {\n id Int @id\n}",
            "You are about to drop the `Note` table. If the table is not empty, all the data it contains will be lost. (1 row)",
        ),
    ],
)
def test_what_would_lose_data_is_refused_and_changes_nothing(
    connection: DriverConnection, before: str, after: str, what: str
) -> None:
    push(schema_of(before, "sqlite"), connection)
    columns = "text, colour" if "colour" in before else "text"
    values = "'a', 'red'" if "colour" in before else "'a'"
    connection.run([f"INSERT INTO Note ({columns}) VALUES ({values})"])
    held = introspect.read_catalog(connection.query)
    with pytest.raises(DataLossError) as refused:
        push(schema_of(after, "sqlite"), connection)
    assert refused.value.warnings == (what,)
    assert introspect.read_catalog(connection.query) == held


def test_a_required_column_without_default_cannot_be_added_to_rows(connection: DriverConnection) -> None:
    push(schema_of(note(), "sqlite"), connection)
    connection.run(["INSERT INTO Note (text) VALUES ('a')"])
    with pytest.raises(
        UnexecutableError, match="Added the required column `stars` to the `Note` table without a default value"
    ):
        push(schema_of(note("stars Int"), "sqlite"), connection, accept_data_loss=True)


def test_accepted_data_loss_goes_on(connection: DriverConnection) -> None:
    push(schema_of(note("colour String?"), "sqlite"), connection)
    connection.run(["INSERT INTO Note (text, colour) VALUES ('a', 'red')"])
    push(schema_of(note(), "sqlite"), connection, accept_data_loss=True)
    assert connection.query("SELECT * FROM Note") == [(1, "a")]


def test_a_reset_drops_everything_first(connection: DriverConnection) -> None:
    push(schema_of(note(), "sqlite"), connection)
    connection.run(["INSERT INTO Note (text) VALUES ('gone')", "CREATE TABLE stray (x)"])
    push(schema_of(note(), "sqlite"), connection, reset=True)
    assert connection.query("SELECT count(*) FROM Note") == [(0,)]
    assert connection.query("SELECT name FROM sqlite_schema WHERE name = 'stray'") == []


def test_migration_tables_are_left_alone(connection: DriverConnection) -> None:
    connection.run(["CREATE TABLE _prisma_migrations (id TEXT)", "INSERT INTO _prisma_migrations VALUES ('1')"])
    push(schema_of(note(), "sqlite"), connection, reset=True)
    assert connection.query("SELECT id FROM _prisma_migrations") == [("1",)]


def test_a_failing_statement_leaves_the_database_as_it_was(connection: DriverConnection) -> None:
    with pytest.raises(InfraError):
        connection.run(["CREATE TABLE first (x)", "CREATE TABLE first (x)"])
    assert connection.query("SELECT count(*) FROM sqlite_schema") == [(0,)]


# -- on servers --------------------------------------------------------------------------------------------------------
SERVER_NOTE = 'datasource db {\n  provider = "postgresql"\n  url = env("NOT_READ")\n}\n' + note()


@pytest.mark.parametrize("interface", ["sync", "async"])
def test_an_empty_postgresql_database_gets_the_tables_in_the_schema_of_the_url(
    interface: str, postgresql_url: str
) -> None:
    url = f"{postgresql_url}?schema=Notes of %22mine%22"
    if interface == "sync":
        with connect(SERVER_NOTE, url=url, interface="sync") as infra:
            infra.push()
            assert infra.repository("Note").create(data={"text": "kept"}) == {"id": 1, "text": "kept"}
            assert infra.push().steps == ()
            assert infra.query_raw("SELECT current_schema() AS here") == [{"here": 'Notes of "mine"'}]
        return

    async def main() -> None:
        async with connect(SERVER_NOTE, url=url) as infra:
            await infra.push()
            assert await infra.repository("Note").create(data={"text": "kept"}) == {"id": 1, "text": "kept"}

    asyncio.run(main())


def test_models_of_several_postgresql_schemas_stand_in_them(postgresql_url: str) -> None:
    schema = """
datasource db {
  provider = "postgresql"
  url      = env("NOT_READ")
  schemas  = ["books", "people"]
}

model Reader {
  id     Int    @id
  loans  Loan[]

  @@schema("people")
}

model Loan {
  id       Int    @id
  readerId Int
  reader   Reader @relation(fields: [readerId], references: [id])

  @@schema("books")
}
"""
    with connect(schema, url=postgresql_url, interface="sync") as infra:
        infra.push()
        infra.repository("Reader").create(data={"id": 1, "loans": {"create": [{"id": 2}]}})
        assert infra.repository("Reader").find_many(include={"loans": True}) == [
            {"id": 1, "loans": [{"id": 2, "readerId": 1}]}
        ]
        assert infra.query_raw('SELECT count(*) AS n FROM books."Loan"') == [{"n": 1}]


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_a_big_table_is_not_locked_unasked(provider: str, request: pytest.FixtureRequest) -> None:
    url = ":memory:" if provider == "sqlite" else str(request.getfixturevalue(f"{provider}_url"))
    schema = schema_of("model Big {\n  id Int @id\n  size Int\n}", provider)
    wider = schema_of("model Big {\n  id Int @id\n  size BigInt\n}", provider)
    with connected(parse_url(url), schema) as opened:
        push(schema, opened)
        table = "`Big`" if provider == "mysql" else '"Big"'
        rows = ", ".join(f"({number}, 1)" for number in range(BIG - 1))
        opened.run([f"INSERT INTO {table} VALUES {rows}"])
        push(wider, opened)
        push(schema, opened, accept_data_loss=True)
        opened.run([f"INSERT INTO {table} VALUES ({BIG}, 1)"])
        with pytest.raises(LockError, match="`Big` is written anew for the new type of `size`"):
            push(wider, opened)
        assert plan_push(wider, opened).steps
        push(wider, opened, accept_locks=True)
        assert plan_push(wider, opened).steps == ()
