"""What a database refuses, in the schema's words: on every database the class, Prisma's code, the model, the fields and the text are the same."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime import (
    ColumnNotFoundError,
    DataError,
    ForeignKeyViolationError,
    InfraError,
    InputError,
    NullConstraintViolationError,
    RawQueryError,
    TableNotFoundError,
    UniqueViolationError,
    ValueOutOfRangeError,
)
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import OPERATIONS
from infra_runtime.operation import Operation
from tests.databases import Database
from tests.runtime.conftest import Client, spelt_for_driver


@pytest.fixture(autouse=True)
def statement_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "run_statement", __name__)


def run_statement(_engine: object, _context: object, operation: Operation) -> Program[Any]:
    """An operation of one statement, as those of repositories are."""

    def steps() -> Steps[Any]:
        return (yield operation.arguments["statement"])

    return Program("write", steps())


def run(client: Client, sql: str, *parameters: Any, model: str | None = None) -> Any:
    text = spelt_for_driver(sql, client.engine.schema.provider)
    statement = Statement(text, parameters, "count", writes=True, model=model)
    return client.wait(client.infra.execute(Operation("run_statement", None, {"statement": statement})))


def refused(client: Client, sql: str, *parameters: Any, model: str | None = None) -> InfraError:
    with pytest.raises(InfraError) as caught:
        run(client, sql, *parameters, model=model)
    return caught.value


def test_a_unique_key(client: Client) -> None:
    client.run("create", "User", data={"email": "ada@x.io"})
    with pytest.raises(UniqueViolationError) as caught:
        client.run("create", "User", data={"email": "ada@x.io"})
    error = caught.value
    assert (error.code, error.model, error.fields) == ("P2002", "User", ("email",))
    assert error.meta == {"modelName": "User", "target": ["email"]}
    assert str(error) == "Unique constraint failed on the fields: (`email`)"


def test_a_field_goes_by_the_schemas_name(client: Client) -> None:
    client.run("create", "Tag", data={"label": "red"})
    with pytest.raises(UniqueViolationError) as caught:
        client.run("create", "Tag", data={"label": "red"})
    assert (caught.value.model, caught.value.fields) == ("Tag", ("label",))


def test_a_primary_key_and_a_compound_one(client: Client) -> None:
    for data in ({"country": "at", "number": 1, "name": "Chair", "price": 1},) * 2:
        if client.run("count", "Product") == 0:
            client.run("create", "Product", data=data)
            continue
        with pytest.raises(UniqueViolationError) as caught:
            client.run("create", "Product", data=data)
        assert (caught.value.model, caught.value.fields) == ("Product", ("country", "number"))


def test_a_required_value(client: Client) -> None:
    error = refused(client, 'INSERT INTO "Tag" (name) VALUES (NULL)', model="Tag")
    assert isinstance(error, NullConstraintViolationError)
    assert (error.code, error.model, error.fields) == ("P2011", "Tag", ("label",))
    assert error.meta == {"modelName": "Tag", "constraint": {"fields": ["label"]}}
    assert str(error) == "Null constraint violation on the fields: (`label`)"


def test_a_foreign_key_of_a_row_that_is_written(client: Client) -> None:
    error = refused(client, "INSERT INTO \"Comment\" (text, post_id) VALUES ('hm', 'none')", model="Comment")
    assert isinstance(error, ForeignKeyViolationError)
    assert (error.code, error.model, error.fields) == ("P2003", "Comment", ("post_id",))
    assert error.meta["field_name"] == "post_id"
    assert str(error) == "A foreign key constraint failed on the field: (`post_id`)"


def test_a_foreign_key_of_a_row_that_is_taken_away(client: Client, database: Database) -> None:
    user = client.run("create", "User", data={"email": "ada"})
    client.run("create", "Order", data={"customer_id": user["id"]})
    error = refused(client, "DELETE FROM users WHERE id = ?", user["id"], model="User")
    assert isinstance(error, ForeignKeyViolationError)
    # SQLite does not say whose key it is.
    named = (
        (("User", ()), "`foreign key`")
        if database.provider == "sqlite"
        else (("Order", ("customer_id",)), "(`customer_id`)")
    )
    assert (error.model, error.fields) == named[0]
    assert str(error) == f"A foreign key constraint failed on the field: {named[1]}"


def test_tables_and_columns_that_are_not_there(client: Client) -> None:
    table = refused(client, 'DELETE FROM "Nowhere"', model="Tag")
    assert isinstance(table, TableNotFoundError)
    assert (table.code, table.meta["table"]) == ("P2021", "Nowhere")
    assert str(table) == "The table `Nowhere` does not exist in the current database."
    column = refused(client, 'DELETE FROM "Tag" WHERE nope = 1', model="Tag")
    assert isinstance(column, ColumnNotFoundError)
    assert (column.code, column.meta["column"], column.model) == ("P2022", "nope", "Tag")
    assert str(column) == "The column `nope` does not exist in the current database."


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
def test_texts_that_are_longer_than_their_column(client: Client, database: Database) -> None:
    client.execute("CREATE TABLE short (word VARCHAR(3))")
    try:
        error = refused(client, "INSERT INTO short VALUES ('abcd')", model="Comment")
    finally:
        client.execute("DROP TABLE short")
    assert isinstance(error, ValueOutOfRangeError)
    assert (error.code, error.model) == ("P2000", "Comment")
    assert str(error).startswith("The provided value for the column is too long for the column's type. ")


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
def test_numbers_beyond_their_column(client: Client, database: Database) -> None:
    client.run("create", "Tag", data={"label": "red"})
    error = refused(client, 'UPDATE "Tag" SET id = 99999999999', model="Tag")
    assert isinstance(error, ValueOutOfRangeError)
    assert (error.code, error.model) == ("P2020", "Tag")
    assert str(error).startswith("Value out of range for the type: ")


def test_a_check_keeps_the_databases_words(client: Client) -> None:
    client.execute("CREATE TABLE dice (eyes INTEGER, CONSTRAINT six CHECK (eyes < 7))")
    try:
        error = refused(client, "INSERT INTO dice VALUES (7)", model="Tag")
        assert isinstance(error, DataError)
        assert (error.code, error.model) == ("P2004", "Tag")
        assert str(error).startswith("A constraint failed on the database: ")
    finally:
        client.execute("DROP TABLE dice")


def test_what_has_no_words_of_its_own_keeps_the_databases(client: Client) -> None:
    error = refused(client, "SELEC 1", model="Tag")
    assert type(error) is DataError
    assert str(error).startswith("the database refused: ")
    assert error.meta["message"]
    assert error.meta["modelName"] == "Tag"


def test_a_raw_query_keeps_the_databases_code_and_words(client: Client) -> None:
    client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    with pytest.raises(RawQueryError, match=r"^Raw query failed\. Code: `\w+`\. Message: `") as caught:
        client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    assert caught.value.code == "P2010"
    assert set(caught.value.meta) == {"code", "message"}


def test_a_text_that_is_no_unicode(client: Client) -> None:
    with pytest.raises(InputError, match="lone surrogate"):
        client.query("SELECT CAST(? AS CHAR(9)) AS said", "\ud800")


def test_no_message_shows_a_parameter(client: Client, database: Database) -> None:
    client.execute('INSERT INTO "Tag" (name) VALUES (?)', "s3cret")
    error = refused(client, 'INSERT INTO "Tag" (name) VALUES (?)', "s3cret", model="Tag")
    assert "s3cret" not in f"{error} {getattr(error, 'meta', '')}"


def test_the_drivers_error_is_the_cause_where_there_is_one(client: Client, database: Database) -> None:
    cause = refused(client, 'DELETE FROM "Nowhere"', model="Tag").__cause__
    # Of PostgreSQL's answers no error of psycopg's is made.
    wanted = {"sqlite": "sqlite3", "postgresql": "NoneType", "mysql": "pymysql"}
    assert (type(cause).__module__ + type(cause).__name__).replace("builtins", "").startswith(wanted[database.provider])
