"""PostgreSQL's operator classes of indexes: which index type has which, and the types of columns each is for.

Imports nothing of the toolkit. Source: Prisma's reference, "Configuring the index type of `@@index`" (`ops`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class OperatorClass:
    """One operator class. A field fits by its native type or, where it has none, by its Prisma type."""

    name: str
    index_types: frozenset[str]
    native_types: frozenset[str] = frozenset()
    prisma_type: str | None = None
    """The Prisma type whose default column type the class is for."""
    lists: bool = False
    """Whether it is for lists, of whatever type."""


def _brin(stem: str, native_types: str, prisma_type: str | None, kinds: str) -> list[OperatorClass]:
    names = {"Bloom": "BloomOps", "MinMax": "MinMaxOps", "Multi": "MinMaxMultiOps", "Inclusion": "InclusionOps"}
    return [
        OperatorClass(stem + names[kind], frozenset({"Brin"}), frozenset(native_types.split()), prisma_type)
        for kind in kinds.split()
    ]


_GIN = frozenset({"Gin"})

OPERATOR_CLASSES: Mapping[str, OperatorClass] = {
    item.name: item
    for item in (
        OperatorClass("InetOps", frozenset({"Gist", "SpGist"}), frozenset({"Inet"})),
        OperatorClass("JsonbOps", _GIN, frozenset({"JsonB"}), "Json"),
        OperatorClass("JsonbPathOps", _GIN, frozenset({"JsonB"}), "Json"),
        OperatorClass("ArrayOps", _GIN, lists=True),
        OperatorClass("TextOps", frozenset({"SpGist"}), frozenset({"Text", "VarChar", "Char"}), "String"),
        *_brin("Bit", "Bit", None, "MinMax"),
        *_brin("VarBit", "VarBit", None, "MinMax"),
        *_brin("Bpchar", "Char", None, "Bloom MinMax"),
        *_brin("Bytea", "ByteA", "Bytes", "Bloom MinMax"),
        *_brin("Date", "Date", None, "Bloom MinMax Multi"),
        *_brin("Float4", "Real", None, "Bloom MinMax Multi"),
        *_brin("Float8", "DoublePrecision", "Float", "Bloom MinMax Multi"),
        *_brin("Inet", "Inet", None, "Inclusion Bloom MinMax Multi"),
        *_brin("Int2", "SmallInt", None, "Bloom MinMax Multi"),
        *_brin("Int4", "Integer", "Int", "Bloom MinMax Multi"),
        *_brin("Int8", "BigInt", "BigInt", "Bloom MinMax Multi"),
        *_brin("Numeric", "Decimal", "Decimal", "Bloom MinMax Multi"),
        *_brin("Oid", "Oid", None, "Bloom MinMax Multi"),
        *_brin("Text", "Text VarChar", "String", "Bloom MinMax"),
        *_brin("Timestamp", "Timestamp", "DateTime", "Bloom MinMax Multi"),
        *_brin("TimestampTz", "Timestamptz", None, "Bloom MinMax Multi"),
        *_brin("Time", "Time", None, "Bloom MinMax Multi"),
        *_brin("TimeTz", "Timetz", None, "Bloom MinMax Multi"),
        *_brin("Uuid", "Uuid", None, "Bloom MinMax Multi"),
    )
}

_BRIN_NATIVE_TYPES = frozenset[str]().union(
    *(item.native_types for item in OPERATOR_CLASSES.values() if "Brin" in item.index_types)
)

DEFAULT_NATIVE_TYPES: Mapping[str, frozenset[str]] = {
    "Gist": frozenset(),
    "Gin": frozenset({"JsonB"}),
    "SpGist": frozenset({"Inet", "Text", "VarChar", "Char"}),
    "Brin": _BRIN_NATIVE_TYPES,
}
"""The native types that have an operator class by default, of each index type that has them."""

DEFAULT_PRISMA_TYPES: Mapping[str, frozenset[str]] = {
    "Gist": frozenset({"String"}),
    "Gin": frozenset({"Json"}),
    "SpGist": frozenset({"String"}),
    "Brin": frozenset({"String", "Bytes", "DateTime", "Float", "Int", "BigInt", "Decimal"}),
}
"""The same for fields without a native type."""
