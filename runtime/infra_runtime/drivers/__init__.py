"""Drivers: how statements reach a database and rows and errors come back.

One module per driver, looked up by provider and imported at the first connection. A driver imports `errors`, `schema`,
`effects` and `urls` of the runtime; it knows no operation and no compiler.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from infra_runtime.drivers.base import AsyncPool, ConnectionPool, PoolOptions
    from infra_runtime.schema import Provider, Schema
    from infra_runtime.urls import DatabaseUrl

DRIVERS: dict[Provider, dict[Literal["sync", "asyncio"], tuple[str, str]]] = {
    "sqlite": {
        "sync": ("infra_runtime.drivers.sqlite_pools", "SqlitePool"),
        "asyncio": ("infra_runtime.drivers.sqlite_pools", "AsyncSqlitePool"),
    },
    "postgresql": {
        "sync": ("infra_runtime.drivers.postgresql", "PostgresqlPool"),
        "asyncio": ("infra_runtime.drivers.postgresql", "AsyncPostgresqlPool"),
    },
    "mysql": {
        "sync": ("infra_runtime.drivers.mysql", "MysqlPool"),
        "asyncio": ("infra_runtime.drivers.mysql_asyncio", "AsyncMysqlPool"),
    },
}
"""Each provider's pool of either interface: module and class. The class is called with `(url, schema, options)`."""

EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "asyncmy": "mysql"}
"""Which extra of the distribution installs a driver's library."""


def make_pool(url: DatabaseUrl, schema: Schema, options: PoolOptions) -> ConnectionPool[Any]:
    """The pool of sync connections for `url`. Errors: UnsupportedDatabaseError, MissingExtraError."""
    return cast("ConnectionPool[Any]", _make("sync", url, schema, options))


def make_async_pool(url: DatabaseUrl, schema: Schema, options: PoolOptions) -> AsyncPool[Any]:
    """The pool of async connections for `url`. Errors: UnsupportedDatabaseError, MissingExtraError."""
    return cast("AsyncPool[Any]", _make("asyncio", url, schema, options))


def _make(interface: Literal["sync", "asyncio"], url: DatabaseUrl, schema: Schema, options: PoolOptions) -> object:
    if url.provider not in DRIVERS:
        from infra_runtime.errors import UnsupportedDatabaseError

        raise UnsupportedDatabaseError(f"there is no driver for {url.provider}")
    module, name = DRIVERS[url.provider][interface]
    try:
        driver = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        from infra_runtime.errors import MissingExtraError

        raise MissingExtraError(error.name, EXTRAS[error.name]) from error
    return driver(url, schema, options)
