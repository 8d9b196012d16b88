"""SQLite's tables that another program made: what stands within CREATE TABLE, and words in any case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_gen.database.connection import DriverConnection, connected
from infra_gen.database.dialects import DIALECTS, catalogs
from infra_gen.database.introspect.sqlite import read_catalog
from infra_gen.database.push import push
from infra_runtime.urls import parse_url
from tests.database.schemas import schema_of

MODELS = """
model author {
  id    Int    @id @default(autoincrement())
  email String %s
  posts post[]
}

model post {
  id       Int       @id @default(autoincrement())
  author   Int
  draft    Boolean?  @default(true)
  kind     String?   @default("it's")
  at       DateTime? @default(now())
  writer   author    @relation(fields: [author], references: [id], onDelete: NoAction, onUpdate: NoAction)
}
"""
TABLES = (
    "CREATE TABLE author (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE)",
    "CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, author INTEGER NOT NULL REFERENCES author,"
    """ draft BOOLEAN DEFAULT 1, kind TEXT DEFAULT "it's", at DATETIME DEFAULT current_timestamp)""",
)


@pytest.fixture
def connection() -> Iterator[DriverConnection]:
    with connected(parse_url("sqlite://:memory:"), schema_of(MODELS % "", "sqlite")) as opened:
        opened.run(TABLES)
        yield opened


def test_constraints_and_words_are_what_they_mean(connection: DriverConnection) -> None:
    schema = schema_of(MODELS % "@unique", "sqlite")
    assert not DIALECTS["sqlite"].compare(*catalogs(schema, connection.query))


def test_a_reference_without_columns_is_to_the_primary_key(connection: DriverConnection) -> None:
    (key,) = read_catalog(connection.query).tables[1].foreign_keys
    assert key.references == ("id",)


def test_a_reference_names_its_table_in_any_case(connection: DriverConnection) -> None:
    connection.run(["CREATE TABLE note (author INTEGER REFERENCES Author (ID))"])
    (key,) = read_catalog(connection.query).tables[2].foreign_keys
    assert (key.table.name, key.references) == ("author", ("id",))


@pytest.mark.parametrize("unique", ["", '@unique(map: "own_name")'])
def test_a_constraint_goes_with_a_table_made_anew(connection: DriverConnection, unique: str) -> None:
    connection.run(["INSERT INTO author (email) VALUES ('a@x')", "INSERT INTO post (author) VALUES (1)"])
    schema = schema_of(MODELS % unique, "sqlite")
    push(schema, connection)
    assert not DIALECTS["sqlite"].compare(*catalogs(schema, connection.query))
    assert connection.query("SELECT email, kind FROM author JOIN post ON author.id = post.author") == [("a@x", "it's")]


def test_tables_with_constraints_are_dropped(connection: DriverConnection) -> None:
    push(schema_of("", "sqlite"), connection, accept_data_loss=True)
    assert read_catalog(connection.query).tables == ()


def test_the_condition_of_an_index_is_read_in_any_case(connection: DriverConnection) -> None:
    connection.run(["CREATE UNIQUE INDEX part ON post (kind)\nwhere draft IS NULL"])
    assert [index.where for index in read_catalog(connection.query).tables[1].indexes] == ["draft IS NULL"]
