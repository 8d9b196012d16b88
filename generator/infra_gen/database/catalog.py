"""What a database holds, as values: tables, columns, indexes, foreign keys, enum types.

The same values are made from the IR (`expected.py`) and read from a live database, so that two of them can be compared.
Types and defaults are SQL text in the dialect's own spelling. Imports nothing of the project.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

ReferentialAction = Literal["Cascade", "Restrict", "NoAction", "SetNull", "SetDefault"]


@dataclass(frozen=True, slots=True)
class Column:
    """`default` is SQL text; None where the database has none. `is_list`: PostgreSQL arrays, which are never NOT NULL.

    `expression` is a live column's default as its database writes it, where `default` has it in one spelling for comparisons.
    """

    name: str
    type: str
    nullable: bool
    default: str | None = None
    autoincrement: bool = False
    is_list: bool = False
    expression: str | None = field(default=None, compare=False)
    sequence: str | None = field(default=None, compare=False)
    """What a live column of PostgreSQL's counts with."""


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    columns: tuple[KeyColumn, ...]
    constraint: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column of a key or index. `sort` and `operator_class` only where the schema gives them."""

    name: str
    sort: Literal["ASC", "DESC"] | None = None
    length: int | None = None
    operator_class: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """`algorithm` is the SQL name (`GIN`) where it is not the database's usual one. `is_constraint`: a live one, which goes with its constraint.

    `expression` is a live index's condition as its database writes it, where `where` has it in one spelling for comparisons.
    """

    name: str
    kind: Literal["unique", "normal", "fulltext"]
    columns: tuple[KeyColumn, ...]
    algorithm: str | None = None
    where: str | None = None
    is_constraint: bool = field(default=False, compare=False)
    expression: str | None = field(default=None, compare=False)
    sequence: str | None = field(default=None, compare=False)
    """What a live column of PostgreSQL's counts with."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    constraint: str
    columns: tuple[str, ...]
    table: TableName
    references: tuple[str, ...]
    on_delete: ReferentialAction
    on_update: ReferentialAction


@dataclass(frozen=True, slots=True)
class FullTextIndex:
    """What `@infra.search` asks for: Prisma's schema has no word for it.

    `key`: the columns that tell rows apart; `is_numbered`: it is one whole number.
    """

    name: str
    columns: tuple[str, ...]
    language: str | None
    key: tuple[Column, ...]
    is_numbered: bool


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """Something beside a table that belongs to it, as its database keeps it: what it is, and the text that makes it or says what is in it."""

    kind: Literal["TABLE", "VIEW", "TRIGGER", "INDEX"]
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class TableName:
    """A table or type, with its database schema where the Prisma schema names one."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Table:
    name: TableName
    columns: tuple[Column, ...]
    primary_key: PrimaryKey | None
    indexes: tuple[Index, ...]
    foreign_keys: tuple[ForeignKey, ...]
    search: FullTextIndex | None = None
    objects: tuple[SchemaObject, ...] = ()
    """What a live database has of `search`: an index; in SQLite a table of FTS5's and what keeps it in step."""


@dataclass(frozen=True, slots=True)
class EnumType:
    """A type of its own: PostgreSQL only."""

    name: TableName
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """A PostgreSQL extension."""

    name: str
    schema: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class Catalog:
    """Everything of a database that a Prisma schema describes."""

    tables: tuple[Table, ...]
    enums: tuple[EnumType, ...] = ()
    schemas: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()

    def emptied(self) -> Catalog:
        """The same database with nothing in it that a schema describes."""
        return replace(self, tables=(), enums=())

    def without_directives(self, asked: Catalog) -> Catalog:
        """The same catalog as Prisma would have it, where `asked` has what directives ask for: unique keys are whole, and nothing is beside."""
        partial = {index.name for table in asked.tables for index in table.indexes if index.where is not None}
        tables = tuple(
            replace(
                table,
                objects=(),
                indexes=tuple(
                    replace(index, where=None) if index.name in partial else index for index in table.indexes
                ),
            )
            for table in self.tables
        )
        return replace(self, tables=tables)

    def without_indexes(self, unwanted: Callable[[Index], bool]) -> Catalog:
        """The same catalog without some indexes."""
        tables = tuple(
            replace(table, indexes=tuple(index for index in table.indexes if not unwanted(index)))
            for table in self.tables
        )
        return replace(self, tables=tables)

    @cached_property
    def table(self) -> dict[TableName, Table]:
        return {table.name: table for table in self.tables}
