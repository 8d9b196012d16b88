"""SQLite's alterations, as Prisma writes them: a column may be added in place, all else rebuilds the table.

A rebuilt table is made under a new name, filled, dropped and renamed, with foreign keys off for that while. What makes it searchable goes
before, as it refers to the table, and is made anew after.
Source: https://www.sqlite.org/lang_altertable.html, section 7.
"""

from __future__ import annotations

from dataclasses import replace

from infra_gen.database.catalog import Catalog, Column, SchemaObject, Table, TableName
from infra_gen.database.compare import Difference, TableDifference
from infra_gen.database.ddl.sqlite import (
    column_definition,
    create_index,
    create_table,
    drop_object,
    fill_search,
    quote,
    search_objects,
)
from infra_gen.database.ddl.step import DROP_SEARCH, SEARCH, Step, listed

CONSTANT_NOW = ("CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME")


def alter(difference: Difference, before: Catalog) -> list[Step]:
    """The steps of `difference`, which leads from `before`."""
    rebuilt = [change for change in difference.changed if _needs_rebuild(change)]
    extended = [change for change in difference.changed if change.added and not _needs_rebuild(change)]
    indexed = [change for change in difference.changed if change not in rebuilt]
    dropped = {table.name: table.indexes for table in difference.dropped}
    # A table that is made anew loses its indexes with the old one.
    dropped |= {change.before.name: change.indexes.dropped for change in difference.changed if change not in rebuilt}
    searched = [change for change in difference.changed if change.objects_differ or _needs_rebuild(change)]
    return [
        *_drop_objects([*difference.dropped, *(change.before for change in searched)]),
        *(
            Step.of("DropIndex", f"DROP INDEX {quote(index.name)}")
            for table in before.tables
            for index in dropped.get(table.name, ())
            if not index.is_constraint
        ),
        *_drop_tables(difference.dropped),
        *(Step.of("AlterTable", sql) for change in extended for sql in _add_columns(change)),
        *(Step.of("CreateTable", create_table(table)) for table in difference.added),
        *_rebuild_all(rebuilt),
        *(Step.of("CreateIndex", create_index(table, index)) for table in difference.added for index in table.indexes),
        *(
            Step.of("CreateIndex", create_index(change.after, index))
            for change in indexed
            for index in change.after.indexes
            if index in change.indexes.added
        ),
        *(
            Step.of("RedefineIndex", f"DROP INDEX {quote(old.name)}", create_index(change.after, new))
            for change in indexed
            for old, new in change.indexes.renamed
        ),
        *(
            Step.of(SEARCH, sql)
            for table in (*difference.added, *(change.after for change in searched))
            for sql in _make_searchable(table)
        ),
    ]


def _drop_objects(tables: list[Table]) -> list[Step]:
    """Triggers first, then what they write to, then what that reads."""
    order = ("TRIGGER", "TABLE", "VIEW")
    return [
        Step.of(DROP_SEARCH, drop_object(item))
        for table in tables
        for item in sorted(table.objects, key=lambda item: order.index(item.kind))
    ]


def _make_searchable(table: Table) -> list[str]:
    objects: tuple[SchemaObject, ...] = search_objects(table)
    return [*(item.sql for item in objects), *fill_search(table)]


def _needs_rebuild(change: TableDifference) -> bool:
    # A constraint goes with its table alone.
    old_indexes = (*change.indexes.dropped, *(before for before, _ in change.indexes.renamed))
    has_other_constraints = any(index.is_constraint for index in old_indexes)
    columns_differ = change.dropped or change.changed or not all(map(_addable, change.added))
    return bool(columns_differ or change.keys_differ or has_other_constraints)


def _addable(column: Column) -> bool:
    """May ALTER TABLE add it? Only nullable columns, or ones with a constant default."""
    is_constant = column.default is not None and column.default not in CONSTANT_NOW and "(" not in column.default
    return is_constant or (column.nullable and column.default is None)


def _add_columns(change: TableDifference) -> list[str]:
    table = quote(change.after.name.name)
    return [f"ALTER TABLE {table} ADD COLUMN {column_definition(column)}" for column in change.added]


def _drop_tables(tables: tuple[Table, ...]) -> list[Step]:
    return [
        Step.of(
            "DropTable",
            "PRAGMA foreign_keys=off",
            f"DROP TABLE {quote(table.name.name)}",
            "PRAGMA foreign_keys=on",
        )
        for table in tables
    ]


def _rebuild_all(changes: list[TableDifference]) -> list[Step]:
    if not changes:
        return []
    inner = [sql for change in changes for sql in _rebuild(change)]
    lines = [
        "PRAGMA defer_foreign_keys=ON",
        "PRAGMA foreign_keys=OFF",
        *inner,
        "PRAGMA foreign_keys=ON",
        "PRAGMA defer_foreign_keys=OFF",
    ]
    return [Step("RedefineTables", tuple(lines))]


def _rebuild(change: TableDifference) -> list[str]:
    table = change.after
    new = replace(table, name=TableName(f"new_{table.name.name}"))
    old_names = {column.name for column in change.before.columns}
    kept = sorted((column for column in table.columns if column.name in old_names), key=lambda column: column.name)
    was_nullable = {column.name for column in change.before.columns if column.nullable}
    sources = ", ".join(_source(column, column.name in was_nullable) for column in kept)
    copy = f"INSERT INTO {quote(new.name.name)} {listed(quote, (column.name for column in kept))} SELECT {sources} FROM {quote(table.name.name)}"
    return [
        create_table(new),
        *([copy] if kept else []),
        f"DROP TABLE {quote(table.name.name)}",
        f"ALTER TABLE {quote(new.name.name)} RENAME TO {quote(table.name.name)}",
        *(create_index(table, index) for index in table.indexes),
    ]


def _source(column: Column, was_nullable: bool) -> str:
    """A column of the old table; where it becomes required, its default fills the NULLs."""
    if was_nullable and not column.nullable and column.default is not None:
        return f"coalesce({quote(column.name)}, {column.default}) AS {quote(column.name)}"
    return quote(column.name)
