"""Values in MySQL and MariaDB: whatever type the column has, what goes in comes back equal and is found again."""

from __future__ import annotations

import math
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
from infra_runtime.errors import InfraError, InputError, ValueOutOfRangeError
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
  text      String?   @db.LongText
  boolean   Boolean?
  bit       Boolean?  @db.Bit(1)
  int       Int?
  tiny      Int?      @db.TinyInt
  small     Int?      @db.SmallInt
  medium    Int?      @db.MediumInt
  uint      Int?      @db.UnsignedInt
  utiny     Int?      @db.UnsignedTinyInt
  year      Int?      @db.Year
  bigint    BigInt?
  ubigint   BigInt?   @db.UnsignedBigInt
  float     Float?
  single    Float?    @db.Float
  decimal   Decimal?
  narrow    Decimal?  @db.Decimal(9, 2)
  moment    DateTime?
  seconds   DateTime? @db.DateTime(0)
  micros    DateTime? @db.DateTime(6)
  stamp     DateTime? @db.Timestamp(3)
  date      DateTime? @db.Date
  time      DateTime? @db.Time(3)
  json      Json?
  bytes     Bytes?
  fixed     Bytes?    @db.Binary(4)
  role      Role?
}
"""

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(-1e15, 1e15) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def cut(digits: int, moments: st.SearchStrategy[datetime] = MOMENTS) -> Any:
    unit = 10 ** (6 - digits)
    return moments.map(lambda moment: moment.replace(microsecond=moment.microsecond // unit * unit))


LARGEST_SINGLE = (2 - 2**-23) * 2.0**127


def shortest_single(number: float) -> float:
    """The shortest decimal that means a 32-bit float. (Of subnormal ones MariaDB writes more digits than that.)"""
    return next(
        short
        for digits in range(1, 12)
        if struct.pack("f", short := float(f"{number:.{digits}g}")) == struct.pack("f", number)
    )


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "varchar": TEXT.filter(lambda text: len(text) <= 5),
    "text": TEXT,
    "boolean": st.booleans(),
    "bit": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "tiny": st.integers(-(2**7), 2**7 - 1),
    "small": st.integers(-(2**15), 2**15 - 1),
    "medium": st.integers(-(2**23), 2**23 - 1),
    "uint": st.integers(0, 2**32 - 1),
    "utiny": st.integers(0, 2**8 - 1),
    "year": st.integers(1901, 2155),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "ubigint": st.integers(0, 2**64 - 1),
    "float": FLOATS,
    # The shortest text of the largest number is a little larger than it, and refused.
    "single": st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False)
    .filter(lambda number: abs(number) < LARGEST_SINGLE)
    .map(shortest_single),
    "decimal": st.decimals(allow_nan=False, places=30, min_value=-(10**34), max_value=10**34),
    "narrow": st.decimals(allow_nan=False, places=2, min_value=-9999999, max_value=9999999),
    "moment": cut(3),
    "seconds": cut(0),
    "micros": cut(6),
    "stamp": cut(3, st.datetimes(datetime(1970, 1, 2), datetime(2038, 1, 18), timezones=st.just(UTC))),
    "date": MOMENTS.map(lambda moment: moment.replace(hour=0, minute=0, second=0, microsecond=0)),
    "time": cut(3).map(lambda moment: moment.replace(year=1970, month=1, day=1)),
    "json": JSON,
    "bytes": st.binary(max_size=40),
    "fixed": st.binary(min_size=4, max_size=4),
    "role": st.sampled_from(["ADMIN", "GUEST"]),
}
NOT_COMPARED = {"json", "single"}
"""What a filter says otherwise, and what is not equal to the double that the value is."""


@pytest.fixture(scope="module")
def infra(databases: Databases) -> Iterator[SyncDynamicInfrastructure]:
    url = databases("mysql").url(MODELS)
    with connect(datasource("mysql") + MODELS, url=url, interface="sync") as made:
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
        assert kept.count(where={"id": created["id"], field: {"in": [value]}}) == 1


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=TEXT, text=TEXT, after=TEXT)
def test_text_is_looked_for_as_it_is_written(
    infra: SyncDynamicInfrastructure, before: str, text: str, after: str
) -> None:
    """`%`, `_` and the backslash are characters like all others."""
    kept = infra.repository("Kept")
    row = kept.create(data={"text": before + text + after})
    for operator, operand in [("contains", text), ("startswith", before + text), ("endswith", text + after)]:
        assert kept.count(where={"id": row["id"], "text": {operator: operand}}) == 1, operator


@pytest.mark.parametrize(("looked_for", "found"), [("%", 1), ("_", 1), ("\\", 1), ("a%c", 0), ("a_c", 0), ("\\%", 0)])
def test_wildcards_are_characters(infra: SyncDynamicInfrastructure, looked_for: str, found: int) -> None:
    kept = infra.repository("Kept")
    row = kept.create(data={"string": "abc 100% under_score back\\slash"})
    assert kept.count(where={"id": row["id"], "string": {"contains": looked_for}}) == found


def test_what_is_equal_is_the_collations_matter(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    row = kept.create(data={"string": "Straße ADA"})
    for where in ({"contains": "ada"}, {"equals": "straße ada"}, {"in": ["STRASSE ADA"]}):
        assert kept.count(where={"id": row["id"], "string": where}) == 1, where
    with pytest.raises(InputError, match="mode: insensitive does not exist on mysql"):
        kept.count(where={"string": {"contains": "ada", "mode": "insensitive"}})


def test_moments_are_cut_and_never_rounded_in_data_and_in_filters(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    late = datetime(2024, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    row = kept.create(data={"moment": late, "seconds": late, "stamp": late, "time": late, "date": late})
    assert row["moment"] == row["stamp"] == late.replace(microsecond=999000)
    assert row["seconds"] == late.replace(microsecond=0)
    assert row["time"] == datetime(1970, 1, 1, 23, 59, 59, 999000, tzinfo=UTC)
    assert row["date"] == datetime(2024, 12, 31, tzinfo=UTC)
    for field in ("moment", "seconds", "stamp", "time", "date"):
        assert kept.count(where={"id": row["id"], field: late}) == 1, field


def test_moments_are_kept_in_utc(infra: SyncDynamicInfrastructure) -> None:
    noon = datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    row = infra.repository("Kept").create(data={"moment": noon, "stamp": noon})
    assert row["moment"] == row["stamp"] == noon
    assert infra.query_raw("SELECT cast(moment AS char) AS at FROM Kept WHERE id = ?", row["id"]) == [
        {"at": "2024-07-01 10:00:00.000"}
    ]


@pytest.mark.parametrize(
    ("data", "error", "code"),
    [
        ({"varchar": "too long"}, ValueOutOfRangeError, "P2000"),
        ({"int": 2**31}, InputError, "P2019"),
        ({"tiny": 128}, InputError, "P2019"),
        ({"utiny": -1}, InputError, "P2019"),
        ({"year": 1000}, ValueOutOfRangeError, "P2020"),
        ({"narrow": "12345678.00"}, ValueOutOfRangeError, "P2020"),
        ({"decimal": "NaN"}, InputError, "P2019"),
        ({"float": math.inf}, InputError, "P2019"),
        ({"role": "the admin"}, InputError, "P2019"),
        ({"string": "\ud800"}, InputError, "P2019"),
        ({"fixed": b"12345"}, ValueOutOfRangeError, "P2000"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_and_leaves_a_working_client(
    data: dict[str, Any], error: type[InfraError], code: str, infra: SyncDynamicInfrastructure
) -> None:
    kept = infra.repository("Kept")
    before = kept.count()
    with pytest.raises(error) as caught:
        kept.create(data=data)
    assert caught.value.code == code
    assert next(iter(data)) in str(caught.value)
    assert kept.count() == before


def test_an_increment_beyond_the_column_is_refused(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    row = kept.create(data={"int": 2**31 - 1, "tiny": 127, "ubigint": 0})
    for field, change in [("int", "increment"), ("tiny", "increment"), ("ubigint", "decrement")]:
        with pytest.raises(ValueOutOfRangeError) as caught:
            kept.update(where={"id": row["id"]}, data={field: {change: 1}})
        assert caught.value.code == "P2020"


def test_nulls(infra: SyncDynamicInfrastructure) -> None:
    row = infra.repository("Kept").create(data={})
    assert {name: value for name, value in row.items() if name != "id"} == dict.fromkeys(VALUES)


def test_a_list_of_any_length_is_one_statement(infra: SyncDynamicInfrastructure) -> None:
    kept, said = infra.repository("Kept"), []
    row = kept.create(data={"string": "here"})
    infra.on_statement(lambda statement, seconds, error: said.append(statement))
    assert kept.count(where={"id": {"in": [*range(-100000, 0), row["id"]]}}) == 1
    assert kept.count(where={"id": row["id"], "bytes": {"not_in": [b"a", b"\x00'\\"]}}) == 0
    assert len(said) == 2


def test_raw_queries_take_every_kind_of_parameter(infra: SyncDynamicInfrastructure) -> None:
    answer = infra.query_first(
        "SELECT ? AS i, ? AS t, cast(? AS datetime(3)) AS m, ? AS d, ? AS b, ? AS j, ? AS u, ? AS yes, ? AS f, ? AS nothing",
        *(5, "x", datetime(2024, 1, 1, tzinfo=UTC), Decimal("1.50"), b"\x00'\\\xff", {"a": [1]}),
        *(uuid.UUID(int=1), True, 2.5, None),
    )
    assert answer == {
        "i": 5,
        "t": "x",
        "m": datetime(2024, 1, 1),
        "d": Decimal("1.50"),
        "b": b"\x00'\\\xff",
        "j": '{"a":[1]}',
        "u": str(uuid.UUID(int=1)),
        "yes": 1,
        "f": 2.5,
        "nothing": None,
    }
