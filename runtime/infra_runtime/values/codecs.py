"""Codecs: one per column, made once, from the table of Prisma types and providers below.

`encode` turns a checked Python value into what the driver takes; `decode` turns what the driver gives into the row's value, and
is None where nothing has to be done. Parameters, rows, filters, defaults and the dynamic API all go through them.

| Prisma type | Python              | SQLite                      | PostgreSQL     | MySQL          | JSON form        |
|-------------|---------------------|-----------------------------|----------------|----------------|------------------|
| String      | str                 | text                        | text           | text           | text             |
| Boolean     | bool                | 0, 1                        | bool           | 0, 1           | true, false      |
| Int         | int, 32 bit         | integer                     | int            | int            | number           |
| BigInt      | int, 64 bit         | integer                     | int            | int            | number or text   |
| Float       | float               | real                        | float          | float          | number           |
| Decimal     | Decimal             | integer or real, if exact   | Decimal        | Decimal        | text or number   |
| DateTime    | datetime, aware UTC | ISO 8601 text, milliseconds | datetime       | naive datetime | ISO 8601 text    |
| Json        | JSON value          | text                        | text           | text           | JSON value       |
| Bytes       | bytes               | blob                        | bytes          | bytes          | base64 text      |
| an enum     | its member          | text, as mapped             | text, mapped   | text, mapped   | the name         |

Imports `errors`, `schema` and `values.nulls` of the runtime.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import enum
import json
import math
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from infra_runtime.errors import InconsistentColumnDataError, InputError
from infra_runtime.schema import Enum, Provider, ScalarField
from infra_runtime.values.nulls import DbNull, JsonNull, NullMarker

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

Encode = Callable[[Any], Any]
Decode = Callable[[Any], Any]

UTC = datetime.UTC
INT_RANGE = (-(2**31), 2**31 - 1)
BIGINT_RANGE = (-(2**63), 2**63 - 1)


class Codec:
    """How one column's values go to the driver and come back. For a list column `item` is the codec of its elements."""

    __slots__ = ("decode", "encode", "item")

    def __init__(self, encode: Encode, decode: Decode | None, item: Codec | None = None) -> None:
        self.encode = encode
        """Raises `InputError` with an empty path for a value of the wrong type or out of range."""
        self.decode = decode
        """Never called with None: NULL is None for every type."""
        self.item = item


def make_codec(engine: Engine, field: ScalarField) -> Codec:
    """The codec of a column of `engine`'s schema."""
    provider = engine.schema.provider
    if field.is_enum:
        definition = engine.schema.enum[field.type]
        single = _enum_codec(definition, engine.row_types.enum(definition))
    else:
        single = Codec(_encoder(provider, field, lenient=engine.lenient), _decoder(provider, field))
    return _list_codec(single) if field.is_list else single


def refused(expected: str, value: Any) -> InputError:
    """The error for a value of the wrong type; shows the type, and short plain values."""
    shown = (
        f"{type(value).__name__} {value!r}"
        if isinstance(value, (int, float, str)) and len(repr(value)) <= 40
        else ("None" if value is None else f"a value of type {type(value).__name__}")
    )
    return InputError(f"expected {expected}, got {shown}")


# -- encoding ----------------------------------------------------------------------------------------------------------
def _encode_string(value: Any) -> Any:
    if isinstance(value, str):
        text = value if type(value) is str else str.__str__(value)
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise InputError("the text holds a lone surrogate, which no database stores") from None
        return text
    if isinstance(value, uuid.UUID):
        return str(value)
    raise refused("str", value)


def _encode_string_without_nul(value: Any) -> Any:
    text = _encode_string(value)
    if "\x00" in text:
        raise InputError("the text holds a NUL character, which PostgreSQL does not store")
    return text


def _encode_boolean(value: Any) -> Any:
    if value is True or value is False:
        return value
    raise refused("bool", value)


def _encode_integer(kind: str, bounds: tuple[int, int], *, lenient: bool) -> Encode:
    low, high = bounds

    def encode(value: Any) -> Any:
        if type(value) is not int:
            value = _integer(value, lenient=lenient)
        if low <= value <= high:
            return value
        raise InputError(f"{value} does not fit {kind}: it holds {low} to {high}")

    return encode


def _integer(value: Any, *, lenient: bool) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if lenient and isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    if lenient and isinstance(value, float) and value.is_integer():
        return int(value)
    raise refused("int", value)


def _encode_float(value: Any) -> Any:
    if type(value) is float or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        number = float(value)
        if math.isfinite(number):
            return number
        raise InputError(f"{value} is no finite number")
    if isinstance(value, decimal.Decimal) and value.is_finite():
        return float(value)
    raise refused("float", value)


def _encode_decimal(value: Any, *, lenient: bool) -> decimal.Decimal:
    if isinstance(value, decimal.Decimal):
        number = value
    elif isinstance(value, int) and not isinstance(value, bool):
        number = decimal.Decimal(value)
    elif lenient and isinstance(value, (str, float)):
        try:
            number = decimal.Decimal(str(value))
        except decimal.InvalidOperation:
            raise refused("a decimal number", value) from None
    else:
        raise refused("Decimal or int", value)
    if number.is_finite():
        return number
    raise InputError(f"{number} is no finite number")


def _encode_decimal_sqlite(value: Any, *, lenient: bool) -> int | float:
    # The column has numeric affinity: SQLite keeps an integer or a REAL whatever it is given.
    number = _encode_decimal(value, lenient=lenient)
    if number == number.to_integral_value() and BIGINT_RANGE[0] <= number <= BIGINT_RANGE[1]:
        return int(number)
    real = float(number)
    if math.isfinite(real) and decimal.Decimal(repr(real)) == number:
        return real
    raise InputError(f"{number} would not come back equal: SQLite keeps decimals as 64-bit floating point numbers")


def _moment(value: Any, *, lenient: bool) -> datetime.datetime:
    """An aware moment in UTC; a naive one is taken as UTC."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if lenient and isinstance(value, str):
        try:
            return _moment(datetime.datetime.fromisoformat(value), lenient=False)
        except ValueError:
            raise refused("an ISO 8601 date and time", value) from None
    raise refused("datetime", value)


def _encode_moment_sqlite(value: Any, *, lenient: bool) -> str:
    return _moment(value, lenient=lenient).isoformat(timespec="milliseconds")


def _precision(field: ScalarField, default: int) -> int:
    """Digits after the second that a native type keeps."""
    if field.native is None:
        return default
    return int(field.native.arguments[0]) if field.native.arguments else _BARE_PRECISION.get(field.native.name, default)


_BARE_PRECISION = {"Timestamp": 0, "Timestamptz": 6, "Time": 0, "Timetz": 6, "DateTime": 0, "Date": 0}


def _truncated(moment: datetime.datetime, digits: int) -> datetime.datetime:
    unit = 10 ** (6 - digits)
    return moment.replace(microsecond=moment.microsecond // unit * unit)


def _json_text(value: Any) -> str | None:
    if value is JsonNull:
        return "null"
    if value is DbNull:
        return None
    if isinstance(value, NullMarker):
        raise InputError("AnyNull can only stand in a filter")
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"expected a JSON value: {error}") from None


def _encode_json_sqlite(value: Any) -> str | None:
    # The column has numeric affinity: a text that reads as a number becomes one, and may lose digits.
    text = _json_text(value)
    if isinstance(value, int) and not BIGINT_RANGE[0] <= value <= BIGINT_RANGE[1]:
        raise InputError(f"{value} would not come back equal: SQLite keeps numbers in 64 bits")
    return text


def _encode_bytes(value: Any, *, lenient: bool) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if lenient and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise refused("base64 text", value) from None
    raise refused("bytes", value)


def _encoder(provider: Provider, field: ScalarField, *, lenient: bool) -> Encode:
    """The encoder of a scalar that is no enum and no list."""
    match field.type, provider:
        case "String", "postgresql":
            return _encode_string_without_nul
        case "String", _:
            return _encode_string
        case "Boolean", _:
            return _encode_boolean
        case "Int", _:
            return _encode_integer("Int (32 bit)", INT_RANGE, lenient=lenient)
        case "BigInt", _:
            return _encode_integer("BigInt (64 bit)", BIGINT_RANGE, lenient=lenient)
        case "Float", _:
            return _encode_float
        case "Decimal", "sqlite":
            return lambda value: _encode_decimal_sqlite(value, lenient=lenient)
        case "Decimal", _:
            return lambda value: _encode_decimal(value, lenient=lenient)
        case "DateTime", "sqlite":
            return lambda value: _encode_moment_sqlite(value, lenient=lenient)
        case "DateTime", "postgresql":
            digits, is_zoned = _precision(field, 3), bool(field.native and field.native.name.endswith("tz"))
            return lambda value: _stored(_moment(value, lenient=lenient), digits, zoned=is_zoned)
        case "DateTime", "mysql":
            digits = _precision(field, 3)
            return lambda value: _stored(_moment(value, lenient=lenient), digits, zoned=False)
        case "Json", "sqlite":
            return _encode_json_sqlite
        case "Json", _:
            return _json_text
        case "Bytes", _:
            return lambda value: _encode_bytes(value, lenient=lenient)
    raise AssertionError(f"no codec for {field.type}")


def _stored(moment: datetime.datetime, digits: int, *, zoned: bool) -> datetime.datetime:
    """Truncated to the column's precision; naive UTC where the column keeps no zone."""
    kept = _truncated(moment, digits)
    return kept if zoned else kept.replace(tzinfo=None)


# -- decoding ----------------------------------------------------------------------------------------------------------
def _decode_moment_sqlite(value: Any) -> datetime.datetime:
    """ISO text (Prisma's driver adapters, ourselves), `CURRENT_TIMESTAMP`, or integer milliseconds (Prisma's Rust engine)."""
    if type(value) is str:
        try:
            moment = datetime.datetime.fromisoformat(value)
        except ValueError:
            # Prisma writes a literal default of a column with a blank before the offset.
            moment = _inconsistent_unless(value.replace(" +", "+"), "DateTime")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if isinstance(value, (int, float)):
        return datetime.datetime.fromtimestamp(value / 1000, UTC)
    raise InconsistentColumnDataError(f"the column holds a {type(value).__name__}, which is no DateTime")


def _inconsistent_unless(text: str, type_: str) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        raise InconsistentColumnDataError(f"the column holds a text that is no {type_}") from None


def _decode_aware(value: Any) -> Any:
    """What a driver gives for a DateTime column, as an aware moment in UTC; `@db.Time` and `@db.Date` count from 1970-01-01."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime.timedelta):
        return datetime.datetime(1970, 1, 1, tzinfo=UTC) + value
    if isinstance(value, datetime.time):
        moment = datetime.datetime.combine(datetime.date(1970, 1, 1), value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return value


def _decode_decimal(value: Any) -> decimal.Decimal:
    return (
        value
        if isinstance(value, decimal.Decimal)
        else decimal.Decimal(repr(value) if isinstance(value, float) else str(value))
    )


def _decode_json(value: Any) -> Any:
    """Text or bytes of JSON; a number where SQLite's affinity made one of the text."""
    return json.loads(value) if isinstance(value, (str, bytes)) else value


def _decode_float(value: Any) -> float:
    return float(value)


_DECODERS: dict[tuple[str, Provider], Decode] = {
    ("Boolean", "sqlite"): bool,
    ("Boolean", "mysql"): bool,
    ("DateTime", "sqlite"): _decode_moment_sqlite,
    ("DateTime", "postgresql"): _decode_aware,
    ("DateTime", "mysql"): _decode_aware,
    ("Decimal", "sqlite"): _decode_decimal,
    ("Json", "sqlite"): _decode_json,
    ("Json", "postgresql"): _decode_json,
    ("Json", "mysql"): _decode_json,
    ("Float", "sqlite"): _decode_float,
    ("Bytes", "postgresql"): bytes,
}


def _decoder(provider: Provider, field: ScalarField) -> Decode | None:
    return _DECODERS.get((field.type, provider))


# -- enums and lists ---------------------------------------------------------------------------------------------------
def _enum_codec(definition: Enum, member: Callable[[str], Any] | None) -> Codec:
    to_database = definition.to_database
    from_database = {
        stored: member(name) if member is not None else name for stored, name in definition.from_database.items()
    }
    listed = ", ".join(to_database)

    def encode(value: Any) -> Any:
        name = value.name if isinstance(value, enum.Enum) and not isinstance(value, str) else value
        try:
            return to_database[name]
        except (KeyError, TypeError):
            raise refused(f"a member of {definition.name} ({listed})", value) from None

    def decode(value: Any) -> Any:
        try:
            return from_database[value]
        except KeyError:
            raise InconsistentColumnDataError(
                f"the column holds {value!r}, which is no member of {definition.name}"
            ) from None

    return Codec(encode, decode)


def _list_codec(item: Codec) -> Codec:
    encode_item, decode_item = item.encode, item.decode

    def encode(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            encoded = []
            for index, element in enumerate(value):
                try:
                    encoded.append(encode_item(element))
                except InputError as error:
                    raise error.under(index) from None
            return encoded
        raise refused("a list", value)

    def decode(value: Any) -> Any:
        if decode_item is None:
            return list(value)
        return [None if element is None else decode_item(element) for element in value]

    return Codec(encode, decode, item)
