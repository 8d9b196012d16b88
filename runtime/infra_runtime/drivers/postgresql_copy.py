"""COPY FROM STDIN, as one statement: what is said and heard, and the text that many rows travel as.

A bulk takes the server half as long so as in an INSERT, which reads a parameter for every value. But a COPY passes by what belongs to
INSERT alone: rules, policies, columns that are always generated. So a statement brings a guard along, a query that fails where any of that
is in play; both go in one message, and where it does not come to the COPY, whatever the reason, the answer is that nothing was done, so
that an INSERT does it or says what is wrong. Rows go piece by piece, so that the server takes in one while the next is written; whatever may be
wrong with a value is found before the first is sent. https://www.postgresql.org/docs/current/sql-copy.html. Imports psycopg and
`drivers.postgresql_values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from infra_runtime.drivers.postgresql_values import as_text

_COPY_IN = int(pq.ExecStatus.COPY_IN)
_READ, _READ_OR_WRITE = 1, 3
_AT_ONCE = 1 << 16
"""Bytes that are handed over before it is seen whether the server takes them."""
_PIECE = 1000
"""Rows that are written at a time."""
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copying(
    pgconn: PGconn, said: bytes, pieces: Iterable[bytes], stopped: Callable[[], bool]
) -> Generator[int, bool | None, tuple[bool, list[PGresult]]]:
    """Says what ends with a COPY and gives it its rows; answers whether it came to that, and what the server says then, or of why not.

    Yields what the socket is to be waited for, and is sent whether what had come was read. `stopped`: is the operation to end, wherever it is?
    """
    pgconn.send_query(said)
    results = yield from _results(pgconn)
    if not results or results[-1].status != _COPY_IN:
        return False, results
    for data in _parts(pieces):
        if stopped():
            break
        while not pgconn.put_copy_data(data):
            if not (yield _READ_OR_WRITE):
                pgconn.consume_input()
        yield from _flushed(pgconn)
    while not pgconn.put_copy_end(b"stopped" if stopped() else None):
        if not (yield _READ_OR_WRITE):
            pgconn.consume_input()
    results = yield from _results(pgconn)
    return True, results


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _AT_ONCE):
            yield piece[start : start + _AT_ONCE]


def _flushed(pgconn: PGconn) -> Generator[int, bool | None, None]:
    while pgconn.flush():
        if not (yield _READ_OR_WRITE):
            pgconn.consume_input()


def _results(pgconn: PGconn) -> Generator[int, bool | None, list[PGresult]]:
    """All that the server answers, up to where it waits for rows."""
    yield from _flushed(pgconn)
    results: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            if not (yield _READ):
                pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            return results
        results.append(result)
        if result.status == _COPY_IN:
            return results


# -- text --------------------------------------------------------------------------------------------------------------
def copy_texts(columns: Sequence[Sequence[Any]]) -> Iterator[bytes]:
    """Rows in COPY's text format, of the driver values of each column, in pieces that are written when they are asked for.

    Errors: at once, InputError for a type that is none, UnicodeEncodeError for a text that is none.
    """
    return _pieces([_written(column) for column in columns])


def _pieces(columns: Sequence[_Column]) -> Iterator[bytes]:
    for start in range(0, len(columns[0][0]), _PIECE):
        texts = [write(values[start : start + _PIECE]) for values, write in columns]
        rows = "\n".join(map("\t".join, zip(*texts, strict=True)))
        yield f"{rows}\n".encode()


_Column: TypeAlias = tuple[Sequence[Any], Callable[[Sequence[Any]], Sequence[str]]]
"""The values of a column, and what makes texts of some of them."""


def _written(column: Sequence[Any]) -> _Column:
    """How a column is written: by one function, where all values are of a type."""
    types = set(map(type, column))
    nullable = type(None) in types
    types.discard(type(None))
    text = _BY_TYPE.get(types.pop()) if len(types) == 1 else None
    if text is None:
        return ["\\N" if value is None else _text(value) for value in column], _as_they_are
    if text is _escaped:
        whole = "".join(filter(None, column))
        if not whole.isascii():
            whole.encode()
        if not _SPECIAL.search(whole):
            return column, _or_null if nullable else _as_they_are
    if nullable:
        return column, lambda values: ["\\N" if value is None else text(value) for value in values]
    return column, lambda values: list(map(text, values))


def _as_they_are(values: Sequence[Any]) -> Sequence[str]:
    return values


def _or_null(values: Sequence[Any]) -> Sequence[str]:
    return ["\\N" if value is None else value for value in values]


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES)


def _text(value: Any) -> str:
    return _escaped(as_text(value).decode())


_BY_TYPE: dict[type, Callable[[Any], str]] = {
    str: _escaped,
    int: str,
    bool: {True: "t", False: "f"}.__getitem__,
    float: repr,
    Decimal: str,
    datetime: datetime.isoformat,
}
"""Types that are written without a detour; a text with a NUL in it is one that no codec lets pass."""
