"""Statements as MySQL and MariaDB get them: bytes with the values in them, as both drivers' libraries speak the text protocol.

A value becomes a literal by its type alone; the server's mode decides how a text is quoted. Imports nothing of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

Literal = Callable[[Any], bytes]


def statement_text(sql: str, values: Sequence[Any], backslashes: bool) -> bytes:
    """`sql`, whose placeholders are `%s` (and its own percent signs `%%`), with `values` in it.

    A list becomes what IN takes. Arguments: `backslashes`, is the backslash an escape character in the server's mode? Errors: TypeError for a value of a type that
    has no literal, ValueError for one that has none itself; UnicodeEncodeError for a text with a lone surrogate.
    """
    text = sql.encode()
    literals = LITERALS if backslashes else LITERALS_WITHOUT_BACKSLASHES
    try:
        return text % tuple([literals[type(value)](value) for value in values])
    except KeyError as error:
        raise TypeError(f"a value of type {error.args[0].__name__} cannot go to MySQL") from None


def _quoted(text: bytes) -> bytes:
    return b"'" + text.replace(b"\\", b"\\\\").replace(b"'", b"''") + b"'"


def _quoted_without_backslashes(text: bytes) -> bytes:
    return b"'" + text.replace(b"'", b"''") + b"'"


def _number(value: float | int) -> bytes:
    return b"%d" % value


def _float(value: float) -> bytes:
    """The shortest text that means the same number; with an exponent, or the server would take it for a decimal."""
    if not isfinite(value):
        raise ValueError(f"{value} is no number that MySQL knows")
    text = repr(value)
    return (text if "e" in text else f"{text}e0").encode()


def _decimal(value: Decimal) -> bytes:
    if not value.is_finite():
        raise ValueError(f"{value} is no number that MySQL knows")
    return f"{value:f}".encode()


def _moment(value: datetime) -> bytes:
    return f"'{value.replace(tzinfo=None).isoformat(' ')}'".encode()


def _time(value: time) -> bytes:
    return f"'{value.replace(tzinfo=None).isoformat()}'".encode()


def _literals(quoted: Callable[[bytes], bytes]) -> dict[type, Literal]:
    def listed(values: list[Any]) -> bytes:
        return b"(" + b",".join([literals[type(value)](value) for value in values]) + b")"

    literals: dict[type, Literal] = {
        type(None): lambda value: b"NULL",
        bool: _number,
        int: _number,
        float: _float,
        Decimal: _decimal,
        str: lambda value: quoted(value.encode()),
        bytes: lambda value: b"_binary" + quoted(value),
        datetime: _moment,
        date: lambda value: f"'{value.isoformat()}'".encode(),
        time: _time,
        list: listed,
    }
    return literals


LITERALS = _literals(_quoted)
LITERALS_WITHOUT_BACKSLASHES = _literals(_quoted_without_backslashes)
"""For servers whose `sql_mode` has NO_BACKSLASH_ESCAPES."""
