"""Queries: clauses and the methods that run them, awaitable (`Query`) and blocking (`SyncQuery`).

`Query` is for models that can only be read, `WritableQuery` adds what changes the rows of a query. A generated package subclasses
them for each model, with methods typed by its inputs; a row type of its own (a projection) changes the type parameter only.

Imports `builder.selecting` and what that imports.
"""

# mypy: disable-error-code="no-any-return"
# What `execute` answers is an Any; the signatures here say what it is.

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, Generic

from infra_runtime.builder.selecting import Selecting, SyncSelecting
from infra_runtime.repository import FieldT, RowT, WhereT, WhereUniqueT


class Query(Selecting[WhereT, WhereUniqueT, FieldT], Generic[RowT, WhereT, WhereUniqueT, FieldT]):
    """A query that reads, awaitable."""

    async def execute(self) -> list[RowT]:
        """The rows."""
        return await self._run("find_many", self._arguments)

    async def all(self) -> list[RowT]:
        """The rows."""
        return await self._run("find_many", self._arguments)

    async def first(self) -> RowT | None:
        """The first row, or None."""
        return await self._run("find_first", {**self._arguments, "take": 1})

    def stream(self, *, batch_size: int | None = None) -> AsyncGenerator[RowT]:
        """The rows, read while they are wanted."""
        arguments = self._arguments if batch_size is None else {**self._arguments, "batch_size": batch_size}
        return self._client.stream(self._operation("stream", arguments), self._options)

    def _run(self, name: str, arguments: Any) -> Any:
        return self._client.execute(self._operation(name, arguments), self._options)


class WritableQuery(Query[RowT, WhereT, WhereUniqueT, FieldT], Generic[RowT, WhereT, WhereUniqueT, FieldT]):
    """A query that reads, and changes what it would read."""

    async def delete(self) -> int:
        """Deletes the rows and answers how many."""
        return await self._run("delete_many", {"where": self._arguments.get("where")})

    async def _update(self, data: Any) -> int:
        return await self._run("update_many", {"where": self._arguments.get("where"), "data": data})


class SyncQuery(SyncSelecting[WhereT, WhereUniqueT, FieldT], Generic[RowT, WhereT, WhereUniqueT, FieldT]):
    """A query that reads, for blocking code."""

    def execute(self) -> list[RowT]:
        """The rows."""
        return self._run("find_many", self._arguments)

    def all(self) -> list[RowT]:
        """The rows."""
        return self._run("find_many", self._arguments)

    def first(self) -> RowT | None:
        """The first row, or None."""
        return self._run("find_first", {**self._arguments, "take": 1})

    def stream(self, *, batch_size: int | None = None) -> Generator[RowT]:
        """The rows, read while they are wanted."""
        arguments = self._arguments if batch_size is None else {**self._arguments, "batch_size": batch_size}
        return self._client.stream(self._operation("stream", arguments), self._options)

    def _run(self, name: str, arguments: Any) -> Any:
        return self._client.execute(self._operation(name, arguments), self._options)


class SyncWritableQuery(SyncQuery[RowT, WhereT, WhereUniqueT, FieldT], Generic[RowT, WhereT, WhereUniqueT, FieldT]):
    """A query that reads, and changes what it would read, for blocking code."""

    def delete(self) -> int:
        """Deletes the rows and answers how many."""
        return self._run("delete_many", {"where": self._arguments.get("where")})

    def _update(self, data: Any) -> int:
        return self._run("update_many", {"where": self._arguments.get("where"), "data": data})
