"""SQLite's errors in the runtime's words: extended result codes and messages → `infra_runtime.errors`.

Codes: https://www.sqlite.org/rescode.html. Imports the runtime's `errors`, `effects` and `schema`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from infra_runtime.effects import Statement
from infra_runtime.errors import (
    ColumnNotFoundError,
    ConnectionError,
    DatabaseNotFoundError,
    DataError,
    ForeignKeyViolationError,
    InconsistentColumnDataError,
    InfraError,
    InputError,
    NullConstraintViolationError,
    OperationTimeoutError,
    RawQueryError,
    TableNotFoundError,
    UniqueViolationError,
    ValueOutOfRangeError,
    WriteConflictError,
)
from infra_runtime.schema import Model, Schema

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
        return RawQueryError(
            f"Raw query failed. Code: `{code}`. Message: `{message}`",
            meta={"code": None if code is None else str(code), "message": message},
        )
    return _of_data(error, name, message, statement, schema)


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
        return InputError("the text is not valid Unicode: it holds a lone surrogate")
    if isinstance(error, OverflowError):
        return ValueOutOfRangeError("the integer does not fit SQLite's 64 bits")
    if match := _NO_UTF8.match(message):
        return InconsistentColumnDataError(
            f"Inconsistent column data: a text in column `{match['column']}` is no UTF-8"
        )
    if name in ("SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_LOCKED_SHAREDCACHE"):
        return WriteConflictError(
            "Transaction failed due to a write conflict or a deadlock. Please retry your transaction"
        )
    if name.startswith("SQLITE_BUSY"):
        return OperationTimeoutError("the database is locked by another process, and did not come free in time")
    if name == "SQLITE_INTERRUPT":
        return OperationTimeoutError("the operation was interrupted before it was done; nothing of it was kept")
    if name.startswith("SQLITE_CANTOPEN"):
        return DatabaseNotFoundError(f"the database file cannot be opened: {message}")
    if name.startswith("SQLITE_READONLY"):
        return DataError(f"the database cannot be written: {message}", meta={"message": message})
    if any(name.startswith(prefix) for prefix in _UNREACHABLE):
        return ConnectionError(f"the database cannot be used: {message}")
    return None


def _of_data(error: Exception, name: str, message: str, statement: Statement, schema: Schema) -> DataError:
    if match := _UNIQUE.fullmatch(message):
        return _unique(match["columns"], statement, schema)
    if match := _NOT_NULL.fullmatch(message):
        model, fields = _fields(match["columns"].split(", "), statement, schema)
        return NullConstraintViolationError(
            f"Null constraint violation on the fields: {_listed(fields)}",
            model=model,
            fields=fields,
            meta={"modelName": model, "constraint": {"fields": list(fields)}},
        )
    if name == "SQLITE_CONSTRAINT_FOREIGNKEY" or message == "FOREIGN KEY constraint failed":
        return _foreign_key(statement, schema)
    if match := _NO_TABLE.fullmatch(message):
        table = match["name"]
        return TableNotFoundError(
            f"The table `{table}` does not exist in the current database.",
            model=_model_name(table.removeprefix("main."), statement, schema),
            meta={"modelName": statement.model, "table": table},
        )
    if match := _NO_COLUMN.fullmatch(message):
        column = match["name"] or f"{match['table']}.{match['column']}"
        return ColumnNotFoundError(
            f"The column `{column}` does not exist in the current database.",
            model=statement.model,
            meta={"modelName": statement.model, "column": column},
        )
    if name in ("SQLITE_TOOBIG", "SQLITE_RANGE"):
        return ValueOutOfRangeError(f"the value is too large for the database: {message}", model=statement.model)
    if name in ("SQLITE_MISMATCH", "SQLITE_CONSTRAINT_DATATYPE"):
        return ValueOutOfRangeError(f"the value does not fit its column: {message}", model=statement.model)
    if name.startswith("SQLITE_CONSTRAINT"):
        return DataError(
            f"A constraint failed on the database: {message}",
            code="P2004",
            model=statement.model,
            meta={"modelName": statement.model, "database_error": message},
        )
    return DataError(f"the database refused: {message}", model=statement.model, meta={"message": message})


def _unique(columns: str, statement: Statement, schema: Schema) -> UniqueViolationError:
    """`columns` is `table.column, …`, or `index 'name'` where the index is over expressions."""
    if columns.startswith("index "):
        index = columns.removeprefix("index ").strip("'")
        return UniqueViolationError(
            f"Unique constraint failed on the constraint: `{index}`",
            model=statement.model,
            meta={"modelName": statement.model, "target": index},
        )
    model, fields = _fields(columns.split(", "), statement, schema)
    return UniqueViolationError(
        f"Unique constraint failed on the fields: {_listed(fields)}",
        model=model,
        fields=fields,
        meta={"modelName": model, "target": list(fields)},
    )


def _foreign_key(statement: Statement, schema: Schema) -> ForeignKeyViolationError:
    """SQLite does not say which key it was; where the model of an INSERT holds a single one, it was that."""
    model = schema.model.get(statement.model or "")
    owners = [relation for relation in model.relations if relation.is_owner] if model else []
    inserts = statement.sql.lstrip()[:6].upper() == "INSERT"
    fields = owners[0].fields if len(owners) == 1 and inserts else ()
    return ForeignKeyViolationError(
        f"A foreign key constraint failed on the field: {_listed(fields) if fields else '`foreign key`'}",
        model=statement.model,
        fields=fields,
        meta={"modelName": statement.model, "field_name": ", ".join(fields) or "foreign key"},
    )


def _fields(columns: Sequence[str], statement: Statement, schema: Schema) -> tuple[str | None, tuple[str, ...]]:
    """The model's name and the fields' names of `table.column` texts."""
    table = columns[0].rpartition(".")[0]
    name = _model_name(table, statement, schema)
    model = schema.model.get(name or "")
    bare = [column.rpartition(".")[2] for column in columns]
    names = {field.column_name: field.name for field in model.scalars} if model else {}
    return name, tuple(names.get(column, column) for column in bare)


def _model_name(table: str, statement: Statement, schema: Schema) -> str | None:
    found: Model | None = next((model for model in schema.models if model.table_name == table), None)
    return found.name if found else statement.model


def _listed(fields: Sequence[str]) -> str:
    return "(" + ",".join(f"`{field}`" for field in fields) + ")"
