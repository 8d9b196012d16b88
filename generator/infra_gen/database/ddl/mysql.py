"""MySQL's and MariaDB's DDL: indexes stand within CREATE TABLE, foreign keys follow."""

from __future__ import annotations

from infra_gen.database.catalog import Catalog, Column, ForeignKey, FullTextIndex, Index, Table
from infra_gen.database.ddl.step import SEARCH, Step, key_columns, listed, referential_actions

CHARACTER_SET = "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
INDEX_KINDS = {"unique": "UNIQUE INDEX", "normal": "INDEX", "fulltext": "FULLTEXT INDEX"}


def create(catalog: Catalog) -> list[Step]:
    """The steps that make `catalog` in an empty database."""
    return [
        *(Step.of("CreateTable", create_table(table)) for table in catalog.tables),
        *(
            Step.of("AddForeignKey", add_foreign_key(table, key))
            for table in catalog.tables
            for key in table.foreign_keys
        ),
        *(Step.of(SEARCH, create_search(table, table.search)) for table in catalog.tables if table.search),
    ]


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def create_table(table: Table) -> str:
    lines = [f"    {column_definition(column)}" for column in table.columns]
    keys = [f"    {index_definition(index)}" for index in table.indexes]
    if table.primary_key:
        keys.append(f"    PRIMARY KEY {key_columns(quote, table.primary_key.columns)}")
    body = ",\n".join(lines) + (",\n\n" + ",\n".join(keys) if keys else "")
    return f"CREATE TABLE {quote(table.name.name)} (\n{body}\n) {CHARACTER_SET}"


def column_definition(column: Column) -> str:
    words = [quote(column.name), column.type, "NULL" if column.nullable else "NOT NULL"]
    if column.autoincrement:
        words.append("AUTO_INCREMENT")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    return " ".join(words)


def index_definition(index: Index) -> str:
    return f"{INDEX_KINDS[index.kind]} {quote(index.name)}{key_columns(quote, index.columns)}"


def create_index(table: Table, index: Index) -> str:
    """An index on a table that is there already."""
    columns = key_columns(quote, index.columns)
    return f"CREATE {INDEX_KINDS[index.kind]} {quote(index.name)} ON {quote(table.name.name)}{columns}"


def create_search(table: Table, index: FullTextIndex) -> str:
    """An index of InnoDB's on the words of the columns, whatever their language."""
    return f"CREATE FULLTEXT INDEX {quote(index.name)} ON {quote(table.name.name)} {listed(quote, index.columns)}"


def add_foreign_key(table: Table, key: ForeignKey) -> str:
    return (
        f"ALTER TABLE {quote(table.name.name)} ADD CONSTRAINT {quote(key.constraint)} "
        f"FOREIGN KEY {listed(quote, key.columns)} REFERENCES {quote(key.table.name)}{listed(quote, key.references)} "
        f"{referential_actions(key)}"
    )
