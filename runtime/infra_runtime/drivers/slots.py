"""A bounded set of things to lend, first come first served, to threads and to tasks alike.

Pools are made of it. Lending and giving back without a queue takes no lock. `patient_slots` spares changes of turns where many want an item,
`shared_slots` lends the fewest items that serve a line of short jobs well. Imports nothing of the runtime.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


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
        return await self._told(waiter, woken, timer)

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

    async def _told(
        self, waiter: Waiter[Item], told: Awaitable[None], timer: asyncio.TimerHandle | None
    ) -> Item | None:
        """The item of a task that waits until it is told; None when the timer was quicker."""
        try:
            await told
        except BaseException:
            self._abandon(waiter)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return self._leave(waiter)

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


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
