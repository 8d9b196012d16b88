"""PostgreSQL: the catalog of a live database, from `pg_catalog`; types and defaults in the spelling of the DDL.

Left out is what no schema can say, so that no comparison takes it away: what extensions own, partitions, indexes on expressions but those
of `@infra.search`. `normalize` brings a wanted catalog into the same form.
Source: https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from infra_gen.database.catalog import (
    Catalog,
    Column,
    EnumType,
    Extension,
    ForeignKey,
    Index,
    KeyColumn,
    PrimaryKey,
    ReferentialAction,
    SchemaObject,
    Table,
    TableName,
)
from infra_gen.database.ddl.postgresql import qualified
from infra_gen.database.introspect.expressions import canonical, canonical_list
from infra_gen.database.introspect.query import Query
from infra_runtime import full_text

NOT_OURS = ("_prisma_migrations",)

TYPES = {
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "float4": "REAL",
    "float8": "DOUBLE PRECISION",
    "numeric": "DECIMAL",
    "bool": "BOOLEAN",
    "bpchar": "CHAR",
    "varbit": "VARBIT",
}
"""Types that the DDL calls otherwise than their name in capitals."""
ACTIONS: dict[str, ReferentialAction] = {
    "a": "NoAction",
    "r": "Restrict",
    "c": "Cascade",
    "n": "SetNull",
    "d": "SetDefault",
}
USUAL_OPERATOR_CLASSES = {
    "GIN": ("array_ops", "jsonb_ops", "tsvector_ops"),
    "GIST": ("range_ops", "tsvector_ops", "point_ops", "box_ops", "poly_ops", "circle_ops"),
    "SPGIST": ("inet_ops", "text_ops", "range_ops", "quad_point_ops", "box_ops", "poly_ops"),
}
"""Those a type has by itself in indexes of a kind: written or not, the index is the same."""

_FIRST_NAME = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<bare>[^,"\s]+))')
"""The first name in a list of SQL's."""

RELATIONS = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY (string_to_array($1, E'\\x01'))
AND NOT EXISTS (
  SELECT 1 FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
)
ORDER BY n.nspname, c.relname
"""
COLUMNS = """
SELECT a.attrelid::bigint, a.attname::text, t.typname::text, t.typtype::text, tn.nspname::text,
  (t.typcategory = 'A' AND t.typelem <> 0), e.typname::text, e.typtype::text, en.nspname::text,
  pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
  a.attidentity::text, a.attgenerated::text,
  (SELECT s.relname::text FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_class s ON s.oid = p.objid AND s.relkind = 'S'
    WHERE p.classid = 'pg_catalog.pg_class'::regclass AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum
    AND p.deptype IN ('a', 'i') LIMIT 1),
  a.attnum::bigint
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND n.nspname = ANY (string_to_array($1, E'\\x01'))
ORDER BY a.attrelid, a.attnum
"""
INDEXES = """
SELECT i.indrelid::bigint, x.relname::text, i.indisprimary, i.indisunique, m.amname::text,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid, true), k.place::bigint, i.indnkeyatts::bigint, a.attname::text,
  (i.indoption[k.place - 1] & 1) = 1, o.opcname::text, o.opcdefault, u.conname::text
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am m ON m.oid = x.relam
CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]::int[], i.indclass[0:i.indnkeyatts - 1]::oid[])
  WITH ORDINALITY AS k (attribute, class, place)
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attribute AND k.attribute <> 0
LEFT JOIN pg_catalog.pg_opclass o ON o.oid = k.class
LEFT JOIN pg_catalog.pg_constraint u ON u.conindid = i.indexrelid AND u.contype IN ('u', 'p')
WHERE i.indisvalid AND n.nspname = ANY (string_to_array($1, E'\\x01'))
ORDER BY x.relname, k.place
"""
FOREIGN_KEYS = """
SELECT f.conrelid::bigint, f.conname::text, tn.nspname::text, t.relname::text, f.confdeltype::text, f.confupdtype::text,
  (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number),
  (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number)
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = f.confrelid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
WHERE f.contype = 'f' AND n.nspname = ANY (string_to_array($1, E'\\x01'))
ORDER BY f.conrelid, f.conkey, f.conname
"""
SEARCHES = f"""
SELECT i.indrelid::bigint, x.relname::text, pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
WHERE starts_with(x.relname, '{full_text.PREFIX}') AND n.nspname = ANY (string_to_array($1, E'\\x01'))
ORDER BY x.relname
"""
ENUMS = """
SELECT n.nspname::text, t.typname::text, json_agg(e.enumlabel ORDER BY e.enumsortorder)::text
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = ANY (string_to_array($1, E'\\x01'))
GROUP BY n.nspname, t.typname
ORDER BY n.nspname, t.typname
"""
EXTENSIONS = """
SELECT e.extname::text, n.nspname::text, e.extversion::text
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' ORDER BY e.extname
"""


def read_catalog(query: Query, schemas: Sequence[str] = ()) -> Catalog:
    """The tables of a live database.

    Args:
        schemas: the database schemas to look into, which names then carry; none: the one the connection's search path begins with, and
            names carry no schema.
    """
    looked_into = schemas or home(query)
    return _Reading(query, looked_into, bool(schemas)).catalog()


def home(query: Query) -> tuple[str, ...]:
    """The schema that the connection's search path begins with, whether it is there or not; the user's own only if it is."""
    path = str(query("SHOW search_path", ())[0][0])
    match = _FIRST_NAME.match(path)
    name = (match["bare"] or match["quoted"].replace('""', '"')) if match else "$user"
    if name != "$user":
        return (name,)
    return tuple(str(name) for (name,) in query("SELECT current_schema()::text", ()) if name)


class _Reading:
    """One look at a database. `named`: names carry their schema."""

    def __init__(self, query: Query, schemas: Sequence[str], named: bool) -> None:
        self._query = query
        self._schemas = schemas
        self._named = named

    def catalog(self) -> Catalog:
        relations = [row for row in self._rows(RELATIONS) if row[2] not in NOT_OURS]
        columns, keys, indexes = self._columns(), *self._indexes()
        foreign_keys, searches = self._foreign_keys(), self._searches()
        existing = {str(name) for (name,) in self._query("SELECT nspname::text FROM pg_catalog.pg_namespace", ())}
        return Catalog(
            tables=tuple(
                Table(
                    self._name(schema, name),
                    tuple(columns[number]),
                    keys.get(number),
                    tuple(indexes[number]),
                    tuple(foreign_keys[number]),
                    objects=tuple(searches[number]),
                )
                for number, schema, name in relations
            ),
            enums=tuple(
                EnumType(self._name(schema, name), tuple(json.loads(values)))
                for schema, name, values in self._rows(ENUMS)
            ),
            schemas=tuple(sorted(existing)),
            extensions=tuple(Extension(*row) for row in self._query(EXTENSIONS, ())),
        )

    def _rows(self, sql: str) -> Sequence[tuple[Any, ...]]:
        return self._query(sql, ("\x01".join(self._schemas),))

    def _name(self, schema: str, name: str) -> TableName:
        is_elsewhere = schema not in self._schemas
        return TableName(name, schema if self._named or is_elsewhere else None)

    def _columns(self) -> dict[int, list[Column]]:
        found: dict[int, list[Column]] = defaultdict(list)
        for row in self._rows(COLUMNS):
            (
                relation,
                name,
                type_,
                kind,
                schema,
                is_list,
                element,
                element_kind,
                element_schema,
                text,
                required,
                *rest,
            ) = row
            default, identity, generated, sequence, _ = rest
            if is_list:
                type_, kind, schema = element, element_kind, element_schema
            counts = bool(identity) or (sequence is not None and default is not None and default.startswith("nextval("))
            found[relation].append(
                Column(
                    name=name,
                    type=self._type(type_, kind, schema, text.removesuffix("[]")),
                    nullable=not required and not is_list,
                    default=None if counts or generated or default is None else canonical(default),
                    autoincrement=counts,
                    sequence=sequence,
                    is_list=is_list,
                    expression=default,
                )
            )
        return found

    def _type(self, type_: str, kind: str, schema: str, text: str) -> str:
        if kind == "e":
            return qualified(self._name(schema, type_))
        if schema != "pg_catalog" and type_ != "citext":
            return text
        _, bracket, arguments = text.partition("(")
        name = TYPES.get(type_, type_.upper())
        return f"{name}({arguments.partition(')')[0]})" if bracket else name

    def _indexes(self) -> tuple[dict[int, PrimaryKey], dict[int, list[Index]]]:
        keys: dict[int, PrimaryKey] = {}
        indexes: dict[int, list[Index]] = defaultdict(list)
        rows: dict[tuple[int, str], list[tuple[Any, ...]]] = defaultdict(list)
        for row in self._rows(INDEXES):
            rows[row[0], row[1]].append(row)
        for (relation, name), parts in rows.items():
            _, _, is_primary, is_unique, method, condition, *_, constraint = parts[0]
            on_expression = any(part[8] is None for part in parts)
            if on_expression:
                continue
            columns = tuple(
                KeyColumn(column, "DESC" if descending else None, None, None if usual else operator_class)
                for *_, column, descending, operator_class, usual, _ in parts
            )
            if is_primary:
                keys[relation] = PrimaryKey(tuple(KeyColumn(column.name) for column in columns), constraint or name)
                continue
            kind: Literal["unique", "normal"] = "unique" if is_unique else "normal"
            algorithm = None if method == "btree" else method.upper()
            where = canonical(condition) if condition is not None else None
            is_constraint = constraint is not None
            indexes[relation].append(Index(name, kind, columns, algorithm, where, is_constraint, condition))
        return keys, indexes

    def _searches(self) -> dict[int, list[SchemaObject]]:
        found: dict[int, list[SchemaObject]] = defaultdict(list)
        for relation, name, definition in self._rows(SEARCHES):
            words = [
                (language, column.strip('"').replace('""', '"')) for language, column in _SEARCHED.findall(definition)
            ]
            found[relation].append(_search_object(name, words))
        return found

    def _foreign_keys(self) -> dict[int, list[ForeignKey]]:
        found: dict[int, list[ForeignKey]] = defaultdict(list)
        for relation, name, schema, table, on_delete, on_update, columns, references in self._rows(FOREIGN_KEYS):
            found[relation].append(
                ForeignKey(
                    name,
                    tuple(json.loads(columns)),
                    self._name(schema, table),
                    tuple(json.loads(references)),
                    ACTIONS[on_delete],
                    ACTIONS[on_update],
                )
            )
        return found


_SEARCHED = re.compile(
    r"to_tsvector\('(\w+)'::regconfig, regexp_replace\(COALESCE\((\w+|\"(?:[^\"]|\"\")+\")[:,]", re.IGNORECASE
)
"""The language and the column of each part of what an index of `@infra.search` holds, as PostgreSQL writes it."""


def _search_object(name: str, words: Sequence[tuple[str, str]]) -> SchemaObject:
    return SchemaObject("INDEX", name, ", ".join(f"{column} {language}" for language, column in words))


def normalize(catalog: Catalog) -> Catalog:
    """A wanted catalog as PostgreSQL would give it back."""
    return replace(catalog, tables=tuple(_normalized(table) for table in catalog.tables))


def _normalized(table: Table) -> Table:
    key = table.primary_key
    return replace(
        table,
        columns=tuple(
            replace(
                column,
                type=_normalized_type(column.type),
                default=_normalized_default(column),
            )
            for column in table.columns
        ),
        primary_key=replace(key, columns=tuple(KeyColumn(name) for name in key.names)) if key else None,
        indexes=tuple(_normalized_index(index) for index in table.indexes),
        objects=_searched(table),
    )


def _searched(table: Table) -> tuple[SchemaObject, ...]:
    search = table.search
    if search is None:
        return table.objects
    language = search.language or full_text.PLAIN
    return (_search_object(search.name, [(language, column) for column in search.columns]),)


def _normalized_default(column: Column) -> str | None:
    if column.default is None:
        return None
    return canonical_list(column.default) if column.is_list else canonical(column.default)


def _normalized_type(type_: str) -> str:
    """Names of types are the same in small letters and in capitals, but for those in quotes."""
    name = type_ if '"' in type_ else type_.upper()
    return LENGTHS.get(name, name)


LENGTHS = {
    "CHAR": "CHAR(1)",
    "BIT": "BIT(1)",
    **{name: f"{name}(6)" for name in ("TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ")},
}
"""Types that have a length where none is written: https://www.postgresql.org/docs/current/datatype.html"""


def _normalized_index(index: Index) -> Index:
    usual = USUAL_OPERATOR_CLASSES.get(index.algorithm or "", ())
    columns = tuple(
        KeyColumn(
            column.name,
            "DESC" if column.sort == "DESC" else None,
            None,
            None if column.operator_class in usual else column.operator_class,
        )
        for column in index.columns
    )
    return replace(index, columns=columns, where=None if index.where is None else canonical(index.where))
