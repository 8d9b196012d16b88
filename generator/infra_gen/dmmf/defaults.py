"""Defaults as the DMMF writes them: the value that Prisma's parser holds, which is not always the text of the schema.

Imports the IR and the DMMF's form. Source: what Prisma's parser prints.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from infra_gen import ir
from infra_gen.dmmf.document import Function, Value

VERSIONS_IN_FORCE = {"cuid": 1, "uuid": 4}
"""What a generator of ids makes when the schema says no version."""

_DATE_TIME = re.compile(r"(.{10}).(.{8})(?:\.(\d+))?(?:([-+\u2212])(.{5})|[Zz])", re.ASCII)


def default_value(field: ir.ScalarField) -> Value | list[Value] | Function | None:
    """A field's default; None where it has none."""
    match field.default:
        case None:
            return None
        case ir.FunctionDefault(name=name, arguments=arguments):
            version = VERSIONS_IN_FORCE.get(name)
            return Function(name=name, args=list(arguments) if arguments or version is None else [version])
        case ir.LiteralDefault(value=values) if field.is_list:
            return [_literal(field.type, value) for value in values]
        case ir.LiteralDefault(value=value):
            return _literal(field.type, value)


def _literal(type_: str, value: Any) -> Value:
    match type_:
        case "BigInt":
            return str(value)
        case "Float" | "Decimal":
            return _number(str(value))
        case "DateTime":
            return _date_time(value)
        case _:
            plain: Value = value
            return plain


def _number(text: str) -> Value:
    """A number as Prisma computes it: its digits times a power of ten, both binary, so that `0.3` is 0.30000000000000004.

    A whole one is written without fraction or exponent up to 10²¹, as JavaScript does. One that no float holds stays
    text (Prisma ends on it).
    """
    sign, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int), "the checks allow only finite numbers"
    number = float("".join(map(str, digits))) * _power_of_ten(exponent)
    if not math.isfinite(number):
        return text
    number = -number if sign else number
    return int(Decimal(repr(number))) if number.is_integer() and abs(number) < 1e21 else number


def _power_of_ten(exponent: int) -> float:
    """10 to a whole power, by squaring: rounded where that rounds."""
    power, square, left = 1.0, 10.0, abs(exponent)
    while True:
        if left & 1:
            power *= square
        left >>= 1
        if not left:
            return 1.0 / power if exponent < 0 else power
        square *= square


def _date_time(text: str) -> str:
    """RFC 3339 in one form of its many: `T`, three, six or nine digits of a fraction that is not zero, an offset as `+00:00`."""
    parts = _DATE_TIME.fullmatch(text)
    assert parts, "the checks allow only RFC 3339"
    date, time, fraction, sign, offset = parts.groups()
    nanoseconds = (fraction or "").ljust(9, "0")[:9]
    while nanoseconds.endswith("000"):
        nanoseconds = nanoseconds[:-3]
    offset = offset or "00:00"
    sign = "-" if sign in ("-", "\u2212") and offset != "00:00" else "+"
    return f"{date}T{time}{'.' if nanoseconds else ''}{nanoseconds}{sign}{offset}"
