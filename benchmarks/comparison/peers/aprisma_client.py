# pyright: reportMissingImports=false
"""aprisma, awaited: another generator of Python clients from a Prisma schema, on SQLAlchemy's Core.

It creates no related rows with a row, so these are several calls in a transaction; and it has no stream, so rows come by pages.
"""

from __future__ import annotations

import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from aprisma.generator.generator import generate
from aprisma.parser import parse

from benchmarks.comparison.data import Values
from benchmarks.comparison.databases import schema_for
from benchmarks.comparison.peers.base import BATCH, Pair, Peer, naive


def readable(schema: str) -> str:
    """A schema without what this generator has no word for: enums, which become texts, and native types."""
    without_enum = re.sub(r"enum Status \{.*?\n\}\n", "", schema, flags=re.DOTALL)
    return re.sub(r" @db\.\w+(\([^)]*\))?", "", without_enum).replace(" Status\n", " String\n")


class Aprisma(Peer):
    async def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        generate(parse(readable(schema_for(self.place.provider))), Path(self.folder.name) / "aprisma_client")
        sys.path.insert(0, self.folder.name)
        self.db: Any = import_module("aprisma_client.client").Prisma()
        if self.place.provider == "sqlite":
            await self.db.connect(f"sqlite+aiosqlite:///{self.place.path}")
        else:
            await self.db.connect(self.place.url.replace("postgresql://", "postgresql+asyncpg://"))

    async def close(self) -> None:
        await self.db.disconnect()
        self.folder.cleanup()

    def group(self, group: Any) -> tuple[Any, ...]:
        sums = group["_sum"]
        return super().group((group["category"], group["_count"]["_all"], sums["stock"], sums["price"]))

    async def point_read(self, key: int) -> Any:
        return await self.db.author.find_unique(where={"id": key})

    concurrent_read = point_read

    async def page(self, status: str, views: int) -> Any:
        where = {"status": status, "views": {"gte": views}}
        return await self.db.post.find_many(where=where, order=[{"views": "desc"}, {"id": "desc"}], take=50)

    async def wide(self, category: str) -> Any:
        return await self.db.product.find_many(where={"category": category}, order={"id": "asc"}, take=100)

    async def include_one(self, after: int) -> Any:
        return await self._authors(after, 50, {"posts": True})

    async def include_two(self, after: int) -> Any:
        return await self._authors(after, 20, {"posts": {"include": {"comments": True}}})

    async def _authors(self, after: int, number: int, include: Any) -> Any:
        where = {"id": {"gt": after}}
        return await self.db.author.find_many(where=where, order={"id": "asc"}, take=number, include=include)

    async def create(self, product: Values) -> Any:
        return await self.db.product.create(data=naive(product))

    async def nested_create(self, author: Values, posts: list[Values]) -> Pair:
        async with self.db.tx() as tx:
            made = await tx.author.create(data=naive(author))
            return made, [await tx.post.create(data=naive(post) | {"author_id": made.id}) for post in posts]

    async def update(self, key: int, title: str, views: int) -> Any:
        return await self.db.post.update(where={"id": key}, data={"title": title, "views": views})

    async def upsert(self, author: Values) -> Any:
        return await self.db.author.upsert(
            where={"email": author["email"]},
            create=naive(author),
            update={"name": author["name"], "logins": author["logins"]},
        )

    async def create_many(self, readings: list[Values]) -> int:
        await self.db.reading.create_many(data=[naive(reading) for reading in readings])
        return len(readings)

    async def count(self, status: str, views: int) -> Any:
        return await self.db.post.count(where={"status": status, "views": {"gte": views}})

    async def group_by(self, stock: int) -> Any:
        return await self.db.product.group_by(
            by=["category"],
            where={"stock": {"gte": stock}},
            count=True,
            sum_={"stock": True, "price": True},
            order_by={"category": "asc"},
        )

    async def stream(self) -> int:
        total, last = 0, 0
        while True:
            page = await self.db.reading.find_many(where={"id": {"gt": last}}, order={"id": "asc"}, take=BATCH)
            total += sum(reading.sensor for reading in page)
            if len(page) < BATCH:
                return total
            last = page[-1].id
