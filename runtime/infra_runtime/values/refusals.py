"""How a value is refused: what was expected and what came, never showing text or bytes, which may be secret. Imports `errors`."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

from infra_runtime.errors import InputError

_SHOWN = (bool, int, float, decimal.Decimal, datetime.date, datetime.time)
_LONGEST = 60


def refused(expected: str, value: Any) -> InputError:
    """The error for a value of the wrong type or form."""
    return InputError(f"expected {expected}, got {described(value)}")


def described(value: Any) -> str:
    """A value's type, and the value itself where it is short and no text: `int 7`, `str`."""
    if value is None:
        return "None"
    if isinstance(value, _SHOWN) and (text := brief(value)):
        return f"{type(value).__name__} {text}"
    return type(value).__name__


def brief(value: object) -> str:
    """The value as text; empty where that would be long. Python itself refuses to write out thousands of digits."""
    if isinstance(value, int) and value.bit_length() > _LONGEST * 3:
        return ""
    text = str(value)
    return text if len(text) <= _LONGEST else ""
