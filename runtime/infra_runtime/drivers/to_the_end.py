"""Awaiting steps to their end, whatever cancels the task meanwhile.

For databases whose protocol cannot be left in the middle of an answer. A task of its own for each statement would do the same, at
ten times the cost. Imports nothing of the runtime.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context
from types import coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Prompt:
    """A future of what a protocol is told, for the one task that waits: it goes on within the call that says `set`.

    The event loop's own futures have their tasks wait for its next turn, which costs as much as reading a row. A task waits for whatever
    has the methods of a future that are here (`asyncio.isfuture`). Who cancels it has `stop` called, if there is one, and the task waits on.
    """

    __slots__ = ("_asyncio_future_blocking", "_context", "_loop", "_wake", "cancelled", "error", "is_done", "stop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = True
        self._loop = loop
        self._wake: Callable[[Prompt], object] | None = None
        self._context: Context | None = None
        self.error: BaseException | None = None
        self.is_done = False
        self.stop: Callable[[], object] | None = None
        self.cancelled: asyncio.CancelledError | None = None
        """The last cancellation that came."""

    def set(self, error: BaseException | None = None) -> None:
        """Called by a protocol. `error`: what the task meets."""
        self.error = error
        self.is_done = True
        wake = self._wake
        if wake is None:
            return
        if self._context is None or asyncio.current_task(self._loop) is not None:
            self._loop.call_soon(wake, self, context=self._context)
        else:
            self._context.run(wake, self)

    # -- what a task asks of a future ----------------------------------------------------------------------------------
    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, callback: Callable[[Prompt], object], *, context: Context | None = None) -> None:
        self._wake, self._context = callback, context

    def result(self) -> None:
        if self.error is not None:
            raise self.error

    def cancel(self, msg: Any = None) -> bool:
        """Called by the task that is cancelled. False once it is done: the task then raises by itself."""
        if self.is_done:
            return False
        self.cancelled = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
        if self.stop is not None:
            self.stop()
        else:
            self.error, self.is_done = self.cancelled, True
            if self._wake is not None:
                self._loop.call_soon(self._wake, self, context=self._context)
        return True

    def __await__(self) -> Generator[Any, None, None]:
        if not self.is_done:
            yield self
        self.result()


@coroutine
def to_the_end(steps: Generator[Any, Any, Result], stop: Callable[[], object]) -> Generator[Any, None, Result]:
    """What `steps` answer, which yield what is to be awaited, a coroutine or a `Prompt`, and are sent what came of it.

    A cancellation calls `stop`, which is to make the steps come to their end soon, and is raised after that end. What they raise once
    they are cancelled is the cause of the CancelledError.
    """
    cancelled: asyncio.CancelledError | None = None
    work: Any = None
    try:
        work = steps.send(None)
        while True:
            if isinstance(work, Prompt):
                if not work.is_done:
                    cancelled = (yield from _until_done(work, stop)) or cancelled
                work = steps.send(None) if work.error is None else steps.throw(work.error)
                continue
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
        if work is not None and not isinstance(work, Prompt):
            work.close()
        steps.close()


def _until_done(waiting: Any, stop: Callable[[], object]) -> Generator[Any, None, asyncio.CancelledError | None]:
    """Waits for a future, or a turn of the event loop (None); answers the last cancellation that came."""
    cancelled: asyncio.CancelledError | None = None
    if waiting is None:
        try:
            yield
        except asyncio.CancelledError as error:
            cancelled = error
            stop()
        return cancelled
    if type(waiting) is not Prompt:
        waiting = _after(waiting)
    waiting.stop = stop
    while not waiting.is_done:
        waiting._asyncio_future_blocking = True
        try:
            yield waiting
        except asyncio.CancelledError as error:
            # It came when the task was not waiting.
            cancelled = error
            stop()
        except GeneratorExit:
            raise
        except BaseException:
            # The answer's own, which is met when its result is asked for.
            if not waiting.is_done:
                raise
    return waiting.cancelled or cancelled


def _after(future: asyncio.Future[Any]) -> Prompt:
    """Stands before a future that is none's to cancel."""
    future._asyncio_future_blocking = False
    prompt = Prompt(future.get_loop())
    if future.done():
        prompt.is_done = True
    else:
        future.add_done_callback(lambda _: prompt.set())
    return prompt
