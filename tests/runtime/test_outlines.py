"""Arguments that differ from earlier ones in their values alone are not walked again: they mean what a walk says they mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_gen.front import compile_schema
from infra_gen.metadata import metadata
from infra_gen.schema.source import SourceFile
from infra_runtime.arguments.outline import outline
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.context import EMPTY
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError
from infra_runtime.fields import FieldHandle
from infra_runtime.operations.aggregate import AGGREGATE, COUNT, DISTINCT, GROUP
from infra_runtime.operations.pages import WITH_MORE, WITH_TOTAL, PagePlan
from infra_runtime.operations.planning import Planning, planned
from infra_runtime.operations.read import EXISTS, FIND, UNIQUE
from infra_runtime.schema import Model
from tests.conformance.case import SCHEMA
from tests.databases import Provider, datasource

PROVIDERS: tuple[Provider, ...] = ("sqlite", "postgresql", "mysql")


class Level(StrEnum):
    LOW = "LOW"
    HIGH = "HIGH"


def engine_of(provider: Provider, models: str = SCHEMA, *, lenient: bool = False) -> Engine:
    source = SourceFile("schema.prisma", datasource(provider) + models)
    engine = Engine(metadata(compile_schema((source,), for_generators=False).schema), lenient=lenient)
    engine.max_limit = 1_000
    return engine


def walking(engine: Engine) -> Engine:
    """The engine, with a scope that has nothing to say: all arguments are walked."""
    engine.add_scope(lambda model, context: None)
    return engine


PAIRS = [
    (engine_of(provider, lenient=lenient), walking(engine_of(provider, lenient=lenient)))
    for provider in PROVIDERS
    for lenient in (False, True)
]


def meaning(planning: Planning[Any], engine: Engine, model: str, arguments: dict[str, Any]) -> tuple[Any, ...]:
    """The statement and its values, or what is said against the arguments."""
    try:
        plan, values = planned(planning, engine, EMPTY, engine.schema.model[model], arguments)
    except ArgumentError as error:
        return type(error), str(error), error.path, error.model
    plan = plan.plan if isinstance(plan, PagePlan) else plan
    relations = [relation.name for relation in getattr(plan, "relations", ())]
    return plan.sql, [(type(value), value) for value in (values[slot] for slot in plan.slots)], relations, values


# -- any arguments -----------------------------------------------------------------------------------------------------
Anything = st.SearchStrategy[Any]


def mostly(right: Anything, wrong: Anything) -> Anything:
    """Now and then something else, so that most arguments are right in all their parts."""
    return st.integers(0, 29).flatmap(lambda number: right if number else wrong)


def some(**optional: Anything) -> Anything:
    return st.fixed_dictionaries({}, optional=optional)


def lists(items: Anything) -> Anything:
    return mostly(st.lists(items, max_size=3), st.lists(items, max_size=3).map(tuple))


NUMBERS = mostly(st.integers(0, 9), st.sampled_from([-7, 2**31, 2**63, True, 2.5, "3", None]))
TEXTS = mostly(st.sampled_from(["", "Ada", "50%", "a_b\\", "é"]), st.sampled_from(["\0", "\ud800", 5, None]))
HANDLES = [FieldHandle("Person", "age"), FieldHandle("Person", "name"), {"_ref": "age"}, b"x", object]


def filters(values: Anything, *operators: str) -> Anything:
    many = dict.fromkeys(("in", "not_in", "notIn"), lists(values))
    said = some(equals=values, **{"not": values}, **dict.fromkeys(operators, values), **many)
    right = st.one_of(values, said, st.fixed_dictionaries({"not": said}))
    insensitive = st.fixed_dictionaries({"equals": values, "mode": st.sampled_from(["default", "insensitive", "x"])})
    return mostly(right, st.sampled_from(HANDLES) | insensitive)


FIELDS = some(
    id=filters(NUMBERS, "gt", "lte"),
    name=filters(TEXTS, "contains", "startsWith", "endswith", "lt"),
    nick=filters(TEXTS | st.none(), "contains"),
    age=filters(NUMBERS, "gte"),
)
RELATED = some(
    posts=some(some=some(score=filters(NUMBERS, "lt")), none=some(title=filters(TEXTS))),
    mentor=mostly(FIELDS, st.none() | st.fixed_dictionaries({"isNot": FIELDS})),
)
PARTS = st.builds(lambda one, other: {**one, **other}, FIELDS, RELATED)
WHERE = st.builds(
    lambda part, logic, wrong: {**part, **logic, **wrong},
    PARTS,
    some(AND=PARTS, OR=st.lists(FIELDS, max_size=2), NOT=st.lists(PARTS, max_size=2)),
    mostly(st.just({}), some(unknown=NUMBERS, name=some(search=TEXTS))),
)
DIRECTIONS = mostly(st.sampled_from(["asc", "desc"]), st.sampled_from(["sideways", {"sort": "asc"}, None]))
ORDER = some(id=DIRECTIONS, age=DIRECTIONS | st.just({"sort": "asc", "nulls": "last"}), mentor=some(name=DIRECTIONS))
PAGE = {
    "take": mostly(st.integers(0, 5), st.sampled_from([-5, 1_001, True, "5", None])),
    "skip": mostly(st.integers(0, 5), st.sampled_from([-1, 2**63, 1.5])),
}
POSTS = st.booleans() | some(where=st.fixed_dictionaries({"title": TEXTS}), **PAGE)
INCLUDE = some(
    posts=POSTS,
    mentor=mostly(
        st.just({"include": {"posts": True}}), st.sampled_from([{"take": None}, {"where": None}, {"bogus": None}])
    ),
    _count=st.fixed_dictionaries({"select": st.fixed_dictionaries({"posts": POSTS})}),
)
NAMES = st.lists(mostly(st.sampled_from(["id", "age", "name"]), st.just("nme")), min_size=1, max_size=2) | st.just(
    "age"
)
CHOICE = mostly(st.booleans(), st.just(1))
READ = some(
    where=WHERE,
    order=ORDER | lists(ORDER),
    **PAGE,
    cursor=st.fixed_dictionaries({"id": NUMBERS}),
    distinct=NAMES,
)
WHOLE = st.builds(
    lambda read, wanted, deleted: {**read, **wanted, **deleted},
    READ,
    st.one_of(some(include=INCLUDE), st.fixed_dictionaries({"select": some(id=CHOICE, posts=POSTS)})),
    mostly(st.just({}), some(deleted=st.just("with"))),
)
KEY = st.builds(lambda part, number: {**part, "id": number}, FIELDS, NUMBERS)
SUMMED = some(
    where=WHERE, **PAGE, **dict.fromkeys(("count", "sum", "min"), st.booleans() | some(age=CHOICE, id=CHOICE))
)
HAVING = some(age=st.fixed_dictionaries({"_avg": filters(NUMBERS, "gt")}))
GROUPED = st.builds(
    lambda summed, more: {**summed, **more},
    SUMMED,
    st.fixed_dictionaries(
        {"by": NAMES, "order": some(age=DIRECTIONS) | st.just({"_count": {"age": "desc"}})}, optional={"having": HAVING}
    ),
)
PLACE: Anything = st.lists(NUMBERS, max_size=2) | some(age=NUMBERS, id=NUMBERS) | st.just({})
SOUGHT = st.fixed_dictionaries(
    {"take": st.integers(1, 5), "order": some(age=DIRECTIONS) | lists(ORDER)},
    optional={"where": WHERE, "seek": some(after=PLACE, before=PLACE), "include": INCLUDE},
)
ASKED = st.one_of(
    st.tuples(st.just(FIND), WHOLE),
    st.tuples(st.sampled_from([FIND, WITH_MORE, WITH_TOTAL]), SOUGHT),
    st.tuples(st.just(UNIQUE), st.fixed_dictionaries({"where": KEY}, optional={"include": INCLUDE})),
    st.tuples(st.sampled_from([EXISTS, COUNT, DISTINCT]), READ),
    st.tuples(st.just(AGGREGATE), SUMMED),
    st.tuples(st.just(GROUP), GROUPED),
)


@settings(max_examples=400, deadline=None)
@given(ASKED, st.sampled_from(PAIRS))
def test_what_is_not_walked_means_what_it_means_when_it_is(
    asked: tuple[Planning[Any], dict[str, Any]], pair: tuple[Engine, Engine]
) -> None:
    planning, arguments = asked
    quick, walks = pair
    wanted = meaning(planning, walks, "Person", arguments)
    for _ in range(2):
        assert meaning(planning, quick, "Person", arguments) == wanted


# -- arguments of applications -----------------------------------------------------------------------------------------
MOMENT = datetime(2024, 5, 6, tzinfo=UTC)
USUAL: list[tuple[Planning[Any], str, dict[str, Any], dict[str, Any]]] = [
    (UNIQUE, "Person", {"where": {"id": 1}}, {"where": {"id": 2}}),
    (UNIQUE, "Seat", {"where": {"row_place": {"place": 1, "row": 2}}}, {"where": {"row_place": {"place": 3, "row": 4}}}),
    (FIND, "Post", {"where": {"at": {"gte": MOMENT}}, "take": 5}, {"where": {"at": {"gte": datetime(1970, 1, 1, tzinfo=UTC)}}, "take": 9}),
    (FIND, "Person", {"where": {"id": {"in": [1, 2]}}}, {"where": {"id": {"in": [3]}}}),
    (FIND, "Person", {"where": {"name": {"contains": "a%"}}}, {"where": {"name": {"contains": "_"}}}),
    (FIND, "Person", {"where": {"OR": [{"id": 1}, {"age": {"lt": 3}}]}}, {"where": {"OR": [{"id": 5}, {"age": {"lt": 4}}]}}),
    (FIND, "Person", {"include": {"posts": {"take": 3, "where": {"score": {"gt": 1.5}}}}}, {"include": {"posts": {"take": 4, "where": {"score": {"gt": 2.5}}}}}),
    (FIND, "Ticket", {"where": {"level": Level.LOW}}, {"where": {"level": "HIGH"}}),
    (FIND, "Ticket", {"where": {"level": {"in": [Level.LOW]}}, "order": [{"id": "asc"}]}, {"where": {"level": {"in": ["LOW", Level.HIGH]}}, "order": [{"id": "asc"}]}),
    (FIND, "Person", {"cursor": {"id": 3}, "order": {"id": "desc"}, "skip": 1}, {"cursor": {"id": 4}, "order": {"id": "desc"}, "skip": 2}),
    (FIND, "Person", {"where": {"nick": None, "mentor": None, "age": {"not": None, "gt": 3}}}, {"where": {"nick": None, "mentor": None, "age": {"not": None, "gt": 5}}}),
    (FIND, "Person", {"where": {"id": 1}, "select": None, "include": {"posts": True}}, {"where": {"id": 2}, "select": None, "include": {"posts": True}}),
    (COUNT, "Person", {"where": {"age": {"gte": 3}, "name": "Ada"}}, {"where": {"age": {"gte": 5}, "name": "Bob"}}),
    (WITH_MORE, "Person", {"take": 2, "order": {"age": "asc"}, "seek": {"after": [3, 4]}}, {"take": 3, "order": {"age": "asc"}, "seek": {"after": (5, 6)}}),
    (WITH_TOTAL, "Person", {"take": 2, "order": {"age": "asc"}, "skip": 2}, {"take": 2, "order": {"age": "asc"}, "skip": 4}),
    (GROUP, "Person", {"by": ["age"], "sum": {"id": True}, "having": {"age": {"_max": {"gt": 1}}}}, {"by": ["age"], "sum": {"id": True}, "having": {"age": {"_max": {"gt": 7}}}}),
]  # fmt: skip


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("planning", "model", "first", "second"), USUAL)
def test_the_second_call_finds_its_plan_by_the_outline(
    planning: Planning[Any], model: str, first: dict[str, Any], second: dict[str, Any], provider: Provider
) -> None:
    quick, walks = engine_of(provider), walking(engine_of(provider))
    seen: list[str] = []

    def shape(walk: Walk, of: Model, arguments: Mapping[str, Any]) -> Shape:
        seen.append(of.name)
        return planning.shape(walk, of, arguments)

    watched = Planning(planning.name, shape, planning.compile)
    assert meaning(watched, quick, model, first) == meaning(planning, walks, model, first)
    assert meaning(watched, quick, model, second) == meaning(planning, walks, model, second)
    assert seen == [model]


def test_no_value_is_in_an_outline() -> None:
    arguments = {
        "where": {"name": "secret", "OR": [{"age": {"in": [41, 42]}}, {"nick": {"not": "hidden"}}], "id": Decimal(43)},
        "take": 44,
        "include": {"posts": {"where": {"title": "veiled"}, "skip": 45}},
    }
    found = outline(arguments)
    assert found is not None
    parts, values = found
    assert values == ["secret", [41, 42], "hidden", Decimal(43), 44, "veiled", 45]
    assert not any(value in parts for value in ("secret", 41, 42, "hidden", 43, 44, "veiled", 45))


@pytest.mark.parametrize(
    "arguments",
    [
        {"search": "words"},
        {"where": {"name": {"search": ["words"], "in": {"words"}}}},
        {"order": {"_relevance": {"fields": ["name"], "search": "words", "sort": "desc"}}},
        {"take": -1},
        {"where": {"mentor": object()}},
    ],
)
def test_what_says_more_than_its_keys_has_no_outline(arguments: dict[str, Any]) -> None:
    assert outline(arguments) is None


def test_a_column_may_be_named_as_an_option_is() -> None:
    models = "model Player {\n  id Int @id\n  mode String\n}\n"
    quick, walks = engine_of("postgresql", models), walking(engine_of("postgresql", models))
    for said in ("default", "insensitive", "other", {"equals": "default", "mode": "insensitive"}, {"mode": "default"}):
        for _ in range(2):
            asked = {"where": {"mode": said}}
            assert meaning(FIND, quick, "Player", asked) == meaning(FIND, walks, "Player", asked)


def test_wrong_arguments_leave_nothing_behind() -> None:
    engine = engine_of("sqlite")
    person = engine.schema.model["Person"]
    for number in range(3):
        with pytest.raises(ArgumentError):
            planned(FIND, engine, EMPTY, person, {"where": {f"unknown{number}": 1}})
    assert len(engine.plans) == 0


def test_what_nests_without_end_is_refused_as_by_the_walk() -> None:
    where: dict[str, Any] = {}
    where["AND"] = where
    with pytest.raises(ArgumentError, match="nest more than"):
        planned(FIND, engine_of("sqlite"), EMPTY, engine_of("sqlite").schema.model["Person"], {"where": where})
