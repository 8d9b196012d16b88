"""How the methods of both interfaces become operations. Imports `operation`, `schema` and `arguments` of the runtime."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Generator
from typing import Any, ClassVar, Protocol

from infra_runtime.operation import Operation
from infra_runtime.repository.types import NOT_GIVEN, Options
from infra_runtime.schema import Model, Schema


class Engine(Protocol):
    @property
    def schema(self) -> Schema: ...


class Client(Protocol):
    @property
    def engine(self) -> Engine: ...


class AsyncClient(Client, Protocol):
    def execute(self, operation: Operation, options: Options | None = None) -> Awaitable[Any]: ...

    def stream(self, operation: Operation, options: Options | None = None) -> AsyncGenerator[Any]: ...


class SyncClient(Client, Protocol):
    def execute(self, operation: Operation, options: Options | None = None) -> Any: ...

    def stream(self, operation: Operation, options: Options | None = None) -> Generator[Any]: ...


class ModelMethods:
    """What both interfaces share: the model, and how a call becomes an operation."""

    model_name: ClassVar[str]
    _model: Model

    def __init__(self, client: Client) -> None:
        self._model = client.engine.schema.model[self.model_name]

    def _operation(self, name: str, arguments: dict[str, Any]) -> Operation:
        given = {}
        # A loop, as every call comes by here, and a comprehension is a call more.
        for argument, value in arguments.items():
            if value is not NOT_GIVEN:
                given[argument] = value
        return Operation(name, self._model, given)


_ANSWER_NO_ROWS = frozenset({"exists", "count", "aggregate", "group_by"})
_RAW = frozenset({"query_raw", "query_first"})


class ProjectedMethods(ModelMethods):
    """How the calls of projected reads become operations."""

    def _set(self, model: Model, projection: Any) -> None:
        from infra_runtime.arguments.projection import refuse_foreign

        refuse_foreign(model, projection)
        self._model = model
        self._projection = projection

    def _operation(self, name: str, arguments: dict[str, Any]) -> Operation:
        if name in _RAW:
            return Operation(name, None, {**arguments, "validate": self._projection.model_validate})
        if name not in _ANSWER_NO_ROWS:
            arguments = {**arguments, "projection": self._projection}
        return super()._operation(name, arguments)
