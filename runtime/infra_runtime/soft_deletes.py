"""Repositories of models that keep deleted rows (`@infra.softDelete`): `Repository`, and what there is to do with such rows.

`delete` only marks rows here; whatever else is called sees nothing of marked ones. Imports `repository`, `operation` and `schema` of the runtime.
"""

# mypy: disable-error-code="no-any-return"
# What `execute` answers is an Any; the signatures here say what it is.

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any, Generic, Literal, Self

from infra_runtime.operation import Operation
from infra_runtime.repository import (
    NOT_GIVEN,
    CreateManyT,
    CreateT,
    FieldT,
    FoundT,
    IdT,
    IncludeT,
    Options,
    OrderT,
    Repository,
    RowT,
    SyncRepository,
    UpdateManyT,
    UpdateT,
    UpsertManyT,
    UpsertT,
    WhereT,
    WhereUniqueT,
)
from infra_runtime.schema import Model

SEE_NONE = frozenset(
    {
        "create",
        "create_many",
        "create_many_and_return",
        "upsert",
        "upsert_many",
        "restore",
        "restore_many",
        "query_raw",
        "query_first",
        "execute_raw",
    }
)
"""The operations that cannot be told which of the deleted rows they are about; all others read rows that are there."""


class _Views:
    """What both interfaces share."""

    _client: Any
    _model: Model

    def with_deleted(self) -> Self:
        """These methods, for which deleted rows are there too: in reads and updates of this model, not in relations of others."""
        return self._seeing("with")

    def only_deleted(self) -> Self:
        """These methods, for which only deleted rows are there."""
        return self._seeing("only")

    def _seeing(self, deleted: Literal["with", "only"]) -> Self:
        view = copy(self)
        view._client = _SeeingClient(self._client, self._model, deleted)
        return view


class _SeeingClient:
    """A client whose operations on one model say which of its deleted rows they are about; so do queries that are made with it."""

    def __init__(self, client: Any, model: Model, deleted: Literal["with", "only"]) -> None:
        self._client = client
        self._model = model
        self._deleted = deleted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def execute(self, operation: Operation, options: Options | None = None) -> Any:
        return self._client.execute(self._told(operation), options)

    def stream(self, operation: Operation, options: Options | None = None) -> Any:
        return self._client.stream(self._told(operation), options)

    def statements(self, operation: Operation, options: Options | None = None) -> Any:
        return self._client.statements(self._told(operation), options)

    def _told(self, operation: Operation) -> Operation:
        if operation.name == "explain":
            explained = self._told(operation.arguments["operation"])
            return replace(operation, arguments={**operation.arguments, "operation": explained})
        if operation.model is not self._model or operation.name in SEE_NONE:
            return operation
        if operation.arguments.get("deleted", "without") != "without":
            # A query that says so itself.
            return operation
        return replace(operation, arguments={**operation.arguments, "deleted": self._deleted})


class SoftDeleteRepository(
    _Views,
    Repository[
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
    """The methods of a model that keeps deleted rows, awaitable."""

    async def restore(
        self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> FoundT:
        """Brings back the deleted row with this unique key, and what was deleted with it. Errors: RecordNotFoundError, UniqueViolationError."""
        return await self._run("restore", options, {"where": where, "include": include})

    async def restore_many(
        self, where: WhereT = NOT_GIVEN, *, limit: int = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> int:
        """Brings back the deleted rows that `where` lets through, `limit` at most, and what was deleted with them; answers how many of the first."""
        return await self._run("restore_many", options, {"where": where, "limit": limit})

    async def purge(
        self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN
    ) -> FoundT:
        """Deletes the row with this unique key for good, be it marked as deleted or not. Errors: RecordNotFoundError."""
        return await self._run("purge", options, {"where": where, "include": include})

    async def purge_many(
        self, where: WhereT = NOT_GIVEN, *, limit: int = NOT_GIVEN, options: Options = NOT_GIVEN
    ) -> int:
        """Deletes all rows that `where` lets through for good, `limit` at most, marked as deleted or not, and answers how many."""
        return await self._run("purge_many", options, {"where": where, "limit": limit})


class SyncSoftDeleteRepository(
    _Views,
    SyncRepository[
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
    """The methods of a model that keeps deleted rows, for blocking code."""

    def restore(self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN) -> FoundT:
        """Brings back the deleted row with this unique key, and what was deleted with it. Errors: RecordNotFoundError, UniqueViolationError."""
        return self._run("restore", options, {"where": where, "include": include})

    def restore_many(self, where: WhereT = NOT_GIVEN, *, limit: int = NOT_GIVEN, options: Options = NOT_GIVEN) -> int:
        """Brings back the deleted rows that `where` lets through, `limit` at most, and what was deleted with them; answers how many of the first."""
        return self._run("restore_many", options, {"where": where, "limit": limit})

    def purge(self, where: WhereUniqueT, include: IncludeT = NOT_GIVEN, *, options: Options = NOT_GIVEN) -> FoundT:
        """Deletes the row with this unique key for good, be it marked as deleted or not. Errors: RecordNotFoundError."""
        return self._run("purge", options, {"where": where, "include": include})

    def purge_many(self, where: WhereT = NOT_GIVEN, *, limit: int = NOT_GIVEN, options: Options = NOT_GIVEN) -> int:
        """Deletes all rows that `where` lets through for good, `limit` at most, marked as deleted or not, and answers how many."""
        return self._run("purge_many", options, {"where": where, "limit": limit})
