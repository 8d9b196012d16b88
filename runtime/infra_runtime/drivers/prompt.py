"""What one task waits for in an event loop, and goes on with as soon as it is told. Imports nothing of the runtime."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any


class Prompt(asyncio.Future[Any]):
    """A future whose task goes on within the call that tells it: the event loop's own have it wait for another turn, as long as reading a row takes."""

    _goes_on: tuple[Callable[[Any], object], Context] | None = None
    stop: Callable[[], object] | None = None
    """What is done in the place of a cancellation, where the task is to wait on."""
    cancellation: asyncio.CancelledError | None = None
    """The last that came in whose place `stop` was called."""

    def tell(self, error: BaseException | None = None) -> None:
        """Says that it is so, or which error the task meets. Called in the event loop's thread; once it is done nothing more is said."""
        if self.done():
            return
        if error is None:
            self.set_result(None)
        else:
            self.set_exception(error)
        goes_on = self._goes_on
        if goes_on is not None:
            callback, context = goes_on
            try:
                context.run(callback, self)
            except RuntimeError:
                # Another task is running now.
                self.get_loop().call_soon(callback, self, context=context)

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        self._goes_on = callback, copy_context() if context is None else context

    def cancel(self, msg: Any | None = None) -> bool:
        """Called by the task that is cancelled. False once it is done: the task then raises by itself."""
        if self.stop is not None and not self.done():
            self.cancellation = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
            self.stop()
            return True
        is_cancelled = super().cancel(msg)
        if is_cancelled and self._goes_on is not None:
            callback, context = self._goes_on
            self.get_loop().call_soon(callback, self, context=context)
        return is_cancelled
