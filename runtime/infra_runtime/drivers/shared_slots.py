"""Slots where short jobs stand in one line for whatever item comes free. Imports `drivers.slots`."""

from __future__ import annotations

from collections.abc import Callable

from infra_runtime.drivers.slots import Item, Slots, Waiter

BRISK = 4
"""Jobs that one item serves between two looks at the line, at least, where they are short: more items would serve them no sooner."""


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
