"""What the parts of one patch share: both sides, the text with its edits, names, and what there is to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra_gen import ir
from infra_gen.database.catalog import Catalog, Column, Index, Table, TableName
from infra_gen.pull.column_types import FieldType
from infra_gen.pull.fields import Written, can_say, whole_keys
from infra_gen.pull.naming import Naming
from infra_gen.pull.syntax import SchemaText


@dataclass(slots=True)
class NewModel:
    """The lines of a block that is to be written."""

    lines: list[str] = field(default_factory=list)
    relations: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Work:
    """One patch on its way. `changes` and `unsaid` have a line for each thing done, or left out for want of a word."""

    schema: ir.Schema
    live: Catalog
    text: SchemaText
    naming: Naming
    written: Written
    comments: Mapping[tuple[TableName, str | None], str]
    models: dict[TableName, ir.Model]
    """The models of tables."""
    column_enums: dict[tuple[TableName, str], str] = field(default_factory=dict)
    """MySQL's: the names of the enums that columns are of."""
    new: dict[str, NewModel] = field(default_factory=dict)
    enums: list[str] = field(default_factory=list)
    """The blocks of new enums."""
    changes: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)

    def documented(self, table: TableName, column: str | None) -> list[str]:
        comment = self.comments.get((table, column), "")
        return [f"/// {line}".rstrip() for line in comment.splitlines()]

    def can_say(self, table: Table, index: Index) -> bool:
        if not can_say(index):
            self.unsaid.append(
                f"index {index.name} of {table.name} is of a kind that schemas do not know: {index.algorithm}"
            )
        return can_say(index)

    def is_usable(self, table: Table) -> bool:
        """Can rows be told apart by a key whose columns always have a value of a type that Prisma knows?"""
        columns = {column.name: column for column in table.columns}
        keys = [*([table.primary_key.names] if table.primary_key else [])]
        keys += [tuple(column.name for column in index.columns) for index in whole_keys(table)]
        return any(
            all(
                not self.written.arity(table, columns[name]) and not self.type(table, columns[name]).is_unsupported
                for name in key
            )
            for key in keys
        )

    def enum_of(self, table: Table, column: Column) -> str | None:
        return self.column_enums.get((table.name, column.name))

    def type(self, table: Table, column: Column) -> FieldType:
        return self.written.type(column, self.enum_of(table, column))

    def is_ignored(self, table: Table) -> bool:
        model = self.models.get(table.name)
        return (model is not None and model.is_ignored) or not self.is_usable(table)

    def tables(self) -> list[Table]:
        """Those that are models, in the order of their names."""
        models = [table for table in self.live.tables if table.name not in self.naming.links]
        return sorted(models, key=lambda table: (table.name.schema or "", table.name.name))


def table_of(model: ir.Model) -> TableName:
    return TableName(model.table, model.schema)


def column_of(model: ir.Model, field: str) -> str:
    return next(item.column for item in model.scalars if item.name == field)
