"""Batches: writes collected first and committed together, as `batch_()` of Prisma Client Python.

Writes of one statement each go to the database together, a hundred at a time. Imports `operation`, `effects`, `schema`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from infra_runtime.effects import Program, side_by_side
from infra_runtime.operation import Operation
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure
    from infra_runtime.infrastructure.client import Client
    from infra_runtime.sql_text import Query

TOGETHER = 100
"""Statements that go to the database together at most."""


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
                if not _can_go_together(transaction):
                    for operation in operations:
                        transaction.execute(operation)
                    return
                context, session = transaction._context_of(None), transaction._require_session()
                for program, operation in _programs(transaction, operations):
                    session.run(program, context, operation)

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
                if not _can_go_together(transaction):
                    for operation in operations:
                        await transaction.execute(operation)
                    return
                context, session = transaction._context_of(None), transaction._require_session()
                for program, operation in _programs(transaction, operations):
                    await session.run(program, context, operation)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.commit()


def _can_go_together(client: Client) -> bool:
    """Is there nobody who is told of each operation?"""
    return not client._shared.middleware and client.engine.changes is None


def _programs(client: Client, operations: Sequence[Operation]) -> Iterator[tuple[Program[Any], Operation]]:
    """What runs the operations in their order, each with the last operation that it runs. Made when its turn comes, as an operation's own
    program is: what is wrong with an argument is said after the operations before it have run."""
    context = client._context_of(None)
    together: list[Program[Any]] = []
    last = operations[0]
    for operation in operations:
        try:
            program = client.engine.program(operation, context)
        except Exception:
            yield from _joined(together, last)
            raise
        if program.mode != "write" or len(together) == TOGETHER:
            yield from _joined(together, last)
            together = []
        if program.mode == "write":
            together.append(program)
        else:
            yield program, operation
        last = operation
    yield from _joined(together, last)


def _joined(programs: Sequence[Program[Any]], last: Operation) -> Iterator[tuple[Program[Any], Operation]]:
    """One program of several that are a statement each."""
    if len(programs) == 1:
        yield programs[0], last
    elif programs:
        yield Program("write", side_by_side([program.steps for program in programs])), last
