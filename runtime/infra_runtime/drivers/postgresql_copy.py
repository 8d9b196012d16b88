"""COPY FROM STDIN, as one statement: what is said and heard, and the text that many rows travel as.

A bulk takes the server half as long so as in an INSERT, which reads a parameter for every value. But a COPY passes by what belongs to
INSERT alone: rules, policies, columns that are always generated. So a statement brings a guard along, a query that fails where any of that
is in play; both go in one message, and where it does not come to the COPY, whatever the reason, the answer is that nothing was done, so
that an INSERT does it or says what is wrong. https://www.postgresql.org/docs/current/sql-copy.html. Imports psycopg and
`drivers.postgresql_values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from infra_runtime.drivers.postgresql_values import as_text

_COPY_IN = int(pq.ExecStatus.COPY_IN)
_READ, _READ_OR_WRITE = 1, 3
_AT_ONCE = 1 << 16
"""Bytes that are handed over before it is seen whether the server takes them."""
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copying(
    pgconn: PGconn, said: bytes, data: bytes, stopped: Callable[[], bool]
) -> Generator[int, bool | None, tuple[bool, list[PGresult]]]:
    """Says what ends with a COPY and gives it its rows; answers whether it came to that, and what the server says then, or of why not.

    Yields what the socket is to be waited for, and is sent whether what had come was read. `stopped`: is the operation to end, wherever it is?
    """
    pgconn.send_query(said)
    results = yield from _results(pgconn)
    if not results or results[-1].status != _COPY_IN:
        return False, results
    for start in range(0, len(data), _AT_ONCE):
        if stopped():
            break
        while not pgconn.put_copy_data(data[start : start + _AT_ONCE]):
            if not (yield _READ_OR_WRITE):
                pgconn.consume_input()
        yield from _flushed(pgconn)
    while not pgconn.put_copy_end(b"stopped" if stopped() else None):
        if not (yield _READ_OR_WRITE):
            pgconn.consume_input()
    results = yield from _results(pgconn)
    return True, results


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
def copy_text(columns: Sequence[Sequence[Any]]) -> bytes:
    """Rows in COPY's text format, of the driver values of each column. Errors: InputError for a type that is none."""
    rows = "\n".join(map("\t".join, zip(*map(_texts, columns), strict=True)))
    return f"{rows}\n".encode()


def _texts(column: Sequence[Any]) -> Sequence[str]:
    """The texts of a column's values: at once, where all are of a type."""
    types = set(map(type, column))
    nullable = type(None) in types
    types.discard(type(None))
    text = _BY_TYPE.get(types.pop(), _text) if len(types) == 1 else _text
    if nullable:
        return ["\\N" if value is None else text(value) for value in column]
    if text is _escaped:
        return column if not _SPECIAL.search("".join(column)) else list(map(text, column))
    return list(map(text, column))


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
