"""Statements as MySQL and MariaDB get them: bytes with the values in them, as both drivers' libraries speak the text protocol.

A value becomes a literal by its type alone; the server's mode decides how a text is quoted. Imports nothing of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

Literal = Callable[[Any], str]


def statement_text(sql: str, values: Sequence[Any], backslashes: bool) -> bytes:
    """`sql`, whose placeholders are `%s` (and its own percent signs `%%`), with `values` in it.

    A list becomes what IN takes. Whole numbers and texts in which nothing is escaped, as most values are, cost no call. Arguments: `backslashes`, is the
    backslash an escape character in the server's mode? Errors: TypeError for a value of a type that has no literal, ValueError for one that has
    none itself; UnicodeEncodeError for a text with a lone surrogate.
    """
    literals = LITERALS if backslashes else LITERALS_WITHOUT_BACKSLASHES
    try:
        # What most values are is told in place: a call for each would take twice as long.
        texts = [
            (
                value
                if (kind := type(value)) is int
                else f"'{value}'" if kind is str and "'" not in value and "\\" not in value else literals[kind](value)
            )
            for value in values
        ]
    except KeyError as error:
        if error.args[0] is not bytes:
            raise TypeError(f"a value of type {error.args[0].__name__} cannot go to MySQL") from None
        return sql.encode() % tuple([_with_bytes(value, literals) for value in values])
    return (sql % tuple(texts)).encode()


def _with_bytes(value: Any, literals: Mapping[type, Literal]) -> bytes:
    """The literal of any value, where some are bytes: these are no text in any encoding."""
    if type(value) is list:
        return b"(" + b",".join([_with_bytes(item, literals) for item in value]) + b")"
    if type(value) is not bytes:
        return literals[type(value)](value).encode()
    escaped = value.replace(b"\\", b"\\\\") if literals is LITERALS else value
    return b"_binary'" + escaped.replace(b"'", b"''") + b"'"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _quoted_without_backslashes(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _float(value: float) -> str:
    """The shortest text that means the same number; with an exponent, or the server would take it for a decimal."""
    if not isfinite(value):
        raise ValueError(f"{value} is no number that MySQL knows")
    text = repr(value)
    return text if "e" in text else f"{text}e0"


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no number that MySQL knows")
    return f"{value:f}"


def _moment(value: datetime) -> str:
    return f"'{value.replace(tzinfo=None).isoformat(' ')}'"


def _time(value: time) -> str:
    return f"'{value.replace(tzinfo=None).isoformat()}'"


def _literals(quoted: Literal) -> dict[type, Literal]:
    def listed(values: list[Any]) -> str:
        return f"({','.join([literals[type(value)](value) for value in values])})"

    literals: dict[type, Literal] = {
        type(None): lambda value: "NULL",
        bool: {True: "1", False: "0"}.__getitem__,
        int: str,
        float: _float,
        Decimal: _decimal,
        str: quoted,
        datetime: _moment,
        date: lambda value: f"'{value.isoformat()}'",
        time: _time,
        list: listed,
    }
    return literals


LITERALS = _literals(_quoted)
LITERALS_WITHOUT_BACKSLASHES = _literals(_quoted_without_backslashes)
"""For servers whose `sql_mode` has NO_BACKSLASH_ESCAPES."""
