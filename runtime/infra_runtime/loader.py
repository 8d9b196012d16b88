"""Loaders: the point reads that tasks ask for in one turn of the event loop, joined into one statement.

    users = infra.user.loader(include={"profile": True})      # one for each request
    ada, bob = await asyncio.gather(users.load(1), users.load(2))     # one statement

A loader remembers what it has read, and what is not there, until it is cleared: it is made for one request, or one unit of work, and
belongs to one event loop. It belongs to its client as well: one that is made from a transaction reads in the transaction. Reads under
different contexts (actor, tenant, whatever scopes may ask) are never joined, nor does one see what the other has read.

Imports `context`, `errors`, `operations.by_ids` and `schema` of the runtime.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from infra_runtime.context import OperationContext
from infra_runtime.errors import ArgumentError, ClientMisuseError, InputError
from infra_runtime.operations.by_ids import key_named, key_value
from infra_runtime.schema import Model

KeyT = TypeVar("KeyT")
RowT = TypeVar("RowT")

BATCH = 1000
"""Keys in one statement, where nothing else is said."""

Read = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]


class _Batch(Generic[RowT]):
    """The keys that wait for one statement."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.waiting: list[tuple[Hashable, asyncio.Future[RowT | None]]] = []


class _Group(Generic[RowT]):
    """What was asked for under one context."""

    def __init__(self, context: OperationContext) -> None:
        self.context = context
        self.known: dict[Hashable, asyncio.Future[RowT | None]] = {}
        self.batch: _Batch[RowT] | None = None


class Loader(Generic[KeyT, RowT]):
    """Reads rows by one unique key, many at a time. Made by `infra.user.loader()`."""

    def __init__(
        self,
        read: Read,
        canonical: Callable[[Any], Hashable],
        context: Callable[[], OperationContext],
        *,
        most: int = BATCH,
    ) -> None:
        """Arguments: `read`, the rows with these keys, in their order, None for what is not there; `canonical`, the one form of a key;
        `context`, that of the task at hand; `most`, how many keys are read at once.
        """
        self._read = read
        self._canonical = canonical
        self._context = context
        self._most = most
        self._groups: list[_Group[RowT]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading: set[asyncio.Task[None]] = set()

    async def load(self, key: KeyT) -> RowT | None:
        """The row with this key, or None. Errors: InputError for a value that is none; what the database says, to all who wait for it."""
        return await self._wait(self._asked(key))

    async def load_many(self, keys: Iterable[KeyT]) -> list[RowT | None]:
        """The rows with these keys, in their order, None for what is not there."""
        futures = [self._asked(key) for key in keys]
        return [await self._wait(future) for future in futures]

    def clear(self, key: KeyT) -> None:
        """Forgets the row with this key, for all contexts: the next `load` reads it again."""
        canonical = self._canonical(key)
        for group in self._groups:
            group.known.pop(canonical, None)

    def clear_all(self) -> None:
        """Forgets everything."""
        for group in self._groups:
            group.known.clear()

    def _asked(self, key: Any) -> asyncio.Future[RowT | None]:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                raise ClientMisuseError(
                    "a loader belongs to the event loop it was first used in: make one for each request"
                )
            self._loop = loop
        canonical = self._canonical(key)
        group = self._group()
        future = group.known.get(canonical)
        if future is None:
            future = group.known[canonical] = loop.create_future()
            batch = self._open_batch(group, loop)
            batch.keys.append(key)
            batch.waiting.append((canonical, future))
        return future

    def _group(self) -> _Group[RowT]:
        context = self._context()
        for group in self._groups:
            if group.context == context:
                return group
        made: _Group[RowT] = _Group(context)
        self._groups.append(made)
        return made

    def _open_batch(self, group: _Group[RowT], loop: asyncio.AbstractEventLoop) -> _Batch[RowT]:
        """The batch of this turn of the loop that has room."""
        batch = group.batch
        if batch is None or len(batch.keys) >= self._most:
            batch = group.batch = _Batch()
            # Whatever is ready in this turn has asked by then. The context of the task that asked first is theirs all, as they are one group.
            loop.call_soon(self._begin, group, batch, copy_context())
        return batch

    def _begin(self, group: _Group[RowT], batch: _Batch[RowT], context: Any) -> None:
        if group.batch is batch:
            group.batch = None
        assert self._loop is not None
        task = self._loop.create_task(self._fill(group, batch), context=context)
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _fill(self, group: _Group[RowT], batch: _Batch[RowT]) -> None:
        try:
            rows = await self._read(batch.keys)
        except BaseException as error:
            for canonical, future in batch.waiting:
                # What failed is asked again by the next load.
                group.known.pop(canonical, None)
                if isinstance(error, asyncio.CancelledError):
                    future.cancel()
                else:
                    future.set_exception(error)
                    # Those who waited may all be gone.
                    future.exception()
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), row in zip(batch.waiting, rows, strict=True):
            future.set_result(row)

    @staticmethod
    async def _wait(future: asyncio.Future[RowT | None]) -> RowT | None:
        """Waits without cancelling what others wait for."""
        return future.result() if future.done() else await asyncio.shield(future)


def made_loader(client: Any, model: Model, read: Read, by: str | None, batch_size: int | None) -> Loader[Any, Any]:
    """A loader of `model`'s rows by the unique key `by`, or the id. Errors: ArgumentError and its subclasses."""
    try:
        key = key_named(model, by)
        if batch_size is not None and (isinstance(batch_size, bool) or batch_size < 1):
            raise InputError("batch_size is how many keys are read at once: 1 or more").under("batch_size")
    except ArgumentError as error:
        error.model = error.model or model.name
        raise

    def canonical(value: Any) -> Hashable:
        try:
            return key_value(client.engine, model, key, value)[0]
        except ArgumentError as error:
            error.model = model.name
            raise error.under(key.name) from None

    return Loader(read, canonical, lambda: client.context, most=batch_size or BATCH)
