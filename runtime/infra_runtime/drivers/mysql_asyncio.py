"""MySQL and MariaDB by the asyncio interface, which waits in its event loop.

What is said while it waits is `mysql_conversation`'s, and goes over `mysql_wire`. It is awaited to its end: a cancelled task has its
statement killed, and is told so once the server has answered. Imports the runtime's `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from infra_runtime.drivers.base import PoolOptions, TransactionOptions
from infra_runtime.drivers.mysql import interrupter
from infra_runtime.drivers.mysql_conversation import NOT_OPEN, Conversation, CursorConversation, Steps
from infra_runtime.drivers.mysql_interrupts import Interrupter
from infra_runtime.drivers.mysql_session import product_of
from infra_runtime.drivers.mysql_wire import AsyncmyWire
from infra_runtime.drivers.pool import AsyncServerPool
from infra_runtime.drivers.to_the_end import to_the_end
from infra_runtime.effects import Statement
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

Answer = TypeVar("Answer")


class AsyncMysqlConnection(Conversation):
    """An `AsyncServerConnection`."""

    in_one_hop = None

    def __init__(
        self,
        url: DatabaseUrl,
        schema: Schema,
        interrupts: Interrupter,
        reached: Callable[[str], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(schema, interrupts)
        self.loop = loop
        self._url = url
        self._reached = reached

    @property
    def is_clean(self) -> bool:
        return not (self.broken or self._in_transaction or self._stopped)

    def run(self, statement: Statement) -> Awaitable[Any]:
        return to_the_end(self._run(statement), self.interrupt)

    async def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> AsyncMysqlCursor:
        cursor = AsyncMysqlCursor(self, statement, size)
        await to_the_end(cursor.opening(), self.interrupt)
        return cursor

    async def limit(self, deadline: float | None) -> None:
        self._deadline = deadline

    async def begin(self, options: TransactionOptions, wait: float | None) -> None:
        await to_the_end(self._begin(options), self.interrupt)

    async def commit(self) -> None:
        await to_the_end(self._commit(), _let_it_end)

    async def rollback(self) -> None:
        await to_the_end(self._roll_back(), _let_it_end)

    async def savepoint(self, name: str) -> None:
        await to_the_end(self._control(f"SAVEPOINT {name}"), _let_it_end)

    async def release_savepoint(self, name: str) -> None:
        await to_the_end(self._control(f"RELEASE SAVEPOINT {name}"), _let_it_end)

    async def rollback_to_savepoint(self, name: str) -> None:
        await to_the_end(self._roll_back_to(name), _let_it_end)

    async def prepare(self, wait: float | None) -> None:
        await _wait(self._prepare(wait))

    async def clean(self) -> None:
        await _wait(self._clean())

    async def close(self) -> None:
        wire, self._wire = self._wire, NOT_OPEN
        if isinstance(wire, AsyncmyWire):
            await wire.close()

    def abandon(self) -> None:
        # The event loop, which would close the socket, may be closed itself.
        wire, self._wire = self._wire, NOT_OPEN
        wire.cut()

    async def _connect(self, wait: float | None) -> None:
        wire, self._wire = self._wire, NOT_OPEN
        if isinstance(wire, AsyncmyWire):
            wire.drop()
        made = await AsyncmyWire.connect(self._url, wait)
        self._adopt(made)
        self._reached(made.version)

    async def _wait_for_kill(self) -> None:
        while not self._running.try_to_end():
            await asyncio.sleep(0.001)


async def _wait(steps: Steps[Answer]) -> Answer:
    """What steps answer, whose yields are awaited."""
    try:
        step = steps.send(None)
        while True:
            try:
                made = await step
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(made)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


def _let_it_end() -> None:
    """What is done about a cancelled task's statement that has to come to its own end."""


class AsyncMysqlCursor(CursorConversation):
    """An `AsyncRowCursor`."""

    async def fetch(self) -> list[Any]:
        return await to_the_end(self.fetching(), self._connection.interrupt)

    async def close(self) -> None:
        await to_the_end(self.closing(), _let_it_end)


class AsyncMysqlPool(AsyncServerPool[AsyncMysqlConnection]):
    """An `AsyncPool`."""

    def __init__(self, url: DatabaseUrl, schema: Schema, options: PoolOptions) -> None:
        interrupts = interrupter(url)
        super().__init__(lambda loop: AsyncMysqlConnection(url, schema, interrupts, self._reached, loop), options)

    def _reached(self, version: str) -> None:
        self.product = product_of(version)
