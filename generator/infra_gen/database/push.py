"""`db push`: makes a database have the tables of a schema, without migrations.

What would lose data is found before anything runs, and runs only when the caller accepts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra_gen import ir
from infra_gen.database.catalog import TableName
from infra_gen.database.compare import Difference
from infra_gen.database.ddl.step import Step
from infra_gen.database.dialects import DIALECTS, Dialect, catalogs


class DataLossError(Exception):
    """The push would lose data, and nobody accepted that. `warnings` says what, a line each."""

    def __init__(self, warnings: Sequence[str]) -> None:
        self.warnings = tuple(warnings)
        super().__init__(
            "The database holds data that this change would lose: " + "; ".join(warnings) + ". Nothing was changed."
        )


class UnexecutableError(Exception):
    """The database refuses this change with the rows it holds, whatever is accepted. `reasons` says why, a line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(
            "The rows in the database stand against this change: " + "; ".join(reasons) + ". Nothing was changed."
        )


class Connection(Protocol):
    """What a push needs of a database: one connection, outside a transaction."""

    def query(self, sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]: ...

    def run(self, statements: Sequence[str]) -> None:
        """Runs all of `statements` or none: in one transaction where the database can."""


@dataclass(frozen=True, slots=True)
class Push:
    """A planned push: its steps, what it would lose (`warnings`), and what makes it impossible (`obstacles`)."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()


def plan_push(schema: ir.Schema, connection: Connection, *, reset: bool = False) -> Push:
    """Compares the live database with `schema`. `reset`: its tables are dropped first, whatever they hold."""
    dialect = DIALECTS[schema.datasource.provider]
    live, wanted = catalogs(schema, connection.query)
    if reset:
        nothing = live.emptied()
        return Push((*dialect.steps(live, nothing), *dialect.steps(nothing, wanted)))
    difference = dialect.compare(live, wanted)
    rows = _Rows(connection, dialect)
    return Push(
        steps=tuple(dialect.alter(difference, live, wanted)),
        warnings=tuple(_losses(rows, difference)),
        obstacles=tuple(_obstacles(rows, difference)),
    )


def push(schema: ir.Schema, connection: Connection, *, accept_data_loss: bool = False, reset: bool = False) -> Push:
    """Plans and runs. Returns what ran.

    Raises:
        DataLossError: something would be lost and `accept_data_loss` is False; nothing was changed.
        UnexecutableError: the rows there are make the change impossible; nothing was changed.
    """
    planned = plan_push(schema, connection, reset=reset)
    if planned.obstacles:
        raise UnexecutableError(planned.obstacles)
    if planned.warnings and not accept_data_loss:
        raise DataLossError(planned.warnings)
    connection.run([sql for step in planned.steps for sql in step.statements])
    return planned


def _losses(rows: _Rows, difference: Difference) -> list[str]:
    """The values that the change would drop."""
    losses = []
    for table in difference.dropped:
        if count := rows.count(table.name):
            losses.append(f"table {table.name} is dropped with its {count} rows")
    for change in difference.changed:
        name = change.before.name
        for column in change.dropped:
            if count := rows.count(name, column.name):
                losses.append(f"column {name}.{column.name} is dropped with {count} values")
    return losses


def _obstacles(rows: _Rows, difference: Difference) -> list[str]:
    """Columns that would have to hold a value and cannot."""
    obstacles = []
    for change in difference.changed:
        name = change.before.name
        for before, after in change.changed:
            if before.nullable and not after.nullable and after.default is None:
                if count := rows.nulls(name, after.name):
                    obstacles.append(
                        f"column {name}.{after.name} becomes required, but {count} rows have no value in it"
                    )
        for column in change.added:
            if not column.nullable and column.default is None and not column.is_list and (count := rows.count(name)):
                obstacles.append(f"required column {name}.{column.name} has no default for the {count} rows there are")
    return obstacles


class _Rows:
    """How many rows and values there are in a live database."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    def count(self, table: TableName, column: str | None = None) -> int:
        return self._number(f"SELECT count({self._dialect.quote(column) if column else '*'}) FROM", table)

    def nulls(self, table: TableName, column: str) -> int:
        return self._number("SELECT count(*) FROM", table, f" WHERE {self._dialect.quote(column)} IS NULL")

    def _number(self, head: str, table: TableName, tail: str = "") -> int:
        return int(self._connection.query(f"{head} {self._dialect.qualified(table)}{tail}", ())[0][0])
