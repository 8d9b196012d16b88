"""MySQL and MariaDB by asyncmy: the asyncio interface, which waits in its event loop.

What is said while it waits is `mysql_conversation`'s. It is awaited to its end: a cancelled task has its statement killed, and is told so
once the server has answered. Imports asyncmy, and the runtime's `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from asyncmy.connection import Connection as LibraryConnection
from asyncmy.constants.CLIENT import MULTI_STATEMENTS
from asyncmy.cursors import SSCursor
from asyncmy.errors import MySQLError

from infra_runtime.drivers.base import PoolOptions, TransactionOptions
from infra_runtime.drivers.mysql import interrupter
from infra_runtime.drivers.mysql_conversation import NOT_OPEN, Conversation, CursorConversation, Steps
from infra_runtime.drivers.mysql_errors import cannot_connect
from infra_runtime.drivers.mysql_interrupts import Interrupter
from infra_runtime.drivers.mysql_session import (
    CONNECT_TIMEOUT,
    SET_UP,
    answer,
    connect_arguments,
    product_of,
    readable,
    tls_context,
)
from infra_runtime.drivers.pool import AsyncServerPool
from infra_runtime.drivers.to_the_end import to_the_end
from infra_runtime.effects import Statement
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

Answer = TypeVar("Answer")

_LAST_WORDS = 1.0
"""Seconds that a connection on its way out has to take leave."""


class AsyncmyWire:
    """A `Wire`: a connection of asyncmy, whose calls are awaited.

    Of what asyncmy does not make public it uses `_client_flag`, as its argument can add flags but not take one away; `_result`, as cursors
    lose the message that tells how many rows matched; `_stream_broken`; and `_transport`, to leave rows with the server, to see its word of
    leave, and to end a conversation from another thread.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._has_word = readable(raw._transport.get_extra_info("socket"))
        self.connection_id: int = raw.thread_id()
        self.version: str = raw.server_version
        self.query: Callable[[bytes], Coroutine[Any, Any, object]] = raw.query
        self.next_result: Callable[[], Coroutine[Any, Any, object]] = raw.next_result

    @classmethod
    async def connect(cls, url: DatabaseUrl, wait: float | None) -> AsyncmyWire:
        """A set-up connection. Errors: ConnectionError and its subclasses, ConfigurationError."""
        arguments = connect_arguments(url, wait)
        context = tls_context(url)
        make: Any = LibraryConnection
        raw = make(**arguments, **({"ssl": context} if context is not None else {}))
        # A raw query is one statement; whoever smuggles a second one in is refused by the server.
        raw._client_flag &= ~MULTI_STATEMENTS
        try:
            async with asyncio.timeout(arguments["connect_timeout"]):
                await raw.connect()
                await raw.query(SET_UP)
        except (MySQLError, OSError, RuntimeError, ValueError) as error:
            raw.close()
            raise cannot_connect(error, url, arguments["connect_timeout"]) from error
        return cls(raw)

    @property
    def server_status(self) -> int:
        return self._raw.server_status  # type: ignore[no-any-return]

    @property
    def result(self) -> Any:
        return self._raw._result

    @property
    def is_alive(self) -> bool:
        # A socket that the event loop has closed may have another's number by now, so the library is asked first.
        return not self._raw._stream_broken and not self._has_word()

    async def open(self, text: bytes) -> AsyncmyRows:
        make: Any = SSCursor
        cursor = make(self._raw)
        await cursor.execute(text)
        return AsyncmyRows(cursor, self._raw._transport)

    async def ping(self, seconds: float | None) -> bool:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT if seconds is None else min(seconds, CONNECT_TIMEOUT)):
                await self._raw.ping(reconnect=False)
        except (MySQLError, OSError):
            return False
        return True

    def cut(self) -> None:
        """Also with no event loop."""
        transport = self._raw._transport
        if transport is not None:
            try:
                transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            except OSError:
                # It is closed already.
                return

    async def close(self) -> None:
        """Takes leave of the server, if it still listens. Never raises."""
        try:
            async with asyncio.timeout(_LAST_WORDS):
                await self._raw.ensure_closed()
        except (MySQLError, OSError):
            self._raw.close()

    def drop(self) -> None:
        """Closes the socket, with no word of leave."""
        self._raw.close()


class AsyncmyRows:
    """`Rows`: a cursor of the library's. While nobody asks for rows they are left with the server, or the library would read them all."""

    def __init__(self, cursor: Any, transport: asyncio.Transport) -> None:
        self._cursor = cursor
        self._transport = transport
        transport.pause_reading()

    async def fetch(self, size: int) -> list[Any]:
        self._transport.resume_reading()
        rows: list[Any] = await self._cursor.fetchmany(size)
        if len(rows) == size:
            self._transport.pause_reading()
        return rows

    async def finish(self) -> None:
        self._transport.resume_reading()
        await self._cursor.close()

    def forget(self) -> None:
        # Both the cursor and its result would go on reading when nobody refers to them any more.
        result = self._cursor._result
        if result is not None:
            result.unbuffered_active = False
        self._cursor.connection = None


class AsyncMysqlConnection(Conversation):
    """An `AsyncServerConnection`."""

    library_error = MySQLError
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

    async def run(self, statement: Statement) -> Any:
        return answer(await to_the_end(self._run(statement), self.interrupt), statement)

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
