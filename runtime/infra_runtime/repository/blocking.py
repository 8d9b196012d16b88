"""The methods of one model, for blocking code. Imports `repository.calls` and `repository.types`."""

# mypy: disable-error-code="no-any-return"
# What `execute` answers is an Any; the signatures here say what it is.

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, overload

from infra_runtime.repository.calls import ModelMethods, ProjectedMethods, SyncClient
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
    from infra_runtime.sql_text import Query


class SyncReads(ModelMethods, Generic[RowT, WhereT, WhereUniqueT, IncludeT, OrderT, FieldT, IdT]):
    """The methods that read, for blocking code."""

    def __init__(self, client: SyncClient) -> None:
        super().__init__(client)
        self._client = client

    def _run(self, name: str, options: Options | None, arguments: dict[str, Any]) -> Any:
        return self._client.execute(self._operation(name, arguments), options)

    def project(
        self, projection: type[ProjectionOf[RowT, ShapeT]]
    ) -> SyncReads[ShapeT, WhereT, WhereUniqueT, Never, OrderT, FieldT, IdT]:
        """These methods, answering instances of a projection of the model: only what it declares is read.

        Errors: InputError for a projection of another model; ProjectionError for one that does not fit.
        """
        return _SyncProjectedReads(self._client, self._model, projection)

    def find_unique(
        self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> RowT | None:
        """The row with this unique key, or None."""
        return self._run("find_unique", options, {"where": where, "include": include})

    def find_unique_or_raise(
        self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> RowT:
        """The row with this unique key. Errors: RecordNotFoundError."""
        return self._run("find_unique_or_raise", options, {"where": where, "include": include})

    def find_many_by_ids(
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
        return self._run("find_many_by_ids", options, {"ids": ids, "include": include, "missing": missing})

    def find_first(
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
        return self._run(
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

    def find_first_or_raise(
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
        return self._run(
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

    def find_many(
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
        return self._run(
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

    def find_hits(
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
        return self._run(
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
    ) -> Generator[RowT]:
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

    def exists(
        self, where: WhereT = NOT_GIVEN, *, search: Search[FieldT] = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> bool:
        """Is there a row that `where` lets through?"""
        return self._run("exists", options, {"where": where, "search": search})

    @overload
    def count(
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
    def count(
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

    def count(
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
        return self._run(
            "count",
            options,
            {"select": select, "take": take, "skip": skip, "where": where, "cursor": cursor, "search": search},
        )

    def aggregate(
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
        return self._run(
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

    def group_by(
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
        return self._run(
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

    def query_raw(self, query: Query, *parameters: Any, options: Options = NOT_GIVEN) -> list[RowT]:
        """The rows of your own SQL, as rows of this model: it must answer every column. Errors: RawQueryError."""
        return self._run("query_raw", options, {"query": query, "parameters": parameters})

    def query_first(self, query: Query, *parameters: Any, options: Options = NOT_GIVEN) -> RowT | None:
        """The first row of your own SQL, as a row of this model, or None. Errors: RawQueryError."""
        return self._run("query_first", options, {"query": query, "parameters": parameters})


class SyncRepository(
    SyncReads[RowT, WhereT, WhereUniqueT, IncludeT, OrderT, FieldT, IdT],
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
    """The methods that read and write, for blocking code."""

    def create(self, data: CreateT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN) -> RowT:
        """Makes a row, and what `data` nests in it. Errors: UniqueViolationError, ForeignKeyViolationError."""
        return self._run("create", options, {"data": data, "include": include})

    def create_many(
        self, data: Sequence[CreateManyT], *, skip_duplicates: bool = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> int:
        """Makes many rows and answers how many. Errors: UniqueViolationError, unless `skip_duplicates`."""
        return self._run("create_many", options, {"data": data, "skip_duplicates": skip_duplicates})

    def create_many_and_return(
        self,
        data: Sequence[CreateManyT],
        *,
        skip_duplicates: bool = NOT_GIVEN,
        include: IncludeT = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> list[RowT]:
        """Makes many rows and answers those it made."""
        return self._run(
            "create_many_and_return", options, {"data": data, "skip_duplicates": skip_duplicates, "include": include}
        )

    def update(
        self, data: UpdateT, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> FoundT:
        """Changes the row with this unique key, and what `data` nests in it. Errors: RecordNotFoundError."""
        return self._run("update", options, {"data": data, "where": where, "include": include})

    def update_many(
        self,
        data: UpdateManyT,
        where: WhereT = NOT_GIVEN,
        *,
        limit: int = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> int:
        """Changes all rows that `where` lets through, `limit` at most, and answers how many."""
        return self._run("update_many", options, {"data": data, "where": where, "limit": limit, "search": search})

    def update_many_and_return(
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
        return self._run(
            "update_many_and_return",
            options,
            {"data": data, "where": where, "include": include, "limit": limit, "search": search},
        )

    def upsert(
        self,
        where: WhereUniqueT,
        data: UpsertT,
        include: IncludeT = NOT_GIVEN,
        *,
        options: Options = NOT_GIVEN,
    ) -> RowT:
        """Changes the row with this unique key, or makes it where there is none."""
        return self._run("upsert", options, {"where": where, "data": data, "include": include})

    def upsert_many(self, data: Sequence[UpsertManyT], *, options: Options = NOT_GIVEN) -> int:
        """An upsert for each of `data`, in their order, all or none; answers how many."""
        return self._run("upsert_many", options, {"data": data})

    def delete(self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN) -> FoundT:
        """Deletes the row with this unique key and answers what it was. Errors: RecordNotFoundError."""
        return self._run("delete", options, {"where": where, "include": include})

    def delete_many(
        self,
        where: WhereT = NOT_GIVEN,
        *,
        limit: int = NOT_GIVEN,
        search: Search[FieldT] = NOT_GIVEN,
        options: Options = NOT_GIVEN,
    ) -> int:
        """Deletes all rows that `where` lets through, `limit` at most, and answers how many."""
        return self._run("delete_many", options, {"where": where, "limit": limit, "search": search})


class _SyncProjectedReads(ProjectedMethods, SyncReads[RowT, WhereT, WhereUniqueT, IncludeT, OrderT, FieldT, IdT]):
    def __init__(self, client: SyncClient, model: Model, projection: Any) -> None:
        self._set(model, projection)
        self._client = client
