# pyright: reportMissingImports=false, reportCallIssue=false, reportGeneralTypeIssues=false
# mypy: disable-error-code="call-arg"
"""Piccolo, awaited, as its documentation writes it; it has no reading of one-to-many relations, so these are two queries."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from piccolo.columns import (
    JSONB,
    BigInt,
    Boolean,
    DoublePrecision,
    ForeignKey,
    Integer,
    Numeric,
    Serial,
    Text,
    Timestamp,
    Varchar,
)
from piccolo.query.functions import Count, Sum
from piccolo.table import Table

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.base import BATCH, CONNECTIONS, Pair, Peer, naive, paired


class Status(StrEnum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class Author(Table, tablename="authors"):
    id = Serial(primary_key=True)
    email = Varchar(191, unique=True)
    name = Varchar(191)
    bio = Varchar(191, null=True)
    logins = Integer()
    active = Boolean()
    created_at = Timestamp()


class Post(Table, tablename="posts"):
    id = Serial(primary_key=True)
    title = Varchar(191)
    body = Text()
    status = Varchar(191, choices=Status)
    views = Integer()
    rating = DoublePrecision()
    published_at = Timestamp(null=True)
    author_id = ForeignKey(Author)


class Comment(Table, tablename="comments"):
    id = Serial(primary_key=True)
    text = Varchar(191)
    likes = Integer()
    created_at = Timestamp()
    post_id = ForeignKey(Post)


class Product(Table, tablename="products"):
    id = Serial(primary_key=True)
    sku = Varchar(191, unique=True)
    name = Varchar(191)
    description = Text()
    status = Varchar(191, choices=Status)
    category = Varchar(191)
    price = Numeric(digits=(12, 2))
    cost = Numeric(digits=(12, 2), null=True)
    stock = Integer()
    reserved = Integer()
    views = BigInt()
    weight = DoublePrecision()
    rating = DoublePrecision(null=True)
    active = Boolean()
    featured = Boolean()
    attributes = JSONB()
    note = Varchar(191, null=True)
    created_at = Timestamp()
    updated_at = Timestamp()
    released_at = Timestamp(null=True)


class Reading(Table, tablename="readings"):
    id = Serial(primary_key=True)
    sensor = Integer()
    value = DoublePrecision()
    valid = Boolean()
    note = Varchar(191, null=True)
    taken_at = Timestamp()


TABLES = (Author, Post, Comment, Product, Reading)


class Piccolo(Peer):
    async def open(self) -> None:
        self.engine: Any
        if self.place.provider == "sqlite":
            from piccolo.engine.sqlite import SQLiteEngine

            # The columns' types are Prisma's words for them.
            sqlite3.register_converter("DATETIME", lambda text: datetime.fromisoformat(text.decode()))
            sqlite3.register_converter("DECIMAL", lambda text: Decimal(text.decode()))
            self.engine = SQLiteEngine(path=self.place.path)
        else:
            from piccolo.engine.postgres import PostgresEngine

            self.engine = PostgresEngine(config={**self.place.address, "database": self.place.database})
            await self.engine.start_connection_pool(min_size=1, max_size=CONNECTIONS)
        for table in TABLES:
            table._meta.db = self.engine

    async def close(self) -> None:
        if self.place.provider != "sqlite":
            await self.engine.close_connection_pool()

    def columns(self, row: Any) -> Any:
        found = super().columns(row)
        return SimpleNamespace(**found) if isinstance(found, dict) else found

    def group(self, group: Any) -> tuple[Any, ...]:
        return super().group((group["category"], group["number"], group["stock"], group["price"]))

    async def point_read(self, key: int) -> Any:
        return await Author.objects().get(Author.id == key)

    concurrent_read = point_read

    async def page(self, status: str, views: int) -> Any:
        posts = Post.objects().where(Post.status == status, Post.views >= views)
        return await posts.order_by(Post.views, Post.id, ascending=False).limit(50)

    async def wide(self, category: str) -> Any:
        products = Product.objects().where(Product.category == category).order_by(Product.id).limit(100)
        return await products.output(load_json=True)

    async def include_one(self, after: int) -> list[Pair]:
        authors = await Author.objects().where(Author.id > after).order_by(Author.id).limit(50)
        return paired(authors, await self._posts(authors), "author_id")

    async def include_two(self, after: int) -> list[Pair]:
        authors = await Author.objects().where(Author.id > after).order_by(Author.id).limit(20)
        posts = await self._posts(authors)
        keys = [post.id for post in posts]
        comments = await Comment.objects().where(Comment.post_id.is_in(keys)).order_by(Comment.id)
        return paired(authors, paired(posts, comments, "post_id"), "author_id")

    async def _posts(self, authors: list[Any]) -> list[Any]:
        keys = [author.id for author in authors]
        return await Post.objects().where(Post.author_id.is_in(keys)).order_by(Post.id)

    async def create(self, product: Values) -> Any:
        made = Product(**naive(product))
        await made.save()
        return made

    async def nested_create(self, author: Values, posts: list[Values]) -> Pair:
        async with self.engine.transaction():
            made = Author(**naive(author))
            await made.save()
            rows = [Post(**naive(post), author_id=made.id) for post in posts]
            await Post.insert(*rows)
            return made, rows

    async def update(self, key: int, title: str, views: int) -> Any:
        change = Post.update({Post.title: title, Post.views: views}).where(Post.id == key)
        return (await change.returning(*Post.all_columns()))[0]

    async def upsert(self, author: Values) -> Any:
        insertion = Author.insert(Author(**naive(author))).on_conflict(
            target=Author.email, action="DO UPDATE", values=[Author.name, Author.logins]
        )
        return (await insertion.returning(*Author.all_columns()))[0]

    async def create_many(self, readings: list[Values]) -> int:
        async with self.engine.transaction():  # A statement has room for so many values only.
            for start in range(0, len(readings), BATCH):
                await Reading.insert(*(Reading(**naive(row)) for row in readings[start : start + BATCH]))
        return len(readings)

    async def count(self, status: str, views: int) -> Any:
        return await Post.count().where(Post.status == status, Post.views >= views)

    async def group_by(self, stock: int) -> Any:
        sums = (Count(alias="number"), Sum(Product.stock, alias="stock"), Sum(Product.price, alias="price"))
        groups = Product.select(Product.category, *sums).where(Product.stock >= stock)
        return await groups.group_by(Product.category).order_by(Product.category)

    async def stream(self) -> int:
        total = 0
        async with await Reading.objects().order_by(Reading.id).batch(batch_size=BATCH) as batches:
            async for readings in batches:
                for reading in readings:
                    total += reading.sensor
        return total
