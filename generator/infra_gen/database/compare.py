"""What differs between two catalogs: from the one a database has to the one its schema wants. Pure; prints nothing.

A table or column that is renamed is seen as a drop and an add: nothing in two catalogs tells them apart. An index or foreign key that
says the same under another name is renamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from infra_gen.database.catalog import Catalog, Column, EnumType, Extension, ForeignKey, Index, Table

Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class Matched(Generic[Named]):
    """Things that have names of their own: those only one side has, and pairs that differ in nothing but their names."""

    added: tuple[Named, ...]
    dropped: tuple[Named, ...]
    renamed: tuple[tuple[Named, Named], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.dropped or self.renamed)


@dataclass(frozen=True, slots=True)
class TableDifference:
    """What differs in a table that both have. `objects_differ`: what stands beside it."""

    before: Table
    after: Table
    added: tuple[Column, ...]
    dropped: tuple[Column, ...]
    changed: tuple[tuple[Column, Column], ...]
    primary_key_differs: bool
    foreign_keys: Matched[ForeignKey]
    indexes: Matched[Index]
    objects_differ: bool = False

    @property
    def keys_differ(self) -> bool:
        return self.primary_key_differs or bool(self.foreign_keys)

    def __bool__(self) -> bool:
        columns_differ = self.added or self.dropped or self.changed
        return bool(columns_differ or self.keys_differ or self.indexes or self.objects_differ)


@dataclass(frozen=True, slots=True)
class EnumDifference:
    """An enum type that both have, with other values."""

    before: EnumType
    after: EnumType

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(value for value in self.after.values if value not in self.before.values)

    @property
    def dropped(self) -> tuple[str, ...]:
        return tuple(value for value in self.before.values if value not in self.after.values)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two catalogs."""

    added: tuple[Table, ...]
    dropped: tuple[Table, ...]
    changed: tuple[TableDifference, ...]
    added_enums: tuple[EnumType, ...] = ()
    dropped_enums: tuple[EnumType, ...] = ()
    changed_enums: tuple[EnumDifference, ...] = ()
    added_schemas: tuple[str, ...] = ()
    added_extensions: tuple[Extension, ...] = ()

    def __bool__(self) -> bool:
        tables_differ = self.added or self.dropped or self.changed
        enums_differ = self.added_enums or self.dropped_enums or self.changed_enums
        return bool(tables_differ or enums_differ or self.added_schemas or self.added_extensions)


def compare(
    before: Catalog, after: Catalog, normalize: Callable[[Catalog], Catalog] = lambda catalog: catalog
) -> Difference:
    """From `before` to `after`.

    A database may hold schemas and extensions of which its Prisma schema says nothing: they are let be.

    Args:
        normalize: a dialect's view of a catalog: what its databases do not keep is left out, so that equal things have equal values.
            What is wanted is answered in `after`'s own words again.
    """
    before, seen = normalize(before), normalize(after)
    changed = (_table(before.table[table.name], table) for table in seen.tables if table.name in before.table)
    old_enums = {enum.name: enum for enum in before.enums}
    new_enums = {enum.name for enum in after.enums}
    extensions = {extension.name for extension in before.extensions}
    return Difference(
        added=tuple(table for table in after.tables if table.name not in before.table),
        dropped=tuple(table for table in before.tables if table.name not in after.table),
        changed=tuple(_in_words_of(after.table[item.after.name], item) for item in changed if item),
        added_enums=tuple(enum for enum in after.enums if enum.name not in old_enums),
        dropped_enums=tuple(enum for enum in before.enums if enum.name not in new_enums),
        changed_enums=tuple(
            EnumDifference(old_enums[enum.name], enum)
            for enum in after.enums
            if enum.name in old_enums and set(enum.values) != set(old_enums[enum.name].values)
        ),
        added_schemas=tuple(name for name in after.schemas if name not in before.schemas),
        added_extensions=tuple(item for item in after.extensions if item.name not in extensions),
    )


def _in_words_of(table: Table, change: TableDifference) -> TableDifference:
    """The same change with what is wanted as it was written, not as it was normalised."""
    columns = {column.name: column for column in table.columns}
    foreign_keys = dict(zip(change.after.foreign_keys, table.foreign_keys, strict=True))
    indexes = dict(zip(change.after.indexes, table.indexes, strict=True))
    return replace(
        change,
        after=table,
        added=tuple(columns[column.name] for column in change.added),
        changed=tuple((before, columns[column.name]) for before, column in change.changed),
        foreign_keys=_reworded(change.foreign_keys, foreign_keys),
        indexes=_reworded(change.indexes, indexes),
    )


def _reworded(matched: Matched[Named], words: Mapping[Named, Named]) -> Matched[Named]:
    return Matched(
        tuple(words[item] for item in matched.added),
        matched.dropped,
        tuple((before, words[item]) for before, item in matched.renamed),
    )


def _table(before: Table, after: Table) -> TableDifference:
    old = {column.name: column for column in before.columns}
    new = {column.name: column for column in after.columns}
    return TableDifference(
        before=before,
        after=after,
        added=tuple(column for column in after.columns if column.name not in old),
        dropped=tuple(column for column in before.columns if column.name not in new),
        changed=tuple((old[name], new[name]) for name in new if name in old and old[name] != new[name]),
        primary_key_differs=before.primary_key != after.primary_key,
        foreign_keys=_matched(before.foreign_keys, after.foreign_keys, lambda key: replace(key, constraint="")),
        indexes=_matched(before.indexes, after.indexes, lambda index: replace(index, name="")),
        objects_differ=before.objects != after.objects,
    )


def _matched(before: Iterable[Named], after: Iterable[Named], unnamed: Callable[[Named], Named]) -> Matched[Named]:
    """Pairs equal things first, then those that differ in their names alone, in the order in which they stand."""
    old, new = list(before), list(after)
    for item in tuple(old):
        if item in new:
            old.remove(item)
            new.remove(item)
    renamed = []
    for item in tuple(old):
        twin = next((other for other in new if unnamed(other) == unnamed(item)), None)
        if twin is not None:
            renamed.append((item, twin))
            old.remove(item)
            new.remove(twin)
    return Matched(tuple(new), tuple(old), tuple(renamed))
