"""Answers of MySQL and MariaDB, read from the bytes that come on the socket (the text protocol's results).

PyMySQL asks its socket for each packet, describes an answer's columns anew for each answer, and looks up what to do for each value. Here
a piece of the socket is read at a time, columns that were described before are known by the bytes of their description, and all rows of a
piece are read by one call of asyncmy's compiled parser. What a value becomes is what it becomes in PyMySQL, and so do errors.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html. Imports PyMySQL's names of types and its errors,
asyncmy's parser, and no I/O.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from asyncmy.protocol import parse_rows_from_buffer, skip_packets_from_buffer
from pymysql import InternalError, OperationalError, converters
from pymysql.constants import FIELD_TYPE
from pymysql.constants.CR import CR_SERVER_LOST
from pymysql.err import raise_mysql_exception

_HEADER = 4
"""Bytes before each packet: three for its length, one for its number."""
LONGEST = 0xFFFFFF
"""A packet of this length goes on in the next."""
_OK, _LOCAL_FILE, _END, _ERROR = 0x00, 0xFB, 0xFE, 0xFF
"""What a packet begins with that is no row."""
_NULL = 0xFB
_MORE_FOLLOWS = 8
"""The bit of the server's status that tells of another answer."""
_BINARY = 63
"""The character set of what is no text."""
LAYOUTS_KEPT = 1000
"""Descriptions of columns that a connection knows: of more statements than an application uses at a time."""

Row = tuple[Any, ...]
Column = tuple[int, str, Callable[[Any], Any] | None]
"""How asyncmy's parser reads a value: as bytes (0), text in UTF-8 (1) or in ASCII (2), by the converter if there is one."""


def server_lost(why: str = "") -> Any:
    """The error of who has sent a command and gets no answer."""
    return OperationalError(CR_SERVER_LOST, f"Lost connection to MySQL server during query{why}")


class Answer:
    """One answer to a statement. `rows` None: it has none, but says how many it touched."""

    rows: list[Row] | None = None
    description: tuple[tuple[str], ...] | None = None
    affected_rows = 0
    insert_id = 0
    message = b""
    server_status = 0
    has_next = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is known of an answer's columns."""

    description: tuple[tuple[str], ...]
    columns: tuple[Column, ...]


class Reader:
    """Reads the answers to one command after the other, fed with what comes on the socket.

    With an error of the server's an answer `is_over`; after any other error nothing can be read on this socket any more.
    `marks_columns`: a packet follows an answer's columns, and its rows end as they do (without CLIENT_DEPRECATE_EOF).
    """

    def __init__(self, *, marks_columns: bool = True) -> None:
        self._marks_columns = marks_columns
        self._layouts: OrderedDict[bytes, _Layout] = OrderedDict()
        self._layout: _Layout | None = None
        """None: its first packet is still to come."""
        self._left: list[bytearray] = []
        """What has come of packets that are not whole, and how much more it takes to go on."""
        self._missing = 0
        self._sent = self._packets = 0
        """Those of the command beyond its first, and of the answers to it so far."""
        self._is_over = True

    def begin(self, size: int) -> None:
        """A command of so many bytes was sent: its answer is read next."""
        self._left, self._packets = [], size // LONGEST
        self._sent = self._packets
        self.answer, self._layout, self._is_over, self._missing = Answer(), None, False, 0

    def follow(self) -> bool:
        """The next answer to the same command is read. Is it there already?"""
        self.answer, self._layout, self._is_over, self._missing = Answer(), None, False, 0
        return self.feed(bytearray())

    @property
    def is_over(self) -> bool:
        """Is the answer read to its end?"""
        return self._is_over

    @property
    def has_begun(self) -> bool:
        """Is it known what the answer consists of?"""
        return self._is_over or self._layout is not None

    @property
    def rows(self) -> list[Row]:
        """The rows that have come, for who takes some of them out; none where the answer has none."""
        rows = self.answer.rows
        return [] if rows is None else rows

    def feed(self, data: bytearray) -> bool:
        """Takes what has come. Is the answer read to its end? Errors: those of PyMySQL; RuntimeError."""
        if self._left:
            self._left.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return False
            data = bytearray().join(self._left)
        place, came = 0, len(data)
        if self._layout is None:
            place = self._begin_answer(data, came)
        if self._layout is not None and not self._is_over:
            place = self._read_rows(data, place, came, self._layout)
        if place < came:
            self._keep(data, place, came - place)
        else:
            self._left = []
        return self._is_over

    def _keep(self, data: bytearray, place: int, left: int) -> None:
        """Keeps what is left of `data`. A long packet is looked at again when all of it is there, not with each piece."""
        self._left = [data[place:]]
        whole = 0 if left < _HEADER else _HEADER + _size(data, place)
        self._missing = max(1, whole - left)

    def _begin_answer(self, buffer: bytearray, came: int) -> int:
        """Reads the first packet, and the columns if it counts them: all of that or nothing. Answers the place behind it."""
        if came < _HEADER:
            return 0
        end = _HEADER + (buffer[0] | buffer[1] << 8 | buffer[2] << 16)
        if end > came:
            return 0
        number, kind = buffer[3], buffer[_HEADER]
        expected = (self._packets + 1) & 0xFF
        # What is wrong with a long command may be said before all of it is read.
        if number != expected and not (kind == _ERROR and 0 < number <= self._sent):
            raise _out_of_order(number, expected)
        if kind == _ERROR:
            self._is_over = True
            raise_mysql_exception(buffer[_HEADER:end])
        if kind == _OK:
            self._packets += 1
            self._read_ok(buffer[_HEADER:end])
            return end
        if kind == _LOCAL_FILE:
            raise RuntimeError("the server asks for a local file, which it is not given")
        count = kind if kind < _NULL else _length(buffer, _HEADER)[0]
        stop: int
        stop, following, described = skip_packets_from_buffer(buffer, end, came, (number + 1) & 0xFF, count)
        if described < count:
            self._refuse_whole(buffer, stop, following)
            return 0
        columns = bytes(buffer[end:stop])
        if self._marks_columns:
            stop = _end_of_packet(buffer, stop)
            if stop < 0:
                return 0
        self._layout = layout = self._layout_of(columns, count)
        self._packets += count + 1 + self._marks_columns
        answer = self.answer
        answer.rows, answer.description = [], layout.description
        return stop

    def _refuse_whole(self, buffer: bytearray, place: int, number: int) -> None:
        """Raises what a whole packet says, or has said wrongly, in the place of another."""
        end = _end_of_packet(buffer, place)
        if end < 0:
            return
        if buffer[place + 3] != number:
            raise _out_of_order(buffer[place + 3], number)
        self._is_over = True
        raise_mysql_exception(buffer[place + _HEADER : end])

    def _layout_of(self, described: bytes, count: int) -> _Layout:
        layouts = self._layouts
        found = layouts.get(described)
        if found is None:
            found = layouts[described] = _described(described, count)
            if len(layouts) > LAYOUTS_KEPT:
                layouts.popitem(last=False)
        else:
            layouts.move_to_end(described)
        return found

    def _read_rows(self, buffer: bytearray, place: int, came: int, layout: _Layout) -> int:
        """Reads the rows that have come whole; answers the place behind them."""
        rows = self.answer.rows
        assert rows is not None
        while True:
            before, number = len(rows), (self._packets + 1) & 0xFF
            place, _ = parse_rows_from_buffer(
                buffer, place, came, layout.columns, number, rows, not self._marks_columns
            )
            self._packets += len(rows) - before
            # What it leaves is not all there, or no row of one packet.
            if came - place <= _HEADER:
                return place
            size = buffer[place] | buffer[place + 1] << 8 | buffer[place + 2] << 16
            end = place + _HEADER + size
            if end > came:
                return place
            kind = buffer[place + _HEADER]
            # Of a row these are a value that takes more than a packet.
            if kind >= _END and (kind == _ERROR or size < LONGEST):
                self._packets += 1
                self._read_end(buffer, place)
                return end
            if size < LONGEST:
                raise _out_of_order(buffer[place + 3], (self._packets + 1) & 0xFF)
            packet, end = _joined(buffer, place)
            if end < 0:
                return place
            rows.append(_read_long(packet, layout.columns))
            self._packets += len(packet) // LONGEST + 1
            place = end

    def _read_end(self, buffer: bytearray, place: int) -> None:
        """The packet behind the last row."""
        start = place + _HEADER
        if buffer[start] == _ERROR:
            self._refuse_whole(buffer, place, self._packets & 0xFF)
        self._is_over = True
        answer = self.answer
        answer.affected_rows = len(answer.rows or ())
        status = start + 3
        if not self._marks_columns and (buffer[start + 1] or buffer[start + 2]):
            # Lengths that are not one byte of nothing each.
            _, status = _length(buffer, start + 1)
            _, status = _length(buffer, status)
        self._take_status(buffer[status] | buffer[status + 1] << 8)

    def _read_ok(self, packet: bytearray) -> None:
        self._is_over = True
        answer = self.answer
        answer.affected_rows, place = _length(packet, 1)
        answer.insert_id, place = _length(packet, place)
        answer.message = bytes(packet[place + 4 :])
        self._take_status(packet[place] | packet[place + 1] << 8)

    def _take_status(self, status: int) -> None:
        self.answer.server_status = status
        if status & _MORE_FOLLOWS:
            self.answer.has_next = True


def _out_of_order(number: int, expected: int) -> Any:
    """A packet has not the number that it should: the first, where the server says unasked that it closes the connection."""
    if number == 0:
        return server_lost()
    return InternalError(f"packet sequence number wrong: got {number}, expected {expected}")


def _end_of_packet(buffer: bytes | bytearray, place: int) -> int:
    """The place behind the packet that begins here; below 0 if not all of it has come."""
    if len(buffer) - place < _HEADER:
        return -1
    end = place + _HEADER + _size(buffer, place)
    return end if end <= len(buffer) else -1


def _size(buffer: bytes | bytearray, place: int) -> int:
    """The length of the packet whose header is here."""
    return buffer[place] | buffer[place + 1] << 8 | buffer[place + 2] << 16


def _joined(buffer: bytearray, place: int) -> tuple[bytearray, int]:
    """What several packets carry that are one, and the place behind them; below 0 if not all of it has come."""
    parts: list[bytearray] = []
    while True:
        end = _end_of_packet(buffer, place)
        if end < 0:
            return bytearray(), -1
        parts.append(buffer[place + _HEADER : end])
        if end - place - _HEADER < LONGEST:
            return bytearray().join(parts), end
        place = end


def _length(buffer: bytes | bytearray, place: int) -> tuple[int, int]:
    """A length-encoded number, and the place behind it."""
    first = buffer[place]
    return (first, place + 1) if first < _NULL else _long_length(first, buffer, place + 1)


def _long_length(first: int, buffer: bytes | bytearray, place: int) -> tuple[int, int]:
    end = place + (2 if first == 0xFC else 3 if first == 0xFD else 8)
    return int.from_bytes(buffer[place:end], "little"), end


# -- columns -----------------------------------------------------------------------------------------------------------
def _moment(text: str) -> Any:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return converters.convert_datetime(text)


def _day(text: str) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return converters.convert_date(text)


_TEXT: Column = (1, "utf8", None)
_BYTES: Column = (0, "", None)
_BY_TYPE: dict[int, Column] = {
    **dict.fromkeys(
        (
            FIELD_TYPE.TINY,
            FIELD_TYPE.SHORT,
            FIELD_TYPE.LONG,
            FIELD_TYPE.LONGLONG,
            FIELD_TYPE.INT24,
            FIELD_TYPE.YEAR,
        ),
        (0, "", int),
    ),
    **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE), (0, "", float)),
    **dict.fromkeys((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL), (2, "ascii", Decimal)),
    **dict.fromkeys((FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), (2, "ascii", _moment)),
    FIELD_TYPE.DATE: (2, "ascii", _day),
    FIELD_TYPE.TIME: (2, "ascii", converters.convert_timedelta),
}
"""How values are read; what is not here is text, or bytes where its character set is none of texts."""
_BYTES_OR_TEXT = frozenset(
    {
        FIELD_TYPE.BIT,
        FIELD_TYPE.BLOB,
        FIELD_TYPE.LONG_BLOB,
        FIELD_TYPE.MEDIUM_BLOB,
        FIELD_TYPE.STRING,
        FIELD_TYPE.TINY_BLOB,
        FIELD_TYPE.VAR_STRING,
        FIELD_TYPE.VARCHAR,
        FIELD_TYPE.GEOMETRY,
    }
)


def _described(packets: bytes, count: int) -> _Layout:
    """The layout that the packets of `count` columns describe."""
    names, columns = [], []
    place = 0
    for _ in range(count):
        end = _end_of_packet(packets, place)
        place += _HEADER
        # Of catalog, schema, table, its own name, the column's name and its own name in its table.
        texts = []
        for _ in range(6):
            size, place = _length(packets, place)
            texts.append(packets[place : place + size])
            place += size
        charset, type_ = int.from_bytes(packets[place + 1 : place + 3], "little"), packets[place + 7]
        names.append((texts[4].decode(),))
        is_binary = type_ in _BYTES_OR_TEXT and charset == _BINARY
        columns.append(_BY_TYPE.get(type_, _BYTES if is_binary else _TEXT))
        place = end
    return _Layout(tuple(names), tuple(columns))


def _read_long(packet: bytearray, columns: tuple[Column, ...]) -> Row:
    """A row of more than one packet, which the parser does not take."""
    values: list[Any] = []
    place = 0
    for kind, encoding, convert in columns:
        if packet[place] == _NULL:
            values.append(None)
            place += 1
            continue
        size, place = _length(packet, place)
        value: Any = bytes(packet[place : place + size])
        if kind:
            value = value.decode(encoding)
        values.append(value if convert is None else convert(value))
        place += size
    return tuple(values)
