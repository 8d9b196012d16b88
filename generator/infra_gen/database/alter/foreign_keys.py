"""Foreign keys that stay, and yet have to go while the columns or the key beneath them change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra_gen.database.catalog import Catalog, ForeignKey, Table, TableName
from infra_gen.database.compare import Difference, TableDifference


@dataclass(frozen=True, slots=True)
class Passage:
    """The foreign keys to drop before all else and those to make after it, in the order of their tables."""

    dropped: tuple[tuple[Table, ForeignKey], ...]
    made: tuple[tuple[Table, ForeignKey], ...]

    @property
    def remade(self) -> frozenset[ForeignKey]:
        return frozenset(key for _, key in self.made)


def passage(
    difference: Difference, before: Catalog, wanted: Catalog, stands_in_the_way: Callable[[Table, ForeignKey], bool]
) -> Passage:
    """`stands_in_the_way`: has a key of this table, which stays, to go for a while?"""
    changes = {change.after.name: change for change in difference.changed}
    new = {table.name for table in difference.added}
    dropped = {table.name: set(table.foreign_keys) for table in difference.dropped}
    made = {table.name: set(table.foreign_keys) for table in difference.added}
    for name, change in changes.items():
        dropped[name] = set(change.foreign_keys.dropped)
        made[name] = set(change.foreign_keys.added)
    for table in (table for table in wanted.tables if table.name not in new):
        for old, key in _staying(table, changes.get(table.name)):
            if stands_in_the_way(table, key):
                dropped.setdefault(table.name, set()).add(old)
                made.setdefault(table.name, set()).add(key)
    return Passage(tuple(_in_order(before, dropped)), tuple(_in_order(wanted, made)))


def _staying(table: Table, change: TableDifference | None) -> Iterator[tuple[ForeignKey, ForeignKey]]:
    """The keys of a table that both sides have: as each was called, and as it will be."""
    old = {new: old for old, new in change.foreign_keys.renamed} if change else {}
    added = change.foreign_keys.added if change else ()
    for key in table.foreign_keys:
        if key not in added:
            yield old.get(key, key), key


def _in_order(catalog: Catalog, chosen: dict[TableName, set[ForeignKey]]) -> Iterator[tuple[Table, ForeignKey]]:
    for table in catalog.tables:
        for key in table.foreign_keys:
            if key in chosen.get(table.name, ()):
                yield table, key
