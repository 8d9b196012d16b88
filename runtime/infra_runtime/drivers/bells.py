"""What wakes a thread of ours, or an event loop, when another thread has something for it.

Where the system has something to wait for (Linux's eventfd), that is waited for: who rings lets go of the interpreter's lock meanwhile,
so that who wakes finds it free. Woken by a lock of Python's, or by `call_soon_threadsafe`, it finds it taken and sleeps once more.
Imports nothing of the runtime.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable
from contextvars import Context
from queue import SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

Item = TypeVar("Item")

_ONCE = (1).to_bytes(8, sys.byteorder)


class Line(Protocol[Item]):
    """A queue that one thread takes from."""

    def put(self, item: Item) -> None: ...

    def get(self) -> Item:
        """The first item, once there is one."""
        ...


class LoopBell(Protocol):
    """What has an event loop call a function."""

    def ring(self, loop: asyncio.AbstractEventLoop) -> None:
        """Has it called. From any thread. Errors: RuntimeError where the loop is closed."""

    def heard(self) -> None:
        """Told by the function before it does its work: who rings from now on has it called once more."""


def line() -> Line[Any]:
    """An empty queue."""
    if hasattr(os, "eventfd"):
        try:
            return _BellLine()
        except OSError:  # No more files may be opened.
            pass
    return SimpleQueue()


def loop_bell(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> LoopBell:
    """A bell that has `loop` call `work`, and does not keep the loop alive. Called in that loop's thread."""
    if hasattr(os, "eventfd"):
        try:
            bell = _LoopBell(os.EFD_NONBLOCK)
            # The loop keeps the context for good: it is not to be that of the task which happens to come first.
            Context().run(loop.add_reader, bell.number, work)
            return bell
        except (NotImplementedError, OSError):
            pass
    return _Word(work)


class _Bell:
    """An eventfd, which counts the rings that nobody has heard yet."""

    __slots__ = ("number",)

    def __init__(self, flags: int = 0) -> None:
        self.number = -1
        self.number = os.eventfd(0, os.EFD_CLOEXEC | flags)

    def __del__(self) -> None:
        # Who rings after this, in the midst of garbage, is not to write into another file of the same number.
        number, self.number = self.number, -1
        if number >= 0:
            os.close(number)


class _LoopBell(_Bell):
    """A bell that an event loop listens for."""

    __slots__ = ()

    def ring(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop.is_closed():
            raise RuntimeError("the event loop is closed")
        os.write(self.number, _ONCE)

    def heard(self) -> None:
        try:
            os.read(self.number, 8)
        except BlockingIOError:  # A forked child that goes on with its parent's loop has heard it.
            pass


class _Word:
    """A word to an event loop by its own way."""

    __slots__ = ("_work",)

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work

    def ring(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self._work)

    def heard(self) -> None:
        return


class _BellLine(_Bell, Generic[Item]):
    """A line whose thread is woken by a bell, where it sleeps."""

    __slots__ = ("_items", "_sleeps")

    def __init__(self) -> None:
        super().__init__()
        self._items: deque[Item] = deque()
        self._sleeps = False

    def put(self, item: Item) -> None:
        self._items.append(item)
        if self._sleeps:
            self._sleeps = False
            os.write(self.number, _ONCE)

    def get(self) -> Item:
        items = self._items
        while not items:
            # What is put from now on either is seen, or rings.
            self._sleeps = True
            if not items:
                os.read(self.number, 8)
            self._sleeps = False
        return items.popleft()
