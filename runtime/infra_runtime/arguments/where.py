"""Walks `where`: filters on scalars, lists, Json and relations, joined by AND, OR and NOT.

The shapes are those of `conditions`.

Source of meanings: Prisma's documentation, "Prisma Client API reference: filter conditions and operators", and "Null and undefined".
Imports `walk`, `conditions`, the filters of scalars and Json, `search`, and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from infra_runtime.arguments.conditions import ONE_OF_NONE, TRUE, all_of, both
from infra_runtime.arguments.json_filters import json_shape
from infra_runtime.arguments.scalar_filters import list_shape, scalar_shape
from infra_runtime.arguments.search import search_shape
from infra_runtime.arguments.spelling import LOGIC, operator
from infra_runtime.arguments.walk import Shape, Walk, is_mapping, mapping, unknown
from infra_runtime.errors import ArgumentError, InputError
from infra_runtime.schema import Model, RelationField, ScalarField, UniqueKey

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

SEARCH = "_search"
"""What `search` is as a part of `where`, for operations that have but the one condition."""
TO_MANY = frozenset({"some", "every", "none"})
TO_ONE = frozenset({"is", "is_not"})


# -- a whole where -----------------------------------------------------------------------------------------------------

Scoped: TypeAlias = bool | Literal["with", "only"]
"""Which rows a condition is about: those that the model's scopes show (True), or all there are (False); where deleted rows are kept, those
that are deleted, too (`with`), or these alone (`only`), within the other scopes."""


def where_shape(walk: Walk, model: Model, where: Mapping[str, Any] | None, *, scoped: Scoped = True) -> Shape:
    """The shape of a condition on `model`, and on the rows that `scoped` shows.

    Errors: ArgumentError and its subclasses, with the path from `where` on.
    """
    shape = TRUE if where is None else _conditions(walk, model, mapping(where, f"a filter on {model.name}"))
    return _with_scopes(walk, model, shape, scoped) if scoped and walk.engine.hides_rows else shape


def filter_shape(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    """What `where`, `search` and `deleted` say together. Errors: ArgumentError and its subclasses, with the path."""
    scoped = scoped_by(walk.engine, model, arguments.get("deleted"))
    try:
        condition = where_shape(walk, model, arguments.get("where"), scoped=scoped)
    except ArgumentError as error:
        raise error.under("where") from None
    return (
        both(condition, searched(walk, model, arguments["search"]))
        if arguments.get("search") is not None
        else condition
    )


def searched(walk: Walk, model: Model, search: Any) -> Shape:
    """`search_shape`, its errors under the argument's name."""
    try:
        return search_shape(walk, model, search)
    except ArgumentError as error:
        raise error.under("search") from None


def scoped_by(engine: Engine, model: Model, deleted: Any) -> Scoped:
    """The rows that an argument `deleted` asks for. Errors: ArgumentError and its subclasses."""
    if deleted is None:
        return True
    if model not in engine.soft_deletes:
        raise InputError(f"{model.name} keeps no deleted rows: it has no @infra.softDelete").under("deleted")
    if deleted not in ("with", "only", "without"):
        raise unknown("choice", deleted, ("with", "only", "without")).under("deleted")
    return True if deleted == "without" else cast(Scoped, deleted)


def _with_scopes(walk: Walk, model: Model, shape: Shape, scoped: Scoped = True) -> Shape:
    deleted = walk.engine.soft_deletes.get(model)
    if deleted is not None and scoped != "with":
        shape = both(shape, ("null", deleted, scoped != "only"))
    for scope in walk.engine.scopes.get(model, ()):
        condition = scope(model, walk.context)
        if condition is not None:
            first = len(walk.values)
            # A scope speaks of its own model plainly; the models its relation filters lead to have theirs.
            shape = both(shape, _conditions(walk, model, condition))
            walk.of_scopes = (*walk.of_scopes, range(first, len(walk.values)))
    return shape


def unique_where_shape(walk: Walk, model: Model, where: Mapping[str, Any] | None, *, scoped: Scoped = True) -> Shape:
    """The shape of a condition that finds at most one row. Errors: ArgumentError when it holds no whole unique key."""
    unique_key_of(model, mapping(where, f"a unique filter on {model.name}"))
    return where_shape(walk, model, where, scoped=scoped)


def unique_key_of(model: Model, where: Mapping[str, Any]) -> UniqueKey:
    """The first unique key of `model` whose value `where` gives. Errors: ArgumentError when there is none."""
    for key in model.unique_keys:
        if len(key.fields) == 1:
            value = where.get(key.fields[0])
            if value is not None and (not is_mapping(value) or set(value) == {"equals"}):
                return key
        elif is_mapping(where.get(key.name)) or all(_is_plain(where.get(name)) for name in key.fields):
            return key
    keys = ", ".join(key.name for key in model.unique_keys)
    raise ArgumentError(f"needs the value of a unique key of {model.name}: {keys or 'it has none'}")


def _is_plain(value: Any) -> bool:
    return value is not None and not is_mapping(value)


def _conditions(walk: Walk, model: Model, where: Mapping[str, Any]) -> Shape:
    shapes = []
    scalars, relations = model.scalar, model.relation
    for name, value in where.items():
        try:
            field = scalars.get(name)
            if field is not None and field.readable:
                shapes.append(_scalar(walk, model, field, value))
            elif name in relations:
                shapes.append(_relation(walk, relations[name], value))
            elif name in LOGIC:
                shapes.append(_logic(walk, model, name, value))
            elif name == SEARCH:
                shapes.append(search_shape(walk, model, value))
            elif name in model.unique_key:
                shapes.append(_compound(walk, model, model.unique_key[name], value))
            else:
                raise unknown("field", name, _field_names(model), model)
        except ArgumentError as error:
            raise error.under(name) from None
    return shapes[0] if len(shapes) == 1 else all_of(_searched_together(walk, shapes))


def _searched_together(walk: Walk, shapes: list[Shape]) -> list[Shape]:
    """Fields of one filter that are searched for the same are searched as one text, as in Prisma."""
    searches = [shape for shape in shapes if shape[0] == "search"]
    if len(searches) < 2:
        return shapes
    by_query: dict[Any, Shape] = {}
    for _, fields, slot in searches:
        query = walk.values[slot]
        together = by_query.get(query, ("search", (), slot))
        by_query[query] = ("search", (*together[1], *fields), together[2])
    return [*(shape for shape in shapes if shape[0] != "search"), *by_query.values()]


def _field_names(model: Model) -> Iterator[str]:
    yield from (field.name for field in model.readable)
    yield from model.relation
    yield from (key.name for key in model.unique_keys if len(key.fields) > 1)
    yield from sorted(LOGIC)


def _scalar(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    if field.is_list:
        return list_shape(walk, model, field, value)
    if field.type == "Json":
        return json_shape(walk, model, field, value)
    return scalar_shape(walk, model, field, value)


def _logic(walk: Walk, model: Model, name: str, value: Any) -> Shape:
    walk.deeper()
    shapes = []
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            try:
                shapes.append(_conditions(walk, model, mapping(item, f"a filter on {model.name}")))
            except ArgumentError as error:
                raise error.under(index) from None
    else:
        shapes.append(_conditions(walk, model, mapping(value, f"a filter on {model.name}, or a list of them")))
    walk.depth -= 1
    if name == "AND":
        return all_of([shape for shape in shapes if shape != ONE_OF_NONE])
    if name == "OR":
        said = [shape for shape in shapes if shape != TRUE]
        return said[0] if len(said) == 1 else ("or", tuple(said))
    # NOT holds where none of them does; an empty filter says nothing, so not either.
    return all_of([("not", shape) for shape in shapes if shape != TRUE])


def _compound(walk: Walk, model: Model, key: UniqueKey, value: Any) -> Shape:
    given = mapping(value, f"the values of {', '.join(key.fields)}")
    shapes = []
    for name in given:
        if name not in key.fields:
            raise unknown("field", name, key.fields)
    for name in key.fields:
        if given.get(name) is None:
            raise ArgumentError(f"the compound key {key.name} needs a value for {name}")
        try:
            shapes.append(("compare", name, "=", ("value", walk.value(model.scalar[name], given[name]))))
        except ArgumentError as error:
            raise error.under(name) from None
    return all_of(shapes)


# -- relations ---------------------------------------------------------------------------------------------------------


def _relation(walk: Walk, relation: RelationField, value: Any) -> Shape:
    target = walk.engine.schema.model[relation.model]
    if value is None:
        if relation.is_list:
            raise InputError("expected a filter on a list: some, every or none")
        return _related(walk, relation, "is", None)
    given = mapping(value, f"a filter on {target.name}")
    known = TO_MANY if relation.is_list else TO_ONE
    if given and not relation.is_list and not any(operator(spelt) in TO_ONE for spelt in given):
        # A filter on the related row itself: what `is` says. An empty one says nothing.
        return _related(walk, relation, "is", given)
    shapes = []
    for spelt, item in given.items():
        name = operator(spelt)
        try:
            if name not in known:
                raise unknown("operator", spelt, sorted(known))
            if item is None and relation.is_list:
                raise InputError(f"expected a filter on {target.name}, got None")
            shapes.append(_related(walk, relation, name, item))
        except ArgumentError as error:
            raise error.under(spelt) from None
    return all_of(shapes)


def _related(walk: Walk, relation: RelationField, quantifier: str, where: Any) -> Shape:
    """The shape with what the caller says of the related rows, and with the scopes that say which rows there are."""
    walk.deeper()
    target = walk.engine.schema.model[relation.model]
    inner = None if where is None else where_shape(walk, target, where, scoped=False)
    there = _with_scopes(walk, target, TRUE) if walk.engine.hides_rows else TRUE
    walk.depth -= 1
    return ("relation", relation.name, quantifier, inner, there)
