"""The rows of the comparison: the same on every database and in every run, made from their numbers alone.

`peers/prisma/data.mjs` says the same in JavaScript; the checks before each measurement see to it that both agree. Imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Values = dict[str, Any]
"""One row: what is written for each column but the id, which the database gives."""

AUTHORS, POSTS_EACH, COMMENTS_EACH, PRODUCTS, READINGS = 2_000, 5, 3, 5_000, 100_000
CATEGORIES = 25
QUIET_AUTHORS = 1_900
"""The authors up to this id, their posts and the comments on them are only ever read; what updates change is beyond."""
NEW = 1_000_000
"""Rows that workloads create are made from numbers above this one."""

STATUSES = ("DRAFT", "ACTIVE", "ARCHIVED")
_BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
_SENTENCE = "It says what was seen, by whom, and what came of it. "


def mixed(number: int, bound: int) -> int:
    """A number below `bound` that looks as if drawn."""
    return (number * 7919 + 12_345) % 1_000_003 % bound


def moment(number: int) -> datetime:
    return _BEGAN + timedelta(minutes=mixed(number, 500_000), milliseconds=number % 1000)


def author(number: int) -> Values:
    return {
        "email": f"author{number}@example.org",
        "name": f"Author {number}",
        "bio": f"Writes about subject {number % 40}." if number % 3 else None,
        "logins": mixed(number, 1000),
        "active": number % 4 != 0,
        "created_at": moment(number),
    }


def post(number: int, author_id: int | None = None) -> Values:
    """`author_id` None: the author is the one the post is nested in."""
    quiet = number <= QUIET_AUTHORS * POSTS_EACH
    values: Values = {
        "title": f"Post {number}",
        "body": _SENTENCE * (2 + number % 5),
        "status": STATUSES[mixed(number, 3)] if quiet else "DRAFT",
        "views": mixed(number, 1000),
        "rating": mixed(number, 50) / 10,
        "published_at": moment(number) if number % 3 else None,
    }
    return values if author_id is None else values | {"author_id": author_id}


def comment(number: int, post_id: int) -> Values:
    return {
        "text": f"Comment {number}: agreed.",
        "likes": mixed(number, 100),
        "created_at": moment(number),
        "post_id": post_id,
    }


def product(number: int) -> Values:
    return {
        "sku": f"SKU-{number:08d}",
        "name": f"Product {number}",
        "description": _SENTENCE * (1 + number % 4),
        "status": STATUSES[mixed(number, 3)],
        "category": f"category{number % CATEGORIES:02d}",
        "price": Decimal(mixed(number, 100_000)).scaleb(-2),
        "cost": Decimal(mixed(number, 50_000)).scaleb(-2) if number % 2 else None,
        "stock": mixed(number, 500),
        "reserved": number % 20,
        "views": 5_000_000_000 + number,
        "weight": mixed(number, 10_000) / 100,
        "rating": mixed(number, 50) / 10 if number % 5 else None,
        "active": number % 4 != 0,
        "featured": number % 10 == 0,
        "attributes": {
            "colour": f"colour{number % 7}",
            "sizes": [number % 3, number % 5],
            "box": {"open": number % 2 == 0},
        },
        "note": f"Note {number}" if number % 3 == 0 else None,
        "created_at": moment(number),
        "updated_at": moment(number + 1),
        "released_at": moment(number + 2) if number % 2 else None,
    }


def reading(number: int) -> Values:
    return {
        "sensor": number % 50,
        "value": mixed(number, 100_000) / 100,
        "valid": number % 9 != 0,
        "note": f"Note {number}" if number % 10 == 0 else None,
        "taken_at": moment(number),
    }


TABLES: dict[str, tuple[int, Callable[[int], Values]]] = {
    "authors": (AUTHORS, author),
    "posts": (AUTHORS * POSTS_EACH, lambda number: post(number, (number - 1) // POSTS_EACH + 1)),
    "comments": (
        AUTHORS * POSTS_EACH * COMMENTS_EACH,
        lambda number: comment(number, (number - 1) // COMMENTS_EACH + 1),
    ),
    "products": (PRODUCTS, product),
    "readings": (READINGS, reading),
}
"""The rows there are from the start: how many of each table, their ids from 1, and the row of a number."""

COLUMNS: dict[str, tuple[str, ...]] = {table: ("id", *row(1)) for table, (_, row) in TABLES.items()}
"""The columns of each table, in the order in which every peer reads them."""
