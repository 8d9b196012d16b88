"""Fixtures of the runtime's tests: the shop's database as a temporary file, and clients on it.

`client` runs every test twice, through the sync and through the async interface, behind one blocking surface:
`client.run("find_many", "User", where={…})`. A test that is about one interface alone takes `shop` or `async_shop`.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from infra_runtime.engine import Engine
from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure, SyncTransactionManager
from infra_runtime.operation import Operation
from tests.runtime.schemas import SHOP, SHOP_TABLES


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


@pytest.fixture(scope="session")
def empty_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the shop's tables, made once."""
    path = tmp_path_factory.mktemp("shop") / "empty.db"
    connection = sqlite3.connect(path)
    connection.executescript(SHOP_TABLES)
    connection.close()
    return path


@pytest.fixture
def shop_path(empty_shop: Path, tmp_path: Path) -> Path:
    """The shop's database file, this test's own."""
    return Path(shutil.copy(empty_shop, tmp_path / "shop.db"))


@pytest.fixture
def shop_url(shop_path: Path) -> str:
    return f"file:{shop_path}"


@pytest.fixture
def engine() -> Engine:
    """An engine without a database, for what does no I/O."""
    return Engine(SHOP)


@pytest.fixture
def shop(shop_url: str) -> Iterator[SyncInfrastructure]:
    with SyncInfrastructure(schema=SHOP, url=shop_url) as infra:
        yield infra


@pytest_asyncio.fixture
async def async_shop(shop_url: str) -> AsyncIterator[Infrastructure]:
    async with Infrastructure(schema=SHOP, url=shop_url) as infra:
        yield infra


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, shop_url: str) -> Iterator[Client]:
    if request.param == "sync":
        with SyncInfrastructure(schema=SHOP, url=shop_url) as sync_infra:
            yield Client(sync_infra, None)
        return
    with asyncio.Runner() as loop:
        infra = Infrastructure(schema=SHOP, url=shop_url)
        loop.run(infra.connect())
        yield Client(infra, loop)
        loop.run(infra.disconnect())
