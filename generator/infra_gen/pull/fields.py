"""Columns, keys and indexes as a schema writes them: the parts of a field's line, and a block's attributes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra_gen import ir
from infra_gen.checks.operator_classes import OPERATOR_CLASSES
from infra_gen.database.catalog import Column, Index, KeyColumn, PrimaryKey, Table
from infra_gen.database.expected import ALGORITHMS
from infra_gen.pull.column_types import FieldType, field_type
from infra_gen.pull.defaults import default
from infra_gen.pull.naming import Naming
from infra_gen.pull.text import quoted
from infra_gen.resolve.keys import ENDINGS
from infra_gen.resolve.names import constraint_name

ATTRIBUTES = {"unique": "unique", "normal": "index", "fulltext": "fulltext"}
_TYPES = {sql: name for name, sql in ALGORITHMS.items()}
_OPERATOR_CLASSES = {
    "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_"): name
    for name in OPERATOR_CLASSES
}


@dataclass(frozen=True, slots=True)
class Written:
    """How schemas of this provider write things. `native_prefix`: the name of the datasource."""

    provider: ir.Provider
    native_prefix: str
    naming: Naming
    enums: Mapping[str, str]
    """The names of enums by the SQL of their columns."""
    verbatim: frozenset[tuple[str, str]] = frozenset()
    """Tables and columns whose default is written in the database's own words."""

    # -- columns -----------------------------------------------------------------------------------------------------
    def type(self, column: Column, enum: str | None = None) -> FieldType:
        """A column's type. `enum`: the name of the enum that it is known to be of."""
        return FieldType(enum) if enum else field_type(self.provider, column.type, self.enums)

    def default(self, table: Table, column: Column, type_: FieldType) -> str | None:
        """What `@default` says of a column."""
        is_verbatim = (str(table.name), column.name) in self.verbatim
        members = self.naming.members.get(type_.name)
        if self.provider == "sqlite" and is_row_id(table, column):
            return "autoincrement()"
        return default(self.provider, type_, column, members, verbatim=is_verbatim)

    def field(self, table: Table, column: Column, enum: str | None) -> str:
        """The line of a new field, without what keys and indexes say. `enum`: as in `type`."""
        name, type_ = self.naming.field(table.name, column.name), self.type(column, enum)
        words = [name, f"{type_.text}{self.arity(table, column)}"]
        value = self.default(table, column, type_)
        if value is not None:
            words.append(f"@default({value})")
        if name != column.name:
            words.append(f"@map({quoted(column.name)})")
        if type_.native:
            words.append(self.native(type_.native))
        return " ".join(words)

    def native(self, type_: str) -> str:
        return f"@{self.native_prefix}.{type_}"

    @staticmethod
    def arity(table: Table, column: Column) -> str:
        if column.is_list:
            return "[]"
        return "?" if is_nullable(table, column) else ""

    # -- keys --------------------------------------------------------------------------------------------------------
    def id_of_field(self, table: Table, key: PrimaryKey) -> str:
        return _with_arguments("@id", [*_options(key.columns[0]), *self._id_map(table, key)])

    def id_of_block(self, table: Table, key: PrimaryKey) -> str:
        return _with_arguments("@@id", [self._listed(table, key.columns), *self._id_map(table, key)])

    def _id_map(self, table: Table, key: PrimaryKey) -> list[str]:
        usual = constraint_name(self.provider, table.name.name, (), "_pkey")
        return [f"map: {quoted(key.constraint)}"] if self.provider == "postgresql" and key.constraint != usual else []

    def unique_of_field(self, table: Table, index: Index) -> str:
        return _with_arguments("@unique", [*_options(index.columns[0]), *self.index_map(table, index), *_where(index)])

    def index_of_block(self, table: Table, index: Index) -> str:
        """`@@unique`, `@@index` or `@@fulltext`."""
        kind = [f"type: {_TYPES[index.algorithm]}"] if index.algorithm else []
        listed = self._listed(table, index.columns)
        return _with_arguments(
            f"@@{ATTRIBUTES[index.kind]}", [listed, *self.index_map(table, index), *kind, *_where(index)]
        )

    def index_map(self, table: Table, index: Index) -> list[str]:
        columns = [column.name for column in index.columns]
        usual = constraint_name(self.provider, table.name.name, columns, ENDINGS[index.kind])
        return [] if index.name == usual else [f"map: {quoted(index.name)}"]

    def _listed(self, table: Table, columns: tuple[KeyColumn, ...]) -> str:
        names = [
            _with_arguments(self.naming.field(table.name, column.name), [*_options(column), *_operator_class(column)])
            for column in columns
        ]
        return f"[{', '.join(names)}]"


def can_say(index: Index) -> bool:
    """Has the schema a word for the index's kind?"""
    return index.algorithm is None or index.algorithm in _TYPES


def is_row_id(table: Table, column: Column) -> bool:
    """Is it a key that SQLite numbers by itself? Source: https://www.sqlite.org/lang_createtable.html, "ROWIDs and the INTEGER PRIMARY KEY"."""
    key = table.primary_key
    return key is not None and key.names == (column.name,) and column.type == "INTEGER"


def is_nullable(table: Table, column: Column) -> bool:
    """What is in a primary key is never missing, also where SQLite would take it."""
    return column.nullable and not (table.primary_key and column.name in table.primary_key.names)


def is_unique(table: Table, columns: tuple[str, ...]) -> bool:
    """Is there one row at most with the same values in these columns?"""
    keys = [table.primary_key.names] if table.primary_key else []
    keys += [tuple(column.name for column in index.columns) for index in whole_keys(table)]
    return any(set(key) == set(columns) for key in keys)


def whole_keys(table: Table) -> list[Index]:
    """The unique indexes that hold for all rows."""
    return [index for index in table.indexes if index.kind == "unique" and index.where is None]


def _with_arguments(name: str, arguments: list[str]) -> str:
    return f"{name}({', '.join(arguments)})" if arguments else name


def _options(column: KeyColumn) -> list[str]:
    length = [f"length: {column.length}"] if column.length else []
    return [*length, *(["sort: Desc"] if column.sort == "DESC" else [])]


def _operator_class(column: KeyColumn) -> list[str]:
    if column.operator_class is None:
        return []
    known = _OPERATOR_CLASSES.get(column.operator_class)
    return [f"ops: {known or f'raw({quoted(column.operator_class)})'}"]


def _where(index: Index) -> list[str]:
    return [f"where: raw({quoted(index.expression or index.where)})"] if index.where else []
