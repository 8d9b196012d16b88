"""What everything has that is put together step by step: an immutable value that becomes one operation, and ways to run it.

`Composed` holds a client, a model, the arguments of an operation under their names there, and options. `Rows` and `SyncRows` answer
lists of it, awaitable and blocking. Imports `errors`, `operation`, `repository` and `schema` of the runtime.
"""

# mypy: disable-error-code="no-any-return"
# What `execute` answers is an Any; the signatures here say what it is.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar

from infra_runtime.errors import ArgumentError, InputError
from infra_runtime.operation import Operation
from infra_runtime.repository import Options, RowT
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.operations.explain import SqlStatement

Applied = TypeVar("Applied")
Parameters = ParamSpec("Parameters")
Arguments = Mapping[str, Any]

NOTHING: Arguments = MappingProxyType({})
NOT_SAID: Any = "\0"
"""An argument that nobody gave, where None says something: a page's token of None is the one at the beginning, or at the end."""

SAID_BY = {
    "take": "limit",
    "skip": "offset",
    "cursor": "cursor",
    "distinct": "distinct",
    "order": "order_by",
    "seek": "paginate",
}
"""The methods that say what operations call otherwise."""


class Composed:
    """What is asked so far, of which model, and by way of which client. Every method answers another one and leaves this as it is."""

    _name: ClassVar[str] = "find_many"
    """The operation it becomes."""

    def __init__(
        self, client: Any, model: Model, arguments: Arguments = NOTHING, options: Options | None = None
    ) -> None:
        self._client = client
        self._model = model
        self._arguments = arguments
        self._options = options

    def __repr__(self) -> str:
        """What was said, without the values: those may be anybody's."""
        return f"<{type(self).__name__} on {self._model.name}: {', '.join(self._arguments) or 'everything'}>"

    def limit(self, limit: int) -> Self:
        """At most `limit` of them. Errors: InputError below 0, or above the client's `max_limit`."""
        most = self._client.engine.max_limit
        if most is not None and _whole_number("limit", limit) > most:
            raise InputError(
                f"{limit} is more than this client allows, which is {most} (its max_limit): read pages, or a stream",
                path=("limit",),
                model=self._model.name,
            )
        return self._with(take=_whole_number("limit", limit))

    def offset(self, offset: int) -> Self:
        """Leaves out the first `offset`. Errors: InputError below 0."""
        return self._with(skip=_whole_number("offset", offset))

    def options(self, **options: Any) -> Self:
        """What is no part of the query: `timeout` in seconds, and what plug-ins read; added to what was said before."""
        return self._copy(self._arguments, {**(self._options or NOTHING), **options})

    def cache(self, *, ttl: float | None = None, tags: Sequence[str] = ()) -> Self:
        """Lets the answer be kept for `ttl` seconds (None: the model's own time), under `tags` besides the model's own.

        It reaches middleware as the option `cache`; without a cache in it nothing is kept.
        """
        wanted: dict[str, Any] = {} if ttl is None else {"ttl": ttl}
        if tags:
            wanted["tags"] = tuple(tags)
        return self.options(cache=wanted)

    def apply(
        self,
        function: Callable[Concatenate[Self, Parameters], Applied],
        *arguments: Parameters.args,
        **keywords: Parameters.kwargs,
    ) -> Applied:
        """`function(self, …)`, within the chain: for parts of queries that have a name of their own."""
        return function(self, *arguments, **keywords)

    def to_sql(self) -> tuple[SqlStatement, ...]:
        """The statements that `execute` would send, without sending them: what it begins with, and one for each relation.

        The client need not be connected; then the SQL is that of the schema's provider. Errors: those of `execute` before any SQL.
        """
        try:
            return self._client.statements(self._operation(self._name, self._arguments), self._options)
        except ArgumentError as error:
            _named_as_said(error)
            raise

    def _with(self, **arguments: Any) -> Self:
        return self._copy({**self._arguments, **arguments}, self._options)

    def _copy(self, arguments: Arguments, options: Options | None) -> Self:
        made = object.__new__(type(self))
        made._client, made._model, made._arguments, made._options = self._client, self._model, arguments, options
        return made

    def _operation(self, name: str, arguments: Arguments) -> Operation:
        return Operation(name, self._model, arguments)

    def _explained(self, analyze: bool) -> Arguments:
        return {"operation": self._operation(self._name, self._arguments), "analyze": analyze}


def _whole_number(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"expected int, got {type(value).__name__}", path=(name,))
    if value < 0:
        raise InputError(f"{name} cannot be negative", path=(name,))
    return value


def _named_as_said(error: ArgumentError) -> None:
    """Names a clause in the path of an error as it is said, not as operations call it."""
    if error.path:
        error.path = (SAID_BY.get(str(error.path[0]), error.path[0]), *error.path[1:])


class Rows(Composed, Generic[RowT]):
    """Answers a list, awaitable."""

    async def execute(self) -> list[RowT]:
        """All of them, in order."""
        return await self._run(self._name, self._arguments)

    async def all(self) -> list[RowT]:
        """All of them, in order."""
        return await self._run(self._name, self._arguments)

    async def explain(self, *, analyze: bool = False) -> str:
        """How the database would go about it, as it says itself; `analyze`: it also does, and says what that took.

        What is explained is the first statement of `to_sql`. SQLite cannot analyze.
        """
        return await self._run("explain", self._explained(analyze))

    async def _run(self, name: str, arguments: Arguments) -> Any:
        try:
            return await self._client.execute(self._operation(name, arguments), self._options)
        except ArgumentError as error:
            _named_as_said(error)
            raise


class SyncRows(Composed, Generic[RowT]):
    """Answers a list, for blocking code."""

    def execute(self) -> list[RowT]:
        """All of them, in order."""
        return self._run(self._name, self._arguments)

    def all(self) -> list[RowT]:
        """All of them, in order."""
        return self._run(self._name, self._arguments)

    def explain(self, *, analyze: bool = False) -> str:
        """How the database would go about it, as it says itself; `analyze`: it also does, and says what that took.

        What is explained is the first statement of `to_sql`. SQLite cannot analyze.
        """
        return self._run("explain", self._explained(analyze))

    def _run(self, name: str, arguments: Arguments) -> Any:
        try:
            return self._client.execute(self._operation(name, arguments), self._options)
        except ArgumentError as error:
            _named_as_said(error)
            raise
