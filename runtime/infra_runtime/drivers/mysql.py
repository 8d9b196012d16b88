"""MySQL and MariaDB by PyMySQL: the sync interface, which waits in its thread.

What is said while it waits is `mysql_conversation`'s. Imports PyMySQL, and the runtime's `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import pymysql
from pymysql.constants.COMMAND import COM_QUERY

from infra_runtime.drivers.base import PoolOptions, TransactionOptions
from infra_runtime.drivers.mysql_answers import Answer, Reader, server_lost
from infra_runtime.drivers.mysql_conversation import NOT_OPEN, Conversation, CursorConversation, Steps
from infra_runtime.drivers.mysql_errors import cannot_connect
from infra_runtime.drivers.mysql_interrupts import Interrupter
from infra_runtime.drivers.mysql_session import (
    CONNECT_TIMEOUT,
    SET_UP,
    connect_arguments,
    product_of,
    readable,
    tls_context,
)
from infra_runtime.drivers.pool import ServerPool
from infra_runtime.effects import Statement
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

Result = TypeVar("Result")

_LAST_WORDS = 1.0
"""Seconds that a connection on its way out has to take leave."""
_PIECE = 1 << 16
"""Bytes to read at a time."""


class PymysqlWire:
    """A `Wire`: a set-up connection of PyMySQL, whose answers are read by `mysql_answers`.

    Of what PyMySQL does not make public it uses `_execute_command`, to send; `_sock`, to read, to see a server's word of leave and to end
    a conversation from another thread; `_force_close`; and the time limits, which are set for a moment.

    Errors: ConnectionError and its subclasses, ConfigurationError.
    """

    def __init__(self, url: DatabaseUrl, wait: float | None) -> None:
        arguments = connect_arguments(url, wait)
        context = tls_context(url)
        tls: dict[str, Any] = {"ssl": context} if context is not None else {"ssl_disabled": True}
        limit = arguments["connect_timeout"]
        try:
            # The library's own limit ends with the TCP connection: a server that then says nothing would be waited for for ever.
            raw: Any = pymysql.connect(**arguments, **tls, read_timeout=limit, init_command=SET_UP)
        except (pymysql.Error, OSError, RuntimeError, ValueError) as error:
            raise cannot_connect(error, url, limit) from error
        raw._read_timeout = None
        self._raw = raw
        self._reader = Reader()
        self._buffer = bytearray(_PIECE)
        self._has_word = readable(raw._sock)
        self.connection_id: int = raw.thread_id()
        self.version: str = raw.server_version
        self.server_status: int = raw.server_status

    @property
    def result(self) -> Answer:
        return self._reader.answer

    @property
    def is_alive(self) -> bool:
        return self._raw.open and not self._has_word()

    def query(self, text: bytes, /) -> None:
        self._send(text)
        while not self._reader.is_over:
            self.receive()
        self.server_status = self._reader.answer.server_status

    def next_result(self) -> None:
        if not self._told(self._reader.follow):
            while not self.receive():
                continue
        self.server_status = self._reader.answer.server_status

    def open(self, text: bytes) -> PymysqlRows:
        self._send(text)
        while not self._reader.has_begun:
            self.receive()
        return PymysqlRows(self, self._reader)

    def receive(self) -> bool:
        """Waits for the next piece of an answer. Is it the last?"""
        raw = self._raw
        try:
            size = raw._sock.recv_into(self._buffer)
        except OSError as error:
            raw._force_close()
            raise server_lost(f" ({error})") from error
        except BaseException:
            raw._force_close()
            raise
        if not size:
            raw._force_close()
            raise server_lost()
        return self._told(self._reader.feed, self._buffer[:size])

    def _send(self, text: bytes) -> None:
        raw = self._raw
        raw._execute_command(COM_QUERY, text)
        if raw._current_timeout is not None:
            raw._sock.settimeout(None)
            raw._current_timeout = None
        self._reader.begin(len(text) + 1)

    def _told(self, read: Callable[..., bool], *data: bytearray) -> bool:
        """What the reader makes of an answer; one that it cannot read to its end is the last."""
        try:
            return read(*data)
        except BaseException:
            if not self._reader.is_over:
                self._raw._force_close()
            raise

    def ping(self, seconds: float | None) -> bool:
        self._raw._read_timeout = CONNECT_TIMEOUT if seconds is None else max(0.001, min(seconds, CONNECT_TIMEOUT))
        try:
            self._raw.ping()
        except pymysql.Error:
            return False
        self._raw._read_timeout = None
        return True

    def cut(self) -> None:
        try:
            self._raw._sock.shutdown(socket.SHUT_RDWR)
        except (AttributeError, OSError):
            # It is closed already.
            return

    def close(self) -> None:
        """Takes leave of the server, if it still listens. Never raises."""
        self._raw._write_timeout = _LAST_WORDS
        try:
            self._raw.close()
        except pymysql.Error:
            return


class PymysqlRows:
    """`Rows`: no more of an answer is read than is asked for."""

    def __init__(self, wire: PymysqlWire, reader: Reader) -> None:
        self._wire = wire
        self._reader = reader

    def fetch(self, size: int) -> Sequence[Any]:
        rows = self._reader.rows
        while len(rows) < size and not self._reader.is_over:
            self._wire.receive()
        fetched, rows[:size] = rows[:size], []
        return fetched

    def finish(self) -> None:
        while not self._reader.is_over:
            self._reader.rows.clear()
            self._wire.receive()

    def forget(self) -> None:
        """Nothing reads on when nobody refers to it any more."""


class _Killer:
    """The connection that kills."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._wire = PymysqlWire(url, CONNECT_TIMEOUT)

    def query(self, sql: str) -> None:
        self._wire.query(sql.encode())

    def close(self) -> None:
        self._wire.close()


def interrupter(url: DatabaseUrl) -> Interrupter:
    """What stops statements on the server of `url`, for either interface."""
    return Interrupter(partial(_Killer, url))


class MysqlConnection(Conversation):
    """A `ServerConnection`."""

    def __init__(
        self, url: DatabaseUrl, schema: Schema, interrupts: Interrupter, reached: Callable[[str], None]
    ) -> None:
        super().__init__(schema, interrupts)
        self._url = url
        self._reached = reached

    def run(self, statement: Statement) -> Any:
        return self.wait(self._run(statement))

    def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> MysqlCursor:
        cursor = MysqlCursor(self, statement, size)
        self.wait(cursor.opening())
        return cursor

    def limit(self, deadline: float | None) -> None:
        self._deadline = deadline

    def begin(self, options: TransactionOptions, wait: float | None) -> None:
        self.wait(self._begin(options))

    def commit(self) -> None:
        self.wait(self._commit())

    def rollback(self) -> None:
        self.wait(self._roll_back())

    def savepoint(self, name: str) -> None:
        self.wait(self._control(f"SAVEPOINT {name}"))

    def release_savepoint(self, name: str) -> None:
        self.wait(self._control(f"RELEASE SAVEPOINT {name}"))

    def rollback_to_savepoint(self, name: str) -> None:
        self.wait(self._roll_back_to(name))

    def prepare(self, wait: float | None) -> None:
        if not self.is_ready():
            self.wait(self._prepare(wait))

    def clean(self) -> None:
        self.wait(self._clean())

    def close(self) -> None:
        wire, self._wire = self._wire, NOT_OPEN
        if isinstance(wire, PymysqlWire):
            wire.close()

    def _connect(self, wait: float | None) -> None:
        self.close()
        wire = PymysqlWire(self._url, wait)
        self._adopt(wire)
        self._reached(wire.version)

    def _wait_for_kill(self) -> None:
        self._running.end()

    def wait(self, steps: Steps[Result]) -> Result:
        """What steps answer. The library has waited, in this thread, by the time they yield."""
        step: Any = None
        try:
            while True:
                step = steps.send(step)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        except Exception:
            raise
        except BaseException:
            # A keyboard interrupt: the library has closed the socket, which the server does not see before the statement is done.
            self._give_up()
            self._interrupts.end(self._running.connection_id)
            raise


class MysqlCursor(CursorConversation):
    """A `RowCursor`."""

    def __init__(self, connection: MysqlConnection, statement: Statement, size: int) -> None:
        super().__init__(connection, statement, size)
        self._wait = connection.wait

    def fetch(self) -> list[Any]:
        return self._wait(self.fetching())

    def close(self) -> None:
        self._wait(self.closing())


class MysqlPool(ServerPool[MysqlConnection]):
    """A `ConnectionPool`."""

    def __init__(self, url: DatabaseUrl, schema: Schema, options: PoolOptions) -> None:
        interrupts = interrupter(url)
        super().__init__(lambda: MysqlConnection(url, schema, interrupts, self._reached), options)

    def _reached(self, version: str) -> None:
        self.product = product_of(version)
