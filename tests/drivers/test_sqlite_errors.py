"""What is SQLite's alone in what it refuses: which names its messages have, and which not. The rest is in `test_refusals`."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime import (
    ColumnNotFoundError,
    DataError,
    ForeignKeyViolationError,
    InconsistentColumnDataError,
    InfraError,
    InputError,
    RawQueryError,
    TableNotFoundError,
    UniqueViolationError,
    ValueOutOfRangeError,
)
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import OPERATIONS
from infra_runtime.operation import Operation
from tests.databases import Database, Databases
from tests.runtime.conftest import Client


@pytest.fixture
def database(databases: Databases) -> Database:
    """These tests are about SQLite alone."""
    return databases("sqlite")


@pytest.fixture(autouse=True)
def statement_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "run_statement", __name__)


def run_statement(_engine: object, _context: object, operation: Operation) -> Program[Any]:
    """An operation of one statement, as those of repositories are."""

    def steps() -> Steps[Any]:
        return (yield operation.arguments["statement"])

    return Program("write", steps())


def run(client: Client, sql: str, *parameters: Any, model: str | None = None) -> Any:
    statement = Statement(sql, parameters, "count", writes=True, model=model)
    return client.wait(client.infra.execute(Operation("run_statement", None, {"statement": statement})))


def refused(client: Client, sql: str, *parameters: Any, model: str | None = None) -> InfraError:
    with pytest.raises(InfraError) as caught:
        run(client, sql, *parameters, model=model)
    return caught.value


def add_user(client: Client, email: str) -> None:
    run(client, "INSERT INTO users (email, updated_at) VALUES (?, '2024-01-01T00:00:00.000+00:00')", email)


def test_fields_have_the_schemas_names_and_links_their_columns(client: Client) -> None:
    run(client, "INSERT INTO \"Tag\" (name) VALUES ('red')")
    error = refused(client, "INSERT INTO \"Tag\" (name) VALUES ('red')", model="Tag")
    assert isinstance(error, UniqueViolationError)
    assert (error.model, error.fields) == ("Tag", ("label",))
    add_user(client, "ada@x.io")
    run(client, 'INSERT INTO "_Follows" ("A", "B") VALUES (1, 1)')
    link = refused(client, 'INSERT INTO "_Follows" ("A", "B") VALUES (1, 1)', model="User")
    assert isinstance(link, UniqueViolationError)
    assert (link.model, link.fields) == ("User", ("A", "B"))


def test_an_index_over_an_expression(client: Client) -> None:
    run(client, 'CREATE UNIQUE INDEX lower_name ON "Tag" (lower(name))')
    run(client, "INSERT INTO \"Tag\" (name) VALUES ('red')")
    error = refused(client, "INSERT INTO \"Tag\" (name) VALUES ('RED')", model="Tag")
    assert isinstance(error, UniqueViolationError)
    assert error.meta["target"] == "lower_name"


def test_a_foreign_key_names_the_field_where_only_one_can_be_meant(client: Client) -> None:
    error = refused(client, "INSERT INTO \"Comment\" (text, post_id) VALUES ('hm', 'none')", model="Comment")
    assert isinstance(error, ForeignKeyViolationError)
    assert (error.code, error.model, error.fields) == ("P2003", "Comment", ("post_id",))
    assert "foreign key constraint failed on the field" in str(error)
    several = refused(client, "INSERT INTO \"Post\" (id, title, author_id) VALUES ('a', 'b', 7)", model="Post")
    assert isinstance(several, ForeignKeyViolationError)
    assert several.fields == ()
    assert "foreign key constraint failed on the field" in str(several)


def test_tables_and_columns_that_are_not_there(client: Client) -> None:
    table = refused(client, "DELETE FROM nowhere")
    assert isinstance(table, TableNotFoundError)
    assert (table.code, table.meta["table"]) == ("P2021", "nowhere")
    column = refused(client, "DELETE FROM users WHERE nope = 1", model="User")
    assert isinstance(column, ColumnNotFoundError)
    assert (column.code, column.meta["column"], column.model) == ("P2022", "nope", "User")
    inserted = refused(client, "INSERT INTO users (nope) VALUES (1)", model="User")
    assert isinstance(inserted, ColumnNotFoundError)
    assert inserted.meta["column"] == "users.nope"


def test_values_that_do_not_fit(client: Client) -> None:
    assert isinstance(refused(client, "SELECT ?", 2**63), ValueOutOfRangeError)
    assert isinstance(refused(client, "INSERT INTO \"Tag\" (id, name) VALUES ('one', 'red')"), ValueOutOfRangeError)
    assert isinstance(refused(client, "SELECT ?", "\ud800"), InputError)


def test_text_that_is_no_unicode(client: Client) -> None:
    run(client, "INSERT INTO \"Tag\" (name) VALUES (CAST(x'ff' AS TEXT))")
    with pytest.raises(InconsistentColumnDataError) as caught:
        client.query('SELECT name FROM "Tag"')
    assert caught.value.code == "P2023"


def test_other_constraints_keep_the_databases_words(client: Client) -> None:
    run(client, "CREATE TABLE dice (eyes INTEGER CHECK (eyes < 7))")
    error = refused(client, "INSERT INTO dice VALUES (7)")
    assert isinstance(error, DataError)
    assert error.code == "P2004"
    assert "eyes < 7" in str(error)


def test_a_raw_query_keeps_the_databases_code_and_words(client: Client) -> None:
    client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    with pytest.raises(RawQueryError) as caught:
        client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    assert caught.value.code == "P2010"
    assert caught.value.meta == {"code": "2067", "message": "UNIQUE constraint failed: Tag.name"}
    for wrong in ("SELEC 1", "SELECT 1; SELECT 2", "SELECT ?", "SELECT 1 -- \0"):
        with pytest.raises(RawQueryError):
            client.query(wrong)


def test_errors_never_show_parameters(client: Client) -> None:
    client.execute('INSERT INTO "Tag" (name) VALUES (?)', "s3cret")
    with pytest.raises(RawQueryError) as caught:
        client.execute('INSERT INTO "Tag" (name) VALUES (?)', "s3cret")
    assert "s3cret" not in f"{caught.value} {caught.value.meta}"


def test_the_drivers_error_is_the_cause(client: Client) -> None:
    assert type(refused(client, "DELETE FROM nowhere").__cause__).__module__ == "sqlite3"
