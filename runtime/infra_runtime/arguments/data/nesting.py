"""What may stand in `data`: the nested operations that a relation takes, how their arguments are given, and the operators that a field takes.

Source: https://www.prisma.io/docs/orm/reference/prisma-client-reference#nested-queries. Imports `tree`, `arguments.walk`, and the runtime's
`errors` and `schema`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from infra_runtime.arguments.data.tree import AssignmentOperator
from infra_runtime.arguments.walk import mapping, unknown
from infra_runtime.errors import InputError, MissingRequiredValueError
from infra_runtime.schema import Model, RelationField, ScalarField

NESTED: dict[str, str] = {
    "create": "create",
    "create_many": "create_many",
    "createMany": "create_many",
    "connect": "connect",
    "connect_or_create": "connect_or_create",
    "connectOrCreate": "connect_or_create",
    "set": "set",
    "disconnect": "disconnect",
    "delete": "delete",
    "update": "update",
    "update_many": "update_many",
    "updateMany": "update_many",
    "upsert": "upsert",
    "delete_many": "delete_many",
    "deleteMany": "delete_many",
}
"""Nested operations in Python's and in Prisma's spelling."""

_IN_CREATE = frozenset({"create", "create_many", "connect", "connect_or_create"})
_ON_LIST = frozenset({"create_many", "set", "update_many", "delete_many"})
NUMERIC = frozenset({"Int", "BigInt", "Float", "Decimal"})
ARITHMETIC: dict[str, AssignmentOperator] = {
    "increment": "increment",
    "decrement": "decrement",
    "multiply": "multiply",
    "divide": "divide",
}


@lru_cache(2000)
def allowed(opposite: RelationField, relation: RelationField, creating: bool) -> tuple[str, ...]:
    """The nested operations that `relation` takes."""
    names = [name for name in dict.fromkeys(NESTED.values()) if not creating or name in _IN_CREATE]
    if not relation.is_list:
        names = [name for name in names if name not in _ON_LIST]
    elif relation.is_many_to_many or not opposite.is_owner:
        names.remove("create_many")
    if relation.is_required:
        names = [name for name in names if name not in ("disconnect", "delete")]
    return tuple(names)


@lru_cache(2000)
def allowed_operators(field: ScalarField) -> tuple[str, ...]:
    """The operators by which a field is changed."""
    names = ["set"]
    if field.is_list:
        names.append("push")
    elif field.type in NUMERIC and not field.is_enum:
        names += ARITHMETIC
    if field.arity == "optional":
        names.append("unset")
    return tuple(names)


def is_wrapped(model: Model, value: Any) -> bool:
    """Is the value of a to-one `update` written `{"where": …, "data": …}`, rather than being the data itself?"""
    if not isinstance(value, Mapping) or "data" not in value or not set(value) <= {"where", "data"}:
        return False
    return ("data" not in model.scalar and "data" not in model.relation) or "where" in value


def named_arguments(value: Any, *, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, Any]:
    """The arguments of a nested operation by their names. Errors: ArgumentError where one is missing, or unknown."""
    given = mapping(value, f"a mapping of {listed([*required, *optional])}")
    for name in required:
        if name not in given:
            raise MissingRequiredValueError("a value is required").under(name)
    for name in given:
        if name not in required and name not in optional:
            raise unknown("argument", name, [*required, *optional]).under(name)
    return given


def items_of(value: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """The items of one or many, each with its place in the list. Errors: ArgumentError for what is neither."""
    if isinstance(value, Mapping):
        yield (), value
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield (index,), item
    elif value is None:
        raise MissingRequiredValueError("a mapping or a list of them is wanted, None given")
    else:
        raise InputError(f"a mapping or a list of them is wanted, {type(value).__name__} given")


def listed(names: Sequence[str]) -> str:
    """Names as they stand in a message."""
    return ", ".join(f"`{name}`" for name in names)
