"""What queries refuse: before any SQL, naming where it is, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime import ArgumentError, ConfigurationError, FieldNotFoundError, InputError, Operation
from tests.projections.conftest import Client
from tests.projections.package import Infrastructure, SyncInfrastructure

Made = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("made", "error", "message"),
    [
        (
            lambda query: query.where(nmae="x").all(),
            FieldNotFoundError,
            r"Customer\.where\.nmae: unknown field `nmae` of Customer; did you mean `name`?",
        ),
        (
            lambda query: query.where(name="x").where(name="y").where(nmae="z").all(),
            FieldNotFoundError,
            "where.nmae: unknown field `nmae` of Customer; did you mean `name`?",
        ),
        (
            lambda query: query.where(points={"gtt": 1}).count(),
            FieldNotFoundError,
            "where.points.gtt: unknown operator `gtt`",
        ),
        (
            lambda query: query.include("psts").all(),
            FieldNotFoundError,
            "include.psts: unknown relation `psts` of Customer; did you mean `posts`?",
        ),
        (
            lambda query: query.include(posts={"tke": 1}).all(),
            FieldNotFoundError,
            "include.posts: unknown argument `tke`; did you mean `take`?",
        ),
        (
            lambda query: query.order_by(nmae="asc").all(),
            FieldNotFoundError,
            r"Customer\.order_by\.0\.nmae: unknown field `nmae` of Customer; did you mean `name`",
        ),
        (lambda query: query.order_by(nmae="asc").count(), FieldNotFoundError, r"Customer\.order_by\.0\.nmae"),
        (lambda query: query.order_by(nmae="asc").to_sql(), FieldNotFoundError, r"Customer\.order_by\.0\.nmae"),
        (
            lambda query: query.group_by("role").limit(1).all(),
            ArgumentError,
            r"Customer\.order_by: group_by with take needs an order",
        ),
        (lambda query: query.distinct("nmae").all(), FieldNotFoundError, "distinct: unknown field `nmae`"),
        (lambda query: query.cursor({"emial": "x"}).all(), ArgumentError, "cursor"),
        (lambda query: query.update(nmae="x"), FieldNotFoundError, "data.nmae: unknown field `nmae`"),
        (lambda query: query.group_by("nmae").all(), FieldNotFoundError, "by: unknown field `nmae`"),
        (lambda query: query.group_by().all(), InputError, "by: needs at least one field"),
        (lambda query: query.aggregate(), ArgumentError, "asks for nothing"),
        (lambda query: query.limit(-1), InputError, "limit: limit cannot be negative"),
        (lambda query: query.offset(-1), InputError, "offset: offset cannot be negative"),
        (lambda query: query.limit("2"), InputError, "limit: expected int, got str"),
        (lambda query: query.limit(True), InputError, "limit: expected int, got bool"),
        (lambda query: query.or_where(), ArgumentError, r"or_where\(\) needs a condition"),
        (lambda query: query.or_where({}), ArgumentError, r"or_where\(\) needs a condition"),
        (lambda query: query.where("name").all(), InputError, "where: expected a filter on Customer, got str"),
        (lambda query: query.order_by("name").all(), InputError, "order_by.0: expected an order, got str"),
        (lambda query: query.offset(1).update(name="x"), ArgumentError, r"update\(\) cannot keep to offset\(\)"),
        (lambda query: query.distinct("name").delete(), ArgumentError, r"delete\(\) cannot keep to distinct\(\)"),
        (lambda query: query.cursor({"id": 1}).delete(), ArgumentError, r"delete\(\) cannot keep to cursor\(\)"),
        (
            lambda query: query.order_by(points="desc").limit(1).delete(),
            ArgumentError,
            r"delete\(\) with a limit takes any of the rows, not the first in order",
        ),
        (
            lambda query: query.distinct("name").aggregate(count=True),
            ArgumentError,
            r"aggregate\(\) cannot keep to distinct\(\)",
        ),
        (
            lambda query: query.distinct("name").cursor({"id": 1}).count(),
            InputError,
            r"cursor: distinct rows are counted as they are",
        ),
        (lambda query: query.limit(1).group_by("role"), ArgumentError, r"group_by\(\) cannot keep to limit\(\)"),
        (lambda query: query.stream(batch_size=0), InputError, "batch_size"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_statement(
    client: Client, made: Made, error: type[ArgumentError], message: str
) -> None:
    with client.sent() as sent, pytest.raises(error, match=message):
        client.wait(made(client.infra.customer.query()))
    assert sent == []


@pytest.fixture(params=[SyncInfrastructure, Infrastructure])
def careful(request: pytest.FixtureRequest) -> Any:
    """A client that lets nobody ask for more than 100 rows; nothing is asked of its database."""
    return request.param(url="file:./never.db", max_limit=100)


def test_a_limit_above_the_greatest_that_is_configured_is_refused(careful: Any) -> None:
    query = careful.customer.query()
    with pytest.raises(InputError, match="limit: 101 is more than this client allows, which is 100"):
        query.limit(101)
    query.limit(100).to_sql()


def test_so_it_is_in_repositories_and_relations(careful: Any) -> None:
    model = careful.engine.schema.model["Customer"]
    for name in ("find_many", "stream", "count"):
        with pytest.raises(InputError, match=r"Customer\.take: 101 rows are more than this client allows"):
            careful.engine.program(Operation(name, model, {"take": 101}), careful.context)
    with pytest.raises(InputError, match=r"include\.posts\.take: 101 rows are more than this client allows"):
        careful.customer.query().include(posts={"take": 101}).to_sql()
    with pytest.raises(InputError, match=r"include\.posts\.take"):
        careful.customer.query().include(posts={"take": -101}).to_sql()


def test_a_greatest_limit_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="max_limit is a number of rows, 1 or more, not 0"):
        SyncInfrastructure(url="file:./never.db", max_limit=0)


def test_a_class_that_is_no_row_of_the_client_has_no_query(careful: Any) -> None:
    with pytest.raises(InputError, match="int is no row class of this client's package"):
        careful.query(int)
