"""PostgreSQL's alterations, as Prisma writes them: in the order of its steps, one ALTER TABLE a table.

Where Prisma's own text does not run (a column that becomes `SERIAL`), it is mended. Source: the scripts of `prisma migrate diff`;
https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from infra_gen.database.alter.foreign_keys import passage
from infra_gen.database.alter.postgresql_casts import changes_in_place
from infra_gen.database.catalog import Catalog, Column, ForeignKey, Index, Table, TableName
from infra_gen.database.compare import Difference, EnumDifference, TableDifference
from infra_gen.database.ddl.postgresql import (
    add_foreign_key,
    array_type,
    column_definition,
    create_enum,
    create_extension,
    create_index,
    create_search,
    create_table,
    qualified,
    quote,
    text_literal,
)
from infra_gen.database.ddl.step import DROP_SEARCH, SEARCH, Step, listed

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
"""A name that needs no quotes."""

SEVERAL_VALUES = (
    "This migration adds more than one value to an enum.",
    "With PostgreSQL versions 11 and earlier, this is not possible",
    "in a single migration. This can be worked around by creating",
    "multiple migrations, each migration adding only one value to",
    "the enum.",
)


def alter(difference: Difference, before: Catalog, wanted: Catalog) -> list[Step]:
    """The steps of `difference`, which leads from `before` to `wanted`."""
    changed = difference.changed
    keys = passage(difference, before, wanted, _hangs_on_a_remade_key(difference, wanted))
    searched = [*difference.added, *(change.after for change in changed if change.objects_differ)]
    return [
        *(Step.of("CreateSchema", f"CREATE SCHEMA IF NOT EXISTS {quote(name)}") for name in difference.added_schemas),
        *(Step.of("CreateExtension", create_extension(item)) for item in difference.added_extensions),
        *(Step.of("CreateEnum", create_enum(enum)) for enum in difference.added_enums),
        *(_alter_enum(enum, before, wanted) for enum in difference.changed_enums),
        *(
            Step.of(DROP_SEARCH, f"DROP INDEX {qualified(TableName(item.name, change.before.name.schema))}")
            for change in changed
            if change.objects_differ
            for item in change.before.objects
        ),
        *(Step.of("DropForeignKey", _drop_constraint(table, key.constraint)) for table, key in keys.dropped),
        *(Step.of("DropIndex", sql) for change in changed for sql in _drop_indexes(change)),
        *(step for change in changed for step in _alter_table(change)),
        *(Step.of("DropTable", f"DROP TABLE {qualified(table.name)}") for table in difference.dropped),
        *(Step.of("DropEnum", f"DROP TYPE {qualified(enum.name)}") for enum in difference.dropped_enums),
        *(Step.of("CreateTable", create_table(table)) for table in difference.added),
        *(Step.of("CreateIndex", create_index(table, index)) for table in difference.added for index in table.indexes),
        *(
            Step.of("CreateIndex", create_index(change.after, index))
            for change in changed
            for index in change.after.indexes
            if index in change.indexes.added or _is_lost(index, change)
        ),
        *(
            Step.of("RenameForeignKey", f"ALTER TABLE {qualified(change.after.name)} RENAME CONSTRAINT {renaming}")
            for change in changed
            for old, new in change.foreign_keys.renamed
            if new not in keys.remade
            for renaming in [f"{quote(old.constraint)} TO {quote(new.constraint)}"]
        ),
        *(Step.of("AddForeignKey", add_foreign_key(table, key)) for table, key in keys.made),
        *(
            Step.of("RenameIndex", f"ALTER INDEX {qualified(_beside(change, old.name))} RENAME TO {quote(new.name)}")
            for change in changed
            for old, new in change.indexes.renamed
            if not _is_lost(new, change)
        ),
        *(Step.of(SEARCH, create_search(table, table.search)) for table in searched if table.search),
    ]


def _beside(change: TableDifference, name: str) -> TableName:
    """An index lives in the schema of its table."""
    return TableName(name, change.before.name.schema)


# -- enums -------------------------------------------------------------------------------------------------------------
def _alter_enum(change: EnumDifference, before: Catalog, wanted: Catalog) -> Step:
    name = qualified(change.after.name)
    if not change.dropped:
        added = tuple(f"ALTER TYPE {name} ADD VALUE {text_literal(value)}" for value in change.added)
        return Step("AlterEnum", added, SEVERAL_VALUES if len(added) > 1 else ())
    return Step("AlterEnum", ("BEGIN", *_replace_enum(change, before, wanted), "COMMIT"))


def _replace_enum(change: EnumDifference, before: Catalog, wanted: Catalog) -> Iterator[str]:
    """PostgreSQL drops no value of an enum: a new type takes the old one's place in every column."""
    name, schema = change.after.name.name, change.after.name.schema
    new, old = TableName(f"{name}_new", schema), TableName(f"{name}_old", schema)
    yield create_enum(replace(change.after, name=new))
    columns = [
        (table, was, column)
        for table in wanted.tables
        if table.name in before.table
        for was in before.table[table.name].columns
        for column in table.columns
        if column.name == was.name and was.type == column.type == qualified(change.after.name)
    ]
    staying = {(table.name, was.name) for table, was, _ in columns}
    leaving = [
        (table, was)
        for table in before.tables
        for was in table.columns
        if was.type == qualified(change.after.name) and (table.name, was.name) not in staying
    ]
    for table, was in [*((table, was) for table, was, _ in columns), *leaving]:
        if was.default is not None:
            yield f"ALTER TABLE {qualified(table.name)} ALTER COLUMN {quote(was.name)} DROP DEFAULT"
    # The old type cannot go while a column has it that is dropped or made anew later.
    for table, was in leaving:
        yield f"ALTER TABLE {qualified(table.name)} ALTER COLUMN {quote(was.name)} TYPE TEXT{'[]' if was.is_list else ''}"
    for table, was, _ in columns:
        array = "[]" if was.is_list else ""
        cast = f"{quote(was.name)}::text{array}::{qualified(new)}{array}"
        yield (
            f"ALTER TABLE {qualified(table.name)} ALTER COLUMN {quote(was.name)} "
            f"TYPE {qualified(new)}{array} USING ({cast})"
        )
    yield f"ALTER TYPE {qualified(change.after.name)} RENAME TO {quote(old.name)}"
    yield f"ALTER TYPE {qualified(new)} RENAME TO {quote(name)}"
    yield f"DROP TYPE {qualified(old)}"
    for table, _, column in columns:
        if column.default is not None:
            yield f"ALTER TABLE {qualified(table.name)} ALTER COLUMN {quote(column.name)} SET DEFAULT {column.default}"


# -- tables ------------------------------------------------------------------------------------------------------------
def _hangs_on_a_remade_key(difference: Difference, wanted: Catalog) -> Callable[[Table, ForeignKey], bool]:
    """PostgreSQL drops no primary key that a foreign key refers to."""
    remade = {change.after.name for change in difference.changed if _is_key_remade(change)}

    def hangs(table: Table, key: ForeignKey) -> bool:
        target = wanted.table[key.table].primary_key
        return key.table in remade and target is not None and set(key.references) == set(target.names)

    return hangs


def _drop_constraint(table: Table, name: str) -> str:
    return f"ALTER TABLE {qualified(table.name)} DROP CONSTRAINT {quote(name)}"


def _drop_indexes(change: TableDifference) -> Iterator[str]:
    for index in change.indexes.dropped:
        if index.is_constraint:
            yield _drop_constraint(change.before, index.name)
        else:
            yield f"DROP INDEX {qualified(_beside(change, index.name))}"


def _alter_table(change: TableDifference) -> Iterator[Step]:
    before, after = change.before.primary_key, change.after.primary_key
    is_key_remade = _is_key_remade(change)
    clauses: list[str] = []
    if before and is_key_remade:
        clauses.append(f"DROP CONSTRAINT {quote(before.constraint)}")
    clauses += [f"DROP COLUMN {quote(column.name)}" for column in _by_name(change.dropped)]
    clauses += [_add_column(column) for column in _by_name(change.added)]
    for was, column in change.changed:
        if is_recreated(was, column):
            clauses += [f"DROP COLUMN {quote(was.name)}", _add_column(column)]
        else:
            clauses += _alter_column(change, was, column)
    if after and is_key_remade:
        clauses.append(f"ADD CONSTRAINT {quote(after.constraint)} PRIMARY KEY {listed(quote, after.names, ', ')}")
    if clauses:
        table = qualified(change.after.name)
        sequences = [column for was, column in change.changed if _starts_to_count(was, column)]
        yield Step.of(
            "AlterTable",
            *(f"CREATE SEQUENCE {_sequence(change, column)}" for column in sequences),
            f"ALTER TABLE {table} " + ",\n".join(clauses),
            *(f"ALTER SEQUENCE {_sequence(change, it)} OWNED BY {table}.{quote(it.name)}" for it in sequences),
            *(f"DROP SEQUENCE {qualified(_beside(change, name))}" for name in _idle_sequences(change)),
        )


def _sequence(change: TableDifference, column: Column) -> str:
    """The sequence of a column that did not count before, named as PostgreSQL itself names those of SERIAL columns."""
    name = f"{change.after.name.name}_{column.name}_seq".lower()
    return name if _PLAIN.fullmatch(name) else quote(name)


def _by_name(columns: Iterable[Column]) -> list[Column]:
    return sorted(columns, key=lambda column: column.name)


def _is_key_remade(change: TableDifference) -> bool:
    retyped = {was.name for was, column in change.changed if _is_retyped(was, column)}
    key = change.after.primary_key
    return change.primary_key_differs or bool(key and retyped.intersection(key.names))


def _add_column(column: Column) -> str:
    return f"ADD COLUMN     {column_definition(column)}"


def is_recreated(before: Column, after: Column) -> bool:
    """Is a column of another type dropped and made anew, because PostgreSQL turns no value into it?"""
    return _is_retyped(before, after) and not changes_in_place(before, after)


def _idle_sequences(change: TableDifference) -> Iterator[str]:
    """What columns counted with that count no more; a column that goes takes its own along."""
    for was, column in change.changed:
        if was.sequence and not column.autoincrement and not is_recreated(was, column):
            yield was.sequence


def _starts_to_count(before: Column, after: Column) -> bool:
    return after.autoincrement and not before.autoincrement and not is_recreated(before, after)


def _is_lost(index: Index, change: TableDifference) -> bool:
    """Does an index that stays go with a column that is made anew?"""
    recreated = {was.name for was, column in change.changed if is_recreated(was, column)}
    return any(column.name in recreated for column in index.columns)


def _is_retyped(before: Column, after: Column) -> bool:
    return before.type != after.type or before.is_list != after.is_list


def _alter_column(change: TableDifference, before: Column, after: Column) -> Iterator[str]:
    name = f"ALTER COLUMN {quote(after.name)}"
    # A list is never NOT NULL.
    could_be_null, can_be_null = before.nullable or before.is_list, after.nullable or after.is_list
    if could_be_null and not can_be_null:
        yield f"{name} SET NOT NULL"
    if can_be_null and not could_be_null:
        yield f"{name} DROP NOT NULL"
    if after.default is None and (before.default is not None or before.autoincrement) and not after.autoincrement:
        yield f"{name} DROP DEFAULT"
    if _starts_to_count(before, after):
        yield f"{name} SET DEFAULT nextval('{_sequence(change, after)}')"
    if after.default is not None and before.default != after.default:
        yield f"{name} SET DEFAULT {after.default}"
    if _is_retyped(before, after):
        yield f"{name} SET DATA TYPE {array_type(after)}"
