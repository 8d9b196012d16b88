"""What is measured: one row of a table for each workload. A peer has a method of the workload's `method`.

Arguments are made from the number of the call, before the clock runs. Imports `data`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.comparison import data

Kind = Literal["rows", "count", "groups", "affected"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which columns rows of an answer have, and which related rows."""

    table: str
    related: dict[str, Shape]


AUTHOR, PRODUCT, READING = Shape("authors", {}), Shape("products", {}), Shape("readings", {})
POST, COMMENT = Shape("posts", {}), Shape("comments", {})
AUTHOR_POSTS = Shape("authors", {"posts": POST})
AUTHOR_POSTS_COMMENTS = Shape("authors", {"posts": Shape("posts", {"comments": COMMENT})})


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of work.

    `shape`: of the rows it answers; None for a number, or groups. `written`: the tables whose rows it adds or changes. `rows`: how
    many rows one call is about, for those that are about many. `clients`: how many call at the same time.
    """

    name: str
    title: str
    method: str
    arguments: Callable[[int], tuple[Any, ...]]
    shape: Shape | None = None
    written: tuple[str, ...] = ()
    rows: int = 1
    clients: int = 1

    @property
    def heavy(self) -> bool:
        """Does one call take so long that few are enough, and its memory matter?"""
        return self.rows >= 10_000


def _quiet_author(call: int) -> int:
    return 1 + call * 7919 % data.QUIET_AUTHORS


def _first_of(authors: int) -> Callable[[int], tuple[int]]:
    return lambda call: (call * 53 % (data.QUIET_AUTHORS - authors),)


def _nested(call: int) -> tuple[Any, ...]:
    return data.author(data.NEW + call), [data.post(data.NEW + 3 * call + place) for place in range(3)]


def _upsert(call: int) -> tuple[Any, ...]:
    """Every second author is there already."""
    number = data.NEW + call if call % 2 else data.QUIET_AUTHORS + 1 + call % (data.AUTHORS - data.QUIET_AUTHORS)
    return (data.author(number) | {"name": f"Upserted {call}", "logins": call},)


def _update(call: int) -> tuple[Any, ...]:
    first = data.QUIET_AUTHORS * data.POSTS_EACH + 1
    return first + call % 500, f"Updated {call}", call


def _readings(rows: int) -> Callable[[int], tuple[Any, ...]]:
    return lambda call: ([data.reading(data.NEW + call * rows + place) for place in range(rows)],)


WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        Workload("point_read", "point read by id", "point_read", lambda call: (_quiet_author(call),), AUTHOR),
        Workload(
            "page", "page of 50, filtered, ordered", "page", lambda call: ("ACTIVE", call * 37 % 500), POST, rows=50
        ),
        Workload(
            "wide",
            "100 rows of 20 columns",
            "wide",
            lambda call: (f"category{call % data.CATEGORIES:02d}",),
            PRODUCT,
            rows=100,
        ),
        Workload("include_one", "50 parents with 5 children each", "include_one", _first_of(50), AUTHOR_POSTS, rows=50),
        Workload("include_two", "20 with 5 with 3 each", "include_two", _first_of(20), AUTHOR_POSTS_COMMENTS, rows=20),
        Workload(
            "create",
            "create, 20 columns",
            "create",
            lambda call: (data.product(data.NEW + call),),
            PRODUCT,
            ("products",),
        ),
        Workload(
            "nested_create", "create with 3 children", "nested_create", _nested, AUTHOR_POSTS, ("posts", "authors")
        ),
        Workload("update", "update by id, answering the row", "update", _update, POST, ("posts",)),
        Workload("upsert", "upsert by a unique key", "upsert", _upsert, AUTHOR, ("authors",)),
        Workload("create_many_1000", "create_many, 1,000", "create_many", _readings(1_000), None, ("readings",), 1_000),
        Workload(
            "create_many_10000", "create_many, 10,000", "create_many", _readings(10_000), None, ("readings",), 10_000
        ),
        Workload("count", "count, filtered", "count", lambda call: ("ACTIVE", call * 37 % 500)),
        Workload("group_by", "group by with sums, 5,000 rows", "group_by", lambda call: (call % 10,)),
        Workload("stream", "stream of 100,000 rows", "stream", lambda call: (), None, rows=data.READINGS),
        Workload(
            "clients",
            "point reads by 64 clients at once",
            "concurrent_read",
            lambda call: (_quiet_author(call),),
            AUTHOR,
            clients=64,
        ),
    )
}
