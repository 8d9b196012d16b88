"""Names: what a table, column, enum or relation is called in a schema that has no name for it yet. Pure; imports nothing of ours.

They are those that `prisma db pull` gives. Source: Prisma's documentation of introspection and of its naming conventions.
"""

from __future__ import annotations

import re
from collections.abc import Container

_WRONG_START = re.compile(r"^[^a-zA-Z]+")
_WRONG = re.compile(r"[^_a-zA-Z0-9]")
EMPTY_VALUE = "EMPTY_ENUM_VALUE"


def sanitized(name: str) -> str:
    """The name with only what the schema language takes: no sign or digit in front, no sign within. It may be empty."""
    return _WRONG.sub("_", _WRONG_START.sub("", name))


def type_name(name: str, reserved: Container[str]) -> str:
    """The name of a model or enum."""
    plain = sanitized(name)
    return f"Renamed{plain}" if plain in reserved else plain


def value_name(value: str) -> str:
    """The name of an enum's value."""
    return sanitized(value) if value else EMPTY_VALUE


def free(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it where it is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
