"""The native types (`@db.VarChar(40)`) of each database: what they may stand for and which arguments they take.

Imports nothing of the toolkit. Source: Prisma's reference of the schema language, "Native type mapping".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Numbers: TypeAlias = tuple[int, ...]
RangeRule: TypeAlias = Callable[[Numbers, str], str | None]
"""Arguments and the field's Prisma type → what is wrong with them, or None."""

_NUMBER = re.compile(r"\+?0*(\d{1,10})\Z", re.ASCII)
_LARGEST_NUMBER = 2**32 - 1


@dataclass(frozen=True)
class NativeType:
    """One type of a database."""

    name: str
    prisma_types: tuple[str, ...]
    required: int = 0
    """How many arguments must be given."""
    optional: int = 0
    """How many arguments may be given: all of them or none."""
    out_of_range: RangeRule | None = None

    def numbers(self, arguments: Sequence[str]) -> Numbers | None:
        """The arguments as numbers, or None when they are not what the type takes."""
        takes = self.required or self.optional
        if not takes or (not arguments and self.optional):
            return ()
        if len(arguments) != takes:
            return None
        numbers = [int(digits[1]) for text in arguments if (digits := _NUMBER.match(text))]
        return tuple(numbers) if len(numbers) == takes and max(numbers) <= _LARGEST_NUMBER else None

    @property
    def takes(self) -> str:
        """What the arguments are, for messages."""
        return "two nonnegative integers" if (self.required or self.optional) == 2 else "a nonnegative integer"


def _at_most(limit: int) -> RangeRule:
    return lambda numbers, _: f"M can range from 0 to {limit:,}." if numbers and numbers[0] > limit else None


def _positive(numbers: Numbers, _: str) -> str | None:
    return "M must be a positive integer." if numbers == (0,) else None


def _postgresql_decimal(numbers: Numbers, _: str) -> str | None:
    if numbers and numbers[1] > numbers[0]:
        return "The scale must not be larger than the precision."
    if numbers and not 1 <= numbers[0] <= 1000:
        return "Precision must be positive with a maximum value of 1000."
    return None


def _mysql_decimal(numbers: Numbers, _: str) -> str | None:
    if not numbers:
        return None
    precision, scale = numbers
    if scale > precision:
        return "The scale must not be larger than the precision."
    if precision > 65:
        return "Precision can range from 1 to 65."
    return "Scale can range from 0 to 30." if scale > 30 else None


def _mysql_bit(numbers: Numbers, prisma_type: str) -> str | None:
    if not 1 <= numbers[0] <= 64:
        return "M can range from 1 to 64."
    return "Only Bit(1) can be used as Boolean." if prisma_type == "Boolean" and numbers[0] > 1 else None


def _by_name(*types: NativeType) -> Mapping[str, NativeType]:
    return {item.name: item for item in types}


POSTGRESQL: Mapping[str, NativeType] = _by_name(
    NativeType("SmallInt", ("Int",)),
    NativeType("Integer", ("Int",)),
    NativeType("Oid", ("Int",)),
    NativeType("BigInt", ("BigInt",)),
    NativeType("Decimal", ("Decimal",), optional=2, out_of_range=_postgresql_decimal),
    NativeType("Money", ("Decimal",)),
    NativeType("Real", ("Float",)),
    NativeType("DoublePrecision", ("Float",)),
    NativeType("Text", ("String",)),
    NativeType("Citext", ("String",)),
    NativeType("VarChar", ("String",), optional=1),
    NativeType("Char", ("String",), optional=1),
    NativeType("Inet", ("String",)),
    NativeType("Bit", ("String",), optional=1, out_of_range=_positive),
    NativeType("VarBit", ("String",), optional=1, out_of_range=_positive),
    NativeType("Uuid", ("String",)),
    NativeType("Xml", ("String",)),
    NativeType("ByteA", ("Bytes",)),
    NativeType("Timestamp", ("DateTime",), optional=1, out_of_range=_at_most(6)),
    NativeType("Timestamptz", ("DateTime",), optional=1, out_of_range=_at_most(6)),
    NativeType("Date", ("DateTime",)),
    NativeType("Time", ("DateTime",), optional=1, out_of_range=_at_most(6)),
    NativeType("Timetz", ("DateTime",), optional=1, out_of_range=_at_most(6)),
    NativeType("Boolean", ("Boolean",)),
    NativeType("Json", ("Json",)),
    NativeType("JsonB", ("Json",)),
)

MYSQL: Mapping[str, NativeType] = _by_name(
    *(NativeType(name, ("Int",)) for name in ("Int", "UnsignedInt", "SmallInt", "UnsignedSmallInt")),
    *(NativeType(name, ("Boolean", "Int")) for name in ("TinyInt", "UnsignedTinyInt")),
    *(NativeType(name, ("Int",)) for name in ("MediumInt", "UnsignedMediumInt", "Year")),
    *(NativeType(name, ("BigInt",)) for name in ("BigInt", "UnsignedBigInt")),
    NativeType("Decimal", ("Decimal",), optional=2, out_of_range=_mysql_decimal),
    *(NativeType(name, ("Float",)) for name in ("Float", "Double")),
    NativeType("Bit", ("Boolean", "Bytes"), required=1, out_of_range=_mysql_bit),
    NativeType("Char", ("String",), required=1, out_of_range=_at_most(255)),
    NativeType("VarChar", ("String",), required=1, out_of_range=_at_most(65_535)),
    *(NativeType(name, ("Bytes",), required=1) for name in ("Binary", "VarBinary")),
    *(NativeType(name, ("Bytes",)) for name in ("TinyBlob", "Blob", "MediumBlob", "LongBlob")),
    *(NativeType(name, ("String",)) for name in ("TinyText", "Text", "MediumText", "LongText")),
    NativeType("Date", ("DateTime",)),
    *(NativeType(name, ("DateTime",), optional=1) for name in ("Time", "DateTime", "Timestamp")),
    NativeType("Json", ("Json",)),
)
