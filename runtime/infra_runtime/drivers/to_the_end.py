"""Awaiting something to its end, whatever cancels the task meanwhile.

For databases whose protocol cannot be left in the middle of an answer. A task of its own for each statement would do the same, at
ten times the cost. Imports nothing of the runtime.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


@coroutine
def to_the_end(work: Coroutine[Any, Any, Result], stop: Callable[[], object]) -> Generator[Any, None, Result]:
    """What `work` answers. A cancellation calls `stop`, which is to make `work` come to its end soon, and is raised after that end.

    What `work` raises once it is cancelled is the cause of the CancelledError.
    """
    cancelled: asyncio.CancelledError | None = None
    try:
        while True:
            try:
                waiting = work.send(None)
            except StopIteration as end:
                if cancelled is not None:
                    raise cancelled from None
                return end.value  # type: ignore[no-any-return]
            except BaseException as error:
                if cancelled is not None:
                    raise cancelled from error
                raise
            cancelled = (yield from _until_done(waiting, stop)) or cancelled
    except GeneratorExit:
        # The event loop is gone, and nothing can be awaited.
        stop()
        raise
    finally:
        work.close()


def _until_done(waiting: Any, stop: Callable[[], object]) -> Generator[Any, None, asyncio.CancelledError | None]:
    """Waits for the future that `work` waits for, or a turn of the event loop (None); answers the last cancellation that came."""
    cancelled: asyncio.CancelledError | None = None
    if waiting is None:
        try:
            yield
        except asyncio.CancelledError as error:
            cancelled = error
            stop()
        return cancelled
    waiting._asyncio_future_blocking = False
    while not waiting.done():
        guard = _Guard(waiting, stop)
        try:
            yield guard
        except asyncio.CancelledError as error:
            # It came when the task was not waiting.
            cancelled = error
            stop()
        except GeneratorExit:
            raise
        except BaseException:
            # The future's own, which `work` meets when it goes on.
            if not waiting.done():
                raise
        cancelled = guard.cancelled or cancelled
    return cancelled


class _Guard:
    """Stands before a future, for the task that waits for it: who cancels the task does not reach the future.

    A task waits for whatever has the methods of a future that are here (`asyncio.isfuture`).
    """

    __slots__ = ("_asyncio_future_blocking", "_future", "_stop", "cancelled")

    def __init__(self, future: asyncio.Future[Any], stop: Callable[[], object]) -> None:
        self._asyncio_future_blocking = True
        self._future = future
        self._stop = stop
        self.cancelled: asyncio.CancelledError | None = None

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._future.get_loop()

    def add_done_callback(self, callback: Callable[..., object], *, context: Any = None) -> None:
        self._future.add_done_callback(callback, context=context)

    def cancel(self, msg: Any = None) -> bool:
        """Called by the task that is cancelled. False once the future is done: the task then raises by itself."""
        if self._future.done():
            return False
        self.cancelled = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
        self._stop()
        return True
