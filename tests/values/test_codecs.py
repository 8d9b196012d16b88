"""What goes into a column comes back equal, or is refused with a word on why."""

from __future__ import annotations

import enum
import json
import math
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_gen.database.columns import SQLITE_TYPES
from infra_gen.dynamic import connect
from infra_runtime.engine import DictRows, Engine
from infra_runtime.errors import ConfigurationError, InconsistentColumnDataError, InputError
from infra_runtime.schema import Enum, EnumValue, NativeType, ScalarField, Schema
from infra_runtime.urls import parse_url
from infra_runtime.values.codecs import SQLITE_MOMENTS, Codec, make_codec
from infra_runtime.values.moments import decode_sqlite
from infra_runtime.values.nulls import AnyNull, DbNull, JsonNull

ROLE = Enum("Role", (EnumValue("ADMIN", "admin"), EnumValue("GUEST", "GUEST")))
SQLITE = Engine(Schema("sqlite", (), (ROLE,)))
LENIENT = Engine(Schema("sqlite", (), (ROLE,)), lenient=True)
POSTGRESQL = Engine(Schema("postgresql", (), (ROLE,)))
MYSQL = Engine(Schema("mysql", (), (ROLE,)))


def codec(type_: str, native: str = "", *arguments: str, engine: Engine = SQLITE, is_list: bool = False) -> Codec:
    return make_codec(
        engine,
        ScalarField(
            "field",
            type_,
            arity="list" if is_list else "optional",
            is_enum=type_ == "Role",
            native=NativeType(native, arguments) if native else None,
        ),
    )


def decoded(of: Codec, stored: Any) -> Any:
    return stored if stored is None or of.decode is None else of.decode(stored)


@pytest.fixture(scope="module")
def columns() -> Iterator[sqlite3.Connection]:
    """A table with a column of each type, as `db push` makes them."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE kept (" + ", ".join(f'"{name}" {sql}' for name, sql in SQLITE_TYPES.items()) + ")")
    yield connection
    connection.close()


def kept(connection: sqlite3.Connection, type_: str, value: Any) -> Any:
    """The value after a stay in the database. Errors: InputError where it is refused."""
    of = codec(type_)
    encoded = of.encode(value)
    connection.execute("DELETE FROM kept")
    connection.execute(f'INSERT INTO kept ("{type_}") VALUES (?)', (encoded,))
    return decoded(of, connection.execute(f'SELECT "{type_}" FROM kept').fetchone()[0])


# -- what goes in comes back -------------------------------------------------------------------------------------------
TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "String": TEXT,
    "Boolean": st.booleans(),
    "Int": st.integers(-(2**31), 2**31 - 1),
    "BigInt": st.integers(-(2**63), 2**63 - 1),
    "Float": st.floats(allow_nan=False, allow_infinity=False),
    "Bytes": st.binary(),
}


@pytest.mark.parametrize("type_", VALUES)
@given(data=st.data())
def test_every_value_of_a_type_comes_back_equal(columns: sqlite3.Connection, type_: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[type_])
    answer = kept(columns, type_, value)
    assert answer == value
    assert type(answer) is type(value)


@given(value=st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(-1000, 1000, places=2))
def test_a_decimal_comes_back_equal_or_is_refused(columns: sqlite3.Connection, value: Decimal) -> None:
    try:
        answer = kept(columns, "Decimal", value)
    except InputError:
        return
    assert answer == value
    assert type(answer) is Decimal


@given(cents=st.integers(-(10**14), 10**14))
def test_no_amount_of_money_below_a_trillion_is_refused(columns: sqlite3.Connection, cents: int) -> None:
    assert kept(columns, "Decimal", Decimal(cents) / 100) == Decimal(cents) / 100


@given(value=JSON)
def test_a_json_value_comes_back_equal_or_is_refused(columns: sqlite3.Connection, value: Any) -> None:
    try:
        answer = kept(columns, "Json", value)
    except InputError:
        assert isinstance(value, int), "only whole numbers that stand alone may be too large"
        return
    assert answer == value


@given(value=st.datetimes(timezones=st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=45)))))
def test_a_moment_comes_back_in_utc_cut_to_milliseconds(columns: sqlite3.Connection, value: datetime) -> None:
    try:
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        with pytest.raises(InputError):
            kept(columns, "DateTime", value)
        return
    answer = kept(columns, "DateTime", value)
    assert answer == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert answer.tzinfo is UTC


# -- other writers of SQLite files -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "stored",
    [
        1704164645678,
        "2024-01-02T03:04:05.678+00:00",
        "2024-01-02T03:04:05.678Z",
        "2024-01-02 03:04:05.678",
        "2024-01-02T04:04:05.678+01:00",
        "2024-01-02 03:04:05.678 +00:00",
    ],
)
def test_moments_that_prisma_and_sqlite_write_are_read(stored: Any) -> None:
    assert decoded(codec("DateTime"), stored) == datetime(2024, 1, 2, 3, 4, 5, 678000, UTC)


def test_moments_are_written_as_prismas_adapters_write_them() -> None:
    assert codec("DateTime").encode(datetime(2024, 1, 2, 3, 4, 5, 678999)) == "2024-01-02T03:04:05.678+00:00"


@pytest.mark.parametrize(
    ("form", "stored"),
    [
        ("iso8601", "2024-01-02T03:04:05.000+00:00"),
        ("unixepoch-ms", 1704164645000),
        ("current_timestamp", "2024-01-02 03:04:05"),
    ],
)
def test_the_url_says_which_form_a_file_holds_and_that_one_is_written_and_compared(form: str, stored: Any) -> None:
    schema = """
        datasource db {
          provider = "sqlite"
        }
        model Event {
          id Int      @id
          at DateTime
        }
    """
    start = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    later = start + timedelta(milliseconds=1)
    with connect(schema, url=f"sqlite://:memory:?timestamp_format={form}", interface="sync") as infra:
        infra.push()
        infra.execute_raw("INSERT INTO Event VALUES (1, ?)", stored)
        events = infra.repository("Event")
        events.create(data={"id": 2, "at": start})
        events.create(data={"id": 3, "at": later})
        assert infra.query_raw("SELECT at FROM Event WHERE id = 2") == [{"at": stored}]
        assert [row["at"] for row in events.find_many(order={"at": "asc"})] == [start, start, later]
        assert events.count(where={"at": start}) == 2
        assert events.count(where={"at": {"gt": start}}) == 1
        assert events.count(where={"at": {"in": [later]}}) == 1


@pytest.mark.parametrize("form", ["iso8601", "unixepoch-ms", "current_timestamp"])
@given(first=st.datetimes(timezones=st.just(UTC)), second=st.datetimes(timezones=st.just(UTC)))
def test_in_every_form_moments_sort_as_moments_do(form: str, first: datetime, second: datetime) -> None:
    encode = SQLITE_MOMENTS[form].encode
    one, other = encode(first), encode(second)
    assert (one < other) <= (first < second)
    assert decode_sqlite(one) == first.replace(microsecond=first.microsecond // 1000 * 1000)


def test_an_unknown_form_is_refused() -> None:
    url = parse_url("file:dev.db?timestamp_format=julian")
    with pytest.raises(ConfigurationError, match="timestamp_format in the database URL is one of iso8601"):
        _ = url.timestamp_format


@pytest.mark.parametrize("stored", ["yesterday", "", b"2024", 10**20, -(10**20)])
def test_what_is_no_moment_is_an_inconsistency(stored: Any) -> None:
    with pytest.raises(InconsistentColumnDataError, match="DateTime"):
        decoded(codec("DateTime"), stored)


# -- what is refused ---------------------------------------------------------------------------------------------------
REFUSED: list[tuple[str, Any, str]] = [
    ("Int", "1", "expected int, got str"),
    ("Int", True, "expected int, got bool True"),
    ("Int", 1.0, "expected int, got float 1.0"),
    ("Int", 2**31, "2147483648 does not fit Int, which holds -2147483648 to 2147483647"),
    ("BigInt", -(2**63) - 1, "does not fit BigInt"),
    ("Int", 10**5000, "the number does not fit Int"),
    ("Float", math.nan, "nan is no finite number"),
    ("Float", math.inf, "inf is no finite number"),
    ("Float", 2**53 + 1, "would not come back equal"),
    ("Float", True, "expected float"),
    ("Float", Decimal("0.5"), "expected float, got Decimal 0.5"),
    ("Decimal", 0.1, "got a float, which may not hold the number"),
    ("Decimal", Decimal("NaN"), "NaN is no finite number"),
    ("Decimal", Decimal("Infinity"), "is no finite number"),
    ("Decimal", Decimal("0.12345678901234567890"), "0.12345678901234567890 would not come back equal"),
    ("Decimal", Decimal("1E+999999"), "would not come back equal"),
    ("Decimal", Decimal(2**63) + Decimal("0.5"), "would not come back equal"),
    ("Boolean", 1, "expected bool, got int 1"),
    ("Boolean", "true", "expected bool, got str"),
    ("String", 5, "expected str, got int 5"),
    ("String", b"text", "expected str, got bytes"),
    ("String", "\ud800", "lone surrogate"),
    ("DateTime", "2024-01-02T03:04:05Z", "expected datetime, got str"),
    ("DateTime", date(2024, 1, 2), "expected datetime, got date 2024-01-02"),
    ("DateTime", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "outside the years 1 to 9999"),
    ("Bytes", "YQ==", "expected bytes, got str"),
    ("Json", {1: "x"}, "keys are text, got int 1"),
    ("Json", math.nan, "nan is no JSON value"),
    ("Json", {"a": [math.inf]}, "inf is no JSON value"),
    ("Json", {"a": datetime(2024, 1, 2)}, "expected a JSON value, got datetime"),
    ("Json", Decimal("1.5"), "expected a JSON value, got Decimal 1.5"),
    ("Json", 2**63, "would not come back equal"),
    ("Json", ["\udc00"], "lone surrogate"),
    ("Json", AnyNull, "AnyNull"),
    ("Role", "ADMN", "`ADMN` is no member of Role; did you mean ADMIN?"),
    ("Role", "admin", "`admin` is no member of Role"),
    ("Role", 1, "expected a member of Role (ADMIN, GUEST), got int 1"),
    ("Role", ["ADMIN"], "expected a member of Role"),
]


@pytest.mark.parametrize(("type_", "value", "message"), REFUSED, ids=[f"{row[0]} {row[2]}" for row in REFUSED])
def test_values_of_another_type_are_refused(type_: str, value: Any, message: str) -> None:
    with pytest.raises(InputError) as refused:
        codec(type_).encode(value)
    assert message in str(refused.value)
    assert refused.value.code == "P2019"


def test_a_refusal_shows_no_text_it_was_given() -> None:
    for type_ in ("Int", "Float", "Decimal", "Boolean", "DateTime", "Bytes"):
        with pytest.raises(InputError) as refused:
            codec(type_).encode("hunter2")
        assert "hunter2" not in str(refused.value)


def test_a_refusal_within_json_says_where() -> None:
    with pytest.raises(InputError) as refused:
        codec("Json").encode({"a": [1, {"b": {1, 2}}]})
    assert refused.value.path == ("a", 1, "b")


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text('aé\u2028"\\\n\x7f\x00'),
        lambda items: st.lists(items) | st.dictionaries(st.text(), items) | st.tuples(items),
    )
)
def test_json_is_written_as_the_standard_library_writes_it(value: Any) -> None:
    document = {"value": value}
    try:
        expected = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        expected.encode()
    except UnicodeEncodeError:
        return
    assert codec("Json").encode(document) == expected


def test_json_may_not_nest_without_end() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InputError, match="levels deep"):
        codec("Json").encode(endless)


# -- nulls of Json -----------------------------------------------------------------------------------------------------
def test_the_json_null_is_a_value_and_the_databases_null_is_none() -> None:
    assert codec("Json").encode(JsonNull) == "null"
    assert codec("Json").encode(None) == "null"
    assert codec("Json").encode(DbNull) is None
    assert decoded(codec("Json"), "null") is None


# -- enums -------------------------------------------------------------------------------------------------------------
class Role(enum.StrEnum):
    ADMIN = "ADMIN"
    GUEST = "GUEST"


class Foreign(enum.Enum):
    ADMIN = 1


class MemberRows(DictRows):
    def enum(self, enum: Enum) -> Any:
        return Role


def test_an_enum_takes_members_and_names_and_stores_what_is_mapped() -> None:
    assert [codec("Role").encode(value) for value in (Role.ADMIN, "ADMIN", Foreign.ADMIN)] == ["admin"] * 3


def test_an_enum_reads_names_or_members() -> None:
    members = Engine(Schema("sqlite", (), (ROLE,)), row_types=MemberRows())
    assert decoded(codec("Role"), "admin") == "ADMIN"
    assert decoded(codec("Role", engine=members), "admin") is Role.ADMIN


def test_a_stored_text_that_is_no_member_is_an_inconsistency() -> None:
    with pytest.raises(InconsistentColumnDataError, match="'root' not found in enum 'Role'"):
        decoded(codec("Role"), "root")


# -- JSON forms --------------------------------------------------------------------------------------------------------
LENIENT_FORMS: list[tuple[str, Any, Any]] = [
    ("BigInt", "9007199254740993", 9007199254740993),
    ("Float", 1, 1.0),
    ("Decimal", "1.10", Decimal("1.1")),
    ("Decimal", 0.1, Decimal("0.1")),
    ("DateTime", "2024-01-02T03:04:05.678Z", datetime(2024, 1, 2, 3, 4, 5, 678000, UTC)),
    ("DateTime", "2024-01-02T04:04:05+01:00", datetime(2024, 1, 2, 3, 4, 5, 0, UTC)),
    ("Bytes", "AQID", b"\x01\x02\x03"),
    ("Bytes", "-_8=", b"\xfb\xff"),
]


@pytest.mark.parametrize(("type_", "form", "value"), LENIENT_FORMS)
def test_a_lenient_engine_takes_json_forms(type_: str, form: Any, value: Any) -> None:
    lenient = codec(type_, engine=LENIENT)
    assert lenient.encode(form) == lenient.encode(value)


@pytest.mark.parametrize(
    ("type_", "form"),
    [
        ("BigInt", "1.5"),
        ("Decimal", "ten"),
        ("DateTime", "2024-01-02"),
        ("DateTime", "2024-W01-1"),
        ("DateTime", "2024-13-02T00:00:00Z"),
        ("Bytes", "%"),
        ("Int", "1"),
        ("Boolean", "true"),
    ],
)
def test_what_is_no_json_form_is_refused_there_too(type_: str, form: str) -> None:
    with pytest.raises(InputError):
        codec(type_, engine=LENIENT).encode(form)


@pytest.mark.parametrize(
    ("type_", "value", "form"),
    [
        ("BigInt", 2**60, "1152921504606846976"),
        ("Decimal", Decimal("1.10"), "1.10"),
        ("DateTime", datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02T00:00:00.000Z"),
        ("DateTime", datetime(2024, 1, 2, microsecond=1, tzinfo=UTC), "2024-01-02T00:00:00.000001Z"),
        ("Bytes", b"\x01\x02\x03", "AQID"),
        ("Role", Role.ADMIN, "ADMIN"),
        ("Int", 5, 5),
    ],
)
def test_json_forms_are_what_prisma_writes(type_: str, value: Any, form: Any) -> None:
    assert codec(type_).json(value) == form
    assert codec(type_).encode(codec(type_).parse(form)) == codec(type_).encode(value)


# -- native types ------------------------------------------------------------------------------------------------------
MOMENT = datetime(2024, 1, 2, 23, 4, 5, 999999, timezone(timedelta(hours=-3)))


@pytest.mark.parametrize(
    ("engine", "native", "stored"),
    [
        (POSTGRESQL, (), datetime(2024, 1, 3, 2, 4, 5, 999000)),
        (POSTGRESQL, ("Timestamp",), datetime(2024, 1, 3, 2, 4, 5, 999999)),
        (POSTGRESQL, ("Timestamp", "0"), datetime(2024, 1, 3, 2, 4, 5)),
        (POSTGRESQL, ("Timestamptz", "1"), datetime(2024, 1, 3, 2, 4, 5, 900000, UTC)),
        (POSTGRESQL, ("Date",), date(2024, 1, 3)),
        (POSTGRESQL, ("Time", "3"), datetime(1, 1, 1, 2, 4, 5, 999000).time()),
        (MYSQL, (), datetime(2024, 1, 3, 2, 4, 5, 999000)),
        (MYSQL, ("DateTime",), datetime(2024, 1, 3, 2, 4, 5)),
        (MYSQL, ("Timestamp", "6"), datetime(2024, 1, 3, 2, 4, 5, 999999)),
    ],
)
def test_moments_are_cut_to_the_columns_precision_never_rounded(
    engine: Engine, native: tuple[str, ...], stored: Any
) -> None:
    assert codec("DateTime", *native, engine=engine).encode(MOMENT) == stored


@pytest.mark.parametrize(
    ("engine", "native", "lowest", "highest"),
    [
        (POSTGRESQL, "SmallInt", -(2**15), 2**15 - 1),
        (POSTGRESQL, "Oid", 0, 2**32 - 1),
        (MYSQL, "UnsignedTinyInt", 0, 255),
        (MYSQL, "MediumInt", -(2**23), 2**23 - 1),
        (MYSQL, "UnsignedInt", 0, 2**32 - 1),
    ],
)
def test_whole_numbers_fit_the_columns_width(engine: Engine, native: str, lowest: int, highest: int) -> None:
    of = codec("Int", native, engine=engine)
    assert [of.encode(lowest), of.encode(highest)] == [lowest, highest]
    for beyond in (lowest - 1, highest + 1):
        with pytest.raises(InputError, match=native):
            of.encode(beyond)


def test_uuids_are_text_of_one_form() -> None:
    made = uuid.uuid4()
    of = codec("String", "Uuid", engine=POSTGRESQL)
    assert of.encode(made) == of.encode(str(made).upper()) == str(made)
    assert decoded(of, made) == str(made)
    with pytest.raises(InputError, match="UUID"):
        of.encode("no uuid")


def test_postgresql_stores_no_nul_character() -> None:
    for type_, value in (("String", "a\x00b"), ("Json", {"a": "\x00"})):
        with pytest.raises(InputError, match=r"U\+0000"):
            codec(type_, engine=POSTGRESQL).encode(value)
    assert codec("Json", engine=POSTGRESQL).encode("\\u0000") == '"\\\\u0000"'


def test_a_32_bit_float_reads_as_the_number_that_was_written() -> None:
    assert decoded(codec("Float", "Real", engine=POSTGRESQL), 0.10000000149011612) == 0.1


def test_decimals_read_without_the_zeros_of_their_scale() -> None:
    of = codec("Decimal", engine=POSTGRESQL)
    assert str(decoded(of, Decimal("1.500000000000000000000000000000"))) == "1.5"
    assert str(decoded(of, Decimal("100.00"))) == "100"
    many = Decimal("12345678901234567890123456789012345.123456789012345678901234567891")
    assert decoded(of, many) == many


# -- lists -------------------------------------------------------------------------------------------------------------
def test_a_list_is_a_list_of_values() -> None:
    of = codec("DateTime", engine=POSTGRESQL, is_list=True)
    stored = [datetime(2024, 1, 2)]
    assert of.encode((datetime(2024, 1, 2, tzinfo=UTC),)) == stored
    assert decoded(of, stored) == [datetime(2024, 1, 2, tzinfo=UTC)]


@pytest.mark.parametrize("value", ["text", {1}, None, 5])
def test_what_is_no_list_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="expected a list"):
        codec("String", engine=POSTGRESQL, is_list=True).encode(value)


def test_a_refusal_within_a_list_says_where() -> None:
    for item in ("x", None):
        with pytest.raises(InputError) as refused:
            codec("Int", engine=POSTGRESQL, is_list=True).encode([1, item])
        assert refused.value.path == (1,)
