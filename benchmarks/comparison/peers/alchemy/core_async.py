"""SQLAlchemy Core, awaited."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.alchemy import statements
from benchmarks.comparison.peers.alchemy.core import AUTHORS, COMMENTS, POSTS, PRODUCTS, READINGS
from benchmarks.comparison.peers.alchemy.tables import AWAITED, engine_of
from benchmarks.comparison.peers.base import BATCH, Pair, Peer, paired


class AsyncCore(Peer):
    async def open(self) -> None:
        self.engine = engine_of(self.place, AWAITED, create_async_engine)

    async def close(self) -> None:
        await self.engine.dispose()

    async def point_read(self, key: int) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(AUTHORS).where(AUTHORS.c.id == key))).one()

    concurrent_read = point_read

    async def page(self, status: str, views: int) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(statements.page_of(POSTS, status, views))).all()

    async def wide(self, category: str) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(statements.wide_of(PRODUCTS, category))).all()

    async def include_one(self, after: int) -> list[Pair]:
        async with self.engine.connect() as connection:
            authors = (await connection.execute(statements.authors_of(AUTHORS, after, 50))).all()
            return paired(authors, await self._posts(connection, authors), "author_id")

    async def include_two(self, after: int) -> list[Pair]:
        async with self.engine.connect() as connection:
            authors = (await connection.execute(statements.authors_of(AUTHORS, after, 20))).all()
            posts = await self._posts(connection, authors)
            keys = [post.id for post in posts]
            comments = (await connection.execute(statements.children_of(COMMENTS, "post_id", keys))).all()
            return paired(authors, paired(posts, comments, "post_id"), "author_id")

    async def _posts(self, connection: AsyncConnection, authors: Any) -> Any:
        keys = [author.id for author in authors]
        return (await connection.execute(statements.children_of(POSTS, "author_id", keys))).all()

    async def create(self, product: Values) -> Any:
        async with self.engine.begin() as connection:
            return (await connection.execute(insert(PRODUCTS).values(product).returning(PRODUCTS))).one()

    async def nested_create(self, author: Values, posts: list[Values]) -> Pair:
        async with self.engine.begin() as connection:
            made = (await connection.execute(insert(AUTHORS).values(author).returning(AUTHORS))).one()
            rows = [post | {"author_id": made.id} for post in posts]
            return made, list((await connection.execute(insert(POSTS).returning(POSTS), rows)).all())

    async def update(self, key: int, title: str, views: int) -> Any:
        statement = update(POSTS).where(POSTS.c.id == key).values(title=title, views=views)
        async with self.engine.begin() as connection:
            if self.place.provider != "mysql":
                return (await connection.execute(statement.returning(POSTS))).one()
            await connection.execute(statement)
            return (await connection.execute(select(POSTS).where(POSTS.c.id == key))).one()

    async def upsert(self, author: Values) -> Any:
        async with self.engine.begin() as connection:
            return (await connection.execute(statements.upsert_of(self.place.provider, AUTHORS, author))).one()

    async def create_many(self, readings: list[Values]) -> int:
        async with self.engine.begin() as connection:
            await connection.execute(insert(READINGS), readings)
        return len(readings)

    async def count(self, status: str, views: int) -> Any:
        async with self.engine.connect() as connection:
            return await connection.scalar(statements.number_of(status, views))

    async def group_by(self, stock: int) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(statements.groups_of(stock))).all()

    async def stream(self) -> int:
        total = 0
        async with self.engine.connect() as connection:
            statement = select(READINGS).order_by(READINGS.c.id).execution_options(yield_per=BATCH)
            async with connection.stream(statement) as result:
                async for reading in result:
                    total += reading.sensor
        return total
