"""What a compiled query is: its statement, how its rows are read, and what is read for them afterwards.

Imports `decode` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from infra_runtime.compiler.decode import Decode
from infra_runtime.dialects import ListPackaging

MakeRows = Callable[[list[dict[str, Any]]], list[Any]]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A compiled query: its statement, how its rows are read, and what is read for them afterwards."""

    sql: str
    slots: tuple[int, ...]
    decode: Decode
    make: MakeRows | None
    """Makes rows from their values; None where the values are the rows."""
    turned: bool
    """Do rows come in reverse order, as a negative `take` reads them?"""
    relations: tuple[RelationPlan, ...] = ()
    model: str = ""
    parent_key: tuple[int, ...] = ()
    """Where a related row's tuple has the key of its parent."""
    keys: tuple[Key, ...] = ()
    """Where a tuple has the values that its row stands by in the order, where they were asked for."""
    total_place: int | None = None
    """Where a tuple has the number of all rows, where it was asked for."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the order: where it stands in a tuple, and how its value is made of the driver's."""

    place: int
    decode: Callable[[Any], Any] | None

    def value(self, row: Sequence[Any]) -> Any:
        value = row[self.place]
        return value if self.decode is None or value is None else self.decode(value)


@dataclass(frozen=True, slots=True)
class RelationPlan:
    """How related rows are read for the rows of a query."""

    name: str
    """The key under which they are put into the values of a row."""
    is_list: bool
    parent_places: tuple[int, ...]
    """Where a parent's tuple has its key."""
    compile: Callable[[Any], QueryPlan]
    """The plan for keys packed in this shape; plans are kept."""
    lists: ListPackaging
    """How the database takes the keys."""
    key_names: tuple[str, ...]
