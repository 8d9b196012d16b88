"""Filters on scalar columns: what stands behind a field's name in `where`, shared by all generated packages.

They mean what Prisma's mean: a bare value is `equals`; `not` leaves out NULLs; `in: []` matches nothing. `not_in`, `startswith` and
the like may also be spelt Prisma's way at run time. Enums have theirs in the generated package. A handle (`UserFields.email`) stands for
another column of the same row. Imports `fields` of the runtime.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from typing_extensions import TypedDict

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, and lists and dicts of them."""

SortDirection: TypeAlias = Literal["asc", "desc"]


class NullsOrder(TypedDict, total=False):
    """An order that says where rows without a value go."""

    sort: SortDirection
    nulls: Literal["first", "last"]


class CountOrder(TypedDict, total=False):
    """An order by the number of related rows."""

    _count: SortDirection


class RelevanceOrder(TypedDict, total=False):
    """An order by how well text fields fit a search."""

    fields: list[str]
    search: str
    sort: SortDirection


StringFilter = TypedDict(
    "StringFilter",
    {
        "equals": "str",
        "not": "str | StringFilter",
        "in": list[str],
        "not_in": list[str],
        "lt": "str",
        "lte": "str",
        "gt": "str",
        "gte": "str",
        "contains": "str",
        "startswith": "str",
        "endswith": "str",
        "search": str,
        "mode": Literal["default", "insensitive"],
    },
    total=False,
)
"""A filter on text."""

StringNullableFilter = TypedDict(
    "StringNullableFilter",
    {
        "equals": "str | None",
        "not": "str | None | StringNullableFilter",
        "in": list[str],
        "not_in": list[str],
        "lt": "str",
        "lte": "str",
        "gt": "str",
        "gte": "str",
        "contains": "str",
        "startswith": "str",
        "endswith": "str",
        "search": str,
        "mode": Literal["default", "insensitive"],
    },
    total=False,
)
"""A filter on text that may be NULL."""

BooleanFilter = TypedDict(
    "BooleanFilter",
    {
        "equals": "bool",
        "not": "bool | BooleanFilter",
    },
    total=False,
)
"""A filter on a truth value."""

BooleanNullableFilter = TypedDict(
    "BooleanNullableFilter",
    {
        "equals": "bool | None",
        "not": "bool | None | BooleanNullableFilter",
    },
    total=False,
)
"""A filter on a truth value that may be NULL."""

IntFilter = TypedDict(
    "IntFilter",
    {
        "equals": "int",
        "not": "int | IntFilter",
        "in": list[int],
        "not_in": list[int],
        "lt": "int",
        "lte": "int",
        "gt": "int",
        "gte": "int",
    },
    total=False,
)
"""A filter on an integer, BigInt included."""

IntNullableFilter = TypedDict(
    "IntNullableFilter",
    {
        "equals": "int | None",
        "not": "int | None | IntNullableFilter",
        "in": list[int],
        "not_in": list[int],
        "lt": "int",
        "lte": "int",
        "gt": "int",
        "gte": "int",
    },
    total=False,
)
"""A filter on an integer, BigInt included that may be NULL."""

FloatFilter = TypedDict(
    "FloatFilter",
    {
        "equals": "float",
        "not": "float | FloatFilter",
        "in": list[float],
        "not_in": list[float],
        "lt": "float",
        "lte": "float",
        "gt": "float",
        "gte": "float",
    },
    total=False,
)
"""A filter on a floating-point number."""

FloatNullableFilter = TypedDict(
    "FloatNullableFilter",
    {
        "equals": "float | None",
        "not": "float | None | FloatNullableFilter",
        "in": list[float],
        "not_in": list[float],
        "lt": "float",
        "lte": "float",
        "gt": "float",
        "gte": "float",
    },
    total=False,
)
"""A filter on a floating-point number that may be NULL."""

DecimalFilter = TypedDict(
    "DecimalFilter",
    {
        "equals": "Decimal",
        "not": "Decimal | DecimalFilter",
        "in": list[Decimal],
        "not_in": list[Decimal],
        "lt": "Decimal",
        "lte": "Decimal",
        "gt": "Decimal",
        "gte": "Decimal",
    },
    total=False,
)
"""A filter on a decimal number."""

DecimalNullableFilter = TypedDict(
    "DecimalNullableFilter",
    {
        "equals": "Decimal | None",
        "not": "Decimal | None | DecimalNullableFilter",
        "in": list[Decimal],
        "not_in": list[Decimal],
        "lt": "Decimal",
        "lte": "Decimal",
        "gt": "Decimal",
        "gte": "Decimal",
    },
    total=False,
)
"""A filter on a decimal number that may be NULL."""

DateTimeFilter = TypedDict(
    "DateTimeFilter",
    {
        "equals": "datetime",
        "not": "datetime | DateTimeFilter",
        "in": list[datetime],
        "not_in": list[datetime],
        "lt": "datetime",
        "lte": "datetime",
        "gt": "datetime",
        "gte": "datetime",
    },
    total=False,
)
"""A filter on a point in time."""

DateTimeNullableFilter = TypedDict(
    "DateTimeNullableFilter",
    {
        "equals": "datetime | None",
        "not": "datetime | None | DateTimeNullableFilter",
        "in": list[datetime],
        "not_in": list[datetime],
        "lt": "datetime",
        "lte": "datetime",
        "gt": "datetime",
        "gte": "datetime",
    },
    total=False,
)
"""A filter on a point in time that may be NULL."""

BytesFilter = TypedDict(
    "BytesFilter",
    {
        "equals": "bytes",
        "not": "bytes | BytesFilter",
        "in": list[bytes],
        "not_in": list[bytes],
    },
    total=False,
)
"""A filter on bytes."""

BytesNullableFilter = TypedDict(
    "BytesNullableFilter",
    {
        "equals": "bytes | None",
        "not": "bytes | None | BytesNullableFilter",
        "in": list[bytes],
        "not_in": list[bytes],
    },
    total=False,
)
"""A filter on bytes that may be NULL."""

JsonFilter = TypedDict(
    "JsonFilter",
    {
        "equals": Json,
        "not": Json,
        "path": list[str] | str,
        "lt": Json,
        "lte": Json,
        "gt": Json,
        "gte": Json,
        "string_contains": str,
        "string_starts_with": str,
        "string_ends_with": str,
        "array_contains": Json,
        "array_starts_with": Json,
        "array_ends_with": Json,
        "mode": Literal["default", "insensitive"],
    },
    total=False,
)
"""A filter on JSON, or with `path` on a part of it."""


class StringListFilter(TypedDict, total=False):
    """A filter on a list of String."""

    equals: list[str]
    has: str
    has_every: list[str]
    has_some: list[str]
    is_empty: bool


class BooleanListFilter(TypedDict, total=False):
    """A filter on a list of Boolean."""

    equals: list[bool]
    has: bool
    has_every: list[bool]
    has_some: list[bool]
    is_empty: bool


class IntListFilter(TypedDict, total=False):
    """A filter on a list of Int."""

    equals: list[int]
    has: int
    has_every: list[int]
    has_some: list[int]
    is_empty: bool


class FloatListFilter(TypedDict, total=False):
    """A filter on a list of Float."""

    equals: list[float]
    has: float
    has_every: list[float]
    has_some: list[float]
    is_empty: bool


class DecimalListFilter(TypedDict, total=False):
    """A filter on a list of Decimal."""

    equals: list[Decimal]
    has: Decimal
    has_every: list[Decimal]
    has_some: list[Decimal]
    is_empty: bool


class DateTimeListFilter(TypedDict, total=False):
    """A filter on a list of DateTime."""

    equals: list[datetime]
    has: datetime
    has_every: list[datetime]
    has_some: list[datetime]
    is_empty: bool


class BytesListFilter(TypedDict, total=False):
    """A filter on a list of Bytes."""

    equals: list[bytes]
    has: bytes
    has_every: list[bytes]
    has_some: list[bytes]
    is_empty: bool


class JsonListFilter(TypedDict, total=False):
    """A filter on a list of Json."""

    equals: list[Json]
    has: Json
    has_every: list[Json]
    has_some: list[Json]
    is_empty: bool


class IntUpdate(TypedDict, total=False):
    """A change of a number relative to what it is; one key."""

    set: int
    increment: int
    decrement: int
    multiply: int
    divide: int


class FloatUpdate(TypedDict, total=False):
    """A change of a number relative to what it is; one key."""

    set: float
    increment: float
    decrement: float
    multiply: float
    divide: float


class DecimalUpdate(TypedDict, total=False):
    """A change of a number relative to what it is; one key."""

    set: Decimal
    increment: Decimal
    decrement: Decimal
    multiply: Decimal
    divide: Decimal


class StringListUpdate(TypedDict, total=False):
    """A change of a list of String; one key."""

    set: list[str]
    push: str | list[str]


class BooleanListUpdate(TypedDict, total=False):
    """A change of a list of Boolean; one key."""

    set: list[bool]
    push: bool | list[bool]


class IntListUpdate(TypedDict, total=False):
    """A change of a list of Int; one key."""

    set: list[int]
    push: int | list[int]


class FloatListUpdate(TypedDict, total=False):
    """A change of a list of Float; one key."""

    set: list[float]
    push: float | list[float]


class DecimalListUpdate(TypedDict, total=False):
    """A change of a list of Decimal; one key."""

    set: list[Decimal]
    push: Decimal | list[Decimal]


class DateTimeListUpdate(TypedDict, total=False):
    """A change of a list of DateTime; one key."""

    set: list[datetime]
    push: datetime | list[datetime]


class BytesListUpdate(TypedDict, total=False):
    """A change of a list of Bytes; one key."""

    set: list[bytes]
    push: bytes | list[bytes]


class JsonListUpdate(TypedDict, total=False):
    """A change of a list of Json; one key."""

    set: list[Json]
    push: Json | list[Json]
