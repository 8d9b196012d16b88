"""What a database's own comments (`COMMENT ON`) say of its tables and columns. SQLite has none.

Sources: https://www.postgresql.org/docs/current/catalog-pg-description.html,
https://dev.mysql.com/doc/refman/8.0/en/information-schema-columns-table.html
"""

from __future__ import annotations

from infra_gen import ir
from infra_gen.database.catalog import TableName
from infra_gen.database.dialects import DIALECTS
from infra_gen.database.introspect.query import Query

POSTGRESQL = """
SELECT n.nspname::text, c.relname::text, a.attname::text, d.description
FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid <> 0
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (string_to_array($1, E'\\x01'))
"""
MYSQL = """
SELECT NULL, table_name, NULL, table_comment FROM information_schema.tables
WHERE table_schema = database() AND table_type = 'BASE TABLE' AND table_comment <> ''
UNION ALL
SELECT NULL, table_name, column_name, column_comment FROM information_schema.columns
WHERE table_schema = database() AND column_comment <> ''
"""


def read_comments(schema: ir.Schema, query: Query) -> dict[tuple[TableName, str | None], str]:
    """The comments by table and column; None as the column is for the table's own."""
    named = schema.datasource.schemas
    match schema.datasource.provider:
        case "sqlite":
            return {}
        case "postgresql":
            looked_into = named or DIALECTS["postgresql"].home(query)
            rows = query(POSTGRESQL, ("\x01".join(looked_into),))
        case "mysql":
            rows = query(MYSQL, ())
    return {(TableName(table, place if named else None), column): text for place, table, column, text in rows}
