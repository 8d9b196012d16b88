"""MySQL's and MariaDB's errors in the runtime's words: error numbers and messages → `infra_runtime.errors`.

Numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/ and https://dev.mysql.com/doc/mysql-errors/8.4/en/. Names of columns and
keys stand in messages alone, so sessions ask for English ones. Imports the runtime's `errors`, `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from infra_runtime.effects import Statement
from infra_runtime.errors import (
    AuthenticationFailedError,
    ColumnNotFoundError,
    ConfigurationError,
    ConnectionClosedError,
    ConnectionError,
    DatabaseNotFoundError,
    DataError,
    ForeignKeyViolationError,
    InfraError,
    InputError,
    NullConstraintViolationError,
    OperationTimeoutError,
    OutcomeUnknownError,
    RawQueryError,
    TableNotFoundError,
    UniqueViolationError,
    ValueOutOfRangeError,
    WriteConflictError,
)
from infra_runtime.schema import Model, Schema
from infra_runtime.urls import DatabaseUrl

NEVER_SENT = (0, 2006)
"""The library found the connection closed before all of the statement was on its way."""
LOST = (*NEVER_SENT, 2013, 2055, 1053, 1077, 1079, 1080, 1158, 1159, 1160, 1161, 1184, 1927, 4031)
"""The connection is over: closed, killed, timed out, or shut down with its server."""
INTERRUPTED = 1317
ENDING = (1020, 1205, 1213)
"""Errors with which the server may have ended the whole transaction."""
_TOO_LATE = (1317, 1969, 3024)
_UNREACHABLE = (2001, 2002, 2003, 2004, 2005, 2009)
_TOO_MANY = (1040, 1129, 1203, 1226)
_REFUSED_PASSWORD = (1045, 1698, 1862, 1251, 2049, 2059)
_REFUSED_ACCESS = (1044, 1130, 1142)
_TOO_LONG = (1406, 1162, 1301)
_OUT_OF_RANGE = (1264, 1690, 1441, 1439)
_CHECKS = (3819, 4025)
_UNREADABLE = (1265, 1292, 1366, 1411, 1525, 3140, 4079)
"""The value is none of the column's type."""

_QUOTED_COLUMN = re.compile(r"(?:Column|Field|for column|column) [`']?(?:`?[^`'.]+`?\.)*`?(?P<column>[^`'.]+)`?'?")
_UNKNOWN_COLUMN = re.compile(r"Unknown column '(?P<column>[^']+)'")
_KEY = re.compile(r"for key '(?:[^']*\.)?(?P<key>[^'.]+)'$")
_TABLE = re.compile(r"Table '(?:[^'.]+\.)?(?P<table>[^']+)' doesn't exist")
_FOREIGN_KEY = re.compile(
    r"\(`[^`]+`\.`(?P<table>[^`]+)`, CONSTRAINT `(?P<name>[^`]+)` FOREIGN KEY \((?P<columns>[^)]+)\) REFERENCES"
)
_PLACEHOLDERS = re.compile("%s")
_DUPLICATES = (1062, 1169, 1586)
_FOREIGN_KEY_VIOLATIONS = (1216, 1217, 1451, 1452)


def number_of(error: BaseException) -> int:
    """The error's number; -1 where it has none."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else -1


def message_of(error: BaseException) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)


# -- connections -------------------------------------------------------------------------------------------------------
def lost(statement: Statement | None, *, in_transaction: bool) -> ConnectionError:
    """The error of a connection that closed while `statement`, or a COMMIT (None), ran on it."""
    if statement is None or (statement.writes and not in_transaction):
        return OutcomeUnknownError(
            "Server has closed the connection before it answered: whether the change was made is not known, "
            "so it is not sent again. Look whether it is there before you repeat it"
        )
    undone = ", and rolled the transaction back" if in_transaction else ""
    return ConnectionClosedError(f"Server has closed the connection{undone}")


def cannot_connect(error: BaseException, url: DatabaseUrl, seconds: float | None) -> InfraError:
    """The error to raise for a connection that did not come about: one paragraph, without the password."""
    place = f"`{url.host}`" if url.host.startswith("/") else f"`{url.host}`:`{url.port}`"
    number, message = number_of(error), _without_password(message_of(error), url)
    if isinstance(error, TimeoutError) or "timed out" in message:
        limit = f" within {seconds:g} s" if seconds else ""
        return ConnectionError(
            f"Can't reach database server at {place}: no answer came{limit}. "
            "Please make sure your database server is running at that address, or raise connect_timeout",
            code="P1002",
        )
    if number == 1049:
        return DatabaseNotFoundError(f"Database `{url.database}` does not exist on the database server at {place}")
    if number in _REFUSED_PASSWORD:
        return AuthenticationFailedError(
            f"Authentication failed against the database server at {place}: the credentials for `{url.user}` are not valid"
        )
    if number in _REFUSED_ACCESS:
        return AuthenticationFailedError(
            f"User `{url.user}` was denied access to the database `{url.database}` at {place}: {message}", code="P1010"
        )
    if number in _TOO_MANY:
        return ConnectionError(
            f"Too many database connections opened at {place}: {message}. Lower connection_limit", code="P2037"
        )
    if number == 2026 or "SSL" in message or "certificate" in message:
        return ConnectionError(f"Error opening a TLS connection to {place}: {message}", code="P1011")
    if "cryptography" in message:
        return ConfigurationError(
            f"the server at {place} wants the password encrypted: install cryptography, or connect by TLS (sslaccept=strict)"
        )
    return ConnectionError(
        f"Can't reach database server at {place}. Please make sure your database server is running there: {message}"
    )


def _without_password(message: str, url: DatabaseUrl) -> str:
    line = message.strip().partition("\n")[0]
    return line.replace(url.password, "***") if url.password else line


# -- statements --------------------------------------------------------------------------------------------------------
def untransmittable(error: Exception, statement: Statement) -> InfraError:
    """The error for values that the statement cannot hold: one that has no literal, or too many or too few of them."""
    wanted = _PLACEHOLDERS.subn("", statement.sql.replace("%%", ""))[1]
    if wanted != len(statement.parameters):
        return RawQueryError(
            f"Raw query failed. Message: `the query has {wanted} placeholders, and {len(statement.parameters)} values were given`",
            meta={"code": None, "message": "the number of values is not that of the placeholders"},
        )
    if isinstance(error, UnicodeEncodeError):
        return InputError("the text is not valid Unicode: it holds a lone surrogate")
    return InputError(str(error))


def unnamed_key(error: BaseException, statement: Statement, schema: Schema) -> tuple[str, str] | None:
    """Table and name of a violated key that has no name of Prisma's making: the server has to be asked what it is made of."""
    model = schema.model.get(statement.model or "")
    match = _KEY.search(message_of(error)) if number_of(error) in _DUPLICATES and not statement.raw else None
    if model is None or match is None or _key_fields(match["key"], model):
        return None
    return model.table_name, match["key"]


COLUMNS_OF_KEY = (
    "SELECT column_name FROM information_schema.statistics "
    "WHERE table_schema = database() AND table_name = %s AND index_name = %s ORDER BY seq_in_index"
)
"""The columns of a key, given what `unnamed_key` answers."""


def translate(error: Exception, statement: Statement, schema: Schema, columns: Sequence[str] = ()) -> InfraError:
    """The error to raise for what the server says against `statement`; `columns` of a key, where it had to be asked for them."""
    number, message = number_of(error), message_of(error)
    general = _general(number, message)
    if general is not None:
        return general
    if statement.raw:
        return RawQueryError(
            f"Raw query failed. Code: `{number}`. Message: `{message}`",
            meta={"code": str(number), "message": message},
        )
    return _of_data(number, message, statement, schema, columns)


def _general(number: int, message: str) -> InfraError | None:
    """Errors that are about transactions, locks and time, not about the data."""
    if number in ENDING:
        return WriteConflictError(
            "Transaction failed due to a write conflict or a deadlock. Please retry your transaction"
        )
    if number in _TOO_LATE:
        return OperationTimeoutError(f"Operations timed out: {message}")
    if number in _TOO_MANY:
        return ConnectionError(f"Too many database connections opened: {message}", code="P2037")
    return None


def _of_data(number: int, message: str, statement: Statement, schema: Schema, columns: Sequence[str]) -> InfraError:
    model = schema.model.get(statement.model or "")
    name = statement.model
    if number in _DUPLICATES:
        return _unique(message, model, name, columns)
    if number in _FOREIGN_KEY_VIOLATIONS:
        return _foreign_key(message, statement, schema)
    if number in (1048, 1263, 1364):
        fields = _fields(_columns(message), model)
        return NullConstraintViolationError(
            f"Null constraint violation on the fields: {_listed(fields)}",
            model=name,
            fields=fields,
            meta={"modelName": name, "constraint": {"fields": list(fields)}},
        )
    if number in _CHECKS:
        return DataError(
            f"A constraint failed on the database: {message}",
            code="P2004",
            model=name,
            meta={"modelName": name, "database_error": message},
        )
    if number in _TOO_LONG:
        fields = _fields(_columns(message), model)
        return ValueOutOfRangeError(
            f"The provided value for the column is too long for the column's type. Column: {_listed(fields)}",
            code="P2000",
            model=name,
            fields=fields,
            meta={"modelName": name, "column_name": ", ".join(fields)},
        )
    if number in _OUT_OF_RANGE or number in _UNREADABLE:
        code = None if number in _OUT_OF_RANGE else "P2007"
        fields = _fields(_columns(message), model)
        return ValueOutOfRangeError(
            f"Value out of range for the type: {message}",
            code=code,
            model=name,
            fields=fields,
            meta={"modelName": name, "details": message},
        )
    if number == 1146:
        match = _TABLE.search(message)
        table = match["table"] if match else message
        return TableNotFoundError(
            f"The table `{table}` does not exist in the current database.",
            model=_model_of(table, statement, schema),
            meta={"modelName": name, "table": table},
        )
    if number == 1054:
        match = _UNKNOWN_COLUMN.search(message)
        column = match["column"] if match else message
        return ColumnNotFoundError(
            f"The column `{column}` does not exist in the current database.",
            model=name,
            meta={"modelName": name, "column": column},
        )
    if number == 1153:
        return ValueOutOfRangeError(
            "The statement with its values is larger than the server takes: raise the server's max_allowed_packet",
            code="P2000",
            model=name,
        )
    if number == 1191:
        return DataError(
            "Cannot find a fulltext index to use for the search; declare @@fulltext of just these fields",
            code="P2030",
            model=name,
        )
    meta: dict[str, Any] = {"modelName": name, "code": str(number), "message": message}
    return DataError(f"the database refused: {message}", model=name, meta=meta)


def _unique(message: str, model: Model | None, name: str | None, columns: Sequence[str]) -> UniqueViolationError:
    match = _KEY.search(message)
    key = match["key"] if match else ""
    fields = _fields(columns, model) or _key_fields(key, model)
    if not fields:
        return UniqueViolationError(
            f"Unique constraint failed on the constraint: `{key}`",
            model=name,
            meta={"modelName": name, "target": key},
        )
    return UniqueViolationError(
        f"Unique constraint failed on the fields: {_listed(fields)}",
        model=name,
        fields=fields,
        meta={"modelName": name, "target": list(fields)},
    )


def _key_fields(key: str, model: Model | None) -> tuple[str, ...]:
    """The fields of the key with this name, as long as it has the name that Prisma gives it."""
    if model is None:
        return ()
    if key == "PRIMARY":
        return model.id
    for unique in model.unique_keys:
        columns = "_".join(model.scalar[field].column_name for field in unique.fields)
        if key in (f"{model.table_name}_{columns}_key", unique.name):
            return unique.fields
    return ()


def _foreign_key(message: str, statement: Statement, schema: Schema) -> ForeignKeyViolationError:
    """The table named is the one that has the key, whether its row was written or the row it points at deleted."""
    match = _FOREIGN_KEY.search(message)
    name = _model_of(match["table"], statement, schema) if match else statement.model
    columns = [column.strip("` ") for column in match["columns"].split(",")] if match else []
    fields = _fields(columns, schema.model.get(name or ""))
    constraint = match["name"] if match else "foreign key"
    return ForeignKeyViolationError(
        f"A foreign key constraint failed on the field: {_listed(fields) if fields else f'`{constraint}`'}",
        model=name,
        fields=fields,
        meta={"modelName": name, "field_name": ", ".join(fields) or constraint, "constraint": constraint},
    )


def _columns(message: str) -> list[str]:
    match = _QUOTED_COLUMN.search(message)
    return [match["column"]] if match else []


def _fields(columns: Sequence[str], model: Model | None) -> tuple[str, ...]:
    names = {field.column_name: field.name for field in model.scalars} if model else {}
    return tuple(names.get(column, column) for column in columns)


def _model_of(table: str, statement: Statement, schema: Schema) -> str | None:
    """The model whose table the server names. A server that ignores case may name it in lower case."""
    own = schema.model.get(statement.model or "")
    candidates = [own, *schema.models] if own else list(schema.models)
    exact = [model.name for model in candidates if model.table_name == table]
    alike = [model.name for model in candidates if model.table_name.lower() == table.lower()]
    return next(iter(exact or alike), statement.model)


def _listed(fields: Sequence[str]) -> str:
    return "(" + ",".join(f"`{field}`" for field in fields) + ")"
