"""Sessions that run scripts: several statements in one text, exactly as a file holds them. One class per provider.

The runtime's drivers send one prepared statement at a time; a script is the user's own and may hold whatever the database understands.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from infra_gen.failure import Failure
from infra_gen.migrations.statements import Statement, statement_at, statements
from infra_runtime.drivers.mysql_session import connect_arguments, tls_context
from infra_runtime.drivers.postgresql_url import conninfo
from infra_runtime.urls import DatabaseUrl

FATAL_ERROR, IDLE = 7, 0
"""libpq's PGRES_FATAL_ERROR and PQTRANS_IDLE."""
LOCK = 72707369
"""The number of PostgreSQL's advisory lock on migrations, which is Prisma's: neither goes ahead while the other is at it."""
LOCK_NAME = "prisma_migrate"
LOCK_PAUSE = 0.2
"""Seconds between two looks at a lock that another holds."""


class ScriptError(Exception):
    """A script that its database refused. `statement`: which part of it, as far as that is known."""

    def __init__(self, message: str, code: str, statement: Statement | None) -> None:
        self.message = message
        self.code = code
        self.statement = statement
        super().__init__(message)


class Session(Protocol):
    """One connection, outside any transaction of ours. Parameters are marked as the provider's driver has them: see `mark`."""

    mark: str
    refusal: type[Exception]
    """What the driver raises for what its database refuses."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]: ...

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        """The same for SQL in the spelling that reads catalogs: parameters are `?`, on PostgreSQL `$1`."""
        ...

    def script(self, text: str) -> None:
        """Runs a text of statements, as far as the database goes. Errors: ScriptError."""

    def lock(self, seconds: float) -> None:
        """Keeps other migrations out until the session ends. Errors: Failure after `seconds`."""

    def close(self) -> None: ...


@contextmanager
def session(url: DatabaseUrl) -> Iterator[Session]:
    """A session with the database at `url`, which is known to be there. Errors: Failure for what the database refuses."""
    opened: Session = SESSIONS[url.provider](url)
    try:
        yield opened
    except opened.refusal as error:
        words = str(error.args[-1] if error.args else error).strip().splitlines()
        raise Failure(f"{url}: the database refused: {words[0] if words else type(error).__name__}.") from error
    finally:
        opened.close()


class SqliteSession:
    """A file of SQLite's."""

    mark = "?"
    refusal: type[Exception] = sqlite3.Error

    def __init__(self, url: DatabaseUrl) -> None:
        self._connection = sqlite3.connect(url.path, isolation_level=None, timeout=5.0)
        self._connection.execute("PRAGMA foreign_keys = ON")

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters).fetchall()

    read = query

    def script(self, text: str) -> None:
        for line, statement in _complete_statements(text):
            try:
                self._connection.execute(statement)
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorname", "")
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise ScriptError(str(error), code, Statement(line, statement.strip())) from error
        if self._connection.in_transaction:
            self._connection.commit()

    def lock(self, seconds: float) -> None:
        _wait_for(self._takes_lock, seconds)

    def _takes_lock(self) -> bool:
        # SQLite does not wait in every case by itself: not where it would recover what another left, for one.
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if not str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_BUSY"):
                raise
            return False
        # In this mode the lock outlives its transaction (https://www.sqlite.org/pragma.html#pragma_locking_mode). Not before it is taken: a
        # session that waits would keep its part of it, and two of them wait for ever.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("COMMIT")
        return True

    def close(self) -> None:
        self._connection.close()


def _complete_statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a script with the lines they begin in; SQLite itself says where one ends, bodies of triggers and all."""
    start = 0
    for match in re.finditer(";", text):
        if sqlite3.complete_statement(text[start : match.end()]):
            yield _line(text, start), text[start : match.end()]
            start = match.end()
    if text[start:].strip():
        yield _line(text, start), text[start:]


def _line(text: str, start: int) -> int:
    found = next(statements(text[start:], "sqlite"), None)
    return text.count("\n", 0, start) + (found.line if found else 1)


class PostgresqlSession:
    """A connection of psycopg's that sends texts as they are (the simple query protocol)."""

    mark = "%s"

    def __init__(self, url: DatabaseUrl) -> None:
        import psycopg
        from psycopg.errors import error_from_result

        self.refusal: type[Exception] = psycopg.Error
        self._error = error_from_result
        self._connection = psycopg.connect(autocommit=True, prepare_threshold=None, **conninfo(url))

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        cursor = self._connection.execute(sql.encode(), parameters or None)
        return cursor.fetchall() if cursor.description is not None else []

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        return self.query(sql.replace("%", "%%").replace("$1", "%s") if parameters else sql, parameters)

    def script(self, text: str) -> None:
        connection = self._connection.pgconn
        connection.send_query(text.encode())
        done, refused = 0, None
        while result := connection.get_result():
            if result.status == FATAL_ERROR:
                refused = self._refused(result, text, done)
            done += 1
        if refused is not None:
            if self._connection.info.transaction_status != IDLE:
                # The script had begun a transaction of its own, which nothing will end.
                connection.exec_(b"ROLLBACK")
            raise refused

    def _refused(self, result: Any, text: str, done: int) -> ScriptError:
        """PostgreSQL tells the place of a word it does not understand; else the statement is the one after those it did."""
        error = self._error(result, encoding="utf-8")
        place = error.diag.statement_position
        found = list(statements(text, "postgresql"))
        statement = found[done] if done < len(found) else None
        return ScriptError(
            _with_hints(error),
            error.sqlstate or "",
            statement_at(text, "postgresql", int(place) - 1) if place else statement,
        )

    def lock(self, seconds: float) -> None:
        _wait_for(lambda: bool(self.query(f"SELECT pg_try_advisory_lock({LOCK})")[0][0]), seconds)

    def close(self) -> None:
        self._connection.close()


def _with_hints(error: Any) -> str:
    diagnosis = error.diag
    parts = [diagnosis.message_primary or str(error), diagnosis.message_detail, diagnosis.message_hint]
    return ". ".join(part.rstrip(".") for part in parts if part)


class MysqlSession:
    """A connection of PyMySQL's that sends several statements in one text."""

    mark = "%s"

    def __init__(self, url: DatabaseUrl) -> None:
        import pymysql
        from pymysql.constants import CLIENT

        self.refusal: type[Exception] = pymysql.MySQLError
        arguments = connect_arguments(url, None) | {"autocommit": True, "client_flag": CLIENT.MULTI_STATEMENTS}
        self._connection = pymysql.connect(**arguments, ssl=tls_context(url))

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    read = query

    def script(self, text: str) -> None:
        done = 0
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(text)
                done += 1
                while cursor.nextset():
                    done += 1
            except self.refusal as error:
                code, message = (error.args[0], error.args[1]) if len(error.args) > 1 else ("", str(error))
                found = list(statements(text, "mysql"))
                raise ScriptError(str(message), str(code), found[done] if done < len(found) else None) from error

    def lock(self, seconds: float) -> None:
        taken = self.query("SELECT GET_LOCK(%s, %s)", (LOCK_NAME, int(seconds)))[0][0]
        if taken != 1:
            raise _locked(seconds)

    def close(self) -> None:
        self._connection.close()


def _wait_for(taken: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not taken():
        if time.monotonic() >= until:
            raise _locked(seconds)
        time.sleep(LOCK_PAUSE)


def _locked(seconds: float) -> Failure:
    return Failure(
        f"Another process is migrating this database, and was not done after {seconds:g} seconds. Nothing was changed: run again, or wait "
        "longer with --lock-timeout SECONDS."
    )


SESSIONS: dict[str, Any] = {"sqlite": SqliteSession, "postgresql": PostgresqlSession, "mysql": MysqlSession}
