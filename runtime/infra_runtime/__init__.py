"""What generated code calls: metadata, queries, transactions, drivers. Never imports `infra_gen`.

Public names are imported from here; each is loaded when it is first asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_EXPORTS: dict[str, tuple[str, ...]] = {
    "builder.pages": ("Connection", "Edge", "KeysetPage", "Page", "PageInfo"),
    "changes": ("Change", "ChangeListener", "ChangeSet", "Wants"),
    "configuration.settings": (
        "Configuration",
        "DatabaseSettings",
        "ModelSettings",
        "PoolSettings",
        "QuerySettings",
        "SearchSettings",
        "SoftDeleteSettings",
    ),
    "context": ("OperationContext", "current_context", "use_context"),
    "errors": (
        "ArgumentError",
        "AuthenticationFailedError",
        "ClientAlreadyConnectedError",
        "ClientAlreadyRegisteredError",
        "ClientError",
        "ClientMisuseError",
        "ClientNotConnectedError",
        "ClientNotRegisteredError",
        "ColumnNotFoundError",
        "ConfigurationError",
        "ConfigurationProblem",
        "ConnectedRecordsNotFoundError",
        "ConnectionClosedError",
        "ConnectionError",
        "DataError",
        "DatabaseNotFoundError",
        "FieldNotFoundError",
        "ForeignKeyViolationError",
        "InconsistentColumnDataError",
        "InfraError",
        "InputError",
        "MissingExtraError",
        "MissingRequiredValueError",
        "MultipleRecordsFoundError",
        "NullConstraintViolationError",
        "OperationTimeoutError",
        "OrderRequiredError",
        "OutcomeUnknownError",
        "PageTokenError",
        "PoolTimeoutError",
        "ProjectionError",
        "ProjectionProblem",
        "RawQueryError",
        "RecordNotFoundError",
        "RecordsNotConnectedError",
        "RelationNotLoadedError",
        "RequiredRelationViolationError",
        "SearchIndexWarning",
        "TableNotFoundError",
        "TransactionError",
        "TransactionExpiredError",
        "TransactionNotStartedError",
        "UniqueViolationError",
        "UnsupportedDatabaseError",
        "ValueOutOfRangeError",
        "WriteConflictError",
    ),
    "drivers.base": ("PoolStatus",),
    "health": ("Health",),
    "hits": ("Hit",),
    "infrastructure": ("Infrastructure", "SyncInfrastructure"),
    "loader": ("Loader",),
    "operation": ("Operation",),
    "projections.base": ("Projection",),
    "projections.markers": ("Count", "From"),
    "registry": ("get_client", "register", "unregister"),
    "schema": ("Schema",),
    "sql_text": ("Sql", "sql"),
    "values.nulls": ("AnyNull", "DbNull", "JsonNull"),
}
_HOMES = {name: module for module, names in _EXPORTS.items() for name in names}

if TYPE_CHECKING:
    from infra_runtime.builder.pages import Connection, Edge, KeysetPage, Page, PageInfo
    from infra_runtime.changes import Change, ChangeListener, ChangeSet, Wants
    from infra_runtime.configuration.settings import (
        Configuration,
        DatabaseSettings,
        ModelSettings,
        PoolSettings,
        QuerySettings,
        SearchSettings,
        SoftDeleteSettings,
    )
    from infra_runtime.context import OperationContext, current_context, use_context
    from infra_runtime.drivers.base import PoolStatus
    from infra_runtime.errors import (
        ArgumentError,
        AuthenticationFailedError,
        ClientAlreadyConnectedError,
        ClientAlreadyRegisteredError,
        ClientError,
        ClientMisuseError,
        ClientNotConnectedError,
        ClientNotRegisteredError,
        ColumnNotFoundError,
        ConfigurationError,
        ConfigurationProblem,
        ConnectedRecordsNotFoundError,
        ConnectionClosedError,
        ConnectionError,
        DatabaseNotFoundError,
        DataError,
        FieldNotFoundError,
        ForeignKeyViolationError,
        InconsistentColumnDataError,
        InfraError,
        InputError,
        MissingExtraError,
        MissingRequiredValueError,
        MultipleRecordsFoundError,
        NullConstraintViolationError,
        OperationTimeoutError,
        OrderRequiredError,
        OutcomeUnknownError,
        PageTokenError,
        PoolTimeoutError,
        ProjectionError,
        ProjectionProblem,
        RawQueryError,
        RecordNotFoundError,
        RecordsNotConnectedError,
        RelationNotLoadedError,
        RequiredRelationViolationError,
        SearchIndexWarning,
        TableNotFoundError,
        TransactionError,
        TransactionExpiredError,
        TransactionNotStartedError,
        UniqueViolationError,
        UnsupportedDatabaseError,
        ValueOutOfRangeError,
        WriteConflictError,
    )
    from infra_runtime.health import Health
    from infra_runtime.hits import Hit
    from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure
    from infra_runtime.loader import Loader
    from infra_runtime.operation import Operation
    from infra_runtime.projections.base import Projection
    from infra_runtime.projections.markers import Count, From
    from infra_runtime.registry import get_client, register, unregister
    from infra_runtime.schema import Schema
    from infra_runtime.sql_text import Sql, sql
    from infra_runtime.values.nulls import AnyNull, DbNull, JsonNull

__all__ = [
    "AnyNull",
    "ArgumentError",
    "AuthenticationFailedError",
    "Change",
    "ChangeListener",
    "ChangeSet",
    "ClientAlreadyConnectedError",
    "ClientAlreadyRegisteredError",
    "ClientError",
    "ClientMisuseError",
    "ClientNotConnectedError",
    "ClientNotRegisteredError",
    "ColumnNotFoundError",
    "Configuration",
    "ConfigurationError",
    "ConfigurationProblem",
    "ConnectedRecordsNotFoundError",
    "Connection",
    "ConnectionClosedError",
    "ConnectionError",
    "Count",
    "DataError",
    "DatabaseNotFoundError",
    "DatabaseSettings",
    "DbNull",
    "Edge",
    "FieldNotFoundError",
    "ForeignKeyViolationError",
    "From",
    "Health",
    "Hit",
    "InconsistentColumnDataError",
    "InfraError",
    "Infrastructure",
    "InputError",
    "JsonNull",
    "KeysetPage",
    "Loader",
    "MissingExtraError",
    "MissingRequiredValueError",
    "ModelSettings",
    "MultipleRecordsFoundError",
    "NullConstraintViolationError",
    "Operation",
    "OperationContext",
    "OperationTimeoutError",
    "OrderRequiredError",
    "OutcomeUnknownError",
    "Page",
    "PageInfo",
    "PageTokenError",
    "PoolSettings",
    "PoolStatus",
    "PoolTimeoutError",
    "Projection",
    "ProjectionError",
    "ProjectionProblem",
    "QuerySettings",
    "RawQueryError",
    "RecordNotFoundError",
    "RecordsNotConnectedError",
    "RelationNotLoadedError",
    "RequiredRelationViolationError",
    "Schema",
    "SearchIndexWarning",
    "SearchSettings",
    "SoftDeleteSettings",
    "Sql",
    "SyncInfrastructure",
    "TableNotFoundError",
    "TransactionError",
    "TransactionExpiredError",
    "TransactionNotStartedError",
    "UniqueViolationError",
    "UnsupportedDatabaseError",
    "ValueOutOfRangeError",
    "Wants",
    "WriteConflictError",
    "current_context",
    "get_client",
    "register",
    "sql",
    "unregister",
    "use_context",
]


# Hidden from checkers: with it in sight, every misspelt name would be an Any.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
