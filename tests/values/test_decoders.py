"""Rows decode to what their codecs make of each value, also where a driver gives another value than usual."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from infra_runtime.compiler.decode import Column, Display, column_of, compiled
from infra_runtime.engine import Engine
from infra_runtime.errors import InconsistentColumnDataError
from infra_runtime.schema import Enum, EnumValue, NativeType, ScalarField, Schema
from infra_runtime.values.usual import USUAL

ROLE = Enum("Role", (EnumValue("ADMIN", "admin"), EnumValue("GUEST", "GUEST")))
ENGINES = {provider: Engine(Schema(provider, (), (ROLE,))) for provider in ("sqlite", "postgresql", "mysql")}

NAIVE = datetime(2024, 1, 2, 3, 4, 5, 678000)
EAST = timezone(timedelta(hours=1))
STORED: dict[tuple[str, str, str], list[Any]] = {
    ("sqlite", "Boolean", ""): [1, 0, 2, None, 0.5],
    ("mysql", "Boolean", ""): [1, 0, None],
    ("sqlite", "DateTime", ""): [
        "2024-01-02T03:04:05.678+00:00",
        "2024-01-02T03:04:05.678Z",
        "2024-01-02 03:04:05.678",
        "2024-01-02T04:04:05.678+01:00",
        "2024-01-02 03:04:05.678 +00:00",
        1704164645678,
        1704164645678.0,
        None,
    ],
    ("postgresql", "DateTime", ""): [NAIVE, NAIVE.replace(tzinfo=UTC), NAIVE.astimezone(EAST), NAIVE.date(), None],
    ("mysql", "DateTime", ""): [NAIVE, NAIVE.replace(tzinfo=UTC), timedelta(hours=3), None],
    ("postgresql", "DateTime", "Date"): [date(2024, 1, 2), NAIVE, None],
    ("postgresql", "DateTime", "Time"): [time(3, 4, 5), None],
    ("postgresql", "DateTime", "Timetz"): [time(3, 4, 5, tzinfo=UTC), time(3, 4, 5, tzinfo=EAST), None],
    ("mysql", "DateTime", "Time"): [timedelta(hours=3), time(3, 4), None],
    ("sqlite", "Decimal", ""): [5, 2.5, 2.0, -0.0, 1e22, 1e-7, "1.50", float("inf"), None],
    ("postgresql", "Decimal", ""): [
        *map(
            Decimal,
            (
                "1.50",
                "1.05",
                "1.5E+3",
                "1.5E-9",
                "12",
                "100.00",
                "0.00",
                "-0.00",
                "-7.10",
                "1E+3",
                "NaN",
                "Infinity",
                f"{10**40}.0010",
            ),
        ),
        5,
        2.5,
        None,
    ],
    ("sqlite", "Json", ""): ['{"a":[1,2.5,null]}', ' {"a": 1} ', '"text"', "5", 5, 2.5, b"[1]", None],
    ("sqlite", "Role", ""): ["admin", "GUEST", None],
}

AGGREGATED: dict[type, list[Any]] = {
    int: [5, True, Decimal(7), Decimal(10**30), 2.0, None],
    float: [2.5, 3, Decimal("1.5"), None],
}
"""What databases answer for sums and means, by the type that is wanted of them."""


def column(provider: str, type_: str, native: str) -> Column:
    field = ScalarField(
        "field",
        type_,
        arity="optional",
        is_enum=type_ == "Role",
        native=NativeType(native, ()) if native else None,
    )
    return column_of(ENGINES[provider], field, 0)


def by_function(of: Column, stored: Any) -> Any:
    return stored if stored is None or of.decode is None else of.decode(stored)


def same(value: Any) -> tuple[type, str]:
    """Values that are equal may still be told apart: True and 1, 1.5 and 1.50."""
    return type(value), repr(value)


@pytest.mark.parametrize("kind", list(STORED), ids=" ".join)
def test_a_value_is_what_its_codec_makes_of_it(kind: tuple[str, str, str]) -> None:
    of = column(*kind)
    decode = compiled({"value": of}, 1)
    for stored in STORED[kind]:
        [row] = decode([(stored,)])
        assert same(row["value"]) == same(by_function(of, stored)), stored


@pytest.mark.parametrize("kind", list(STORED), ids=" ".join)
def test_so_it_is_among_others(kind: tuple[str, str, str]) -> None:
    of = column(*kind)
    rows = compiled((of,), 1)([(stored,) for stored in STORED[kind]])
    assert [same(value) for (value,) in rows] == [same(by_function(of, stored)) for stored in STORED[kind]]


@pytest.mark.parametrize("wanted", AGGREGATED)
def test_an_aggregate_is_what_its_type_makes_of_it(wanted: type) -> None:
    of = Column(0, wanted)
    rows = compiled((of,), 1)([(stored,) for stored in AGGREGATED[wanted]])
    assert [same(value) for (value,) in rows] == [same(by_function(of, stored)) for stored in AGGREGATED[wanted]]


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (("sqlite", "DateTime", ""), "yesterday"),
        (("sqlite", "DateTime", ""), b"2024"),
        (("sqlite", "DateTime", ""), 10**20),
        (("mysql", "DateTime", ""), "0000-00-00 00:00:00"),
        (("sqlite", "Role", ""), "OWNER"),
    ],
    ids=str,
)
def test_what_no_codec_takes_is_an_inconsistency(kind: tuple[str, str, str], stored: Any) -> None:
    usual = next(iter(STORED[kind]))
    with pytest.raises(InconsistentColumnDataError, match="Inconsistent column data"):
        compiled({"value": column(*kind)}, 1)([(usual,), (stored,)])


def test_every_expression_stands_for_the_function_of_a_type_that_is_tried_here() -> None:
    assert {column(*kind).decode for kind in STORED} | AGGREGATED.keys() >= USUAL.keys()


def test_a_decoder_takes_what_it_is_told_of_wider_rows() -> None:
    display: Display = {"first": Column(0), "_count": {"second": Column(2)}, "later": None}
    assert compiled(display, 4)([(1, 2, 3, 4)]) == [{"first": 1, "_count": {"second": 3}, "later": None}]
    assert compiled((Column(1), Column(0)), 2)([("a", "b")]) == [("b", "a")]
    assert compiled({}, 0)([(), ()]) == [{}, {}]


def test_a_list_that_was_never_set_is_empty() -> None:
    tags = ScalarField("tags", "String", arity="list")
    decode = compiled({"tags": column_of(ENGINES["postgresql"], tags, 0)}, 1)
    assert decode([(None,), (["a"],), ([],)]) == [{"tags": []}, {"tags": ["a"]}, {"tags": []}]
