"""Walks `seek`: the values of an order's keys behind which, or before which, a read begins.

    seek={"after": {"created_at": moment, "id": 7}}            the values have the form of the order
    seek={"before": [moment, 7]}                               or stand in the order's places

Unlike a cursor, which is a row that is looked up, these are the values themselves: the row they were read from may be gone. The order is
completed by a unique key (`order.total_order`), so a place in it is never shared. An empty mapping begins at the beginning, in that order.

A shape is `(after, before)`; each is None, or for each term of the order the slot of its value, None where the value is NULL.
Imports `walk`, `order` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.order import may_be_null
from infra_runtime.arguments.walk import Shape, Walk, mapping, unknown
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.schema import Model, ScalarField

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

SIDES = ("after", "before")


def seek_shape(walk: Walk, model: Model, order: Shape, seek: Any) -> Shape:
    """The shape of `seek` in a completed order. Errors: ArgumentError and its subclasses, with the path."""
    given = mapping(seek, "`after`, `before` and the values of the order's keys")
    for side in given:
        if side not in SIDES:
            raise unknown("side", side, SIDES)
    return tuple(_side(walk, model, order, side, given.get(side)) for side in SIDES)


def _side(walk: Walk, model: Model, order: Shape, side: str, values: Any) -> Shape:
    if values is None:
        return None
    try:
        listed = _listed(order, values) if isinstance(values, (list, tuple)) else _named(order, values)
        return tuple(_slot(walk, model, term, value) for term, value in zip(order, listed, strict=True))
    except ArgumentError as error:
        raise error.under(side) from None


def _listed(order: Shape, values: Sequence[Any]) -> Sequence[Any]:
    if len(values) == len(order):
        return values
    names = ", ".join(".".join(steps_of(term)) for term in order)
    raise InputError(f"expected {len(order)} values, those of {names}; got {len(values)}")


def _named(order: Shape, values: Any) -> list[Any]:
    """The values in the order's places. Each must be there, and nothing else."""
    known: dict[str, Any] = {}
    for term in order:
        branch = known
        for step in steps_of(term):
            branch = branch.setdefault(step, {})
    _refuse_others(mapping(values, "the values of the order's keys"), known)
    return [_value(values, steps_of(term)) for term in order]


def _refuse_others(values: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in known:
            raise unknown("key of the order", name, known)
        if known[name]:
            try:
                _refuse_others(mapping(value, "the values of the order's keys"), known[name])
            except ArgumentError as error:
                raise error.under(name) from None


def _value(values: Any, steps: tuple[str, ...]) -> Any:
    for place, step in enumerate(steps):
        if step not in values:
            raise MissingRequiredValueError("a value is required: pages need all keys of their order").under(
                *steps[: place + 1]
            )
        values = values[step]
    return values


def _slot(walk: Walk, model: Model, term: Shape, value: Any) -> int | None:
    field = key_field(walk.engine, model, term)
    try:
        if value is not None:
            return walk.value(field, value)
        if field is _COUNT or not may_be_null(walk.engine, model, term[0], field.name):
            raise InputError("expected a value: this key is never null")
        return None
    except ArgumentError as error:
        raise error.under(*steps_of(term)) from None


# -- keys --------------------------------------------------------------------------------------------------------------
_COUNT = ScalarField("_count", "Int")


def steps_of(term: Shape) -> tuple[str, ...]:
    """Where a term stands in the mapping of an order: `("author", "name")`."""
    path, field, *_ = term
    if isinstance(field, str):
        return (*path, field)
    return (*path, field[1], "_count") if field[0] == "count" else (*path, f"_{field[0]}")


def key_fields(engine: Engine, model: Model, order: Shape) -> tuple[ScalarField, ...]:
    """The fields whose values the terms of an order have. Errors: InputError, as `key_field`."""
    try:
        return tuple(key_field(engine, model, term) for term in order)
    except ArgumentError as error:
        raise error.under("order") from None


def key_field(engine: Engine, model: Model, term: Shape) -> ScalarField:
    """The field whose values a term of an order has. Errors: InputError for a term whose values tell no place."""
    path, field, *_ = term
    if not isinstance(field, str):
        if field[0] == "count":
            return _COUNT
        raise InputError(
            "how well rows match a search is no key that a page can begin at: order by fields, or take pages by number"
        ).under(*steps_of(term))
    for name in path:
        model = engine.schema.model[model.relation[name].model]
    found = model.scalar[field]
    if found.is_list or found.type == "Json":
        kind = "lists" if found.is_list else "Json"
        raise InputError(f"{kind} can be no key of pages: order by other fields, or take pages by number").under(
            *steps_of(term)
        )
    return found
