"""What drivers do not take as it is, by provider and column. Imports `data`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from benchmarks.comparison.data import COLUMNS, TABLES, Values

Bind = Callable[[Values], tuple[Any, ...]]


def binders(provider: str) -> dict[str, Bind]:
    """For each table the function that makes a statement's values of a row's."""
    return {table: _binder(table, _CONVERSIONS[provider]()) for table in COLUMNS}


def _binder(table: str, conversions: dict[type, Callable[[Any], Any]]) -> Bind:
    # The two rows together have a value in every column that may be null.
    samples = [TABLES[table][1](number) for number in (1, 2, 3, 10)]
    kinds = [
        next((type(row[name]) for row in samples if row[name] is not None), str)
        for name in COLUMNS[table][1:]
        if name in samples[0]
    ]
    converted = [(place, conversions[kind]) for place, kind in enumerate(kinds) if kind in conversions]

    def bind(row: Values) -> tuple[Any, ...]:
        values = list(row.values())
        for place, convert in converted:
            if values[place] is not None:
                values[place] = convert(values[place])
        return tuple(values)

    return bind


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _of_sqlite() -> dict[type, Callable[[Any], Any]]:
    return {datetime: lambda moment: moment.isoformat(timespec="milliseconds"), Decimal: float, dict: json.dumps}


def _of_postgresql() -> dict[type, Callable[[Any], Any]]:
    from psycopg.types.json import Jsonb

    return {datetime: _naive, dict: Jsonb}


def _of_mysql() -> dict[type, Callable[[Any], Any]]:
    return {datetime: _naive, dict: json.dumps}


_CONVERSIONS = {"sqlite": _of_sqlite, "postgresql": _of_postgresql, "mysql": _of_mysql}
