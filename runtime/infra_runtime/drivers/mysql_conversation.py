"""What is said to MySQL and MariaDB, and what their answers mean: one set of generators for both interfaces.

A generator yields what a wire's call answered: the answer itself, or something to await. Whoever drives it sends the answer back, so
both read the same. A statement goes out as text with its values in it. Where the connection broke before a statement was on its way, or a
read's answer did not come, it is sent again on a new connection, but never within a transaction; a write whose outcome is not known never
is. Imports PyMySQL's errors, the runtime's `errors`, `effects`, `schema` and `urls`, and what the drivers of servers share.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Generator, Sequence
from typing import Any, Protocol, TypeVar

import pymysql

from infra_runtime.drivers import mysql_errors as errors
from infra_runtime.drivers.base import TransactionOptions
from infra_runtime.drivers.mysql_interrupts import Interrupter, Running
from infra_runtime.drivers.mysql_session import (
    IDLE_BEFORE_PING,
    IN_TRANSACTION,
    NO_BACKSLASH_ESCAPES,
    answer,
    beginning,
)
from infra_runtime.drivers.mysql_text import statement_text
from infra_runtime.drivers.wording import interrupted, late, lost
from infra_runtime.effects import Statement
from infra_runtime.errors import ClientNotConnectedError, InfraError
from infra_runtime.schema import Schema

Answer = TypeVar("Answer")
Steps = Generator[Any, Any, Answer]
"""Yields what a wire's calls answer, and is sent what came of it."""

_CONTROL = Statement("", writes=True)
"""What the statements are that begin and mark transactions, where errors ask."""


class Wire(Protocol):
    """A connection of a library, and the one place where more of the library is used than it makes public.

    What is `Any` is an answer in the sync interface, and something to await for it in the async one.
    """

    connection_id: int

    @property
    def server_status(self) -> int:
        """The bits of the last answer."""
        ...

    @property
    def result(self) -> Any:
        """The last answer, with `rows`, `description`, `affected_rows`, `insert_id`, `message` and `has_next`."""
        ...

    @property
    def is_alive(self) -> bool:
        """False: the server has closed the connection, or says unasked that it does. Asks nobody."""
        ...

    def query(self, text: bytes, /) -> Any:
        """Sends a statement and reads its answer."""

    def next_result(self) -> Any:
        """Reads the answer after the last."""

    def open(self, text: bytes) -> Any:
        """Sends a query; answers a `Rows`."""

    def ping(self, seconds: float | None) -> Any:
        """Does the server answer within its time? A bool."""

    def cut(self) -> None:
        """Ends the conversation at the socket; from any thread."""


class Rows(Protocol):
    """The rows of a query, still with the server."""

    def fetch(self, size: int) -> Any:
        """The next rows, fewer only at the end."""

    def finish(self) -> Any:
        """Reads what is left, and keeps none of it."""

    def forget(self) -> None:
        """Lets go of what the connection cannot read any more."""


class Conversation:
    """A connection to the server, whoever waits for it."""

    run_all = None

    def __init__(self, schema: Schema, interrupts: Interrupter) -> None:
        self.broken = False
        self.process = os.getpid()
        self._schema = schema
        self._interrupts = interrupts
        self._running = Running(self._cut)
        self._wire: Wire = NOT_OPEN
        self._cursor: CursorConversation | None = None
        """The cursor whose rows the socket still holds."""
        self._in_transaction = False
        self._stopped = False
        self._deadline: float | None = None
        self._last_used = 0.0

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    def interrupt(self) -> None:
        self._stopped = True
        self._interrupts.stop(self._running)

    def disown(self) -> None:
        if self._cursor is not None:
            self._cursor.forget()
        # Both libraries' sockets are closed without a word when nobody refers to them any more.
        self._wire = NOT_OPEN

    # -- what an interface adds ----------------------------------------------------------------------------------------
    def _connect(self, wait: float | None) -> Any:
        """Connects, `_leave`s the old connection and `_adopt`s the new one."""
        raise NotImplementedError

    def _wait_for_kill(self) -> Any:
        """Waits for a kill that is on its way, until `_running` has ended."""
        raise NotImplementedError

    # -- statements ----------------------------------------------------------------------------------------------------
    def _run(self, statement: Statement) -> Steps[Any]:
        """What the statement asks for."""
        if self._stopped:
            raise interrupted()
        try:
            text = self._text(statement)
        except (TypeError, ValueError) as error:
            raise errors.untransmittable(error, statement) from error
        was_open = self._in_transaction
        try:
            result = yield from self._query(text)
        except pymysql.Error as error:
            result = yield from self._again(error, text, statement, was_open)
        return answer(result, statement)

    def _text(self, statement: Statement) -> bytes:
        return statement_text(statement.sql, statement.parameters, not self._wire.server_status & NO_BACKSLASH_ESCAPES)

    def _query(self, text: bytes) -> Steps[Any]:
        """The wire's result. What the server answers beyond the first result of a procedure is read and dropped."""
        if self._cursor is not None:
            # MySQL's protocol has one answer at a time.
            yield from self._cursor.keep()
        wire = self._wire
        self._begin_statement()
        try:
            yield wire.query(text)
            last = result = wire.result
            while last.has_next:
                yield wire.next_result()
                last = wire.result
        finally:
            if not self._running.try_to_end():
                yield self._wait_for_kill()
        self._in_transaction = bool(wire.server_status & IN_TRANSACTION)
        self._last_used = time.monotonic()
        return result

    def _begin_statement(self) -> None:
        self._running.is_active = True
        if self._deadline is not None:
            self._interrupts.stop_at(self._deadline, self._running)

    def _again(self, error: Exception, text: bytes, statement: Statement, was_open: bool) -> Steps[Any]:
        """Sends a statement again where that is right; else raises its error, translated."""
        number = errors.number_of(error)
        if number not in errors.LOST:
            raise (yield from self._translated(error, statement)) from error
        self._give_up()
        if self._is_late() and not statement.writes:
            raise late() from error
        never_sent = number in errors.NEVER_SENT
        if self._stopped or was_open or (statement.writes and not never_sent):
            raise lost(None if never_sent else statement, in_transaction=was_open) from error
        yield self._connect(None if self._deadline is None else max(0.0, self._deadline - time.monotonic()))
        try:
            return (yield from self._query(text))
        except pymysql.Error as again:
            if errors.number_of(again) in errors.LOST:
                self._give_up()
                raise lost(statement, in_transaction=False) from again
            raise (yield from self._translated(again, statement)) from again

    def _translated(self, error: Exception, statement: Statement) -> Steps[InfraError]:
        number = errors.number_of(error)
        if number in errors.ENDING and self._in_transaction:
            yield from self._look_at_transaction()
        if number == errors.INTERRUPTED:
            if self._stopped:
                return interrupted()
            if self._is_late():
                return late()
        key = errors.unnamed_key(error, statement, self._schema)
        columns: Sequence[str] = () if key is None else (yield from self._columns_of(key))
        return errors.translate(error, statement, self._schema, columns)

    def _columns_of(self, key: tuple[str, str]) -> Steps[list[str]]:
        try:
            result = yield from self._query(statement_text(errors.COLUMNS_OF_KEY, key, True))
        except pymysql.Error:
            return []
        return [column for (column,) in result.rows]

    def _look_at_transaction(self) -> Steps[None]:
        """An error does not say whether the transaction is still open; a statement that does nothing does."""
        try:
            yield from self._query(b"DO 0")
        except pymysql.Error:
            self._give_up()

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    # -- transactions --------------------------------------------------------------------------------------------------
    def _begin(self, options: TransactionOptions) -> Steps[None]:
        first, *others = beginning(options)
        # Nothing was done yet, so what breaks here may begin anew.
        yield from self._run(Statement(first))
        for sql in others:
            yield from self._control(sql)
        self._in_transaction = True

    def _commit(self) -> Steps[None]:
        yield from self._control("COMMIT", None)

    def _roll_back(self) -> Steps[None]:
        if not self._in_transaction:
            return
        try:
            yield from self._query(b"ROLLBACK")
        except pymysql.Error:
            # The server undoes what is open when it sees the connection closed.
            self._give_up()

    def _roll_back_to(self, name: str) -> Steps[None]:
        yield from self._control(f"ROLLBACK TO SAVEPOINT {name}")
        yield from self._control(f"RELEASE SAVEPOINT {name}")

    def _control(self, sql: str, about: Statement | None = _CONTROL) -> Steps[None]:
        """Runs a statement that marks or ends a transaction; never twice, and never half."""
        self._refuse_if_stopped()
        try:
            yield from self._query(sql.encode())
        except pymysql.Error as error:
            if errors.number_of(error) not in errors.LOST:
                raise (yield from self._translated(error, _CONTROL)) from error
            self._give_up()
            raise lost(about, in_transaction=True) from error

    def _refuse_if_stopped(self) -> None:
        if self._stopped:
            raise interrupted()

    # -- the connection ------------------------------------------------------------------------------------------------
    def is_ready(self) -> bool:
        """Can it be lent as it is, without a word to the server? No limit is set then."""
        self._deadline = None
        return self._wire.is_alive and time.monotonic() - self._last_used < IDLE_BEFORE_PING

    def _prepare(self, wait: float | None) -> Steps[None]:
        """Connects where there is no connection, or none that still lives: networks forget silent ones."""
        if not self._wire.is_alive or not (yield self._wire.ping(wait)):
            yield self._connect(wait)

    def _clean(self) -> Steps[None]:
        yield from self._roll_back()
        self._stopped = False

    def _adopt(self, wire: Wire) -> None:
        """Takes over a connection that has just been made."""
        self._wire = wire
        self._running.connection_id = wire.connection_id
        self._last_used = time.monotonic()
        self.broken = False

    def _give_up(self) -> None:
        self.broken = True
        self._in_transaction = False

    def _cut(self) -> None:
        self._wire.cut()


class CursorConversation:
    """The rows of a query as they come from the socket; before another statement, all that are left."""

    def __init__(self, connection: Conversation, statement: Statement, size: int) -> None:
        self._connection = connection
        self._statement = statement
        self._size = size
        self._kept: deque[Any] = deque()
        self._rows: Rows | None = None
        """None: all are read."""

    def opening(self) -> Steps[None]:
        """One query sees one state of the data also without a transaction around it."""
        connection = self._connection
        connection._refuse_if_stopped()
        if connection._cursor is not None:
            yield from connection._cursor.keep()
        text = connection._text(self._statement)
        connection._begin_statement()
        try:
            self._rows = yield connection._wire.open(text)
        except pymysql.Error as error:
            raise (yield from self._failure(error)) from error
        connection._cursor = self

    def fetching(self) -> Steps[list[Any]]:
        kept = [self._kept.popleft() for _ in range(min(self._size, len(self._kept)))]
        return kept if kept or self._rows is None else (yield from self._read(self._rows))

    def keep(self) -> Steps[None]:
        """Reads all that is left into memory."""
        while self._rows is not None:
            self._kept.extend((yield from self._read(self._rows)))

    def _read(self, source: Rows) -> Steps[list[Any]]:
        try:
            rows = yield source.fetch(self._size)
        except pymysql.Error as error:
            raise (yield from self._failure(error)) from error
        if len(rows) < self._size:
            yield from self._end()
        return list(rows)

    def closing(self) -> Steps[None]:
        self._kept.clear()
        rows, connection = self._rows, self._connection
        if rows is None:
            return
        # What the server still has to send is read to its end, which comes soon once the query is killed.
        connection._interrupts.stop(connection._running)
        try:
            yield rows.finish()
        except pymysql.Error as error:
            if errors.number_of(error) != errors.INTERRUPTED:
                connection._give_up()
        yield from self._end()

    def forget(self) -> None:
        """Lets go of rows that nobody reads here any more."""
        if self._rows is not None:
            self._rows.forget()

    def _failure(self, error: Exception) -> Steps[InfraError]:
        """The error to raise; the query is over with it."""
        connection, was_open = self._connection, self._connection.in_transaction
        yield from self._end()
        if errors.number_of(error) in errors.LOST:
            connection._give_up()
            return lost(self._statement, in_transaction=was_open)
        return (yield from connection._translated(error, self._statement))

    def _end(self) -> Steps[None]:
        self.forget()
        self._rows = None
        connection = self._connection
        connection._cursor = None
        connection._last_used = time.monotonic()
        if not connection._running.try_to_end():
            yield connection._wait_for_kill()


class _NoWire:
    """In the place of a connection that is not there."""

    connection_id = 0
    server_status = 0
    result: Any = None
    is_alive = False

    def query(self, text: bytes, /) -> Any:
        raise ClientNotConnectedError("the connection is closed: the client was disconnected")

    def next_result(self) -> Any:
        raise NotImplementedError

    def open(self, text: bytes) -> Any:
        return self.query(text)

    def ping(self, seconds: float | None) -> Any:
        raise NotImplementedError

    def cut(self) -> None:
        """There is nothing to end."""


NOT_OPEN = _NoWire()
