"""`count` and `aggregate`: one answer for all rows, or for all rows of a page."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from statistics import fmean
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_gen.dynamic import DynamicRepository, SyncDynamicInfrastructure
from infra_runtime.errors import ArgumentError, FieldNotFoundError, InputError


# -- count -------------------------------------------------------------------------------------------------------------
def test_count_is_a_number(five: DynamicRepository) -> None:
    assert five.count() == 5
    assert five.count(where={"town": "Oslo"}) == 2
    assert five.count(where={"town": "Rome"}) == 0


def test_count_of_fields_leaves_nulls_out(five: DynamicRepository) -> None:
    assert five.count(select={"_all": True, "rating": True, "price": True}) == {"_all": 5, "rating": 3, "price": 3}


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        ({"take": 2}, 2),
        ({"take": 9}, 5),
        ({"skip": 4}, 1),
        ({"skip": 9}, 0),
        ({"cursor": {"id": 4}}, 2),
        ({"take": -3}, 3),
    ],
)
def test_count_of_a_page(five: DynamicRepository, page: dict[str, Any], rows: int) -> None:
    assert five.count(**page) == rows
    assert five.count(select={"_all": True}, **page) == {"_all": rows}


def test_a_scope_counts_only_what_it_lets_through(shop: SyncDynamicInfrastructure, five: DynamicRepository) -> None:
    shop.add_scope(lambda model, context: {"town": "Oslo"}, ["Sale"])
    assert five.count() == 2
    assert five.aggregate(sum={"pieces": True}) == {"_sum": {"pieces": 4}}
    assert five.group_by(by="town") == [{"town": "Oslo"}]


# -- aggregate ---------------------------------------------------------------------------------------------------------
def test_each_function_answers_the_type_of_its_field(five: DynamicRepository) -> None:
    answer = five.aggregate(
        sum={"pieces": True, "grams": True, "rating": True, "price": True},
        avg={"pieces": True, "price": True},
        min={"at": True, "town": True, "channel": True, "gift": True},
        max={"price": True, "grams": True},
    )
    assert answer == {
        "_avg": {"pieces": 4.0, "price": answer["_avg"]["price"]},
        "_sum": {"pieces": 20, "grams": 9007199254741000, "rating": 9.0, "price": Decimal("14.75")},
        "_min": {"at": datetime(2024, 1, 1, 10, tzinfo=UTC), "town": "Alta", "channel": "SHOP", "gift": False},
        "_max": {"price": Decimal("10.5"), "grams": 9007199254740993},
    }
    assert [type(value) for value in answer["_sum"].values()] == [int, int, float, Decimal]
    assert [type(value) for value in answer["_avg"].values()] == [float, Decimal]


def test_no_rows_have_counts_of_0_and_nothing_else(sales: DynamicRepository) -> None:
    assert sales.aggregate(count=True, sum={"pieces": True}, max={"at": True}) == {
        "_count": 0,
        "_sum": {"pieces": None},
        "_max": {"at": None},
    }


def test_count_within_an_aggregate_is_a_number_or_a_number_for_each_field(five: DynamicRepository) -> None:
    assert five.aggregate(count=True) == {"_count": 5}
    assert five.aggregate(count={"_all": True, "rating": True}) == {"_count": {"_all": 5, "rating": 3}}


def test_true_asks_a_function_of_every_field_it_applies_to(five: DynamicRepository) -> None:
    assert set(five.aggregate(sum=True)["_sum"]) == {"id", "pieces", "grams", "rating", "price", "sellerId"}
    assert "extra" not in five.aggregate(max=True)["_max"]


@pytest.mark.parametrize(
    ("page", "pieces"),
    [
        ({"order": {"pieces": "desc"}, "take": 2}, 14),
        ({"order": {"pieces": "desc"}, "take": -2}, 3),
        ({"order": {"pieces": "asc"}, "skip": 3}, 14),
        ({"order": {"id": "asc"}, "cursor": {"id": 3}}, 16),
        ({"order": {"id": "desc"}, "cursor": {"id": 3}, "take": 2}, 5),
        ({"where": {"town": {"not": "Alta"}}, "order": {"pieces": "desc"}, "take": 1}, 6),
    ],
)
def test_an_aggregate_of_a_page_sees_its_rows_alone(five: DynamicRepository, page: dict[str, Any], pieces: int) -> None:
    assert five.aggregate(sum={"pieces": True}, **page) == {"_sum": {"pieces": pieces}}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=8), take=st.integers(-5, 5), skip=st.integers(0, 4))
def test_an_aggregate_is_what_its_rows_come_to(
    sales: DynamicRepository, pieces: list[int], take: int, skip: int
) -> None:
    sales.delete_many()
    sales.create_many(data=[{"town": "Oslo", "pieces": number} for number in pieces])
    page = {"order": {"pieces": "asc"}, "take": take, "skip": skip}
    rows = [row["pieces"] for row in sales.find_many(**page)]
    functions = {name: {"pieces": True} for name in ("sum", "avg", "min", "max")}
    answer = sales.aggregate(count=True, **functions, **page)
    assert answer["_count"] == sales.count(**page) == len(rows)
    assert answer["_sum"]["pieces"] == (sum(rows) if rows else None)
    assert answer["_min"]["pieces"] == min(rows, default=None)
    assert answer["_max"]["pieces"] == max(rows, default=None)
    assert answer["_avg"]["pieces"] == (pytest.approx(fmean(rows)) if rows else None)


# -- what is refused ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ArgumentError, "asks for nothing"),
        ({"sum": {"town": True}}, FieldNotFoundError, "Sale.sum: unknown field `town`"),
        ({"max": {"extra": True}}, FieldNotFoundError, "Sale.max: unknown field `extra`"),
        ({"avg": {"peices": True}}, FieldNotFoundError, "did you mean `pieces`"),
        ({"sum": {"_all": True}}, FieldNotFoundError, "`_all`"),
        ({"sum": {"pieces": 1}}, InputError, "Sale.sum.pieces: expected True or False"),
        ({"sum": {"pieces": False}}, InputError, "Sale.sum: names no field"),
        ({"sum": "pieces"}, InputError, "Sale.sum: expected True or a mapping"),
        ({"count": True, "where": {"twon": "x"}}, FieldNotFoundError, "Sale.where.twon"),
        ({"count": True, "cursor": {"id": 1}, "order": {"town": "asc"}}, InputError, "Sale.order: "),
    ],
)
def test_what_cannot_be_aggregated_is_refused_with_its_place(
    five: DynamicRepository, arguments: dict[str, Any], error: type[ArgumentError], message: str
) -> None:
    with pytest.raises(error) as refused:
        five.aggregate(**arguments)
    assert message in str(refused.value)


def test_a_count_of_an_unknown_field_is_refused(five: DynamicRepository) -> None:
    with pytest.raises(FieldNotFoundError, match=r"Sale\.select: unknown field `peices`"):
        five.count(select={"peices": True})
