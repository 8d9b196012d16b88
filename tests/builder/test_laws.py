"""Laws of the builder, for any chain of clauses: a query is the repository's call, says what its parts say, and never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_runtime import Operation
from tests.databases import Databases
from tests.projections.conftest import fill
from tests.projections.package import MODELS, SyncInfrastructure

Step = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method of a query, and what it is given."""

NUMBERS = st.integers(0, 9)
DIRECTIONS = st.sampled_from(["asc", "desc"])
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "views": st.one_of(NUMBERS, st.fixed_dictionaries({}, optional={"gt": NUMBERS, "lte": NUMBERS}).filter(bool)),
        "published": st.booleans(),
        "slug": st.sampled_from(["notes", "draft", {"contains": "t"}]),
    },
)
INCLUDES = st.fixed_dictionaries(
    {},
    optional={
        "author": st.booleans(),
        "tags": st.one_of(st.booleans(), st.fixed_dictionaries({}, optional={"take": NUMBERS, "skip": NUMBERS})),
        "comments": st.fixed_dictionaries({"include": st.fixed_dictionaries({}, optional={"post": st.booleans()})}),
    },
)


def calls(name: str, positional: st.SearchStrategy[Any], keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(name), st.lists(positional, max_size=2).map(tuple), keywords)


NONE: st.SearchStrategy[dict[str, Any]] = st.just({})
NARROWING = calls("where", CONDITIONS, CONDITIONS) | calls("or_where", CONDITIONS, CONDITIONS).filter(
    lambda step: any(step[1]) or bool(step[2])
)
STEPS = st.lists(
    st.one_of(
        NARROWING,
        calls("include", st.sampled_from(["author", "reviewer", "tags", "comments"]), INCLUDES),
        calls(
            "order_by",
            st.fixed_dictionaries({"title": DIRECTIONS}),
            st.fixed_dictionaries({}, optional={"views": DIRECTIONS, "slug": DIRECTIONS}),
        ),
        st.tuples(st.sampled_from(["limit", "offset"]), NUMBERS.map(lambda number: (number,)), NONE),
        calls("distinct", st.sampled_from(["published", "author_id"]), NONE).filter(lambda step: bool(step[1])),
    ),
    max_size=6,
)


def chained(query: Any, steps: list[Step]) -> Any:
    for name, positional, keywords in steps:
        query = getattr(query, name)(*positional, **keywords)
    return query


@pytest.fixture(scope="module")
def infra(databases: Databases) -> Iterator[SyncInfrastructure]:
    with SyncInfrastructure(url=databases("sqlite").url(MODELS)) as infra:
        fill(infra)
        yield infra


def operation_of(infra: SyncInfrastructure, ask: Callable[[SyncInfrastructure], Any]) -> Operation:
    """What a call asks of the client, which answers it nothing."""
    seen: list[Operation] = []
    silent = SyncInfrastructure(url="file:./never.db")
    silent.use(lambda operation, context, proceed: seen.append(operation))
    ask(silent)
    return seen[0]


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_a_query_is_the_call_of_its_repository(infra: SyncInfrastructure, steps: list[Step]) -> None:
    query = chained(infra.post.query(), steps)
    arguments = operation_of(infra, lambda silent: chained(silent.post.query(), steps).all()).arguments
    assert query.all() == infra.post.find_many(**arguments)
    assert [sent.sql for sent in query.to_sql()] == [
        sent.sql for sent in infra.statements(Operation("find_many", infra.engine.schema.model["Post"], arguments))
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(NARROWING, max_size=5))
def test_conditions_say_what_their_names_say(infra: SyncInfrastructure, steps: list[Step]) -> None:
    ids = {row.id for row in infra.post.find_many()}
    expected = ids
    is_first = True
    for name, positional, keywords in steps:
        met = ids
        conditions: list[Any] = [*positional, keywords]
        for condition in conditions:
            met = met & {row.id for row in infra.post.find_many(where=condition)}
        says_something = any(positional) or bool(keywords)
        if name == "where":
            expected = expected & met
            is_first = is_first and not says_something
        else:
            expected = met if is_first else expected | met
            is_first = False
    assert {row.id for row in chained(infra.post.query(), steps).all()} == expected


@settings(max_examples=200, deadline=None)
@given(STEPS, STEPS)
def test_a_clause_leaves_the_query_as_it_was(infra: SyncInfrastructure, first: list[Step], more: list[Step]) -> None:
    query = chained(infra.post.query(), first)
    before = repr(query.to_sql())
    longer = chained(query, more)
    assert repr(query.to_sql()) == before
    assert repr(chained(query, more).to_sql()) == repr(longer.to_sql())


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_the_ends_of_a_query_agree(infra: SyncInfrastructure, steps: list[Step]) -> None:
    query = chained(infra.post.query(), steps).order_by(slug="asc")
    rows = query.all()
    assert query.execute() == rows
    assert list(query.stream(batch_size=2)) == rows
    assert query.exists() is bool(rows)
    assert query.first() == (rows[0] if rows else None)
    assert query.count() == len(rows)
