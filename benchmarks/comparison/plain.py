"""Answers as plain values, the same whatever made them: what is compared before anything is timed. Imports `data` and `workloads`.

Moments are UTC texts to the millisecond, decimals texts of two places, members of enums their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from benchmarks.comparison.data import COLUMNS
from benchmarks.comparison.workloads import Shape


class Reader(Protocol):
    """What knows a peer's objects: the peer."""

    def columns(self, row: Any) -> Any:
        """The object that has a row's columns as attributes."""

    def related(self, row: Any, name: str) -> Iterable[Any]:
        """The related rows that were read with a row, by the relation's name."""
        ...


def plain_value(value: Any) -> Any:
    """One value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat(timespec="milliseconds")
    return value


def plain_values(values: dict[str, Any]) -> dict[str, Any]:
    """A row of `data` as `plain_row` would give it back, without its id."""
    return {name: plain_value(value) for name, value in values.items()}


def plain_row(row: Any, shape: Shape, reader: Reader, *, ids: bool) -> dict[str, Any]:
    """An object with attributes as plain values. `ids` False leaves out ids and what refers to them: rows just created differ in them."""
    columns = reader.columns(row)
    values = {
        name: plain_value(getattr(columns, name))
        for name in COLUMNS[shape.table]
        if ids or not (name == "id" or name.endswith("_id"))
    }
    if isinstance(values.get("attributes"), str):
        values["attributes"] = json.loads(values["attributes"])
    for name, below in shape.related.items():
        rows = [plain_row(item, below, reader, ids=ids) for item in reader.related(row, name)]
        values[name] = sorted(rows, key=lambda item: item.get("id") or item["title"])
    return values


def plain_answer(answer: Any, shape: Shape | None, reader: Reader, *, ids: bool) -> Any:
    """What a workload answered: rows, one row, a number, or groups as tuples."""
    if shape is None:
        return [[plain_value(value) for value in group] for group in answer] if isinstance(answer, list) else answer
    if isinstance(answer, list):
        return [plain_row(row, shape, reader, ids=ids) for row in answer]
    return plain_row(answer, shape, reader, ids=ids)
