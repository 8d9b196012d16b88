"""`db push`: makes a database have the tables of a schema, without migrations.

What would lose data is found before anything runs, and runs only when the caller accepts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from infra_gen import ir
from infra_gen.database.ddl.step import Step
from infra_gen.database.dialects import DIALECTS, catalogs
from infra_gen.database.planning import Weighed, plan, weigh


class DataLossError(Exception):
    """The push would lose data, and nobody accepted that. `warnings` says what, a line each."""

    def __init__(self, warnings: Sequence[str]) -> None:
        self.warnings = tuple(warnings)
        super().__init__(
            "The database holds data that this change would lose. " + " ".join(warnings) + " Nothing was changed."
        )


class LockError(Exception):
    """The push would lock big tables for long, and nobody accepted that. `warnings` says which, a line each."""

    def __init__(self, warnings: Sequence[str]) -> None:
        self.warnings = tuple(warnings)
        super().__init__("This change locks big tables. " + " ".join(warnings) + " Nothing was changed.")


class UnexecutableError(Exception):
    """The database refuses this change with the rows it holds, whatever is accepted. `reasons` says why, a line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(
            "The rows in the database stand against this change. " + " ".join(reasons) + " Nothing was changed."
        )


class Connection(Protocol):
    """What a push needs of a database: one connection, outside a transaction."""

    def query(self, sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]: ...

    def run(self, statements: Sequence[str]) -> None:
        """Runs all of `statements` or none: in one transaction where the database can."""


@dataclass(frozen=True, slots=True)
class Push:
    """A planned push: its steps, and what they may cost with the rows there are."""

    steps: tuple[Step, ...]
    weighed: Weighed = field(default_factory=Weighed)


def plan_push(schema: ir.Schema, connection: Connection, *, reset: bool = False) -> Push:
    """Compares the live database with `schema`. `reset`: its tables are dropped first, whatever they hold."""
    dialect = DIALECTS[schema.datasource.provider]
    live, wanted = catalogs(schema, connection.query)
    if reset:
        nothing = live.emptied()
        return Push((*dialect.steps(live, nothing), *dialect.steps(nothing, wanted)))
    planned = plan(schema, live, wanted)
    return Push(planned.steps, weigh(planned, connection.query, dialect))


def push(
    schema: ir.Schema,
    connection: Connection,
    *,
    accept_data_loss: bool = False,
    accept_locks: bool = False,
    reset: bool = False,
) -> Push:
    """Plans and runs. Returns what ran.

    Raises:
        DataLossError: something would be lost and `accept_data_loss` is False; nothing was changed.
        LockError: a big table would be locked for long and `accept_locks` is False; nothing was changed.
        UnexecutableError: the rows there are make the change impossible; nothing was changed.
    """
    planned = plan_push(schema, connection, reset=reset)
    if planned.weighed.obstacles:
        raise UnexecutableError(planned.weighed.obstacles)
    if planned.weighed.losses and not accept_data_loss:
        raise DataLossError(planned.weighed.losses)
    if planned.weighed.locks and not accept_locks:
        raise LockError(planned.weighed.locks)
    run_push(planned, connection)
    return planned


def run_push(planned: Push, connection: Connection) -> None:
    """Runs a push whose cost somebody has accepted."""
    connection.run([sql for step in planned.steps for sql in step.statements])
