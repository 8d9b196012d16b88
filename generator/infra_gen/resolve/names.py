"""The names Prisma gives to keys and constraints that the schema does not name.

Source: Prisma's documentation, "Prisma ORM's default naming conventions for indexes and constraints"; a name is cut so that
with its ending it fits the database's limit, counted in bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra_gen import ir

LIMITS: dict[ir.Provider, int] = {"postgresql": 63, "mysql": 64, "sqlite": 10_000}


def constraint_name(provider: ir.Provider, table: str, columns: Sequence[str], ending: str) -> str:
    """`User_email_key` from table, columns and the ending `_key`."""
    room = LIMITS[provider] - len(ending)
    joined = "_".join((table, *columns)).encode()
    return joined[:room].decode(errors="ignore") + ending


def relation_name(one: str, other: str) -> str:
    """`PostToUser`: the default name of a relation, its models in alphabetical order."""
    first, second = sorted((one, other))
    return f"{first}To{second}"
