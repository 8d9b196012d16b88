"""Arguments of any wrong kind are refused in words, with the place they stand at, before a statement is sent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infra_gen.dynamic import SyncDynamicInfrastructure, connect
from infra_runtime import AnyNull, DbNull
from infra_runtime.effects import Statement
from infra_runtime.errors import ArgumentError, DataError
from tests.conformance.case import SCHEMA, Call, call

DATASOURCE = 'datasource db {\n  provider = "sqlite"\n  url = "file:refusals.db"\n}\n'


@pytest.fixture(scope="module")
def infra() -> Iterator[SyncDynamicInfrastructure]:
    with connect(DATASOURCE + SCHEMA, url="sqlite://:memory:", interface="sync") as made:
        made.push()
        yield made


@pytest.fixture
def sent(infra: SyncDynamicInfrastructure) -> list[str]:
    """The statements that ran."""
    seen: list[str] = []

    def hear(statement: Statement, seconds: float, error: BaseException | None) -> None:
        seen.append(statement.sql)

    infra.on_statement(hear)
    return seen


def ask(infra: SyncDynamicInfrastructure, question: Call) -> Any:
    return getattr(infra.repository(question[0]), question[1])(**question[2])


@pytest.mark.parametrize(
    ("question", "path"),
    [
        (call("Person", "find_many", distinct=5), ("distinct",)),
        (call("Person", "find_many", distinct=["name", {}]), ("distinct", 1)),
        (call("Person", "find_many", distinct=["nam"]), ("distinct",)),
        (call("Person", "group_by", by=[{}]), ("by", 0)),
        (call("Person", "group_by", by=["name"], order={5: "asc"}), ("order", 5)),
        (call("Seat", "find_many", cursor={"row_place": {"row": 1}}), ("cursor", "row_place", "place")),
        (call("Seat", "find_many", cursor={"row_place": {"row": 1, "plac": 1}}), ("cursor", "row_place")),
        (call("Person", "find_many", where={"age": {"gt": {"_ref": []}}}), ("where", "age", "gt", "_ref")),
        (call("Person", "update_many", data={"age": 1}, limit=2**70), ("limit",)),
        (call("Person", "find_many", where={"posts": {"some": {"title": {"contians": "x"}}}}), ("where", "posts", "some", "title", "contians")),
        (call("Person", "create", data={"id": 1, "name": "Ada", "posts": {"create": [{"titel": "x"}]}}), ("data", "posts", "create", 0, "titel")),
    ],
    ids=str,
)  # fmt: skip
def test_the_path_says_where(
    infra: SyncDynamicInfrastructure, sent: list[str], question: Call, path: tuple[str | int, ...]
) -> None:
    with pytest.raises(ArgumentError) as refused:
        ask(infra, question)

    assert refused.value.path == path
    assert sent == []


def test_the_nearest_name_is_told(infra: SyncDynamicInfrastructure) -> None:
    with pytest.raises(ArgumentError, match="did you mean `place`"):
        ask(infra, call("Seat", "find_many", cursor={"row_place": {"row": 1, "plac": 1}}))


RIGHT: tuple[Call, ...] = (
    call(
        "Person",
        "find_many",
        where={"OR": [{"age": {"gt": 1, "not": {"in": [2]}}}, {"posts": {"some": {"title": {"contains": "x"}}}}]},
        order=[{"age": {"sort": "asc", "nulls": "last"}}, {"posts": {"_count": "desc"}}, {"mentor": {"name": "asc"}}],
        cursor={"id": 1},
        take=3,
        skip=1,
        distinct=["name"],
        include={"posts": {"where": {"data": {"path": "$.a", "equals": 1}}, "take": 1}, "_count": {"select": {"posts": True}}},
    ),
    call("Person", "find_unique", where={"id": 1}, select={"name": True, "profile": {"select": {"bio": True}}}),
    call("Seat", "find_unique", where={"row_place": {"row": 1, "place": 1}}),
    call("Person", "count", select={"age": True, "_all": True}, where={"mentor": {"is": {"name": "x"}}}),
    call("Person", "aggregate", count=True, avg={"age": True}, min={"name": True}, take=2, order={"id": "asc"}),
    call("Person", "group_by", by=["name"], count={"_all": True}, having={"age": {"_avg": {"gt": 1}}}, order={"name": "asc"}, take=1),
    call(
        "Person",
        "create",
        data={
            "id": 10_000,
            "name": "x",
            "mentor": {"connect_or_create": {"where": {"id": 20_000}, "create": {"id": 20_000, "name": "y"}}},
            "posts": {"create": [{"title": "t", "tags": {"create": {"name": "z"}}}], "create_many": {"data": [{"title": "u"}]}},
        },
    ),
    call("Person", "create_many", data=[{"id": 30_000, "name": "x"}], skip_duplicates=True),
    call("Person", "update", where={"id": 1}, data={"age": {"increment": 1}, "posts": {"update": {"where": {"id": 1}, "data": {"title": "n"}}, "set": []}}),
    call("Person", "update_many", where={"age": 1}, data={"name": {"set": "x"}}, limit=1),
    call("Person", "upsert", where={"id": 1}, data={"create": {"id": 1, "name": "x"}, "update": {"name": "y"}}),
    call("Person", "delete_many", where={"nick": {"startswith": "x"}}, limit=1),
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, 0, -1, 1.5, float("nan"), True, "", "x", "id", b"\xff", [], [None], {}, {"": None}, {None: 1}, {1: 2}, {"x": 1}, (),
    {1}, object(), int, date(2020, 1, 1), Decimal("NaN"), 2**70, "\ud800", "a\0b", [{}], {"equals": {"equals": 1}},
    {"set": None}, DbNull, AnyNull, {"_ref": []}, {"_ref": "id", "_container": 5}, {"path": ["a", {}], "equals": 1},
    range(3), 3 + 4j, {"AND": None}, {"OR": None}, {"NOT": "x"}, {"_count": None}, {"sort": []}, {"create": None},
    {"connect": [None]}, {"data": None}, {"where": None}, {"mode": []}, {"in": 5}, {"in": {"a": 1}}, {"divide": 0},
)  # fmt: skip
"""What may stand at any place of the arguments by mistake."""
KEYS = (
    "id",
    "nope",
    "where",
    "AND",
    "equals",
    "in",
    "is",
    "some",
    "create",
    "set",
    "_count",
    "",
    None,
    5,
    ("a",),
    "_ref",
)


def spoilt(dice: random.Random, value: Any) -> Any:
    """`value` with mistakes in some places."""
    if dice.random() < 0.12:
        return dice.choice(WRONG)
    if isinstance(value, dict):
        made = {key: spoilt(dice, item) for key, item in value.items()}
        if dice.random() < 0.1:
            made[dice.choice(KEYS)] = dice.choice(WRONG)
        return made
    return [spoilt(dice, item) for item in value] if isinstance(value, list) else value


def refusal(infra: SyncDynamicInfrastructure, question: Call) -> ArgumentError | None:
    """How the arguments are refused, if they are. The database may refuse what is in them, or do it."""
    try:
        ask(infra, question)
    except ArgumentError as refused:
        return refused
    except DataError:
        pass
    return None


@pytest.mark.parametrize("seed", range(len(RIGHT)))
def test_whatever_is_wrong_is_said_in_words(infra: SyncDynamicInfrastructure, sent: list[str], seed: int) -> None:
    dice = random.Random(seed)
    model, method, arguments = RIGHT[seed]
    refusals = 0
    for _ in range(250):
        question = call(model, method, **{name: spoilt(dice, value) for name, value in arguments.items()})
        sent.clear()
        refused = refusal(infra, question)
        if refused is not None:
            refusals += 1
            assert refused.path or "asks for nothing" in str(refused), question
            assert sent == [], question

    assert refusals > 100
