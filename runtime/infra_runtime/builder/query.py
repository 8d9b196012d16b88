"""Queries: clauses and the methods that run them, awaitable (`Query`) and blocking (`SyncQuery`).

`Query` is for models that can only be read, `WritableQuery` adds what changes the rows of a query. A generated package subclasses
them for each model, with methods typed by its inputs; a row type of its own (a projection) changes the type parameter only.

Imports the rest of the builder, `errors` and `repository` of the runtime.
"""

# mypy: disable-error-code="no-any-return"
# What `execute` answers is an Any; the signatures here say what it is.

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from typing import Any, Generic, Literal, Protocol, TypeVar

from infra_runtime.builder.composed import Rows, SyncRows
from infra_runtime.builder.endings import at_most_two, changed, counted, existing, first, given, grouped
from infra_runtime.builder.groups import Groups, SyncGroups
from infra_runtime.builder.paging import Paging, SyncPaging
from infra_runtime.builder.selecting import Selecting, SyncSelecting
from infra_runtime.errors import MultipleRecordsFoundError, RecordNotFoundError
from infra_runtime.hits import Hit
from infra_runtime.repository import NOT_GIVEN, FieldT, RowT, WhereT, WhereUniqueT
from infra_runtime.schema import Model

QueryCoT = TypeVar("QueryCoT", covariant=True)


class Queried(Protocol[QueryCoT]):
    """A row class, as it tells checkers of its query."""

    def __query__(self) -> QueryCoT: ...


class SyncQueried(Protocol[QueryCoT]):
    """The same, of its query for blocking code."""

    def __sync_query__(self) -> QueryCoT: ...


def require_one(rows: Sequence[RowT], model: Model) -> RowT:
    """The one of `rows`. Errors: RecordNotFoundError, MultipleRecordsFoundError."""
    if not rows:
        raise RecordNotFoundError(f"one {model.name} was expected, and there is none", model=model.name)
    if len(rows) > 1:
        raise MultipleRecordsFoundError(
            f"one {model.name} was expected, and there are several: narrow the query, or ask for its first()",
            model=model.name,
        )
    return rows[0]


class Query(
    Selecting[WhereT, WhereUniqueT, FieldT],
    Paging[RowT],
    Rows[RowT],
    Generic[RowT, WhereT, WhereUniqueT, FieldT],
):
    """A query that reads, awaitable."""

    async def first(self) -> RowT | None:
        """The first row, or None."""
        name, arguments = first(self._arguments)
        found = await self._run(name, arguments)
        return found if name == "find_first" else None

    async def one(self) -> RowT:
        """The one row there is. Errors: RecordNotFoundError where there is none, MultipleRecordsFoundError for several."""
        return require_one(await self._run("find_many", at_most_two(self._arguments)), self._model)

    async def one_or_none(self) -> RowT | None:
        """The one row there is, or None. Errors: MultipleRecordsFoundError for several."""
        rows = await self._run("find_many", at_most_two(self._arguments))
        return require_one(rows, self._model) if rows else None

    async def hits(
        self,
        *fields: FieldT,
        start: str = NOT_GIVEN,
        stop: str = NOT_GIVEN,
        length: int = NOT_GIVEN,
        escape: bool = NOT_GIVEN,
    ) -> list[Hit[RowT]]:
        """The rows of a search, each with how well it matches, and the texts of `fields` (without them, of those searched) with the words
        between `start` and `stop` (`<mark>` and `</mark>`): all of a text, or about `length` characters of it, special characters of HTML
        escaped unless `escape` is False. Errors: ArgumentError without a search, and for a projection, whose rows are not whole.
        """
        how = given(fields=fields or None, start=start, stop=stop, length=length, escape=escape)
        return await self._run("find_hits", {**self._arguments, "highlight": how})

    async def exists(self) -> bool:
        """Is there a row?"""
        name, arguments = existing(self._arguments)
        return bool(await self._run(name, arguments))

    async def count(self) -> int:
        """How many rows there are; with a limit or an offset, how many of those it leaves."""
        return await self._run("count", counted(self._model, self._arguments, "count"))

    async def aggregate(
        self,
        *,
        count: bool | Mapping[FieldT | Literal["_all"], bool] = NOT_GIVEN,
        avg: Mapping[FieldT, bool] = NOT_GIVEN,
        sum: Mapping[FieldT, bool] = NOT_GIVEN,
        min: Mapping[FieldT, bool] = NOT_GIVEN,
        max: Mapping[FieldT, bool] = NOT_GIVEN,
    ) -> dict[str, Any]:
        """Counts, averages, sums, least and greatest values of the rows, as the repository's `aggregate` answers them.

        Errors: ArgumentError after `distinct`.
        """
        functions = given(count=count, avg=avg, sum=sum, min=min, max=max)
        return await self._run("aggregate", {**counted(self._model, self._arguments, "aggregate"), **functions})

    def group_by(
        self,
        *by: FieldT,
        count: bool | Mapping[FieldT | Literal["_all"], bool] = NOT_GIVEN,
        avg: Mapping[FieldT, bool] = NOT_GIVEN,
        sum: Mapping[FieldT, bool] = NOT_GIVEN,
        min: Mapping[FieldT, bool] = NOT_GIVEN,
        max: Mapping[FieldT, bool] = NOT_GIVEN,
    ) -> Groups[FieldT]:
        """The rows in groups of equal `by`, with aggregates of each: `having`, `order_by`, `limit` and `offset` then speak of groups.

        Errors: ArgumentError after what says which rows by their places, as `limit` does.
        """
        functions = given(count=count, avg=avg, sum=sum, min=min, max=max)
        arguments = {**grouped(self._model, self._arguments), "by": by, **functions}
        return Groups(self._client, self._model, arguments, self._options)

    def stream(self, *, batch_size: int = NOT_GIVEN) -> AsyncGenerator[RowT]:
        """The rows, read while they are wanted, `batch_size` (500) at a time, as the repository's `stream` reads them."""
        arguments = {**self._arguments, **given(batch_size=batch_size)}
        return self._client.stream(self._operation("stream", arguments), self._options)


class WritableQuery(Query[RowT, WhereT, WhereUniqueT, FieldT], Generic[RowT, WhereT, WhereUniqueT, FieldT]):
    """A query that reads, and changes what it would read."""

    async def delete(self) -> int:
        """Deletes the rows and answers how many. A limit takes any of them.

        Errors: ArgumentError after what says which rows by their places, as `offset` does.
        """
        return await self._run("delete_many", changed(self._model, self._arguments, "delete"))

    async def _update(self, data: Any) -> int:
        """Changes the rows and answers how many, as `delete`."""
        return await self._run("update_many", {**changed(self._model, self._arguments, "update"), "data": data})


class SyncQuery(
    SyncSelecting[WhereT, WhereUniqueT, FieldT],
    SyncPaging[RowT],
    SyncRows[RowT],
    Generic[RowT, WhereT, WhereUniqueT, FieldT],
):
    """A query that reads, for blocking code."""

    def first(self) -> RowT | None:
        """The first row, or None."""
        name, arguments = first(self._arguments)
        found = self._run(name, arguments)
        return found if name == "find_first" else None

    def one(self) -> RowT:
        """The one row there is. Errors: RecordNotFoundError where there is none, MultipleRecordsFoundError for several."""
        return require_one(self._run("find_many", at_most_two(self._arguments)), self._model)

    def one_or_none(self) -> RowT | None:
        """The one row there is, or None. Errors: MultipleRecordsFoundError for several."""
        rows = self._run("find_many", at_most_two(self._arguments))
        return require_one(rows, self._model) if rows else None

    def hits(
        self,
        *fields: FieldT,
        start: str = NOT_GIVEN,
        stop: str = NOT_GIVEN,
        length: int = NOT_GIVEN,
        escape: bool = NOT_GIVEN,
    ) -> list[Hit[RowT]]:
        """The rows of a search, each with how well it matches, and the texts of `fields` (without them, of those searched) with the words
        between `start` and `stop` (`<mark>` and `</mark>`): all of a text, or about `length` characters of it, special characters of HTML
        escaped unless `escape` is False. Errors: ArgumentError without a search, and for a projection, whose rows are not whole.
        """
        how = given(fields=fields or None, start=start, stop=stop, length=length, escape=escape)
        return self._run("find_hits", {**self._arguments, "highlight": how})

    def exists(self) -> bool:
        """Is there a row?"""
        name, arguments = existing(self._arguments)
        return bool(self._run(name, arguments))

    def count(self) -> int:
        """How many rows there are; with a limit or an offset, how many of those it leaves."""
        return self._run("count", counted(self._model, self._arguments, "count"))

    def aggregate(
        self,
        *,
        count: bool | Mapping[FieldT | Literal["_all"], bool] = NOT_GIVEN,
        avg: Mapping[FieldT, bool] = NOT_GIVEN,
        sum: Mapping[FieldT, bool] = NOT_GIVEN,
        min: Mapping[FieldT, bool] = NOT_GIVEN,
        max: Mapping[FieldT, bool] = NOT_GIVEN,
    ) -> dict[str, Any]:
        """Counts, averages, sums, least and greatest values of the rows, as the repository's `aggregate` answers them.

        Errors: ArgumentError after `distinct`.
        """
        functions = given(count=count, avg=avg, sum=sum, min=min, max=max)
        return self._run("aggregate", {**counted(self._model, self._arguments, "aggregate"), **functions})

    def group_by(
        self,
        *by: FieldT,
        count: bool | Mapping[FieldT | Literal["_all"], bool] = NOT_GIVEN,
        avg: Mapping[FieldT, bool] = NOT_GIVEN,
        sum: Mapping[FieldT, bool] = NOT_GIVEN,
        min: Mapping[FieldT, bool] = NOT_GIVEN,
        max: Mapping[FieldT, bool] = NOT_GIVEN,
    ) -> SyncGroups[FieldT]:
        """The rows in groups of equal `by`, with aggregates of each: `having`, `order_by`, `limit` and `offset` then speak of groups.

        Errors: ArgumentError after what says which rows by their places, as `limit` does.
        """
        functions = given(count=count, avg=avg, sum=sum, min=min, max=max)
        arguments = {**grouped(self._model, self._arguments), "by": by, **functions}
        return SyncGroups(self._client, self._model, arguments, self._options)

    def stream(self, *, batch_size: int = NOT_GIVEN) -> Generator[RowT]:
        """The rows, read while they are wanted, `batch_size` (500) at a time, as the repository's `stream` reads them."""
        arguments = {**self._arguments, **given(batch_size=batch_size)}
        return self._client.stream(self._operation("stream", arguments), self._options)


class SyncWritableQuery(SyncQuery[RowT, WhereT, WhereUniqueT, FieldT], Generic[RowT, WhereT, WhereUniqueT, FieldT]):
    """A query that reads, and changes what it would read, for blocking code."""

    def delete(self) -> int:
        """Deletes the rows and answers how many. A limit takes any of them.

        Errors: ArgumentError after what says which rows by their places, as `offset` does.
        """
        return self._run("delete_many", changed(self._model, self._arguments, "delete"))

    def _update(self, data: Any) -> int:
        """Changes the rows and answers how many, as `delete`."""
        return self._run("update_many", {**changed(self._model, self._arguments, "update"), "data": data})
