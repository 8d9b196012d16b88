"""Functions that tasks have run in the threads of connections, and how the tasks hear of their end.

An event loop and a thread that wake each other for each short read spend most of its time on that. So threads are woken once for all that
a loop begins in one turn, the loop once for all that is answered when it gets there, and a task goes on at once when it is told.
Imports `drivers.bells`, `drivers.prompt` and `drivers.shared_slots`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from math import inf
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from infra_runtime.drivers.bells import loop_bell
from infra_runtime.drivers.prompt import Prompt
from infra_runtime.drivers.shared_slots import Job, SharedSlots

if TYPE_CHECKING:
    from infra_runtime.drivers.threads import ThreadedConnection

RENEW_INTERRUPT_EVERY = 0.02
"""Seconds. An interrupt that comes between two statements stops nothing; so it is sent again until the thread is done."""
LOOK_EVERY = 0.001
"""Seconds. So long a job may wait behind one that is not short while another thread is idle."""
LATE_BY = 0.01
"""Seconds. So much later than its time a job may hear of it where there is one thread alone."""


class _Desk:
    """What an event loop begins in threads, what it is told by them, and what it looks after meanwhile."""

    __slots__ = ("_answered", "_bell", "_is_alone", "_is_called", "_to_begin", "watched")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._to_begin: list[Hop] = []
        self._answered: deque[Hop] = deque()
        self._bell = loop_bell(loop, self._settle_all)
        self._is_called = False
        self._is_alone = False
        """Is one task being told, and no other?"""
        self.watched: set[SharedSlots[Any]] = set()

    def begin(self, hop: Hop) -> None:
        """Has a hop begin: at once where its task alone was told and goes on, else with all others that this turn of the loop brings.

        A thread that was woken for each of them would take turns with the loop.
        """
        if self._is_alone:
            self._is_alone = False
            hop.wake()
            return
        self._to_begin.append(hop)
        if len(self._to_begin) == 1:
            hop.loop.call_soon(self._begin_all)

    def forget(self, hop: Hop) -> bool:
        """Takes back what was to begin. False: it has begun."""
        if hop not in self._to_begin:
            return False
        self._to_begin.remove(hop)
        return True

    def tell(self, hop: Hop) -> None:
        """Has the task of a hop told of its end. Called from any thread."""
        self._answered.append(hop)
        # It is reset before the answers are counted: for one that is added later the loop is called again.
        if not self._is_called:
            self._is_called = True
            try:
                self._bell.ring(hop.loop)
            except RuntimeError:
                # The event loop is closed: nobody waits any more.
                self._answered.clear()

    def watch(self, slots: SharedSlots[Any], loop: asyncio.AbstractEventLoop) -> None:
        """Sees to it that the line before `slots` does not stand still."""
        if slots not in self.watched:
            self.watched.add(slots)
            self._look_later(slots, loop)

    def _look(self, slots: SharedSlots[Any], loop: asyncio.AbstractEventLoop) -> None:
        for hop in slots.overdue(time.monotonic()):
            hop.give_up()
        if slots.hurry():
            self._look_later(slots, loop)
        else:
            self.watched.discard(slots)

    def _look_later(self, slots: SharedSlots[Any], loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(LOOK_EVERY if slots.can_hurry else LATE_BY, self._look, slots, loop)

    def _begin_all(self) -> None:
        to_begin, self._to_begin = self._to_begin, []
        for hop in to_begin:
            hop.wake()

    def _settle_all(self) -> None:
        self._bell.heard()
        self._is_called = False
        # No more than there are now: new ones come while tasks go on, and the loop has others to serve.
        left = len(self._answered)
        self._is_alone = left == 1
        try:
            while left and self._answered:
                left -= 1
                self._answered.popleft().settle()
        finally:
            self._is_alone = False
            if left and self._answered:
                # A task has ended the program; should the loop go on all the same, the others are told.
                self.tell(self._answered.popleft())


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()

if hasattr(os, "register_at_fork"):
    # A child that is forked while a thread wakes a loop must not wait for that.
    os.register_at_fork(after_in_child=_desks.clear)


def _new_desk(loop: asyncio.AbstractEventLoop) -> _Desk:
    for other in list(_desks):
        if other.is_closed():
            # What it was not told any more would keep it.
            _desks.pop(other, None)
    return _desks.setdefault(loop, _Desk(loop))


class Hop(Job["ThreadedConnection[Any]"]):
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
        self.loop = loop = asyncio.get_running_loop()
        self.desk = _desks.get(loop) or _new_desk(loop)
        self.future = Prompt(loop=loop)
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
        """Begins it. From any thread."""
        assert self.item is not None
        self.item.start(self)

    def fail(self, error: Exception) -> None:
        """Ends it where it could not begin. From any thread."""
        assert self.item is not None
        self.error = error
        self._end(self.item)

    def __call__(self) -> None:
        connection = self.item
        assert connection is not None
        try:
            self.answer = self.context.run(self.function, connection.connection, *self.arguments)
        except BaseException as raised:  # it belongs to the task that waits, whatever it is
            self.error = raised
        self._end(connection)

    def give_up(self) -> None:
        assert self.late is not None
        self.error = self.late()
        self.desk.tell(self)

    def settle(self) -> None:
        """Tells the task, which goes on. Called by the event loop."""
        self.settled = True
        if self.finished is not None:
            self.finished.set()
        answer, error = self.answer, self.error
        # What is told is not kept: an error's traceback holds this hop.
        self.answer = self.error = None
        if isinstance(error, StopIteration):
            error = RuntimeError("an operation raised StopIteration")
        self.future.tell(answer, error)

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
        if self.desk.forget(self):
            self._end(connection)
            return
        with connection.guard:
            if not self.ended:
                connection.connection.broken = True
                connection.interrupt()

    def _end(self, connection: ThreadedConnection[Any]) -> None:
        with connection.guard:
            self.ended = True
        if self.slots is not None:
            # Before the task hears of it: a connection that is done with is not seen as lent.
            connection.back_to(self.slots)
        self.desk.tell(self)


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
    hop = Hop(function, arguments, slots, inf if wait is None else time.monotonic() + wait, late)
    timer = None
    if slots.enter(hop):
        hop.desk.begin(hop)
    else:
        hop.desk.watch(slots, hop.loop)
        if not hop.is_in_order and wait is not None:
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


def _give_up(hop: Hop, slots: SharedSlots[Any]) -> None:
    if slots.withdraw(hop):
        hop.give_up()
