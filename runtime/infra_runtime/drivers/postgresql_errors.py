"""PostgreSQL's errors in the runtime's words: SQLSTATEs and their fields → `infra_runtime.errors`.

Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html; fields: .../protocol-error-fields.html. Texts of the server are in
its own language, so only codes and names are read, but for a connection that did not come about, of which there is nothing else.
Imports psycopg and the runtime's `errors`, `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Error as DriverError
from psycopg import errors as driver_errors
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

from infra_runtime.effects import Statement
from infra_runtime.errors import (
    AuthenticationFailedError,
    ColumnNotFoundError,
    ConnectionClosedError,
    ConnectionError,
    DatabaseNotFoundError,
    DataError,
    ForeignKeyViolationError,
    InfraError,
    NullConstraintViolationError,
    OperationTimeoutError,
    OutcomeUnknownError,
    RawQueryError,
    TableNotFoundError,
    TransactionError,
    UniqueViolationError,
    ValueOutOfRangeError,
    WriteConflictError,
)
from infra_runtime.schema import Model, Schema
from infra_runtime.urls import DatabaseUrl

_COLUMNS = re.compile(r"\((?P<columns>[^=]+)\)=\(")
"""Where the details of a violation name its columns; what follows are values."""
CLOSING = ("57P01", "57P02", "57P05", "25P03", "25P04", "08")
"""Beginnings of the SQLSTATEs after which the server closes the connection."""
INTERRUPTED = "57014"
FORGOTTEN = ("26000", "0A000")
"""A prepared statement that is not there any more, or whose tables have changed (`feature_not_supported`, of the plan cache)."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the server says of an error."""

    state: str
    message: str
    detail: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""
    routine: str = ""

    @property
    def closes(self) -> bool:
        """Is the connection over?"""
        return self.state.startswith(CLOSING)

    @property
    def forgets(self) -> bool:
        """Was it the prepared statement alone that failed, so that it does once it is prepared anew?"""
        return self.state == "26000" or (self.state == "0A000" and self.routine == "RevalidateCachedQuery")


def report_of(result: PGresult) -> Report:
    """What an answer says of its error."""

    def field(name: DiagnosticField) -> str:
        value = result.error_field(name)
        return value.decode(errors="replace") if value else ""

    return Report(
        field(DiagnosticField.SQLSTATE),
        field(DiagnosticField.MESSAGE_PRIMARY),
        field(DiagnosticField.MESSAGE_DETAIL),
        field(DiagnosticField.TABLE_NAME),
        field(DiagnosticField.COLUMN_NAME),
        field(DiagnosticField.CONSTRAINT_NAME),
        field(DiagnosticField.SOURCE_FUNCTION),
    )


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


_REFUSED_PASSWORD = re.compile(r'authentication failed|no password supplied|role "[^"]*" does not exist')
_NO_DATABASE = re.compile(r'database "(?P<name>[^"]*)" does not exist')
_REFUSED_ACCESS = re.compile(r"no pg_hba\.conf entry|permission denied for database|is not permitted to log in")
_NO_ENCRYPTION = re.compile(r"SSL|TLS|certificate", re.IGNORECASE)
_TOO_MANY = re.compile(r"too many (?:clients|connections)|remaining connection slots")
_STARTING = re.compile(r"the database system is (?:starting up|shutting down|in recovery)")


def cannot_connect(error: Exception, url: DatabaseUrl, seconds: float | None) -> InfraError:
    """The error to raise for a connection that did not come about: one paragraph, without the password."""
    place = f"`{url.host}`:`{url.port}`" if url.port else f"`{url.host}`"
    message = _first_line(str(error), url)
    if isinstance(error, driver_errors.ConnectionTimeout):
        limit = f" within {seconds:g} s" if seconds else ""
        return ConnectionError(
            f"Can't reach database server at {place}: no answer came{limit}. "
            "Please make sure your database server is running at that address, or raise connect_timeout",
            code="P1002",
        )
    if match := _NO_DATABASE.search(message):
        return DatabaseNotFoundError(f"Database `{match['name']}` does not exist on the database server at {place}")
    if _REFUSED_PASSWORD.search(message):
        return AuthenticationFailedError(
            f"Authentication failed against the database server at {place}: the credentials for `{url.user}` are not valid"
        )
    if _REFUSED_ACCESS.search(message):
        return AuthenticationFailedError(
            f"User `{url.user}` was denied access to the database `{url.database}` at {place}: {message}", code="P1010"
        )
    if _TOO_MANY.search(message):
        return ConnectionError(
            f"Too many database connections opened at {place}: {message}. Lower connection_limit", code="P2037"
        )
    if _STARTING.search(message):
        return ConnectionError(f"Can't reach database server at {place} yet: {message}")
    if _NO_ENCRYPTION.search(message):
        return ConnectionError(f"Error opening a TLS connection to {place}: {message}", code="P1011")
    return ConnectionError(
        f"Can't reach database server at {place}. Please make sure your database server is running there: {message}"
    )


def _first_line(text: str, url: DatabaseUrl) -> str:
    """What the driver says, on one line, without the password should it ever say it."""
    line = text.strip().partition("\n")[0]
    _, mark, said = line.partition("FATAL: ")
    line = said.strip() if mark else line
    return line.replace(url.password, "***") if url.password else line


# -- statements --------------------------------------------------------------------------------------------------------
def translate(report: Report, statement: Statement, schema: Schema) -> InfraError:
    """The error to raise for what the server says against `statement`."""
    general = _general(report)
    if general is not None:
        return general
    if statement.raw:
        return RawQueryError(
            f"Raw query failed. Code: `{report.state}`. Message: `{report.message}`",
            meta={"code": report.state, "message": report.message},
        )
    return _of_data(report, statement, schema)


def _general(report: Report) -> InfraError | None:
    """Errors that are about transactions, locks and time, not about the data."""
    match report.state:
        case "40001" | "40P01":
            return WriteConflictError(
                "Transaction failed due to a write conflict or a deadlock. Please retry your transaction"
            )
        case "57014":
            return OperationTimeoutError(f"Operations timed out: {report.message}")
        case "55P03":
            return OperationTimeoutError(f"a lock that others hold did not come free in time: {report.message}")
        case "25P02":
            return TransactionError(
                "Transaction API error: an earlier statement failed, and PostgreSQL does nothing more in this transaction "
                "but roll it back. Put what may fail into a savepoint (tx.transaction()) to go on after it"
            )
        case "53300":
            return ConnectionError(f"Too many database connections opened: {report.message}", code="P2037")
        case "26000" | "42P05":
            return DataError(
                f"{report.message}: if a PgBouncer is between, add pgbouncer=true to the database URL",
                meta={"code": report.state, "message": report.message},
            )
    return None


def _of_data(report: Report, statement: Statement, schema: Schema) -> InfraError:
    found = _model(report.table, statement, schema)
    name = found.name if found else statement.model
    state, message = report.state, report.message
    match state:
        case "23505":
            return _unique(report, found, name)
        case "23503":
            return _foreign_key(report, found, name)
        case "23502":
            fields = _fields([report.column], found)
            return NullConstraintViolationError(
                f"Null constraint violation on the fields: {_listed(fields)}",
                model=name,
                fields=fields,
                meta={"modelName": name, "constraint": {"fields": list(fields)}},
            )
        case "23514" | "23P01" | "23000" | "23001":
            return DataError(
                f"A constraint failed on the database: {message}",
                code="P2004",
                model=name,
                meta={"modelName": name, "database_error": message},
            )
        case "22001" | "22026":
            return ValueOutOfRangeError(
                f"The provided value for the column is too long for the column's type: {message}",
                code="P2000",
                model=statement.model,
                meta={"modelName": statement.model},
            )
        case "22003" | "22008":
            return ValueOutOfRangeError(
                f"Value out of range for the type: {message}", model=statement.model, meta={"details": message}
            )
        case "42P01":
            return TableNotFoundError(
                f"The table does not exist in the current database: {message}",
                model=statement.model,
                meta={"modelName": statement.model, "table": report.table or message},
            )
        case "42703":
            return ColumnNotFoundError(
                f"The column does not exist in the current database: {message}",
                model=statement.model,
                meta={"modelName": statement.model, "column": report.column or message},
            )
    meta: Mapping[str, Any] = {"modelName": statement.model, "code": state, "message": message}
    return DataError(f"the database refused: {message}", model=statement.model, meta=meta)


def _unique(report: Report, model: Model | None, name: str | None) -> UniqueViolationError:
    fields = _fields(_columns_of(report), model)
    if not fields:
        return UniqueViolationError(
            f"Unique constraint failed on the constraint: `{report.constraint}`",
            model=name,
            meta={"modelName": name, "target": report.constraint},
        )
    return UniqueViolationError(
        f"Unique constraint failed on the fields: {_listed(fields)}",
        model=name,
        fields=fields,
        meta={"modelName": name, "target": list(fields)},
    )


def _foreign_key(report: Report, model: Model | None, name: str | None) -> ForeignKeyViolationError:
    """The table named is the one that has the key, whether its row was written or the row it points at deleted."""
    fields = _key_fields(report.constraint, model)
    return ForeignKeyViolationError(
        f"A foreign key constraint failed on the field: {_listed(fields) if fields else f'`{report.constraint}`'}",
        model=name,
        fields=fields,
        meta={"modelName": name, "field_name": ", ".join(fields) or report.constraint, "constraint": report.constraint},
    )


def _key_fields(constraint: str, model: Model | None) -> tuple[str, ...]:
    """The fields of the foreign key with this name, as long as it has the name that Prisma gives it."""
    for relation in model.relations if model else ():
        if relation.is_owner and model:
            columns = "_".join(model.scalar[field].column_name for field in relation.fields)
            if constraint == f"{model.table_name}_{columns}_fkey":
                return relation.fields
    return ()


def _columns_of(report: Report) -> list[str]:
    match = _COLUMNS.search(report.detail)
    return [column.strip('"') for column in match["columns"].split(", ")] if match else []


def _fields(columns: Sequence[str], model: Model | None) -> tuple[str, ...]:
    names = {field.column_name: field.name for field in model.scalars} if model else {}
    return tuple(names.get(column, column) for column in columns if column)


def _model(table: str, statement: Statement, schema: Schema) -> Model | None:
    """The model whose table the server names; where several schemas have such a table, rather the statement's own."""
    own = schema.model.get(statement.model or "")
    if own is not None and table in ("", own.table_name):
        return own
    return next((model for model in schema.models if model.table_name == table), None)


def _listed(fields: Sequence[str]) -> str:
    return "(" + ",".join(f"`{field}`" for field in fields) + ")"


def unreadable(error: DriverError, statement: Statement) -> str:
    """Why a value that the database holds has no form in Python: `infinity` as a date, a year beyond 9999."""
    about = f" of {statement.model}" if statement.model else ""
    return f"Inconsistent column data{about}: {_plain(str(error))}"


def _plain(text: str) -> str:
    return text.strip().partition("\n")[0]
