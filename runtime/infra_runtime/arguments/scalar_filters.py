"""Filters on scalar fields and on lists of scalars: operators, values, references to other fields.

Source of meanings: Prisma's documentation, "Prisma Client API reference: filter conditions and operators". Imports `walk`, `conditions`,
`spelling`, `fields`, and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra_runtime.arguments.conditions import FALSE, all_of, like_pattern
from infra_runtime.arguments.spelling import operator
from infra_runtime.arguments.walk import Shape, Walk, is_mapping, mapping, unknown
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.fields import FieldHandle
from infra_runtime.schema import Model, ScalarField

COMPARISONS = {"equals": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
TEXT_MATCHES = ("contains", "startswith", "endswith")
ORDERED = frozenset({"String", "Int", "BigInt", "Float", "Decimal", "DateTime"})
LIST_OPERATORS = frozenset({"equals", "has", "has_every", "has_some", "is_empty"})


def scalar_shape(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    """What a value, a field reference or operators say of a field that is no list, and no Json. Errors: ArgumentError and its subclasses."""
    name = field.name
    if value is None:
        return _null(field, True)
    if not is_mapping(value):
        if isinstance(value, FieldHandle):
            return ("compare", name, "=", operand_of(walk, model, field, value))
        return ("compare", name, "=", ("value", walk.value(field, value)))
    if walk.engine.lenient and "_ref" in value:
        return ("compare", name, "=", operand_of(walk, model, field, value))
    return all_of(_operators(walk, model, field, value))


def _null(field: ScalarField, is_null: bool) -> Shape:
    if field.is_required:
        raise MissingRequiredValueError(f"a value is required: {field.name} is never null")
    return ("null", field.name, is_null)


def _operators(
    walk: Walk, model: Model, field: ScalarField, given: Mapping[str, Any], *, negated: bool = False
) -> list[Shape]:
    """One shape for each operator of a scalar filter; `negated`: it stands within `not`."""
    insensitive = _mode(walk, field, given.get("mode"))
    shapes = []
    for spelt, value in given.items():
        name = operator(spelt)
        try:
            if name == "not":
                shapes.append(_not(walk, model, field, value, insensitive, negated=negated))
            elif name != "mode":
                shape = _operation(walk, model, field, name, value, insensitive)
                shapes.append(("not", shape) if negated else shape)
        except ArgumentError as error:
            raise error.under(spelt) from None
    return shapes


def _mode(walk: Walk, field: ScalarField, mode: Any) -> bool:
    if mode is None or mode == "default":
        return False
    if mode != "insensitive" or field.type != "String" or field.is_enum:
        raise InputError("mode is `default` or `insensitive`, on String fields").under("mode")
    if not walk.engine.dialect.has_mode:
        raise InputError(
            f"mode: insensitive does not exist on {walk.engine.dialect.name}: what a comparison sees as equal is its collation's matter"
        ).under("mode")
    return True


def _operation(walk: Walk, model: Model, field: ScalarField, name: str, value: Any, insensitive: bool) -> Shape:
    if name in COMPARISONS:
        if name != "equals" and not _is_ordered(field):
            raise unknown("operator", name, _operator_names(field))
        if value is None:
            if name == "equals":
                return _null(field, True)
            raise InputError("expected a value, got None")
        compared = ("icompare" if insensitive else "compare", field.name, COMPARISONS[name])
        return (*compared, operand_of(walk, model, field, value))
    if name in ("in", "not_in"):
        return _in(walk, model, field, name, value, insensitive)
    if name in TEXT_MATCHES and field.type == "String" and not field.is_enum:
        return ("like", field.name, name, _text_operand(walk, model, field, name, value), insensitive)
    if name == "search" and field.type == "String" and not field.is_enum:
        return ("search", (field.name,), search_slot(walk, value))
    raise unknown("operator", name, _operator_names(field))


def search_slot(walk: Walk, query: Any) -> int:
    """The slot of a full-text query. Errors: InputError for no text, and on a database without such search."""
    if not walk.engine.dialect.full_text:
        raise InputError(f"full-text search does not exist on {walk.engine.dialect.name}: use contains")
    if not isinstance(query, str):
        raise InputError(f"expected a text, got {type(query).__name__}")
    return walk.slot(query)


def _is_ordered(field: ScalarField) -> bool:
    return field.type in ORDERED and not field.is_enum


def _operator_names(field: ScalarField) -> list[str]:
    names = ["equals", "not", "in", "not_in"]
    if _is_ordered(field):
        names += ["lt", "lte", "gt", "gte"]
    if field.type == "String" and not field.is_enum:
        names += [*TEXT_MATCHES, "mode", "search"]
    return names


def _not(
    walk: Walk, model: Model, field: ScalarField, value: Any, insensitive: bool, *, negated: bool = False
) -> Shape:
    """`not` leaves out NULLs, as SQL's own comparison does.

    `not` within `not` turns the filter it holds round again, but not a value: `{"not": {"not": 4}}` is `{"not": 4}`, as in Prisma.
    """
    if value is None:
        return _null(field, False)
    if is_mapping(value) and not (walk.engine.lenient and "_ref" in value):
        given = {"mode": "insensitive", **value} if insensitive else value
        return all_of(_operators(walk, model, field, given, negated=not negated))
    compared = "icompare" if insensitive else "compare"
    return (compared, field.name, "<>", operand_of(walk, model, field, value))


def _in(walk: Walk, model: Model, field: ScalarField, name: str, value: Any, insensitive: bool) -> Shape:
    reference = reference_to(walk, model, field, value, wants_list=True)
    if reference is not None:
        return _negated(name, ("in field", field.name, reference, insensitive))
    if value is None:
        return _negated(name, ("null", field.name, True))
    if isinstance(value, (set, frozenset)):
        # The same set is the same list in every process.
        value = sorted(value, key=repr)
    if isinstance(value, (list, tuple)):
        items = [item for item in value if item is not None]
        if any(isinstance(item, (FieldHandle, Mapping)) for item in items):
            compared = "icompare" if insensitive else "compare"
            shapes = [(compared, field.name, "=", operand_of(walk, model, field, item)) for item in items]
            return _negated(name, ("or", tuple(shapes)))
    else:
        items = value
    if not items and isinstance(value, (list, tuple)):
        return _negated(name, FALSE)
    shape = ("iin" if insensitive else "in", field.name, walk.list_slot(field, items))
    return _negated(name, shape)


def _negated(name: str, shape: Shape) -> Shape:
    return ("not", shape) if name == "not_in" else shape


def reference_to(walk: Walk, model: Model, field: ScalarField, value: Any, *, wants_list: bool = False) -> str | None:
    """The field that a field reference names; None for a value. Errors: ArgumentError for one that does not fit."""
    if isinstance(value, FieldHandle):
        container, name = value.model, value.name
    elif walk.engine.lenient and is_mapping(value) and "_ref" in value:
        container, name = value.get("_container", model.name), value["_ref"]
    else:
        return None
    if not isinstance(name, str):
        raise InputError(f"expected the name of a field, got {type(name).__name__}").under("_ref")
    if container != model.name:
        raise ArgumentError(
            f"{container}.{name} is no field of {model.name}: a reference stands for a column of the same row"
        )
    other = model.scalar.get(name)
    if other is None or not other.readable:
        raise unknown("field", name, (item.name for item in model.readable), model)
    if other.type != field.type or other.is_list != wants_list:
        expected = f"{field.type}{'[]' if wants_list else ''}"
        raise ArgumentError(f"{model.name}.{name} is {other.type}{'[]' if other.is_list else ''}, not {expected}")
    return name


def operand_of(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    """What a field is compared with: another field, or a value. Errors: ArgumentError and its subclasses."""
    reference = reference_to(walk, model, field, value)
    if reference is not None:
        return ("field", reference)
    return ("value", walk.value(field, value))


def _text_operand(walk: Walk, model: Model, field: ScalarField, kind: str, value: Any) -> Shape:
    """The operand of LIKE: a value gets its wildcards here, a field in SQL."""
    reference = reference_to(walk, model, field, value)
    if reference is not None:
        return ("field", reference)
    encode = walk.engine.codec(field).encode
    return ("value", walk.converted(lambda value: like_pattern(kind, encode(value)), value))


# -- lists ------------------------------------------------------------------------------------------------------------


def list_shape(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    """What a list, or operators, say of a field that is one. Errors: ArgumentError and its subclasses."""
    if value is None:
        return ("null", field.name, True)
    if isinstance(value, (list, tuple, FieldHandle)):
        value = {"equals": value}
    shapes = []
    for spelt, item in mapping(value, "a list, or a filter on one").items():
        name = operator(spelt)
        try:
            if name == "not":
                shapes.append(
                    ("null", field.name, False) if item is None else ("not", list_shape(walk, model, field, item))
                )
            elif name not in LIST_OPERATORS:
                raise unknown("operator", spelt, sorted(LIST_OPERATORS))
            else:
                shapes.append(_list_operation(walk, model, field, name, item))
        except ArgumentError as error:
            raise error.under(spelt) from None
    return all_of(shapes)


def _list_operation(walk: Walk, model: Model, field: ScalarField, name: str, value: Any) -> Shape:
    if name == "is_empty":
        if value is not True and value is not False:
            raise InputError(f"expected bool, got {type(value).__name__}")
        return ("list", field.name, name, value)
    if value is None and name == "equals":
        return ("null", field.name, True)
    if name == "has":
        reference = reference_to(walk, model, field, value)
        codec = walk.engine.codec(field)
        if reference is not None:
            return ("list", field.name, name, ("field", reference))
        if value is None:
            return ("list", field.name, name, ("value", walk.slot(None)))
        return ("list", field.name, name, ("value", walk.converted((codec.item or codec).encode, value)))
    reference = reference_to(walk, model, field, value, wants_list=True)
    if reference is not None:
        return ("list", field.name, name, ("field", reference))
    return ("list", field.name, name, ("value", walk.value(field, value)))
