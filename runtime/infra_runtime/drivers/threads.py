"""A sync connection for tasks: each has one thread of its own, and whole operations hop into it at once.

For databases whose library is sync. The hop carries the caller's context variables; a cancelled task stops its statement and
waits until its thread is done, so nothing is written after the cancellation came through. Imports `drivers.base` and `effects`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from infra_runtime.drivers.base import Connection, RowCursor, TransactionOptions
from infra_runtime.effects import Statement

Sync = TypeVar("Sync", bound=Connection)

RENEW_INTERRUPT_EVERY = 0.02
"""Seconds. An interrupt that comes between two statements stops nothing; so it is sent again until the thread is done."""


class _Job:
    """A function to run in the thread, and the task that waits for it. All but `__call__` happens in the event loop's thread."""

    __slots__ = ("arguments", "context", "finished", "function", "future", "loop", "settled")

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.finished: asyncio.Event | None = None
        """Set once it is settled, for the cancelled task that waits for that."""
        self.settled = False
        self.context: Context = copy_context()
        self.function = function
        self.arguments = arguments

    def __call__(self) -> None:
        error: BaseException | None = None
        answer: Any = None
        try:
            answer = self.context.run(self.function, *self.arguments)
        except BaseException as raised:  # it belongs to the task that waits, whatever it is
            error = raised
        try:
            self.loop.call_soon_threadsafe(self._settle, answer, error)
        except RuntimeError:
            # The event loop is closed: nobody waits any more.
            return

    def _settle(self, answer: Any, error: BaseException | None) -> None:
        self.settled = True
        if self.finished is not None:
            self.finished.set()
        if self.future.cancelled():
            return
        if error is None:
            self.future.set_result(answer)
        elif isinstance(error, StopIteration):
            self.future.set_exception(RuntimeError("an operation raised StopIteration"))
        else:
            self.future.set_exception(error)


class ThreadedConnection(Generic[Sync]):
    """An `AsyncConnection` over a sync one. The thread starts at the first use and ends with `close`."""

    def __init__(self, connection: Sync, name: str) -> None:
        self.connection = connection
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
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
        if self._thread is None:
            self._start()
        job = _Job(function, (self.connection, *arguments))
        self._jobs.put(job)
        try:
            return await job.future
        except asyncio.CancelledError:
            await self._stop(job)
            raise
        except GeneratorExit:
            # The event loop is gone, and nothing can be awaited. The interrupt keeps the thread from committing.
            self.connection.broken = True
            self.connection.interrupt()
            raise

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

    async def _stop(self, job: _Job) -> None:
        """Waits for a cancelled job to come to its end, interrupting it; further cancellations do not cut this short."""
        job.finished = asyncio.Event()
        while not job.settled:
            self.connection.interrupt()
            try:
                async with asyncio.timeout(RENEW_INTERRUPT_EVERY):
                    await job.finished.wait()
            except (TimeoutError, asyncio.CancelledError):
                continue

    def _start(self) -> None:
        self._thread = threading.Thread(target=_work, args=(self._jobs,), name=self._name, daemon=True)
        self._thread.start()


class ThreadedCursor:
    """An `AsyncRowCursor` over a sync one."""

    def __init__(self, connection: ThreadedConnection[Any], cursor: RowCursor) -> None:
        self._connection = connection
        self.cursor = cursor

    async def fetch(self) -> Sequence[Any]:
        return await self._connection.in_one_hop(_fetch, self.cursor)  # type: ignore[no-any-return]

    async def close(self) -> None:
        await self._connection.in_one_hop(_close_cursor, self.cursor)


def _work(jobs: SimpleQueue[Callable[[], None] | None]) -> None:
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
