"""SQLite's errors in the runtime's words: extended result codes and messages → `infra_runtime.errors`.

Codes: https://www.sqlite.org/rescode.html. Imports `drivers.wording` and the runtime's `errors`, `effects` and `schema`.
"""

from __future__ import annotations

import re
import sqlite3

from infra_runtime.drivers import wording
from infra_runtime.effects import Statement
from infra_runtime.errors import (
    ConnectionError,
    DatabaseNotFoundError,
    DataError,
    InfraError,
    OperationTimeoutError,
    ValueOutOfRangeError,
)
from infra_runtime.schema import Schema

_UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
_NOT_NULL = re.compile(r"NOT NULL constraint failed: (?P<columns>.+)")
_NO_UTF8 = re.compile(r"Could not decode to UTF-8 column '(?P<column>.*?)' with text")
_NO_TABLE = re.compile(r"no such (?:table|view): (?P<name>.+)")
_NO_COLUMN = re.compile(r"no such column: (?P<name>.+)|table (?P<table>.+) has no column named (?P<column>.+)")
_UNREACHABLE = {"SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_AUTH", "SQLITE_PERM"}


def primary_code(error: sqlite3.Error) -> int:
    """The primary result code, without what the extended one adds; 0 where the error is Python's own."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def is_busy(error: BaseException) -> bool:
    """Does another connection hold a lock, so that the same statement may succeed a moment later?"""
    return (
        isinstance(error, sqlite3.OperationalError)
        and primary_code(error) == sqlite3.SQLITE_BUSY
        and error.sqlite_errorcode != sqlite3.SQLITE_BUSY_SNAPSHOT
    )


def translate(error: Exception, statement: Statement, schema: Schema) -> InfraError:
    """The error to raise for what `sqlite3` raised while it ran `statement`."""
    error = _cause_of_binding(error)
    name: str = getattr(error, "sqlite_errorname", "")
    message = str(error)
    general = _general(error, name, message)
    if general is not None:
        return general
    if statement.raw:
        code = getattr(error, "sqlite_errorcode", None)
        return wording.raw_failure(None if code is None else str(code), message)
    return _of_data(name, message, statement, schema)


def _cause_of_binding(error: Exception) -> Exception:
    """What went wrong with a parameter. Python 3.11 raises the connection's *last* error then, in the context of the real one."""
    context = error.__context__
    if isinstance(context, (UnicodeEncodeError, OverflowError)):
        return context
    if isinstance(context, sqlite3.ProgrammingError) and str(context).startswith("Error binding parameter"):
        return context
    return error


def _general(error: Exception, name: str, message: str) -> InfraError | None:
    """Errors that are about the connection or the values, not about the data in the database."""
    if isinstance(error, UnicodeEncodeError):
        return wording.no_unicode()
    if isinstance(error, OverflowError):
        return ValueOutOfRangeError("the integer does not fit SQLite's 64 bits")
    if match := _NO_UTF8.match(message):
        return wording.unreadable(None, f"a text in column `{match['column']}` is no UTF-8")
    if name in ("SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_LOCKED_SHAREDCACHE"):
        return wording.write_conflict()
    if name.startswith("SQLITE_BUSY"):
        return OperationTimeoutError("the database is locked by another process, and did not come free in time")
    if name == "SQLITE_INTERRUPT":
        return wording.interrupted()
    if name.startswith("SQLITE_CANTOPEN"):
        return DatabaseNotFoundError(
            f"the database file cannot be opened: {message}; does its folder exist, and may it be written?"
        )
    if name.startswith("SQLITE_READONLY"):
        return DataError(
            f"the database cannot be written: {message}: this user has to be able to write the file and its folder",
            meta={"message": message},
        )
    if any(name.startswith(prefix) for prefix in _UNREACHABLE):
        return ConnectionError(f"the database cannot be used: {message}")
    return None


def _of_data(name: str, message: str, statement: Statement, schema: Schema) -> DataError:
    if match := _UNIQUE.fullmatch(message):
        if match["columns"].startswith("index "):
            # An index over expressions has no columns to name.
            index = match["columns"].removeprefix("index ").strip("'")
            return wording.unique_violation(statement.model, (), index)
        model, fields = _named(match["columns"], statement, schema)
        return wording.unique_violation(model, fields, "")
    if match := _NOT_NULL.fullmatch(message):
        return wording.null_violation(*_named(match["columns"], statement, schema))
    if name == "SQLITE_CONSTRAINT_FOREIGNKEY" or message == "FOREIGN KEY constraint failed":
        return wording.foreign_key_violation(statement.model, _only_key(statement, schema))
    if match := _NO_TABLE.fullmatch(message):
        table = match["name"]
        model_ = wording.model_of(table.removeprefix("main."), statement, schema)
        return wording.table_not_found(wording.name_of(model_, statement), table)
    if match := _NO_COLUMN.fullmatch(message):
        column = match["name"] or f"{match['table']}.{match['column']}"
        return wording.column_not_found(statement.model, column)
    if name in ("SQLITE_TOOBIG", "SQLITE_RANGE"):
        return wording.too_large(statement.model, message)
    if name in ("SQLITE_MISMATCH", "SQLITE_CONSTRAINT_DATATYPE"):
        return wording.unfit(statement.model, (), message)
    if name.startswith("SQLITE_CONSTRAINT"):
        return wording.constraint_failure(statement.model, message)
    return wording.refusal(statement.model, name or None, message)


def _named(columns: str, statement: Statement, schema: Schema) -> tuple[str | None, tuple[str, ...]]:
    """The model's name and the fields' names of `table.column, …`."""
    table = columns.partition(", ")[0].rpartition(".")[0]
    model = wording.model_of(table, statement, schema)
    bare = [column.rpartition(".")[2] for column in columns.split(", ")]
    return wording.name_of(model, statement), wording.fields_of(bare, model)


def _only_key(statement: Statement, schema: Schema) -> tuple[str, ...]:
    """SQLite does not say which foreign key it was; where the model of an INSERT holds a single one, it was that."""
    model = schema.model.get(statement.model or "")
    owners = [relation for relation in model.relations if relation.is_owner] if model else []
    inserts = statement.sql.lstrip()[:6].upper() == "INSERT"
    return owners[0].fields if len(owners) == 1 and inserts else ()
