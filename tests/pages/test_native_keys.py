"""Keys of every native type: a walk by tokens sees each row once, so values come back exactly as the database compares them."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from infra_gen.front import compile_schema
from infra_gen.metadata import metadata
from infra_gen.schema.source import SourceFile
from infra_runtime.infrastructure import SyncInfrastructure
from infra_runtime.operation import Operation
from tests.databases import Database, Provider, datasource
from tests.pages.conftest import query

MOMENT = datetime.datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=datetime.UTC)


def moments(step: datetime.timedelta) -> list[Any]:
    return [MOMENT - step * number for number in range(3)]


MICROSECONDS, HOURS, DAYS = (
    moments(step)
    for step in (datetime.timedelta(microseconds=1), datetime.timedelta(hours=5), datetime.timedelta(days=1))
)
FLOATS = [0.1, 0.1 + 2**-20, -(2.0**-100)]
NATIVE: dict[Provider, dict[str, list[Any]]] = {
    "sqlite": {
        "Decimal": [Decimal("0.1"), Decimal("123456789012.345"), Decimal("-2")],
        "DateTime": moments(datetime.timedelta(milliseconds=1)),
        "Float": [0.1, 1e308, -5e-324],
        "BigInt": [2**63 - 1, -(2**63), 2**53 + 1],
        "Bytes": [b"", b"\x00", b"\xff\xfe"],
        "String": ["", "ß", "\U0001f600"],
    },
    "postgresql": {
        "Float @db.Real": [*FLOATS, float("inf")],
        "Float": [*FLOATS, float("nan"), float("-inf")],
        "Decimal @db.Decimal(30, 10)": [Decimal("0.0000000001"), Decimal("12345678901234567890.5"), Decimal("-1")],
        "String @db.Uuid": [str(uuid.UUID(int=number << 100)) for number in range(3)],
        "String @db.VarChar(10)": ["", "ß", "\U0001f600"],
        "String @db.Char(4)": ["a", "ab", "abc"],
        "DateTime @db.Timestamp(6)": MICROSECONDS,
        "DateTime @db.Timestamptz(6)": MICROSECONDS,
        "DateTime @db.Timestamptz(3)": HOURS,
        "DateTime @db.Date": DAYS,
        "DateTime @db.Time(6)": HOURS,
        "Int @db.SmallInt": [-32768, 0, 32767],
        "Int @db.Oid": [0, 2**31, 2**32 - 1],
        "Bytes": [b"", b"\x00", b"\xff\xfe"],
        "Boolean": [True, False],
        "String @db.Inet": ["10.0.0.1", "10.0.0.2", "::1"],
    },
    "mysql": {
        "Float @db.Float": FLOATS,
        "Float": [0.1, 1e300, -1e-300],
        "Decimal @db.Decimal(30, 10)": [Decimal("0.0000000001"), Decimal("12345678901234567890.5"), Decimal("-1")],
        "DateTime @db.DateTime(6)": MICROSECONDS,
        "DateTime @db.Timestamp(3)": HOURS,
        "DateTime @db.Date": DAYS,
        "DateTime @db.Time(6)": HOURS,
        "Int @db.Year": [1901, 2024, 2155],
        "BigInt @db.UnsignedBigInt": [0, 2**63, 2**64 - 1],
        "Boolean @db.Bit(1)": [True, False],
        "String @db.VarChar(10)": ["", "a", "B", "b"],
        "Bytes @db.VarBinary(8)": [b"", b"\x00", b"\xff\xfe"],
    },
}
ALL = [(provider, type_) for provider, types in NATIVE.items() for type_ in types]


@pytest.fixture(params=ALL, ids=[f"{provider}-{type_}" for provider, type_ in ALL])
def case(request: pytest.FixtureRequest) -> tuple[Provider, str]:
    chosen: tuple[Provider, str] = request.param
    return chosen


def optional(type_: str) -> str:
    """A column's type, nullable."""
    return re.sub(r"^\w+", lambda name: f"{name[0]}?", type_)


@pytest.fixture
def infra(case: tuple[Provider, str], databases: Any) -> Iterator[SyncInfrastructure]:
    provider, _ = case
    # All types of a database are columns of one table.
    columns = [f"  key{place} {optional(type_)}" for place, type_ in enumerate(NATIVE[provider])]
    models = "model Keyed {\n  id Int @id\n" + "\n".join(columns) + "\n}\n"
    source = SourceFile("schema.prisma", datasource(provider) + models)
    schema = metadata(compile_schema((source,), for_generators=False).schema)
    database: Database = databases(provider)
    with SyncInfrastructure(schema=schema, url=database.url(models)) as client:
        yield client


@pytest.mark.parametrize("way", ["asc", "desc"])
def test_a_walk_sees_each_row_once(case: tuple[Provider, str], infra: SyncInfrastructure, way: str) -> None:
    provider, type_ = case
    field = f"key{list(NATIVE[provider]).index(type_)}"
    values = [*NATIVE[provider][type_], None, None, *NATIVE[provider][type_]]
    model = infra.engine.schema.model["Keyed"]
    rows = [{"id": number, field: value} for number, value in enumerate(values)]
    infra.execute(Operation("create_many", model, {"data": rows}))
    order = {field: way}
    whole = [row["id"] for row in infra.execute(Operation("find_many", model, {"order": order, "seek": {}}))]
    assert sorted(whole) == list(range(len(values)))
    for side, neighbour in (("after", "next"), ("before", "previous")):
        seen: list[int] = []
        token = None
        while len(seen) <= len(whole):
            asked: Any = {side: token}
            page = query(infra, "Keyed", order=order).paginate(limit=1, **asked).execute()
            seen += [row["id"] for row in page.items]
            token = getattr(page, neighbour)
            if token is None:
                break
        assert seen == (whole if side == "after" else whole[::-1])
