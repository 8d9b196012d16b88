"""PostgreSQL: which columns change their type in place, and which are dropped and made anew.

The rule is that of `prisma migrate`: a column is altered where PostgreSQL itself casts its values when they are assigned, and where
every value of the old type has room in the new one's length. (Prisma also alters an enum's column to a list of it, which no database does.)
"""

from __future__ import annotations

import re

from infra_gen.database.catalog import Column

TEXTS = ("TEXT", "VARCHAR", "CHAR")
NUMBERS = ("SMALLINT", "INTEGER", "BIGINT", "REAL", "DOUBLE PRECISION", "DECIMAL")
MOMENTS = ("TIMESTAMP", "TIMESTAMPTZ", "DATE", "TIME", "TIMETZ")
OTHERS = ("BIT", "VARBIT", "UUID", "XML", "INET", "CITEXT", "BOOLEAN", "OID", "MONEY", "JSONB", "JSON", "BYTEA")
ANYTHING = (*TEXTS, *NUMBERS, *MOMENTS, *OTHERS)

IN_PLACE: dict[str, tuple[str, ...]] = {
    "TEXT": (*TEXTS, "CITEXT"),
    "VARCHAR": TEXTS,
    "CHAR": TEXTS,
    "BIT": (*TEXTS, "BIT", "VARBIT"),
    "VARBIT": (*TEXTS, "BIT", "VARBIT"),
    "UUID": TEXTS,
    "XML": TEXTS,
    "INET": ("TEXT", "VARCHAR", "CITEXT"),
    "CITEXT": ANYTHING,
    "MONEY": ANYTHING,
    "BOOLEAN": TEXTS,
    **dict.fromkeys(NUMBERS, (*TEXTS, *NUMBERS)),
    "OID": ("TEXT", "VARCHAR", "INTEGER", "BIGINT"),
    "TIMESTAMP": (*TEXTS, *MOMENTS),
    "TIMESTAMPTZ": (*TEXTS, *MOMENTS),
    "DATE": (*TEXTS, "TIMESTAMP", "TIMESTAMPTZ"),
    "TIME": (*TEXTS, "TIME", "TIMETZ"),
    "TIMETZ": (*TEXTS, "TIME", "TIMETZ"),
    "JSONB": (*TEXTS, "JSON"),
    "JSON": (*TEXTS, "JSONB"),
    "BYTEA": TEXTS,
}
"""By the type a column has, the types it is altered to."""

ROOM: dict[str, int] = {
    "UUID": 32,
    "TIMESTAMP": 23,
    "TIMESTAMPTZ": 28,
    "DATE": 28,
    "TIME": 15,
    "TIMETZ": 20,
    "BYTEA": 3,
}
"""How long a text has to be for values of a type."""

_TYPE = re.compile(r"(?P<name>[A-Z ]+?)(?:\((?P<length>\d+)[^)]*\))?")


def changes_in_place(before: Column, after: Column) -> bool:
    """Is a column altered to another type, its values kept?"""
    (old, old_length), (new, new_length) = _base(before.type), _base(after.type)
    if before.is_list != after.is_list:
        # What becomes a text is the whole list, as PostgreSQL writes it.
        return before.is_list and old in IN_PLACE and new in TEXTS
    if new not in IN_PLACE.get(old, ()):
        return False
    if old == "BOOLEAN":
        return new != "CHAR" or (new_length or 1) >= 4
    if old == "BIT" and new in ("VARCHAR", "CHAR"):
        return (new_length is None and new == "VARCHAR") or (new_length or 1) >= (old_length or 1)
    if new == "CHAR" or (new == "VARCHAR" and new_length is not None):
        return (new_length or 1) >= ROOM.get(old, 1)
    return True


def _base(type_: str) -> tuple[str, int | None]:
    match = _TYPE.fullmatch(type_)
    return (match["name"], int(match["length"]) if match["length"] else None) if match else (type_, None)
