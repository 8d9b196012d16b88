"""A connection to MySQL or MariaDB in an event loop: commands go out, and answers are read as they come, each for one future.

asyncmy connects: TLS, authentication, what server and client agree on. From then on its transport is this module's, and nothing of
asyncmy stands between: its reader awaits each part of an answer. Imports asyncmy, PyMySQL's errors, and the runtime's `urls`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from struct import Struct
from typing import Any

import pymysql
from asyncmy.connection import Connection as LibraryConnection
from asyncmy.constants.CLIENT import MULTI_STATEMENTS
from asyncmy.errors import MySQLError
from pymysql.constants.COMMAND import COM_PING, COM_QUERY, COM_QUIT
from pymysql.constants.CR import CR_SERVER_GONE_ERROR

from infra_runtime.drivers.mysql_answers import LONGEST, Answer, Reader, server_lost
from infra_runtime.drivers.mysql_errors import cannot_connect
from infra_runtime.drivers.mysql_session import CONNECT_TIMEOUT, SET_UP, connect_arguments, readable, tls_context
from infra_runtime.drivers.prompt import Prompt
from infra_runtime.urls import DatabaseUrl

_LAST_WORDS = 1.0
"""Seconds that a connection on its way out has to take leave."""
_PIECE = 1 << 16
"""Bytes to read at a time."""
_LONG = 1 << 18
"""Bytes of a command that is not copied to stand behind its header."""
_COMMAND = Struct("<IB")
"""What begins a command: the length of its packet, in whose fourth byte the packet's number is, 0; and which command it is."""


class AsyncmyWire(asyncio.BufferedProtocol):
    """A `Wire`, whose calls are awaited.

    Of what asyncmy does not make public it uses `_client_flag`, as its argument can add flags but not take one away; `_transport`, which
    is taken over; `_proto`, to see that nothing was read that is not answered yet; and `_deprecate_eof`, which tells how answers end.
    """

    def __init__(self, raw: Any) -> None:
        self.connection_id: int = raw.thread_id()
        self.version: str = raw.server_version
        self.server_status: int = raw.server_status
        self._transport: asyncio.Transport = raw._transport
        self._loop = asyncio.get_running_loop()
        self._reader = Reader(marks_columns=not raw._deprecate_eof)
        self._buffer = bytearray(_PIECE)
        self._view = memoryview(self._buffer)
        """What is filled: TLS fills slices, and those of the buffer itself would be copies."""
        self._waiting: Prompt | None = None
        """Of who waits for an answer; of who has left without it, where the connection is of no use any more."""
        self._wanted: int | None = None
        """So many rows of the answer are enough for who waits; None: all of it."""
        self._unsent: Iterator[bytes | memoryview] | None = None
        """What is left of a long command."""
        self._is_full = False
        """Must the transport send first what it was given?"""
        self._closed: asyncio.Future[None] = self._loop.create_future()
        read = raw._proto
        self._is_gone: bool = read.eof or read.length > read.pos or self._transport.is_closing()
        """Has the connection ended, or the server said unasked that it ends?"""
        self._socket: socket.socket = self._transport.get_extra_info("socket")
        self._has_word = readable(self._socket)
        self._transport.set_protocol(self)

    @classmethod
    async def connect(cls, url: DatabaseUrl, wait: float | None) -> AsyncmyWire:
        """A set-up connection. Errors: ConnectionError and its subclasses, ConfigurationError."""
        arguments = connect_arguments(url, wait)
        context = tls_context(url)
        make: Any = LibraryConnection
        raw = make(**arguments, **({"ssl": context} if context is not None else {}))
        # A raw query is one statement; whoever smuggles a second one in is refused by the server.
        raw._client_flag &= ~MULTI_STATEMENTS
        try:
            async with asyncio.timeout(arguments["connect_timeout"]):
                await raw.connect()
                await raw.query(SET_UP)
        except (MySQLError, OSError, RuntimeError, ValueError) as error:
            raw.close()
            raise cannot_connect(error, url, arguments["connect_timeout"]) from error
        return cls(raw)

    # -- a `Wire` ------------------------------------------------------------------------------------------------------
    @property
    def result(self) -> Answer:
        return self._reader.answer

    @property
    def is_alive(self) -> bool:
        # A socket that the event loop has closed may have another's number by now, so it is asked last.
        return not self._is_gone and self._waiting is None and not self._has_word()

    def query(self, text: bytes, /) -> Prompt:
        self._send(COM_QUERY, text)
        return self._wait_for(None)

    def next_result(self) -> Prompt:
        waiting = self._wait_for(None)
        self._read_on(self._reader.follow)
        return waiting

    async def open(self, text: bytes) -> AsyncmyRows:
        self._send(COM_QUERY, text)
        await self._wait_for(0)
        return AsyncmyRows(self, self._reader)

    async def ping(self, seconds: float | None) -> bool:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT if seconds is None else min(seconds, CONNECT_TIMEOUT)):
                self._send(COM_PING, b"")
                await self._wait_for(None)
        except (pymysql.Error, OSError):
            return False
        return True

    def cut(self) -> None:
        """Also with no event loop."""
        if self._closed.done():
            return
        try:
            # One of our own for the same connection: uvloop's cannot be shut down.
            with socket.fromfd(self._socket.fileno(), self._socket.family, self._socket.type) as own:
                own.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It is closed already.
            return

    async def close(self) -> None:
        """Takes leave of the server, if it still listens. Never raises."""
        if self._waiting is None and not self._is_gone:
            self._transport.write(_COMMAND.pack(1, COM_QUIT))
        self._transport.close()
        await asyncio.wait((self._closed,), timeout=_LAST_WORDS)
        self.drop()

    def drop(self) -> None:
        """Closes the socket, with no word of leave."""
        self._is_gone = True
        self._transport.abort()

    # -- commands ------------------------------------------------------------------------------------------------------
    def _send(self, command: int, content: bytes) -> None:
        if self._is_gone or self._waiting is not None or self._transport.is_closing():
            raise pymysql.OperationalError(CR_SERVER_GONE_ERROR, "MySQL server has gone away")
        size = len(content) + 1
        self._reader.begin(size)
        if size < _LONG:
            self._transport.write(_COMMAND.pack(size, command) + content)
        else:
            self._unsent = _pieces(command, content)
            self._send_on()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        if self._unsent is not None:
            # Not within this call: where a write fails in it, asyncio's transport tells twice that it is closed.
            self._loop.call_soon(self._send_on)

    def _send_on(self) -> None:
        if self._unsent is not None:
            for piece in self._unsent:
                self._transport.write(piece)
                if self._is_full:
                    return
            self._unsent = None

    # -- answers -------------------------------------------------------------------------------------------------------
    def read(self, rows: int) -> Prompt:
        """A future of so many rows, or as many as there are: more than have come."""
        self._transport.resume_reading()
        return self._wait_for(rows)

    def _wait_for(self, rows: int | None) -> Prompt:
        """A future of an answer with so many rows; of one without, of which it is known what it consists of; None: of a whole one."""
        self._wanted = rows
        self._waiting = waiting = Prompt(loop=self._loop)
        return waiting

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        if self._waiting is None and self._reader.is_over:
            # The server's farewell.
            self._is_gone = True
        else:
            self._read_on(self._reader.feed, self._buffer[:nbytes])

    def _read_on(self, read: Callable[..., bool], *data: bytearray) -> None:
        """Has an answer read on, and tells who waits for it."""
        try:
            is_over = read(*data)
        except Exception as error:
            self._fail(error)
            return
        if is_over:
            self.server_status = self._reader.answer.server_status
        waiting = self._waiting
        if waiting is not None and (is_over or self._is_enough()):
            self._waiting = None
            if self._unsent is not None or waiting.done():
                # The server reads no more, or nobody here.
                self.drop()
            waiting.tell()

    def _is_enough(self) -> bool:
        wanted, reader = self._wanted, self._reader
        if wanted is None or not reader.has_begun or len(reader.rows) < wanted:
            return False
        # The other rows are left with the server until somebody wants them.
        self._transport.pause_reading()
        return True

    def _fail(self, error: Exception) -> None:
        """No answer comes of it; after any error but the server's, nor does another."""
        waiting, self._waiting = self._waiting, None
        if not self._reader.is_over or self._unsent is not None:
            self.drop()
        if waiting is not None:
            waiting.tell(error=error)

    def eof_received(self) -> None:
        self._is_gone = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_gone, self._unsent = True, None
        self._fail(server_lost("" if exc is None else f" ({exc})"))
        self._closed.set_result(None)


def _pieces(command: int, content: bytes) -> Iterator[bytes | memoryview]:
    """What is written of a long command, one piece once the one before is almost sent: packets, of which the last is not a full one."""
    view, place, number, first = memoryview(content), 0, 0, bytes([command])
    while True:
        size = min(LONGEST, len(first) + len(content) - place)
        yield size.to_bytes(3, "little") + bytes([number & 0xFF]) + first
        end = place + size - len(first)
        yield view[place:end]
        if size < LONGEST:
            return
        place, number, first = end, number + 1, b""


class AsyncmyRows:
    """`Rows`: no more of an answer is read than is asked for, and what came with it."""

    def __init__(self, wire: AsyncmyWire, reader: Reader) -> None:
        self._wire = wire
        self._reader = reader

    async def fetch(self, size: int) -> Sequence[Any]:
        rows = self._reader.rows
        if len(rows) < size and not self._reader.is_over:
            await self._wire.read(size)
        fetched, rows[:size] = rows[:size], []
        return fetched

    async def finish(self) -> None:
        while not self._reader.is_over:
            self._reader.rows.clear()
            await self._wire.read(1)

    def forget(self) -> None:
        """Nothing reads on when nobody refers to it any more."""
