"""What is written out for rows of the same keys does what the walk does: the same values, the same refusals, the same places of errors.

A row that is no plain dict is walked; so each row is given as both.
"""

from __future__ import annotations

import enum
import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from infra_runtime.arguments.data import Create, CreateData, DataWalk, Rows
from infra_runtime.arguments.data.encoders import row_encoder
from infra_runtime.context import EMPTY
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError
from infra_runtime.schema import Arity, Model, NativeType, Provider, ScalarField, ScalarType, Schema
from tests.runtime.schemas import POST, SHOP, USER

PROVIDERS: tuple[Provider, ...] = ("sqlite", "postgresql", "mysql")


class Text(str):
    __slots__ = ()


class Number(enum.IntEnum):
    ONE = 1


class Row(dict[str, Any]):
    """A row as somebody's own class."""


VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        127,
        128,
        255,
        256,
        2**15,
        2**23,
        2**31 - 1,
        2**31,
        -(2**31),
        2**63,
        -(2**63) - 1,
        10**400,
    ),
    *(
        0.0,
        1.5,
        3.0,
        math.nan,
        math.inf,
        -math.inf,
        Decimal("1.10"),
        Decimal("NaN"),
        Number.ONE,
        Text("own"),
        Text("\0"),
    ),
    *("", "text", "ümläut", "\ud800", "a\0b", "'; --", "12", "2024-01-31T09:30:00Z", "ADMIN", "administrator"),
    *(b"", b"\0\xff", bytearray(b"x"), uuid.UUID(int=7), datetime(2024, 1, 31, 9, 30, 0, 123456), object),
    datetime(2024, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=2))),
    *([], [1], ["a", None], [None], {"set": [1]}, {"set": ["a"]}, {"set": None}, {"a": 1}, {"set": [1], "push": 2}),
]
TYPES: tuple[ScalarType, ...] = ("String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes")
FIELDS = [(type_, "") for type_ in (*TYPES, "Role")] + [
    *(("Int", "SmallInt"), ("Int", "TinyInt"), ("Int", "UnsignedInt"), ("Int", "Year"), ("Float", "Real")),
    *(("String", "Uuid"), ("String", "Inet"), ("Boolean", "Bit"), ("DateTime", "Date"), ("BigInt", "UnsignedBigInt")),
]


def outcome(engine: Engine, model: Model, data: Any) -> Any:
    """The rows, with where each value's type is told from others that are equal; or the error, with its place."""
    try:
        rows = DataWalk(engine, EMPTY).create_rows(model, data)
    except ArgumentError as error:
        return type(error), error.path, str(error)
    return [{name: (type(value), repr(value)) for name, value in row.items()} for row in rows.by_name()]


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("arity", ["required", "optional", "list"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_value_of_every_type_is_encoded_as_the_walk_encodes_it(
    provider: Provider, arity: Arity, lenient: bool
) -> None:
    enums = {"Role"}
    for place, (type_, native) in enumerate(FIELDS):
        field = ScalarField("kept", type_, arity, is_enum=type_ in enums, native=NativeType(native) if native else None)
        model = Model(f"Kept{place}", "kept", (ScalarField("id", "Int"), field), id=("id",))
        engine = Engine(Schema(provider, (model,), SHOP.enums), lenient=lenient)
        for value in VALUES:
            row = {"id": 1, "kept": value}
            walked = outcome(engine, model, [Row(row)])
            assert outcome(engine, model, [row]) == walked, (type_, native, value)
            assert outcome(engine, model, [{"id": 2, "kept": value}, row])[-1:] == walked[-1:], (type_, native, value)


USER_ROWS: list[Any] = [
    {"email": "a"},
    {"name": None, "email": "b"},
    {"email": "c", "name": "C"},
    {"email": "d", "role": "ADMIN", "logins": 3},
    {"email": "e", "nothing": 1},
    {"name": "without an email"},
    {"email": "f", "written": {"create": {"title": "t"}}},
    {"email": 7},
    {},
    None,
    [],
    "text",
    MappingProxyType({"email": "g"}),
    {1: 2},
]


@pytest.mark.parametrize("first", range(len(USER_ROWS)))
@pytest.mark.parametrize("second", range(len(USER_ROWS)))
def test_rows_of_any_keys_are_made_in_their_order_and_refused_at_their_place(first: int, second: int) -> None:
    data = [USER_ROWS[0], USER_ROWS[first], USER_ROWS[0], USER_ROWS[second]]

    def made(rows: Sequence[Any]) -> Any:
        try:
            encoded = DataWalk(Engine(SHOP), EMPTY).create_rows(USER, rows)
        except ArgumentError as error:
            return type(error), error.path, str(error)
        return without(encoded.by_name(), "created_at", "updated_at")

    assert made(data) == made(as_own(data))


@pytest.mark.parametrize(
    "children",
    [
        [{"text": "a"}, {"text": "b"}],
        {"text": "a"},
        [{"text": "a"}, {"text": "b", "post_id": "x"}],
        [{"text": "a"}, {"text": "b", "post": {"connect": {"id": "x"}}}],
        [{"text": "a"}, {"text": 1}],
        [{}],
        [],
        [None],
        "text",
    ],
)
def test_nested_rows_are_encoded_as_the_walk_encodes_them(children: Any) -> None:
    def made(data: Any) -> Any:
        post = {"title": "t", "author_id": 1, "comments": {"create": data}}
        try:
            tree = DataWalk(Engine(SHOP), EMPTY).create(POST, post)
        except ArgumentError as error:
            return type(error), error.path, str(error)
        steps = [item.step for item in tree.others]
        return [without(values_of(step.rows), "post_id") for step in steps if isinstance(step, Create)]

    assert made(children) == made(as_own(children))


def as_own(data: Any) -> Any:
    """The rows as somebody's own class, which are walked."""
    if isinstance(data, list):
        return [as_own(row) for row in data]
    return Row(data) if isinstance(data, dict) else data


def values_of(rows: Rows | Sequence[CreateData]) -> list[dict[str, Any]]:
    return rows.by_name() if isinstance(rows, Rows) else [row.values for row in rows]


def without(rows: Sequence[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    """The rows without what the client makes, or the parent gives."""
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def test_an_encoder_is_made_once_for_its_keys_and_none_for_keys_that_are_wrong() -> None:
    engine = Engine(SHOP)
    first = row_encoder(engine, USER, {"email": "a"})
    plans = len(engine.plans)

    assert row_encoder(engine, USER, {"email": "b"}) is first
    for keys in ({"email": 1, "no": 1}, {"name": 1}, {"email": 1, "written": 1}, {}):
        assert row_encoder(engine, USER, keys) is None
    assert len(engine.plans) == plans
