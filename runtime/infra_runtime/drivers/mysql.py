"""MySQL and MariaDB by PyMySQL: the sync interface, which waits in its thread.

What is said while it waits is `mysql_conversation`'s. Imports PyMySQL, and the runtime's `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import pymysql
from pymysql.cursors import SSCursor

from infra_runtime.drivers.base import PoolOptions, TransactionOptions
from infra_runtime.drivers.mysql_conversation import NOT_OPEN, Conversation, CursorConversation, Steps
from infra_runtime.drivers.mysql_errors import cannot_connect
from infra_runtime.drivers.mysql_interrupts import Interrupter
from infra_runtime.drivers.mysql_session import (
    CONNECT_TIMEOUT,
    SET_UP,
    answer,
    connect_arguments,
    product_of,
    readable,
    tls_context,
)
from infra_runtime.drivers.pool import ServerPool
from infra_runtime.effects import Statement
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

Answer = TypeVar("Answer")

_LAST_WORDS = 1.0
"""Seconds that a connection on its way out has to take leave."""


class PymysqlWire:
    """A `Wire`: a set-up connection of PyMySQL.

    Of what PyMySQL does not make public it uses `_result` (also a cursor's), as cursors lose the message that tells how many rows matched; `_sock`, to see a
    server's word of leave and to end a conversation from another thread; and the time limits, which are set for a moment.

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
        self._has_word = readable(raw._sock)
        self.connection_id: int = raw.thread_id()
        self.version: str = raw.server_version
        self.query: Callable[[bytes], object] = raw.query
        self.next_result: Callable[[], object] = raw.next_result

    @property
    def server_status(self) -> int:
        return self._raw.server_status  # type: ignore[no-any-return]

    @property
    def result(self) -> Any:
        return self._raw._result

    @property
    def is_alive(self) -> bool:
        return self._raw.open and not self._has_word()

    def open(self, text: bytes) -> PymysqlRows:
        cursor: Any = SSCursor(self._raw)
        try:
            cursor.execute(text)
        except BaseException:
            cursor.connection = None
            raise
        return PymysqlRows(cursor)

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
    """`Rows`: a cursor of the library's, which reads no more of an answer than it is asked for."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def fetch(self, size: int) -> Sequence[Any]:
        rows: Sequence[Any] = self._cursor.fetchmany(size)
        return rows

    def finish(self) -> None:
        self._cursor.close()

    def forget(self) -> None:
        # Both the cursor and its result would go on reading when nobody refers to them any more.
        result = self._cursor._result
        if result is not None:
            result.unbuffered_active = False
        self._cursor.connection = None


class _Killer:
    """The connection that kills."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._wire = PymysqlWire(url, CONNECT_TIMEOUT)

    def query(self, sql: str) -> object:
        return self._wire.query(sql.encode())

    def close(self) -> None:
        self._wire.close()


def interrupter(url: DatabaseUrl) -> Interrupter:
    """What stops statements on the server of `url`, for either interface."""
    return Interrupter(partial(_Killer, url))


class MysqlConnection(Conversation):
    """A `ServerConnection`."""

    library_error = pymysql.Error

    def __init__(
        self, url: DatabaseUrl, schema: Schema, interrupts: Interrupter, reached: Callable[[str], None]
    ) -> None:
        super().__init__(schema, interrupts)
        self._url = url
        self._reached = reached

    def run(self, statement: Statement) -> Any:
        return answer(self.wait(self._run(statement)), statement)

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
        if not self._is_ready():
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

    def wait(self, steps: Steps[Answer]) -> Answer:
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
