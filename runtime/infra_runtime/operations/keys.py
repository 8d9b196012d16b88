"""Keys of rows, and the conditions that find rows by values. Rows are decoded values by field name.

Imports the runtime's `schema` only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from infra_runtime.schema import Model

Row: TypeAlias = dict[str, Any]
"""Decoded values by field name."""

OR_LIMIT = 200
"""Databases bound how deep a chain of OR may be (SQLite: 1000 levels in all); longer lists are cut into pieces."""


def key_fields(model: Model) -> tuple[str, ...]:
    """The fields that tell a model's rows apart: its id, or else its first unique key that holds no nulls."""
    if model.id:
        return model.id
    for key in model.unique_keys:
        if all(model.scalar[name].is_required for name in key.fields):
            return key.fields
    return model.unique_keys[0].fields if model.unique_keys else ()


def key_of(model: Model, row: Mapping[str, Any]) -> Row:
    """The key of `row`, by field name."""
    return {name: row[name] for name in key_fields(model)}


def key_values(model: Model, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The key of `row`, to compare and to look up."""
    return tuple([row[name] for name in key_fields(model)])


def together(*groups: Sequence[str]) -> tuple[str, ...]:
    """The names of all groups, each once."""
    return tuple(dict.fromkeys(name for group in groups for name in group))


def any_of(fields: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Conditions that together match the rows whose `fields` have the values of any of `rows`; mostly a single one."""
    if len(rows) == 1:
        yield {name: rows[0][name] for name in fields}
    elif len(fields) == 1:
        if rows:
            yield {fields[0]: {"in": [row[fields[0]] for row in rows]}}
    else:
        for start in range(0, len(rows), OR_LIMIT):
            yield {"OR": [{name: row[name] for name in fields} for row in rows[start : start + OR_LIMIT]]}


def both(*conditions: Mapping[str, Any]) -> Mapping[str, Any]:
    """The condition that holds where all of `conditions` do."""
    said = [condition for condition in conditions if condition]
    return said[0] if len(said) == 1 else {"AND": said}
