"""What differs between two catalogs: from the one a database has to the one its schema wants. Pure; prints nothing.

A rename is seen as a drop and an add: nothing in two catalogs tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra_gen.database.catalog import Catalog, Column, Index, Table


@dataclass(frozen=True, slots=True)
class TableDifference:
    """What differs in a table that both have. `keys_differ`: primary key or foreign keys; `objects_differ`: what stands beside it."""

    before: Table
    after: Table
    added: tuple[Column, ...]
    dropped: tuple[Column, ...]
    changed: tuple[tuple[Column, Column], ...]
    keys_differ: bool
    added_indexes: tuple[Index, ...]
    dropped_indexes: tuple[Index, ...]
    objects_differ: bool = False

    @property
    def columns_or_keys_differ(self) -> bool:
        return bool(self.added or self.dropped or self.changed or self.keys_differ)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two catalogs."""

    added: tuple[Table, ...]
    dropped: tuple[Table, ...]
    changed: tuple[TableDifference, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.dropped or self.changed)


def compare(before: Catalog, after: Catalog) -> Difference:
    """From `before` to `after`. Both must be normalised by the same dialect, so that equal things have equal values."""
    changed = (_table(before.table[table.name], table) for table in after.tables if table.name in before.table)
    return Difference(
        added=tuple(table for table in after.tables if table.name not in before.table),
        dropped=tuple(table for table in before.tables if table.name not in after.table),
        changed=tuple(
            item
            for item in changed
            if item.columns_or_keys_differ or item.added_indexes or item.dropped_indexes or item.objects_differ
        ),
    )


def _table(before: Table, after: Table) -> TableDifference:
    old = {column.name: column for column in before.columns}
    new = {column.name: column for column in after.columns}
    old_indexes, new_indexes = set(before.indexes), set(after.indexes)
    return TableDifference(
        before=before,
        after=after,
        added=tuple(column for column in after.columns if column.name not in old),
        dropped=tuple(column for column in before.columns if column.name not in new),
        changed=tuple((old[name], new[name]) for name in new if name in old and old[name] != new[name]),
        keys_differ=before.primary_key != after.primary_key or set(before.foreign_keys) != set(after.foreign_keys),
        added_indexes=tuple(index for index in after.indexes if index not in old_indexes),
        dropped_indexes=tuple(index for index in before.indexes if index not in new_indexes),
        objects_differ=before.objects != after.objects,
    )


Normalize = Callable[[Catalog], Catalog]
"""A dialect's view of a catalog: what the database does not keep is left out, so that both sides can be compared."""
