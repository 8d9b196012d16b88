"""Answers of MySQL are the same in whatever pieces they come, and are read as PyMySQL reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pymysql
import pytest
from asyncmy.protocol import parse_rows_from_buffer
from hypothesis import given
from hypothesis import strategies as st
from pymysql.constants import FIELD_TYPE

from infra_runtime.drivers.mysql import PymysqlWire
from infra_runtime.drivers.mysql_answers import Reader
from infra_runtime.urls import parse_url
from tests.conftest import connect_mysql

LONGEST = 0xFFFFFF
UTF8, BINARY = 45, 63


def packets(contents: Iterable[bytes], first: int = 1) -> bytes:
    """Contents as they go over the wire, those that are too long for a packet in several."""
    sent, number = b"", first
    for content in contents:
        while True:
            part, content = content[:LONGEST], content[LONGEST:]
            sent += len(part).to_bytes(3, "little") + bytes([number & 0xFF]) + part
            number += 1
            if len(part) < LONGEST:
                break
    return sent


def number(value: int) -> bytes:
    if value < 0xFB:
        return bytes([value])
    if value < 1 << 16:
        return b"\xfc" + value.to_bytes(2, "little")
    if value < 1 << 24:
        return b"\xfd" + value.to_bytes(3, "little")
    return b"\xfe" + value.to_bytes(8, "little")


def text(value: bytes) -> bytes:
    return number(len(value)) + value


def column(name: str, type_: int, charset: int = UTF8) -> bytes:
    named = b"".join(map(text, (b"def", b"", b"t", b"t", name.encode(), name.encode())))
    return named + b"\x0c" + charset.to_bytes(2, "little") + bytes(4) + bytes([type_]) + bytes(5)


def row(values: Sequence[bytes | None]) -> bytes:
    return b"".join(b"\xfb" if value is None else text(value) for value in values)


def end(status: int = 2) -> bytes:
    return b"\xfe" + bytes(2) + status.to_bytes(2, "little")


def ok(touched: int, made: int = 0, status: int = 2, message: bytes = b"") -> bytes:
    return b"\x00" + number(touched) + number(made) + status.to_bytes(2, "little") + bytes(2) + message


ERROR = b"\xff" + (1064).to_bytes(2, "little") + b"#42000wrong"
COLUMNS = (column("id", FIELD_TYPE.LONG), column("name", FIELD_TYPE.VAR_STRING), column("raw", FIELD_TYPE.BLOB, BINARY))


def table(rows: Sequence[Sequence[bytes | None]], status: int = 2) -> list[bytes]:
    return [number(len(COLUMNS)), *COLUMNS, end(), *map(row, rows), end(status)]


def table_with_ok(rows: Sequence[Sequence[bytes | None]], status: int = 2) -> list[bytes]:
    """The same to a client that has agreed to CLIENT_DEPRECATE_EOF."""
    return [number(len(COLUMNS)), *COLUMNS, *map(row, rows), b"\xfe" + ok(0, 0, status)[1:]]


TABLES = {"EOF": (True, table), "OK": (False, table_with_ok)}


def read(sent: bytes, cuts: Iterable[int] = (), *, marks_columns: bool = True) -> Reader:
    reader = Reader(marks_columns=marks_columns)
    reader.begin(1)
    places = [0, *sorted(cuts), len(sent)]
    for start, stop in pairwise(places):
        assert not reader.is_over
        reader.feed(bytearray(sent[start:stop]))
    return reader


ROWS: list[Sequence[bytes | None]] = [
    (b"1", "Ä".encode(), b"\x00\xff"),
    (b"-2", None, None),
    (None, b"x" * 300, b"y" * 70000),
    (b"4", b"", b""),
]


@given(st.sampled_from(list(TABLES)), st.lists(st.integers(1, 200) | st.integers(70000, 71000), max_size=6))
def test_rows_are_the_same_in_whatever_pieces_they_come(ends: str, cuts: list[int]) -> None:
    marks_columns, made = TABLES[ends]
    sent = packets(made(ROWS))
    reader = read(sent, [cut for cut in cuts if cut < len(sent)], marks_columns=marks_columns)
    assert reader.is_over
    assert reader.answer.rows == [
        (1, "Ä", b"\x00\xff"),
        (-2, None, None),
        (None, "x" * 300, b"y" * 70000),
        (4, "", b""),
    ]
    assert [name for (name,) in reader.answer.description or ()] == ["id", "name", "raw"]
    assert (reader.answer.affected_rows, reader.answer.has_next, reader.answer.server_status) == (4, False, 2)


@pytest.mark.parametrize("ends", TABLES)
def test_a_value_longer_than_a_packet_goes_on_in_the_next(ends: str) -> None:
    marks_columns, made = TABLES[ends]
    for size in (LONGEST - 20, LONGEST, 2 * LONGEST + 5):
        rows = [(b"1", b"a", b"z" * size), (b"2", b"b", b"")]
        sent = packets(made(rows))
        reader = Reader(marks_columns=marks_columns)
        reader.begin(1)
        for start in range(0, len(sent), 1 << 20):
            reader.feed(bytearray(sent[start : start + (1 << 20)]))
        assert reader.is_over
        assert [len(raw) for _, _, raw in reader.answer.rows or ()] == [size, 0]


@pytest.mark.parametrize("ends", TABLES)
def test_a_row_that_begins_with_a_value_longer_than_a_packet_is_no_end(ends: str) -> None:
    marks_columns, made = TABLES[ends]
    sent = packets(made([(b"z" * (LONGEST + 9), None, None), (b"a", b"b", None)])).replace(
        COLUMNS[0], column("id", FIELD_TYPE.VAR_STRING)
    )
    reader = read(sent, marks_columns=marks_columns)
    assert [len(first) for first, _, _ in reader.answer.rows or ()] == [LONGEST + 9, 1]


def test_the_answer_to_a_command_of_several_packets_goes_on_with_their_numbers() -> None:
    for size, numbered in ((LONGEST - 1, 1), (LONGEST, 2), (3 * LONGEST + 7, 4)):
        reader = Reader()
        reader.begin(size)
        assert reader.feed(bytearray(packets([ok(1)], first=numbered)))


def test_what_touches_rows_says_how_many() -> None:
    answer = read(packets([ok(300, 7, 3, b"Rows matched: 300")])).answer
    assert (answer.rows, answer.description, answer.affected_rows, answer.insert_id) == (None, None, 300, 7)
    assert (answer.message, answer.server_status, answer.has_next) == (b"Rows matched: 300", 3, False)


def test_one_answer_may_follow_another() -> None:
    first, second = table(ROWS[:1], status=10), [ok(1)]
    sent = packets([*first, *second])
    reader = read(sent)
    assert (len(reader.answer.rows or ()), reader.answer.has_next) == (1, True)
    assert reader.follow()
    assert (reader.answer.rows, reader.answer.affected_rows, reader.answer.has_next) == (None, 1, False)


def test_an_error_may_come_before_all_of_a_command_is_read() -> None:
    for numbered in (1, 2, 3):
        reader = Reader()
        reader.begin(2 * LONGEST + 5)
        with pytest.raises(pymysql.ProgrammingError):
            reader.feed(bytearray(packets([ERROR], first=numbered)))
        assert reader.is_over


@pytest.mark.parametrize("before", [[], table(ROWS)[:-1]], ids=["at once", "among rows"])
def test_an_error_is_raised_where_it_comes_and_ends_the_answer(before: list[bytes]) -> None:
    reader = Reader()
    reader.begin(1)
    with pytest.raises(pymysql.ProgrammingError) as raised:
        reader.feed(bytearray(packets([*before, ERROR]) + b"\x01"))
    assert raised.value.args == (1064, "wrong")
    assert reader.is_over
    # What comes behind it is not taken for the next answer.
    reader.begin(1)
    assert reader.feed(bytearray(packets([ok(1)])))


FAREWELL = packets([ERROR], first=0)
AMONG_COLUMNS = packets([number(len(COLUMNS)), *COLUMNS[:2]])


def test_an_error_among_the_columns_ends_the_answer() -> None:
    reader = Reader()
    reader.begin(1)
    with pytest.raises(pymysql.ProgrammingError):
        reader.feed(bytearray(AMONG_COLUMNS + packets([ERROR], first=4)))
    assert reader.is_over


@pytest.mark.parametrize(
    "sent",
    [FAREWELL, AMONG_COLUMNS + FAREWELL, packets(table(ROWS)[:-1]) + FAREWELL],
    ids=["at once", "among columns", "among rows"],
)
def test_a_word_that_nobody_asked_for_is_the_servers_farewell(sent: bytes) -> None:
    reader = Reader()
    reader.begin(1)
    with pytest.raises(pymysql.OperationalError, match="Lost connection"):
        reader.feed(bytearray(sent))
    assert not reader.is_over


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (packets([ok(1)], first=5), pymysql.InternalError),
        (packets(table(ROWS)[:-1]) + packets([row(ROWS[0])], first=77), pymysql.InternalError),
        (packets([b"\xfb/etc/passwd"]), RuntimeError),
    ],
    ids=["out of order", "a row out of order", "a file is asked for"],
)
def test_nothing_can_be_read_after_what_is_no_answer(sent: bytes, error: type[Exception]) -> None:
    reader = Reader()
    reader.begin(1)
    with pytest.raises(error):
        reader.feed(bytearray(sent))
    assert not reader.is_over


VALUES = {
    "TRUE": 1,
    "CAST(-5 AS SIGNED)": -5,
    "18446744073709551615": 18446744073709551615,
    "1.5e0": 1.5,
    "CAST(1.50 AS DECIMAL(9, 2))": Decimal("1.50"),
    "CAST('2024-02-29' AS DATE)": date(2024, 2, 29),
    "CAST('2024-02-29 03:04:05.678' AS DATETIME(3))": datetime(2024, 2, 29, 3, 4, 5, 678000),
    "CAST('2024-02-29 03:04:05' AS DATETIME)": datetime(2024, 2, 29, 3, 4, 5),
    "CAST('-25:06:17.5' AS TIME(1))": timedelta(hours=-25, minutes=-6, seconds=-17.5),
    "'Ädä'": "Ädä",
    "''": "",
    "_binary'\\0x'": b"\0x",
    "b'101'": b"\x05",
    "CAST('{\"a\": 1}' AS CHAR)": '{"a": 1}',
    "REPEAT('x', 251)": "x" * 251,
    "REPEAT('x', 70000)": "x" * 70000,
    "NULL": None,
}


@pytest.fixture
def wire(mysql_url: str) -> Any:
    made = PymysqlWire(parse_url(mysql_url), None)
    yield made
    made.close()


@pytest.mark.parametrize("expression", VALUES)
def test_a_value_is_what_pymysql_makes_of_it(wire: PymysqlWire, mysql_url: str, expression: str) -> None:
    sql = f"SELECT {expression} AS value"
    wire.query(sql.encode())
    [(value,)] = wire.result.rows or []
    with connect_mysql(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        [(theirs,)] = cursor.fetchall()
    assert (type(value), value) == (type(theirs), theirs) == (type(VALUES[expression]), VALUES[expression])


def test_moments_that_are_none_come_as_text(wire: PymysqlWire) -> None:
    wire.query(b"SET SESSION sql_mode = ''")
    wire.query(b"SELECT CAST('0000-00-00 00:00:00' AS DATETIME) AS a, CAST('0000-00-00' AS DATE) AS b")
    assert wire.result.rows == [("0000-00-00 00:00:00", "0000-00-00")]


def test_rows_that_are_asked_for_by_and_by_all_come(wire: PymysqlWire) -> None:
    digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)"
    source = ", ".join(f"{digits} AS {name}" for name in "abcd")
    rows = wire.open(f"SELECT a.d, REPEAT('x', 500) FROM {source}".encode())
    fetched = [len(rows.fetch(100)) for _ in range(8)]
    assert fetched == [100, 100, 100, 100, 100, 100, 25, 0]
    rows = wire.open(f"SELECT a.d, REPEAT('x', 500) FROM {source}".encode())
    assert len(rows.fetch(100)) == 100
    rows.finish()
    wire.query(b"SELECT 1")
    assert wire.result.rows == [(1,)]


def test_an_error_is_the_librarys(wire: PymysqlWire) -> None:
    with pytest.raises(pymysql.ProgrammingError):
        wire.query(b"SELEKT 1")
    wire.query(b"SELECT 1")
    assert wire.result.rows == [(1,)]


def test_the_parser_leaves_what_is_no_whole_row_of_one_packet() -> None:
    """asyncmy's, which it does not make public."""
    sent = bytearray(
        packets([row([b"1", b"red"]), row([b"2", None]), row([b"3", b"blue"])]) + packets([end()], first=4)
    )
    rows: list[Any] = []
    columns = ((0, "", int), (1, "utf8", None))
    whole = len(packets([row([b"1", b"red"]), row([b"2", None])]))
    assert parse_rows_from_buffer(sent, 0, whole + 5, columns, 1, rows, False) == (whole, 3)
    assert parse_rows_from_buffer(sent, whole, len(sent), columns, 3, rows, True) == (len(sent) - 9, 4)
    assert rows == [(1, "red"), (2, None), (3, "blue")]
