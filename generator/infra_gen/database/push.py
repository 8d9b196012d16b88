"""`db push`: makes a database have the tables of a schema, without migrations.

What would lose data is found before anything runs, and runs only when the caller accepts it. Tables that are there are altered on
SQLite; elsewhere a push fills an empty database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra_gen import ir
from infra_gen.database.alter import sqlite as alter_sqlite
from infra_gen.database.catalog import Catalog
from infra_gen.database.compare import Difference, compare
from infra_gen.database.ddl import create_steps
from infra_gen.database.ddl.postgresql import qualified
from infra_gen.database.ddl.sqlite import quote
from infra_gen.database.ddl.step import Step
from infra_gen.database.expected import expected_catalog
from infra_gen.database.introspect import sqlite as introspect_sqlite

_FIRST_NAME = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<bare>[^,"\s]+))')
"""The first name in a list of SQL's."""


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
    if schema.datasource.provider == "postgresql":
        return _plan_postgresql(schema, connection)
    if schema.datasource.provider != "sqlite":
        return Push(tuple(create_steps(schema)))
    wanted = expected_catalog(schema)
    live = introspect_sqlite.read_catalog(connection.query)
    if reset:
        nothing = Catalog(())
        return Push((*alter_sqlite.alter(compare(live, nothing), live), *create_steps(schema)))
    difference = compare(live, wanted, introspect_sqlite.normalize)
    return Push(
        steps=tuple(alter_sqlite.alter(difference, live)),
        warnings=tuple(_losses(connection, difference)),
        obstacles=tuple(_obstacles(connection, difference)),
    )


def _plan_postgresql(schema: ir.Schema, connection: Connection) -> Push:
    """The tables of an empty database or schema. Schemas that are there already are not made, as not every user may."""
    catalog = expected_catalog(schema)
    present = {name for (name,) in connection.query("SELECT nspname FROM pg_catalog.pg_namespace", ())}
    names = (*(table.name for table in catalog.tables), *(enum.name for enum in catalog.enums))
    # Where models name none, tables stand where the connection's search path begins: in the URL's schema.
    wanted = sorted({name.schema for name in names if name.schema}) or _first_in_path(connection)
    schemas = (Step.of("CreateSchema", f"CREATE SCHEMA {quote(name)}") for name in wanted if name not in present)
    obstacles = [
        f"table {table.name} is there already, and tables of PostgreSQL cannot be altered yet: push into an empty schema"
        for table in catalog.tables
        if connection.query("SELECT to_regclass($1)", (qualified(table.name),))[0][0] is not None
    ]
    steps = (step for step in create_steps(schema) if step.comment != "CreateSchema")
    return Push((*schemas, *steps), obstacles=tuple(obstacles))


def _first_in_path(connection: Connection) -> list[str]:
    """The schema that the connection's search path begins with, unless that is the user's own, which need not be there."""
    match = _FIRST_NAME.match(str(connection.query("SHOW search_path", ())[0][0]))
    if match is None:
        return []
    name = match["bare"] or match["quoted"].replace('""', '"')
    return [] if name == "$user" else [name]


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


def _losses(connection: Connection, difference: Difference) -> list[str]:
    """The values that the change would drop."""
    losses = []
    for table in difference.dropped:
        if rows := _count(connection, table.name.name):
            losses.append(f"table {table.name} is dropped with its {rows} rows")
    for change in difference.changed:
        name = change.before.name.name
        for column in change.dropped:
            if values := _count(connection, name, column.name):
                losses.append(f"column {name}.{column.name} is dropped with {values} values")
    return losses


def _obstacles(connection: Connection, difference: Difference) -> list[str]:
    """Columns that would have to hold a value and cannot."""
    obstacles = []
    for change in difference.changed:
        name = change.before.name.name
        for before, after in change.changed:
            if before.nullable and not after.nullable and after.default is None:
                if nulls := _nulls(connection, name, after.name):
                    obstacles.append(
                        f"column {name}.{after.name} becomes required, but {nulls} rows have no value in it"
                    )
        for column in change.added:
            if not column.nullable and column.default is None and (rows := _count(connection, name)):
                obstacles.append(f"required column {name}.{column.name} has no default for the {rows} rows there are")
    return obstacles


def _count(connection: Connection, table: str, column: str | None = None) -> int:
    counted = quote(column) if column else "*"
    return int(connection.query(f"SELECT count({counted}) FROM {quote(table)}", ())[0][0])


def _nulls(connection: Connection, table: str, column: str) -> int:
    return int(connection.query(f"SELECT count(*) FROM {quote(table)} WHERE {quote(column)} IS NULL", ())[0][0])
