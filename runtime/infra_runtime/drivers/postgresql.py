"""PostgreSQL by psycopg's binding of libpq: the sync connection waits in its thread, the async one in its event loop.

What is said while they wait is `postgresql_conversation`'s. Imports psycopg, the drivers' pool, and the runtime's `errors`, `effects`,
`schema` and `urls`.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from infra_runtime.drivers.base import PoolOptions, TransactionOptions
from infra_runtime.drivers.pool import AsyncServerPool, ServerPool
from infra_runtime.drivers.postgresql_conversation import (
    IN_TRANSACTION,
    OPEN,
    Steps,
)
from infra_runtime.drivers.postgresql_errors import cannot_connect
from infra_runtime.drivers.postgresql_session import BAD, IDLE, begin_sql
from infra_runtime.drivers.postgresql_sockets import READ, WRITE, never, poller
from infra_runtime.drivers.postgresql_together import Conversation
from infra_runtime.drivers.postgresql_url import connect_timeout, conninfo
from infra_runtime.drivers.postgresql_values import Portal, Types
from infra_runtime.effects import Statement, Statements
from infra_runtime.errors import ClientMisuseError, ConnectionClosedError, InfraError
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

Answer = TypeVar("Answer")

GRACE = 5.0
"""Seconds a statement has to end once it was told to; then its connection is given up."""
_TOO_LATE, _READY, _HAS_READ = 0, 1, 2
"""What came of waiting for a socket."""
_ONE_STATE = TransactionOptions("repeatable_read", read_only=True)
"""The transaction of a stream."""


class PostgresqlConnection(Conversation):
    """A connection of the sync interface."""

    def __init__(self, url: DatabaseUrl, schema: Schema, types: Types) -> None:
        super().__init__(url, schema, types)
        self._poll: Callable[[int, float | None], bool] = never

    def prepare(self, wait: float | None) -> None:
        self._deadline = None
        self._late = False
        self._ahead.clear()
        if self._is_stale():
            self._connect(wait)

    def run(self, statement: Statement) -> Any:
        try:
            return self._wait(self._run(statement))
        except ConnectionClosedError:
            if not self._repeatable:
                raise
        self._connect(self._seconds_left())
        return self._wait(self._run(statement))

    def run_all(self, asked: Statements, commits: bool) -> None:
        try:
            return self._wait(self._run_all(asked, commits))
        except ConnectionClosedError:
            if not self._repeatable:
                raise
        self._connect(self._seconds_left())
        return self._wait(self._run_all(asked, commits))

    def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> PostgresqlCursor:
        if not self.in_transaction:
            self.begin(_ONE_STATE, None)
        return PostgresqlCursor(self, self._wait(self._declare(statement)), size)

    def fetch(self, portal: Portal, size: int) -> list[Any]:
        """The next rows of a cursor."""
        return self._wait(self._fetch(portal, size))

    def close_cursor(self, name: str) -> None:
        """Closes a cursor, where the transaction has not done so."""
        if self._pgconn.transaction_status == IN_TRANSACTION and not self._stopped:
            try:
                self._wait(self._control(b"CLOSE " + name.encode(), force=True))
            except InfraError:
                self.broken = True

    def limit(self, deadline: float | None) -> None:
        self._deadline = deadline
        self._late = False

    def begin(self, options: TransactionOptions, wait: float | None) -> None:
        self._wait(self._mark(begin_sql(options)))

    def commit(self) -> None:
        self._wait(self._commit())

    def rollback(self) -> None:
        self._deadline = None
        self._ahead.clear()
        if self._pgconn.transaction_status in OPEN:
            try:
                self._wait(self._control(b"ROLLBACK", force=True))
            except InfraError:
                self.broken = True
        elif self._pgconn.transaction_status != IDLE:
            self.broken = True

    def savepoint(self, name: str) -> None:
        self._wait(self._mark(b"SAVEPOINT " + name.encode()))

    def release_savepoint(self, name: str) -> None:
        self._wait(self._mark(b"RELEASE SAVEPOINT " + name.encode()))

    def rollback_to_savepoint(self, name: str) -> None:
        self._wait(self._undo(name))

    def clean(self) -> None:
        if self._pgconn.transaction_status != IDLE:
            self.rollback()
        self._stopped = False

    def close(self) -> None:
        self._finish()

    def _connect(self, wait: float | None) -> None:
        self._finish()
        seconds = _shortest(connect_timeout(self._url), wait)
        try:
            # Psycopg takes whole seconds, and at least two.
            timeout = 0 if seconds is None else max(2, math.ceil(seconds))
            raw = psycopg.Connection.connect(**conninfo(self._url), connect_timeout=timeout, autocommit=True)
        except psycopg.Error as error:
            raise cannot_connect(error, self._url, seconds) from None
        self._adopt(raw)
        self._poll = poller(self._pgconn.socket)

    def _wait(self, steps: Steps[Answer]) -> Answer:
        try:
            need = steps.send(None)
            while True:
                if self._deadline is None:
                    self._poll(need, None)
                else:
                    self._poll_until(need, self._deadline)
                need = steps.send(None)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        except InfraError:
            raise
        except BaseException:
            self._give_up()
            raise

    def _poll_until(self, need: int, deadline: float) -> None:
        """Waits for the socket; a statement whose time is over is told to end, and has a while to do so."""
        if not self._late:
            if self._poll(need, max(0.0, deadline - time.monotonic())):
                return
            self._late = True
            self._send_cancel()
        if not self._poll(need, GRACE):
            self._give_up()
            raise self._unanswered()


class AsyncPostgresqlConnection(Conversation):
    """A connection of the async interface, which belongs to an event loop."""

    in_one_hop = None

    def __init__(self, url: DatabaseUrl, schema: Schema, types: Types, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(url, schema, types)
        self.loop = loop
        self._watched: int | None = None
        """The socket, while the event loop tells when it can be read. To ask for that anew for each statement costs as much as its row."""
        self._woken: asyncio.Future[int] | None = None
        """Who waits for the socket, and for what."""
        self._need = READ

    @property
    def is_clean(self) -> bool:
        return not self.broken and not self._stopped and self._pgconn.transaction_status == IDLE

    def is_ready(self) -> bool:
        self._deadline = None
        self._late = False
        self._ahead.clear()
        return not self._is_stale()

    async def prepare(self, wait: float | None) -> None:
        await self._connect(wait)

    async def run(self, statement: Statement) -> Any:
        try:
            return await self._wait(self._run(statement))
        except ConnectionClosedError:
            if not self._repeatable:
                raise
        await self._connect(self._seconds_left())
        return await self._wait(self._run(statement))

    async def run_all(self, asked: Statements, commits: bool) -> None:
        try:
            return await self._wait(self._run_all(asked, commits))
        except ConnectionClosedError:
            if not self._repeatable:
                raise
        await self._connect(self._seconds_left())
        return await self._wait(self._run_all(asked, commits))

    async def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> AsyncPostgresqlCursor:
        if not self.in_transaction:
            await self.begin(_ONE_STATE, None)
        return AsyncPostgresqlCursor(self, await self._wait(self._declare(statement)), size)

    async def fetch(self, portal: Portal, size: int) -> list[Any]:
        """The next rows of a cursor."""
        return await self._wait(self._fetch(portal, size))

    async def close_cursor(self, name: str) -> None:
        """Closes a cursor, where the transaction has not done so."""
        if self._pgconn.transaction_status == IN_TRANSACTION and not self._stopped:
            try:
                await self._wait(self._control(b"CLOSE " + name.encode(), force=True))
            except InfraError:
                self.broken = True

    async def limit(self, deadline: float | None) -> None:
        self._deadline = deadline
        self._late = False

    async def begin(self, options: TransactionOptions, wait: float | None) -> None:
        await self._wait(self._mark(begin_sql(options)))

    async def commit(self) -> None:
        # Whether a COMMIT that was told to end has ended the transaction is hard to say: it is waited for instead.
        await self._wait(self._commit(), cancellable=False)

    async def rollback(self) -> None:
        self._deadline = None
        self._ahead.clear()
        if self._pgconn.transaction_status in OPEN:
            try:
                await self._wait(self._control(b"ROLLBACK", force=True), cancellable=False)
            except InfraError:
                self.broken = True
        elif self._pgconn.transaction_status != IDLE:
            self.broken = True

    async def savepoint(self, name: str) -> None:
        await self._wait(self._mark(b"SAVEPOINT " + name.encode()))

    async def release_savepoint(self, name: str) -> None:
        await self._wait(self._mark(b"RELEASE SAVEPOINT " + name.encode()))

    async def rollback_to_savepoint(self, name: str) -> None:
        await self._wait(self._undo(name), cancellable=False)

    async def clean(self) -> None:
        if self._pgconn.transaction_status != IDLE:
            await self.rollback()
        self._stopped = False

    async def close(self) -> None:
        self._finish()

    def abandon(self) -> None:
        self._finish()

    async def _connect(self, wait: float | None) -> None:
        self._finish()
        seconds = _shortest(connect_timeout(self._url), wait)
        try:
            connecting = psycopg.AsyncConnection.connect(**conninfo(self._url), connect_timeout=0, autocommit=True)
            raw = await asyncio.wait_for(connecting, seconds)
        except TimeoutError:
            error = psycopg.errors.ConnectionTimeout("connection timeout expired")
            raise cannot_connect(error, self._url, seconds) from None
        except psycopg.InterfaceError as error:
            # psycopg says so of the one event loop it cannot work with.
            raise ClientMisuseError(str(error).partition("\n")[0]) from None
        except psycopg.Error as error:
            raise cannot_connect(error, self._url, seconds) from None
        self._adopt(raw)
        self._watched = self._pgconn.socket
        self.loop.add_reader(self._watched, self._on_readable)

    def _leave_socket(self) -> None:
        watched, self._watched = self._watched, None
        if watched is not None and self.process == os.getpid() and not self.loop.is_closed():
            self.loop.remove_reader(watched)

    def _on_readable(self) -> None:
        """Reads what has come, and wakes who waits for it, once that is all of it."""
        woken, pgconn = self._woken, self._pgconn
        if woken is None:
            self._overhear()
            return
        try:
            pgconn.consume_input()
            if not woken.done() and (self._need & WRITE or not pgconn.is_busy()):
                woken.set_result(_HAS_READ)
        except psycopg.Error:
            # Whoever waits meets it as well.
            self._leave_socket()
            _wake(woken, _READY)

    def _overhear(self) -> None:
        """Reads what nobody waits for: a notice, a word of leave, or an answer whose task is busy elsewhere."""
        try:
            self._pgconn.consume_input()
            self._pgconn.is_busy()
        except psycopg.Error:
            self.broken = True
        self.broken = self.broken or self._pgconn.status == BAD
        if self.broken:
            self._leave_socket()

    async def _wait(self, steps: Steps[Answer], *, cancellable: bool = True) -> Answer:
        need = READ
        try:
            need = steps.send(None)
            while True:
                if self._deadline is None:
                    ready = await self._ready(need)
                else:
                    ready = await self._ready_until(need, self._deadline)
                need = steps.send(ready == _HAS_READ)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        except InfraError:
            raise
        except asyncio.CancelledError:
            await self._settle(steps, need, cancellable)
            raise
        except BaseException:
            self._give_up()
            raise

    async def _ready(self, need: int, seconds: float | None = None) -> int:
        """Waits for the socket: `_READY`, `_HAS_READ` where what had come was read, or `_TOO_LATE` after `seconds`."""
        loop = self.loop
        if not need & WRITE and not self._pgconn.is_busy():
            # It came while nobody waited: a cancelled task, or one that was late.
            return _HAS_READ
        woken: asyncio.Future[int] = loop.create_future()
        self._need, self._woken = need, woken
        if seconds is None and not need & WRITE:
            try:
                return await woken
            finally:
                self._woken = None
        timer = None if seconds is None else loop.call_later(seconds, _wake, woken, _TOO_LATE)
        if need & WRITE:
            loop.add_writer(self._pgconn.socket, _wake, woken, _READY)
        try:
            return await woken
        finally:
            self._woken = None
            if need & WRITE and self._watched is not None:
                loop.remove_writer(self._watched)
            if timer is not None:
                timer.cancel()

    async def _ready_until(self, need: int, deadline: float) -> int:
        """`_ready`; a statement whose time is over is told to end, and has a while to do so."""
        if not self._late:
            ready = await self._ready(need, max(0.0, deadline - time.monotonic()))
            if ready:
                return ready
            self._late = True
            await self.loop.run_in_executor(None, self._send_cancel)
        ready = await self._ready(need, GRACE)
        if not ready:
            self._give_up()
            raise self._unanswered()
        return ready

    async def _settle(self, steps: Steps[Any], need: int, cancellable: bool) -> None:
        """Brings a statement to its end whose task was cancelled; further cancellations do not cut this short."""
        settling = self.loop.create_task(self._end(steps, need, cancellable))
        while not settling.done():
            try:
                await asyncio.shield(settling)
            except asyncio.CancelledError:
                continue

    async def _end(self, steps: Steps[Any], need: int, cancellable: bool) -> None:
        """Goes through with what was said already; steps that can be told to end say nothing more."""
        stopped = self._stopped
        if cancellable:
            self._stopped = True
            await self.loop.run_in_executor(None, self._send_cancel)
        try:
            while ready := await self._ready(need, GRACE):
                need = steps.send(ready == _HAS_READ)
        except (StopIteration, InfraError):
            return
        except Exception:
            self.broken = True
        finally:
            self._stopped = stopped
        self._give_up()


class PostgresqlCursor:
    """A `RowCursor`: a cursor of the server's, which lives as long as its transaction."""

    def __init__(self, connection: PostgresqlConnection, portal: Portal, size: int) -> None:
        self._connection = connection
        self._portal = portal
        self._size = size

    def fetch(self) -> list[Any]:
        return self._connection.fetch(self._portal, self._size)

    def close(self) -> None:
        self._connection.close_cursor(self._portal.name)


class AsyncPostgresqlCursor:
    """An `AsyncRowCursor`."""

    def __init__(self, connection: AsyncPostgresqlConnection, portal: Portal, size: int) -> None:
        self._connection = connection
        self._portal = portal
        self._size = size

    async def fetch(self) -> list[Any]:
        return await self._connection.fetch(self._portal, self._size)

    async def close(self) -> None:
        await self._connection.close_cursor(self._portal.name)


class PostgresqlPool(ServerPool[PostgresqlConnection]):
    """A `ConnectionPool`."""

    def __init__(self, url: DatabaseUrl, schema: Schema, options: PoolOptions) -> None:
        types = Types()
        super().__init__(lambda: PostgresqlConnection(url, schema, types), options)


class AsyncPostgresqlPool(AsyncServerPool[AsyncPostgresqlConnection]):
    """An `AsyncPool`."""

    def __init__(self, url: DatabaseUrl, schema: Schema, options: PoolOptions) -> None:
        types = Types()
        super().__init__(lambda loop: AsyncPostgresqlConnection(url, schema, types, loop), options)


def _shortest(*waits: float | None) -> float | None:
    return min((wait for wait in waits if wait is not None), default=None)


def _wake(future: asyncio.Future[int], answer: int) -> None:
    if not future.done():
        future.set_result(answer)
