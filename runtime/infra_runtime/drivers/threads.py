"""A sync connection for tasks: each has one thread of its own, and whole operations hop into it at once.

For databases whose library is sync. The hop carries the caller's context variables; a cancelled task stops its statement and
waits until its thread is done, so nothing is written after the cancellation came through. Imports `drivers.base`, `drivers.bells`,
`drivers.hops`, `drivers.slots` and `effects`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from infra_runtime.drivers.base import Connection, RowCursor, TransactionOptions
from infra_runtime.drivers.bells import Line, line
from infra_runtime.drivers.hops import Hop
from infra_runtime.drivers.slots import Slots
from infra_runtime.effects import Statement


class _PooledConnection(Connection, Protocol):
    def clean(self) -> None:
        """Undoes whatever the last use left behind. Never raises: a connection that cannot is `broken`."""


Sync = TypeVar("Sync", bound=_PooledConnection)


class ThreadedConnection(Generic[Sync]):
    """An `AsyncConnection` over a sync one. The thread starts at the first use and ends with `close`."""

    run_all = None

    def __init__(self, connection: Sync, name: str) -> None:
        self.connection = connection
        self.guard = threading.Lock()
        """Held while a job ends, or is interrupted: so an interrupt never meets the job that comes after."""
        self._name = name
        self._jobs: Line[Callable[[], None] | None] = line()
        self._thread: threading.Thread | None = None

    def __del__(self) -> None:
        # A client that nobody disconnected must not leave a thread behind that waits for ever.
        self._jobs.put(None)

    @property
    def process(self) -> int:
        return self.connection.process

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    async def in_one_hop(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Runs `function(connection, *arguments)` in the thread and awaits its answer."""
        hop = Hop(function, arguments)
        hop.item = self
        hop.desk.begin(hop)
        try:
            return await hop.future
        except asyncio.CancelledError:
            await hop.stop()
            raise
        except GeneratorExit:
            hop.abandon()
            raise

    def start(self, hop: Hop) -> None:
        """Has the thread run `hop` after what it is doing."""
        if self._thread is None:
            try:
                self._start()
            except RuntimeError as error:  # The system has no thread for it.
                hop.fail(error)
                return
        self._jobs.put(hop)

    async def run(self, statement: Statement) -> Any:
        return await self.in_one_hop(_run, statement)

    async def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> ThreadedCursor:
        return ThreadedCursor(self, await self.in_one_hop(_open_cursor, statement, size, interleaved))

    async def limit(self, deadline: float | None) -> None:
        await self.in_one_hop(_limit, deadline)

    async def begin(self, options: TransactionOptions, wait: float | None) -> None:
        await self.in_one_hop(_begin, options, wait)

    async def commit(self) -> None:
        await self.in_one_hop(_commit)

    async def rollback(self) -> None:
        await self.in_one_hop(_rollback)

    async def savepoint(self, name: str) -> None:
        await self.in_one_hop(_savepoint, name)

    async def release_savepoint(self, name: str) -> None:
        await self.in_one_hop(_release_savepoint, name)

    async def rollback_to_savepoint(self, name: str) -> None:
        await self.in_one_hop(_rollback_to_savepoint, name)

    def interrupt(self) -> None:
        self.connection.interrupt()

    def back_to(self, slots: Slots[ThreadedConnection[Sync]]) -> None:
        """Makes it clean and gives it back, from any thread."""
        self.connection.clean()
        if self.connection.broken:
            self.close()
            slots.discard()
        elif not slots.give(self):
            self.close()

    def close(self) -> None:
        """Closes the connection in its thread, after what the thread is doing, and ends the thread. Does not wait."""
        if self._thread is None:
            self.connection.close()
        else:
            self._jobs.put(self.connection.close)
            self._jobs.put(None)

    async def wait_closed(self) -> None:
        """Closes, and waits until the thread is done."""
        if self._thread is not None:
            await self.in_one_hop(_close)
        self.close()

    def _start(self) -> None:
        thread = threading.Thread(target=_work, args=(self._jobs,), name=self._name, daemon=True)
        thread.start()
        self._thread = thread


class ThreadedCursor:
    """An `AsyncRowCursor` over a sync one."""

    def __init__(self, connection: ThreadedConnection[Any], cursor: RowCursor) -> None:
        self._connection = connection
        self.cursor = cursor

    async def fetch(self) -> Sequence[Any]:
        return await self._connection.in_one_hop(_fetch, self.cursor)  # type: ignore[no-any-return]

    async def close(self) -> None:
        await self._connection.in_one_hop(_close_cursor, self.cursor)


def _work(jobs: Line[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()
        # What a job holds must not live until the next one comes.
        del job


def _run(connection: Connection, statement: Statement) -> Any:
    return connection.run(statement)


def _open_cursor(connection: Connection, statement: Statement, size: int, interleaved: bool) -> RowCursor:
    return connection.open_cursor(statement, size, interleaved=interleaved)


def _fetch(connection: Connection, cursor: RowCursor) -> Sequence[Any]:
    return cursor.fetch()


def _close_cursor(connection: Connection, cursor: RowCursor) -> None:
    cursor.close()


def _limit(connection: Connection, deadline: float | None) -> None:
    connection.limit(deadline)


def _begin(connection: Connection, options: TransactionOptions, wait: float | None) -> None:
    connection.begin(options, wait)


def _commit(connection: Connection) -> None:
    connection.commit()


def _rollback(connection: Connection) -> None:
    connection.rollback()


def _savepoint(connection: Connection, name: str) -> None:
    connection.savepoint(name)


def _release_savepoint(connection: Connection, name: str) -> None:
    connection.release_savepoint(name)


def _rollback_to_savepoint(connection: Connection, name: str) -> None:
    connection.rollback_to_savepoint(name)


def _close(connection: Connection) -> None:
    connection.close()
