"""Enums: PostgreSQL's types, and MySQL's types of columns, of which those that agree are one enum of the schema."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from infra_gen import ir
from infra_gen.database.catalog import Catalog, TableName
from infra_gen.database.compare import Difference
from infra_gen.pull.text import quoted
from infra_gen.pull.work import Work

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


def patch_enums(work: Work, difference: Difference) -> None:
    """Writes what differs in enums, and tells which columns are of which."""
    if work.schema.datasource.provider == "mysql":
        _mysql_enums(work)
    of_views = {item.type for model in work.schema.models if model.is_view for item in model.scalars}
    for dropped in difference.dropped_enums:
        name = work.naming.enum(dropped.name)
        if name not in of_views:
            work.text.remove_block(name)
            work.changes.append(f"enum {name} removed")
    for changed in difference.changed_enums:
        _change_enum(work, work.naming.enum(changed.after.name), changed.after.values)
    for added in sorted(difference.added_enums, key=lambda item: str(item.name)):
        _add_enum(work, added.name, added.values)
    if work.schema.datasource.provider == "postgresql":
        work.written = replace(work.written, enums=work.naming.enum_types())


def _mysql_enums(work: Work) -> None:
    """MySQL has no enums but the types of columns: those of one enum of the schema that agree stay one."""
    wanted = mysql_enums(work.schema, work.live)
    for name, values in wanted.changed.items():
        _change_enum(work, name, values)
    work.column_enums.update(wanted.known)
    for (table, column), values in wanted.new.items():
        work.column_enums[table, column] = _add_enum(work, TableName(f"{table.name}_{column}"), values)


def _change_enum(work: Work, name: str, values: Sequence[str]) -> None:
    enum = work.schema.enum[name]
    members = dict(zip((value.database for value in enum.values), work.text.enums[name].members, strict=True))
    kept = {value: members[value] for value in values if value in members}
    work.naming.name_values(name, values)
    work.text.set_values(name, [(value, _value_line(work, name, value)) for value in values], kept)
    for value in values:
        if value not in members:
            work.changes.append(f"enum {name}: value {work.naming.members[name][value]} added")
    for value in members:
        if value not in values:
            work.changes.append(f"enum {name}: value {work.naming.members[name].pop(value)} removed")
    if len(kept) == len(values) == len(members):
        work.changes.append(f"enum {name}: values in another order")


def _add_enum(work: Work, name: TableName, values: Sequence[str]) -> str:
    enum = work.naming.new_enum(name, values)
    lines = [f"  {_value_line(work, enum, value)}" for value in values]
    if enum != name.name and work.schema.datasource.provider == "postgresql":
        lines.append(f"  @@map({quoted(name.name)})")
    if name.schema:
        lines.append(f"  @@schema({quoted(name.schema)})")
    work.enums.append("\n".join([f"enum {enum} {{", *lines, "}"]))
    work.text.touched.add(enum)
    work.changes.append(f"enum {enum} added")
    return enum


def _value_line(work: Work, enum: str, value: str) -> str:
    name = work.naming.members[enum][value]
    return name if name == value else f"{name} @map({quoted(value)})"
