"""Walks `where`: filters on scalars, lists, Json and relations, joined by AND, OR and NOT.

Shapes (a value is a slot, a field reference is a name):

    ("true",)  ("false",)  ("and", (…))  ("or", (…))  ("not", shape)
    ("null", field, is_null)
    ("compare", field, operator, operand)                 operand: ("value", slot) | ("field", name)
    ("in", field, list)                                   see Walk.packed
    ("in field", field, name, insensitive)                in a list column of the same row
    ("like", field, kind, operand, insensitive)
    ("search", (field, …), slot)                          the fields are searched together
    ("found", …)                                          words are searched for, see `search`
    ("list", field, operator, operand)
    ("json", field, path, operator, operand)              path: slot | None
    ("relation", name, quantifier, shape | None)          with the scopes of the model it leads to beside it

Source of meanings: Prisma's documentation, "Prisma Client API reference: filter conditions and operators", and "Null and undefined".
Imports `walk`, `spelling`, `fields`, and the bottom of the runtime.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from infra_runtime.arguments.spelling import LOGIC, operator
from infra_runtime.arguments.walk import Shape, Walk, is_mapping, mapping, unknown
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.fields import FieldHandle
from infra_runtime.schema import Model, RelationField, ScalarField, UniqueKey
from infra_runtime.values.nulls import AnyNull, DbNull, JsonNull

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

TRUE: Shape = ("true",)
"""Nothing is said: no condition at all. OR and NOT pass over it, as in Prisma."""
FALSE: Shape = ("false",)
ONE_OF_NONE: Shape = ("or", ())
"""An empty OR: it matches nothing, but as an operand of AND it is passed over, as in Prisma."""

SEARCH = "_search"
"""What `search` is as a part of `where`, for operations that have but the one condition."""

COMPARISONS = {"equals": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
TEXT_MATCHES = ("contains", "startswith", "endswith")
ORDERED = frozenset({"String", "Int", "BigInt", "Float", "Decimal", "DateTime"})
TO_MANY = frozenset({"some", "every", "none"})
TO_ONE = frozenset({"is", "is_not"})
LIST_OPERATORS = frozenset({"equals", "has", "has_every", "has_some", "is_empty"})
JSON_MATCHES = {
    "string_contains": "contains",
    "string_starts_with": "startswith",
    "string_ends_with": "endswith",
    "array_contains": "array_contains",
    "array_starts_with": "array_starts_with",
    "array_ends_with": "array_ends_with",
}


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


def both(one: Shape, other: Shape) -> Shape:
    """One condition and the other."""
    if one == TRUE:
        return other
    return one if other == TRUE else ("and", (one, other))


def _all(shapes: list[Shape]) -> Shape:
    said = [shape for shape in shapes if shape != TRUE]
    if not said:
        return TRUE
    return said[0] if len(said) == 1 else ("and", tuple(said))


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
                shapes.append(_words(walk, model, value))
            elif name in model.unique_key:
                shapes.append(_compound(walk, model, model.unique_key[name], value))
            else:
                raise unknown("field", name, _names(model), model)
        except ArgumentError as error:
            raise error.under(name) from None
    return shapes[0] if len(shapes) == 1 else _all(_searched_together(walk, shapes))


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


def _words(walk: Walk, model: Model, value: Any) -> Shape:
    # What walks a search makes conditions, so it stands on this module.
    from infra_runtime.arguments.search import search_shape

    return search_shape(walk, model, value)


def search_slot(walk: Walk, query: Any) -> int:
    """The slot of a full-text query. Errors: InputError for no text, and on a database without such search."""
    if not walk.engine.dialect.full_text:
        raise InputError(f"full-text search does not exist on {walk.engine.dialect.name}: use contains")
    if not isinstance(query, str):
        raise InputError(f"expected a text, got {type(query).__name__}")
    return walk.slot(query)


def _names(model: Model) -> Iterator[str]:
    yield from (field.name for field in model.readable)
    yield from model.relation
    yield from (key.name for key in model.unique_keys if len(key.fields) > 1)
    yield from sorted(LOGIC)


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
        return _all([shape for shape in shapes if shape != ONE_OF_NONE])
    if name == "OR":
        said = [shape for shape in shapes if shape != TRUE]
        return said[0] if len(said) == 1 else ("or", tuple(said))
    # NOT holds where none of them does; an empty filter says nothing, so not either.
    return _all([("not", shape) for shape in shapes if shape != TRUE])


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
    return _all(shapes)


# -- scalars -----------------------------------------------------------------------------------------------------------
def _scalar(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    name = field.name
    if field.is_list:
        return _list(walk, model, field, value)
    if field.type == "Json":
        return _json(walk, model, field, value)
    if value is None:
        return _null(field, True)
    if not is_mapping(value):
        if isinstance(value, FieldHandle):
            return ("compare", name, "=", _operand(walk, model, field, value))
        return ("compare", name, "=", ("value", walk.value(field, value)))
    if walk.engine.lenient and "_ref" in value:
        return ("compare", name, "=", _operand(walk, model, field, value))
    return _all(_operators(walk, model, field, value))


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
        return (*compared, _operand(walk, model, field, value))
    if name in ("in", "not_in"):
        return _in(walk, model, field, name, value, insensitive)
    if name in TEXT_MATCHES and field.type == "String" and not field.is_enum:
        return ("like", field.name, name, _text_operand(walk, model, field, name, value), insensitive)
    if name == "search" and field.type == "String" and not field.is_enum:
        return ("search", (field.name,), search_slot(walk, value))
    raise unknown("operator", name, _operator_names(field))


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
        return _all(_operators(walk, model, field, given, negated=not negated))
    compared = "icompare" if insensitive else "compare"
    return (compared, field.name, "<>", _operand(walk, model, field, value))


def _in(walk: Walk, model: Model, field: ScalarField, name: str, value: Any, insensitive: bool) -> Shape:
    reference = _reference(walk, model, field, value, wants_list=True)
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
            shapes = [(compared, field.name, "=", _operand(walk, model, field, item)) for item in items]
            return _negated(name, ("or", tuple(shapes)))
    else:
        items = value
    if not items and isinstance(value, (list, tuple)):
        return _negated(name, FALSE)
    shape = ("iin" if insensitive else "in", field.name, walk.list_slot(field, items))
    return _negated(name, shape)


def _negated(name: str, shape: Shape) -> Shape:
    return ("not", shape) if name == "not_in" else shape


def _reference(walk: Walk, model: Model, field: ScalarField, value: Any, *, wants_list: bool = False) -> str | None:
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


def _operand(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    reference = _reference(walk, model, field, value)
    if reference is not None:
        return ("field", reference)
    return ("value", walk.value(field, value))


def _text_operand(walk: Walk, model: Model, field: ScalarField, kind: str, value: Any) -> Shape:
    """The operand of LIKE: a value gets its wildcards here, a field in SQL."""
    reference = _reference(walk, model, field, value)
    if reference is not None:
        return ("field", reference)
    return ("value", walk.slot(like_pattern(kind, walk.engine.codec(field).encode(value))))


def like_pattern(kind: str, text: str) -> str:
    """A LIKE pattern (escape character `\\`) in which the text's own wildcards are characters."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{'' if kind == 'startswith' else '%'}{escaped}{'' if kind == 'endswith' else '%'}"


# -- lists -------------------------------------------------------------------------------------------------------------
def _list(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    if value is None:
        return ("null", field.name, True)
    if isinstance(value, (list, tuple, FieldHandle)):
        value = {"equals": value}
    shapes = []
    for spelt, item in mapping(value, "a list, or a filter on one").items():
        name = operator(spelt)
        try:
            if name == "not":
                shapes.append(("null", field.name, False) if item is None else ("not", _list(walk, model, field, item)))
            elif name not in LIST_OPERATORS:
                raise unknown("operator", spelt, sorted(LIST_OPERATORS))
            else:
                shapes.append(_list_operation(walk, model, field, name, item))
        except ArgumentError as error:
            raise error.under(spelt) from None
    return _all(shapes)


def _list_operation(walk: Walk, model: Model, field: ScalarField, name: str, value: Any) -> Shape:
    if name == "is_empty":
        if value is not True and value is not False:
            raise InputError(f"expected bool, got {type(value).__name__}")
        return ("list", field.name, name, value)
    if value is None and name == "equals":
        return ("null", field.name, True)
    if name == "has":
        reference = _reference(walk, model, field, value)
        codec = walk.engine.codec(field)
        if reference is not None:
            return ("list", field.name, name, ("field", reference))
        if value is None:
            return ("list", field.name, name, ("value", walk.slot(None)))
        return ("list", field.name, name, ("value", walk.slot((codec.item or codec).encode(value))))
    reference = _reference(walk, model, field, value, wants_list=True)
    if reference is not None:
        return ("list", field.name, name, ("field", reference))
    return ("list", field.name, name, ("value", walk.value(field, value)))


# -- Json --------------------------------------------------------------------------------------------------------------
def _json(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    """A filter on a Json column always names its operator: a bare mapping could be one or a value."""
    if value is None:
        raise MissingRequiredValueError("a filter is required: say {'equals': DbNull}, JsonNull or AnyNull")
    given = mapping(value, "a filter such as {'equals': …} or {'path': …, 'string_contains': …}")
    path = given.get("path")
    slot = None if path is None else walk.slot(_path(walk, path))
    shapes = []
    for spelt, item in given.items():
        try:
            if spelt not in ("path", "mode"):
                shapes.append(_json_operation(walk, model, field, slot, operator(spelt), item))
        except ArgumentError as error:
            raise error.under(spelt) from None
    if slot is not None and not shapes:
        raise InputError("a path needs a filter beside it, such as `equals`").under("path")
    return _all(shapes)


def _path(walk: Walk, path: Any) -> Any:
    """A path into a Json value: PostgreSQL takes its steps, the others one text (`$.address.lines[0]`); both may be given either way."""
    if isinstance(path, str):
        if walk.engine.dialect.name != "postgresql":
            return path
        return [step for step in path.removeprefix("$").replace("[", ".").replace("]", "").split(".") if step]
    if isinstance(path, (list, tuple)):
        steps = [str(step) for step in path]
        if walk.engine.dialect.name == "postgresql":
            return steps
        # A key stands in the path as it does in a document: with its quotes and backslashes escaped.
        return "$" + "".join(
            f"[{step}]" if step.isdecimal() else f".{json.dumps(step, ensure_ascii=False)}" for step in steps
        )
    raise InputError(f"expected a path, got {type(path).__name__}").under("path")


def _json_operation(walk: Walk, model: Model, field: ScalarField, path: int | None, name: str, value: Any) -> Shape:
    if name == "not":
        if value is DbNull and path is None:
            return ("null", field.name, False)
        return ("not", _json_operation(walk, model, field, path, "equals", value))
    if name == "equals":
        if value is DbNull:
            return ("null", field.name, True) if path is None else ("json null", field.name, path)
        if value is AnyNull:
            null = ("json", field.name, path, "equals", ("value", walk.value(field, JsonNull)))
            return ("or", (("json null", field.name, path), null))
        return ("json", field.name, path, "equals", _json_operand(walk, model, field, value))
    if name in ("lt", "lte", "gt", "gte"):
        operand = _json_operand(walk, model, field, value)
        if operand[0] == "field" and walk.engine.dialect.name != "postgresql":
            raise ArgumentError("one Json field is compared by order with another on PostgreSQL alone: give a value")
        return ("json", field.name, path, COMPARISONS[name], operand)
    if name not in JSON_MATCHES:
        raise unknown("operator", name, ["equals", "not", "lt", "lte", "gt", "gte", "path", *JSON_MATCHES])
    kind = JSON_MATCHES[name]
    if kind.startswith("array"):
        return ("json", field.name, path, kind, _json_operand(walk, model, field, value))
    reference = _reference(walk, model, _TEXT, value)
    if reference is not None:
        return ("json", field.name, path, kind, ("field", reference))
    if not isinstance(value, str):
        raise InputError(f"expected str, got {type(value).__name__}")
    return ("json", field.name, path, kind, ("value", walk.slot(like_pattern(kind, value))))


_TEXT = ScalarField("", "String")
"""What a field must be whose text is looked for in a Json value."""


def _json_operand(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    reference = _reference(walk, model, field, value)
    if reference is not None:
        return ("field", reference)
    return ("value", walk.value(field, JsonNull if value is None else value))


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
    return _all(shapes)


def _related(walk: Walk, relation: RelationField, quantifier: str, where: Any) -> Shape:
    """The shape with what the caller says of the related rows, and with the scopes that say which rows there are."""
    walk.deeper()
    target = walk.engine.schema.model[relation.model]
    inner = None if where is None else where_shape(walk, target, where, scoped=False)
    there = _with_scopes(walk, target, TRUE) if walk.engine.hides_rows else TRUE
    walk.depth -= 1
    return ("relation", relation.name, quantifier, inner, there)
