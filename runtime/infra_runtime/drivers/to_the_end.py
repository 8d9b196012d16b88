"""Awaiting steps to their end, whatever cancels the task meanwhile.

For databases whose protocol cannot be left in the middle of an answer. A task of its own for each statement would do the same, at
ten times the cost. Imports `drivers.prompt`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from types import coroutine
from typing import Any, TypeVar

from infra_runtime.drivers.prompt import Prompt

Result = TypeVar("Result")


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
            if type(work) is Prompt:
                if not work.done():
                    cancelled = (yield from _until_done(work, stop)) or cancelled
                error = work.exception()
                work = steps.send(None) if error is None else steps.throw(error)
                continue
            try:
                waiting = work.send(None)
            except StopIteration as end:
                work = steps.send(end.value)
            except BaseException as raised:
                work = steps.throw(raised)
            else:
                cancelled = (yield from _until_done(waiting, stop)) or cancelled
    except StopIteration as end:
        if cancelled is not None:
            raise cancelled from None
        return end.value  # type: ignore[no-any-return]
    except GeneratorExit:
        # The event loop is gone, and nothing can be awaited.
        stop()
        if not isinstance(work, Prompt):
            work.close()
        raise
    except BaseException as error:
        if cancelled is not None:
            raise cancelled from error
        raise
    finally:
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
    prompt = waiting if type(waiting) is Prompt else _after(waiting)
    prompt.stop = stop
    while not prompt.done():
        prompt._asyncio_future_blocking = True
        try:
            yield prompt
        except asyncio.CancelledError as error:
            # It came when the task was not waiting.
            cancelled = error
            stop()
        except GeneratorExit:
            raise
        except BaseException:
            # The answer's own, which is met when it is asked for.
            if not prompt.done():
                raise
    return prompt.cancellation or cancelled


def _after(future: asyncio.Future[Any]) -> Prompt:
    """Stands before a future that is none's to cancel."""
    future._asyncio_future_blocking = False
    prompt = Prompt(loop=future.get_loop())
    if future.done():
        prompt.tell()
    else:
        future.add_done_callback(lambda _: prompt.tell())
    return prompt
