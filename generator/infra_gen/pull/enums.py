"""MySQL's enums, which are types of columns: which of them are one enum of the schema."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from infra_gen import ir
from infra_gen.database.catalog import Catalog, TableName

_VALUE = re.compile(r"'((?:[^']|'')*)'")
Place = tuple[TableName, str]
"""A table and a column."""
Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnEnums:
    """`known`: columns of enums that the schema has; `changed`: the values that such an enum now has; `new`: columns that want one."""

    known: dict[Place, str] = field(default_factory=dict)
    changed: dict[str, Values] = field(default_factory=dict)
    new: dict[Place, Values] = field(default_factory=dict)


def values_of(sql: str) -> Values | None:
    """The values of an `ENUM('a', 'b')`; None for another type."""
    return tuple(item.replace("''", "'") for item in _VALUE.findall(sql)) if sql.startswith("ENUM(") else None


def mysql_enums(schema: ir.Schema, live: Catalog) -> ColumnEnums:
    """Which enum each column of a type of that kind is of."""
    found = ColumnEnums()
    by_enum: dict[str, dict[Place, Values]] = defaultdict(dict)
    of_field = {
        (TableName(model.table, model.schema), item.column): item.type
        for model in schema.models
        for item in model.scalars
        if item.is_enum
    }
    for table in live.tables:
        for column in table.columns:
            if (values := values_of(column.type)) is None:
                continue
            place = (table.name, column.name)
            if enum := of_field.get(place):
                by_enum[enum][place] = values
            else:
                found.new[place] = values
    for enum, places in by_enum.items():
        now = tuple(value.database for value in schema.enum[enum].values)
        # Where its columns do not agree, those that are as the enum says keep it, and the others get their own.
        agreed = places[next(iter(places))] if len(set(places.values())) == 1 else now
        if agreed != now:
            found.changed[enum] = agreed
        for place, values in places.items():
            if values == agreed:
                found.known[place] = enum
            else:
                found.new[place] = values
    return found
