"""A connection to SQLite by Python's own `sqlite3`; `sqlite_pools` says which there are.

Locks of other processes are waited for in small slices, so that deadlines and interrupts come through.
Imports the runtime's `errors`, `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from infra_runtime.drivers.base import TransactionOptions
from infra_runtime.drivers.sqlite_errors import is_busy, primary_code, translate
from infra_runtime.drivers.wording import interrupted, late
from infra_runtime.effects import Statement
from infra_runtime.errors import (
    ClientNotConnectedError,
    DatabaseNotFoundError,
    InfraError,
)
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

CACHED_STATEMENTS = 500
"""Prepared statements each connection keeps; beyond the number of shapes an application uses at a time."""
LOCK_SLICE = 0.05
"""Seconds SQLite itself waits for another process's lock before the wait is looked at again."""
INSTRUCTIONS_BETWEEN_CHECKS = 2000
"""How often a running statement looks at its deadline, in SQLite's virtual instructions."""
DRIVER_ERRORS = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeEncodeError, ValueError)
"""What `sqlite3` raises about a statement and its values; a ValueError where the text holds a null character."""
FILE_OPTIONS = ("mode", "cache", "immutable", "vfs", "nolock")
"""URL parameters that SQLite itself knows (https://www.sqlite.org/uri.html)."""

_READS = TransactionOptions(read_only=True)

_alive: weakref.WeakSet[SqliteConnection] = weakref.WeakSet()
_inherited: list[sqlite3.Connection] = []
"""In a forked child: its parent's connections, which stay open until the child ends."""


class SqliteConnection:
    """A `Connection`. The file is opened by the first statement, in the thread that runs it."""

    run_all = None

    def __init__(self, url: DatabaseUrl, schema: Schema, wait: float | None, *, writes: bool) -> None:
        self.broken = False
        self.writes = writes
        self.subject: object = None
        self.since = 0.0
        self.process = os.getpid()
        self._url = url
        self._schema = schema
        self._wait = wait
        self._deadline: float | None = None
        self._stopped = False
        self._raw: sqlite3.Connection | None = None
        self._execute: Callable[..., sqlite3.Cursor] = self._open_and_execute
        _alive.add(self)

    @property
    def in_transaction(self) -> bool:
        return self._raw is not None and self._raw.in_transaction

    def run(self, statement: Statement) -> Any:
        if self._stopped:
            raise interrupted()
        try:
            cursor = self._execute(statement.sql, statement.parameters)
            if statement.returns == "rows":
                return cursor.fetchall()
        except DRIVER_ERRORS as error:
            cursor = self._recover(error, statement)
        return self._answer(cursor, statement)

    def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> SqliteCursor:
        if not self.in_transaction:
            self.begin(_READS, self._wait)
        # A cursor of its own: the connection's serves the statements in between.
        assert self._raw is not None
        cursor = self._raw.cursor()
        try:
            cursor.execute(statement.sql, statement.parameters)
        except DRIVER_ERRORS as error:
            raise self._translated(error, statement) from error
        return SqliteCursor(self, cursor, statement, size)

    def limit(self, deadline: float | None) -> None:
        self._deadline = deadline
        raw = self._raw
        if raw is None:
            if deadline is None:
                return
            raw = self._open()
        check = None if deadline is None else lambda: time.monotonic() >= deadline
        raw.set_progress_handler(check, INSTRUCTIONS_BETWEEN_CHECKS)

    def begin(self, options: TransactionOptions, wait: float | None) -> None:
        # Every isolation level is served: SQLite's transactions are serializable.
        self._control("BEGIN" if options.read_only else "BEGIN IMMEDIATE", wait)

    def commit(self) -> None:
        self._control("COMMIT", self._wait)

    def rollback(self) -> None:
        raw = self._raw
        if raw is None or not raw.in_transaction:
            return
        try:
            raw.execute("ROLLBACK")
        except sqlite3.Error:
            # Closing undoes what is open.
            self.broken = True

    def savepoint(self, name: str) -> None:
        self._control(f"SAVEPOINT {name}", self._wait)

    def release_savepoint(self, name: str) -> None:
        self._control(f"RELEASE {name}", self._wait)

    def rollback_to_savepoint(self, name: str) -> None:
        self._control(f"ROLLBACK TO {name}", self._wait)
        self._control(f"RELEASE {name}", self._wait)

    def interrupt(self) -> None:
        self._stopped = True
        raw = self._raw
        if raw is not None:
            try:
                raw.interrupt()
            except sqlite3.ProgrammingError:
                # Closed in this moment: there is nothing left to stop.
                return

    def clean(self) -> None:
        """Undoes whatever the last use left behind, before the next one."""
        raw = self._raw
        if raw is not None and raw.in_transaction:
            self.rollback()
        if self._deadline is not None:
            self.limit(None)
        self._stopped = False
        self.subject = None

    def close(self) -> None:
        raw, self._raw, self._execute = self._raw, None, self._refuse_closed
        if raw is not None:
            if self.process == os.getpid():
                raw.close()
            else:
                _inherited.append(raw)

    def keep_open(self) -> None:
        """Keeps a parent's connection from being closed by the garbage collection of a forked child.

        https://www.sqlite.org/howtocorrupt.html (2.6): a connection must be neither used nor closed across a fork.
        """
        if self._raw is not None:
            _inherited.append(self._raw)

    def _answer(self, cursor: sqlite3.Cursor, statement: Statement) -> Any:
        match statement.returns:
            case "count":
                return self._count(cursor, statement)
            case "row_id":
                return cursor.lastrowid
            case "table":
                names = tuple(column[0] for column in cursor.description or ())
                return names, self._fetch(cursor, statement)
            case _:
                return self._fetch(cursor, statement)

    def _count(self, cursor: sqlite3.Cursor, statement: Statement) -> int:
        if cursor.description is not None:
            # A statement that answers rows has not ended, nor committed, before they are fetched.
            self._fetch(cursor, statement)
        if cursor.rowcount < 0 and statement.sql.lstrip()[:4].upper() == "WITH":
            # sqlite3 counts for statements that begin with INSERT, UPDATE, DELETE or REPLACE.
            return int(self._execute("SELECT changes()").fetchone()[0])
        return max(cursor.rowcount, 0)

    def fetch_some(self, cursor: sqlite3.Cursor, statement: Statement, size: int) -> list[Any]:
        """The next rows of a cursor. Errors: translated."""
        if self._stopped:
            raise interrupted()
        try:
            return cursor.fetchmany(size)
        except sqlite3.Error as error:
            raise self._translated(error, statement) from error

    def _fetch(self, cursor: sqlite3.Cursor, statement: Statement) -> list[Any]:
        try:
            return cursor.fetchall()
        except sqlite3.Error as error:
            raise self._translated(error, statement) from error

    def _control(self, sql: str, wait: float | None) -> None:
        """Runs a statement that begins, ends or marks a transaction."""
        if self._stopped:
            raise interrupted()
        try:
            self._execute(sql)
        except sqlite3.Error as error:
            self._recover(error, Statement(sql), wait)

    def _recover(self, error: Exception, statement: Statement, wait: float | None = -1.0) -> sqlite3.Cursor:
        """Waits for a lock and runs the statement again where that is right; else raises the error, translated.

        A statement that met a lock did nothing, so running it again is no second execution.
        """
        wait = self._wait if wait == -1.0 else wait
        until = None if wait is None else time.monotonic() + wait
        while is_busy(error):
            if self._stopped or (until is not None and time.monotonic() >= until) or self._is_late():
                break
            try:
                return self._execute(statement.sql, statement.parameters)
            except DRIVER_ERRORS as again:
                error = again
        raise self._translated(error, statement) from error

    def _translated(self, error: Exception, statement: Statement) -> InfraError:
        if isinstance(error, sqlite3.Error) and primary_code(error) == sqlite3.SQLITE_INTERRUPT and self._is_late():
            return late()
        return translate(error, statement, self._schema)

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _open_and_execute(self, *arguments: Any) -> sqlite3.Cursor:
        self._open()
        return self._execute(*arguments)

    def _refuse_closed(self, *arguments: Any) -> sqlite3.Cursor:
        raise ClientNotConnectedError("the connection is closed: the client was disconnected")

    def _open(self) -> sqlite3.Connection:
        path = Path(self._url.path)
        if not self._url.is_memory and not path.parent.is_dir():
            raise DatabaseNotFoundError(f"the folder of the database file does not exist: {path.parent}")
        options = {name: self._url.parameters[name] for name in FILE_OPTIONS if name in self._url.parameters}
        is_uri = bool(options) and not self._url.is_memory
        target = f"{path.as_uri()}?{urlencode(options)}" if is_uri else self._url.path
        try:
            raw = sqlite3.connect(
                target,
                timeout=LOCK_SLICE,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=CACHED_STATEMENTS,
                uri=is_uri,
            )
            self._set_up(raw)
        except sqlite3.Error as error:
            raise translate(error, Statement("PRAGMA journal_mode"), self._schema) from error
        self._raw = raw
        # One cursor serves all statements, as each is read to its end before the next; making one costs as much as a row.
        self._execute = raw.cursor().execute
        return raw

    def _set_up(self, raw: sqlite3.Connection) -> None:
        raw.execute("PRAGMA foreign_keys = ON")
        if not self.writes:
            # A program that says it reads cannot write by mistake.
            raw.execute("PRAGMA query_only = ON")
        elif not self._url.is_memory and raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                raw.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                # A file that is read-only, or in use by others right now, is served in the mode it has.
                if primary_code(error) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN):
                    raise


class SqliteCursor:
    """A `RowCursor`."""

    def __init__(self, connection: SqliteConnection, cursor: sqlite3.Cursor, statement: Statement, size: int) -> None:
        self._connection = connection
        self._cursor = cursor
        self._statement = statement
        self._size = size

    def fetch(self) -> list[Any]:
        return self._connection.fetch_some(self._cursor, self._statement, self._size)

    def close(self) -> None:
        try:
            self._cursor.close()
        except sqlite3.Error:
            self._connection.broken = True


def _keep_inherited_open() -> None:
    for connection in _alive:
        connection.keep_open()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_inherited_open)
