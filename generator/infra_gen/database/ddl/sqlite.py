"""SQLite's DDL: keys and foreign keys stand within CREATE TABLE."""

from __future__ import annotations

from infra_gen.database.catalog import Catalog, Column, ForeignKey, Index, Table
from infra_gen.database.ddl.step import Step, key_columns, listed, referential_actions


def create(catalog: Catalog) -> list[Step]:
    """The steps that make `catalog` in an empty database."""
    tables = [Step("CreateTable", create_table(table)) for table in catalog.tables]
    indexes = [Step("CreateIndex", create_index(table, index)) for table in catalog.tables for index in table.indexes]
    return [*tables, *indexes]


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def create_table(table: Table) -> str:
    """`CREATE TABLE`, with the primary key on its column when it is one column."""
    key = table.primary_key
    on_column = key.names[0] if key and len(key.columns) == 1 else None
    lines = [f"    {column_definition(column, column.name == on_column)}" for column in table.columns]
    if key and on_column is None:
        lines.append(f"\n    PRIMARY KEY {listed(quote, key.names)}")
    lines += [f"    {foreign_key(item)}" for item in table.foreign_keys]
    body = ",\n".join(lines)
    return f"CREATE TABLE {quote(table.name.name)} (\n{body}\n)"


def column_definition(column: Column, is_key: bool = False) -> str:
    """A column. A one-column key of type INTEGER is the row id, and gets AUTOINCREMENT as Prisma gives it."""
    words = [quote(column.name), column.type]
    if not column.nullable:
        words.append("NOT NULL")
    if is_key:
        words.append("PRIMARY KEY AUTOINCREMENT" if column.type == "INTEGER" else "PRIMARY KEY")
    if column.default is not None:
        words.append(f"DEFAULT {column.default}")
    return " ".join(words)


def foreign_key(key: ForeignKey) -> str:
    return (
        f"CONSTRAINT {quote(key.constraint)} FOREIGN KEY {listed(quote, key.columns)} "
        f"REFERENCES {quote(key.table.name)} {listed(quote, key.references)} {referential_actions(key)}"
    )


def create_index(table: Table, index: Index) -> str:
    unique = "UNIQUE " if index.kind == "unique" else ""
    where = f" WHERE {index.where}" if index.where else ""
    columns = key_columns(quote, index.columns)
    return f"CREATE {unique}INDEX {quote(index.name)} ON {quote(table.name.name)}{columns}{where}"
