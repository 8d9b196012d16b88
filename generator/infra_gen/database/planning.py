"""What leads from the tables a database has to those its schema wants, with what that may cost: for a push as for a migration."""

from __future__ import annotations

from dataclasses import dataclass

from infra_gen import ir
from infra_gen.database.catalog import Catalog
from infra_gen.database.cautions import BIG, Caution, cautions, header
from infra_gen.database.compare import Difference
from infra_gen.database.ddl import script
from infra_gen.database.ddl.step import Step
from infra_gen.database.dialects import DIALECTS, Dialect
from infra_gen.database.introspect.query import Query


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` from one state to another; `cautions`: all they may cost, whatever rows there are."""

    difference: Difference
    steps: tuple[Step, ...]
    cautions: tuple[Caution, ...]

    @property
    def script(self) -> str:
        """The text of a `migration.sql`."""
        return header(list(self.cautions)) + script(list(self.steps))


def plan(schema: ir.Schema, before: Catalog, after: Catalog) -> Plan:
    """Pure: looks at no rows."""
    provider = schema.datasource.provider
    dialect = DIALECTS[provider]
    difference = dialect.compare(before, after)
    return Plan(
        difference,
        tuple(dialect.alter(difference, before, after)),
        tuple(cautions(difference, provider, dialect.is_recreated)),
    )


@dataclass(frozen=True, slots=True)
class Weighed:
    """The cautions that matter with the rows there are.

    `obstacles` make the change impossible, `losses` and `locks` (of big tables) want consent, `notes` are worth reading.
    """

    losses: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def weigh(planned: Plan, query: Query, dialect: Dialect) -> Weighed:
    """Looks at the rows of the tables that a plan changes. A caution about a table without rows is none."""
    losses, obstacles, locks, notes = [], [], [], []
    for caution in planned.cautions:
        count = _count(caution, query, dialect)
        text = f"{caution.text} ({_things(count, caution)})"
        if caution.kind == "loss" and count:
            losses.append(text)
        elif caution.kind == "obstacle" and count:
            obstacles.append(text)
        elif caution.kind == "lock" and count >= BIG:
            locks.append(text)
        elif caution.kind != "lock" and count:
            notes.append(caution.text)
    return Weighed(tuple(losses), tuple(obstacles), tuple(locks), tuple(notes))


_THINGS = {
    "rows": ("row", "rows"),
    "values": ("value", "values"),
    "nulls": ("NULL", "NULLs"),
    "duplicates": ("value stands there more than once", "values stand there more than once"),
}


def _things(count: int, caution: Caution) -> str:
    one, several = _THINGS[caution.only_with]
    return f"{count:,} {one if count == 1 else several}"


def _count(caution: Caution, query: Query, dialect: Dialect) -> int:
    if caution.table is None:
        return 1
    table, columns = dialect.qualified(caution.table), ", ".join(map(dialect.quote, caution.columns))
    present = " AND ".join(f"{dialect.quote(column)} IS NOT NULL" for column in caution.columns)
    sql = {
        "rows": f"SELECT count(*) FROM {table}",
        "values": f"SELECT count({columns}) FROM {table}",
        "nulls": f"SELECT count(*) FROM {table} WHERE {columns} IS NULL",
        "duplicates": f"SELECT count(*) FROM (SELECT 1 AS one FROM {table} WHERE {present} GROUP BY {columns} HAVING count(*) > 1) AS twice",
    }
    return int(query(sql[caution.only_with], ())[0][0])
