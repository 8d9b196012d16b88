"""Ids and times that the client makes: their formats, their order, and that no two are equal."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_runtime.engine import Engine
from infra_runtime.schema import Default, Enum, EnumValue, ScalarField, Schema
from infra_runtime.values import defaults
from infra_runtime.values.defaults import default_maker
from infra_runtime.values.nulls import JsonNull

ENGINE = Engine(Schema("postgresql", (), (Enum("Role", (EnumValue("ADMIN", "admin"),)),)))
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
FUNCTIONS: dict[tuple[Any, ...], str] = {
    ("uuid",): UUID4,
    ("uuid", 4): UUID4,
    ("uuid", 7): UUID4.replace("-4", "-7", 1),
    ("cuid",): r"c[0-9a-z]{24}",
    ("cuid", 1): r"c[0-9a-z]{24}",
    ("cuid", 2): r"[a-z][0-9a-z]{23}",
    ("ulid",): r"[0-7][0-9A-HJKMNP-TV-Z]{25}",
    ("nanoid",): r"[\w-]{21}",
    ("nanoid", 8): r"[\w-]{8}",
}


def maker(type_: str, default: Default | None, **options: Any) -> Callable[[], Any] | None:
    return default_maker(ENGINE, ScalarField("field", type_, default=default, **options))


def made(type_: str, default: Default | None, **options: Any) -> Any:
    make = maker(type_, default, **options)
    assert make is not None
    return make()


def of_function(name: str, *arguments: Any) -> Default:
    return Default("client", function=name, arguments=arguments)


@pytest.mark.parametrize("call", FUNCTIONS, ids=str)
def test_each_function_makes_ids_of_its_format_and_no_two_are_equal(call: tuple[Any, ...]) -> None:
    make = maker("String", of_function(*call))
    assert make is not None
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: make(), range(2000)))
    assert all(re.fullmatch(FUNCTIONS[call], made_id) for made_id in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("make", [defaults.uuid7, defaults.ulid])
def test_ids_that_begin_with_the_time_rise_within_a_millisecond_too(make: Callable[[], str]) -> None:
    ids = [make() for _ in range(5000)]
    assert ids == sorted(ids)


def test_a_uuid7_begins_with_the_milliseconds_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = uuid.UUID(defaults.uuid7()).int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000 + 5


def test_ids_rise_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = defaults.ulid()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert defaults.ulid() > first


@given(number=st.integers(0, 36**12), width=st.integers(1, 13))
def test_base_36_has_the_last_digits(number: int, width: int) -> None:
    digits = defaults.base36(number, width)
    assert len(digits) == width
    assert int(digits, 36) == number % 36**width


def test_now_is_the_time_in_utc_to_the_millisecond() -> None:
    moment = made("DateTime", of_function("now"))
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=5)
    assert moment.tzinfo is UTC
    assert moment.microsecond % 1000 == 0


def test_an_updated_at_field_without_default_begins_with_the_time() -> None:
    assert isinstance(made("DateTime", None, updated_at=True), datetime)


@pytest.mark.parametrize(
    ("type_", "literal", "value"),
    [
        ("String", "x", "x"),
        ("Int", 5, 5),
        ("Boolean", False, False),
        ("Float", 1, 1.0),
        ("BigInt", "9007199254740993", 9007199254740993),
        ("Decimal", "1.10", Decimal("1.1")),
        ("DateTime", "2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("Bytes", "AQID", b"\x01\x02\x03"),
        ("Json", '{"a": [1]}', {"a": [1]}),
        ("Json", "null", JsonNull),
    ],
)
def test_a_literal_becomes_the_value_a_caller_would_give(type_: str, literal: Any, value: Any) -> None:
    answer = made(type_, Default("value", literal))
    assert answer == value
    ENGINE.codec(ScalarField("field", type_)).encode(answer)


def test_an_enums_default_is_its_member() -> None:
    assert made("Role", Default("value", "ADMIN"), is_enum=True) == "ADMIN"


def test_a_list_of_literals_becomes_a_list() -> None:
    assert made("Decimal", Default("value", ("1.5", "2")), arity="list") == [Decimal("1.5"), Decimal(2)]


@pytest.mark.parametrize("default", [None, Default("database", function="autoincrement")])
def test_what_the_database_makes_or_nobody_is_left_out(default: Default | None) -> None:
    assert maker("Int", default) is None
