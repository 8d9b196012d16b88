"""The type parameters of repositories and queries, and what their signatures share. Imports nothing of the runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from typing_extensions import TypeVar

RowT = TypeVar("RowT")
WhereT = TypeVar("WhereT", bound=Mapping[str, Any])
WhereUniqueT = TypeVar("WhereUniqueT", bound=Mapping[str, Any])
IncludeT = TypeVar("IncludeT", bound=Mapping[str, Any])
OrderT = TypeVar("OrderT", bound=Mapping[str, Any])
FieldT = TypeVar("FieldT", bound=str)
"""The names of the scalar fields, as a Literal."""
CreateT = TypeVar("CreateT")
CreateManyT = TypeVar("CreateManyT")
UpdateT = TypeVar("UpdateT")
UpdateManyT = TypeVar("UpdateManyT")
UpsertT = TypeVar("UpsertT")
"""A TypedDict of `create` and `update`."""
UpsertManyT = TypeVar("UpsertManyT")
"""The same, with `where`."""
FoundT = TypeVar("FoundT", default=RowT)
"""What update and delete answer: the row, or `Row | None` where the generator option `missing` is "none"."""
IdT = TypeVar("IdT", default=Any)
"""The value of the id; of a compound one the tuple of its fields' values."""
ShapeT = TypeVar("ShapeT")
"""A projection of the model."""

Logic = Literal["AND", "OR", "NOT"]
Aggregate = Literal["_count", "_avg", "_sum", "_min", "_max"]

Options = Mapping[str, Any]
Seek = Mapping[Literal["after", "before"], Mapping[str, Any] | Sequence[Any]]
"""A place in an order: the values of its keys, in the form of the order or in its places."""
NOT_GIVEN: Any = None
