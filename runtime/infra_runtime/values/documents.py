"""Json: Python values of JSON, their text for the database, and the null markers. Imports `errors`, `values.nulls`, `values.numbers`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from infra_runtime.errors import InputError
from infra_runtime.values.nulls import DbNull, JsonNull, NullMarker
from infra_runtime.values.numbers import INT64
from infra_runtime.values.refusals import brief, described


def _writer() -> Callable[[Any], str]:
    """Writes JSON as the library's encoder does, which makes the function that does it anew for each value: most of its time for small ones.

    What refers to itself is none of its matters, as such values nest too deep before.
    """
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    library: Any = json.encoder
    try:
        pieces = library.c_make_encoder(
            None, encoder.default, library.encode_basestring, None, ":", ",", False, False, False
        )
    except (AttributeError, TypeError):
        # A Python that has no such function, or another.
        return encoder.encode
    return lambda value: "".join(pieces(value, 0))


_TEXT = _writer()
_DECODER: Any = json.JSONDecoder()
_SCAN: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once
_DEEPEST = 128
"""Levels of nesting that every reader of JSON on the way takes, Prisma's among them."""


def encode_document(value: Any) -> str | None:
    """The JSON text of a value; None for the database's NULL."""
    if isinstance(value, NullMarker):
        if value is JsonNull:
            return "null"
        if value is DbNull:
            return None
        raise InputError("AnyNull stands for two nulls, so it can only be filtered by")
    return _checked_text(value)


def encode_document_without_nul(value: Any) -> str | None:
    """For PostgreSQL, whose jsonb cannot hold the character U+0000."""
    text = encode_document(value)
    if text is not None and "\\u0000" in text.replace("\\\\", ""):
        raise InputError("the JSON value holds the character U+0000, which PostgreSQL cannot store")
    return text


def encode_document_sqlite(value: Any) -> str | int | float | None:
    """As text, but for a number that stands alone.

    Prisma's column has numeric affinity: the text of a number would become one, by SQLite's own reading of its digits. So the number
    itself goes there, if it comes back equal.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value)
    return encode_document(value)


def _number(value: int | float) -> int | float:
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise InputError(f"{value} is no JSON value")
    if INT64[0] <= value <= INT64[1]:
        return int(value)
    raise InputError(
        f"{brief(value) or 'the number'} would not come back equal: SQLite keeps a whole number that stands alone in 64 bits"
    )


def decode_document(value: Any) -> Any:
    """The value of a JSON text; a number that SQLite's affinity made of one is itself, what a driver has decoded too."""
    if type(value) is str:
        try:
            document, end = _SCAN(value, 0)
        except StopIteration:
            return json.loads(value)
        # Blanks before or behind it, and errors, are for the library's own function, which takes three times as long.
        return document if end == len(value) else json.loads(value)
    return json.loads(value) if isinstance(value, (str, bytes)) else value


def _checked_text(value: Any) -> str:
    _check(value, _DEEPEST)
    try:
        text = _TEXT(value)
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        raise InputError("the JSON value holds a lone surrogate, which is no character") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"expected a JSON value: {error}") from None
    return text


def _check(value: Any, levels: int) -> None:
    """Refuses what Python would write as JSON but not read back the same, saying where it is."""
    check = _CHECKS.get(type(value))
    if check is not None:
        check(value, levels)
    elif isinstance(value, dict):
        _check_object(value, levels)
    elif isinstance(value, list):
        _check_array(value, levels)
    elif value is not None and not isinstance(value, (str, int, float)):
        raise InputError(f"expected a JSON value, got {described(value)}")


def _check_object(value: Mapping[Any, Any], levels: int) -> None:
    for key, item in value.items():
        if not isinstance(key, str):
            raise InputError(f"a JSON object's keys are text, got {described(key)}")
        if levels == 0 or type(item) not in _LEAVES:
            _check_item(key, item, levels)


def _check_array(value: Any, levels: int) -> None:
    for index, item in enumerate(value):
        if levels == 0 or type(item) not in _LEAVES:
            _check_item(index, item, levels)


def _check_item(place: str | int, item: Any, levels: int) -> None:
    try:
        if levels == 0:
            raise InputError(f"the JSON value is nested more than {_DEEPEST} levels deep")
        _check(item, levels - 1)
    except InputError as error:
        raise error.under(place) from None


def _check_float(value: float, levels: int) -> None:
    if not math.isfinite(value):
        raise InputError(f"{value} is no JSON value")


_LEAVES = frozenset({str, int, bool, type(None)})
"""Types whose values always are JSON values."""

_CHECKS: dict[type, Callable[[Any, int], None]] = {
    dict: _check_object,
    list: _check_array,
    tuple: _check_array,
    float: _check_float,
}
