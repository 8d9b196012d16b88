"""MySQL's and MariaDB's errors in the runtime's words: error numbers and messages → `infra_runtime.errors`.

Numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/ and https://dev.mysql.com/doc/mysql-errors/8.4/en/. Names of columns and
keys stand in messages alone, so sessions ask for English ones. Imports
`drivers.wording` and the runtime's `errors`, `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from infra_runtime.drivers import wording
from infra_runtime.effects import Statement
from infra_runtime.errors import ConfigurationError, DataError, InfraError, InputError
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
_UNFIT = (1265, 1292, 1366, 1411, 1525, 3140, 4079)
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
_NULLS = (1048, 1263, 1364)


def number_of(error: BaseException) -> int:
    """The error's number; -1 where it has none."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else -1


def message_of(error: BaseException) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)


# -- connections -------------------------------------------------------------------------------------------------------
def cannot_connect(error: BaseException, url: DatabaseUrl, seconds: float | None) -> InfraError:
    """The error to raise for a connection that did not come about: one paragraph, without the password."""
    number, message = number_of(error), wording.no_password(message_of(error), url)
    if isinstance(error, TimeoutError) or "timed out" in message:
        return wording.unanswered(url, seconds)
    if number == 1049:
        return wording.database_not_found(url, url.database)
    if number in _REFUSED_PASSWORD:
        return wording.credentials_refused(url)
    if number in _REFUSED_ACCESS:
        return wording.access_refused(url, message)
    if number in _TOO_MANY:
        return wording.too_many_connections(message, url)
    if number == 2026 or "SSL" in message or "certificate" in message:
        return wording.tls_failure(url, message)
    if "cryptography" in message:
        return ConfigurationError(
            f"the server at {wording.place_of(url)} wants the password encrypted: "
            "install cryptography, or connect by TLS (sslaccept=strict)"
        )
    return wording.unreachable(url, message)


# -- statements --------------------------------------------------------------------------------------------------------
def untransmittable(error: Exception, statement: Statement) -> InfraError:
    """The error for values that the statement cannot hold: one that has no literal, or too many or too few of them."""
    wanted = _PLACEHOLDERS.subn("", statement.sql.replace("%%", ""))[1]
    given = len(statement.parameters)
    if wanted != given:
        return wording.raw_failure(None, f"the query has {wanted} placeholders, and {given} values were given")
    if isinstance(error, UnicodeEncodeError):
        return wording.no_unicode()
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
        return wording.raw_failure(str(number), message)
    return _of_data(number, message, statement, schema, columns)


def _general(number: int, message: str) -> InfraError | None:
    """Errors that are about transactions, locks and time, not about the data."""
    if number in ENDING:
        return wording.write_conflict()
    if number in _TOO_LATE:
        return wording.timed_out(message)
    if number in _TOO_MANY:
        return wording.too_many_connections(message)
    return None


def _of_data(number: int, message: str, statement: Statement, schema: Schema, columns: Sequence[str]) -> InfraError:
    model = schema.model.get(statement.model or "")
    name = statement.model
    if number in _DUPLICATES:
        match = _KEY.search(message)
        key = match["key"] if match else ""
        return wording.unique_violation(name, wording.fields_of(columns, model) or _key_fields(key, model), key)
    if number in _FOREIGN_KEY_VIOLATIONS:
        return _foreign_key(message, statement, schema)
    if number in _NULLS:
        return wording.null_violation(name, wording.fields_of(_columns(message), model))
    if number in _CHECKS:
        return wording.constraint_failure(name, message)
    if number in _TOO_LONG:
        return wording.too_long(name, wording.fields_of(_columns(message), model), message)
    if number in _OUT_OF_RANGE:
        return wording.out_of_range(name, wording.fields_of(_columns(message), model), message)
    if number in _UNFIT:
        return wording.unfit(name, wording.fields_of(_columns(message), model), message)
    if number == 1146:
        match = _TABLE.search(message)
        table = match["table"] if match else message
        missing = wording.model_of(_as_declared(table, schema), statement, schema)
        return wording.table_not_found(wording.name_of(missing, statement), table)
    if number == 1054:
        match = _UNKNOWN_COLUMN.search(message)
        return wording.column_not_found(name, match["column"] if match else message)
    if number == 1153:
        return wording.too_large(name, "raise the server's max_allowed_packet to send this statement with its values")
    if number == 1191:
        return DataError(
            "Cannot find a fulltext index to use for the search; declare @@fulltext of just these fields, or push what @infra.search says",
            code="P2030",
            model=name,
        )
    return wording.refusal(name, str(number), message)


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


def _foreign_key(message: str, statement: Statement, schema: Schema) -> DataError:
    """The table named is the one that has the key, whether its row was written or the row it points at deleted."""
    match = _FOREIGN_KEY.search(message)
    if match is None:
        return wording.foreign_key_violation(statement.model, ())
    model = wording.model_of(_as_declared(match["table"], schema), statement, schema)
    columns = [column.strip("` ") for column in match["columns"].split(",")]
    return wording.foreign_key_violation(
        wording.name_of(model, statement), wording.fields_of(columns, model), match["name"]
    )


def _columns(message: str) -> list[str]:
    match = _QUOTED_COLUMN.search(message)
    return [match["column"]] if match else []


def _as_declared(table: str, schema: Schema) -> str:
    """The table as the schema spells it: a server that ignores case may name it in lower case."""
    names = [model.table_name for model in schema.models]
    return table if table in names else next((name for name in names if name.lower() == table.lower()), table)
