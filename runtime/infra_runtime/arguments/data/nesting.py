"""What may stand in `data`: the nested operations that a relation takes, and the operators that a field takes.

Source: https://www.prisma.io/docs/orm/reference/prisma-client-reference#nested-queries. Imports `tree` and the runtime's `schema`.
"""

from __future__ import annotations

from functools import lru_cache

from infra_runtime.arguments.data.tree import AssignmentOperator
from infra_runtime.schema import RelationField, ScalarField

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
