"""Reading values of the syntax tree as strings, words, numbers: each reader reports what it does not find.

Imports only the syntax tree and the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from infra_gen.checks.report import Report
from infra_gen.schema.syntax import (
    ArrayValue,
    ConstantValue,
    FunctionValue,
    NumberValue,
    ObjectValue,
    StringValue,
    Value,
)

Read = TypeVar("Read")

_INTEGER = re.compile(r"([+-]?)0*(\d{1,19})\Z", re.ASCII)
"""Longer ones have more than 64 bits, and Python reads none of thousands of digits."""
_SMALLEST_INTEGER, _LARGEST_INTEGER = -(2**63), 2**63 - 1


def kind_of(value: Value) -> str:
    """What a value is, in the words of messages: `string`, `numeric`, `literal`, `functional`, `array`, `object`."""
    match value:
        case StringValue():
            return "string"
        case NumberValue():
            return "numeric"
        case ConstantValue():
            return "literal"
        case FunctionValue():
            return "functional"
        case ArrayValue():
            return "array"
        case ObjectValue():
            return "object"


def source_of(value: Value) -> str:
    """A value as the user wrote it."""
    return value.span.text


def mismatch(expected: str, value: Value, report: Report) -> None:
    """Report a value of the wrong kind."""
    report.error(f"Expected a {expected} value, but received {kind_of(value)} value `{source_of(value)}`.", value.span)


def string(value: Value, report: Report) -> str | None:
    """The text of a string, or None and an error."""
    if isinstance(value, StringValue):
        return value.value
    mismatch("string", value, report)
    return None


def word(value: Value, report: Report) -> str | None:
    """A bare word, or None and an error."""
    if isinstance(value, ConstantValue):
        return value.name
    mismatch("constant", value, report)
    return None


def boolean(value: Value, report: Report) -> bool | None:
    """`true` or `false`, or None and an error."""
    if isinstance(value, ConstantValue) and value.name in ("true", "false"):
        return value.name == "true"
    mismatch("boolean", value, report)
    return None


def as_integer(value: Value) -> int | None:
    """A whole number of 64 bits, or None."""
    if isinstance(value, NumberValue) and (digits := _INTEGER.match(value.text)):
        number = int(digits[1] + digits[2])
        return number if _SMALLEST_INTEGER <= number <= _LARGEST_INTEGER else None
    return None


def integer(value: Value, report: Report) -> int | None:
    """A whole number, or None and an error."""
    number = as_integer(value)
    if number is None:
        mismatch("numeric", value, report)
    return number


def items(value: Value) -> Sequence[Value]:
    """The items of a list; a single value stands for a list of one."""
    return value.items if isinstance(value, ArrayValue) else (value,)


def list_of(read: Callable[[Value, Report], Read | None], value: Value, report: Report) -> list[Read] | None:
    """All items read by `read`, or None when one of them (reported) could not be read."""
    found = [read(item, report) for item in items(value)]
    complete = [item for item in found if item is not None]
    return complete if len(complete) == len(found) else None
