"""Slots where who gives an item back and wants the next goes on with it, as long as nobody has waited long: for threads, and for tasks.

Imports `drivers.slots` and `drivers.prompt`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

from infra_runtime.drivers.prompt import Prompt
from infra_runtime.drivers.slots import Item, Slots, Waiter

PATIENCE = 0.02
"""Seconds that one waits at most while others take items before it."""


class _Patient(Waiter[Item]):
    """One who waits, since a moment of `time.monotonic`."""

    __slots__ = ("since",)

    def __init__(self) -> None:
        super().__init__()
        self.since = time.monotonic()


class _PatientSlots(Slots[Item]):
    """Slots where one that comes just now may take an item before those who have waited for less than `PATIENCE`."""

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

    def _is_patient_no_more(self) -> bool:
        """Has who waited longest waited long enough?"""
        try:
            first = self._waiting[0]
        except IndexError:  # Another thread was quicker.
            return False
        return isinstance(first, _Patient) and time.monotonic() - first.since > PATIENCE


class _Thread(_Patient[Item]):
    """A thread that waits."""

    __slots__ = ("woken",)

    def __init__(self) -> None:
        super().__init__()
        # A lock is what a thread waits for at the least cost; an Event is made of three.
        self.woken = threading.Lock()
        self.woken.acquire()

    def wake(self) -> None:
        self.woken.release()


class ThreadSlots(_PatientSlots[Item]):
    """Patient slots for threads alone.

    Handing each item to who waits costs a change of threads for each; a thread that gives its item back and wants the next goes on
    without one. Who waits is called when an item comes free, one at a time, and looks whether it is there still; after `PATIENCE` it is handed
    the next item, before anyone else.
    """

    def __init__(self, make: Callable[[], Item], limit: int) -> None:
        super().__init__(make, limit)
        self._called: Waiter[Item] | None = None
        """Who was called and has not looked yet."""

    def wait(self, seconds: float | None) -> Item | None:
        waiter = _Thread[Item]()
        until = None if seconds is None else waiter.since + seconds
        with self._lock:
            self._waiting.append(waiter)
            self._call()
        try:
            while True:
                in_time = waiter.woken.acquire(timeout=-1 if until is None else max(0.0, until - time.monotonic()))
                item = self._claimed(waiter, leaves=not in_time)
                if item is not None or not in_time:
                    return item
        except BaseException:
            item = self._claimed(waiter, leaves=True)
            if item is not None:
                self.give(item)
            raise

    def give(self, item: Item) -> bool:
        self._idle.append(item)
        if self._waiting and self._called is None:
            with self._lock:
                self._call()
        return True

    def discard(self) -> None:
        with self._lock:
            self._room += 1
            self._call()

    def _claimed(self, waiter: Waiter[Item], *, leaves: bool) -> Item | None:
        """The item for who was called, or whose time is over: it stays in the queue if there is none, unless it `leaves`."""
        with self._lock:
            if self._called is waiter:
                self._called = None
            item = waiter.item
            if item is None:
                item = self._idle_or_new()
                if item is None and not leaves:
                    return None
                if waiter in self._waiting:
                    self._waiting.remove(waiter)
            self._call()
            return item

    def _call(self) -> None:
        """Calls who waited longest, where there is an item and nobody on the way to it. Called under the lock."""
        if not self._waiting or self._called is not None or not (self._idle or self._room):
            return
        if self._is_patient_no_more():
            self._serve_first()
        else:
            self._called = self._waiting[0]
            self._called.wake()

    def _serve_first(self) -> None:
        item = self._idle_or_new()
        if item is not None:
            self._hand(item)


class _Task(_Patient[Item]):
    """A task that waits."""

    __slots__ = ("told",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.told = Prompt(loop=loop)

    def wake(self) -> None:
        self.told.tell()


class TaskSlots(_PatientSlots[Item]):
    """Patient slots for the tasks of one event loop.

    An item that is handed to who waits is idle until that task goes on; one that the same task takes again is not. What is idle still in
    the event loop's next turn is handed to who waits, whose task goes on at once. Items may be given back from any thread.
    """

    def __init__(self, make: Callable[[], Item], limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(make, limit)
        self._loop = loop
        self._is_called = False
        """Will the event loop look after who waits?"""

    async def wait_async(self, seconds: float | None) -> Item | None:
        waiter = _Task[Item](self._loop)
        told = waiter.told
        self._waiting.append(waiter)
        if (self._idle or self._room) and not self._is_called:
            self._call()
        timer = self._loop.call_later(seconds, told.tell) if seconds is not None else None
        return await self._told(waiter, told, timer)

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
