"""Fixtures of the runtime's tests: the shop's tables, empty, in a database, and clients on it.

`client` runs every test twice, through the sync and through the async interface, behind one blocking surface:
`client.run("find_many", "User", where={…})`. A test that is about one interface alone takes `shop` or `async_shop`. An area of tests
that runs on servers as well has a `database` fixture of its own with more parameters; SQL is written with `?` and double quotes.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from infra_runtime.engine import Engine
from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure, SyncTransactionManager
from infra_runtime.operation import Operation
from infra_runtime.operations.raw import marks_to_mysql
from infra_runtime.schema import Schema
from tests.databases import Database, Databases, SqliteDatabase
from tests.runtime.schemas import SHOP, SHOP_PSL

SHOP_MODELS = SHOP_PSL[SHOP_PSL.index("enum Role") :]
"""The shop without its datasource."""


def spelt(sql: Any, provider: str) -> Any:
    """SQL written for SQLite in the placeholders and quotes of `provider`."""
    if provider == "postgresql" and isinstance(sql, str):
        numbers = itertools.count(1)
        return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)
    if provider == "mysql" and isinstance(sql, str):
        # MySQL ends a recursion that goes on too long.
        return sql.replace('"', "`").replace("/* for ever */", "WHERE sleep(60) = 0")
    return sql


def spelt_for_driver(sql: str, provider: str) -> str:
    """The same, for a `Statement`, which a driver takes without anybody looking at it before."""
    return marks_to_mysql(spelt(sql, provider)) if provider == "mysql" else str(spelt(sql, provider))


class SyncShop(SyncInfrastructure):
    """A client that takes SQL as the tests write it."""

    def query_raw(self, query: Any, *parameters: Any, model: Any = None) -> list[Any]:
        return super().query_raw(spelt(query, self.engine.schema.provider), *parameters, model=model)

    def execute_raw(self, query: Any, *parameters: Any) -> int:
        return super().execute_raw(spelt(query, self.engine.schema.provider), *parameters)


class AsyncShop(Infrastructure):
    """The same, awaitable."""

    async def query_raw(self, query: Any, *parameters: Any, model: Any = None) -> list[Any]:
        spelled = spelt(query, self.engine.schema.provider)
        rows: list[Any] = await super().query_raw(spelled, *parameters, model=model)
        return rows

    async def execute_raw(self, query: Any, *parameters: Any) -> int:
        return await super().execute_raw(spelt(query, self.engine.schema.provider), *parameters)


class Client:
    """A client of either interface, driven from a plain test function."""

    def __init__(self, infra: SyncInfrastructure | Infrastructure, loop: asyncio.Runner | None) -> None:
        self.infra = infra
        self.loop = loop

    @property
    def engine(self) -> Engine:
        return self.infra.engine

    @property
    def is_async(self) -> bool:
        return self.loop is not None

    def wait(self, answer: Any) -> Any:
        """The answer of a client's method, whichever interface it belongs to."""
        if isinstance(answer, Coroutine):
            assert self.loop is not None
            return self.loop.run(answer, context=copy_context())
        return answer

    def run(self, name: str, model: str | None, /, *, options: dict[str, Any] | None = None, **arguments: Any) -> Any:
        """What `infra.<model>.<name>(**arguments)` answers."""
        operation = Operation(name, SHOP.model[model] if model else None, arguments)
        return self.wait(self.infra.execute(operation, options))

    def query(self, sql: str, *parameters: Any) -> list[Any]:
        return self.wait(self.infra.query_raw(sql, *parameters))  # type: ignore[no-any-return]

    def execute(self, sql: str, *parameters: Any) -> int:
        return self.wait(self.infra.execute_raw(sql, *parameters))  # type: ignore[no-any-return]

    @contextmanager
    def transaction(self, **options: Any) -> Iterator[Client]:
        """`with infra.transaction(…)`, whichever the interface."""
        manager = self.infra.transaction(**options)
        if isinstance(manager, SyncTransactionManager):
            with manager as inner:
                yield Client(inner, None)
            return
        inside = Client(self.wait(manager.__aenter__()), self.loop)
        try:
            yield inside
        except BaseException as error:
            self.wait(manager.__aexit__(type(error), error, error.__traceback__))
            raise
        self.wait(manager.__aexit__(None, None, None))


@pytest.fixture
def database(databases: Databases) -> Database:
    """The database that a test runs on; areas of tests have their own."""
    return databases("sqlite")


@pytest.fixture
def shop_schema(database: Database) -> Schema:
    return replace(SHOP, provider=database.provider)


@pytest.fixture
def shop_url(database: Database) -> str:
    """The URL of the shop's tables, which are empty."""
    return database.url(SHOP_MODELS)


@pytest.fixture
def shop_path(database: Database, shop_url: str) -> Path:
    """The file of the shop's database, for tests of what is SQLite's alone."""
    assert isinstance(database, SqliteDatabase)
    return database.path


@pytest.fixture
def engine() -> Engine:
    """An engine without a database, for what does no I/O."""
    return Engine(SHOP)


@pytest.fixture
def shop(shop_url: str, shop_schema: Schema) -> Iterator[SyncInfrastructure]:
    with SyncShop(schema=shop_schema, url=shop_url) as infra:
        yield infra


@pytest_asyncio.fixture
async def async_shop(shop_url: str, shop_schema: Schema) -> AsyncIterator[Infrastructure]:
    async with AsyncShop(schema=shop_schema, url=shop_url) as infra:
        yield infra


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, shop_url: str, shop_schema: Schema) -> Iterator[Client]:
    if request.param == "sync":
        with SyncShop(schema=shop_schema, url=shop_url) as sync_infra:
            yield Client(sync_infra, None)
        return
    with asyncio.Runner() as loop:
        infra = AsyncShop(schema=shop_schema, url=shop_url)
        loop.run(infra.connect())
        yield Client(infra, loop)
        loop.run(infra.disconnect())
