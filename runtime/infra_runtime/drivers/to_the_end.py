"""Awaiting steps to their end, whatever cancels the task meanwhile.

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
def to_the_end(
    steps: Generator[Coroutine[Any, Any, Any], Any, Result], stop: Callable[[], object]
) -> Generator[Any, None, Result]:
    """What `steps` answer, which yield what is to be awaited and are sent what came of it.

    A cancellation calls `stop`, which is to make the steps come to their end soon, and is raised after that end. What they raise once
    they are cancelled is the cause of the CancelledError.
    """
    cancelled: asyncio.CancelledError | None = None
    work: Coroutine[Any, Any, Any] | None = None
    try:
        work = steps.send(None)
        while True:
            try:
                waiting = work.send(None)
            except StopIteration as end:
                work = steps.send(end.value)
            except BaseException as error:
                work = steps.throw(error)
            else:
                cancelled = (yield from _until_done(waiting, stop)) or cancelled
    except StopIteration as end:
        if cancelled is not None:
            raise cancelled from None
        return end.value  # type: ignore[no-any-return]
    except GeneratorExit:
        # The event loop is gone, and nothing can be awaited.
        stop()
        raise
    except BaseException as error:
        if cancelled is not None:
            raise cancelled from error
        raise
    finally:
        if work is not None:
            work.close()
        steps.close()


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
