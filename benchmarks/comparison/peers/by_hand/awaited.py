"""The workloads on an asyncio driver alone; SQLite has none, so there a thread does what `blocking` does, in one change of thread."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.base import BATCH, CONNECTIONS, Peer, Place
from benchmarks.comparison.peers.by_hand.binding import binders
from benchmarks.comparison.peers.by_hand.blocking import ByHand, ByHandValidated, nested_rows, nested_values
from benchmarks.comparison.peers.by_hand.makers import decoders, trusted, validated
from benchmarks.comparison.peers.by_hand.sessions import Tuples, copy_of
from benchmarks.comparison.peers.by_hand.statements import Statements
from benchmarks.comparison.workloads import WORKLOADS


class AsyncSession(Protocol):
    """A connection that commits each statement by itself, unless within `transaction`."""

    async def fetch(self, sql: str, values: Sequence[Any]) -> Tuples: ...
    def transaction(self) -> AbstractAsyncContextManager[object]: ...
    async def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None: ...
    def stream(self, sql: str) -> AsyncIterator[tuple[Any, ...]]: ...
    async def close(self) -> None: ...


class AsyncPostgresqlSession:
    """psycopg."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.cursor = connection.cursor(binary=True)
        self.transaction = connection.transaction

    @classmethod
    async def opened(cls, place: Place) -> AsyncPostgresqlSession:
        import psycopg

        return cls(
            await psycopg.AsyncConnection.connect(
                **place.address, dbname=place.database, autocommit=True, prepare_threshold=0
            )
        )

    async def fetch(self, sql: str, values: Sequence[Any]) -> Tuples:
        await self.cursor.execute(sql, values)
        rows: Tuples = await self.cursor.fetchall()
        return rows

    async def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        async with self.cursor.copy(copy_of(sql)) as copy:
            for row in rows:
                await copy.write_row(row)

    async def stream(self, sql: str) -> AsyncIterator[tuple[Any, ...]]:
        async with self.connection.transaction(), self.connection.cursor("stream", binary=True) as cursor:
            await cursor.execute(sql)
            while rows := await cursor.fetchmany(BATCH):
                for row in rows:
                    yield row

    async def close(self) -> None:
        await self.connection.close()


class AsyncMysqlSession:
    """asyncmy."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.cursor = connection.cursor()

    @classmethod
    async def opened(cls, place: Place) -> AsyncMysqlSession:
        import asyncmy

        return cls(await asyncmy.connect(**place.address, database=place.database, autocommit=True))

    async def fetch(self, sql: str, values: Sequence[Any]) -> Tuples:
        await self.cursor.execute(sql, values)
        rows: Tuples = await self.cursor.fetchall()
        return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        await self.connection.begin()
        try:
            yield
        except BaseException:
            await self.connection.rollback()
            raise
        await self.connection.commit()

    async def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        async with self.transaction():
            await self.cursor.executemany(sql, rows)

    async def stream(self, sql: str) -> AsyncIterator[tuple[Any, ...]]:
        from asyncmy.cursors import SSCursor

        async with self.connection.cursor(SSCursor) as cursor:
            await cursor.execute(sql)
            while rows := await cursor.fetchmany(BATCH):
                for row in rows:
                    yield row

    async def close(self) -> None:
        await self.connection.ensure_closed()


class AsyncByHand(Peer):
    """Rows of the generated classes, made of trusted values."""

    maker: Any = staticmethod(trusted)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.sql = Statements(place.provider)
        self.bind = binders(place.provider)
        self.decode = decoders(place, self.maker)
        self.session: AsyncSession
        self.sessions: list[AsyncSession] = []
        self.idle: asyncio.Queue[AsyncSession] = asyncio.Queue()

    async def opened(self) -> AsyncSession:
        """One connection."""
        kind = AsyncPostgresqlSession if self.place.provider == "postgresql" else AsyncMysqlSession
        return await kind.opened(self.place)

    async def open(self) -> None:
        self.sessions = [await self.opened() for _ in range(CONNECTIONS)]
        self.session = self.sessions[0]
        for session in self.sessions:
            self.idle.put_nowait(session)

    async def close(self) -> None:
        for session in self.sessions:
            await session.close()

    async def point_read(self, key: int) -> Any:
        return self.decode["authors"]((await self.session.fetch(self.sql.point_read, (key,)))[0])

    async def concurrent_read(self, key: int) -> Any:
        session = await self.idle.get()
        try:
            return self.decode["authors"]((await session.fetch(self.sql.point_read, (key,)))[0])
        finally:
            self.idle.put_nowait(session)

    async def page(self, status: str, views: int) -> list[Any]:
        decode = self.decode["posts"]
        return [decode(values) for values in await self.session.fetch(self.sql.page, (status, views))]

    async def wide(self, category: str) -> list[Any]:
        decode = self.decode["products"]
        return [decode(values) for values in await self.session.fetch(self.sql.wide, (category,))]

    async def include_one(self, after: int) -> list[Any]:
        authors = await self._authors_after(after, 50)
        await self._load_posts(authors)
        return authors

    async def include_two(self, after: int) -> list[Any]:
        authors = await self._authors_after(after, 20)
        posts = await self._load_posts(authors)
        keys = [post.id for post in posts]
        comments, decode = defaultdict[int, list[Any]](list), self.decode["comments"]
        sql = self.sql.related("comments", "post_id", len(keys))
        for values in await self.session.fetch(sql, self.sql.keys(keys)):
            comments[values[-1]].append(decode(values))
        for post in posts:
            vars(post)["comments"] = comments[post.id]
        return authors

    async def _authors_after(self, after: int, number: int) -> list[Any]:
        decode = self.decode["authors"]
        return [decode(values) for values in await self.session.fetch(self.sql.authors_after, (after, number))]

    async def _load_posts(self, authors: list[Any]) -> list[Any]:
        """Gives each author its posts, and answers all of them."""
        keys = [author.id for author in authors]
        posts, decode = defaultdict[int, list[Any]](list), self.decode["posts"]
        sql = self.sql.related("posts", "author_id", len(keys))
        for values in await self.session.fetch(sql, self.sql.keys(keys)):
            posts[values[-1]].append(decode(values))
        for author in authors:
            vars(author)["posts"] = posts[author.id]
        return [post for author in authors for post in author.posts]

    async def create(self, product: Values) -> Any:
        found = await self.session.fetch(self.sql.create_product, self.bind["products"](product))
        return self.decode["products"](found[0])

    async def nested_create(self, author: Values, posts: list[Values]) -> Any:
        if self.place.provider == "postgresql":
            values = nested_values(self.bind, author, posts)
            return nested_rows(await self.session.fetch(self.sql.create_author_with_posts, values), self.decode)
        async with self.session.transaction():
            made = (await self.session.fetch(self.sql.create_author, self.bind["authors"](author)))[0]
            values = [value for post in posts for value in (*self.bind["posts"](post), made[0])]
            children = await self.session.fetch(self.sql.create_posts, values)
        row = self.decode["authors"](made)
        row.__dict__["posts"] = [self.decode["posts"](child) for child in children]
        return row

    async def update(self, key: int, title: str, views: int) -> Any:
        if self.place.provider == "mysql":  # It has no RETURNING for updates.
            await self.session.fetch(self.sql.update, (title, views, key))
            found = await self.session.fetch(self.sql.post, (key,))
        else:
            found = await self.session.fetch(self.sql.update_returning, (title, views, key))
        return self.decode["posts"](found[0])

    async def upsert(self, author: Values) -> Any:
        return self.decode["authors"]((await self.session.fetch(self.sql.upsert, self.bind["authors"](author)))[0])

    async def create_many(self, readings: list[Values]) -> int:
        bind = self.bind["readings"]
        await self.session.insert_many(self.sql.create_reading, [bind(reading) for reading in readings])
        return len(readings)

    async def count(self, status: str, views: int) -> int:
        number: int = (await self.session.fetch(self.sql.count, (status, views)))[0][0]
        return number

    async def group_by(self, stock: int) -> list[Any]:
        return list(await self.session.fetch(self.sql.group_by, (stock,)))

    async def stream(self) -> int:
        total, decode = 0, self.decode["readings"]
        async for values in self.session.stream(self.sql.stream):
            total += decode(values).sensor
        return total


class AsyncByHandValidated(AsyncByHand):
    """Rows of the generated classes, validated by pydantic."""

    maker: Any = staticmethod(validated)


class OneThread:
    """A thread that does what it is given, one after another: the least that a change of thread can cost."""

    def __init__(self) -> None:
        self._work: SimpleQueue[tuple[asyncio.Future[Any], Callable[..., Any], tuple[Any, ...]] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def do(self, work: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        self._work.put((future, work, arguments))
        return future

    def end(self) -> None:
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            future, work, arguments = item
            try:
                tell, answer = future.set_result, work(*arguments)
            except Exception as error:
                tell, answer = future.set_exception, error
            future.get_loop().call_soon_threadsafe(tell, answer)
            del item, future, answer


class InThread(Peer):
    """The blocking workloads of SQLite, each in one change to the one thread that has the connections."""

    blocking: type[ByHand] = ByHand

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.peer = self.blocking(place)
        self.thread = OneThread()

    async def open(self) -> None:
        self.peer.open()
        for method in {workload.method for workload in WORKLOADS.values()}:
            setattr(self, method, partial(self.thread.do, getattr(self.peer, method)))

    async def close(self) -> None:
        self.thread.end()
        self.peer.close()


class InThreadValidated(InThread):
    """The same, validated by pydantic."""

    blocking = ByHandValidated
