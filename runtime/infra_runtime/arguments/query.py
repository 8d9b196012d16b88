"""Walks the arguments of a read: which rows, in which order, from where to where, and what of them.

A query's shape is `(where, order, page, distinct, selection)`:

    page       (take sign, take slot, skip slot, cursor, seek)  cursor: ((field, slot), …) or (); seek: see `seek`, or ()
    selection  (fields, relations, counts)                    relations: ((name, query shape), …), counts: ((name, condition), …)

Imports `walk`, `where`, `order`, `seek`, `spelling` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from infra_runtime.arguments.conditions import both
from infra_runtime.arguments.order import order_shape, total_order
from infra_runtime.arguments.projection import conditions_on_joined, projected_of
from infra_runtime.arguments.search import by_relevance
from infra_runtime.arguments.seek import key_fields, seek_shape
from infra_runtime.arguments.spelling import QUERY
from infra_runtime.arguments.walk import Shape, Walk, is_mapping, mapping, names, unknown
from infra_runtime.arguments.where import Scoped, scoped_by, searched, unique_key_of, unique_where_shape, where_shape
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.schema import Model, RelationField

NO_PAGE: Shape = (0, None, None, (), ())
LARGEST = 2**63 - 1
"""The number of rows that databases count up to."""
WHOLE: Shape = (None, (), (), None)
"""The selection of all scalars and nothing else."""
PAGING = ("take", "skip", "cursor")
QUERY_ARGUMENTS = frozenset(
    {"where", "search", "deleted", "order", "take", "skip", "cursor", "distinct", "select", "include"}
)
TO_ONE_ARGUMENTS = frozenset({"where", "deleted", "select", "include"})


def query_shape(
    walk: Walk, model: Model, arguments: Mapping[str, Any], *, unique: bool = False, scoped: Scoped = True
) -> Shape:
    """The shape of a read's arguments; `unique`: `where` must hold a unique key. Errors: ArgumentError, with the path."""
    get = arguments.get
    where = get("where")
    if get("deleted") is not None:
        scoped = scoped_by(walk.engine, model, get("deleted"))
    try:
        condition = (unique_where_shape if unique else where_shape)(walk, model, where, scoped=scoped)
    except ArgumentError as error:
        error.model = error.model or model.name
        raise error.under("where") from None
    if len(arguments) == 1 and where is not None:
        return (condition, (), NO_PAGE, (), WHOLE)
    order = () if get("order") is None else _under("order", lambda: order_shape(walk, model, get("order")))
    page = page_shape(walk, model, arguments)
    if get("search") is not None:
        found = searched(walk, model, get("search"))
        condition = both(condition, found)
        if not order:
            _refuse_place(page, get("seek"))
            order = by_relevance(model, found)
    if get("seek") is not None:
        order, page = _from_values(walk, model, order, page, get("seek"))
    if page is not NO_PAGE and not order and not model.unique_keys:
        raise MissingRequiredValueError(
            f"{model.name} has no unique key, so its pages need an order", path=("order",), model=model.name
        )
    distinct = () if get("distinct") is None else _under("distinct", lambda: _distinct(model, get("distinct")))
    return (
        condition,
        order,
        page,
        distinct,
        _wanted(walk, model, arguments),
    )


def _under(name: str, walked: Any) -> Any:
    try:
        return walked()
    except ArgumentError as error:
        raise error.under(name) from None


def page_shape(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    """`take`, `skip` and `cursor`."""
    take, skip, cursor = arguments.get("take"), arguments.get("skip"), arguments.get("cursor")
    if take is None and skip is None and cursor is None:
        return NO_PAGE
    sign, take_slot, skip_slot = 0, None, None
    if take is not None:
        most = walk.engine.max_limit
        take_slot = walk.converted(partial(_taken, most), take, f"{{0}} <= {LARGEST if most is None else most}")
        sign = -1 if take < 0 else 1
    if skip is not None:
        skip_slot = walk.converted(_skipped, skip, f"{{0}} <= {LARGEST}")
    begin = () if cursor is None else _under("cursor", lambda: _cursor(walk, model, cursor))
    return (sign, take_slot, skip_slot, begin, ())


def _from_values(walk: Walk, model: Model, order: Shape, page: Shape, seek: Any) -> tuple[Shape, Shape]:
    """Order and page of a read that begins at values of the order's keys."""
    if page[3]:
        raise InputError("cursor and seek cannot stand together: both say where to begin").under("seek")
    order = _under("order", lambda: total_order(model, order))
    key_fields(walk.engine, model, order)
    return order, (*page[:4], _under("seek", lambda: seek_shape(walk, model, order, seek)))


def _refuse_place(page: Shape, seek: Any) -> None:
    if page[3] or seek is not None:
        raise InputError(
            "rows in the order of their relevance have no place to begin at: give an order, or pages by number (take and skip)"
        ).under("cursor" if page[3] else "seek")


def _taken(most: int | None, take: Any) -> int:
    size = abs(_whole_number("take", take))
    if most is not None and size > most:
        raise InputError(
            f"{size} rows are more than this client allows, which is {most} (its max_limit): read pages, or a stream"
        ).under("take")
    return size


def _skipped(skip: Any) -> int:
    if _whole_number("skip", skip) < 0:
        raise InputError("skip cannot be negative").under("skip")
    return int(skip)


def _whole_number(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        if -LARGEST <= value <= LARGEST:
            return value
        raise InputError(f"{value} is out of range").under(name)
    raise InputError(f"expected int, got {type(value).__name__}").under(name)


def _cursor(walk: Walk, model: Model, cursor: Any) -> Shape:
    given = mapping(cursor, f"a unique key of {model.name}")
    key = unique_key_of(model, given)
    values = given[key.name] if len(key.fields) > 1 and is_mapping(given.get(key.name)) else given
    for name in given:
        if name not in model.scalar and name not in model.unique_key:
            raise unknown("field", name, [item.name for item in model.unique_keys], model)
    if values is not given:
        for name in values:
            if name not in key.fields:
                raise unknown("field", name, key.fields).under(key.name)
    for name in key.fields:
        if values.get(name) is None:
            raise MissingRequiredValueError("a value is required").under(
                key.name, *(() if name == key.name else (name,))
            )
    return tuple(
        (name, _under(name, lambda name=name: walk.value(model.scalar[name], _plain(values[name]))))
        for name in key.fields
    )


def _plain(value: Any) -> Any:
    return value["equals"] if is_mapping(value) and "equals" in value else value


def _distinct(model: Model, distinct: Any) -> Shape:
    chosen = names(distinct)
    for name in chosen:
        if name not in model.scalar or not model.scalar[name].readable:
            raise unknown("field", name, (item.name for item in model.readable), model)
    return tuple(chosen)


# -- selection ---------------------------------------------------------------------------------------------------------
def _wanted(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    """What is wanted of the rows of a query: a projection, tuples of columns, or what `select` and `include` say."""
    get = arguments.get
    projection, columns = get("projection"), get("columns")
    if projection is None and columns is None:
        return selection_shape(walk, model, select=get("select"), include=get("include"))
    for other in ("select", "include") if projection is None or columns is None else ("columns",):
        if get(other):
            what = "a choice of columns" if projection is None else "a projection"
            raise ArgumentError(f"{what} says all that is read: leave {other} out").under(other)
    if projection is not None:
        return _under("projection", lambda: projection_shape(walk, model, projection))
    return _under("columns", lambda: (_columns(model, columns), (), (), "tuples"))


def _columns(model: Model, columns: Any) -> Shape:
    chosen = names(columns)
    for name in chosen:
        if name not in model.scalar or not model.scalar[name].readable:
            raise unknown("field", name, (item.name for item in model.readable), model)
    if not chosen:
        raise InputError(f"expected fields of {model.name}, got none")
    return tuple(chosen)


def projection_shape(walk: Walk, model: Model, projection: Any) -> Shape:
    """The selection of a projection. Errors: ArgumentError, ProjectionError."""
    projected = projected_of(model, projection)
    engine, slots = walk.engine, len(walk.values)
    if not engine.scopes and engine in projected.shapes:
        return projected.shapes[engine]
    walk.deeper()
    relations, counts = [], []
    for key, item in zip(projected.keys("related"), projected.related, strict=True):
        target = walk.engine.schema.model[model.relation[item.relation].model]
        asked = item.arguments
        relations.append(
            (item.relation, _under(key, lambda target=target, asked=asked: query_shape(walk, target, asked)))
        )
    for key, counted in zip(projected.keys("count"), projected.counts, strict=True):
        target, where = walk.engine.schema.model[model.relation[counted.relation].model], counted.where
        counts.append(
            (counted.relation, _under(key, lambda target=target, where=where: where_shape(walk, target, where)))
        )
    walk.depth -= 1
    made = (projected, conditions_on_joined(walk, model, projected))
    shape = (projected.columns, tuple(relations), tuple(counts), made)
    if not engine.scopes and len(walk.values) == slots:
        # Without a value, and without a scope that may have one, it is the same at every call.
        projected.shapes[engine] = shape
    return shape


def selection_shape(
    walk: Walk,
    model: Model,
    *,
    select: Mapping[str, Any] | None = None,
    include: Mapping[str, Any] | None = None,
) -> Shape:
    """What is wanted of a row: `select` names everything, `include` adds to all scalars. Errors: ArgumentError."""
    if select is None and not include:
        return WHOLE
    if select is not None and include is not None:
        raise ArgumentError("select and include cannot stand together: select names relations too").under("include")
    argument = "include" if select is None else "select"
    wanted = _under(argument, lambda: mapping(include if select is None else select, "a mapping of names"))
    walk.deeper()
    fields, relations, counts = [], [], []
    for name, value in wanted.items():
        if value is False or value is None:
            continue
        try:
            relation, field = model.relation.get(name), model.scalar.get(name)
            if relation is not None:
                relations.append((name, _nested(walk, relation, value)))
            elif name == "_count":
                counts += _counts(walk, model, value)
            elif argument == "select" and field is not None and field.readable:
                if value is not True:
                    raise InputError("expected True or False")
                fields.append(name)
            else:
                raise unknown(
                    "field" if argument == "select" else "relation", name, _selectable(model, argument), model
                )
        except ArgumentError as error:
            raise error.under(name).under(argument) from None
    walk.depth -= 1
    if argument == "select" and not (fields or relations or counts):
        raise ArgumentError(f"select must want something of {model.name}").under("select")
    return (tuple(fields) if argument == "select" else None, tuple(relations), tuple(counts), None)


def _selectable(model: Model, argument: str) -> list[str]:
    scalars = [field.name for field in model.readable] if argument == "select" else []
    return [*scalars, *model.relation, "_count"]


def _nested(walk: Walk, relation: RelationField, value: Any) -> Shape:
    target = walk.engine.schema.model[relation.model]
    if value is True:
        return query_shape(walk, target, {})
    given = {QUERY.get(name, name): item for name, item in mapping(value, "True or the arguments of a query").items()}
    known = QUERY_ARGUMENTS if relation.is_list else TO_ONE_ARGUMENTS
    for name in given:
        if name and name not in known:
            raise unknown("argument", name, sorted(known))
    return query_shape(walk, target, given)


def _counts(walk: Walk, model: Model, value: Any) -> list[Shape]:
    lists = {relation.name: relation for relation in model.relations if relation.is_list}
    if value is True:
        wanted: Mapping[str, Any] = dict.fromkeys(lists, True)
    else:
        wanted = mapping(mapping(value, "True or {'select': …}").get("select"), "a mapping of relations")
    counts = []
    for name, item in wanted.items():
        if item is False or item is None:
            continue
        if name not in lists:
            raise unknown("relation", name, lists, model)
        where = None if item is True else mapping(item, "True or {'where': …}").get("where")
        target = walk.engine.schema.model[lists[name].model]
        counts.append((name, _under(name, lambda where=where, target=target: where_shape(walk, target, where))))
    return counts
