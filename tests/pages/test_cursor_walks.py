"""A walk by cursors, page after page, meets every row once, in the order of the whole list: on every database, in every order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.conftest import Run

LEVELS = ("LOW", "HIGH", "MEDIUM")

ORDERS: dict[str, Any] = {
    "an enum": {"level": "asc"},
    "an enum, downwards": {"level": "desc"},
    "an enum and a unique field": [{"level": "desc"}, {"id": "asc"}],
    "a unique field within an enum and a number": [{"level": "asc"}, {"turn": "desc"}, {"code": "asc"}],
    "an optional enum and a unique field": [{"maybe": "asc"}, {"id": "desc"}],
    "an enum between numbers": [{"turn": "asc"}, {"level": "desc"}, {"number": "asc"}],
}


@pytest.fixture(autouse=True)
def _rows(run: Run) -> None:
    levels = [LEVELS[number % 3] for number in range(9)]
    run(
        "create_many",
        "Entry",
        data=[
            {
                "id": number,
                "code": f"c{number}",
                "number": number,
                "turn": number % 2,
                "flag": True,
                "level": level,
                "maybe": None if number % 4 == 0 else level,
            }
            for number, level in enumerate(levels, 1)
        ],
    )


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_walk_by_cursors_loses_no_row(run: Run, order: Any) -> None:
    whole = [row["id"] for row in run("find_many", "Entry", order=order, take=100)]
    assert len(whole) == 9

    walked = run("find_many", "Entry", order=order, take=2)
    while page := run("find_many", "Entry", order=order, take=2, cursor={"id": walked[-1]["id"]}, skip=1):
        walked += page

    assert [row["id"] for row in walked] == whole
