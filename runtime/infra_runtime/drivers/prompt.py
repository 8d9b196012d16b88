"""What one task waits for in an event loop, and goes on with as soon as it is told. Imports nothing of the runtime."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

_TURN = "_run_once"
_ASYNCIOS_TURN = getattr(asyncio.BaseEventLoop, _TURN)


class Prompt(asyncio.Future[Any]):
    """A future whose task goes on within the call that tells it: the event loop's own have it wait for another turn, as long as reading a row takes."""

    _goes_on: tuple[Callable[[Any], object], Context] | None = None
    stop: Callable[[], object] | None = None
    """What is done in the place of a cancellation, where the task is to wait on."""
    cancellation: asyncio.CancelledError | None = None
    """The last that came in whose place `stop` was called."""

    def tell(self, answer: Any = None, error: BaseException | None = None) -> None:
        """Says what the task is answered, or which error it meets. Called by the event loop; once it is done nothing more is said."""
        if self.done():
            return
        if error is None:
            self.set_result(answer)
        else:
            self.set_exception(error)
        if self._goes_on is not None:
            self.go_on()

    def go_on(self, *, in_next_turn: bool = False) -> None:
        """Runs the task until it waits for something else."""
        if self._goes_on is None:
            return
        (callback, context), self._goes_on = self._goes_on, None
        loop = self.get_loop()
        if not in_next_turn and getattr(type(loop), _TURN, _ASYNCIOS_TURN) is _ASYNCIOS_TURN:
            try:
                context.run(callback, self)
                return
            except RuntimeError:
                # Another task is running: it has told this one.
                pass
        # A task may also run a loop whose turns are others', such as nest_asyncio's, within its own turn: not within our call.
        loop.call_soon(callback, self, context=context)

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        self._goes_on = callback, copy_context() if context is None else context

    def cancel(self, msg: Any | None = None) -> bool:
        """Called by the task that is cancelled. False once it is done: the task then raises by itself."""
        if self.stop is not None and not self.done():
            self.cancellation = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
            self.stop()
            return True
        is_cancelled = super().cancel(msg)
        if is_cancelled:
            self.go_on(in_next_turn=True)
        return is_cancelled
