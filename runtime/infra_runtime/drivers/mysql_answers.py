"""Answers of MySQL and MariaDB, read from the bytes that come on the socket (the text protocol's results).

PyMySQL asks its socket for each packet, describes an answer's columns anew for each answer, and looks up what to do for each value. Here
a piece of the socket is read at a time, columns that were described before are known by the bytes of their description, and rows are read
by a function that is written out for the types of their columns. What a value becomes is what it becomes in PyMySQL.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html. Imports PyMySQL's names of types, and no I/O.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pymysql import converters
from pymysql.constants import FIELD_TYPE

_HEADER = 4
"""Bytes before each packet: three for its length, one for its number."""
_LONGEST = 0xFFFFFF
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
ReadRow = Callable[[bytes, int], Row]
"""Reads the row that begins at a place of bytes."""


class OutOfOrder(Exception):
    """A packet has not the number that it should: `is_farewell`, one that the server sends unasked before it closes the connection."""

    def __init__(self, number: int, expected: int) -> None:
        super().__init__(f"packet sequence number wrong: got {number}, expected {expected}")
        self.is_farewell = number == 0


class Refusal(Exception):
    """The server answers with an error: `packet` is what it says."""

    def __init__(self, packet: bytes) -> None:
        super().__init__(packet)
        self.packet = packet


class Answer:
    """One answer to a statement. `rows` None: it has none, but says how many it touched."""

    __slots__ = ("affected_rows", "description", "has_next", "insert_id", "message", "rows", "server_status")

    def __init__(self) -> None:
        self.rows: list[Row] | None = None
        self.description: tuple[tuple[str], ...] | None = None
        self.affected_rows = 0
        self.insert_id = 0
        self.message = b""
        self.server_status = 0
        self.has_next = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is known of an answer's columns."""

    description: tuple[tuple[str], ...]
    read_row: ReadRow


class Reader:
    """Reads the answers to one command after the other, fed with what comes on the socket."""

    def __init__(self) -> None:
        self.answer = Answer()
        self._layouts: OrderedDict[bytes, _Layout] = OrderedDict()
        self._layout: _Layout | None = None
        """None: its first packet is still to come."""
        self._left: list[bytes] = []
        """What has come of packets that are not whole, and how much more it takes to go on."""
        self._missing = 0
        self._packets = 0
        """That the answers to the command had so far."""
        self._is_over = True

    def begin(self) -> None:
        """A command was sent: its answer is read next."""
        self._left, self._packets = [], 0
        self.follow()

    def follow(self) -> bool:
        """The next answer to the same command is read. Is it there already?"""
        self.answer, self._layout, self._is_over, self._missing = Answer(), None, False, 0
        return self.feed(b"")

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

    def feed(self, data: bytes) -> bool:
        """Takes what has come. Is the answer read to its end? Errors: Refusal, OutOfOrder."""
        if self._left:
            self._left.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return False
            data = b"".join(self._left)
        place = 0
        if self._layout is None:
            place = self._begin_answer(data)
        if self._layout is not None and not self._is_over:
            place = self._read_rows(data, place, self._layout)
        self._keep(data, place)
        return self._is_over

    def _keep(self, data: bytes, place: int) -> None:
        """Keeps what is left of `data`. A long packet is looked at again when all of it is there, not with each piece."""
        left = len(data) - place
        self._left = [data[place:]] if left else []
        whole = 0 if left < _HEADER else _HEADER + _size(data, place)
        self._missing = max(1, whole - left)

    def _begin_answer(self, buffer: bytes) -> int:
        """Reads the first packet, and the columns if it counts them: all of that or nothing. Answers the place behind it."""
        end = _end_of_packet(buffer, 0)
        if end < 0:
            return 0
        number, kind = buffer[3], buffer[_HEADER]
        if number != (self._packets + 1) & 0xFF:
            self._is_over = True
            raise OutOfOrder(number, (self._packets + 1) & 0xFF)
        if kind == _ERROR:
            self._is_over = True
            raise Refusal(buffer[_HEADER:end])
        if kind == _OK:
            self._packets += 1
            self._read_ok(buffer[_HEADER:end])
            return end
        if kind == _LOCAL_FILE:
            raise RuntimeError("the server asks for a local file, which it is not given")
        count, _ = _length(buffer, _HEADER)
        start = end
        for _ in range(count):
            end = _end_of_packet(buffer, end)
            if end < 0:
                return 0
        stop = _end_of_packet(buffer, end)
        if stop < 0:
            return 0
        self._layout = self._layout_of(buffer[start:end], count)
        self._packets += count + 2
        self.answer.rows, self.answer.description = [], self._layout.description
        return stop

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

    def _read_rows(self, buffer: bytes, place: int, layout: _Layout) -> int:
        """Reads the rows that have come whole; answers the place behind them."""
        rows = self.answer.rows
        assert rows is not None
        append, read_row, came, before = rows.append, layout.read_row, len(buffer), len(rows)
        while came - place > _HEADER:
            size = buffer[place] | buffer[place + 1] << 8 | buffer[place + 2] << 16
            end = place + _HEADER + size
            if end > came:
                break
            kind = buffer[place + _HEADER]
            if kind >= _END and (kind == _ERROR or size < 9):
                self._packets += len(rows) - before + 1
                self._read_end(buffer, place, end)
                return end
            if size == _LONGEST:
                packet, end = _joined(buffer, place)
                if end < 0:
                    break
                append(read_row(packet, 0))
                self._packets += packet_count(len(packet)) - 1
            else:
                append(read_row(buffer, place + _HEADER))
            place = end
        self._packets += len(rows) - before
        return place

    def _read_end(self, buffer: bytes, place: int, end: int) -> None:
        """The packet behind the last row."""
        self._is_over = True
        start = place + _HEADER
        if buffer[start] == _ERROR:
            if buffer[place + 3] != self._packets & 0xFF:
                raise OutOfOrder(buffer[place + 3], self._packets & 0xFF)
            raise Refusal(buffer[start:end])
        answer = self.answer
        answer.affected_rows = len(answer.rows or ())
        self._take_status(int.from_bytes(buffer[start + 3 : start + 5], "little"))

    def _read_ok(self, packet: bytes) -> None:
        self._is_over = True
        answer = self.answer
        answer.affected_rows, place = _length(packet, 1)
        answer.insert_id, place = _length(packet, place)
        answer.message = packet[place + 4 :]
        self._take_status(int.from_bytes(packet[place : place + 2], "little"))

    def _take_status(self, status: int) -> None:
        self.answer.server_status = status
        self.answer.has_next = bool(status & _MORE_FOLLOWS)


def packet_count(length: int) -> int:
    """How many packets carry so many bytes."""
    return length // _LONGEST + 1


def _end_of_packet(buffer: bytes, place: int) -> int:
    """The place behind the packet that begins here; below 0 if not all of it has come."""
    if len(buffer) - place < _HEADER:
        return -1
    end = place + _HEADER + _size(buffer, place)
    return end if end <= len(buffer) else -1


def _size(buffer: bytes, place: int) -> int:
    """The length of the packet whose header is here."""
    return buffer[place] | buffer[place + 1] << 8 | buffer[place + 2] << 16


def _joined(buffer: bytes, place: int) -> tuple[bytes, int]:
    """What several packets carry that are one, and the place behind them; below 0 if not all of it has come."""
    parts: list[bytes] = []
    while True:
        end = _end_of_packet(buffer, place)
        if end < 0:
            return b"", -1
        parts.append(buffer[place + _HEADER : end])
        if end - place - _HEADER < _LONGEST:
            return b"".join(parts), end
        place = end


def _length(buffer: bytes, place: int) -> tuple[int, int]:
    """A length-encoded number, and the place behind it."""
    first = buffer[place]
    return (first, place + 1) if first < _NULL else _long_length(first, buffer, place + 1)


def _long_length(first: int, buffer: bytes, place: int) -> tuple[int, int]:
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


_TEXT, _BYTES = "{0}.decode()", "{0}"
_BY_TYPE: dict[int, str] = {
    **dict.fromkeys(
        (
            FIELD_TYPE.TINY,
            FIELD_TYPE.SHORT,
            FIELD_TYPE.LONG,
            FIELD_TYPE.LONGLONG,
            FIELD_TYPE.INT24,
            FIELD_TYPE.YEAR,
        ),
        "int({0})",
    ),
    **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE), "float({0})"),
    **dict.fromkeys((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL), "Decimal({0}.decode())"),
    **dict.fromkeys((FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), "moment({0}.decode())"),
    FIELD_TYPE.DATE: "day({0}.decode())",
    FIELD_TYPE.TIME: "time({0}.decode())",
}
"""Python of a value, given that of its bytes; what is not here is text, or bytes where its character set is none of texts."""
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
    names, values = [], []
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
        values.append(_BY_TYPE.get(type_, _BYTES if is_binary else _TEXT))
        place = end
    return _Layout(tuple(names), _row_reader(tuple(values)))


@lru_cache(LAYOUTS_KEPT)
def _row_reader(values: tuple[str, ...]) -> ReadRow:
    """The function that reads rows of columns with these values, which it goes through one after the other."""
    lines = ["def read_row(data, place):"]
    for column, value in enumerate(values):
        lines += [
            "    size = data[place]; place += 1",
            f"    if size == {_NULL}: c{column} = None",
            "    else:",
            f"        if size > {_NULL}: size, place = long_length(size, data, place)",
            "        end = place + size",
            f"        c{column} = {value.format('data[place:end]')}",
            "        place = end",
        ]
    lines.append(f"    return ({''.join(f'c{column}, ' for column in range(len(values)))})")
    names: dict[str, Any] = {
        "long_length": _long_length,
        "Decimal": Decimal,
        "moment": _moment,
        "day": _day,
        "time": converters.convert_timedelta,
    }
    exec("\n".join(lines), names)
    return names["read_row"]  # type: ignore[no-any-return]
