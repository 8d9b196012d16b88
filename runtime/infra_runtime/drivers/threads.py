"""A sync connection for tasks: each has one thread of its own, and whole operations hop into it at once.

For databases whose library is sync. The hop carries the caller's context variables; a cancelled task stops its statement and
waits until its thread is done, so nothing is written after the cancellation came through. Imports `drivers.base`,
`drivers.slots` and `effects`.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from math import inf
from queue import SimpleQueue
from typing import Any, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from infra_runtime.drivers.base import Connection, RowCursor, TransactionOptions
from infra_runtime.drivers.slots import Job, SharedSlots, Slots
from infra_runtime.effects import Statement


class _PooledConnection(Connection, Protocol):
    def clean(self) -> None:
        """Undoes whatever the last use left behind. Never raises: a connection that cannot is `broken`."""


Sync = TypeVar("Sync", bound=_PooledConnection)

RENEW_INTERRUPT_EVERY = 0.02
"""Seconds. An interrupt that comes between two statements stops nothing; so it is sent again until the thread is done."""
LOOK_EVERY = 0.001
"""Seconds. So long a job may wait behind one that is not short while another thread is idle."""


class _Desk:
    """What an event loop is told by threads, and what it looks after meanwhile.

    A loop is woken once for all answers that have come when it gets to them: waking it costs as much as a short read.
    """

    __slots__ = ("_answered", "_waking", "watched")

    def __init__(self) -> None:
        self._answered: deque[_Hop] = deque()
        self._waking = False
        self.watched: set[SharedSlots[Any]] = set()

    def tell(self, hop: _Hop) -> None:
        """Has the task of a hop told of its end. Called from any thread."""
        self._answered.append(hop)
        # It is reset before the first answer is taken out: one that is added now either is seen, or wakes the loop again.
        if not self._waking:
            self._waking = True
            try:
                hop.loop.call_soon_threadsafe(self._settle_all)
            except RuntimeError:
                # The event loop is closed: nobody waits any more.
                self._answered.clear()

    def watch(self, slots: SharedSlots[Any], loop: asyncio.AbstractEventLoop) -> None:
        """Sees to it that the line before `slots` does not stand still."""
        if slots not in self.watched:
            self.watched.add(slots)
            loop.call_later(LOOK_EVERY, self._look, slots, loop)

    def _look(self, slots: SharedSlots[Any], loop: asyncio.AbstractEventLoop) -> None:
        for hop in slots.overdue(time.monotonic()):
            hop.give_up()
        if slots.hurry():
            loop.call_later(LOOK_EVERY, self._look, slots, loop)
        else:
            self.watched.discard(slots)

    def _settle_all(self) -> None:
        self._waking = False
        answered = self._answered
        while answered:
            answered.popleft().settle()


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()

if hasattr(os, "register_at_fork"):
    # A child that is forked while a thread wakes a loop must not wait for that.
    os.register_at_fork(after_in_child=_desks.clear)


class _Hop(Job["ThreadedConnection[Any]"]):
    """A function to run in the thread of a connection, and the task that waits for it."""

    __slots__ = (
        "answer", "arguments", "context", "desk", "ended", "error", "finished", "function", "future", "late", "loop", "settled",
        "slots",
    )  # fmt: skip

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        slots: SharedSlots[ThreadedConnection[Any]] | None = None,
        until: float = inf,
        late: Callable[[], Exception] | None = None,
    ) -> None:
        super().__init__(until)
        self.loop = asyncio.get_running_loop()
        desk = _desks.get(self.loop)
        if desk is None:
            desk = _desks.setdefault(self.loop, _Desk())
        self.desk = desk
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.finished: asyncio.Event | None = None
        """Set once it is settled, for the cancelled task that waits for that."""
        self.settled = False
        self.ended = False
        """Has the function come to its end? Set under the connection's guard: from then on the connection may be another job's."""
        self.answer: Any = None
        self.error: BaseException | None = None
        self.context: Context = copy_context()
        self.function = function
        self.arguments = arguments
        self.slots = slots
        """Where the connection goes when the function has ended; None: who has it keeps it."""
        self.late = late
        """What is raised when it has been taken out of the line, as its time is over."""

    def wake(self) -> None:
        """Begins it, as a connection has come free."""
        assert self.item is not None
        self.item.start(self)

    def __call__(self) -> None:
        connection = self.item
        assert connection is not None
        try:
            self.answer = self.context.run(self.function, connection.connection, *self.arguments)
        except BaseException as raised:  # it belongs to the task that waits, whatever it is
            self.error = raised
        with connection.guard:
            self.ended = True
        if self.slots is not None:
            # Before the task hears of it: a connection that is done with is not seen as lent.
            connection.back_to(self.slots)
        self.desk.tell(self)

    def give_up(self) -> None:
        assert self.late is not None
        self.error = self.late()
        self.desk.tell(self)

    def settle(self) -> None:
        """Tells the task. Called by the event loop."""
        self.settled = True
        if self.finished is not None:
            self.finished.set()
        answer, error = self.answer, self.error
        # What is told is not kept: an error's traceback holds this hop.
        self.answer = self.error = None
        if self.future.done():
            return
        if error is None:
            self.future.set_result(answer)
        elif isinstance(error, StopIteration):
            self.future.set_exception(RuntimeError("an operation raised StopIteration"))
        else:
            self.future.set_exception(error)

    async def stop(self) -> None:
        """Interrupts it and waits for its end; further cancellations do not cut this short."""
        connection = self.item
        assert connection is not None
        self.finished = asyncio.Event()
        while not self.settled:
            with connection.guard:
                if not self.ended:
                    connection.interrupt()
            try:
                async with asyncio.timeout(RENEW_INTERRUPT_EVERY):
                    await self.finished.wait()
            except (TimeoutError, asyncio.CancelledError):
                continue

    def abandon(self) -> None:
        """The event loop is gone, and nothing can be awaited. The interrupt keeps the thread from committing."""
        connection = self.item
        assert connection is not None
        with connection.guard:
            if not self.ended:
                connection.connection.broken = True
                connection.interrupt()


async def on_any(
    slots: SharedSlots[ThreadedConnection[Any]],
    wait: float | None,
    late: Callable[[], Exception],
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> Any:
    """Awaits `function(connection, *arguments)` on the connection of `slots` that comes free first, in one change of thread.

    Errors: `late()` when none came free within `wait` seconds.
    """
    hop = _Hop(function, arguments, slots, inf if wait is None else time.monotonic() + wait, late)
    is_in_order = slots.enter(hop)
    timer = None
    if hop.item is None:
        hop.desk.watch(slots, hop.loop)
        if not is_in_order and wait is not None:
            timer = hop.loop.call_later(wait, _give_up, hop, slots)
    try:
        return await hop.future
    except asyncio.CancelledError:
        if not slots.withdraw(hop):
            await hop.stop()
        raise
    except GeneratorExit:
        if not slots.withdraw(hop):
            hop.abandon()
        raise
    finally:
        if timer is not None:
            timer.cancel()


def _give_up(hop: _Hop, slots: SharedSlots[Any]) -> None:
    if slots.withdraw(hop):
        hop.give_up()


class ThreadedConnection(Generic[Sync]):
    """An `AsyncConnection` over a sync one. The thread starts at the first use and ends with `close`."""

    run_all = None

    def __init__(self, connection: Sync, name: str) -> None:
        self.connection = connection
        self.guard = threading.Lock()
        """Held while a job ends, or is interrupted: so an interrupt never meets the job that comes after."""
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
        hop = _Hop(function, arguments)
        hop.item = self
        hop.wake()
        try:
            return await hop.future
        except asyncio.CancelledError:
            await hop.stop()
            raise
        except GeneratorExit:
            hop.abandon()
            raise

    def start(self, job: Callable[[], None]) -> None:
        """Has the thread run `job` after what it is doing."""
        if self._thread is None:
            self._start()
        self._jobs.put(job)

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
