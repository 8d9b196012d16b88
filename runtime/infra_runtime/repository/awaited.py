"""The methods of one model, awaitable. Imports `repository.calls` and `repository.types`."""

# mypy: disable-error-code="no-any-return"
# What `execute` answers is an Any; the signatures here say what it is.

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, overload

from infra_runtime.repository.calls import AsyncClient, ModelMethods, ProjectedMethods
from infra_runtime.repository.types import (
    NOT_GIVEN,
    Aggregate,
    CreateManyT,
    CreateT,
    FieldT,
    FoundT,
    IdT,
    IncludeT,
    Logic,
    Options,
    OrderT,
    RowT,
    Seek,
    ShapeT,
    UpdateManyT,
    UpdateT,
    UpsertManyT,
    UpsertT,
    WhereT,
    WhereUniqueT,
)
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.arguments.projection import ProjectionOf
    from infra_runtime.filters import Highlight, Search
    from infra_runtime.hits import Hit
    from infra_runtime.loader import Loader
    from infra_runtime.sql_text import Query


class Reads(ModelMethods, Generic[RowT, WhereT, WhereUniqueT, IncludeT, OrderT, FieldT, IdT]):
    """The methods that read, awaitable."""

    def __init__(self, client: AsyncClient) -> None:
        super().__init__(client)
        self._client = client

    def _run(self, name: str, options: Options | None, arguments: dict[str, Any]) -> Any:
        return self._client.execute(self._operation(name, arguments), options)

    def project(
        self, projection: type[ProjectionOf[RowT, ShapeT]]
    ) -> Reads[ShapeT, WhereT, WhereUniqueT, Never, OrderT, FieldT, IdT]:
        """These methods, answering instances of a projection of the model: only what it declares is read.

        Errors: InputError for a projection of another model; ProjectionError for one that does not fit.
        """
        return _ProjectedReads(self._client, self._model, projection)

    async def find_unique(
        self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> RowT | None:
        """The row with this unique key, or None."""
        return await self._run("find_unique", options, {"where": where, "include": include})

    async def find_unique_or_raise(
        self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> RowT:
        """The row with this unique key. Errors: RecordNotFoundError."""
        return await self._run("find_unique_or_raise", options, {"where": where, "include": include})

    async def find_many_by_ids(
        self,
        ids: Iterable[IdT],
        include: IncludeT = NOT_GIVEN,
        *,
        missing: Literal["skip", "raise"] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> list[RowT]:
        """The rows with these ids, in the order of the ids, in as few statements as the database takes.

        A compound id is the tuple of its fields' values. `missing`: an id that no row has is passed over, or else
        (`raise`) refused. Errors: RecordNotFoundError.
        """
        return await self._run("find_many_by_ids", options, {"ids": ids, "include": include, "missing": missing})

    def loader(
        self, include: IncludeT = NOT_GIVEN, *, batch_size: int = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> Loader[IdT, RowT]:
        """What joins the point reads of one turn of the event loop into one statement: `await loader.load(id)`.

        Make one for each request; it remembers what it has read. `batch_size`: how many ids are read at once (1000).
        Errors: ArgumentError.
        """
        return self._loader(NOT_GIVEN, include, batch_size, options)

    def loader_by(
        self, key: str, include: IncludeT = NOT_GIVEN, *, batch_size: int = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> Loader[Any, RowT]:
        """The same by another unique key: `infra.user.loader_by("email")`; of a compound one, by tuples of its fields' values."""
        return self._loader(key, include, batch_size, options)

    def _loader(self, key: str, include: IncludeT, batch_size: int, options: Options) -> Loader[Any, RowT]:
        from infra_runtime.loader import made_loader

        def read(ids: Sequence[Any]) -> Awaitable[Sequence[Any]]:
            wanted = {"ids": ids, "include": include, "key": key, "missing": "none"}
            return self._run("find_many_by_ids", options, wanted)

        return made_loader(self._client, self._model, read, key, batch_size)

    async def find_first(
        self,
        skip: int = NOT_GIVEN,
        where: WhereT = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        order: OrderT | Sequence[OrderT] = NOT_GIVEN,
        distinct: Sequence[FieldT] = NOT_GIVEN,
        *,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> RowT | None:
        """The first row that `where` lets through, in `order`, or None."""
        return await self._run(
            "find_first",
            options,
            {
                "skip": skip,
                "where": where,
                "cursor": cursor,
                "include": include,
                "order": order,
                "distinct": distinct,
                "search": search,
            },
        )

    async def find_first_or_raise(
        self,
        skip: int = NOT_GIVEN,
        where: WhereT = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        order: OrderT | Sequence[OrderT] = NOT_GIVEN,
        distinct: Sequence[FieldT] = NOT_GIVEN,
        *,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> RowT:
        """The first row that `where` lets through, in `order`. Errors: RecordNotFoundError."""
        return await self._run(
            "find_first_or_raise",
            options,
            {
                "skip": skip,
                "where": where,
                "cursor": cursor,
                "include": include,
                "order": order,
                "distinct": distinct,
                "search": search,
            },
        )

    async def find_many(
        self,
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        where: WhereT = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        order: OrderT | Sequence[OrderT] = NOT_GIVEN,
        distinct: Sequence[FieldT] = NOT_GIVEN,
        *,
        search: Search[FieldT] = NOT_GIVEN,
        seek: Seek = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> list[RowT]:
        """All rows that `where` lets through, in `order`.

        `take` limits them (a negative one counts from the end), `skip` leaves some out, `cursor` is the row to begin with; `seek` is
        values of the order's keys to begin after, or to end before: `{"after": {"created_at": moment, "id": 7}}`.
        """
        return await self._run(
            "find_many",
            options,
            {
                "take": take,
                "skip": skip,
                "where": where,
                "search": search,
                "cursor": cursor,
                "include": include,
                "order": order,
                "distinct": distinct,
                "seek": seek,
            },
        )

    async def find_hits(
        self,
        search: Search[FieldT],
        where: WhereT = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        order: OrderT | Sequence[OrderT] = NOT_GIVEN,
        *,
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        highlight: Highlight[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> list[Hit[RowT]]:
        """The rows of `find_many` with this search, each with how well it matches and with its texts, in which the words are marked."""
        return await self._run(
            "find_hits",
            options,
            {
                "search": search,
                "where": where,
                "include": include,
                "order": order,
                "take": take,
                "skip": skip,
                "highlight": highlight,
            },
        )

    def stream(
        self,
        where: WhereT = NOT_GIVEN,
        order: OrderT | Sequence[OrderT] = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        *,
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        distinct: Sequence[FieldT] = NOT_GIVEN,
        batch_size: int = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> AsyncGenerator[RowT]:
        """The rows of `find_many`, read while they are wanted: `batch_size` (500) at a time, in memory that does not grow with their number.

        All come from one state of the data, on one connection that is free again after the last, or when the generator is closed.
        In a transaction it is the transaction's. `include` costs its statements once per batch.
        """
        return self._client.stream(
            self._operation(
                "stream",
                {
                    "where": where,
                    "search": search,
                    "order": order,
                    "include": include,
                    "take": take,
                    "skip": skip,
                    "cursor": cursor,
                    "distinct": distinct,
                    "batch_size": batch_size,
                },
            ),
            options,
        )

    async def exists(
        self, where: WhereT = NOT_GIVEN, *, search: Search[FieldT] = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> bool:
        """Is there a row that `where` lets through?"""
        return await self._run("exists", options, {"where": where, "search": search})

    @overload
    async def count(
        self,
        select: None = None,
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        where: WhereT = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        *,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> int: ...

    @overload
    async def count(
        self,
        select: Mapping[FieldT | Literal["_all"], bool],
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        where: WhereT = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        *,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> dict[str, int]: ...

    async def count(
        self,
        select: Mapping[FieldT | Literal["_all"], bool] | None = None,
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        where: WhereT = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        *,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> int | dict[str, int]:
        """How many rows `where` lets through; with `select`, for each field how many that are not null."""
        return await self._run(
            "count",
            options,
            {"select": select, "take": take, "skip": skip, "where": where, "cursor": cursor, "search": search},
        )

    async def aggregate(
        self,
        where: WhereT = NOT_GIVEN,
        order: OrderT | Sequence[OrderT] = NOT_GIVEN,
        cursor: WhereUniqueT = NOT_GIVEN,
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        *,
        count: bool | Mapping[FieldT | Literal["_all"], bool] = NOT_GIVEN,
        avg: Mapping[FieldT, bool] = NOT_GIVEN,
        sum: Mapping[FieldT, bool] = NOT_GIVEN,
        min: Mapping[FieldT, bool] = NOT_GIVEN,
        max: Mapping[FieldT, bool] = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> dict[str, Any]:
        """Counts, averages, sums, least and greatest values of the rows that `where` lets through.

        Answers a dict with `_count`, `_avg`, `_sum`, `_min` and `_max`, as far as they were asked for.
        """
        return await self._run(
            "aggregate",
            options,
            {
                "where": where,
                "search": search,
                "order": order,
                "cursor": cursor,
                "take": take,
                "skip": skip,
                "count": count,
                "avg": avg,
                "sum": sum,
                "min": min,
                "max": max,
            },
        )

    async def group_by(
        self,
        by: Sequence[FieldT],
        *,
        where: WhereT = NOT_GIVEN,
        take: int = NOT_GIVEN,
        skip: int = NOT_GIVEN,
        avg: Mapping[FieldT, bool] = NOT_GIVEN,
        sum: Mapping[FieldT, bool] = NOT_GIVEN,
        min: Mapping[FieldT, bool] = NOT_GIVEN,
        max: Mapping[FieldT, bool] = NOT_GIVEN,
        having: Mapping[FieldT | Logic, Any] = NOT_GIVEN,
        count: bool | Mapping[FieldT | Literal["_all"], bool] = NOT_GIVEN,
        order: Mapping[FieldT | Aggregate, Any] | Sequence[Mapping[FieldT | Aggregate, Any]] = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> list[dict[str, Any]]:
        """The rows that `where` lets through, in groups of equal `by`, each group a dict with its aggregates.

        Errors: TypeError for `take` or `skip` without `order`.
        """
        return await self._run(
            "group_by",
            options,
            {
                "by": by,
                "where": where,
                "search": search,
                "take": take,
                "skip": skip,
                "avg": avg,
                "sum": sum,
                "min": min,
                "max": max,
                "having": having,
                "count": count,
                "order": order,
            },
        )

    async def query_raw(self, query: Query, *parameters: Any, options: Options = NOT_GIVEN) -> list[RowT]:
        """The rows of your own SQL, as rows of this model: it must answer every column. Errors: RawQueryError."""
        return await self._run("query_raw", options, {"query": query, "parameters": parameters})

    async def query_first(self, query: Query, *parameters: Any, options: Options = NOT_GIVEN) -> RowT | None:
        """The first row of your own SQL, as a row of this model, or None. Errors: RawQueryError."""
        return await self._run("query_first", options, {"query": query, "parameters": parameters})


class Repository(
    Reads[RowT, WhereT, WhereUniqueT, IncludeT, OrderT, FieldT, IdT],
    Generic[
        RowT,
        WhereT,
        WhereUniqueT,
        IncludeT,
        OrderT,
        FieldT,
        CreateT,
        CreateManyT,
        UpdateT,
        UpdateManyT,
        UpsertT,
        UpsertManyT,
        FoundT,
        IdT,
    ],
):
    """The methods that read and write, awaitable."""

    async def create(self, data: CreateT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN) -> RowT:
        """Makes a row, and what `data` nests in it. Errors: UniqueViolationError, ForeignKeyViolationError."""
        return await self._run("create", options, {"data": data, "include": include})

    async def create_many(
        self, data: Sequence[CreateManyT], *, skip_duplicates: bool = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> int:
        """Makes many rows and answers how many. Errors: UniqueViolationError, unless `skip_duplicates`."""
        return await self._run("create_many", options, {"data": data, "skip_duplicates": skip_duplicates})

    async def create_many_and_return(
        self,
        data: Sequence[CreateManyT],
        *,
        skip_duplicates: bool = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> list[RowT]:
        """Makes many rows and answers those it made."""
        return await self._run(
            "create_many_and_return", options, {"data": data, "skip_duplicates": skip_duplicates, "include": include}
        )

    async def update(
        self, data: UpdateT, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> FoundT:
        """Changes the row with this unique key, and what `data` nests in it. Errors: RecordNotFoundError."""
        return await self._run("update", options, {"data": data, "where": where, "include": include})

    async def update_many(
        self,
        data: UpdateManyT,
        where: WhereT = NOT_GIVEN,
        *,
        limit: int = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> int:
        """Changes all rows that `where` lets through, `limit` at most, and answers how many."""
        return await self._run("update_many", options, {"data": data, "where": where, "limit": limit, "search": search})

    async def update_many_and_return(
        self,
        data: UpdateManyT,
        where: WhereT = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        *,
        limit: int = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> list[RowT]:
        """Changes all rows that `where` lets through, `limit` at most, and answers them."""
        return await self._run(
            "update_many_and_return",
            options,
            {"data": data, "where": where, "include": include, "limit": limit, "search": search},
        )

    async def upsert(
        self,
        where: WhereUniqueT,
        data: UpsertT,
        include: IncludeT = NOT_GIVEN,
        *,
        options: Options = NOT_GIVEN,
    ) -> RowT:
        """Changes the row with this unique key, or makes it where there is none."""
        return await self._run("upsert", options, {"where": where, "data": data, "include": include})

    async def upsert_many(self, data: Sequence[UpsertManyT], *, options: Options = NOT_GIVEN) -> int:
        """An upsert for each of `data`, in their order, all or none; answers how many."""
        return await self._run("upsert_many", options, {"data": data})

    async def delete(
        self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> FoundT:
        """Deletes the row with this unique key and answers what it was. Errors: RecordNotFoundError."""
        return await self._run("delete", options, {"where": where, "include": include})

    async def delete_many(
        self,
        where: WhereT = NOT_GIVEN,
        *,
        limit: int = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> int:
        """Deletes all rows that `where` lets through, `limit` at most, and answers how many."""
        return await self._run("delete_many", options, {"where": where, "limit": limit, "search": search})


class _ProjectedReads(ProjectedMethods, Reads[RowT, WhereT, WhereUniqueT, IncludeT, OrderT, FieldT, IdT]):
    def __init__(self, client: AsyncClient, model: Model, projection: Any) -> None:
        self._set(model, projection)
        self._client = client
