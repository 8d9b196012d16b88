"""Walks `order`: fields, relations' fields, numbers of related rows.

A shape is a tuple of terms `(path, field, direction, nulls)`: `path` the to-one relations to follow, `field` a name,
`("count", relation, condition)` or `("relevance", fields, slot)`. Imports `walk`, `where` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.scalar_filters import search_slot
from infra_runtime.arguments.walk import Shape, Walk, is_mapping, mapping, unknown
from infra_runtime.arguments.where import where_shape
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.schema import Model, RelationField, ScalarField

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

DIRECTIONS = ("asc", "desc")
RELEVANCE = ("fields", "search", "sort")


def order_shape(walk: Walk, model: Model, order: Any) -> Shape:
    """The terms of an order: one mapping or a list of them. Errors: ArgumentError and its subclasses."""
    if order is None:
        return ()
    if is_mapping(order):
        return tuple(_terms(walk, model, order, ()))
    if not isinstance(order, (list, tuple)):
        raise InputError(f"expected an order or a list of them, got {type(order).__name__}")
    terms: list[Shape] = []
    for index, item in enumerate(order):
        try:
            terms += _terms(walk, model, mapping(item, "an order"), ())
        except ArgumentError as error:
            raise error.under(index) from None
    return tuple(terms)


def _terms(walk: Walk, model: Model, order: Mapping[str, Any], path: tuple[str, ...]) -> list[Shape]:
    terms: list[Shape] = []
    for name, value in order.items():
        try:
            field, relation = model.scalar.get(name), model.relation.get(name)
            if value is None:
                continue
            if field is not None and field.readable:
                terms.append((path, name, *_direction(field, value)))
            elif relation is not None and relation.is_list:
                terms.append(_count_term(walk, relation, value, path))
            elif relation is not None:
                target = walk.engine.schema.model[relation.model]
                terms += _terms(walk, target, mapping(value, f"an order of {target.name}"), (*path, name))
            elif name == "_relevance":
                terms.append(_relevance_term(walk, model, value, path))
            else:
                raise unknown("field", name, [*(item.name for item in model.readable), *model.relation], model)
        except ArgumentError as error:
            raise error.under(name) from None
    return terms


def _direction(field: ScalarField, value: Any) -> tuple[str, str | None]:
    if is_mapping(value):
        for key in value:
            if key not in ("sort", "nulls"):
                raise unknown("option", key, ("sort", "nulls"))
        nulls = value.get("nulls")
        if nulls is not None:
            if nulls not in ("first", "last"):
                raise InputError("expected `first` or `last`").under("nulls")
            if field.is_required or field.is_list:
                raise InputError(f"{field.name} is never null").under("nulls")
        return checked_direction(value.get("sort")), nulls
    return checked_direction(value), None


def checked_direction(value: Any) -> str:
    """`asc` or `desc`. Errors: InputError."""
    if value in DIRECTIONS:
        return str(value)
    raise InputError(f"expected `asc` or `desc`, got {value!r}")


def _count_term(walk: Walk, relation: RelationField, value: Any, path: tuple[str, ...]) -> Shape:
    given = mapping(value, "an order by `_count`")
    if set(given) != {"_count"}:
        raise unknown("order of a list", next(iter(given), ""), ("_count",))
    condition = where_shape(walk, walk.engine.schema.model[relation.model], None)
    return (path, ("count", relation.name, condition), checked_direction(given["_count"]), None)


def _relevance_term(walk: Walk, model: Model, value: Any, path: tuple[str, ...]) -> Shape:
    """`{"fields": [...], "search": "...", "sort": "desc"}`."""
    given = mapping(value, "an order by `_relevance`")
    for key in given:
        if key not in RELEVANCE:
            raise unknown("option", key, RELEVANCE)
    for key in RELEVANCE:
        if key not in given:
            raise MissingRequiredValueError("a value is required").under(key)
    named = given["fields"]
    fields = (named,) if isinstance(named, str) else tuple(named)
    for place, name in enumerate(fields):
        field = model.scalar.get(name)
        if field is None or field.type != "String" or field.is_enum or field.is_list or not field.readable:
            raise unknown("text field", name, _searchable(model), model).under("fields", place)
    if not fields:
        raise InputError("expected at least one field").under("fields")
    try:
        slot = search_slot(walk, given["search"])
    except ArgumentError as error:
        raise error.under("search") from None
    return (path, ("relevance", fields, slot), checked_direction(given["sort"]), None)


def is_seekable(engine: Engine, model: Model, order: Shape) -> bool:
    """Does the place of a cursor follow from its values alone, as Prisma sees it?

    Then the order names a unique field, or all of a compound unique key that is not the id, and nothing that may be NULL. In any other
    order Prisma looks for the cursor among the rows it has read.
    """
    if any(isinstance(field, str) and may_be_null(engine, model, path, field) for path, field, *_ in order):
        return False
    named = {field for path, field, *_ in order if not path} if order else set(first_key(model))
    return any(
        named.issuperset(key.fields) for key in model.unique_keys if len(key.fields) == 1 or key.fields != model.id
    )


def may_be_null(engine: Engine, model: Model, path: tuple[str, ...], field: str) -> bool:
    """Can the value of `field`, in the row that `path` leads to, be NULL?"""
    for name in path:
        relation = model.relation[name]
        if not relation.is_required:
            return True
        model = engine.schema.model[relation.model]
    return not model.scalar[field].is_required


def total_order(model: Model, order: Shape) -> Shape:
    """`order`, completed by a unique key whose fields are never null, so that no two rows stand at one place.

    What is added goes the way of the last term: an index on the order's fields then serves all of it, read forwards or backwards.
    Errors: InputError for a model that has no such key.
    """
    named = {field for path, field, *_ in order if not path}
    keys = [key for key in model.unique_keys if all(model.scalar[name].is_required for name in key.fields)]
    if any(named.issuperset(key.fields) for key in keys):
        return order
    if not keys:
        raise InputError(
            f"{model.name} has no unique key whose fields are all required, so no order tells its rows apart: "
            "pages by number (take and skip) are what it has"
        )
    direction = order[-1][2] if order else "asc"
    return (*order, *(((), name, direction, None) for name in keys[0].fields if name not in named))


def first_key(model: Model) -> tuple[str, ...]:
    """The fields that tell rows apart where nothing else does: the id, or the first unique key."""
    return model.id or (model.unique_keys[0].fields if model.unique_keys else ())


def _searchable(model: Model) -> list[str]:
    return [item.name for item in model.readable if item.type == "String" and not item.is_enum and not item.is_list]
