"""What sync and async clients share: schema, dialect, plans, codecs, row types, scopes; and the way from an operation to a program.

An engine does no I/O. It is made once per client and shared by everything bound to it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from infra_runtime.context import OperationContext
from infra_runtime.dialects import DIALECTS, PRODUCTS
from infra_runtime.effects import Program, Stream
from infra_runtime.operation import Operation
from infra_runtime.schema import Enum, Model, ScalarField, Schema
from infra_runtime.urls import ISO_8601

if TYPE_CHECKING:
    from infra_runtime.changes import ChangeListeners
    from infra_runtime.values.codecs import Codec

Planned = TypeVar("Planned")
Kept = TypeVar("Kept")

UNSCOPED = "unscoped"
"""The option that names scopes not to apply."""


class RowTypes(Protocol):
    """Where rows and enum members get their Python types. The generated client gives one; the dynamic API has plain dicts."""

    def row(self, model: Model) -> Callable[[dict[str, Any]], Any] | None:
        """Makes a row from decoded values; the dict may become the row's own `__dict__`. None: rows are the dicts."""

    def rows(self, model: Model) -> Callable[[list[dict[str, Any]]], list[Any]] | None:
        """`row` for many at once."""
        make = self.row(model)
        return None if make is None else lambda values: list(map(make, values))

    def enum(self, enum: Enum) -> Callable[[str], Any] | None:
        """Makes a member from its name in the schema. None: members are their names."""


class DictRows:
    """Rows are dicts, enum members are their names."""

    def row(self, model: Model) -> None:
        return None

    def rows(self, model: Model) -> None:
        return None

    def enum(self, enum: Enum) -> None:
        return None


class Scope(Protocol):
    """A predicate that holds for every node of a query on a model: soft delete, tenants, access policies.

    Answers `where` arguments, or None where it has nothing to say for this context. Called once per node of each operation,
    so it is cheap; what it answers becomes part of the shape.
    """

    def __call__(self, model: Model, context: OperationContext) -> Mapping[str, Any] | None: ...


def _liftable(scope: Scope, name: str) -> Scope:
    """The scope, where the operation's options do not name it among those to lift."""

    def applied(model: Model, context: OperationContext) -> Mapping[str, Any] | None:
        return None if name in context.options.get(UNSCOPED, ()) else scope(model, context)

    return applied


class PlanCache:
    """Compiled plans by shape: bounded, least recently used out first, safe under threads.

    While there is room for as many again, nobody writes down which of them are used: until one has to go, they will all be asked for again
    that anybody needs.
    """

    def __init__(self, size: int = 2000) -> None:
        self._plans: OrderedDict[Hashable, Any] = OrderedDict()
        self.size = size
        self._is_crowded = False
        self._lock = threading.Lock()

    def get(self, shape: Hashable, compile_: Callable[[], Planned]) -> Planned:
        """The plan of `shape`, made by `compile_` at its first use."""
        plan = self.find(shape)
        if plan is None:
            plan = compile_()
            self.keep(shape, plan)
        return plan  # type: ignore[no-any-return]

    def find(self, shape: Hashable) -> Any:
        """The plan of `shape`, or None: for who does not know yet whether there can be one."""
        plan = self._plans.get(shape)
        if self._is_crowded and plan is not None:
            # Reads take no lock: moving a key that another thread just dropped is the only race, and harmless.
            try:
                self._plans.move_to_end(shape)
            except KeyError:
                pass
        return plan

    def keep(self, shape: Hashable, plan: Any) -> None:
        """Keeps a plan; the one that nobody used for the longest time goes."""
        plans = self._plans
        with self._lock:
            plans[shape] = plan
            self._is_crowded = len(plans) * 2 > self.size
            while len(plans) > self.size:
                plans.popitem(last=False)

    def __len__(self) -> int:
        return len(self._plans)


ProgramMaker = Callable[["Engine", OperationContext, Operation], Any]

OPERATIONS: dict[str, str] = {
    **dict.fromkeys(
        ("find_unique", "find_unique_or_raise", "find_first", "find_first_or_raise", "find_many", "exists", "stream"),
        "infra_runtime.operations.read",
    ),
    "find_page": "infra_runtime.operations.pages",
    "find_many_by_ids": "infra_runtime.operations.by_ids",
    "find_hits": "infra_runtime.operations.hits",
    **dict.fromkeys(("count", "aggregate", "group_by"), "infra_runtime.operations.aggregate"),
    **dict.fromkeys(
        (
            "create",
            "create_many",
            "create_many_and_return",
            "update",
            "update_many",
            "update_many_and_return",
            "delete",
            "delete_many",
            "purge",
            "purge_many",
            "restore",
            "restore_many",
        ),
        "infra_runtime.operations.write",
    ),
    **dict.fromkeys(("upsert", "upsert_many"), "infra_runtime.operations.upsert"),
    "explain": "infra_runtime.operations.explain",
    **dict.fromkeys(("query_raw", "query_first", "execute_raw"), "infra_runtime.operations.raw"),
}
"""Each operation's module; the function in it has the operation's name and makes its `Program`, or a `Stream`."""


class Engine:
    """See the module. `lenient`: values may come in their JSON forms (the dynamic API)."""

    def __init__(
        self,
        schema: Schema,
        *,
        row_types: RowTypes | None = None,
        lenient: bool = False,
        missing: str = "raise",
        plan_cache_size: int = 2000,
    ) -> None:
        self.schema = schema
        self.dialect = DIALECTS[schema.provider]
        self.row_types: RowTypes = row_types or DictRows()
        self.lenient = lenient
        self.missing = missing
        """`raise` or `none`: what update and delete answer for a row that is not there."""
        self.default_schema: str | None = None
        """The database schema to name with tables that have none of their own; None where the session searches it by itself."""
        self.max_limit: int | None = None
        """How many rows a call may ask for at most; None: any number."""
        self.timestamp_format: str = ISO_8601
        """How a SQLite file holds DateTimes; the URL says it (`values.moments`). Set before the first codec is made."""
        self.token_secret: str | Sequence[str] | None = None
        """What the tokens of pages are signed with; None: what the environment says (`builder.tokens`)."""
        self.plans = PlanCache(plan_cache_size)
        self.scopes: dict[Model, tuple[Scope, ...]] = {}
        """By model; empty for a model without scopes, so that asking costs one look-up."""
        self.scope_names: tuple[str, ...] = ()
        """Of the scopes that have one."""
        self.soft_deletes: dict[Model, str] = {
            model: model.options["softDelete"]["field"] for model in schema.models if "softDelete" in model.options
        }
        """The field that says when a row was deleted, by the models that keep deleted rows."""
        self.hides_rows = bool(self.soft_deletes)
        """Is there a model whose rows are not all to be seen?"""
        self._codecs: dict[ScalarField, Codec] = {}
        self._makers: dict[str, ProgramMaker] = {}
        self._changes: ChangeListeners | None = None
        self._kept: dict[Callable[[Engine], Any], Any] = {}

    @property
    def changes(self) -> ChangeListeners | None:
        """Who listens to writes; None when nobody does, so that writes cost nothing more."""
        return self._changes

    @changes.setter
    def changes(self, listeners: ChangeListeners | None) -> None:
        self._changes = listeners
        self._forget_plans()

    def reached(self, product: str) -> None:
        """Takes the dialect of the server that was reached, which may be able to do more than its provider promises."""
        dialect = PRODUCTS.get(product, DIALECTS[self.schema.provider])
        if dialect is not self.dialect:
            self.dialect = dialect
            self._forget_plans()

    def add_scope(self, scope: Scope, models: Iterable[Model] | None = None, *, name: str | None = None) -> None:
        """Adds a predicate scope to `models`, or to every model; one with a name can be lifted by the option `unscoped`."""
        if name is not None:
            self.scope_names = (*self.scope_names, name)
            scope = _liftable(scope, name)
        for model in self.schema.models if models is None else models:
            self.scopes[model] = (*self.scopes.get(model, ()), scope)
        self.hides_rows = True
        self._forget_plans()

    def _forget_plans(self) -> None:
        """Plans are made anew: those that there are may be for another server, or take no note of a scope or of who listens."""
        self.plans = PlanCache(self.plans.size)

    def hides_rows_of(self, model: Model) -> bool:
        """Are not all rows of `model` to be seen?"""
        return model in self.soft_deletes or bool(self.scopes.get(model))

    def codec(self, field: ScalarField) -> Codec:
        """The codec of a column: how its values go to the driver and come back."""
        found = self._codecs.get(field)
        if found is None:
            from infra_runtime.values.codecs import make_codec

            found = self._codecs[field] = make_codec(self, field)
        return found

    def kept(self, make: Callable[[Engine], Kept]) -> Kept:
        """What a part of the runtime keeps for each engine: `make(engine)`, called once and dropped with the engine."""
        found = self._kept.get(make)
        if found is None:
            found = self._kept.setdefault(make, make(self))
        return found  # type: ignore[no-any-return]

    def program(self, operation: Operation, context: OperationContext) -> Program[Any]:
        """The program of an operation. Arguments are checked and walked here: bad ones raise before any I/O."""
        maker = self._makers.get(operation.name) or self._maker(operation.name)
        return maker(self, context, operation)  # type: ignore[no-any-return]

    def stream(self, operation: Operation, context: OperationContext) -> Stream[Any]:
        """`program`, for the operation that answers rows while they are read."""
        maker = self._makers.get(operation.name) or self._maker(operation.name)
        return maker(self, context, operation)  # type: ignore[no-any-return]

    def _maker(self, name: str) -> ProgramMaker:
        maker: ProgramMaker = getattr(import_module(OPERATIONS[name]), name)
        self._makers[name] = maker
        return maker
