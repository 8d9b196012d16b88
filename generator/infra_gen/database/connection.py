"""A connection for DDL: one of the runtime's drivers, which a client may have lent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from infra_gen import ir
from infra_gen.metadata import metadata
from infra_runtime.drivers import make_pool
from infra_runtime.drivers.base import Connection, PoolOptions, TransactionOptions
from infra_runtime.effects import Statement
from infra_runtime.errors import DataError
from infra_runtime.urls import DatabaseUrl

LOCK_WAIT = 5.0
"""Seconds to wait for another program that is writing to a file of SQLite's."""


class DriverConnection:
    """A connection of one of the runtime's drivers."""

    def __init__(self, connection: Connection, provider: ir.Provider) -> None:
        self._connection = connection
        self._provider = provider

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.run(Statement(self._text(sql), parameters))
        return rows

    def _text(self, sql: str) -> str:
        """In the text of a statement for MySQL's drivers a `%` marks a parameter; SQL of ours has none, or numbers them."""
        return sql.replace("%", "%%") if self._provider == "mysql" else sql

    def run(self, statements: Sequence[str]) -> None:
        """Runs all of `statements` or none; on MySQL, which commits each change of a table, as far as it gets.

        On SQLite foreign keys are off meanwhile, as tables may be rebuilt, and checked before the commit. On PostgreSQL a new value of an enum
        cannot be used in the transaction that adds it (https://www.postgresql.org/docs/current/sql-altertype.html), so those come first.
        """
        if self._provider == "sqlite":
            self.query("PRAGMA foreign_keys = OFF")
            try:
                self._run_in_transaction([sql for sql in statements if not sql.startswith("PRAGMA")])
            finally:
                self.query("PRAGMA foreign_keys = ON")
            return
        alone = [sql for sql in statements if sql.startswith("ALTER TYPE") and " ADD VALUE " in sql]
        for sql in alone:
            self._connection.run(Statement(self._text(sql), (), "count", writes=True))
        self._run_in_transaction([sql for sql in statements if sql not in alone and sql not in ("BEGIN", "COMMIT")])

    def _run_in_transaction(self, statements: Sequence[str]) -> None:
        connection = self._connection
        connection.begin(TransactionOptions(), LOCK_WAIT)
        try:
            for sql in statements:
                connection.run(Statement(self._text(sql), (), "count", writes=True))
            if self._provider == "sqlite" and (broken := self.query("PRAGMA foreign_key_check")):
                raise DataError(f"rows of {broken[0][0]} refer to rows of {broken[0][2]} that are not there")
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


@contextmanager
def connected(url: DatabaseUrl, schema: ir.Schema, *, wait: float = 10.0) -> Iterator[DriverConnection]:
    """A connection of its own to the database at `url`, closed in the end. `wait`: seconds to connect. Errors: those of the driver."""
    pool = make_pool(url, metadata(schema), PoolOptions(limit=1, wait=wait))
    pool.open(wait)
    try:
        connection = pool.acquire(True, "push", wait)
        try:
            yield DriverConnection(connection, schema.datasource.provider)
        finally:
            pool.release(connection)
    finally:
        pool.close()
