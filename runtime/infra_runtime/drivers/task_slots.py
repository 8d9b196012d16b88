"""Slots for the tasks of one event loop: a task that gives its item back and wants the next goes on without waiting, if nobody waited long.

Imports `drivers.slots` and `drivers.prompt`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from infra_runtime.drivers.prompt import Prompt
from infra_runtime.drivers.slots import PATIENCE, Item, Slots, Waiter


class _Task(Waiter[Item]):
    """A task that waits, since a moment of `time.monotonic`."""

    __slots__ = ("since", "told")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.since = time.monotonic()
        self.told = Prompt(loop=loop)

    def wake(self) -> None:
        self.told.tell()


class TaskSlots(Slots[Item]):
    """Slots where a task that comes just now may take an item before one that has waited for less than `PATIENCE`.

    An item that is handed to who waits is idle until that task goes on; one that the same task takes again is not. What is idle still in
    the event loop's next turn is handed to who waits, whose task goes on at once. Items may be given back from any thread.
    """

    def __init__(self, make: Callable[[], Item], limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(make, limit)
        self._loop = loop
        self._is_called = False
        """Will the event loop look after who waits?"""

    def take(self) -> Item | None:
        if self._waiting and self._is_patient_no_more():
            return None
        try:
            return self._idle.pop()
        except IndexError:
            if not self._room:
                return None
        with self._lock:
            return self._idle_or_new()

    async def wait_async(self, seconds: float | None) -> Item | None:
        waiter = _Task[Item](self._loop)
        told = waiter.told
        self._waiting.append(waiter)
        if (self._idle or self._room) and not self._is_called:
            self._call()
        timer = self._loop.call_later(seconds, told.tell) if seconds is not None else None
        try:
            await told
        except BaseException:
            self._abandon(waiter)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return self._leave(waiter)

    def give(self, item: Item) -> bool:
        self._idle.append(item)
        if self._waiting and not self._is_called:
            self._call()
        return True

    def discard(self) -> None:
        with self._lock:
            self._room += 1
        if self._waiting and not self._is_called:
            self._call()

    def _call(self) -> None:
        """Has the event loop look after who waits, in its next turn."""
        self._is_called = True
        try:
            # It takes a word through a pipe to be heard by another thread's event loop.
            (self._loop.call_soon if self._is_here() else self._loop.call_soon_threadsafe)(self._look)
        except RuntimeError:
            # The event loop is closed: nobody waits any more.
            self._is_called = False

    def _is_here(self) -> bool:
        """Does the event loop run in this thread?"""
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _is_patient_no_more(self) -> bool:
        """Has who waited longest waited long enough?"""
        first = self._waiting[0]
        return isinstance(first, _Task) and time.monotonic() - first.since > PATIENCE

    def _look(self) -> None:
        """Hands what is idle to those who waited longest."""
        # It is reset before items are counted: for one that comes later the loop is called again.
        self._is_called = False
        while self._waiting:
            with self._lock:
                item = self._idle_or_new()
            if item is None:
                return
            waiter = self._waiting.popleft()
            waiter.item = item
            waiter.wake()
