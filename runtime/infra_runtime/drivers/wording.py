"""What databases say, in the runtime's words: each error is made here once, whichever database it came from.

A driver reads codes, names and messages from what its database says (`sqlite_errors`, `postgresql_errors`, `mysql_errors`), and hands
them to a function of this module. Texts and codes are Prisma's (https://www.prisma.io/docs/orm/reference/error-reference), where it has
them. Imports the runtime's `errors`, `effects`, `full_text` (what indexes of words are called), `schema` and `urls`.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra_runtime import full_text
from infra_runtime.effects import Statement
from infra_runtime.errors import (
    AuthenticationFailedError,
    ColumnNotFoundError,
    ConnectionClosedError,
    ConnectionError,
    DatabaseNotFoundError,
    DataError,
    ForeignKeyViolationError,
    InconsistentColumnDataError,
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


# -- names -------------------------------------------------------------------------------------------------------------
def model_of(table: str, statement: Statement, schema: Schema) -> Model | None:
    """The model of a table that the database names; where several schemas have such a table, rather the statement's own.

    The statement's model also where the database names none (the empty text).
    """
    own = schema.model.get(statement.model or "")
    if own is not None and table in ("", own.table_name):
        return own
    return next((model for model in schema.models if model.table_name == table), None)


def name_of(model: Model | None, statement: Statement) -> str | None:
    """The name of the model an error is about: of the one whose table was named, else of the statement's."""
    return model.name if model else statement.model


def fields_of(columns: Sequence[str], model: Model | None) -> tuple[str, ...]:
    """The fields of columns. A column that the model has not, as those of link tables, keeps its name."""
    names = {field.column_name: field.name for field in model.scalars} if model else {}
    return tuple(names.get(column, column) for column in columns if column)


def _listed(fields: Sequence[str]) -> str:
    return "(" + ",".join(f"`{field}`" for field in fields) + ")"


# -- constraints -------------------------------------------------------------------------------------------------------
def unique_violation(model: str | None, fields: Sequence[str], constraint: str) -> UniqueViolationError:
    """Two rows with the same key. `constraint`: what it is called, for a key that is not known by its fields."""
    if not fields:
        return UniqueViolationError(
            f"Unique constraint failed on the constraint: `{constraint}`",
            model=model,
            meta={"modelName": model, "target": constraint},
        )
    return UniqueViolationError(
        f"Unique constraint failed on the fields: {_listed(fields)}",
        model=model,
        fields=fields,
        meta={"modelName": model, "target": list(fields)},
    )


def foreign_key_violation(
    model: str | None, fields: Sequence[str], constraint: str = "foreign key"
) -> ForeignKeyViolationError:
    """A row that points at none, or that others still point at. `model` has the key; `constraint` is what it is called."""
    return ForeignKeyViolationError(
        f"A foreign key constraint failed on the field: {_listed(fields) if fields else f'`{constraint}`'}",
        model=model,
        fields=fields,
        meta={"modelName": model, "field_name": ", ".join(fields) or constraint, "constraint": constraint},
    )


def null_violation(model: str | None, fields: Sequence[str]) -> NullConstraintViolationError:
    """A required value is NULL."""
    return NullConstraintViolationError(
        f"Null constraint violation on the fields: {_listed(fields)}",
        model=model,
        fields=fields,
        meta={"modelName": model, "constraint": {"fields": list(fields)}},
    )


def constraint_failure(model: str | None, message: str) -> DataError:
    """Any other constraint: CHECK, EXCLUDE."""
    return DataError(
        f"A constraint failed on the database: {message}",
        code="P2004",
        model=model,
        meta={"modelName": model, "database_error": message},
    )


# -- values ------------------------------------------------------------------------------------------------------------
def too_long(model: str | None, fields: Sequence[str], message: str) -> ValueOutOfRangeError:
    """A text or bytes longer than the column. `message` stands where the database does not name the column."""
    return ValueOutOfRangeError(
        "The provided value for the column is too long for the column's type. "
        + (f"Column: {_listed(fields)}" if fields else message),
        code="P2000",
        model=model,
        fields=fields,
        meta={"modelName": model, "column_name": ", ".join(fields)},
    )


def out_of_range(model: str | None, fields: Sequence[str], message: str) -> ValueOutOfRangeError:
    """A number or moment beyond those of the column's type."""
    return ValueOutOfRangeError(
        f"Value out of range for the type: {message}",
        model=model,
        fields=fields,
        meta={"modelName": model, "details": message},
    )


def unfit(model: str | None, fields: Sequence[str], message: str) -> ValueOutOfRangeError:
    """A value that is none of the column's type."""
    return ValueOutOfRangeError(
        f"The value does not fit its column: {message}",
        code="P2007",
        model=model,
        fields=fields,
        meta={"modelName": model, "details": message},
    )


def too_large(model: str | None, message: str) -> ValueOutOfRangeError:
    """More than the database takes at all, whatever the column."""
    return ValueOutOfRangeError(f"The value is too large for the database: {message}", code="P2000", model=model)


def no_unicode() -> InputError:
    return InputError("the text is not valid Unicode: it holds a lone surrogate")


def unreadable(model: str | None, message: str) -> InconsistentColumnDataError:
    """The database holds a value that Python has no form for, or that is none of its column's type."""
    about = f" of {model}" if model else ""
    return InconsistentColumnDataError(f"Inconsistent column data{about}: {message}", model=model)


# -- tables and columns ------------------------------------------------------------------------------------------------
def table_not_found(model: str | None, table: str) -> TableNotFoundError:
    hint = " It is what @infra.search makes: push the schema." if table.startswith(full_text.PREFIX) else ""
    return TableNotFoundError(
        f"The table `{table}` does not exist in the current database.{hint}",
        model=model,
        meta={"modelName": model, "table": table},
    )


def column_not_found(model: str | None, column: str) -> ColumnNotFoundError:
    return ColumnNotFoundError(
        f"The column `{column}` does not exist in the current database.",
        model=model,
        meta={"modelName": model, "column": column},
    )


# -- statements --------------------------------------------------------------------------------------------------------
def raw_failure(code: str | None, message: str) -> RawQueryError:
    """What a database says against the caller's own SQL: in its own words."""
    said = "" if code is None else f" Code: `{code}`."
    return RawQueryError(f"Raw query failed.{said} Message: `{message}`", meta={"code": code, "message": message})


def refusal(model: str | None, code: str | None, message: str) -> DataError:
    """Whatever the database says that has no words of the runtime's own."""
    return DataError(
        f"the database refused: {message}",
        code="P2039",
        model=model,
        meta={"modelName": model, "code": code, "message": message},
    )


def write_conflict() -> WriteConflictError:
    return WriteConflictError("Transaction failed due to a write conflict or a deadlock. Please retry your transaction")


def late() -> OperationTimeoutError:
    """The operation's own time limit passed."""
    return OperationTimeoutError("Operations timed out: the time limit of the operation passed; nothing of it was kept")


def timed_out(message: str) -> OperationTimeoutError:
    """A time limit of the database's own passed."""
    return OperationTimeoutError(f"Operations timed out: {message}")


def interrupted() -> OperationTimeoutError:
    return OperationTimeoutError("the operation was interrupted before it was done; nothing of it was kept")


def lost(statement: Statement | None, *, in_transaction: bool) -> ConnectionError:
    """The error of a connection that closed while `statement`, or a COMMIT (None), ran on it."""
    if statement is None or (statement.writes and not in_transaction):
        return OutcomeUnknownError(
            "Server has closed the connection before it answered: whether the change was made is not known, "
            "so it is not sent again. Look whether it is there before you repeat it"
        )
    undone = ", and rolled the transaction back" if in_transaction else ""
    return ConnectionClosedError(f"Server has closed the connection{undone}")


# -- connections that do not come about --------------------------------------------------------------------------------
def place_of(url: DatabaseUrl) -> str:
    """Where the server is, or the socket it listens at."""
    return f"`{url.host}`" if url.host.startswith("/") or not url.port else f"`{url.host}`:`{url.port}`"


def no_password(message: str, url: DatabaseUrl) -> str:
    """What a driver's library says, on one line, without the password should it ever say it."""
    line = message.strip().partition("\n")[0]
    return line.replace(url.password, "***") if url.password else line


def unanswered(url: DatabaseUrl, seconds: float | None) -> ConnectionError:
    limit = f" within {seconds:g} s" if seconds else ""
    return ConnectionError(
        f"Can't reach database server at {place_of(url)}: no answer came{limit}. "
        "Please make sure your database server is running at that address, or raise connect_timeout",
        code="P1002",
    )


def unreachable(url: DatabaseUrl, message: str) -> ConnectionError:
    return ConnectionError(
        f"Can't reach database server at {place_of(url)}. "
        f"Please make sure your database server is running there: {message}"
    )


def database_not_found(url: DatabaseUrl, name: str) -> DatabaseNotFoundError:
    return DatabaseNotFoundError(f"Database `{name}` does not exist on the database server at {place_of(url)}")


def credentials_refused(url: DatabaseUrl) -> AuthenticationFailedError:
    return AuthenticationFailedError(
        f"Authentication failed against the database server at {place_of(url)}: "
        f"the credentials for `{url.user}` are not valid"
    )


def access_refused(url: DatabaseUrl, message: str) -> AuthenticationFailedError:
    return AuthenticationFailedError(
        f"User `{url.user}` was denied access to the database `{url.database}` at {place_of(url)}: {message}",
        code="P1010",
    )


def too_many_connections(message: str, url: DatabaseUrl | None = None) -> ConnectionError:
    """The server takes no more; `url` where a new connection was asked for."""
    if url is None:
        return ConnectionError(f"Too many database connections opened: {message}", code="P2037")
    return ConnectionError(
        f"Too many database connections opened at {place_of(url)}: {message}. Lower connection_limit", code="P2037"
    )


def tls_failure(url: DatabaseUrl, message: str) -> ConnectionError:
    return ConnectionError(f"Error opening a TLS connection to {place_of(url)}: {message}", code="P1011")
