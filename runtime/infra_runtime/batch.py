"""Batches: writes collected first and committed together, as `batch_()` of Prisma Client Python. Imports `operation`, `schema`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from infra_runtime.operation import Operation
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure
    from infra_runtime.sql_text import Query


class BatchRepository:
    """The writing methods of one model; each is put down and answers nothing."""

    def __init__(self, model: Model, operations: list[Operation]) -> None:
        self._model = model
        self._operations = operations

    def create(self, data: Mapping[str, Any], include: Mapping[str, Any] | None = None) -> None:
        self._add("create", data=data, include=include)

    def create_many(self, data: Sequence[Mapping[str, Any]], *, skip_duplicates: bool | None = None) -> None:
        self._add("create_many", data=data, skip_duplicates=skip_duplicates)

    def update(
        self, data: Mapping[str, Any], where: Mapping[str, Any], include: Mapping[str, Any] | None = None
    ) -> None:
        self._add("update", data=data, where=where, include=include)

    def update_many(
        self,
        data: Mapping[str, Any],
        where: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        search: Mapping[str, Any] | None = None,
    ) -> None:
        self._add("update_many", data=data, where=where, limit=limit, search=search)

    def upsert(
        self, where: Mapping[str, Any], data: Mapping[str, Any], include: Mapping[str, Any] | None = None
    ) -> None:
        self._add("upsert", where=where, data=data, include=include)

    def upsert_many(self, data: Sequence[Mapping[str, Any]]) -> None:
        self._add("upsert_many", data=data)

    def delete(self, where: Mapping[str, Any], include: Mapping[str, Any] | None = None) -> None:
        self._add("delete", where=where, include=include)

    def delete_many(
        self,
        where: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        search: Mapping[str, Any] | None = None,
    ) -> None:
        self._add("delete_many", where=where, limit=limit, search=search)

    def restore(self, where: Mapping[str, Any], include: Mapping[str, Any] | None = None) -> None:
        self._add("restore", where=where, include=include)

    def restore_many(self, where: Mapping[str, Any] | None = None, *, limit: int | None = None) -> None:
        self._add("restore_many", where=where, limit=limit)

    def purge(self, where: Mapping[str, Any], include: Mapping[str, Any] | None = None) -> None:
        self._add("purge", where=where, include=include)

    def purge_many(self, where: Mapping[str, Any] | None = None, *, limit: int | None = None) -> None:
        self._add("purge_many", where=where, limit=limit)

    def _add(self, name: str, **arguments: Any) -> None:
        given = {key: value for key, value in arguments.items() if value is not None}
        self._operations.append(Operation(name, self._model, given))


class _Batch:
    """What both interfaces share: the operations so far, and the repositories that add to them."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._operations: list[Operation] = []
        self._models = {model.attribute: model for model in models}

    def __getattr__(self, attribute: str) -> BatchRepository:
        model = self.__dict__.get("_models", {}).get(attribute)
        if model is None:
            raise AttributeError(f"the batch has no model {attribute!r}")
        return BatchRepository(model, self._operations)

    def execute_raw(self, query: Query, *parameters: Any) -> None:
        self._operations.append(Operation("execute_raw", None, {"query": query, "parameters": parameters}))

    def _taken(self) -> list[Operation]:
        """The operations so far; the repositories of the batch go on with an empty list."""
        taken = list(self._operations)
        self._operations.clear()
        return taken


class SyncBatch(_Batch):
    """A batch of a sync client."""

    def __init__(self, client: SyncInfrastructure) -> None:
        super().__init__(client.engine.schema.models)
        self._client = client

    def commit(self) -> None:
        """Runs what was collected in one transaction, and starts afresh."""
        operations = self._taken()
        if operations:
            with self._client.transaction(timeout=None) as transaction:
                for operation in operations:
                    transaction.execute(operation)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()


class Batch(_Batch):
    """A batch of an async client."""

    def __init__(self, client: Infrastructure) -> None:
        super().__init__(client.engine.schema.models)
        self._client = client

    async def commit(self) -> None:
        """Runs what was collected in one transaction, and starts afresh."""
        operations = self._taken()
        if operations:
            async with self._client.transaction(timeout=None) as transaction:
                for operation in operations:
                    await transaction.execute(operation)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.commit()
