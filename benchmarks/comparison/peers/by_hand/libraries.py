# pyright: reportMissingImports=false
"""The workloads by hand on two more libraries: asyncpg, and aiosqlite, which changes to its thread for every statement."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.comparison.peers.base import BATCH, Place
from benchmarks.comparison.peers.by_hand.awaited import AsyncByHand
from benchmarks.comparison.peers.by_hand.sessions import Tuples


class AsyncpgSession:
    """An `AsyncSession`."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.transaction = connection.transaction
        self._texts: dict[str, str] = {}

    @classmethod
    async def opened(cls, place: Place) -> AsyncpgSession:
        import asyncpg

        connection = await asyncpg.connect(**place.address, database=place.database)
        await connection.set_type_codec(
            "jsonb", encoder=lambda value: json.dumps(value.obj), decoder=json.loads, schema="pg_catalog"
        )
        return cls(connection)

    def _text(self, sql: str) -> str:
        """A statement with asyncpg's marks for values."""
        if sql not in self._texts:
            marks = iter(range(1, 10_000))
            self._texts[sql] = re.sub("%s", lambda _: f"${next(marks)}", sql)
        return self._texts[sql]

    async def fetch(self, sql: str, values: Sequence[Any]) -> Tuples:
        rows: Tuples = await self.connection.fetch(self._text(sql), *values)
        return rows

    async def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        table, _, columns = sql.removeprefix("INSERT INTO ").partition(" VALUES")[0].partition(" ")
        await self.connection.copy_records_to_table(table, records=rows, columns=columns.strip("()").split(", "))

    async def stream(self, sql: str) -> AsyncIterator[tuple[Any, ...]]:
        async with self.connection.transaction():
            async for row in self.connection.cursor(sql, prefetch=BATCH):
                yield row

    async def close(self) -> None:
        await self.connection.close()


class AiosqliteSession:
    """An `AsyncSession`."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @classmethod
    async def opened(cls, place: Place) -> AiosqliteSession:
        import aiosqlite

        connection = await aiosqlite.connect(place.path, isolation_level=None)
        await connection.execute("PRAGMA foreign_keys = ON")
        return cls(connection)

    async def fetch(self, sql: str, values: Sequence[Any]) -> Tuples:
        rows: Tuples = await self.connection.execute_fetchall(sql, values)
        return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        await self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            await self.connection.rollback()
            raise
        await self.connection.commit()

    async def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        async with self.transaction():
            await self.connection.executemany(sql, rows)

    async def stream(self, sql: str) -> AsyncIterator[tuple[Any, ...]]:
        async with self.connection.execute(sql) as cursor:
            while rows := await cursor.fetchmany(BATCH):
                for row in rows:
                    yield row

    async def close(self) -> None:
        await self.connection.close()


class Asyncpg(AsyncByHand):
    """Rows of the generated classes, made of trusted values."""

    async def opened(self) -> AsyncpgSession:
        return await AsyncpgSession.opened(self.place)


class Aiosqlite(AsyncByHand):
    """Rows of the generated classes, made of trusted values."""

    async def opened(self) -> AiosqliteSession:
        return await AiosqliteSession.opened(self.place)
