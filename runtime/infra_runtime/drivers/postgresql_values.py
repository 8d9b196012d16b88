"""Values on the wire of PostgreSQL: parameters as text, results as the server sends them in binary.

The server says of each parameter what type it wants, so text is never ambiguous: an enum, a list of enums, a `timestamp` without zone
all arrive as what the column is. Results are read by psycopg's loaders, but for a few types that Prisma answers otherwise. Types that
are the database's own are asked for once. Imports psycopg and the runtime's `errors` and `effects`.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from psycopg import postgres, pq
from psycopg.abc import AdaptContext
from psycopg.adapt import AdaptersMap, Buffer, Loader, Transformer
from psycopg.pq.abc import PGresult
from psycopg.types import TypeInfo
from psycopg.types.array import register_array
from psycopg.types.net import InetBinaryLoader, InetLoader
from psycopg.types.string import TextBinaryLoader, TextLoader

from infra_runtime.effects import Statement
from infra_runtime.errors import InputError

BYTEA, MONEY = 17, 790
_EPOCH, _NAIVE_EPOCH = datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1)
"""A moment gets its zone by a sum in a fifth of the time that `replace` takes."""
_MONEY_UNIT = 2
"""Digits of money after the point, as Prisma counts them."""


# -- parameters --------------------------------------------------------------------------------------------------------
def _text(value: str) -> bytes:
    """libpq would take a text for its end at a NUL."""
    encoded = value.encode()
    if b"\0" in encoded:
        raise InputError("PostgreSQL holds no text with a NUL character in it")
    return encoded


def _integer(value: int) -> bytes:
    return b"%d" % value


def _boolean(value: bool) -> bytes:
    return b"t" if value else b"f"


def _float(value: float) -> bytes:
    return repr(value).encode()


def _plain(value: Any) -> bytes:
    return str(value).encode()


def _moment(value: datetime | date | time) -> bytes:
    return value.isoformat().encode()


def _bytes(value: bytes) -> bytes:
    return b"\\x" + value.hex().encode()


def _list(value: Sequence[Any]) -> bytes:
    return b"{" + b",".join([_element(item) for item in value]) + b"}"


def _element(value: Any) -> bytes:
    """An element of an array, in the syntax of https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO."""
    if value is None:
        return b"NULL"
    text = as_text(value)
    if type(value) in _BARE or isinstance(value, list):
        return text
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


_TEXTS: dict[type, Callable[[Any], bytes]] = {
    str: _text,
    int: _integer,
    bool: _boolean,
    float: _float,
    Decimal: _plain,
    datetime: _moment,
    date: _moment,
    time: _moment,
    bytes: _bytes,
    list: _list,
    tuple: _list,
    uuid.UUID: _plain,
}
_BARE = {int, bool, float, Decimal}


def as_text(value: Any) -> bytes:
    """A driver value in PostgreSQL's text form. Errors: InputError for a type that is none."""
    found = _TEXTS.get(type(value))
    if found is None:
        found = next((text for type_, text in _TEXTS.items() if isinstance(value, type_)), None)
        if found is None:
            raise InputError(f"PostgreSQL takes no parameter of type {type(value).__name__}")
        _TEXTS[type(value)] = found
    return found(value)


def texts(values: Sequence[Any]) -> list[bytes | None]:
    """Parameters of which nothing is known."""
    try:
        return [None if value is None else _TEXTS[type(value)](value) for value in values]
    except KeyError:
        return [None if value is None else as_text(value) for value in values]


def _money(value: Any) -> bytes:
    """Money's text would be read by the server's locale."""
    try:
        return struct.pack("!q", int(Decimal(value).scaleb(_MONEY_UNIT).to_integral_value()))
    except (ArithmeticError, ValueError, TypeError, struct.error):
        raise InputError("the value is no amount of money") from None


_BINARY: dict[int, Callable[[Any], bytes]] = {
    BYTEA: lambda value: value if isinstance(value, bytes) else as_text(value),
    MONEY: _money,
}
"""By type, parameters that travel in binary."""


class Parameters:
    """How the parameters of a prepared statement travel, given their types."""

    __slots__ = ("_by_place", "formats")

    def __init__(self, types: Sequence[int]) -> None:
        self._by_place = [_BINARY.get(type_, as_text) for type_ in types]
        self.formats: list[int] | None = [int(type_ in _BINARY) for type_ in types]
        if not any(self.formats):
            self.formats = None

    def encode(self, values: Sequence[Any]) -> list[bytes | None]:
        if self.formats is None:
            return texts(values)
        pairs = zip(self._by_place, values, strict=True)
        return [None if value is None else encode(value) for encode, value in pairs]


# -- results -----------------------------------------------------------------------------------------------------------
class _UuidText(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class _UuidBinary(Loader):
    format = pq.Format.BINARY

    def load(self, data: Buffer) -> str:
        text = bytes(data).hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class _InetText(InetLoader):
    def load(self, data: Buffer) -> Any:
        return str(super().load(data))


class _InetBinary(InetBinaryLoader):
    def load(self, data: Buffer) -> Any:
        return str(super().load(data))


class _SingleBinary(Loader):
    """A 32-bit float as the shortest decimal that means it, which is what its text is: 0.1, not 0.10000000149011612."""

    format = pq.Format.BINARY

    def load(self, data: Buffer) -> float:
        (number,) = _SINGLE.unpack(data)
        # Below the smallest normal number there are fewer digits, so that six may be more than it takes.
        for digits in range(1 if abs(number) < _SMALLEST_NORMAL else 6, 10):
            shortest = float(f"{number:.{digits}g}")
            if _SINGLE.pack(shortest) == data:
                return shortest
        return float(number)


class _MoneyBinary(Loader):
    format = pq.Format.BINARY

    def load(self, data: Buffer) -> Decimal:
        (units,) = struct.unpack("!q", data)
        return Decimal(units).scaleb(-_MONEY_UNIT)


class _BitsBinary(Loader):
    format = pq.Format.BINARY

    def load(self, data: Buffer) -> str:
        length = int.from_bytes(data[:4], "big")
        return "".join([f"{byte:08b}" for byte in bytes(data[4:])])[:length]


class _TimestampText(Loader):
    """Moments without a zone: they are UTC, as they were written."""

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        self._load: Any = _loader("timestamp", pq.Format.TEXT)(oid, context).load

    def load(self, data: Buffer) -> datetime:
        moment: datetime = _EPOCH + (self._load(data) - _NAIVE_EPOCH)
        return moment


def _loader(type_: str, format_: pq.Format) -> Any:
    """Psycopg's own."""
    return postgres.adapters.get_loader(postgres.adapters.types[type_].oid, format_)


class _MoneyText(Loader):
    """Money as text, where statements cannot be prepared: in the server's currency, with a point before the cents."""

    def load(self, data: Buffer) -> Decimal:
        text = bytes(data).decode()
        amount = Decimal("".join([character for character in text if character in "0123456789."]) or "0")
        return -amount if text.startswith(("-", "(")) else amount


_SINGLE = struct.Struct("!f")
_SMALLEST_NORMAL = 2.0**-126
_OWN: dict[str, tuple[type[Loader], type[Loader]]] = {
    "uuid": (_UuidText, _UuidBinary),
    "inet": (_InetText, _InetBinary),
    "float4": (_loader("float4", pq.Format.TEXT), _SingleBinary),
    "money": (_MoneyText, _MoneyBinary),
    # In binary both kinds of timestamps are microseconds, which the loader of those with a zone takes for UTC.
    "timestamp": (_TimestampText, _loader("timestamptz", pq.Format.BINARY)),
    "bit": (TextLoader, _BitsBinary),
    "varbit": (TextLoader, _BitsBinary),
    "xml": (TextLoader, TextBinaryLoader),
}
"""Types that are read otherwise than psycopg reads them: in text and in binary."""
_AS_TEXT_TOO = {"citext"}
"""Types of extensions whose binary form is their text."""

CATALOG = """
SELECT t.oid, t.typname, t.typtype, t.typarray, e.oid, e.typname, e.typtype
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid AND t.typlen = -1
WHERE t.oid = ANY ($1)"""
"""Asks about types: what each is, and what an array is made of."""


class Types(AdaptContext):
    """The types of one database, as far as results have brought them up. Shared by the connections of a pool."""

    def __init__(self) -> None:
        self._adapters = AdaptersMap(postgres.adapters)
        self._asked: set[int] = set()
        for name, (text, binary) in _OWN.items():
            info = self.adapters.types[name]
            self._read(info.oid, text, binary)
            register_array(info, self)

    @property
    def adapters(self) -> AdaptersMap:
        return self._adapters

    @property
    def connection(self) -> None:
        """None: moments with a zone come in UTC, whatever the session's zone is."""

    def _read(self, type_: int, text: type[Loader], binary: type[Loader]) -> None:
        self.adapters.register_loader(type_, text)
        self.adapters.register_loader(type_, binary)

    def unknown(self, types: Iterable[int]) -> list[int]:
        """Those that nothing is known of yet."""
        return [type_ for type_ in types if type_ not in self._asked and not self._has_binary(type_)]

    def learn(self, rows: Iterable[Sequence[Any]]) -> None:
        """Takes in what `CATALOG` answers, all of it text."""
        for type_, name, kind, array, element, element_name, element_kind in rows:
            self._asked.add(int(type_))
            if kind == "e" or name in _AS_TEXT_TOO:
                self._learn_text(name, int(type_), int(array))
            elif element is not None and (element_kind == "e" or element_name in _AS_TEXT_TOO):
                self._asked.add(int(element))
                self._learn_text(element_name, int(element), int(type_))

    def _learn_text(self, name: str, type_: int, array: int) -> None:
        self._read(type_, TextLoader, TextBinaryLoader)
        if array:
            register_array(TypeInfo(name, type_, array), self)

    def format(self, types: Iterable[int]) -> pq.Format:
        """The format to ask results in: binary, unless there is a column that can only be read as text."""
        return pq.Format.BINARY if all(map(self._has_binary, types)) else pq.Format.TEXT

    def _has_binary(self, type_: int) -> bool:
        return self.adapters.get_loader(type_, pq.Format.BINARY) is not None


# -- statements --------------------------------------------------------------------------------------------------------
class Prepared:
    """A statement that the server keeps prepared on one connection."""

    __slots__ = ("encode", "format", "formats", "name", "names", "transformer")

    def __init__(self, name: bytes, described: PGresult, types: Types, format_: pq.Format | None = None) -> None:
        columns = range(described.nfields)
        column_types = [described.ftype(column) for column in columns]
        parameters = Parameters([described.param_type(place) for place in range(described.nparams)])
        format_ = types.format(column_types) if format_ is None else format_
        self.name = name
        self.encode = parameters.encode
        self.formats: Any = parameters.formats
        self.format = int(format_)
        self.names = tuple([(described.fname(column) or b"").decode() for column in columns])
        self.transformer = Transformer(types)
        self.transformer.set_loader_types(column_types, format_)

    def rows(self, result: PGresult) -> list[Any]:
        transformer = self.transformer
        transformer.set_pgresult(result, set_loaders=False)
        rows = transformer.load_rows(0, result.ntuples, tuple)
        transformer.set_pgresult(None, set_loaders=False)
        return rows


class Portal:
    """A cursor of the server's."""

    def __init__(self, name: str, statement: Statement) -> None:
        self.name = name
        self.statement = statement
        """What its rows are about, where errors ask."""
        self.columns: Prepared | None = None
        """How its rows are read; None until the first have come."""
