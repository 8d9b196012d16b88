"""Every error the runtime raises.

InfraError
├── ArgumentError                        the arguments of a call were refused before any SQL (P2009 …)
│   ├── FieldNotFoundError               unknown field, operator or model
│   ├── MissingRequiredValueError        P2012: a required value is missing
│   │   └── OrderRequiredError           a page of groups without an order; a TypeError too
│   └── InputError                       P2019: a value of the wrong type or out of range
│       └── PageTokenError               a page's token that is none, was changed, or is another query's
├── DataError                            the database, or the data in it, refused; P2039 for what has no class here
│   ├── UniqueViolationError             P2002
│   ├── ForeignKeyViolationError         P2003
│   ├── NullConstraintViolationError     P2011
│   ├── RequiredRelationViolationError   P2014
│   ├── RecordsNotConnectedError         P2017
│   ├── ConnectedRecordsNotFoundError    P2018
│   ├── RecordNotFoundError              P2025
│   ├── MultipleRecordsFoundError        one row was expected, and there are several
│   ├── ValueOutOfRangeError             P2000, P2020: a value does not fit its column
│   ├── InconsistentColumnDataError      P2023: the database holds what the schema does not allow
│   ├── TableNotFoundError               P2021
│   ├── ColumnNotFoundError              P2022
│   └── RawQueryError                    P2010
├── TransactionError                     P2028
│   ├── TransactionExpiredError          P2028: its time limit closed it
│   ├── TransactionNotStartedError
│   └── WriteConflictError               P2034: serialization failure or deadlock
├── ConnectionError                      P1001, P1002: the database cannot be reached
│   ├── AuthenticationFailedError        P1000
│   ├── DatabaseNotFoundError            P1003
│   ├── ConnectionClosedError            P1017
│   ├── OutcomeUnknownError              a write was sent and no answer came: it may have happened
│   ├── OperationTimeoutError            P1008: its time limit passed, or a lock did not come free; nothing was kept
│   └── PoolTimeoutError                 P2024
├── ClientError
│   ├── ClientNotConnectedError
│   ├── ClientAlreadyConnectedError
│   ├── ClientNotRegisteredError
│   ├── ClientAlreadyRegisteredError
│   └── ClientMisuseError                wrong process, event loop or thread
├── RelationNotLoadedError               a relation was read that the query did not include
├── ProjectionError                      a projection asks for what its model has not; a TypeError too
├── UnsupportedDatabaseError
├── ConfigurationError                   a URL, option or file that makes no sense
└── MissingExtraError                    an optional dependency is not installed; names the extra

And one warning: SearchIndexWarning, for a search that no index serves.

Codes are Prisma's (https://www.prisma.io/docs/orm/reference/error-reference); names are Prisma Client Python's where it had one.
No message ever holds a password or a parameter's value that the caller did not pass in the same call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class InfraError(Exception):
    """The root. `code` is Prisma's error code where there is one."""

    code: str | None = None


class ArgumentError(InfraError):
    """The arguments of a call were refused before any SQL was sent.

    `path` is where in the arguments: `("where", "posts", "some", "titel")`.
    """

    code = "P2009"

    def __init__(self, message: str, *, path: Sequence[str | int] = (), model: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)
        self.model = model

    def under(self, *keys: str | int) -> ArgumentError:
        """The same error, seen from one level further out; walkers add their key as it passes through them."""
        self.path = (*keys, *self.path)
        return self

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        prefix = f"{self.model}." if self.model and where else (self.model or "")
        return f"{prefix}{where}: {self.message}" if prefix or where else self.message


class FieldNotFoundError(ArgumentError):
    """An unknown field, operator, relation or model; the message names the nearest valid ones."""


class MissingRequiredValueError(ArgumentError):
    """A required value is missing."""

    code = "P2012"


class OrderRequiredError(MissingRequiredValueError, TypeError):
    """A page of groups was asked for without an order. A TypeError too, which Prisma Client Python raised."""


class InputError(ArgumentError):
    """A value of the wrong type, or one that does not fit."""

    code = "P2019"


class PageTokenError(InputError):
    """A page's token that is none, was changed on its way, or belongs to another query: the first page is where to begin again."""


class DataError(InfraError):
    """The database, or the data in it, refused.

    `model` and `fields` say where, as far as the database told; `meta` is Prisma's `meta` object.
    """

    default_code: ClassVar[str | None] = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        model: str | None = None,
        fields: Sequence[str] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.model = model
        self.fields = tuple(fields)
        self.meta = dict(meta or {})


class UniqueViolationError(DataError):
    """Unique constraint failed."""

    default_code = "P2002"


class ForeignKeyViolationError(DataError):
    """A foreign key constraint failed on the field."""

    default_code = "P2003"


class NullConstraintViolationError(DataError):
    """A NOT NULL constraint failed."""

    default_code = "P2011"


class RequiredRelationViolationError(DataError):
    """The change would leave a required relation without its record."""

    default_code = "P2014"


class RecordsNotConnectedError(DataError):
    """The records of a relation are not connected."""

    default_code = "P2017"


class ConnectedRecordsNotFoundError(DataError):
    """The records to connect were not found."""

    default_code = "P2018"


class RecordNotFoundError(DataError):
    """An operation depends on one or more records that were required but not found."""

    default_code = "P2025"


class MultipleRecordsFoundError(DataError):
    """One row was expected, and there are several."""


class ValueOutOfRangeError(DataError):
    """A value does not fit its column."""

    default_code = "P2020"


class InconsistentColumnDataError(DataError):
    """The database holds a value that the schema does not allow."""

    default_code = "P2023"


class TableNotFoundError(DataError):
    """The table does not exist in the database."""

    default_code = "P2021"


class ColumnNotFoundError(DataError):
    """The column does not exist in the database."""

    default_code = "P2022"


class RawQueryError(DataError):
    """A raw query failed; `meta` has the database's own code and message."""

    default_code = "P2010"


class TransactionError(InfraError):
    """A transaction could not go on."""

    code = "P2028"


class TransactionExpiredError(TransactionError):
    """Transaction already closed: its time limit passed and it was rolled back."""


class TransactionNotStartedError(TransactionError):
    """The transaction was used before it began or after it ended."""


class WriteConflictError(TransactionError):
    """Serialization failure or deadlock: run the transaction again."""

    code = "P2034"


class ConnectionError(InfraError):
    """The database cannot be reached."""

    code = "P1001"

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class AuthenticationFailedError(ConnectionError):
    """The database refused the user or the password."""

    code = "P1000"


class DatabaseNotFoundError(ConnectionError):
    """The database does not exist."""

    code = "P1003"


class ConnectionClosedError(ConnectionError):
    """The server closed the connection."""

    code = "P1017"


class OutcomeUnknownError(ConnectionError):
    """A write was sent and the connection broke before its answer: it may have happened, and is never sent again."""

    code = "P1017"


class OperationTimeoutError(ConnectionError):
    """The operation's time limit passed, or another process's lock did not come free; nothing of it was kept."""

    code = "P1008"


class PoolTimeoutError(ConnectionError):
    """No connection came free in time."""

    code = "P2024"


class ClientError(InfraError):
    """The client was used in a way it cannot be."""


class ClientNotConnectedError(ClientError):
    """The client is not connected; call `connect()` or use it as a context manager."""


class ClientAlreadyConnectedError(ClientError):
    """The client is already connected."""


class ClientNotRegisteredError(ClientError):
    """No client was registered."""


class ClientAlreadyRegisteredError(ClientError):
    """A client is already registered."""


class ClientMisuseError(ClientError):
    """The client was used from another process, event loop or task than it allows."""


class RelationNotLoadedError(InfraError):
    """A relation was read that the query did not include. Not an AttributeError: nothing may swallow it."""


@dataclass(frozen=True, slots=True)
class ProjectionProblem:
    """One thing that is wrong with a projection: the class, its field (empty where it is the class itself), and where that stands.

    `file` is empty and `line` 0 where the source is not to be found.
    """

    projection: str
    field: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        return f"{place}{self.projection}{'.' if self.field else ''}{self.field}: {self.message}"


class ProjectionError(InfraError, TypeError):
    """A projection asks for what its model has not. Raised when the class is made, or, as far as its annotations name classes that are
    made later, when it is first used; `problems` are all that are wrong with it."""

    def __init__(self, problems: Sequence[ProjectionProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class UnsupportedDatabaseError(InfraError):
    """The provider is not one of sqlite, postgresql and mysql."""


@dataclass(frozen=True, slots=True)
class ConfigurationProblem:
    """One thing that is wrong with a configuration: the setting (`database.pool.max`), and where that stands.

    `file` is empty and `line` 0 where it was read from none. `excerpt` is what may be shown of that place.
    """

    message: str
    setting: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.setting}{': ' if self.setting else ''}{self.message}"


class ConfigurationError(InfraError):
    """A URL, an option or a configuration file that makes no sense. `problems` are all that is wrong with a file."""

    def __init__(self, message: str, problems: Sequence[ConfigurationProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)

    @classmethod
    def of(cls, problems: Sequence[ConfigurationProblem]) -> ConfigurationError:
        """The error that tells of all problems, in the order of the file."""
        ordered = sorted(problems, key=lambda item: (item.file, item.line, item.column))
        return cls("\n".join(map(str, ordered)), ordered)


class MissingExtraError(InfraError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; install it with: pip install 'infra-gen[{extra}]'")
        self.package = package
        self.extra = extra


class SearchIndexWarning(UserWarning):
    """No index covers the fields that are searched, so every row is looked at."""
