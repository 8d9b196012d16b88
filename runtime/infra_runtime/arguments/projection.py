"""What a projection says to queries, and its shape.

A projection class answers `Projected` from its method `__projection__`; queries know no more of it, so that they run without pydantic.
The fourth part of a selection is `(projected, conditions)`: a condition for each model that columns are joined from.

Imports `walk`, `where` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar
from weakref import WeakKeyDictionary

from infra_runtime.arguments.walk import Shape, Walk, unknown
from infra_runtime.arguments.where import where_shape
from infra_runtime.errors import ArgumentError, InputError
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

RowT = TypeVar("RowT")
ShapeT = TypeVar("ShapeT", covariant=True)

Source = Literal["column", "joined", "related", "count"]


@dataclass(frozen=True, slots=True)
class Joined:
    """A column of the row that to-one relations lead to."""

    path: tuple[str, ...]
    field: str


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of a relation: `arguments` are those of a query, with the projection of its rows among them if these are not whole."""

    relation: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a list of a relation has, of those that `where` lets through."""

    relation: str
    where: Mapping[str, Any] | None


@dataclass(frozen=True, eq=False, repr=False)
class Projected(Generic[RowT, ShapeT]):
    """What a projection reads of a model. For checkers: of the model with rows `RowT`, to make instances of `ShapeT`.

    `fields` are those of the class in their order: the name, where its value comes from, and which of those it is.
    """

    name: str
    model: Model
    fields: tuple[tuple[str, Source, int], ...]
    columns: tuple[str, ...]
    joined: tuple[Joined, ...]
    related: tuple[Related, ...]
    counts: tuple[Counted, ...]
    make: Callable[[dict[str, Any]], Any]
    make_all: Callable[[list[dict[str, Any]]], list[Any]]
    shapes: MutableMapping[Engine, Shape] = field(default_factory=WeakKeyDictionary)
    """The selection, where it is the same at every call: see `projection_shape`."""

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The models to join, each by the relations that lead to it, those on the way before those behind."""
        steps = (item.path[: length + 1] for item in self.joined for length in range(len(item.path)))
        return tuple(dict.fromkeys(steps))

    def __repr__(self) -> str:
        return f"<{self.name} of {self.model.name}>"

    def keys(self, source: Source) -> tuple[str, ...]:
        """The fields whose values come from `source`, in its order."""
        return tuple(name for name, origin, _ in sorted(self.fields, key=lambda item: item[2]) if origin == source)


class ProjectionOf(Protocol[RowT, ShapeT]):
    """A projection class, as checkers see it: of the model with rows `RowT`, answering instances of `ShapeT`."""

    def __projection__(self) -> Projected[RowT, ShapeT]: ...


def projected_of(model: Model, projection: Any) -> Projected[Any, Any]:
    """What `projection` reads of `model`. Errors: InputError for what is no projection of this model; ProjectionError."""
    describe = getattr(projection, "__projection__", None)
    if describe is None or not isinstance(projection, type):
        shown = projection.__name__ if isinstance(projection, type) else f"a {type(projection).__name__}"
        raise InputError(f"{shown} is no projection: give a class that is made from Projection[{model.name}]")
    projected: Projected[Any, Any] = describe()
    if projected.model is not model:
        _compare(projected, model)
    return projected


def refuse_foreign(model: Model, projection: Any) -> None:
    """Does `projection` fit `model`, before there is a query? Errors: InputError, ProjectionError."""
    try:
        projected_of(model, projection)
    except ArgumentError as error:
        error.model = error.model or model.name
        raise error.under("projection") from None


def _compare(projected: Projected[Any, Any], model: Model) -> None:
    """A package may describe the same model in a schema of its own."""
    if projected.model.name != model.name:
        raise InputError(
            f"{projected.name} is a projection of {projected.model.name}, and these are rows of {model.name}: "
            f"give a class that is made from Projection[{model.name}]"
        )
    for name in projected.columns:
        if name not in model.scalar:
            raise unknown("field", name, model.scalar, model)
    for name in [item.relation for item in projected.related] + [item.relation for item in projected.counts]:
        if name not in model.relation:
            raise unknown("relation", name, model.relation, model)


def conditions_on_joined(walk: Walk, model: Model, projected: Projected[Any, Any]) -> tuple[Shape, ...]:
    """The scopes of the models that columns are joined from. Errors: FieldNotFoundError."""
    models = {path: _at(walk, model, path) for path in projected.paths}
    for item in projected.joined:
        if item.field not in models[item.path].scalar:
            raise unknown("field", item.field, models[item.path].scalar, models[item.path])
    return tuple(where_shape(walk, joined, None) for joined in models.values())


def _at(walk: Walk, model: Model, path: tuple[str, ...]) -> Model:
    for name in path:
        if name not in model.relation:
            raise unknown("relation", name, model.relation, model)
        model = walk.engine.schema.model[model.relation[name].model]
    return model
