"""MySQL and MariaDB: the catalog of a live database, from `information_schema`; types in the spelling of the DDL.

Both leave out what a type has by itself, and MariaDB keeps JSON as a text with a check. An index that a foreign key has made for itself
belongs to the key. `normalize` brings a wanted catalog into the same form.
Sources: https://dev.mysql.com/doc/refman/8.0/en/information-schema.html, https://mariadb.com/kb/en/information-schema-tables/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

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
from infra_gen.database.ddl.step import ACTIONS
from infra_gen.database.introspect.expressions import canonical
from infra_gen.database.introspect.query import Query
from infra_runtime import full_text

NOT_OURS = ("_prisma_migrations",)
FROM_SQL: dict[str, ReferentialAction] = {sql: cast(ReferentialAction, name) for name, sql in ACTIONS.items()}

TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name
"""
COLUMNS = """
SELECT table_name, column_name, column_type, is_nullable, column_default, extra, data_type
FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position
"""
CHECKS = """
SELECT t.table_name, c.check_clause FROM information_schema.check_constraints c
JOIN information_schema.table_constraints t
ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
WHERE c.constraint_schema = database() AND t.constraint_type = 'CHECK' AND c.check_clause LIKE 'json_valid(%'
"""
INDEXES = """
SELECT table_name, index_name, non_unique, column_name, sub_part, collation, index_type
FROM information_schema.statistics WHERE table_schema = database() ORDER BY table_name, index_name, seq_in_index
"""
FOREIGN_KEYS = """
SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule, r.update_rule
FROM information_schema.key_column_usage k
JOIN information_schema.referential_constraints r
ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
WHERE k.table_schema = database() AND k.referenced_table_name IS NOT NULL
ORDER BY k.table_name, k.constraint_name, k.ordinal_position
"""

_WIDTH = re.compile(r"^(TINYINT|SMALLINT|MEDIUMINT|INT|BIGINT|YEAR)\(\d+\)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_BIT = re.compile(r"b'([01])'", re.IGNORECASE)
_TEXTS = ("char", "text", "enum", "set", "date", "time", "year", "json")
_JSON_CHECK = re.compile(r"json_valid\(`(?P<column>(?:[^`]|``)+)`\)")
DEFAULT_ARGUMENTS = {"CHAR": "CHAR(1)", "BINARY": "BINARY(1)", "BIT": "BIT(1)", "DECIMAL": "DECIMAL(10,0)"}


def read_catalog(query: Query) -> Catalog:
    """The tables of the database that the connection is in."""
    names = [str(name) for (name,) in query(TABLES, ()) if name not in NOT_OURS]
    columns, foreign_keys = _columns(query), _foreign_keys(query)
    keys, indexes = _indexes(query)
    return Catalog(
        tuple(
            Table(
                TableName(name),
                tuple(columns[name]),
                keys.get(name),
                tuple(
                    index
                    for index in indexes[name]
                    if not _is_of_a_key(index, foreign_keys[name]) and not index.name.startswith(full_text.PREFIX)
                ),
                tuple(foreign_keys[name]),
                objects=tuple(
                    _search_object(index.name, [column.name for column in index.columns])
                    for index in indexes[name]
                    if index.name.startswith(full_text.PREFIX)
                ),
            )
            for name in names
        )
    )


def _search_object(name: str, columns: Sequence[str]) -> SchemaObject:
    return SchemaObject("INDEX", name, ", ".join(columns))


def _columns(query: Query) -> dict[str, list[Column]]:
    checked = {
        (table, match["column"].replace("``", "`"))
        for table, clause in query(CHECKS, ())
        if (match := _JSON_CHECK.match(clause))
    }
    is_mariadb = "MariaDB" in str(query("SELECT version()", ())[0][0])
    found: dict[str, list[Column]] = defaultdict(list)
    for table, name, type_, nullable, default, extra, data_type in query(COLUMNS, ()):
        text = None if default is None else str(default)
        is_expression = is_mariadb or "DEFAULT_GENERATED" in extra
        if text is not None and not is_expression and str(data_type).lower().endswith(_TEXTS):
            text = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
        found[table].append(
            Column(
                name=name,
                type="JSON" if (table, name) in checked else _type(str(type_)),
                nullable=nullable == "YES",
                default=None if text is None or text == "NULL" else _default(text),
                autoincrement="auto_increment" in extra,
                expression=text,
            )
        )
    return found


def _type(text: str) -> str:
    """A type as information_schema has it, without what it has by itself; values of enums keep their case."""
    head, bracket, rest = text.partition("(")
    if head.lower() in ("enum", "set"):
        return f"{head.upper()}({rest}".replace("','", "', '") if bracket else text.upper()
    upper = text.upper()
    if upper != "TINYINT(1)":
        upper = _WIDTH.sub(r"\1", upper)
    upper = re.sub(r"^INT\b", "INTEGER", upper)
    upper = upper.replace("(0)", "")
    return DEFAULT_ARGUMENTS.get(upper, upper)


def _default(text: str) -> str:
    """A default in one spelling, which has that spelling itself.

    MariaDB writes a text's quotes with backslashes, a truth as a number, a number with all its places.
    """
    if bit := _BIT.fullmatch(text):
        return bit[1]
    plain = canonical(re.sub(r"\\(.)", lambda match: "''" if match[1] == "'" else match[1], text))
    plain = {"true": "1", "false": "0", "current_timestamp(0)": "current_timestamp"}.get(plain, plain)
    if _NUMBER.fullmatch(plain) and "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.replace("\\", "\\\\")


def _indexes(query: Query) -> tuple[dict[str, PrimaryKey], dict[str, list[Index]]]:
    rows: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for table, name, *rest in query(INDEXES, ()):
        rows[table, name].append(tuple(rest))
    keys: dict[str, PrimaryKey] = {}
    indexes: dict[str, list[Index]] = defaultdict(list)
    for (table, name), parts in rows.items():
        not_unique, _, _, _, kind_of_index = parts[0]
        if any(column is None for _, column, *_ in parts):
            continue
        columns = tuple(
            KeyColumn(column, "DESC" if collation == "D" else None, None if length is None else int(length))
            for _, column, length, collation, _ in parts
        )
        if name == "PRIMARY":
            keys[table] = PrimaryKey(columns, "")
            continue
        kind: Literal["unique", "normal", "fulltext"] = "normal" if int(not_unique) else "unique"
        if kind_of_index == "FULLTEXT":
            kind, columns = "fulltext", tuple(KeyColumn(column.name) for column in columns)
        indexes[table].append(Index(name, kind, columns))
    return keys, indexes


def _foreign_keys(query: Query) -> dict[str, list[ForeignKey]]:
    rows: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for table, name, *rest in query(FOREIGN_KEYS, ()):
        rows[table, name].append(tuple(rest))
    found: dict[str, list[ForeignKey]] = defaultdict(list)
    for (table, name), parts in rows.items():
        _, target, _, on_delete, on_update = parts[0]
        found[table].append(
            ForeignKey(
                name,
                tuple(column for column, *_ in parts),
                TableName(target),
                tuple(reference for _, _, reference, *_ in parts),
                FROM_SQL[on_delete],
                FROM_SQL[on_update],
            )
        )
    return found


def _is_of_a_key(index: Index, keys: Sequence[ForeignKey]) -> bool:
    """Has a foreign key made the index for itself? It then has the key's name."""
    names = tuple(column.name for column in index.columns)
    return index.kind == "normal" and any(key.constraint == index.name and key.columns == names for key in keys)


def normalize(catalog: Catalog) -> Catalog:
    """A wanted catalog as MySQL would give it back."""
    return replace(catalog, tables=tuple(_normalized(table) for table in catalog.tables))


def _normalized(table: Table) -> Table:
    key = table.primary_key
    return replace(
        table,
        columns=tuple(_normalized_column(column) for column in table.columns),
        primary_key=PrimaryKey(tuple(map(_normalized_key, key.columns)), "") if key else None,
        indexes=tuple(replace(index, columns=tuple(map(_normalized_key, index.columns))) for index in table.indexes),
        objects=(_search_object(table.search.name, table.search.columns),) if table.search else table.objects,
    )


def _normalized_column(column: Column) -> Column:
    # A width says how to show a number: `BOOLEAN` and `TINYINT` hold the same.
    type_ = "TINYINT" if column.type in ("BOOLEAN", "TINYINT(1)") else _type(column.type)
    default = None if column.default is None or column.autoincrement else _default(column.default)
    return replace(column, type=type_, default=default)


def _normalized_key(column: KeyColumn) -> KeyColumn:
    return KeyColumn(column.name, "DESC" if column.sort == "DESC" else None, column.length)
