"""The two sides of a pull: what the schema says of a database, and what is there, in the same terms.

What a Prisma schema cannot say is left out of both, and so is what directives ask for: a pull neither writes nor removes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from infra_gen import ir
from infra_gen.database.catalog import Catalog, ForeignKey, Index, ReferentialAction, Table
from infra_gen.database.dialects import DIALECTS
from infra_gen.database.expected import expected_catalog
from infra_gen.database.introspect.query import Query
from infra_gen.pull.fields import is_nullable, is_unique

PARTIAL_INDEXES = "partialIndexes"
"""The preview feature of Prisma without which its schemas have no word for partial indexes."""


@dataclass(frozen=True, slots=True)
class Live:
    """A live database as far as a schema can say it, and what was left out: a line each."""

    catalog: Catalog
    unsaid: tuple[str, ...]


def read_live(schema: ir.Schema, query: Query) -> Catalog:
    """All that is there, in the database schemas that the datasource names."""
    return DIALECTS[schema.datasource.provider].read(query, schema.datasource.schemas)


def sayable(schema: ir.Schema, catalog: Catalog) -> Live:
    """A live catalog without what `schema` has no word for."""
    reading = _Reading(schema, catalog)
    tables = tuple(reading.table(table) for table in catalog.tables)
    return Live(replace(catalog, tables=tables, schemas=(), extensions=()), tuple(reading.unsaid))


def said(schema: ir.Schema) -> Catalog:
    """What the schema says, without directives."""
    return replace(expected_catalog(schema, directives=False), schemas=(), extensions=())


class _Reading:
    def __init__(self, schema: ir.Schema, catalog: Catalog) -> None:
        self.unsaid: list[str] = []
        self._schema = schema
        self._tables = catalog.table
        features = {str(name) for item in schema.generators for name in item.properties.get("previewFeatures", ())}
        self._partial_indexes = PARTIAL_INDEXES in features
        self._by_directive = {
            (table.name, index.name)
            for table in expected_catalog(schema).tables
            for index in table.indexes
            if index.where is not None
        }
        self._partial = {
            (table.name, index.name) for table in said(schema).tables for index in table.indexes if index.where
        }

    def table(self, table: Table) -> Table:
        return replace(
            table,
            indexes=tuple(index for item in table.indexes if (index := self._index(table, item)) is not None),
            foreign_keys=tuple(self._foreign_keys(table)),
            search=None,
            objects=(),
        )

    def _index(self, table: Table, index: Index) -> Index | None:
        if any(not column.name for column in index.columns):
            self._leave_out(f"index {index.name} of {table.name} is on an expression")
            return None
        if index.where is None or (table.name, index.name) in self._partial:
            return index
        if (table.name, index.name) in self._by_directive:
            return replace(index, where=None)
        if self._partial_indexes:
            return index
        self._leave_out(
            f"index {index.name} of {table.name} is partial (WHERE {index.expression or index.where}), which a schema says with the preview feature "
            f"{PARTIAL_INDEXES} alone"
        )
        return None

    def _leave_out(self, what: str) -> None:
        self.unsaid.append(what)

    def _foreign_keys(self, table: Table) -> list[ForeignKey]:
        if self._schema.datasource.relation_mode == "prisma":
            return []
        found: dict[tuple[object, ...], ForeignKey] = {}
        for key in table.foreign_keys:
            problem = self._problem(key)
            if problem is None:
                # A foreign key that says the same as an earlier one is no relation of its own.
                found.setdefault((key.columns, key.table, key.references), self._with_actions(table, key))
            else:
                self._leave_out(f"{_called(table, key)} {problem}")
        return list(found.values())

    def _problem(self, key: ForeignKey) -> str | None:
        """Why no relation can say a foreign key."""
        target = self._tables.get(key.table)
        if target is None:
            return f"refers to {key.table}, which is not among the tables that are read"
        if not is_unique(target, key.references):
            return f"refers to {', '.join(key.references)} of {key.table}, which is no unique key"
        return None

    def _with_actions(self, table: Table, key: ForeignKey) -> ForeignKey:
        """But on PostgreSQL, schemas do not let a column become NULL that cannot be: such a deletion fails, as with Restrict."""
        required = any(not is_nullable(table, column) for column in table.columns if column.name in key.columns)
        if self._schema.datasource.provider == "postgresql" or not required:
            return key
        sayable = replace(key, on_delete=_restricting(key.on_delete), on_update=_restricting(key.on_update))
        if sayable != key:
            self._leave_out(
                f"{_called(table, key)} has SET NULL for columns that are NOT NULL: it is written as Restrict"
            )
        return sayable


def _restricting(action: ReferentialAction) -> ReferentialAction:
    return "Restrict" if action == "SetNull" else action


def _called(table: Table, key: ForeignKey) -> str:
    return f"foreign key {key.constraint or ', '.join(key.columns)} of {table.name}"
