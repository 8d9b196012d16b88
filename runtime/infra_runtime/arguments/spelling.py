"""The two spellings of the query language: Python's, which shapes use, and Prisma's, which is taken alike. Imports nothing."""

from __future__ import annotations

OPERATORS = {
    "notIn": "not_in",
    "startsWith": "startswith",
    "endsWith": "endswith",
    "isNot": "is_not",
    "hasEvery": "has_every",
    "hasSome": "has_some",
    "isEmpty": "is_empty",
    "isSet": "is_set",
}
"""Prisma's operators that Python spells otherwise."""

QUERY = {"orderBy": "order", "order_by": "order", "skipDuplicates": "skip_duplicates", "relationLoadStrategy": ""}
"""Arguments of a query. Prisma's hint about joins means nothing here: rows are the same."""

LOGIC = frozenset({"AND", "OR", "NOT"})


def operator(name: str) -> str:
    """An operator in Python's spelling."""
    return OPERATORS.get(name, name)
