"""What a change of a database may cost: values that are lost, steps that rows stand against, names that look like renamed.

The sentences of losses are those that Prisma writes at the head of a migration. Pure: counts of rows are asked of the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from infra_gen.database.catalog import Column, TableName
from infra_gen.database.compare import Difference, TableDifference


@dataclass(frozen=True, slots=True)
class Caution:
    """`loss`: values go; `obstacle`: rows stand against it; `warning`: it may fail; `lock`: it blocks a big table; `rename`: perhaps a new name."""

    kind: Literal["loss", "obstacle", "warning", "lock", "rename"]
    text: str
    table: TableName | None
    columns: tuple[str, ...] = ()
    only_with: Literal["rows", "values", "nulls", "duplicates"] = "rows"
    """What there must be in the table, in these columns, for it to matter."""


BIG = 10_000
"""Rows from which on it is worth saying that a table is locked while it is rewritten or indexed."""


def cautions(difference: Difference, provider: str, is_recreated: Callable[[Column, Column], bool]) -> list[Caution]:
    """All of a difference, whatever rows there are; `is_recreated`: is a column dropped and made anew where its type changes?"""
    return [
        *_drops(difference),
        *(caution for change in difference.changed for caution in _of_table(change, provider, is_recreated)),
        *_enums(difference),
        *(caution for change in difference.changed for caution in _locks(change, provider, is_recreated)),
    ]


def header(found: list[Caution]) -> str:
    """The comment at the head of a migration that warns of losses and obstacles; empty where there is nothing to warn of."""
    lines = [f"  - {caution.text}" for caution in found if caution.kind in ("loss", "obstacle", "warning")]
    return "/*\n  Warnings:\n\n" + "\n".join(lines) + "\n\n*/\n" if lines else ""


def _drops(difference: Difference) -> Iterator[Caution]:
    for table in difference.dropped:
        text = f"You are about to drop the `{table.name.name}` table. If the table is not empty, all the data it contains will be lost."
        yield Caution("loss", text, table.name)


def _of_table(
    change: TableDifference, provider: str, is_recreated: Callable[[Column, Column], bool]
) -> Iterator[Caution]:
    name, table = change.after.name, change.after.name.name
    if change.primary_key_differs and change.before.primary_key:
        text = (
            f"The primary key for the `{table}` table will be changed. "
            "If it partially fails, the table could be left without primary key constraint."
        )
        yield Caution("warning", text, name)
    for column in sorted(change.dropped, key=lambda column: column.name):
        text = f"You are about to drop the column `{column.name}` on the `{table}` table. All the data in the column will be lost."
        yield Caution("loss", text, name, (column.name,), "values")
    for before, after in change.changed:
        yield from _of_column(name, before, after, provider, is_recreated)
    for column in change.added:
        if not column.nullable and column.default is None and not column.is_list and not column.autoincrement:
            text = (
                f"Added the required column `{column.name}` to the `{table}` table without a default value. "
                "This is not possible if the table is not empty."
            )
            yield Caution("obstacle", text, name)
    for index in change.indexes.added:
        if index.kind == "unique":
            columns = tuple(column.name for column in index.columns)
            text = (
                f"A unique constraint covering the columns `[{','.join(columns)}]` on the table `{table}` will be added. "
                "If there are existing duplicate values, this will fail."
            )
            are_there = {column.name for column in change.before.columns}.issuperset(columns)
            yield Caution(
                "obstacle" if are_there else "warning", text, name, columns, "duplicates" if are_there else "rows"
            )
    for dropped in change.dropped:
        twins = [column for column in change.added if column.type == dropped.type and column.is_list == dropped.is_list]
        for twin in twins[:1]:
            text = (
                f"`{dropped.name}` goes from `{table}` and `{twin.name}` of the same type comes: if that is the same column under a new "
                "name, let the migration rename it (ALTER TABLE … RENAME COLUMN), which keeps its values."
            )
            yield Caution("rename", text, name, (dropped.name,), "values")


def _of_column(
    name: TableName, before: Column, after: Column, provider: str, is_recreated: Callable[[Column, Column], bool]
) -> Iterator[Caution]:
    if is_recreated(before, after):
        consequence = (
            "which cannot be done if there is data, since the column is required."
            if not after.nullable and after.default is None
            else "which will lead to data loss if there is data in the column."
        )
        text = f"Changed the type of `{after.name}` on the `{name.name}` table. No cast exists, the column would be dropped and recreated, {consequence}"
        yield Caution("loss", text, name, (after.name,), "values")
        return
    # SQLite's tables are made anew, with the default in place of each NULL.
    is_filled = provider == "sqlite" and after.default is not None
    if before.nullable and not after.nullable and not is_filled:
        text = (
            f"Made the column `{after.name}` on table `{name.name}` required, but there are existing NULL values."
            if after.default is None
            else f"Made the column `{after.name}` on table `{name.name}` required. This step will fail if there are existing NULL values in that column."
        )
        yield Caution("obstacle", text, name, (after.name,), "nulls")
    if before.type != after.type and _narrows(before.type, after.type):
        text = (
            f"You are about to alter the column `{after.name}` on the `{name.name}` table. The data in that column could be lost. "
            f"The data in that column will be cast from `{before.type}` to `{after.type}`."
        )
        yield Caution("loss", text, name, (after.name,), "values")


WIDENINGS = {
    ("SMALLINT", "INTEGER"),
    ("SMALLINT", "BIGINT"),
    ("INTEGER", "BIGINT"),
    ("REAL", "DOUBLE PRECISION"),
    ("FLOAT", "DOUBLE"),
    ("JSON", "JSONB"),
}


def _narrows(before: str, after: str) -> bool:
    """May a value of the old type not fit the new one?"""
    if after in ("TEXT", "LONGTEXT") or (before, after) in WIDENINGS:
        return False
    old, new = before.partition("(")[0], after.partition("(")[0]
    if old == new and "(" in before and "(" in after and "," not in before + after and old not in ("ENUM", "SET"):
        return int(after.partition("(")[2].rstrip(")")) < int(before.partition("(")[2].rstrip(")"))
    return True


def _enums(difference: Difference) -> Iterator[Caution]:
    for change in difference.changed_enums:
        if change.dropped:
            values = ",".join(change.dropped)
            text = f"The values [{values}] on the enum `{change.after.name.name}` will be removed. If these variants are still used in the database, this will fail."
            yield Caution("warning", text, None)


def _locks(change: TableDifference, provider: str, is_recreated: Callable[[Column, Column], bool]) -> Iterator[Caution]:
    """What blocks the writers of a big table for as long as it takes."""
    name, table = change.after.name, change.after.name.name
    if provider == "postgresql":
        for index in change.indexes.added:
            text = (
                f"The index `{index.name}` is built while `{table}` takes no writes. To let them go on, put it into a migration of its own as "
                "CREATE INDEX CONCURRENTLY."
            )
            yield Caution("lock", text, name)
    for before, after in change.changed:
        if before.type != after.type and not is_recreated(before, after):
            yield Caution(
                "lock", f"`{table}` is written anew for the new type of `{after.name}`, and locked meanwhile.", name
            )
