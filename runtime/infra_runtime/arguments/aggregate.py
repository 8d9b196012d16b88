"""Walks the arguments of `count`, `aggregate` and `group_by`.

Shapes:

    aggregation  (condition, order, page, functions)              functions: ((function, (field, …)), …); field `_all` is the row itself
    grouping     (condition, by, functions, having, order, page)  having and order speak of the model `groups_of` makes

Groups are rows of a model of their own: the fields they are grouped by, and one field for each aggregate, so that `having` and `order`
are walked and compiled as any `where` and `order`. Imports `walk`, `where`, `order`, `query` and the bottom of the runtime.

Source of meanings: Prisma's documentation, "Aggregation, grouping, and summarizing".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from infra_runtime.arguments.order import is_seekable, order_shape
from infra_runtime.arguments.query import page_shape
from infra_runtime.arguments.walk import Shape, Walk, mapping, names, unknown
from infra_runtime.arguments.where import filter_shape, where_shape
from infra_runtime.errors import ArgumentError, InputError, OrderRequiredError
from infra_runtime.schema import Model, ScalarField

ALL = "_all"
FUNCTIONS = ("count", "avg", "sum", "min", "max")
NUMERIC = frozenset({"Int", "BigInt", "Float", "Decimal"})
LOGIC = ("AND", "OR", "NOT")


# -- which fields a function takes -------------------------------------------------------------------------------------
def takes(function: str, field: ScalarField) -> bool:
    """Can `function` be asked of `field`?"""
    if not field.readable:
        return False
    if function == "count":
        return True
    if function in ("sum", "avg"):
        return field.type in NUMERIC and not field.is_list
    return field.type != "Json" and not field.is_list


def result_type(function: str, field: ScalarField) -> str:
    """The Prisma type of what `function` answers: a mean of whole numbers is a Float."""
    if function == "count":
        return "Int"
    return "Float" if function == "avg" and field.type in ("Int", "BigInt") else field.type


def functions_shape(model: Model, arguments: Mapping[str, Any]) -> Shape:
    """The functions asked for, and of which fields. Errors: FieldNotFoundError, InputError, with the path."""
    asked = []
    for function in FUNCTIONS:
        wanted = arguments.get(function)
        if wanted is None or wanted is False:
            continue
        try:
            asked.append((function, fields_of(model, function, wanted)))
        except ArgumentError as error:
            raise error.under(function) from None
    return tuple(asked)


def fields_of(model: Model, function: str, wanted: Any) -> Shape:
    """The fields that `wanted` names; `True` is the row itself for count (as None), and every field it applies to for the others."""
    if wanted is True:
        return None if function == "count" else tuple(_taken(model, function))
    scalars = model.scalar
    chosen = []
    for name, value in mapping(wanted, "True or a mapping of fields to True").items():
        is_taken = takes(function, scalars[name]) if name in scalars else function == "count" and name == ALL
        if not is_taken:
            known = [*_taken(model, function), *([ALL] if function == "count" else [])]
            raise unknown("field", name, known, model)
        if value is not True and value is not False:
            raise InputError("expected True or False").under(name)
        if value:
            chosen.append(name)
    if not chosen:
        raise InputError("names no field")
    return tuple(chosen)


def _taken(model: Model, function: str) -> list[str]:
    """The fields that a function takes."""
    return [field.name for field in model.scalars if takes(function, field)]


# -- one result for all rows -------------------------------------------------------------------------------------------
def aggregation_shape(walk: Walk, model: Model, arguments: Mapping[str, Any], functions: Shape) -> Shape:
    """The shape of an `aggregate` or a `count`. Errors: ArgumentError and its subclasses, with the path."""
    condition = filter_shape(walk, model, arguments)
    order = _under("order", lambda: order_shape(walk, model, arguments.get("order")))
    page = page_shape(walk, model, arguments)
    if page[3] and not is_seekable(walk.engine, model, order):
        raise InputError(
            "an aggregation from a cursor on needs an order by a unique field, and by no field that may be null;"
            " a compound id is no unique field"
        ).under("order" if order else "cursor")
    if page[1] is None and page[2] is None and not page[3]:
        # Without a page the order changes nothing.
        order = ()
    return (condition, order, page, functions)


# -- groups ------------------------------------------------------------------------------------------------------------
_groups: WeakKeyDictionary[Model, Model] = WeakKeyDictionary()


def groups_of(model: Model) -> Model:
    """The model whose rows are groups of `model`'s rows: its scalars, and a field `age._avg` for each aggregate of each."""
    found = _groups.get(model)
    if found is None:
        aggregates = [
            ScalarField(
                name=aggregate_name(function, field.name),
                type=result_type(function, field),
                arity="optional",
                is_enum=field.is_enum and function != "count",
                native=field.native if function in ("min", "max") else None,
            )
            for field in (*model.readable, ScalarField(ALL, "Int"))
            for function in (FUNCTIONS if field.name != ALL else ("count",))
            if takes(function, field)
        ]
        scalars = tuple(
            ScalarField(
                field.name, field.type, field.arity, field.name, field.is_enum, field.native, readable=field.readable
            )
            for field in model.scalars
        )
        found = _groups[model] = Model(model.name, model.attribute, (*scalars, *aggregates))
    return found


def aggregate_name(function: str, field: str) -> str:
    """The name of an aggregate in the model of groups: as its place in `having`."""
    return f"{field}._{function}"


def grouping_shape(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    """The shape of a `group_by`.

    Errors: OrderRequiredError for a page without an order; ArgumentError and its subclasses, with the path.
    """
    by = _under("by", lambda: _by(model, arguments.get("by")))
    condition = filter_shape(walk, model, arguments)
    functions = functions_shape(model, arguments)
    groups = groups_of(model)
    having = _under("having", lambda: _having(walk, model, groups, by, arguments.get("having")))
    order = _under("order", lambda: _order(walk, model, groups, by, arguments.get("order")))
    page = page_shape(walk, model, {name: arguments.get(name) for name in ("take", "skip")})
    if page[1] is not None or page[2] is not None:
        given = "take" if page[1] is not None else "skip"
        if arguments.get("order") is None:
            raise OrderRequiredError(f"group_by with {given} needs an order, else any groups may come").under("order")
        if not order and not any(set(key.fields) <= set(by) for key in model.unique_keys) and not model.id:
            raise InputError(f"the order is empty, and {model.name} has no unique field among those grouped by").under(
                "order"
            )
    return (condition, by, functions, having, order, page)


def _by(model: Model, by: Any) -> tuple[str, ...]:
    chosen = dict.fromkeys(names(by))
    for name in chosen:
        if name not in model.scalar or not model.scalar[name].readable:
            raise unknown("field", name, [field.name for field in model.readable], model)
    if not chosen:
        raise InputError("needs at least one field")
    return tuple(chosen)


def _having(walk: Walk, model: Model, groups: Model, by: tuple[str, ...], having: Any) -> Shape:
    shape = where_shape(walk, groups, _flat(model, by, having) if having is not None else None, scoped=False)
    for name in _referred(shape):
        if name not in by:
            raise InputError(f"refers to {name}, which is not grouped by")
    return shape


def _referred(shape: Any) -> Iterator[str]:
    """The fields that a condition compares with."""
    if not isinstance(shape, tuple) or shape[:1] == ("search",):
        return
    if shape[:1] == ("in field",):
        yield shape[2]
    elif shape[:1] == ("field",):
        yield shape[1]
    else:
        for part in shape:
            yield from _referred(part)


def _flat(model: Model, by: tuple[str, ...], having: Any) -> dict[str, Any]:
    """`{"age": {"_avg": {"gt": 3}}}` as the condition `{"age._avg": {"gt": 3}}` on groups."""
    flat: dict[str, Any] = {}
    for name, value in mapping(having, f"a filter on groups of {model.name}").items():
        if name in LOGIC:
            parts = value if isinstance(value, (list, tuple)) else [value]
            flat[name] = [_under(name, lambda part=part: _flat(model, by, part)) for part in parts]
        elif name not in model.scalar or not model.scalar[name].readable:
            raise unknown("field", name, [*(field.name for field in model.readable), *LOGIC], model)
        else:
            plain, aggregates = _divided(value)
            flat.update(
                (aggregate_name(function.removeprefix("_"), name), item) for function, item in aggregates.items()
            )
            for function in aggregates:
                if not takes(function.removeprefix("_"), model.scalar[name]):
                    raise InputError(f"{function} is not there for {model.scalar[name].type} fields").under(
                        name, function
                    )
            if plain or not aggregates:
                _require_grouped(by, name)
                flat[name] = plain if aggregates else value
    return flat


def _divided(value: Any) -> tuple[Any, dict[str, Any]]:
    """A field's filter without its aggregates, and these."""
    if not isinstance(value, Mapping):
        return value, {}
    names = {f"_{function}" for function in FUNCTIONS}
    return (
        {name: item for name, item in value.items() if name not in names},
        {name: item for name, item in value.items() if name in names},
    )


def _require_grouped(by: tuple[str, ...], name: str) -> None:
    if name not in by:
        raise InputError(f"{name} is neither grouped by nor within an aggregate").under(name)


def _order(walk: Walk, model: Model, groups: Model, by: tuple[str, ...], order: Any) -> Shape:
    if order is None:
        return ()
    terms = order if isinstance(order, (list, tuple)) else [order]
    flat: list[dict[str, Any]] = []
    for term in terms:
        for name, value in mapping(term, "an order").items():
            function = str(name).removeprefix("_")
            if str(name).startswith("_") and function in FUNCTIONS:
                for field, direction in mapping(value, "a mapping of fields to asc or desc").items():
                    known = _taken(model, function)
                    if field not in known and not (function == "count" and field == ALL):
                        raise unknown("field", field, known, model).under(name)
                    flat.append({aggregate_name(function, field): direction})
            else:
                if name in model.scalar:
                    _require_grouped(by, name)
                flat.append({name: value})
    return tuple(item for term in flat for item in order_shape(walk, groups, term))


def _under(name: str, walked: Any) -> Any:
    try:
        return walked()
    except ArgumentError as error:
        raise error.under(name) from None
