# pyright: reportMissingImports=false
"""Tortoise ORM, awaited, as its documentation writes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tortoise import Tortoise, fields
from tortoise.functions import Count, Sum
from tortoise.models import Model
from tortoise.transactions import in_transaction

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.base import CONNECTIONS, Pair, Peer, Place


class Status(StrEnum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class Moment(fields.DatetimeField):
    """A column of PostgreSQL's without a zone, which holds UTC; Tortoise makes its own with one."""

    class _db_postgres:
        SQL_TYPE = "TIMESTAMP"

    def to_db_value(self, value: Any, instance: Any) -> Any:
        found = super().to_db_value(value, instance)
        if isinstance(found, datetime) and found.tzinfo is not None and NAIVE:
            return found.astimezone(UTC).replace(tzinfo=None)
        return found


NAIVE: list[bool] = []
"""Has something in it where the driver takes moments without a zone alone."""


class Author(Model):
    id = fields.IntField(primary_key=True)
    email = fields.CharField(191, unique=True)
    name = fields.CharField(191)
    bio = fields.CharField(191, null=True)
    logins = fields.IntField()
    active = fields.BooleanField()
    created_at = Moment()
    posts: fields.ReverseRelation[Post]

    class Meta:
        table = "authors"


class Post(Model):
    id = fields.IntField(primary_key=True)
    title = fields.CharField(191)
    body = fields.TextField()
    status = fields.CharEnumField(Status)
    views = fields.IntField()
    rating = fields.FloatField()
    published_at = Moment(null=True)
    author: Any = fields.ForeignKeyField("models.Author", related_name="posts")
    comments: fields.ReverseRelation[Comment]

    class Meta:
        table = "posts"


class Comment(Model):
    id = fields.IntField(primary_key=True)
    text = fields.CharField(191)
    likes = fields.IntField()
    created_at = Moment()
    post: Any = fields.ForeignKeyField("models.Post", related_name="comments")

    class Meta:
        table = "comments"


class Product(Model):
    id = fields.IntField(primary_key=True)
    sku = fields.CharField(191, unique=True)
    name = fields.CharField(191)
    description = fields.TextField()
    status = fields.CharEnumField(Status)
    category = fields.CharField(191)
    price = fields.DecimalField(12, 2)
    cost = fields.DecimalField(12, 2, null=True)
    stock = fields.IntField()
    reserved = fields.IntField()
    views = fields.BigIntField()
    weight = fields.FloatField()
    rating = fields.FloatField(null=True)
    active = fields.BooleanField()
    featured = fields.BooleanField()
    attributes: Any = fields.JSONField()
    note = fields.CharField(191, null=True)
    created_at = Moment()
    updated_at = Moment()
    released_at = Moment(null=True)

    class Meta:
        table = "products"


class Reading(Model):
    id = fields.IntField(primary_key=True)
    sensor = fields.IntField()
    value = fields.FloatField()
    valid = fields.BooleanField()
    note = fields.CharField(191, null=True)
    taken_at = Moment()

    class Meta:
        table = "readings"


def connection_of(place: Place) -> dict[str, Any]:
    """The place as Tortoise's configuration names it."""
    if place.provider == "sqlite":
        return {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": place.path}}
    engine = "asyncpg" if place.provider == "postgresql" else "mysql"
    credentials = {**place.address, "database": place.database, "minsize": 1, "maxsize": CONNECTIONS}
    return {"engine": f"tortoise.backends.{engine}", "credentials": credentials}


class TortoiseOrm(Peer):
    async def open(self) -> None:
        if self.place.provider == "postgresql":
            NAIVE.append(True)
        await Tortoise.init(
            config={
                "connections": {"default": connection_of(self.place)},
                "apps": {"models": {"models": [__name__], "default_connection": "default"}},
                "use_tz": True,
                "timezone": "UTC",
            },
            _enable_global_fallback=True,  # Each request to this process is a task of its own.
        )

    async def close(self) -> None:
        await Tortoise.close_connections()

    def related(self, row: Any, name: str) -> Iterable[Any]:
        return row[1] if type(row) is tuple else list(getattr(row, name))

    async def point_read(self, key: int) -> Any:
        return await Author.get(id=key)

    concurrent_read = point_read

    async def page(self, status: str, views: int) -> Any:
        return await Post.filter(status=status, views__gte=views).order_by("-views", "-id").limit(50)

    async def wide(self, category: str) -> Any:
        return await Product.filter(category=category).order_by("id").limit(100)

    async def include_one(self, after: int) -> Any:
        return await Author.filter(id__gt=after).order_by("id").limit(50).prefetch_related("posts")

    async def include_two(self, after: int) -> Any:
        return await Author.filter(id__gt=after).order_by("id").limit(20).prefetch_related("posts__comments")

    async def create(self, product: Values) -> Any:
        return await Product.create(**product)

    async def nested_create(self, author: Values, posts: list[Values]) -> Pair:
        async with in_transaction():
            made = await Author.create(**author)
            return made, [await Post.create(author=made, **post) for post in posts]

    async def update(self, key: int, title: str, views: int) -> Any:
        post = await Post.get(id=key)
        post.title, post.views = title, views
        await post.save(update_fields=["title", "views"])
        return post

    async def upsert(self, author: Values) -> Any:
        found, _ = await Author.update_or_create(defaults=author, email=author["email"])
        return found

    async def create_many(self, readings: list[Values]) -> int:
        await Reading.bulk_create([Reading(**reading) for reading in readings])
        return len(readings)

    async def count(self, status: str, views: int) -> Any:
        return await Post.filter(status=status, views__gte=views).count()

    async def group_by(self, stock: int) -> Any:
        groups = Product.filter(stock__gte=stock).annotate(number=Count("id"), stocks=Sum("stock"), prices=Sum("price"))
        return (
            await groups.group_by("category").order_by("category").values_list("category", "number", "stocks", "prices")
        )

    async def stream(self) -> int:
        total = 0
        async for reading in Reading.all().order_by("id"):
            total += reading.sensor
        return total
