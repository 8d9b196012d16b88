"""SQLite's pools: one writer, several readers, of a file in WAL mode; one connection for `:memory:`.

Readers never wait for the writer, and see what is committed. Who wants the writer queues for it in this process, and is told who
has it when the wait ends. Imports `hops`, `sqlite`, `threads`, all kinds of slots, and the runtime's `errors` and `urls`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Generic, TypeVar

from infra_runtime.drivers.base import AsyncPool, ConnectionPool, PoolOptions, PoolStatus
from infra_runtime.drivers.hops import on_any
from infra_runtime.drivers.patient_slots import ThreadSlots
from infra_runtime.drivers.shared_slots import SharedSlots
from infra_runtime.drivers.slots import Slots
from infra_runtime.drivers.sqlite import SqliteConnection
from infra_runtime.drivers.threads import ThreadedConnection
from infra_runtime.effects import Statement
from infra_runtime.errors import (
    ClientMisuseError,
    ClientNotConnectedError,
    PoolTimeoutError,
)
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

MOST_READERS = 16

Lent = TypeVar("Lent")


class _Connections(Generic[Lent]):
    """The connections of one process: a writer and its readers, or one connection for both."""

    def __init__(
        self,
        wrap: Callable[[SqliteConnection, str], Lent],
        slots: type[Slots[Any]],
        url: DatabaseUrl,
        schema: Schema,
        options: PoolOptions,
    ) -> None:
        def make(writes: bool) -> Lent:
            connection = SqliteConnection(url, schema, options.wait, writes=writes)
            return wrap(connection, f"infra-sqlite-{'writer' if writes else 'reader'}")

        limit = options.limit or max(min(MOST_READERS, 2 * (os.cpu_count() or 1) + 1) + 1, options.opened)
        self.writer: Slots[Lent] = slots(lambda: make(True), 1)
        alone = url.is_memory or limit == 1
        self.readers: Slots[Lent] = self.writer if alone else slots(lambda: make(False), limit - 1)
        self.limit = 1 if alone else limit
        self.lent_writer: SqliteConnection | None = None
        """Who has the writer, for those who wait for it."""


class _Pool(Generic[Lent]):
    """What both interfaces' pools share: whose connections are whose, and what is said when none comes free."""

    _slots: type[Slots[Any]] = Slots
    """What connections are lent from."""

    def __init__(self, url: DatabaseUrl, schema: Schema, options: PoolOptions) -> None:
        self.url = url
        self._schema = schema
        self._options = options
        self._by_process: dict[int, _Connections[Lent]] = {}
        self._home = os.getpid()
        self._is_open = False

    def _wrap(self, connection: SqliteConnection, name: str) -> Lent:
        raise NotImplementedError

    def _connections(self) -> _Connections[Lent]:
        """The connections of this process. A parent's are left alone in a forked child: not used and not closed."""
        process = os.getpid()
        found = self._by_process.get(process)
        if found is None:
            if not self._is_open:
                raise ClientNotConnectedError(
                    "the client is not connected: call connect(), or use it as a context manager"
                )
            if self.url.is_memory and process != self._home:
                raise ClientMisuseError(
                    "an in-memory database belongs to the process that opened it, not to its children"
                )
            made = _Connections(self._wrap, self._slots, self.url, self._schema, self._options)
            found = self._by_process.setdefault(process, made)
        return found

    def status(self) -> PoolStatus:
        """Its figures now: of the writer and the readers together."""
        connections = self._connections()
        lent, idle, waiting = connections.writer.counts()
        if connections.readers is not connections.writer:
            reading = connections.readers.counts()
            lent, idle, waiting = lent + reading[0], idle + reading[1], waiting + reading[2]
        return PoolStatus(connections.limit, lent, idle, waiting)

    def _opening(self) -> None:
        self._is_open = True
        self._home = os.getpid()

    def _first(self) -> Iterator[bool]:
        """Of the connections that `open` makes: is it the one that writes?"""
        yield True
        for _ in range(1, min(self._options.opened, self._connections().limit)):
            yield False

    def _closing(self) -> Iterator[Lent]:
        """The idle connections, to be closed; those that are lent are closed when they come back."""
        self._is_open = False
        connections = self._by_process.pop(os.getpid(), None)
        if connections is not None:
            yield from connections.writer.drain()
            if connections.readers is not connections.writer:
                yield from connections.readers.drain()

    def _lend(self, connections: _Connections[Lent], connection: SqliteConnection, subject: object) -> None:
        if connection.writes:
            connection.subject = subject
            connection.since = time.monotonic()
            connections.lent_writer = connection

    def _timeout(self, connections: _Connections[Lent], writes: bool, wait: float | None) -> PoolTimeoutError:
        holder = connections.lent_writer
        if not writes and connections.readers is not connections.writer:
            return PoolTimeoutError(
                f"Timed out fetching a new connection from the connection pool: no reader came free within {wait:g} s"
            )
        held = ""
        if holder is not None and holder.subject is not None:
            held = f"; {holder.subject} has held it for {time.monotonic() - holder.since:.1f} s"
        return PoolTimeoutError(
            f"Timed out waiting for SQLite's one writing connection for {wait:g} s{held}. "
            "Inside a transaction use the transaction's client, and keep transactions short"
        )


class SqlitePool(_Pool[SqliteConnection], ConnectionPool[SqliteConnection]):
    """A `ConnectionPool`."""

    _slots = ThreadSlots

    def open(self, wait: float | None) -> None:
        self._opening()
        made: list[SqliteConnection] = []
        try:
            try:
                for writes in self._first():
                    made.append(self.acquire(writes, "connect()", wait))
                    made[-1].run(Statement("SELECT 1"))
            finally:
                while made:
                    self.release(made.pop())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for connection in self._closing():
            connection.close()

    def acquire(self, writes: bool, subject: object, wait: float | None) -> SqliteConnection:
        connections = self._by_process.get(os.getpid()) or self._connections()
        slots = connections.writer if writes else connections.readers
        connection = slots.take() or slots.wait(wait)
        if connection is None:
            raise self._timeout(connections, writes, wait)
        if connection.writes:
            self._lend(connections, connection, subject)
        return connection

    def release(self, connection: SqliteConnection) -> None:
        process = os.getpid()
        connections = self._by_process.get(process)
        if connections is None or connection.process != process:
            connection.close()
            return
        connection.clean()
        slots = connections.writer if connection.writes else connections.readers
        if connection.broken:
            connection.close()
            slots.discard()
        else:
            slots.give(connection)

    def _wrap(self, connection: SqliteConnection, name: str) -> SqliteConnection:
        return connection


class AsyncSqlitePool(_Pool[ThreadedConnection[SqliteConnection]], AsyncPool[ThreadedConnection[SqliteConnection]]):
    """An `AsyncPool`. Nothing in it is bound to an event loop, so a client may be used from several."""

    _slots = SharedSlots

    async def open(self, wait: float | None) -> None:
        self._opening()
        made: list[ThreadedConnection[SqliteConnection]] = []
        try:
            try:
                for writes in self._first():
                    made.append(await self.acquire(writes, "connect()", wait))
                    await made[-1].run(Statement("SELECT 1"))
            finally:
                while made:
                    self.release(made.pop())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        for connection in self._closing():
            await connection.wait_closed()

    async def acquire(self, writes: bool, subject: object, wait: float | None) -> ThreadedConnection[SqliteConnection]:
        connections = self._by_process.get(os.getpid()) or self._connections()
        slots = connections.writer if writes else connections.readers
        connection = slots.take() or await slots.wait_async(wait)
        if connection is None:
            raise self._timeout(connections, writes, wait)
        if connection.connection.writes:
            self._lend(connections, connection.connection, subject)
        return connection

    def release(self, connection: ThreadedConnection[SqliteConnection]) -> None:
        sync = connection.connection
        process = os.getpid()
        connections = self._by_process.get(process)
        if connections is None or sync.process != process:
            connection.close()
        else:
            connection.back_to(connections.writer if sync.writes else connections.readers)

    @property
    def in_one_hop(self) -> Callable[..., Coroutine[Any, Any, Any]]:
        return self._in_one_hop

    def _in_one_hop(
        self, writes: bool, subject: object, wait: float | None, function: Callable[..., Any], *arguments: Any
    ) -> Coroutine[Any, Any, Any]:
        connections = self._by_process.get(os.getpid()) or self._connections()
        slots = connections.writer if writes else connections.readers
        assert isinstance(slots, SharedSlots)
        if slots is connections.writer:
            arguments = (connections, subject, function, *arguments)
            function = self._on_writer
        return on_any(slots, wait, lambda: self._timeout(connections, writes, wait), function, arguments)

    def _on_writer(
        self,
        connection: SqliteConnection,
        connections: _Connections[ThreadedConnection[SqliteConnection]],
        subject: object,
        function: Callable[..., Any],
        *arguments: Any,
    ) -> Any:
        self._lend(connections, connection, subject)
        return function(connection, *arguments)

    def _wrap(self, connection: SqliteConnection, name: str) -> ThreadedConnection[SqliteConnection]:
        return ThreadedConnection(connection, name)
