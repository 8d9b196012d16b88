"""PostgreSQL's errors in the runtime's words: SQLSTATEs and their fields → `infra_runtime.errors`.

Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html; fields: .../protocol-error-fields.html. Texts of the server are in
its own language, so only codes and names are read, but for a connection that did not come about, of which there is nothing else.
Imports psycopg, `drivers.wording` and the runtime's `errors`, `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from psycopg import Error as DriverError
from psycopg import errors as driver_errors
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

from infra_runtime.drivers import wording
from infra_runtime.effects import Statement
from infra_runtime.errors import (
    ConnectionError,
    DataError,
    InconsistentColumnDataError,
    InfraError,
    OperationTimeoutError,
    TransactionError,
)
from infra_runtime.schema import Model, Schema
from infra_runtime.urls import DatabaseUrl

_COLUMNS = re.compile(r"\((?P<columns>[^=]+)\)=\(")
"""Where the details of a violation name its columns; what follows are values."""
_NAME = re.compile(r'"(?P<name>[^"]+)"|«\s*(?P<guillemets>[^»]+?)\s*»')
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
_REFUSED_PASSWORD = re.compile(r'authentication failed|no password supplied|role "[^"]*" does not exist')
_NO_DATABASE = re.compile(r'database "(?P<name>[^"]*)" does not exist')
_REFUSED_ACCESS = re.compile(r"no pg_hba\.conf entry|permission denied for database|is not permitted to log in")
_NO_ENCRYPTION = re.compile(r"SSL|TLS|certificate", re.IGNORECASE)
_TOO_MANY = re.compile(r"too many (?:clients|connections)|remaining connection slots")
_STARTING = re.compile(r"the database system is (?:starting up|shutting down|in recovery)")


def cannot_connect(error: Exception, url: DatabaseUrl, seconds: float | None) -> InfraError:
    """The error to raise for a connection that did not come about: one paragraph, without the password."""
    message = _said(str(error), url)
    if isinstance(error, driver_errors.ConnectionTimeout):
        return wording.unanswered(url, seconds)
    if match := _NO_DATABASE.search(message):
        return wording.database_not_found(url, match["name"])
    if _REFUSED_PASSWORD.search(message):
        return wording.credentials_refused(url)
    if _REFUSED_ACCESS.search(message):
        return wording.access_refused(url, message)
    if _TOO_MANY.search(message):
        return wording.too_many_connections(message, url)
    if _STARTING.search(message):
        return ConnectionError(f"Can't reach database server at {wording.place_of(url)} yet: {message}")
    if _NO_ENCRYPTION.search(message):
        return wording.tls_failure(url, message)
    return wording.unreachable(url, message)


def _said(text: str, url: DatabaseUrl) -> str:
    """The server's own words, or else libpq's, which come before them."""
    line = wording.no_password(text, url)
    _, mark, said = line.partition("FATAL: ")
    return said.strip() if mark else line


# -- statements --------------------------------------------------------------------------------------------------------
def translate(report: Report, statement: Statement, schema: Schema) -> InfraError:
    """The error to raise for what the server says against `statement`."""
    general = _general(report)
    if general is not None:
        return general
    if statement.raw:
        return wording.raw_failure(report.state, report.message)
    return _of_data(report, statement, schema)


def _general(report: Report) -> InfraError | None:
    """Errors that are about transactions, locks and time, not about the data."""
    match report.state:
        case "40001" | "40P01":
            return wording.write_conflict()
        case "57014":
            return wording.timed_out(report.message)
        case "55P03":
            return OperationTimeoutError(f"a lock that others hold did not come free in time: {report.message}")
        case "25P02":
            return TransactionError(
                "Transaction API error: an earlier statement failed, and PostgreSQL does nothing more in this transaction "
                "but roll it back. Put what may fail into a savepoint (tx.transaction()) to go on after it"
            )
        case "53300":
            return wording.too_many_connections(report.message)
        case "26000" | "42P05":
            return DataError(
                f"{report.message}: if a PgBouncer is between, add pgbouncer=true to the database URL",
                meta={"code": report.state, "message": report.message},
            )
    return None


def _of_data(report: Report, statement: Statement, schema: Schema) -> InfraError:
    model = wording.model_of(report.table, statement, schema)
    name = wording.name_of(model, statement)
    match report.state:
        case "23505":
            return wording.unique_violation(name, wording.fields_of(_columns_of(report), model), report.constraint)
        case "23503":
            # The table named is the one that has the key, whether its row was written or the row it points at deleted.
            return wording.foreign_key_violation(name, _key_fields(report.constraint, model), report.constraint)
        case "23502":
            return wording.null_violation(name, wording.fields_of([report.column], model))
        case "23514" | "23P01" | "23000" | "23001":
            return wording.constraint_failure(name, report.message)
        case "22001" | "22026":
            return wording.too_long(statement.model, (), report.message)
        case "22003" | "22008":
            return wording.out_of_range(statement.model, (), report.message)
        case "42P01":
            return wording.table_not_found(statement.model, report.table or _quoted(report.message))
        case "42703":
            return wording.column_not_found(statement.model, report.column or _quoted(report.message))
    return wording.refusal(statement.model, report.state, report.message)


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


def _quoted(message: str) -> str:
    """The name that a message quotes, in whatever language it is; all of it where there is none."""
    match = _NAME.search(message)
    return (match["name"] or match["guillemets"]) if match else message


def unreadable(error: DriverError, statement: Statement) -> InconsistentColumnDataError:
    """Why a value that the database holds has no form in Python: `infinity` as a date, a year beyond 9999."""
    return wording.unreadable(statement.model, str(error).strip().partition("\n")[0])
