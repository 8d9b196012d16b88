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
    # A future is awaited by yielding it; what is yielded is cancelled with the task, so it is another one.
    waiting._asyncio_future_blocking = False
    while not waiting.done():
        woken = waiting.get_loop().create_future()
        wake = _Waker(woken)
        waiting.add_done_callback(wake)
        try:
            yield from woken
        except asyncio.CancelledError as error:
            cancelled = error
            stop()
        finally:
            waiting.remove_done_callback(wake)
    return cancelled


class _Waker:
    __slots__ = ("_future",)

    def __init__(self, future: asyncio.Future[None]) -> None:
        self._future = future

    def __call__(self, _: object) -> None:
        if not self._future.done():
            self._future.set_result(None)
