"""Rows of SQLite's tuples: texts are moments, numbers booleans and decimals, JSON is text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from json import loads
from types import ModuleType
from typing import Any

from benchmarks.comparison.peers.by_hand.makers import Decode, Maker


def decoders(package: ModuleType, maker: Callable[[type], Maker]) -> dict[str, Decode]:
    """For each table the function that makes a row of the generated class of a tuple."""
    author, post, comment = maker(package.Author), maker(package.Post), maker(package.Comment)
    product, reading = maker(package.Product), maker(package.Reading)
    statuses = {member.value: member for member in package.Status}
    moment = datetime.fromisoformat

    def author_of(values: Any) -> Any:
        id_, email, name, bio, logins, active, created_at = values
        return author(
            {
                "id": id_,
                "email": email,
                "name": name,
                "bio": bio,
                "logins": logins,
                "active": active == 1,
                "created_at": moment(created_at),
            }
        )

    def post_of(values: Any) -> Any:
        id_, title, body, status, views, rating, published_at, author_id = values
        return post(
            {
                "id": id_,
                "title": title,
                "body": body,
                "status": statuses[status],
                "views": views,
                "rating": rating,
                "published_at": None if published_at is None else moment(published_at),
                "author_id": author_id,
            }
        )

    def comment_of(values: Any) -> Any:
        id_, text, likes, created_at, post_id = values
        return comment(
            {
                "id": id_,
                "text": text,
                "likes": likes,
                "created_at": moment(created_at),
                "post_id": post_id,
            }
        )

    def product_of(values: Any) -> Any:
        (
            id_,
            sku,
            name,
            description,
            status,
            category,
            price,
            cost,
            stock,
            reserved,
            views,
            weight,
            rating,
            active,
            featured,
            attributes,
            note,
            created_at,
            updated_at,
            released_at,
        ) = values
        return product(
            {
                "id": id_,
                "sku": sku,
                "name": name,
                "description": description,
                "status": statuses[status],
                "category": category,
                "price": Decimal(str(price)),
                "cost": None if cost is None else Decimal(str(cost)),
                "stock": stock,
                "reserved": reserved,
                "views": views,
                "weight": weight,
                "rating": rating,
                "active": active == 1,
                "featured": featured == 1,
                "attributes": loads(attributes),
                "note": note,
                "created_at": moment(created_at),
                "updated_at": moment(updated_at),
                "released_at": None if released_at is None else moment(released_at),
            }
        )

    def reading_of(values: Any) -> Any:
        id_, sensor, value, valid, note, taken_at = values
        return reading(
            {
                "id": id_,
                "sensor": sensor,
                "value": value,
                "valid": valid == 1,
                "note": note,
                "taken_at": moment(taken_at),
            }
        )

    return {
        "authors": author_of,
        "posts": post_of,
        "comments": comment_of,
        "products": product_of,
        "readings": reading_of,
    }
