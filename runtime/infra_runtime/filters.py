"""Filters on scalar columns: what stands behind a field's name in `where`, shared by all generated packages.

They mean what Prisma's mean: a bare value is `equals`; `not` leaves out NULLs; `in: []` matches nothing. `not_in`, `startswith` and
the like may also be spelt Prisma's way at run time. Enums have theirs in the generated package. A handle (`UserFields.email`) stands for
another column of the same row. Imports `fields` of the runtime.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Literal, Required, TypeAlias, TypeVar

from typing_extensions import TypedDict

from infra_runtime.fields import FieldHandle

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, and lists and dicts of them."""

SortDirection: TypeAlias = Literal["asc", "desc"]


Deleted: TypeAlias = Literal["with", "only"]
"""Which rows, where deleted ones are kept: those too, or those alone."""


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


FieldT = TypeVar("FieldT", bound=str)
"""The names of a model's scalar fields, as a Literal."""


class Search(TypedDict, Generic[FieldT], total=False):
    """Words to look for, as people type them: `all` of them, `any`, together as a `phrase`, or each as the beginning of a word (`prefix`).

    `fields`: where to look; without them, in those of `@infra.search`. `language`: only an index of this language is used.
    """

    query: Required[str]
    fields: Sequence[FieldT]
    mode: Literal["all", "any", "phrase", "prefix"]
    language: str


class Highlight(TypedDict, Generic[FieldT], total=False):
    """How the texts of what a search found are shown: of these `fields` (without them, of those searched), words between `start` and `stop`
    (`<mark>` and `</mark>`), no more than about `length` characters (all, without it), `escape`d for HTML (unless it is False).
    """

    fields: Sequence[FieldT]
    start: str
    stop: str
    length: int
    escape: bool


StringFilter = TypedDict(
    "StringFilter",
    {
        "equals": "str | FieldHandle[str | None]",
        "not": "str | StringFilter",
        "in": list[str],
        "not_in": list[str],
        "lt": "str | FieldHandle[str | None]",
        "lte": "str | FieldHandle[str | None]",
        "gt": "str | FieldHandle[str | None]",
        "gte": "str | FieldHandle[str | None]",
        "contains": "str | FieldHandle[str | None]",
        "startswith": "str | FieldHandle[str | None]",
        "endswith": "str | FieldHandle[str | None]",
        "search": str,
        "mode": Literal["default", "insensitive"],
    },
    total=False,
)
"""A filter on text."""

StringNullableFilter = TypedDict(
    "StringNullableFilter",
    {
        "equals": "str | FieldHandle[str | None] | None",
        "not": "str | StringNullableFilter | None",
        "in": list[str],
        "not_in": list[str],
        "lt": "str | FieldHandle[str | None]",
        "lte": "str | FieldHandle[str | None]",
        "gt": "str | FieldHandle[str | None]",
        "gte": "str | FieldHandle[str | None]",
        "contains": "str | FieldHandle[str | None]",
        "startswith": "str | FieldHandle[str | None]",
        "endswith": "str | FieldHandle[str | None]",
        "search": str,
        "mode": Literal["default", "insensitive"],
    },
    total=False,
)
"""A filter on text that may be NULL."""

BooleanFilter = TypedDict(
    "BooleanFilter",
    {
        "equals": "bool | FieldHandle[bool | None]",
        "not": "bool | BooleanFilter",
    },
    total=False,
)
"""A filter on a truth value."""

BooleanNullableFilter = TypedDict(
    "BooleanNullableFilter",
    {
        "equals": "bool | FieldHandle[bool | None] | None",
        "not": "bool | BooleanNullableFilter | None",
    },
    total=False,
)
"""A filter on a truth value that may be NULL."""

IntFilter = TypedDict(
    "IntFilter",
    {
        "equals": "int | FieldHandle[int | None]",
        "not": "int | IntFilter",
        "in": list[int],
        "not_in": list[int],
        "lt": "int | FieldHandle[int | None]",
        "lte": "int | FieldHandle[int | None]",
        "gt": "int | FieldHandle[int | None]",
        "gte": "int | FieldHandle[int | None]",
    },
    total=False,
)
"""A filter on an integer, BigInt included."""

IntNullableFilter = TypedDict(
    "IntNullableFilter",
    {
        "equals": "int | FieldHandle[int | None] | None",
        "not": "int | IntNullableFilter | None",
        "in": list[int],
        "not_in": list[int],
        "lt": "int | FieldHandle[int | None]",
        "lte": "int | FieldHandle[int | None]",
        "gt": "int | FieldHandle[int | None]",
        "gte": "int | FieldHandle[int | None]",
    },
    total=False,
)
"""A filter on an integer, BigInt included that may be NULL."""

FloatFilter = TypedDict(
    "FloatFilter",
    {
        "equals": "float | FieldHandle[float | None]",
        "not": "float | FloatFilter",
        "in": list[float],
        "not_in": list[float],
        "lt": "float | FieldHandle[float | None]",
        "lte": "float | FieldHandle[float | None]",
        "gt": "float | FieldHandle[float | None]",
        "gte": "float | FieldHandle[float | None]",
    },
    total=False,
)
"""A filter on a floating-point number."""

FloatNullableFilter = TypedDict(
    "FloatNullableFilter",
    {
        "equals": "float | FieldHandle[float | None] | None",
        "not": "float | FloatNullableFilter | None",
        "in": list[float],
        "not_in": list[float],
        "lt": "float | FieldHandle[float | None]",
        "lte": "float | FieldHandle[float | None]",
        "gt": "float | FieldHandle[float | None]",
        "gte": "float | FieldHandle[float | None]",
    },
    total=False,
)
"""A filter on a floating-point number that may be NULL."""

DecimalFilter = TypedDict(
    "DecimalFilter",
    {
        "equals": "Decimal | FieldHandle[Decimal | None]",
        "not": "Decimal | DecimalFilter",
        "in": list[Decimal],
        "not_in": list[Decimal],
        "lt": "Decimal | FieldHandle[Decimal | None]",
        "lte": "Decimal | FieldHandle[Decimal | None]",
        "gt": "Decimal | FieldHandle[Decimal | None]",
        "gte": "Decimal | FieldHandle[Decimal | None]",
    },
    total=False,
)
"""A filter on a decimal number."""

DecimalNullableFilter = TypedDict(
    "DecimalNullableFilter",
    {
        "equals": "Decimal | FieldHandle[Decimal | None] | None",
        "not": "Decimal | DecimalNullableFilter | None",
        "in": list[Decimal],
        "not_in": list[Decimal],
        "lt": "Decimal | FieldHandle[Decimal | None]",
        "lte": "Decimal | FieldHandle[Decimal | None]",
        "gt": "Decimal | FieldHandle[Decimal | None]",
        "gte": "Decimal | FieldHandle[Decimal | None]",
    },
    total=False,
)
"""A filter on a decimal number that may be NULL."""

DateTimeFilter = TypedDict(
    "DateTimeFilter",
    {
        "equals": "datetime | FieldHandle[datetime | None]",
        "not": "datetime | DateTimeFilter",
        "in": list[datetime],
        "not_in": list[datetime],
        "lt": "datetime | FieldHandle[datetime | None]",
        "lte": "datetime | FieldHandle[datetime | None]",
        "gt": "datetime | FieldHandle[datetime | None]",
        "gte": "datetime | FieldHandle[datetime | None]",
    },
    total=False,
)
"""A filter on a point in time."""

DateTimeNullableFilter = TypedDict(
    "DateTimeNullableFilter",
    {
        "equals": "datetime | FieldHandle[datetime | None] | None",
        "not": "datetime | DateTimeNullableFilter | None",
        "in": list[datetime],
        "not_in": list[datetime],
        "lt": "datetime | FieldHandle[datetime | None]",
        "lte": "datetime | FieldHandle[datetime | None]",
        "gt": "datetime | FieldHandle[datetime | None]",
        "gte": "datetime | FieldHandle[datetime | None]",
    },
    total=False,
)
"""A filter on a point in time that may be NULL."""

BytesFilter = TypedDict(
    "BytesFilter",
    {
        "equals": "bytes | FieldHandle[bytes | None]",
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
        "equals": "bytes | FieldHandle[bytes | None] | None",
        "not": "bytes | BytesNullableFilter | None",
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

StringCondition: TypeAlias = str | StringFilter
"""A text, or a filter on one."""

StringNullableCondition: TypeAlias = str | StringNullableFilter | None
"""The same where there may be NULL."""

BooleanCondition: TypeAlias = bool | BooleanFilter
"""A truth value, or a filter on one."""

BooleanNullableCondition: TypeAlias = bool | BooleanNullableFilter | None
"""The same where there may be NULL."""

IntCondition: TypeAlias = int | IntFilter
"""An integer, or a filter on one."""

IntNullableCondition: TypeAlias = int | IntNullableFilter | None
"""The same where there may be NULL."""

FloatCondition: TypeAlias = float | FloatFilter
"""A floating-point number, or a filter on one."""

FloatNullableCondition: TypeAlias = float | FloatNullableFilter | None
"""The same where there may be NULL."""

DecimalCondition: TypeAlias = Decimal | DecimalFilter
"""A decimal number, or a filter on one."""

DecimalNullableCondition: TypeAlias = Decimal | DecimalNullableFilter | None
"""The same where there may be NULL."""

DateTimeCondition: TypeAlias = datetime | DateTimeFilter
"""A point in time, or a filter on one."""

DateTimeNullableCondition: TypeAlias = datetime | DateTimeNullableFilter | None
"""The same where there may be NULL."""

BytesCondition: TypeAlias = bytes | BytesFilter
"""Bytes, or a filter on them."""

BytesNullableCondition: TypeAlias = bytes | BytesNullableFilter | None
"""The same where there may be NULL."""


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


IntChange: TypeAlias = int | IntUpdate
"""A new value, or a change relative to the old one."""

IntNullableChange: TypeAlias = int | IntUpdate | None
"""The same where there may be NULL."""


class FloatUpdate(TypedDict, total=False):
    """A change of a number relative to what it is; one key."""

    set: float
    increment: float
    decrement: float
    multiply: float
    divide: float


FloatChange: TypeAlias = float | FloatUpdate
"""A new value, or a change relative to the old one."""

FloatNullableChange: TypeAlias = float | FloatUpdate | None
"""The same where there may be NULL."""


class DecimalUpdate(TypedDict, total=False):
    """A change of a number relative to what it is; one key."""

    set: Decimal
    increment: Decimal
    decrement: Decimal
    multiply: Decimal
    divide: Decimal


DecimalChange: TypeAlias = Decimal | DecimalUpdate
"""A new value, or a change relative to the old one."""

DecimalNullableChange: TypeAlias = Decimal | DecimalUpdate | None
"""The same where there may be NULL."""


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
