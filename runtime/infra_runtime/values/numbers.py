"""Int, BigInt, Float and Decimal. No Decimal ever passes through a float whose value differs from it. Imports `errors` and `values.refusals`."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation
from typing import Any, NamedTuple

from infra_runtime.errors import InputError
from infra_runtime.values.refusals import brief, refused

INT64 = (-(2**63), 2**63 - 1)
SURE_DIGITS = 15
"""Digits that a float of 64 bits always gives back."""
EXACT = Context(prec=2000)
"""Wide enough for every decimal that a database holds; the default context would round to 28 digits."""
ONE = Decimal(1)


class Range(NamedTuple):
    """The whole numbers that a column of some kind holds."""

    kind: str
    low: int
    high: int


def integer(range_: Range) -> Callable[[Any], int]:
    """The encoder of whole numbers within a range. A bool is none."""
    kind, low, high = range_

    def encode(value: Any) -> int:
        number = value if type(value) is int else _as_integer(value)
        if low <= number <= high:
            return number
        raise InputError(f"{brief(number) or 'the number'} does not fit {kind}, which holds {low} to {high}")

    return encode


def _as_integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise refused("int", value)


def signed(kind: str, bits: int) -> Range:
    return Range(kind, -(1 << bits - 1), (1 << bits - 1) - 1)


def unsigned(kind: str, bits: int) -> Range:
    return Range(kind, 0, (1 << bits) - 1)


def parse_integer(value: Any) -> Any:
    """The whole number that a JSON number or text stands for."""
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise refused("a whole number", value) from None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def encode_float(value: Any) -> float:
    """A finite float; a whole number where a float can hold it."""
    if type(value) is not float:
        value = _as_float(value)
    if math.isfinite(value):
        return float(value)
    raise InputError(f"{value} is no finite number")


def encode_any_float(value: Any) -> float:
    """For PostgreSQL, whose floating point columns hold NaN and the infinities."""
    return value if type(value) is float else _as_float(value)


def _as_float(value: Any) -> float:
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if number == value:
            return number
        raise InputError(
            f"{brief(value) or 'the number'} would not come back equal from a 64-bit floating point number"
        )
    raise refused("float", value)


def parse_float(value: Any) -> Any:
    """JSON has no NaN and no infinities: they stand as text."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise refused("a number", value) from None
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise InputError(f"{brief(value) or 'the number'} is too large for a floating point number") from None
    return value


def float_json(value: float) -> float | str:
    return value if math.isfinite(value) else repr(value)


SMALLEST_NORMAL_SINGLE = 2.0**-126
"""Below it 32-bit floats have fewer digits, so that six may be more than it takes."""


def decode_single(value: Any) -> float:
    """A 32-bit float, as the shortest decimal that means it: 0.1, not 0.10000000149011612."""
    number = float(value)
    if not math.isfinite(number):
        return number
    for digits in range(1 if abs(number) < SMALLEST_NORMAL_SINGLE else 6, 10):
        shortest = float(f"{number:.{digits}g}")
        if struct.pack("f", shortest) == struct.pack("f", number):
            return shortest
    return number


def encode_decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        if value.is_finite():
            return value
        raise InputError(f"{value} is no finite number")
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        raise InputError("expected Decimal, got a float, which may not hold the number that was meant: Decimal('0.1')")
    raise refused("Decimal", value)


def encode_decimal_sqlite(value: Any) -> int | float:
    """As the number that SQLite will keep: the column's affinity is numeric, so 64-bit integers and floats are all there is."""
    number = encode_decimal(value)
    text = str(number)
    if len(text) <= SURE_DIGITS + 1 and "." in text and "E" not in text:
        real = float(number)
        return int(real) if real.is_integer() else real
    # Only digits decide whether it is whole: to_integral_value() of 1E+999999 would write all of them out.
    if number.adjusted() < 19 and number == number.to_integral_value() and INT64[0] <= number <= INT64[1]:
        return int(number)
    real = float(number)
    if math.isfinite(real) and Decimal(repr(real)) == number:
        return real
    raise InputError(
        f"{brief(number) or 'the number'} would not come back equal: SQLite keeps decimals as 64-bit floating point numbers, "
        "so 15 digits are sure"
    )


def parse_decimal(value: Any) -> Any:
    """The Decimal of a text or a JSON number: a float stands for its shortest text."""
    if isinstance(value, (str, float)):
        try:
            return Decimal(value if isinstance(value, str) else repr(value))
        except InvalidOperation:
            raise refused("a decimal number", value) from None
    return value


def decode_decimal(value: Any) -> Decimal:
    """Without the zeros that the column's scale adds: 1.50000 is 1.5, as Prisma answers it."""
    if type(value) is int:
        return Decimal(value)
    if isinstance(value, float):
        number = Decimal(repr(value))
        if not value.is_integer():
            # The shortest text of a float ends in no zero.
            return number
    else:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
        if not number.is_finite():
            return number
    # What normalizing answers, for most numbers without writing their digits out.
    whole = number.to_integral_value()
    if whole != number:
        return number.normalize(EXACT)
    if whole.same_quantum(ONE):
        return whole
    plain = number.normalize(EXACT)
    return plain.quantize(ONE, context=EXACT) if 0 < int(plain.as_tuple().exponent) < 1000 else plain


def decode_money(value: Any) -> Decimal:
    """PostgreSQL's money comes as text in the server's currency: `$1,234.50`."""
    if isinstance(value, str):
        negative = value.startswith(("-", "("))
        digits = "".join(character for character in value if character in "0123456789.")
        return decode_decimal(Decimal(f"-{digits}" if negative else digits))
    return decode_decimal(value)
