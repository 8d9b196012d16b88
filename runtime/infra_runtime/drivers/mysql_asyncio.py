"""MySQL and MariaDB by asyncmy: the asyncio interface. It behaves as `drivers.mysql` does; what it says of resending holds here too.

A statement is awaited to its end: a cancelled task has it killed, and is told so once the server has answered.
Imports the runtime's `errors`, `effects`, `schema` and `urls`, and what the drivers of servers share.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from asyncmy.connection import Connection as LibraryConnection
from asyncmy.constants.CLIENT import MULTI_STATEMENTS
from asyncmy.errors import MySQLError

from infra_runtime.drivers import mysql_errors as errors
from infra_runtime.drivers.base import PoolOptions, TransactionOptions
from infra_runtime.drivers.mysql import interrupter
from infra_runtime.drivers.mysql_interrupts import Interrupter, Running
from infra_runtime.drivers.mysql_session import (
    CONNECT_TIMEOUT,
    IDLE_BEFORE_PING,
    IN_TRANSACTION,
    NO_BACKSLASH_ESCAPES,
    SET_UP,
    answer,
    beginning,
    connect_arguments,
    product_of,
    readable,
    tls_context,
)
from infra_runtime.drivers.mysql_text import statement_text
from infra_runtime.drivers.pool import AsyncServerPool
from infra_runtime.drivers.to_the_end import to_the_end
from infra_runtime.drivers.wording import interrupted, late, lost
from infra_runtime.effects import Statement
from infra_runtime.errors import InfraError
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

Result = TypeVar("Result")

_CONTROL = Statement("", writes=True)
"""What the statements are that begin and mark transactions, where errors ask."""
_LAST_WORDS = 1.0
"""Seconds that a connection on its way out has to take leave."""


async def connect(url: DatabaseUrl, wait: float | None) -> Any:
    """A set-up connection of the library. Errors: ConnectionError and its subclasses, ConfigurationError."""
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
        raise errors.cannot_connect(error, url, arguments["connect_timeout"]) from error
    return raw


class AsyncMysqlConnection:
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
        self.broken = False
        self.process = os.getpid()
        self.loop = loop
        self._url = url
        self._schema = schema
        self._interrupts = interrupts
        self._reached = reached
        self._running = Running(self._cut)
        self._raw: Any = None
        self._has_word: Callable[[], bool] = lambda: False
        """Has the server something to say that nobody asked for? It then says that it closes the connection."""
        self._cursor: AsyncMysqlCursor | None = None
        """The cursor whose rows the socket still holds."""
        self._in_transaction = False
        self._stopped = False
        self._deadline: float | None = None
        self._last_used = 0.0

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    @property
    def is_clean(self) -> bool:
        return not (self.broken or self._in_transaction or self._stopped or self._deadline is not None)

    # -- statements ----------------------------------------------------------------------------------------------------
    async def run(self, statement: Statement) -> Any:
        if self._stopped:
            raise interrupted()
        return answer(await to_the_end(self._run(statement), self.interrupt), statement)

    async def _run(self, statement: Statement) -> Any:
        try:
            text = self._text(statement)
        except (TypeError, ValueError) as error:
            raise errors.untransmittable(error, statement) from error
        was_open = self._in_transaction
        try:
            return await self._query(text)
        except MySQLError as error:
            return await self._again(error, text, statement, was_open)

    def _text(self, statement: Statement) -> bytes:
        return statement_text(statement.sql, statement.parameters, not self._raw.server_status & NO_BACKSLASH_ESCAPES)

    async def _query(self, text: bytes) -> Any:
        """The library's result. What the server answers beyond the first result of a procedure is read and dropped."""
        if self._cursor is not None:
            # MySQL's protocol has one answer at a time.
            await self._cursor.keep()
        raw, running = self._raw, self._running
        running.begin()
        if self._deadline is not None:
            self._interrupts.stop_at(self._deadline, running)
        try:
            await raw.query(text)
            result = raw._result
            while raw._result.has_next:
                await raw.next_result()
        finally:
            if not running.try_to_end():
                await self._end()
        self._in_transaction = bool(raw.server_status & IN_TRANSACTION)
        self._last_used = time.monotonic()
        return result

    async def _end(self) -> None:
        """Waits for a kill that is on its way."""
        while not self._running.try_to_end():
            await asyncio.sleep(0.001)

    async def _again(self, error: Any, text: bytes, statement: Statement, was_open: bool) -> Any:
        """Sends a statement again where that is right; else raises its error, translated."""
        number = errors.number_of(error)
        if number not in errors.LOST:
            raise await self._translated(error, statement) from error
        self._give_up()
        if self._is_late() and not statement.writes:
            raise late() from error
        never_sent = number in errors.NEVER_SENT
        if self._stopped or was_open or (statement.writes and not never_sent):
            raise lost(None if never_sent else statement, in_transaction=was_open) from error
        await self._connect(None)
        try:
            return await self._query(text)
        except MySQLError as again:
            if errors.number_of(again) in errors.LOST:
                self._give_up()
                raise lost(statement, in_transaction=False) from again
            raise await self._translated(again, statement) from again

    async def _translated(self, error: Any, statement: Statement) -> InfraError:
        number = errors.number_of(error)
        if number in errors.ENDING and self._in_transaction:
            await self._look_at_transaction()
        if number == errors.INTERRUPTED:
            if self._stopped:
                return interrupted()
            if self._is_late():
                return late()
        key = errors.unnamed_key(error, statement, self._schema)
        columns = () if key is None else await self._columns_of(key)
        return errors.translate(error, statement, self._schema, columns)

    async def _columns_of(self, key: tuple[str, str]) -> list[str]:
        try:
            result = await self._query(statement_text(errors.COLUMNS_OF_KEY, key, True))
        except MySQLError:
            return []
        return [column for (column,) in result.rows]

    async def _look_at_transaction(self) -> None:
        """An error does not say whether the transaction is still open; a statement that does nothing does."""
        try:
            await self._query(b"DO 0")
        except MySQLError:
            self._give_up()

    async def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> AsyncMysqlCursor:
        # One query sees one state of the data also without a transaction around it.
        if self._stopped:
            raise interrupted()
        cursor = AsyncMysqlCursor(self, statement, size)
        await to_the_end(cursor.open(), self.interrupt)
        return cursor

    async def limit(self, deadline: float | None) -> None:
        self._deadline = deadline

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    # -- transactions --------------------------------------------------------------------------------------------------
    async def begin(self, options: TransactionOptions, wait: float | None) -> None:
        first, *others = beginning(options)
        # Nothing was done yet, so what breaks here may begin anew.
        await self.run(Statement(first))
        for sql in others:
            await self._control(sql)
        self._in_transaction = True

    async def commit(self) -> None:
        await self._control("COMMIT", None)

    async def rollback(self) -> None:
        if self._raw is not None and self._in_transaction:
            await to_the_end(self._roll_back(), _let_it_end)

    async def _roll_back(self) -> None:
        try:
            await self._query(b"ROLLBACK")
        except MySQLError:
            # The server undoes what is open when it sees the connection closed.
            self._give_up()

    async def savepoint(self, name: str) -> None:
        await self._control(f"SAVEPOINT {name}")

    async def release_savepoint(self, name: str) -> None:
        await self._control(f"RELEASE SAVEPOINT {name}")

    async def rollback_to_savepoint(self, name: str) -> None:
        await self._control(f"ROLLBACK TO SAVEPOINT {name}")
        await self._control(f"RELEASE SAVEPOINT {name}")

    async def _control(self, sql: str, about: Statement | None = _CONTROL) -> None:
        """Runs a statement that marks or ends a transaction; never twice, and never half."""
        if self._stopped:
            raise interrupted()
        await to_the_end(self._run_control(sql, about), _let_it_end)

    async def _run_control(self, sql: str, about: Statement | None) -> None:
        try:
            await self._query(sql.encode())
        except MySQLError as error:
            if errors.number_of(error) not in errors.LOST:
                raise await self._translated(error, _CONTROL) from error
            self._give_up()
            raise lost(about, in_transaction=True) from error

    # -- the connection ------------------------------------------------------------------------------------------------
    def interrupt(self) -> None:
        self._stopped = True
        self._interrupts.stop(self._running)

    async def prepare(self, wait: float | None) -> None:
        raw = self._raw
        if raw is None:
            await self._connect(wait)
            return
        # A socket that the event loop has closed may have another's number by now, so the library is asked first.
        is_there = not raw._stream_broken and not self._has_word()
        if is_there and time.monotonic() - self._last_used < IDLE_BEFORE_PING:
            return
        if not is_there or not await self._answers(wait):
            raw.close()
            await self._connect(wait)

    async def _answers(self, wait: float | None) -> bool:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT if wait is None else min(wait, CONNECT_TIMEOUT)):
                await self._raw.ping(reconnect=False)
        except (MySQLError, OSError):
            return False
        return True

    async def clean(self) -> None:
        if self._in_transaction:
            await self._roll_back()
        self._stopped = False
        self._deadline = None

    async def close(self) -> None:
        raw, self._raw = self._raw, None
        if raw is None:
            return
        try:
            async with asyncio.timeout(_LAST_WORDS):
                await raw.ensure_closed()
        except (MySQLError, OSError):
            raw.close()

    def abandon(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            _shut(raw)

    def disown(self) -> None:
        # A socket that nobody refers to any more is closed without a word.
        self._raw = None

    async def _connect(self, wait: float | None) -> None:
        self._raw = None
        self._raw = raw = await connect(self._url, wait)
        self._running.connection_id = raw.thread_id()
        self._reached(raw.server_version)
        self._has_word = readable(raw._transport.get_extra_info("socket"))
        self._last_used = time.monotonic()
        self.broken = False

    def _give_up(self) -> None:
        self.broken = True
        self._in_transaction = False

    def _cut(self) -> None:
        if self._raw is not None:
            _shut(self._raw)


def _let_it_end() -> None:
    """What is done about a cancelled task's statement that has to come to its own end."""


def _shut(raw: Any) -> None:
    """Ends the conversation at the socket; from any thread, and with no event loop."""
    transport = raw._transport
    if transport is not None:
        try:
            transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        except OSError:
            # It is closed already.
            return


class AsyncMysqlCursor:
    """An `AsyncRowCursor`: the rows of a query as they come from the socket; before another statement, all that are left."""

    def __init__(self, connection: AsyncMysqlConnection, statement: Statement, size: int) -> None:
        self._connection = connection
        self._statement = statement
        self._size = size
        self._kept: deque[Any] = deque()
        self._result: Any = None

    async def open(self) -> None:
        connection = self._connection
        if connection._cursor is not None:
            await connection._cursor.keep()
        text = connection._text(self._statement)
        connection._running.begin()
        if connection._deadline is not None:
            connection._interrupts.stop_at(connection._deadline, connection._running)
        await self._guarded(connection._raw.query(text, unbuffered=True))
        self._result = connection._raw._result
        connection._cursor = self
        self._pause()

    async def fetch(self) -> list[Any]:
        if self._result is not None:
            return await to_the_end(self._read(self._size), self._connection.interrupt)
        return [self._kept.popleft() for _ in range(min(self._size, len(self._kept)))]

    async def keep(self) -> None:
        """Reads all that is left into memory."""
        while self._result is not None:
            self._kept.extend(await self._read(self._size))

    async def _read(self, most: int) -> list[Any]:
        rows: list[Any] = []
        self._connection._raw._transport.resume_reading()
        while len(rows) < most:
            row = await self._guarded(self._result._read_rowdata_packet_unbuffered())
            if row is None:
                await self._end()
                return rows
            rows.append(row)
            rows += self._result._take_pending_rows(most - len(rows))
        self._pause()
        return rows

    def _pause(self) -> None:
        """Leaves rows with the server while nobody asks for them, or the library would read them all into memory."""
        self._connection._raw._transport.pause_reading()

    async def close(self) -> None:
        self._kept.clear()
        if self._result is not None:
            await to_the_end(self._close(), _let_it_end)

    async def _close(self) -> None:
        # What the server still has to send is read to its end, which comes soon once the query is killed.
        self._connection._interrupts.stop(self._connection._running)
        self._connection._raw._transport.resume_reading()
        try:
            await self._result._finish_unbuffered_query()
        except MySQLError as error:
            if errors.number_of(error) != errors.INTERRUPTED:
                self._connection._give_up()
        await self._end()

    async def _guarded(self, step: Coroutine[Any, Any, Result]) -> Result:
        try:
            return await step
        except MySQLError as error:
            connection = self._connection
            await self._end()
            if errors.number_of(error) in errors.LOST:
                was_open = connection.in_transaction
                connection._give_up()
                raise lost(self._statement, in_transaction=was_open) from error
            raise await connection._translated(error, self._statement) from error

    async def _end(self) -> None:
        self._result = None
        self._connection._cursor = None
        # The library would read on in a result that an error has ended.
        self._connection._raw._result = None
        await self._connection._end()


class AsyncMysqlPool(AsyncServerPool[AsyncMysqlConnection]):
    """An `AsyncPool`."""

    def __init__(self, url: DatabaseUrl, schema: Schema, options: PoolOptions) -> None:
        interrupts = interrupter(url)
        super().__init__(lambda loop: AsyncMysqlConnection(url, schema, interrupts, self._reached, loop), options)

    def _reached(self, version: str) -> None:
        self.product = product_of(version)
