"""SQLite: the catalog of a live database, from `sqlite_schema` and the PRAGMA table-valued functions.

SQLite keeps no names of primary keys, and of foreign keys only in the text of CREATE TABLE; `normalize` takes out of a
catalog what cannot be read back. Source: https://www.sqlite.org/pragma.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import cast

from infra_gen.database.catalog import (
    Catalog,
    Column,
    ForeignKey,
    Index,
    KeyColumn,
    PrimaryKey,
    ReferentialAction,
    SchemaObject,
    Table,
    TableName,
)
from infra_gen.database.ddl.sqlite import search_objects
from infra_gen.database.ddl.step import ACTIONS
from infra_gen.database.introspect.query import Query
from infra_runtime import full_text

FROM_SQL: dict[str, ReferentialAction] = {sql: cast(ReferentialAction, name) for name, sql in ACTIONS.items()}
OWN_TABLES = ("sqlite_", "_prisma_migrations", "_cf_", full_text.PREFIX)
"""Tables with these beginnings belong to the database, to migrations, to its host or to another table, not to the schema."""

_QUOTED_TEXT = re.compile(r'"(?:[^"]|"")*"')
_WORDS = {"current_timestamp": "CURRENT_TIMESTAMP", "true": "true", "false": "false"}
_TRUTHS = {"1": "true", "0": "false"}
_CONDITION = re.compile(r"\)\s*WHERE\b(?P<condition>.+)\Z", re.IGNORECASE | re.DOTALL)
"""Of a partial index, behind the brackets of its columns."""


def read_catalog(query: Query) -> Catalog:
    """The tables of a live database, in the order they were made."""
    rows = query("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid", ())
    virtual = tuple(name for name, sql in rows if sql and sql.upper().startswith("CREATE VIRTUAL"))
    names = [
        name
        for name, sql in rows
        if not name.startswith(OWN_TABLES) and not any(name == it or name.startswith(f"{it}_") for it in virtual)
    ]
    return Catalog(tuple(_table(query, name) for name in names))


def _table(query: Query, name: str) -> Table:
    columns = query('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?) ORDER BY cid', (name,))
    key = sorted((pk, column) for column, _, _, _, pk in columns if pk)
    return Table(
        name=TableName(name),
        columns=tuple(
            Column(
                column,
                type_.upper(),
                # The number of a row is never missing: https://www.sqlite.org/lang_createtable.html#rowid
                nullable=not notnull and not (pk and len(key) == 1 and type_.upper() == "INTEGER"),
                default=_default(default),
                expression=default,
            )
            for column, type_, notnull, default, pk in columns
        ),
        primary_key=PrimaryKey(tuple(KeyColumn(column) for _, column in key), "") if key else None,
        indexes=_indexes(query, name),
        foreign_keys=_foreign_keys(query, name),
        objects=_objects(query, name),
    )


def _objects(query: Query, table: str) -> tuple[SchemaObject, ...]:
    """What makes a table searchable."""
    name = full_text.index_name("sqlite", table)
    rows = query(
        "SELECT upper(type), name, sql FROM sqlite_schema WHERE name = ? AND type = 'table'"
        " OR name IN (?, ?) AND type IN ('table', 'view') OR tbl_name = ? AND name LIKE ? AND type = 'trigger' ORDER BY name",
        (name, f"{name}_keys", f"{name}_rows", table, f"{full_text.PREFIX}%"),
    )
    return tuple(SchemaObject(kind, called, sql) for kind, called, sql in rows)


def _default(text: str | None) -> str | None:
    """A default in one spelling: SQLite takes words in any case, and texts in double quotes, too."""
    if text is None:
        return None
    plain = _without_brackets(text)
    if _QUOTED_TEXT.fullmatch(plain):
        return "'" + plain[1:-1].replace('""', '"').replace("'", "''") + "'"
    return _WORDS.get(plain.lower(), plain)


def _without_brackets(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _indexes(query: Query, table: str) -> tuple[Index, ...]:
    listed = query(
        'SELECT l.name, l."unique", s.sql FROM pragma_index_list(?) l JOIN sqlite_schema s ON s.name = l.name '
        "WHERE l.origin = 'c' ORDER BY s.rowid",
        (table,),
    )
    made = tuple(
        Index(name, "unique" if unique else "normal", _index_columns(query, name), where=_partial_where(sql))
        for name, unique, sql in listed
    )
    known = {index.columns for index in made if index.kind == "unique" and index.where is None}
    return (*made, *(index for index in _unique_constraints(query, table) if index.columns not in known))


def _unique_constraints(query: Query, table: str) -> list[Index]:
    """Those that stand within CREATE TABLE. SQLite gives them names that no one may use: here they have those that Prisma would give."""
    listed = query("SELECT name FROM pragma_index_list(?) WHERE origin = 'u' ORDER BY seq DESC", (table,))
    found = [_index_columns(query, name) for (name,) in listed]
    names = ["_".join((table, *(column.name for column in columns), "key")) for columns in found]
    return [Index(name, "unique", columns, is_constraint=True) for name, columns in zip(names, found, strict=True)]


def _index_columns(query: Query, index: str) -> tuple[KeyColumn, ...]:
    rows = query('SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno', (index,))
    return tuple(KeyColumn(name or "", "DESC" if descending else None) for name, descending in rows)


def _partial_where(sql: str) -> str | None:
    found = _CONDITION.search(sql)
    return found["condition"].strip() if found else None


def _referenced(query: Query, table: str, columns: Sequence[str | None]) -> tuple[str, tuple[str, ...]]:
    """A table and its columns by their own names: a reference takes them in any case, and means the primary key where it names none."""
    found = query("SELECT name FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)", (table,))
    listed = query("SELECT name, pk FROM pragma_table_info(?) ORDER BY pk", (table,))
    own = {name.lower(): name for name, _ in listed}
    if None in columns:
        return (found[0][0] if found else table), tuple(name for name, pk in listed if pk)
    return (found[0][0] if found else table), tuple(own.get(name.lower(), name) for name in columns if name)


def _foreign_keys(query: Query, table: str) -> tuple[ForeignKey, ...]:
    rows = query(
        'SELECT id, "table", "from", "to", on_delete, on_update FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq',
        (table,),
    )
    keys = []
    for _, group in groupby(rows, key=lambda row: row[0]):
        parts = list(group)
        _, table_named, _, _, on_delete, on_update = parts[0]
        target, references = _referenced(query, table_named, [part[3] for part in parts])
        keys.append(
            ForeignKey(
                "",
                tuple(part[2] for part in parts),
                TableName(target),
                references,
                FROM_SQL[on_delete],
                FROM_SQL[on_update],
            )
        )
    return tuple(keys)


def normalize(catalog: Catalog) -> Catalog:
    """A wanted catalog as SQLite would give it back."""
    return Catalog(tuple(_normalized(table) for table in catalog.tables))


def _normalized(table: Table) -> Table:
    return replace(
        table,
        columns=tuple(
            replace(
                column,
                type=column.type.upper(),
                autoincrement=False,
                default=_normalized_default(column),
            )
            for column in table.columns
        ),
        primary_key=(
            PrimaryKey(tuple(KeyColumn(name) for name in table.primary_key.names), "") if table.primary_key else None
        ),
        indexes=tuple(
            replace(index, columns=tuple(_normalized_key(column) for column in index.columns))
            for index in table.indexes
        ),
        foreign_keys=tuple(replace(key, constraint="") for key in table.foreign_keys),
        search=None,
        objects=tuple(sorted(search_objects(table) if table.search else table.objects, key=lambda item: item.name)),
    )


def _normalized_default(column: Column) -> str | None:
    default = _default(column.default)
    return _TRUTHS.get(default or "", default) if column.type.upper() == "BOOLEAN" else default


def _normalized_key(column: KeyColumn) -> KeyColumn:
    return KeyColumn(column.name, "DESC" if column.sort == "DESC" else None)
