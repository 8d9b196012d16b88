"""MySQL and MariaDB by PyMySQL: the sync interface.

A statement goes out as text with its values in it. Where the connection broke before a statement was on its way, or a read's answer
did not come, it is sent again on a new connection, but never within a transaction; a write whose outcome is not known never is.
Imports the runtime's `errors`, `effects`, `schema` and `urls`, and what the drivers of servers share.
"""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import pymysql

from infra_runtime.drivers import mysql_errors as errors
from infra_runtime.drivers.base import PoolOptions, TransactionOptions
from infra_runtime.drivers.mysql_interrupts import Interrupter, Running
from infra_runtime.drivers.mysql_session import (
    CONNECT_TIMEOUT,
    IDLE_BEFORE_PING,
    IN_TRANSACTION,
    NO_BACKSLASH_ESCAPES,
    SET_UP,
    answer,
    beginning,
    connect_arguments,
    product_of,
    readable,
    tls_context,
)
from infra_runtime.drivers.mysql_text import statement_text
from infra_runtime.drivers.pool import ServerPool
from infra_runtime.drivers.wording import interrupted, late, lost
from infra_runtime.effects import Statement
from infra_runtime.errors import InfraError
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

_CONTROL = Statement("", writes=True)
"""What the statements are that begin and mark transactions, where errors ask."""
_LAST_WORDS = 1.0
"""Seconds that a connection on its way out has to take leave, and one that comes back to roll back."""


def connect(url: DatabaseUrl, wait: float | None) -> Any:
    """A set-up connection of the library. Errors: ConnectionError and its subclasses, ConfigurationError."""
    arguments = connect_arguments(url, wait)
    context = tls_context(url)
    tls: dict[str, Any] = {"ssl": context} if context is not None else {"ssl_disabled": True}
    try:
        # The library's own limit ends with the TCP connection: a server that then says nothing would be waited for for ever.
        raw: Any = pymysql.connect(**arguments, **tls, read_timeout=arguments["connect_timeout"], init_command=SET_UP)
    except (pymysql.Error, OSError, RuntimeError, ValueError) as error:
        raise errors.cannot_connect(error, url, arguments["connect_timeout"]) from error
    raw._read_timeout = None
    return raw


def close(raw: Any) -> None:
    """Takes leave of the server, if it still listens. Never raises."""
    try:
        raw._write_timeout = _LAST_WORDS
        raw.close()
    except pymysql.Error:
        return


class _Killer:
    """The connection that kills."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._raw = connect(url, CONNECT_TIMEOUT)
        self._raw._read_timeout = CONNECT_TIMEOUT

    def query(self, sql: str) -> object:
        return self._raw.query(sql)

    def close(self) -> None:
        close(self._raw)


def interrupter(url: DatabaseUrl) -> Interrupter:
    """What stops statements on the server of `url`, for either interface."""
    return Interrupter(partial(_Killer, url))


class MysqlConnection:
    """A `ServerConnection`."""

    def __init__(
        self, url: DatabaseUrl, schema: Schema, interrupts: Interrupter, reached: Callable[[str], None]
    ) -> None:
        self.broken = False
        self.process = os.getpid()
        self._url = url
        self._schema = schema
        self._interrupts = interrupts
        self._reached = reached
        self._running = Running(self._cut)
        self._raw: Any = None
        self._has_word: Callable[[], bool] = lambda: False
        """Has the server something to say that nobody asked for? It then says that it closes the connection."""
        self._cursor: MysqlCursor | None = None
        """The cursor whose rows the socket still holds."""
        self._in_transaction = False
        self._stopped = False
        self._deadline: float | None = None
        self._last_used = 0.0

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    # -- statements ----------------------------------------------------------------------------------------------------
    def run(self, statement: Statement) -> Any:
        if self._stopped:
            raise interrupted()
        try:
            text = self._text(statement)
        except (TypeError, ValueError) as error:
            raise errors.untransmittable(error, statement) from error
        was_open = self._in_transaction
        try:
            result = self._query(text)
        except pymysql.Error as error:
            result = self._again(error, text, statement, was_open)
        return answer(result, statement)

    def _text(self, statement: Statement) -> bytes:
        return statement_text(statement.sql, statement.parameters, not self._raw.server_status & NO_BACKSLASH_ESCAPES)

    def _query(self, text: bytes) -> Any:
        """The library's result. What the server answers beyond the first result of a procedure is read and dropped."""
        self._make_room()
        raw, running = self._raw, self._running
        running.begin()
        if self._deadline is not None:
            self._interrupts.stop_at(self._deadline, running)
        try:
            raw.query(text)
            result = raw._result
            while raw._result.has_next:
                raw.next_result()
        finally:
            running.end()
        self._in_transaction = bool(raw.server_status & IN_TRANSACTION)
        return result

    def _again(self, error: Any, text: bytes, statement: Statement, was_open: bool) -> Any:
        """Sends a statement again where that is right; else raises its error, translated."""
        number = errors.number_of(error)
        if number not in errors.LOST:
            raise self._translated(error, statement) from error
        self._give_up()
        if self._is_late() and not statement.writes:
            raise late() from error
        never_sent = number in errors.NEVER_SENT
        if self._stopped or was_open or (statement.writes and not never_sent):
            raise lost(None if never_sent else statement, in_transaction=was_open) from error
        self._connect(None)
        try:
            return self._query(text)
        except pymysql.Error as again:
            if errors.number_of(again) in errors.LOST:
                self._give_up()
                raise lost(statement, in_transaction=False) from again
            raise self._translated(again, statement) from again

    def _translated(self, error: Any, statement: Statement) -> InfraError:
        number = errors.number_of(error)
        if number in errors.ENDING and self._in_transaction:
            self._look_at_transaction()
        if number == errors.INTERRUPTED:
            if self._stopped:
                return interrupted()
            if self._is_late():
                return late()
        key = errors.unnamed_key(error, statement, self._schema)
        columns = () if key is None else self._columns_of(key)
        return errors.translate(error, statement, self._schema, columns)

    def _columns_of(self, key: tuple[str, str]) -> list[str]:
        try:
            result = self._query(statement_text(errors.COLUMNS_OF_KEY, key, True))
        except pymysql.Error:
            return []
        return [column for (column,) in result.rows]

    def _look_at_transaction(self) -> None:
        """An error does not say whether the transaction is still open; a statement that does nothing does."""
        try:
            self._query(b"DO 0")
        except pymysql.Error:
            self._give_up()

    def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> MysqlCursor:
        # One query sees one state of the data also without a transaction around it.
        if self._stopped:
            raise interrupted()
        self._make_room()
        return MysqlCursor(self, statement, size)

    def _make_room(self) -> None:
        """Reads what an open cursor has still to read: MySQL's protocol has one answer at a time."""
        if self._cursor is not None:
            self._cursor.keep()

    def limit(self, deadline: float | None) -> None:
        self._deadline = deadline

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    # -- transactions --------------------------------------------------------------------------------------------------
    def begin(self, options: TransactionOptions, wait: float | None) -> None:
        first, *others = beginning(options)
        # Nothing was done yet, so what breaks here may begin anew.
        self.run(Statement(first))
        for sql in others:
            self._control(sql)
        self._in_transaction = True

    def commit(self) -> None:
        self._control("COMMIT", None)

    def rollback(self) -> None:
        if self._raw is None or not self._in_transaction:
            return
        try:
            self._query(b"ROLLBACK")
        except pymysql.Error:
            # The server undoes what is open when it sees the connection closed.
            self._give_up()

    def savepoint(self, name: str) -> None:
        self._control(f"SAVEPOINT {name}")

    def release_savepoint(self, name: str) -> None:
        self._control(f"RELEASE SAVEPOINT {name}")

    def rollback_to_savepoint(self, name: str) -> None:
        self._control(f"ROLLBACK TO SAVEPOINT {name}")
        self._control(f"RELEASE SAVEPOINT {name}")

    def _control(self, sql: str, about: Statement | None = _CONTROL) -> None:
        """Runs a statement that marks or ends a transaction; never twice."""
        if self._stopped:
            raise interrupted()
        try:
            self._query(sql.encode())
        except pymysql.Error as error:
            if errors.number_of(error) not in errors.LOST:
                raise self._translated(error, _CONTROL) from error
            self._give_up()
            raise lost(about, in_transaction=True) from error

    # -- the connection ------------------------------------------------------------------------------------------------
    def interrupt(self) -> None:
        self._stopped = True
        self._interrupts.stop(self._running)

    def prepare(self, wait: float | None) -> None:
        if self._raw is None:
            self._connect(wait)
        elif self._has_word() or not self._lives(wait):
            close(self._raw)
            self._connect(wait)

    def _lives(self, wait: float | None) -> bool:
        if time.monotonic() - self._last_used < IDLE_BEFORE_PING:
            return True
        self._raw._read_timeout = CONNECT_TIMEOUT if wait is None else max(0.001, min(wait, CONNECT_TIMEOUT))
        try:
            self._raw.ping()
        except pymysql.Error:
            return False
        self._raw._read_timeout = None
        return True

    def clean(self) -> None:
        if self._in_transaction:
            self.rollback()
        self._stopped = False
        self._deadline = None
        self._last_used = time.monotonic()

    def close(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            close(raw)

    def disown(self) -> None:
        # The library closes its socket without a word when nobody refers to it any more.
        self._raw = None

    def _connect(self, wait: float | None) -> None:
        self._raw = None
        self._raw = raw = connect(self._url, wait)
        self._running.connection_id = raw.thread_id()
        self._reached(raw.server_version)
        self._has_word = readable(raw._sock)
        self.broken = False

    def _give_up(self) -> None:
        self.broken = True
        self._in_transaction = False

    def _cut(self) -> None:
        raw = self._raw
        try:
            raw._sock.shutdown(socket.SHUT_RDWR)
        except (AttributeError, OSError):
            # It is closed already.
            return


class MysqlCursor:
    """A `RowCursor`: the rows of a query as they come from the socket; before another statement, all that are left."""

    def __init__(self, connection: MysqlConnection, statement: Statement, size: int) -> None:
        self._connection = connection
        self._statement = statement
        self._size = size
        self._kept: deque[Any] = deque()
        text = connection._text(statement)
        connection._running.begin()
        if connection._deadline is not None:
            connection._interrupts.stop_at(connection._deadline, connection._running)
        self._result: Any = None
        self._guarded(lambda: connection._raw.query(text, unbuffered=True))
        self._result = connection._raw._result
        connection._cursor = self

    def fetch(self) -> list[Any]:
        rows: list[Any] = []
        while len(rows) < self._size:
            row = self._kept.popleft() if self._kept else self._read()
            if row is None:
                break
            rows.append(row)
        return rows

    def keep(self) -> None:
        """Reads all that is left into memory."""
        while (row := self._read()) is not None:
            self._kept.append(row)

    def _read(self) -> Any:
        """The next row; None at the end."""
        if self._result is None:
            return None
        row = self._guarded(self._result._read_rowdata_packet_unbuffered)
        if row is None:
            self._end()
        return row

    def close(self) -> None:
        self._kept.clear()
        if self._result is None:
            return
        # What the server still has to send is read to its end, which comes soon once the query is killed.
        self._connection._interrupts.stop(self._connection._running)
        try:
            self._result._finish_unbuffered_query()
        except pymysql.Error as error:
            if errors.number_of(error) != errors.INTERRUPTED:
                self._connection._give_up()
        self._end()

    def _guarded(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except pymysql.Error as error:
            connection = self._connection
            self._end()
            if errors.number_of(error) in errors.LOST:
                was_open = connection.in_transaction
                connection._give_up()
                raise lost(self._statement, in_transaction=was_open) from error
            raise connection._translated(error, self._statement) from error

    def _end(self) -> None:
        self._result = None
        self._connection._cursor = None
        # The library would read on in a result that an error has ended.
        self._connection._raw._result = None
        self._connection._running.end()


class MysqlPool(ServerPool[MysqlConnection]):
    """A `ConnectionPool`."""

    def __init__(self, url: DatabaseUrl, schema: Schema, options: PoolOptions) -> None:
        interrupts = interrupter(url)
        super().__init__(lambda: MysqlConnection(url, schema, interrupts, self._reached), options)

    def _reached(self, version: str) -> None:
        self.product = product_of(version)
