"""MySQL's and MariaDB's alterations, as Prisma writes them: one ALTER TABLE a table, a column stated whole where it changes.

Source: the scripts of `prisma migrate diff`; https://dev.mysql.com/doc/refman/8.0/en/alter-table.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from infra_gen.database.alter.foreign_keys import passage
from infra_gen.database.catalog import Catalog, Column, ForeignKey, Index, Table
from infra_gen.database.compare import Difference, TableDifference
from infra_gen.database.ddl.mysql import (
    add_foreign_key,
    column_definition,
    create_index,
    create_search,
    create_table,
    quote,
)
from infra_gen.database.ddl.step import DROP_SEARCH, SEARCH, Step, key_columns

NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "MEDIUMINT",
    "INT",
    "INTEGER",
    "BIGINT",
    "BOOLEAN",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
    "BIT",
    "YEAR",
)
MOMENTS = ("DATE", "DATETIME", "TIMESTAMP", "TIME")
TEXTS = ("CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM")
BYTES = ("BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB")
FAMILIES = (NUMBERS, MOMENTS, TEXTS, BYTES, ("JSON",))


def alter(difference: Difference, before: Catalog, wanted: Catalog) -> list[Step]:
    """The steps of `difference`, which leads from `before` to `wanted`."""
    changed = difference.changed
    keys = passage(difference, before, wanted, _stands_on_what_changes(difference))
    searched = [*difference.added, *(change.after for change in changed if change.objects_differ)]
    return [
        *(
            Step.of(DROP_SEARCH, f"DROP INDEX {quote(item.name)} ON {quote(change.before.name.name)}")
            for change in changed
            if change.objects_differ
            for item in change.before.objects
        ),
        *(
            Step.of("DropForeignKey", f"ALTER TABLE {quote(table.name.name)} DROP FOREIGN KEY {quote(key.constraint)}")
            for table, key in (*keys.dropped, *_renamed_keys(difference, keys.remade))
        ),
        *(
            Step.of("DropIndex", f"DROP INDEX {quote(index.name)} ON {quote(change.before.name.name)}")
            for change in changed
            for index in (*change.indexes.dropped, *_lost_indexes(change))
        ),
        *(Step.of("AlterTable", sql) for change in changed for sql in _alter_table(change)),
        *(Step.of("DropTable", f"DROP TABLE {quote(table.name.name)}") for table in difference.dropped),
        *(Step.of("CreateTable", create_table(table)) for table in difference.added),
        *(
            Step.of("CreateIndex", create_index(change.after, index))
            for change in changed
            for index in change.after.indexes
            if index in change.indexes.added or _is_lost(change, [column.name for column in index.columns])
        ),
        *(Step.of("AddForeignKey", add_foreign_key(table, key)) for table, key in keys.made),
        *(
            Step.of("AddForeignKey", add_foreign_key(change.after, new))
            for change in changed
            for _, new in change.foreign_keys.renamed
            if new not in keys.remade
        ),
        *(
            Step.of(
                "RenameIndex",
                f"ALTER TABLE {quote(change.after.name.name)} RENAME INDEX {quote(old.name)} TO {quote(new.name)}",
            )
            for change in changed
            for old, new in change.indexes.renamed
            if not _is_lost(change, [column.name for column in new.columns])
        ),
        *(Step.of(SEARCH, create_search(table, table.search)) for table in searched if table.search),
    ]


def _lost_indexes(change: TableDifference) -> Iterator[Index]:
    """Indexes that stay and would lose a column, if not all, while it is made anew."""
    renamed = {new: old for old, new in change.indexes.renamed}
    for index in change.after.indexes:
        if index not in change.indexes.added and _is_lost(change, [column.name for column in index.columns]):
            yield renamed.get(index, index)


def _renamed_keys(difference: Difference, remade: frozenset[ForeignKey]) -> Iterator[tuple[Table, ForeignKey]]:
    """MySQL renames no foreign key: it is dropped and made."""
    for change in difference.changed:
        for old, new in change.foreign_keys.renamed:
            if new not in remade:
                yield change.before, old


def _stands_on_what_changes(difference: Difference) -> Callable[[Table, ForeignKey], bool]:
    """MySQL changes no column's type, and drops no index, that a foreign key stands on."""
    columns = {(change.after.name, name) for change in difference.changed for name in _names_of_what_changes(change)}

    def stands(table: Table, key: ForeignKey) -> bool:
        own = any((table.name, name) in columns for name in key.columns)
        return own or any((key.table, name) in columns for name in key.references)

    return stands


def _names_of_what_changes(change: TableDifference) -> Iterator[str]:
    yield from (before.name for before, after in change.changed if before.type != after.type)
    for index in (*change.indexes.dropped, *_lost_indexes(change)):
        yield from (column.name for column in index.columns)
    if change.primary_key_differs:
        for key in (change.before.primary_key, change.after.primary_key):
            yield from key.names if key else ()


def _alter_table(change: TableDifference) -> Iterator[str]:
    clauses: list[str] = []
    before, after = change.before.primary_key, change.after.primary_key
    is_key_remade = change.primary_key_differs or _is_lost(change, after.names if after else ())
    if before and is_key_remade:
        clauses.append("DROP PRIMARY KEY")
    clauses += [f"DROP COLUMN {quote(column.name)}" for column in sorted(change.dropped, key=lambda it: it.name)]
    clauses += [f"ADD COLUMN {column_definition(column)}" for column in sorted(change.added, key=lambda it: it.name)]
    for was, column in change.changed:
        clauses += _alter_column(was, column)
    if after and is_key_remade:
        clauses.append(f"ADD PRIMARY KEY {key_columns(quote, after.columns)}")
    if clauses:
        yield f"ALTER TABLE {quote(change.after.name.name)} " + ",\n    ".join(clauses)


def _alter_column(before: Column, after: Column) -> Iterator[str]:
    name = quote(after.name)
    if is_recreated(before, after):
        yield f"DROP COLUMN {name}"
        yield f"ADD COLUMN {column_definition(after)}"
    elif _only_default_differs(before, after) and after.default is None:
        yield f"ALTER COLUMN {name} DROP DEFAULT"
    elif _only_default_differs(before, after) and "(" not in str(after.default) and "CURRENT" not in str(after.default):
        yield f"ALTER COLUMN {name} SET DEFAULT {after.default}"
    else:
        yield f"MODIFY {column_definition(after)}"


def _only_default_differs(before: Column, after: Column) -> bool:
    return (before.nullable, before.autoincrement) == (
        after.nullable,
        after.autoincrement,
    ) and before.type == after.type


def is_recreated(before: Column, after: Column) -> bool:
    """Does MySQL turn values of the one type into nothing of the other? Texts it reads, and refuses those that say something else."""
    old, new = _family(before.type), _family(after.type)
    return old != new and TEXTS not in (old, new)


def _family(type_: str) -> tuple[str, ...]:
    word = type_.partition("(")[0].partition(" ")[0].upper()
    return next((family for family in FAMILIES if word in family), (word,))


def _is_lost(change: TableDifference, columns: Iterable[str]) -> bool:
    """Does a key or index change with a column that is made anew?"""
    return not _recreated(change).isdisjoint(columns)


def _recreated(change: TableDifference) -> set[str]:
    return {was.name for was, column in change.changed if is_recreated(was, column)}
