"""Filters on Json fields. What paths and matches mean on each database follows Prisma's documentation, "Working with Json fields".

Imports `walk`, `conditions`, `scalar_filters`, `spelling` and the bottom of the runtime.
"""

from __future__ import annotations

import json
from typing import Any

from infra_runtime.arguments.conditions import all_of, like_pattern
from infra_runtime.arguments.scalar_filters import COMPARISONS, reference_to
from infra_runtime.arguments.spelling import operator
from infra_runtime.arguments.walk import Shape, Walk, mapping, unknown
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.schema import Model, ScalarField
from infra_runtime.values.nulls import AnyNull, DbNull, JsonNull

JSON_MATCHES = {
    "string_contains": "contains",
    "string_starts_with": "startswith",
    "string_ends_with": "endswith",
    "array_contains": "array_contains",
    "array_starts_with": "array_starts_with",
    "array_ends_with": "array_ends_with",
}


def json_shape(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    """What operators say of a Json field. A filter on one always names its operator: a bare mapping could be one or a value.

    Errors: ArgumentError and its subclasses.
    """
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
    return all_of(shapes)


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
    reference = reference_to(walk, model, _TEXT, value)
    if reference is not None:
        return ("json", field.name, path, kind, ("field", reference))
    if not isinstance(value, str):
        raise InputError(f"expected str, got {type(value).__name__}")
    return ("json", field.name, path, kind, ("value", walk.slot(like_pattern(kind, value))))


_TEXT = ScalarField("", "String")
"""What a field must be whose text is looked for in a Json value."""


def _json_operand(walk: Walk, model: Model, field: ScalarField, value: Any) -> Shape:
    reference = reference_to(walk, model, field, value)
    if reference is not None:
        return ("field", reference)
    return ("value", walk.value(field, JsonNull if value is None else value))
