"""SQLAlchemy's ORM, awaited."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.alchemy import statements
from benchmarks.comparison.peers.alchemy.tables import AWAITED, Author, Post, Product, Reading, engine_of
from benchmarks.comparison.peers.base import BATCH, Peer


class AsyncOrm(Peer):
    async def open(self) -> None:
        self.engine = engine_of(self.place, AWAITED, create_async_engine)
        self.session = async_sessionmaker(self.engine, expire_on_commit=False)

    async def close(self) -> None:
        await self.engine.dispose()

    async def point_read(self, key: int) -> Any:
        async with self.session() as session:
            return await session.get(Author, key)

    concurrent_read = point_read

    async def page(self, status: str, views: int) -> Any:
        async with self.session() as session:
            return (await session.scalars(statements.page_of(Post, status, views))).all()

    async def wide(self, category: str) -> Any:
        async with self.session() as session:
            return (await session.scalars(statements.wide_of(Product, category))).all()

    async def include_one(self, after: int) -> Any:
        async with self.session() as session:
            return (await session.scalars(statements.authors_with_posts(after))).all()

    async def include_two(self, after: int) -> Any:
        async with self.session() as session:
            return (await session.scalars(statements.authors_with_comments(after))).all()

    async def create(self, product: Values) -> Any:
        async with self.session.begin() as session:
            made = Product(**product)
            session.add(made)
        return made

    async def nested_create(self, author: Values, posts: list[Values]) -> Any:
        async with self.session.begin() as session:
            made = Author(**author, posts=[Post(**post) for post in posts])
            session.add(made)
        return made

    async def update(self, key: int, title: str, views: int) -> Any:
        async with self.session.begin() as session:
            if self.place.provider != "mysql":
                statement = update(Post).where(Post.id == key).values(title=title, views=views)
                return (await session.scalars(statement.returning(Post))).one()
            post = await session.get_one(Post, key)
            post.title, post.views = title, views
        return post

    async def upsert(self, author: Values) -> Any:
        async with self.session.begin() as session:
            return (await session.scalars(statements.upsert_of(self.place.provider, Author, author))).one()

    async def create_many(self, readings: list[Values]) -> int:
        async with self.session.begin() as session:
            await session.execute(insert(Reading), readings)
        return len(readings)

    async def count(self, status: str, views: int) -> Any:
        async with self.session() as session:
            return await session.scalar(statements.number_of(status, views))

    async def group_by(self, stock: int) -> Any:
        async with self.session() as session:
            return (await session.execute(statements.groups_of(stock))).all()

    async def stream(self) -> int:
        total = 0
        async with self.session() as session:
            statement = select(Reading).order_by(Reading.id).execution_options(yield_per=BATCH)
            async for reading in await session.stream_scalars(statement):
                total += reading.sensor
        return total
