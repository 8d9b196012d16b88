"""Operation middleware: functions around whole operations, the first one added outermost.

A middleware is given the operation, its context, and `proceed`, which goes on inwards; it may change what it passes on and what it
answers, proceed several times, or not at all. The innermost `proceed` is the client's own way to the database. Without
middleware there is no chain and no cost. Imports `context` and `operation`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from infra_runtime.context import OperationContext
from infra_runtime.operation import Operation

SyncProceed = Callable[[Operation, OperationContext], Any]
SyncMiddleware = Callable[[Operation, OperationContext, SyncProceed], Any]
AsyncProceed = Callable[[Operation, OperationContext], Awaitable[Any]]
AsyncMiddleware = Callable[[Operation, OperationContext, AsyncProceed], Awaitable[Any]]


def chain(middleware: Sequence[SyncMiddleware], innermost: SyncProceed) -> SyncProceed:
    """One function that runs `innermost` within all of `middleware`; the async chain is made the same way."""
    proceed = innermost
    for step in reversed(middleware):
        proceed = _around(step, proceed)
    return proceed


def chain_async(middleware: Sequence[AsyncMiddleware], innermost: AsyncProceed) -> AsyncProceed:
    """`chain` for coroutine functions: a coroutine passes through untouched, so nothing here awaits."""
    proceed = innermost
    for step in reversed(middleware):
        proceed = _around(step, proceed)
    return proceed


def _around(step: Callable[..., Any], proceed: Callable[..., Any]) -> Callable[..., Any]:
    def run(operation: Operation, context: OperationContext) -> Any:
        return step(operation, context, proceed)

    return run
