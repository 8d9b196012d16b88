"""Codecs: one per column, made once, from the table of forms below.

`encode` turns a checked Python value into what the driver takes, `decode` what the driver gives into the row's value. Parameters,
rows, filters, defaults and the dynamic API all go through them, so each type's rules stand in one place: `values.texts`, `numbers`,
`moments` and `documents`. Imports these, `errors` and `schema` of the runtime.
"""

from __future__ import annotations

import datetime
import difflib
import enum
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infra_runtime.errors import InconsistentColumnDataError, InputError
from infra_runtime.schema import Enum, ScalarField
from infra_runtime.values import documents, moments, numbers, texts
from infra_runtime.values.refusals import refused

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

Convert = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


class Codec:
    """How one column's values go to the driver, come back, and stand in JSON."""

    __slots__ = ("decode", "encode", "item", "json", "parse", "unchanged")

    def __init__(
        self,
        encode: Convert,
        decode: Convert | None,
        parse: Convert,
        json: Convert,
        item: Codec | None = None,
        unchanged: str = "",
    ) -> None:
        self.encode = encode
        """Raises `InputError` with an empty path for a value of the wrong type or out of range. Never given None, but for Json."""
        self.decode = decode
        """None: the driver's value is right as it comes. Never given None: NULL is None for every type."""
        self.parse = parse
        """The Python value of a JSON form; what is no JSON form comes back as it is, for `encode` to judge."""
        self.json = json
        """The JSON form of a row's value."""
        self.item = item
        """For a list column, the codec of its elements."""
        self.unchanged = unchanged
        """As in `Form`."""


@dataclass(frozen=True, slots=True)
class Form:
    """A row of the table: a type's Python type, how it goes to the driver and comes back, and its JSON form."""

    python: type
    encode: Convert
    decode: Convert | None = None
    parse: Convert = _same
    json: Convert = _same
    unchanged: str = ""
    """A condition on `{0}`, in Python, of values that `encode` answers as they are: what encodes many rows asks it in place of a call.
    Empty: there is none. It holds for no None."""


_ASCII = "type({0}) is str and {0}.isascii()"
_ASCII_WITHOUT_NUL = _ASCII + " and '\\0' not in {0}"
_BOOLEAN = "{0} is True or {0} is False"
_BYTES = "type({0}) is bytes"
_FINITE = "type({0}) is float and {0} - {0} == 0"

FormMaker = Callable[[tuple[str, ...]], Form]
"""Makes a form for a native type's arguments: `("3",)` of `@db.Timestamp(3)`."""


def _integers(range_: numbers.Range, *, as_text: bool = False) -> Form:
    unchanged = f"type({{0}}) is int and {range_.low} <= {{0}} <= {range_.high}"
    if as_text:
        return Form(int, numbers.integer(range_), parse=numbers.parse_integer, json=str, unchanged=unchanged)
    return Form(int, numbers.integer(range_), unchanged=unchanged)


def _decimals(encode: Convert, decode: Convert = numbers.decode_decimal) -> Form:
    return Form(Decimal, encode, decode, numbers.parse_decimal, str)


def _floats(encode: Convert, decode: Convert | None = None) -> Form:
    return Form(float, encode, decode, numbers.parse_float, numbers.float_json, _FINITE)


def _moments(encode: Convert, decode: Convert = moments.decode_moment) -> Form:
    return Form(datetime.datetime, encode, decode, moments.parse_moment, moments.moment_json)


def _times(bare: int, *, zoned: bool = False) -> FormMaker:
    """Columns that keep the time alone, cut to the digits that the native type names, or to `bare`."""

    def make(arguments: tuple[str, ...]) -> Form:
        digits = int(arguments[0]) if arguments else bare
        return _moments(moments.time_of_day(digits, zoned=zoned), moments.decode_day_or_time)

    return make


def _precise(encoder: Callable[..., Convert], bare: int, *, zoned: bool = False) -> FormMaker:
    """DateTimes cut to the digits that the native type names, or to `bare` where it names none."""

    def make(arguments: tuple[str, ...]) -> Form:
        return _moments(encoder(int(arguments[0]) if arguments else bare, zoned=zoned))

    return make


TEXT = Form(str, texts.encode_text, unchanged=_ASCII)
POSTGRESQL_TEXT = Form(str, texts.encode_text_without_nul, unchanged=_ASCII_WITHOUT_NUL)
UUID = Form(str, texts.encode_uuid, str)
BOOLEAN = Form(bool, texts.encode_boolean, unchanged=_BOOLEAN)
NUMBER_AS_BOOLEAN = Form(bool, texts.encode_boolean, bool, unchanged=_BOOLEAN)
BIT_AS_BOOLEAN = Form(bool, texts.encode_boolean, texts.decode_bit, unchanged=_BOOLEAN)
INT = _integers(numbers.signed("Int", 32))
BIGINT = _integers(numbers.signed("BigInt", 64), as_text=True)
BYTES = Form(bytes, texts.encode_bytes, None, texts.parse_bytes, texts.bytes_json, _BYTES)

FORMS: dict[tuple[str, str, str], Form | FormMaker] = {
    # type, native type, provider            form
    ("String", "", "sqlite"): TEXT,
    ("String", "", "mysql"): TEXT,
    ("String", "", "postgresql"): POSTGRESQL_TEXT,
    ("String", "Uuid", "postgresql"): UUID,
    ("String", "Inet", "postgresql"): Form(str, texts.encode_text_without_nul, str, unchanged=_ASCII_WITHOUT_NUL),
    ("Boolean", "", "sqlite"): NUMBER_AS_BOOLEAN,
    ("Boolean", "", "mysql"): NUMBER_AS_BOOLEAN,
    ("Boolean", "Bit", "mysql"): BIT_AS_BOOLEAN,
    ("Boolean", "", "postgresql"): BOOLEAN,
    ("Int", "", "*"): INT,
    ("Int", "SmallInt", "*"): _integers(numbers.signed("SmallInt", 16)),
    ("Int", "Oid", "postgresql"): _integers(numbers.unsigned("Oid", 32)),
    ("Int", "TinyInt", "mysql"): _integers(numbers.signed("TinyInt", 8)),
    ("Int", "MediumInt", "mysql"): _integers(numbers.signed("MediumInt", 24)),
    ("Int", "UnsignedInt", "mysql"): _integers(numbers.unsigned("UnsignedInt", 32)),
    ("Int", "UnsignedSmallInt", "mysql"): _integers(numbers.unsigned("UnsignedSmallInt", 16)),
    ("Int", "UnsignedTinyInt", "mysql"): _integers(numbers.unsigned("UnsignedTinyInt", 8)),
    ("Int", "UnsignedMediumInt", "mysql"): _integers(numbers.unsigned("UnsignedMediumInt", 24)),
    ("Int", "Year", "mysql"): _integers(numbers.Range("Year", 0, 2155)),
    ("BigInt", "", "*"): BIGINT,
    ("BigInt", "UnsignedBigInt", "mysql"): _integers(numbers.unsigned("UnsignedBigInt", 64), as_text=True),
    ("Float", "", "*"): _floats(numbers.encode_float),
    ("Float", "", "postgresql"): _floats(numbers.encode_any_float),
    ("Float", "Float", "mysql"): _floats(numbers.encode_float, numbers.decode_single),
    ("Float", "Real", "postgresql"): _floats(numbers.encode_any_float, numbers.decode_single),
    ("Decimal", "", "sqlite"): _decimals(numbers.encode_decimal_sqlite),
    ("Decimal", "", "*"): _decimals(numbers.encode_decimal),
    ("Decimal", "Money", "postgresql"): _decimals(numbers.encode_decimal, numbers.decode_money),
    # SQLite's are in a table of their own, by the form that the file holds.
    ("DateTime", "", "*"): _precise(moments.stored, 3),
    ("DateTime", "Timestamp", "postgresql"): _precise(moments.stored, 6),
    ("DateTime", "Timestamptz", "postgresql"): _precise(moments.stored, 6, zoned=True),
    ("DateTime", "Date", "*"): _moments(moments.encode_date, moments.decode_day_or_time),
    ("DateTime", "Time", "postgresql"): _times(6),
    ("DateTime", "Timetz", "postgresql"): _times(6, zoned=True),
    ("DateTime", "DateTime", "mysql"): _precise(moments.stored, 0),
    ("DateTime", "Timestamp", "mysql"): _precise(moments.stored, 0),
    ("DateTime", "Time", "mysql"): _times(0),
    ("Json", "", "sqlite"): Form(object, documents.encode_document_sqlite, documents.decode_document),
    ("Json", "", "mysql"): Form(object, documents.encode_document, documents.decode_document),
    # psycopg has read the JSON already: what is text then is a JSON string.
    ("Json", "", "postgresql"): Form(object, documents.encode_document_without_nul),
    ("Bytes", "", "*"): BYTES,
    ("Bytes", "", "postgresql"): Form(bytes, texts.encode_bytes, bytes, texts.parse_bytes, texts.bytes_json, _BYTES),
}
"""By Prisma type, `@db` type (none: the type's default, and all that have no row of their own) and provider (`*`: any other).

| Prisma type | Python              | SQLite                      | PostgreSQL         | MySQL            | JSON form          |
|-------------|---------------------|-----------------------------|--------------------|------------------|--------------------|
| String      | str                 | text                        | text               | text             | text               |
| Boolean     | bool                | 0, 1                        | bool               | 0, 1             | true, false        |
| Int         | int, 32 bit         | integer                     | int                | int              | number             |
| BigInt      | int, 64 bit         | integer                     | int                | int              | text, or a number  |
| Float       | float               | real                        | float              | float            | number             |
| Decimal     | Decimal             | integer or real, if equal   | Decimal            | Decimal          | text, or a number  |
| DateTime    | datetime, aware UTC | ISO 8601 text, milliseconds | naive UTC datetime | the same         | ISO 8601 text      |
| Json        | JSON value          | text; a lone number as such | text               | text             | the value          |
| Bytes       | bytes               | blob                        | bytes              | bytes            | base64 text        |
| an enum     | its member          | text, as mapped             | text, as mapped    | text, as mapped  | the member's name  |
"""


SQLITE_MOMENTS: dict[str, Form] = {
    "iso8601": _moments(moments.encode_sqlite, moments.decode_sqlite),
    "unixepoch-ms": _moments(moments.encode_milliseconds, moments.decode_sqlite),
    "current_timestamp": _moments(moments.encode_current_timestamp, moments.decode_sqlite),
}
"""By what the URL says of the file."""


def form_of(field: ScalarField, provider: str, timestamp_format: str = "iso8601") -> Form:
    """The form of a field that is no enum; of the elements where it is a list."""
    if (field.type, provider) == ("DateTime", "sqlite"):
        return SQLITE_MOMENTS[timestamp_format]
    name, arguments = (field.native.name, field.native.arguments) if field.native else ("", ())
    for key in ((field.type, name, provider), (field.type, name, "*"), (field.type, "", provider)):
        if key in FORMS:
            form = FORMS[key]
            break
    else:
        form = FORMS[field.type, "", "*"]
    return form if isinstance(form, Form) else form(arguments)


def make_codec(engine: Engine, field: ScalarField) -> Codec:
    """The codec of a column of `engine`'s schema. A lenient engine's takes JSON forms too."""
    if field.is_enum:
        definition = engine.schema.enum[field.type]
        single = _enum_codec(definition, engine.row_types.enum(definition))
    else:
        form = form_of(field, engine.schema.provider, engine.timestamp_format)
        encode = _after(form.parse, form.encode) if engine.lenient and form.parse is not _same else form.encode
        single = Codec(encode, form.decode, form.parse, form.json, unchanged=form.unchanged)
    return _list_codec(single) if field.is_list else single


def _after(first: Convert, then: Convert) -> Convert:
    return lambda value: then(first(value))


# -- enums and lists ---------------------------------------------------------------------------------------------------
class _Members(dict[str, Any]):
    """What the column holds → the member. What it should not hold is an error, said when it is looked up."""

    def __init__(self, definition: Enum, members: dict[str, Any]) -> None:
        super().__init__(members)
        self._definition = definition

    def __missing__(self, stored: Any) -> Any:
        shown = repr(stored[:40]) if isinstance(stored, str) else f"a {type(stored).__name__}"
        raise InconsistentColumnDataError(
            f"Inconsistent column data: Value {shown} not found in enum {self._definition.name!r}"
        )


def _enum_codec(definition: Enum, member: Callable[[str], Any] | None) -> Codec:
    """Members, their names and, from members of other enum classes, their values are taken; what the column holds is not."""
    to_database = definition.to_database
    members = _Members(
        definition,
        {stored: member(name) if member is not None else name for stored, name in definition.from_database.items()},
    )

    def encode(value: Any) -> str:
        try:
            # A member of the generated enums is a text, its name.
            return to_database[value]
        except (KeyError, TypeError):
            pass
        if isinstance(value, enum.Enum):
            for name in (value.name, value.value):
                if isinstance(name, str) and name in to_database:
                    return to_database[name]
        raise _no_member(definition, value)

    return Codec(
        encode, members.__getitem__, _same, lambda value: value.name if isinstance(value, enum.Enum) else value
    )


def _no_member(definition: Enum, value: Any) -> InputError:
    names = list(definition.to_database)
    if not isinstance(value, str):
        return refused(f"a member of {definition.name} ({', '.join(names[:20])})", value)
    near = difflib.get_close_matches(value, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"its members are {', '.join(names[:20])}"
    shown = f"`{value}` is" if len(value) <= 40 else "the text is"
    return InputError(f"{shown} no member of {definition.name}; {hint}")


def _list_codec(item: Codec) -> Codec:
    encode_item, decode_item = item.encode, item.decode

    def encode(value: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise refused("a list", value)
        encoded = []
        for index, element in enumerate(value):
            try:
                if element is None:
                    raise refused("a value: a list holds no nulls", element)
                encoded.append(encode_item(element))
            except InputError as error:
                raise error.under(index) from None
        return encoded

    def decode(value: Any) -> list[Any]:
        if decode_item is None:
            return list(value)
        return [None if element is None else decode_item(element) for element in value]

    return Codec(
        encode,
        decode,
        lambda value: [item.parse(element) for element in value] if isinstance(value, (list, tuple)) else value,
        lambda value: [None if element is None else item.json(element) for element in value],
        item,
    )
