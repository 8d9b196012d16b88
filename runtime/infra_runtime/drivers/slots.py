"""A bounded set of things to lend, first come first served, to threads and to tasks alike.

Pools are made of it. Lending and giving back without a queue takes no lock. `ThreadSlots` spares threads changes of turns, `SharedSlots` lends the fewest items that serve a line of
short jobs well. Imports nothing of the runtime.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")

PATIENCE = 0.02
"""Seconds that a thread waits at most while others take items before it."""
BRISK = 4
"""Jobs that one item serves between two looks at the line, at least, where they are short: more items would serve them no sooner."""


class Waiter(Generic[Item]):
    """One who waits. `wake` is called once `item` is set; both happen under the lock of the slots."""

    __slots__ = ("item",)

    def __init__(self) -> None:
        self.item: Item | None = None

    def wake(self) -> object:
        """Tells who waits. Errors: RuntimeError where nobody will come for the item."""
        raise NotImplementedError


class _Caller(Waiter[Item]):
    """A waiter who is told by a call."""

    __slots__ = ("wake",)

    def __init__(self, wake: Callable[[], object]) -> None:
        super().__init__()
        self.wake = wake  # type: ignore[method-assign]


class Slots(Generic[Item]):
    """Lends up to `limit` items, made by `make` when first needed."""

    def __init__(self, make: Callable[[], Item], limit: int) -> None:
        self._make = make
        self._limit = limit
        self._room = limit
        self._idle: deque[Item] = deque()
        self._waiting: deque[Waiter[Item]] = deque()
        self._lock = threading.Lock()

    def take(self) -> Item | None:
        """An item, if one is free now and nobody came before."""
        if self._waiting:
            return None
        try:
            return self._idle.pop()
        except IndexError:
            if not self._room:
                return None
        with self._lock:
            if not self._room:
                return None
            self._room -= 1
        return self._make()

    def wait(self, seconds: float | None) -> Item | None:
        """An item, waiting for it in this thread; None when `seconds` passed."""
        # A lock is what a thread waits for at the least cost; an Event is made of three.
        woken = threading.Lock()
        woken.acquire()
        waiter: Waiter[Item] = _Caller(woken.release)
        self._join(waiter)
        try:
            woken.acquire(timeout=-1 if seconds is None else seconds)
        except BaseException:
            self._abandon(waiter)
            raise
        return self._leave(waiter)

    async def wait_async(self, seconds: float | None) -> Item | None:
        """An item, waiting for it in this task; None when `seconds` passed."""
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        home = threading.get_ident()

        def wake() -> None:
            if threading.get_ident() == home:
                _settle(woken)
            else:
                # It takes a word through a pipe to be heard by another thread's event loop.
                loop.call_soon_threadsafe(_settle, woken)

        waiter: Waiter[Item] = _Caller(wake)
        self._join(waiter)
        timer = loop.call_later(seconds, _settle, woken) if seconds is not None else None
        try:
            await woken
        except BaseException:
            self._abandon(waiter)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return self._leave(waiter)

    def give(self, item: Item) -> bool:
        """Takes an item back and hands it to who waited longest. False: it is not kept, and the caller's to close."""
        self._idle.append(item)
        # One who joined the queue before this append is seen here; one who joins later sees the item.
        if self._waiting:
            with self._lock:
                self._serve()
        return True

    def discard(self) -> None:
        """Makes room for a new item in the place of one that is gone."""
        with self._lock:
            self._room += 1
            self._serve()

    def counts(self) -> tuple[int, int, int]:
        """How many items are lent, how many are idle, and how many wait for one."""
        with self._lock:
            idle = len(self._idle)
            return self._limit - self._room - idle, idle, len(self._waiting)

    def drain(self) -> list[Item]:
        """Takes out all idle items for good."""
        drained = []
        while self._idle:
            try:
                drained.append(self._idle.pop())
            except IndexError:
                break
        return drained

    def _join(self, waiter: Waiter[Item]) -> None:
        with self._lock:
            self._waiting.append(waiter)
            self._serve()

    def _leave(self, waiter: Waiter[Item]) -> Item | None:
        if waiter.item is not None:
            return waiter.item
        with self._lock:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            return waiter.item

    def _abandon(self, waiter: Waiter[Item]) -> None:
        item = self._leave(waiter)
        if item is not None:
            self.give(item)

    def _serve(self) -> None:
        """Hands idle items to those who wait. Called under the lock."""
        while self._waiting:
            item = self._idle_or_new()
            if item is None:
                return
            self._hand(item)

    def _hand(self, item: Item) -> bool:
        """Hands an item to who waited longest. False: nobody came for it. Called under the lock."""
        waiter = self._waiting.popleft()
        waiter.item = item
        try:
            waiter.wake()
        except RuntimeError:
            # The event loop of that task is closed.
            waiter.item = None
            self._idle.append(item)
            return False
        return True

    def _idle_or_new(self) -> Item | None:
        try:
            return self._idle.pop()
        except IndexError:
            if not self._room:
                return None
        self._room -= 1
        return self._make()


class _Thread(Waiter[Item]):
    """A thread that waits, since a moment of `time.monotonic`."""

    __slots__ = ("since", "woken")

    def __init__(self) -> None:
        super().__init__()
        self.since = time.monotonic()
        # A lock is what a thread waits for at the least cost; an Event is made of three.
        self.woken = threading.Lock()
        self.woken.acquire()

    def wake(self) -> None:
        self.woken.release()


class ThreadSlots(Slots[Item]):
    """Slots for threads alone, where a thread that comes just now may take an item before one that has waited for less than `PATIENCE`.

    Handing each item to who waits costs a change of threads for each; a thread that gives its item back and wants the next goes on
    without one. Who waits is called when an item comes free, one at a time, and looks whether it is there still; after `PATIENCE` it is handed
    the next item, before anyone else.
    """

    def __init__(self, make: Callable[[], Item], limit: int) -> None:
        super().__init__(make, limit)
        self._called: Waiter[Item] | None = None
        """Who was called and has not looked yet."""

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

    def _is_patient_no_more(self) -> bool:
        """Has who waited longest waited long enough?"""
        try:
            first = self._waiting[0]
        except IndexError:  # Another thread was quicker.
            return False
        return isinstance(first, _Thread) and time.monotonic() - first.since > PATIENCE


class Job(Waiter[Item]):
    """One who stands in line, up to the moment `until` on the clock of `time.monotonic`, for whatever item comes free.

    It is woken without the lock of the slots: who wakes may want that next.
    """

    __slots__ = ("is_in_order", "until")

    def __init__(self, until: float) -> None:
        self.item = None  # Not by `super()`: each job costs a call less.
        self.until = until
        self.is_in_order = True
        """False once it stands behind one whose time ends later, so that `overdue` may be late in finding it."""

    def give_up(self) -> None:
        """Tells whoever waits that its time is over. Called once it is out of the line."""
        raise NotImplementedError


class SharedSlots(Slots[Item]):
    """Slots where jobs stand in line as well, which do not mind which item they get.

    While one item serves short jobs one after another, no second one is lent to them: threads that take turns at the interpreter's lock
    get less done than one of them. Whoever keeps the line calls `hurry` and `overdue` at short intervals; where the line stands still,
    one more item is lent to it. `take`, `wait` and `wait_async` are for those who want an item for themselves: an idle one, at once.
    """

    def __init__(self, make: Callable[[], Item], limit: int) -> None:
        super().__init__(make, limit)
        self.can_hurry = limit > 1
        """Is there more than one item, so that `hurry` may have one to lend?"""
        self._brisk: set[Item] = set()
        """Items that serve jobs which have not been found to be long."""
        self._served = 0
        self._seen = 0
        self._latest = 0.0
        """The latest end of a job's time."""
        self._drained = False

    def take(self) -> Item | None:
        # Jobs may wait here although an item is idle; it is for those who ask for it.
        with self._lock:
            return self._idle_or_new()

    def enter(self, job: Job[Item]) -> bool:
        """Puts a job into the line. True: it has its item at once, as no short one is being served, and is not woken."""
        with self._lock:
            if self._idle and not self._waiting and not self._brisk:
                self._lend(job, self._idle.pop())
                return True
            self._waiting.append(job)
            served = None if self._brisk else self._serve_one()
            if job.until < self._latest:
                job.is_in_order = False
            else:
                self._latest = job.until
        if served is None or served is job:
            return served is job
        served.wake()
        return False

    def withdraw(self, job: Job[Item]) -> bool:
        """Takes a job out of the line. True: it has no item and gets none any more."""
        return self._leave(job) is None

    def overdue(self, now: float) -> list[Job[Item]]:
        """Takes those out of the line whose time is over, from its head to the first whose time is not."""
        over: list[Job[Item]] = []
        with self._lock:
            for waiter in self._waiting:
                if isinstance(waiter, Job):
                    if waiter.until > now:
                        break
                    over.append(waiter)
            for job in over:
                self._waiting.remove(job)
        return over

    def give(self, item: Item) -> bool:
        with self._lock:
            self._brisk.discard(item)
            if self._drained and not self._waiting:
                return False
            self._idle.append(item)
            served = self._serve_one() if self._waiting else None
        if served is not None:
            served.wake()
        return True

    def discard(self) -> None:
        # The one that is gone may have been brisk.
        self._brisk.clear()
        super().discard()

    def hurry(self) -> bool:
        """Lends one more item to the line where it has hardly moved since the last call. Does anyone wait still?"""
        served = None
        with self._lock:
            if self._waiting and self._served - self._seen <= BRISK * len(self._brisk):
                self._brisk.clear()
                served = self._serve_one()
            self._seen = self._served
            is_waited_for = bool(self._waiting)
        if served is not None:
            served.wake()
        return is_waited_for

    def drain(self) -> list[Item]:
        with self._lock:
            self._drained = True
            return super().drain()

    def _serve(self) -> None:
        served = self._serve_one()
        if served is not None:
            served.wake()

    def _serve_one(self) -> Job[Item] | None:
        """Hands one item to who waited longest; a job is answered, to be woken without the lock. Called under the lock."""
        while self._waiting and (item := self._idle_or_new()) is not None:
            job = self._waiting[0]
            if isinstance(job, Job):
                self._waiting.popleft()
                self._lend(job, item)
                return job
            if self._hand(item):
                return None
        return None

    def _lend(self, job: Job[Item], item: Item) -> None:
        job.item = item
        self._brisk.add(item)
        self._served += 1


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
