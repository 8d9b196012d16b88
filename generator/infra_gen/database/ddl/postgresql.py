"""PostgreSQL's DDL: schemas, extensions and enum types first, foreign keys last."""

from __future__ import annotations

from infra_gen.database.catalog import (
    Catalog,
    Column,
    EnumType,
    Extension,
    ForeignKey,
    FullTextIndex,
    Index,
    Table,
    TableName,
)
from infra_gen.database.columns import SERIAL
from infra_gen.database.ddl.step import SEARCH, Step, key_columns, listed, referential_actions
from infra_runtime import full_text


def create(catalog: Catalog) -> list[Step]:
    """The steps that make `catalog` in an empty database."""
    return [
        *(Step.of("CreateSchema", f"CREATE SCHEMA IF NOT EXISTS {quote(name)}") for name in catalog.schemas),
        *(Step.of("CreateExtension", create_extension(extension)) for extension in catalog.extensions),
        *(Step.of("CreateEnum", create_enum(enum)) for enum in catalog.enums),
        *(Step.of("CreateTable", create_table(table)) for table in catalog.tables),
        *(Step.of("CreateIndex", create_index(table, index)) for table in catalog.tables for index in table.indexes),
        *(
            Step.of("AddForeignKey", add_foreign_key(table, key))
            for table in catalog.tables
            for key in table.foreign_keys
        ),
        *(Step.of(SEARCH, create_search(table, table.search)) for table in catalog.tables if table.search),
    ]


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def qualified(name: TableName) -> str:
    return f"{quote(name.schema)}.{quote(name.name)}" if name.schema else quote(name.name)


def create_extension(extension: Extension) -> str:
    schema = f" WITH SCHEMA {quote(extension.schema)}" if extension.schema else ""
    version = f" VERSION {quote(extension.version)}" if extension.version else ""
    return f"CREATE EXTENSION IF NOT EXISTS {quote(extension.name)}{schema}{version}"


def create_enum(enum: EnumType) -> str:
    values = ", ".join(map(text_literal, enum.values))
    return f"CREATE TYPE {qualified(enum.name)} AS ENUM ({values})"


def text_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def array_type(column: Column) -> str:
    """The type of a column as it is written; of an array with its brackets."""
    return f"{column.type}[]" if column.is_list else column.type


def create_table(table: Table) -> str:
    body = ",\n".join(f"    {column_definition(column)}" for column in table.columns)
    if key := table.primary_key:
        body += f",\n\n    CONSTRAINT {quote(key.constraint)} PRIMARY KEY {listed(quote, key.names, ',')}"
    return f"CREATE TABLE {qualified(table.name)} (\n{body}\n)"


def column_definition(column: Column) -> str:
    type_ = SERIAL.get(column.type, column.type) if column.autoincrement else column.type
    words = [quote(column.name), f"{type_}[]" if column.is_list else type_]
    if not column.nullable and not column.is_list:
        words.append("NOT NULL")
    if column.default is not None:
        words.append(f"DEFAULT {column.default}")
    return " ".join(words)


def create_index(table: Table, index: Index) -> str:
    unique = "UNIQUE " if index.kind == "unique" else ""
    using = f" USING {index.algorithm} " if index.algorithm else ""
    where = f" WHERE ({index.where})" if index.where else ""
    columns = key_columns(quote, index.columns)
    return f"CREATE {unique}INDEX {quote(index.name)} ON {qualified(table.name)}{using}{columns}{where}"


def create_search(table: Table, index: FullTextIndex) -> str:
    """A GIN index on what the texts of the columns are as a tsvector."""
    document = full_text.document([quote(name) for name in index.columns], index.language)
    return f"CREATE INDEX {quote(index.name)} ON {qualified(table.name)} USING GIN ({document})"


def add_foreign_key(table: Table, key: ForeignKey) -> str:
    return (
        f"ALTER TABLE {qualified(table.name)} ADD CONSTRAINT {quote(key.constraint)} "
        f"FOREIGN KEY {listed(quote, key.columns)} REFERENCES {qualified(key.table)}{listed(quote, key.references)} "
        f"{referential_actions(key)}"
    )
