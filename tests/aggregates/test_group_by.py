"""`group_by`: one answer for each group of rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from infra_gen.dynamic import DynamicRepository
from infra_runtime.errors import ArgumentError, FieldNotFoundError, InputError, OrderRequiredError

TOWNS = {"order": {"town": "asc"}}


def test_groups_are_the_values_there_are(five: DynamicRepository) -> None:
    assert five.group_by(by=["town"], **TOWNS) == [{"town": "Alta"}, {"town": "Bergen"}, {"town": "Oslo"}]
    assert five.group_by(by="town", **TOWNS) == five.group_by(by=["town"], **TOWNS)


def test_each_group_has_its_aggregates(five: DynamicRepository) -> None:
    assert five.group_by(by="town", sum={"pieces": True, "price": True}, avg={"rating": True}, count=True, **TOWNS) == [
        {"town": "Alta", "_count": 1, "_avg": {"rating": 1.0}, "_sum": {"pieces": 8, "price": None}},
        {"town": "Bergen", "_count": 2, "_avg": {"rating": None}, "_sum": {"pieces": 8, "price": Decimal(4)}},
        {"town": "Oslo", "_count": 2, "_avg": {"rating": 4.0}, "_sum": {"pieces": 4, "price": Decimal("10.75")}},
    ]


def test_several_fields_make_a_group_and_enums_are_members(five: DynamicRepository) -> None:
    assert five.group_by(
        by=["town", "channel"], count={"_all": True}, order=[{"town": "desc"}, {"channel": "asc"}]
    ) == [
        {"town": "Oslo", "channel": "SHOP", "_count": {"_all": 1}},
        {"town": "Oslo", "channel": "WEB", "_count": {"_all": 1}},
        {"town": "Bergen", "channel": "SHOP", "_count": {"_all": 1}},
        {"town": "Bergen", "channel": "WEB", "_count": {"_all": 1}},
        {"town": "Alta", "channel": "WEB", "_count": {"_all": 1}},
    ]


def test_where_chooses_rows_before_they_are_grouped(five: DynamicRepository) -> None:
    assert five.group_by(by="town", where={"pieces": {"gte": 3}}, sum={"pieces": True}, **TOWNS) == [
        {"town": "Alta", "_sum": {"pieces": 8}},
        {"town": "Bergen", "_sum": {"pieces": 6}},
        {"town": "Oslo", "_sum": {"pieces": 3}},
    ]


@pytest.mark.parametrize(
    ("having", "towns"),
    [
        ({"pieces": {"_avg": {"gt": 3}}}, ["Alta", "Bergen"]),
        ({"pieces": {"_sum": {"equals": 4}}}, ["Oslo"]),
        ({"pieces": {"_sum": 8}}, ["Alta", "Bergen"]),
        ({"rating": {"_count": 0}}, ["Bergen"]),
        ({"price": {"_max": {"gte": "10.5"}}}, ["Oslo"]),
        ({"at": {"_min": {"lt": "2024-01-15T00:00:00Z"}}}, ["Oslo"]),
        ({"town": {"startsWith": "B"}}, ["Bergen"]),
        ({"town": "Alta"}, ["Alta"]),
        ({"town": {"not": "Alta"}, "pieces": {"_max": {"lt": 6}}}, ["Oslo"]),
        ({"town": {"in": ["Alta", "Oslo"], "_count": {"gt": 1}}}, ["Oslo"]),
        ({"rating": {"_avg": None}}, ["Bergen"]),
        ({"OR": [{"town": "Alta"}, {"pieces": {"_min": 1}}]}, ["Alta", "Oslo"]),
        ({"NOT": {"pieces": {"_sum": 8}}}, ["Oslo"]),
        ({"AND": [{"pieces": {"_sum": 8}}, {"rating": {"_count": {"gte": 1}}}]}, ["Alta"]),
        ({}, ["Alta", "Bergen", "Oslo"]),
    ],
)
def test_having_chooses_groups(five: DynamicRepository, having: dict[str, Any], towns: list[str]) -> None:
    assert [group["town"] for group in five.group_by(by="town", having=having, **TOWNS)] == towns


@pytest.mark.parametrize(
    ("order", "towns"),
    [
        ({"_sum": {"price": {"sort": "desc", "nulls": "last"}}}, ["Oslo", "Bergen", "Alta"]),
        ([{"_count": {"town": "desc"}}, {"town": "desc"}], ["Oslo", "Bergen", "Alta"]),
        ([{"_count": {"_all": "asc"}}, {"_avg": {"pieces": "asc"}}], ["Alta", "Oslo", "Bergen"]),
        ({"_max": {"pieces": "desc"}}, ["Alta", "Bergen", "Oslo"]),
        ({"_avg": {"rating": {"sort": "asc", "nulls": "last"}}}, ["Alta", "Oslo", "Bergen"]),
    ],
)
def test_groups_are_ordered_by_fields_and_aggregates(five: DynamicRepository, order: Any, towns: list[str]) -> None:
    assert [group["town"] for group in five.group_by(by="town", order=order)] == towns


@pytest.mark.parametrize(
    ("page", "towns"),
    [
        ({"take": 2}, ["Alta", "Bergen"]),
        ({"skip": 2}, ["Oslo"]),
        ({"take": 1, "skip": 1}, ["Bergen"]),
        # The last ones, and the last of them first: Prisma turns rows back, but not groups.
        ({"take": -2}, ["Oslo", "Bergen"]),
        ({"take": 0}, []),
    ],
)
def test_groups_come_in_pages(five: DynamicRepository, page: dict[str, int], towns: list[str]) -> None:
    assert [group["town"] for group in five.group_by(by="town", **TOWNS, **page)] == towns


def test_a_page_without_an_order_is_refused_as_the_old_client_refused_it(five: DynamicRepository) -> None:
    for page in ({"take": 1}, {"skip": 1}):
        with pytest.raises(OrderRequiredError) as refused:
            five.group_by(by="town", **page)
        assert isinstance(refused.value, TypeError)
        assert refused.value.code == "P2012"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"by": []}, InputError, "Sale.by: needs at least one field"),
        ({"by": "twon"}, FieldNotFoundError, "Sale.by: unknown field `twon` of Sale; did you mean `town`"),
        ({"by": "seller"}, FieldNotFoundError, "Sale.by: unknown field `seller`"),
        ({"by": "town", "having": {"pieces": 3}}, InputError, "Sale.having.pieces: pieces is neither grouped by"),
        ({"by": "town", "having": {"pieces": {"_avg": {"gr": 3}}}}, FieldNotFoundError, "Sale.having.pieces._avg"),
        (
            {"by": "town", "having": {"town": {"_sum": {"gt": 3}}}},
            InputError,
            "Sale.having.town._sum: _sum is not there",
        ),
        (
            {"by": "town", "having": {"pieces": {"_sum": {"gt": "3"}}}},
            InputError,
            "Sale.having.pieces._sum.gt: expected",
        ),
        ({"by": "town", "having": {"OR": [{"peices": 3}]}}, FieldNotFoundError, "did you mean `pieces`"),
        ({"by": "town", "order": {"pieces": "asc"}}, InputError, "Sale.order.pieces: pieces is neither grouped by"),
        (
            {"by": "town", "order": {"_sum": {"town": "asc"}}},
            FieldNotFoundError,
            "Sale.order._sum: unknown field `town`",
        ),
        ({"by": "town", "order": {"_sum": {"pieces": "up"}}}, InputError, "expected `asc` or `desc`"),
    ],
)
def test_what_cannot_be_grouped_is_refused_with_its_place(
    five: DynamicRepository, arguments: dict[str, Any], error: type[ArgumentError], message: str
) -> None:
    with pytest.raises(error) as refused:
        five.group_by(**arguments)
    assert message in str(refused.value)
