"""Values in PostgreSQL: whatever type the column has, what goes in comes back equal and is found again, prepared or not."""

from __future__ import annotations

import contextlib
import math
import re
import struct
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_gen.dynamic import SyncDynamicInfrastructure, connect
from infra_runtime.errors import DataError, InfraError, InputError, ValueOutOfRangeError
from tests.databases import Databases, datasource

MODELS = """
enum Role {
  ADMIN @map("the admin")
  GUEST
}

model Kept {
  id        Int       @id @default(autoincrement())
  string    String?
  varchar   String?   @db.VarChar(5)
  char      String?   @db.Char(5)
  uuid      String?   @db.Uuid
  inet      String?   @db.Inet
  bit       String?   @db.Bit(11)
  varbit    String?   @db.VarBit(40)
  xml       String?   @db.Xml
  boolean   Boolean?
  int       Int?
  small     Int?      @db.SmallInt
  oid       Int?      @db.Oid
  bigint    BigInt?
  float     Float?
  real      Float?    @db.Real
  decimal   Decimal?
  narrow    Decimal?  @db.Decimal(9, 2)
  money     Decimal?  @db.Money
  moment    DateTime?
  seconds   DateTime? @db.Timestamp(0)
  micros    DateTime? @db.Timestamp(6)
  zoned     DateTime? @db.Timestamptz(3)
  zonedmicros DateTime? @db.Timestamptz(6)
  date      DateTime? @db.Date
  time      DateTime? @db.Time(3)
  timetz    DateTime? @db.Timetz(6)
  jsonb     Json?
  json      Json?     @db.Json
  bytes     Bytes?
  role      Role?
  strings   String[]
  uuids     String[]  @db.Uuid
  booleans  Boolean[]
  ints      Int[]
  bigints   BigInt[]
  floats    Float[]
  decimals  Decimal[]
  moments   DateTime[]
  zoneds    DateTime[] @db.Timestamptz(3)
  jsons     Json[]
  byteses   Bytes[]
  roles     Role[]
  hidden    Unsupported("point")?
}
"""

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e15, 1e15).filter(lambda number: number % 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
"""A number is kept as its decimal digits, so a whole float comes back as an int."""
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
FLOATS = st.floats(allow_nan=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**18), max_value=10**18)


def cut(digits: int) -> Any:
    unit = 10 ** (6 - digits)
    return MOMENTS.map(lambda moment: moment.replace(microsecond=moment.microsecond // unit * unit))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "varchar": TEXT.filter(lambda text: len(text) <= 5),
    "char": st.text("abc", min_size=5, max_size=5),
    "uuid": st.uuids().map(str),
    "inet": st.ip_addresses().map(str) | st.sampled_from(["10.0.0.0/8", "fe80::/10", "192.168.1.5/24"]),
    "bit": st.text("01", min_size=11, max_size=11),
    "varbit": st.text("01", max_size=40),
    "xml": st.sampled_from(["<a/>", "<a b='1'>text &amp; ü</a>"]),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "small": st.integers(-(2**15), 2**15 - 1),
    "oid": st.integers(0, 2**32 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "float": FLOATS,
    "real": st.floats(width=32, allow_nan=False).map(lambda number: shortest_single(number)),
    "decimal": DECIMALS,
    "narrow": st.decimals(allow_nan=False, places=2, min_value=-9999999, max_value=9999999),
    "money": st.decimals(allow_nan=False, places=2, min_value=-(10**13), max_value=10**13),
    "moment": cut(3),
    "seconds": cut(0),
    "micros": cut(6),
    "zoned": cut(3),
    "zonedmicros": cut(6),
    "date": MOMENTS.map(lambda moment: moment.replace(hour=0, minute=0, second=0, microsecond=0)),
    "time": cut(3).map(lambda moment: moment.replace(year=1970, month=1, day=1)),
    "timetz": cut(6).map(lambda moment: moment.replace(year=1970, month=1, day=1)),
    "jsonb": JSON,
    "json": JSON,
    "bytes": st.binary(max_size=40),
    "role": st.sampled_from(["ADMIN", "GUEST"]),
    "strings": st.lists(TEXT, max_size=4),
    "uuids": st.lists(st.uuids().map(str), max_size=3),
    "booleans": st.lists(st.booleans(), max_size=4),
    "ints": st.lists(st.integers(-(2**31), 2**31 - 1), max_size=4),
    "bigints": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4),
    "floats": st.lists(FLOATS, max_size=4),
    "decimals": st.lists(DECIMALS, max_size=4),
    "moments": st.lists(cut(3), max_size=3),
    "zoneds": st.lists(cut(3), max_size=3),
    "jsons": st.lists(JSON.filter(lambda value: value is not None), max_size=3),
    "byteses": st.lists(st.binary(max_size=10), max_size=3),
    "roles": st.lists(st.sampled_from(["ADMIN", "GUEST"]), max_size=4),
}
LISTS = re.findall(r"(\w+) +\w+\[\]", MODELS)
NOT_COMPARED = {"xml", "json", "jsonb", "jsons"}
"""What PostgreSQL does not compare (xml), or what a filter on it says otherwise."""


def shortest_single(number: float) -> float:
    """The shortest decimal that means a 32-bit float."""
    if not math.isfinite(number):
        return number
    return next(
        short
        for digits in range(1, 12)
        if struct.pack("f", short := float(f"{number:.{digits}g}")) == struct.pack("f", number)
    )


@contextlib.contextmanager
def client(databases: Databases, extra: str) -> Iterator[SyncDynamicInfrastructure]:
    url = databases("postgresql").url(MODELS)
    with connect(datasource("postgresql") + MODELS, url=f"{url}{extra}", interface="sync") as infra:
        yield infra


@pytest.fixture(scope="module", params=["", "&pgbouncer=true"], ids=["prepared", "not prepared"])
def infra(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SyncDynamicInfrastructure]:
    with client(databases, request.param) as made:
        yield made


@pytest.mark.parametrize("field", list(VALUES))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_value_comes_back_equal_and_is_found(
    field: str, infra: SyncDynamicInfrastructure, data: st.DataObject
) -> None:
    value = data.draw(VALUES[field])
    kept = infra.repository("Kept")
    created = kept.create(data={field: value})
    read = kept.find_unique(where={"id": created["id"]})
    assert created[field] == read[field] == value
    assert type(read[field]) is type(value)
    if field not in NOT_COMPARED:
        found = kept.find_first(where={"id": created["id"], field: {"equals": value}}, select={"id": True})
        assert found == {"id": created["id"]}
    if field not in NOT_COMPARED and not isinstance(value, list):
        assert kept.count(where={"id": created["id"], field: {"in": [value]}}) == 1


@pytest.mark.parametrize("field", [name for name in LISTS if name != "jsons"])
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_elements_are_pushed_and_looked_for(field: str, infra: SyncDynamicInfrastructure, data: st.DataObject) -> None:
    values = data.draw(VALUES[field].filter(bool))
    kept = infra.repository("Kept")
    row = kept.create(data={field: []})
    pushed = kept.update(where={"id": row["id"]}, data={field: {"push": values}})
    assert pushed[field] == values
    for operator, operand in [("has", values[0]), ("has_every", values), ("has_some", values[:1]), ("is_empty", False)]:
        assert kept.count(where={"id": row["id"], field: {operator: operand}}) == 1, operator


def test_not_a_number_comes_back_though_it_equals_nothing(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    row = kept.create(data={"float": math.nan, "real": math.nan, "floats": [math.nan, math.inf, -math.inf]})
    assert math.isnan(row["float"])
    assert math.isnan(row["real"])
    assert math.isnan(row["floats"][0])
    assert row["floats"][1:] == [math.inf, -math.inf]


def test_a_value_is_the_same_in_every_batch_of_a_stream(infra: SyncDynamicInfrastructure) -> None:
    """The first batch is read as text, the others in binary where all columns can be."""
    kept = infra.repository("Kept")
    moment = datetime(2024, 2, 29, 3, 4, 5, 678000, UTC)
    values = {
        "string": "Ä",
        "uuid": str(uuid.UUID(int=7)),
        "inet": "10.0.0.1",
        "bit": "10101010101",
        "boolean": True,
        "int": -7,
        "bigint": 2**40,
        "float": 0.1,
        "real": 0.1,
        "decimal": Decimal("12.5"),
        "money": Decimal("12.34"),
        "moment": moment,
        "zoned": moment,
        "date": datetime(2024, 2, 29, tzinfo=UTC),
        "time": datetime(1970, 1, 1, 3, 4, 5, tzinfo=UTC),
        "jsonb": {"a": [1, 2.5, None]},
        "bytes": b"\x00\xff",
        "role": "ADMIN",
    }
    made = [kept.create(data=data)["id"] for data in (values, {}, values, values)]
    where = {"id": {"in": made}}
    rows = list(kept.stream(where=where, order={"id": "asc"}, batch_size=1))
    assert rows == kept.find_many(where=where, order={"id": "asc"})
    for row in (rows[0], rows[2], rows[3]):
        assert {name: row[name] for name in values} == values


def test_a_tiny_32_bit_float_reads_as_the_shortest_number_that_means_it(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    row = kept.create(data={"real": 2.0204e-41})
    assert kept.find_unique(where={"id": row["id"]})["real"] == row["real"] == 2.0204e-41


def test_nulls_and_lists_never_set(infra: SyncDynamicInfrastructure) -> None:
    row = infra.repository("Kept").create(data={})
    assert {name: value for name, value in row.items() if name != "id"} == {
        name: [] if name in LISTS else None for name in VALUES
    }


def test_a_char_is_padded_as_the_database_keeps_it(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    row = kept.create(data={"char": "ab"})
    assert row["char"] == "ab   "
    assert kept.count(where={"id": row["id"], "char": "ab"}) == 1


def test_moments_are_cut_and_never_rounded_in_data_and_in_filters(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    late = datetime(2024, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    row = kept.create(data={"moment": late, "seconds": late, "zoned": late, "time": late, "date": late})
    assert row["moment"] == late.replace(microsecond=999000)
    assert row["seconds"] == late.replace(microsecond=0)
    assert row["zoned"] == late.replace(microsecond=999000)
    assert row["time"] == datetime(1970, 1, 1, 23, 59, 59, 999000, tzinfo=UTC)
    assert row["date"] == datetime(2024, 12, 31, tzinfo=UTC)
    for field in ("moment", "seconds", "zoned", "time", "date"):
        assert kept.count(where={"id": row["id"], field: late}) == 1, field


@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns", "Asia/Kathmandu"])
def test_the_sessions_zone_changes_nothing(zone: str, databases: Databases) -> None:
    noon = datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with client(databases, f"&options=-c%20TimeZone%3D{zone}&connection_limit=1") as infra:
        kept = infra.repository("Kept")
        assert infra.query_raw("SHOW TimeZone") == [{"TimeZone": zone}]
        for _ in range(2):
            row = kept.create(data={"moment": noon, "zoned": noon, "timetz": noon, "moments": [noon], "zoneds": [noon]})
            assert row["moment"] == row["zoned"] == noon
            assert row["moments"] == row["zoneds"] == [noon]
            assert row["timetz"] == datetime(1970, 1, 1, 10, tzinfo=UTC)
            assert row["zoned"].tzinfo is UTC
            assert kept.count(where={"id": row["id"], "moment": noon, "zoned": noon, "timetz": noon}) == 1
        assert infra.query_raw('SELECT moment::text AS at FROM "Kept" LIMIT 1') == [{"at": "2024-07-01 10:00:00"}]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"varchar": "too long"}, ValueOutOfRangeError),
        ({"string": "a\0b"}, InputError),
        ({"jsonb": {"a": "\0"}}, InputError),
        ({"int": 2**31}, InputError),
        ({"small": 2**15}, InputError),
        ({"oid": -1}, InputError),
        ({"uuid": "no uuid"}, InputError),
        ({"narrow": "12345678.00"}, ValueOutOfRangeError),
        ({"decimal": "NaN"}, InputError),
        ({"role": "the admin"}, InputError),
        ({"inet": "no address"}, DataError),
        ({"bit": "012"}, DataError),
        ({"strings": ["a", None]}, InputError),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_and_leaves_a_working_client(
    data: dict[str, Any], error: type[InfraError], infra: SyncDynamicInfrastructure
) -> None:
    kept = infra.repository("Kept")
    before = kept.count()
    with pytest.raises(error):
        kept.create(data=data)
    assert kept.count() == before


def test_an_increment_beyond_the_column_is_refused(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    row = kept.create(data={"int": 2**31 - 1, "small": 2**15 - 1})
    for field in ("int", "small"):
        with pytest.raises(ValueOutOfRangeError) as caught:
            kept.update(where={"id": row["id"]}, data={field: {"increment": 1}})
        assert caught.value.code == "P2020"


def test_raw_queries_answer_the_same_values_whether_prepared_or_not(infra: SyncDynamicInfrastructure) -> None:
    query = """SELECT 1.5::float4 AS f, 0.1::float4 AS g, '12.34'::money AS m, B'0101' AS b, 'a'::xml AS x,
        '10.0.0.1'::inet AS i, '6d1f7a0c-0000-4000-8000-000000000001'::uuid AS u, ARRAY[1, 2] AS a,
        '{"k": [1]}'::jsonb AS j, '\\x00ff'::bytea AS y, timestamptz '2024-01-01 12:00:00+02' AS z, 7::oid AS o"""
    assert infra.query_raw(query) == [
        {
            "f": 1.5,
            "g": 0.1,
            "m": Decimal("12.34"),
            "b": "0101",
            "x": "a",
            "i": "10.0.0.1",
            "u": "6d1f7a0c-0000-4000-8000-000000000001",
            "a": [1, 2],
            "j": {"k": [1]},
            "y": b"\x00\xff",
            "z": datetime(2024, 1, 1, 10, tzinfo=UTC),
            "o": 7,
        }
    ]


def test_raw_queries_take_every_kind_of_parameter(infra: SyncDynamicInfrastructure) -> None:
    answer = infra.query_first(
        "SELECT $1::int AS i, $2::text AS t, $3::timestamp AS m, $4::numeric AS d, $5::bytea AS b, $6::jsonb AS j, "
        "$7 = ANY($8::int[]) AS listed, $9 = 'the admin' AS r, $10::uuid AS u, $11::bool AS yes, $12::float8 AS f",
        *(5, "x", datetime(2024, 1, 1, tzinfo=UTC), Decimal("1.50"), b"\x00", {"a": [1]}),
        *(3, [1, 2, 3], "the admin", uuid.UUID(int=1), True, 2.5),
    )
    assert answer == {
        "i": 5,
        "t": "x",
        "m": datetime(2024, 1, 1, tzinfo=UTC),
        "d": Decimal("1.50"),
        "b": b"\x00",
        "j": {"a": [1]},
        "listed": True,
        "r": True,
        "u": str(uuid.UUID(int=1)),
        "yes": True,
        "f": 2.5,
    }
