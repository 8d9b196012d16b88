"""infra-gen: the package generated from `schema.prisma`, by its repositories."""

from __future__ import annotations

from typing import Any

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.base import BATCH, CONNECTIONS, Peer, Place


def _url(place: Place) -> str:
    return f"{place.url}{'&' if '?' in place.url else '?'}connection_limit={CONNECTIONS}"


def _page(status: str, views: int) -> dict[str, Any]:
    return {
        "where": {"status": status, "views": {"gte": views}},
        "order": [{"views": "desc"}, {"id": "desc"}],
        "take": 50,
    }


def _authors(after: int, number: int, posts: Any) -> dict[str, Any]:
    return {"where": {"id": {"gt": after}}, "order": {"id": "asc"}, "take": number, "include": {"posts": posts}}


def _upsert(author: Values) -> dict[str, Any]:
    update = {"name": author["name"], "logins": author["logins"]}
    return {"where": {"email": author["email"]}, "data": {"create": author, "update": update}}


def _group_by(stock: int) -> dict[str, Any]:
    return {
        "by": ["category"],
        "where": {"stock": {"gte": stock}},
        "count": True,
        "sum": {"stock": True, "price": True},
        "order": {"category": "asc"},
    }


def _group(group: dict[str, Any]) -> tuple[Any, ...]:
    return group["category"], group["_count"], group["_sum"]["stock"], group["_sum"]["price"]


class Infra(Peer):
    """Blocking."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.infra = place.package.SyncInfrastructure(url=_url(place))

    def open(self) -> None:
        self.infra.connect()

    def close(self) -> None:
        self.infra.disconnect()

    def point_read(self, key: int) -> Any:
        return self.infra.author.find_unique(where={"id": key})

    concurrent_read = point_read

    def page(self, status: str, views: int) -> Any:
        return self.infra.post.find_many(**_page(status, views))

    def wide(self, category: str) -> Any:
        return self.infra.product.find_many(where={"category": category}, order={"id": "asc"}, take=100)

    def include_one(self, after: int) -> Any:
        return self.infra.author.find_many(**_authors(after, 50, True))

    def include_two(self, after: int) -> Any:
        return self.infra.author.find_many(**_authors(after, 20, {"include": {"comments": True}}))

    def create(self, product: Values) -> Any:
        return self.infra.product.create(data=product)

    def nested_create(self, author: Values, posts: list[Values]) -> Any:
        return self.infra.author.create(data={**author, "posts": {"create": posts}}, include={"posts": True})

    def update(self, key: int, title: str, views: int) -> Any:
        return self.infra.post.update(data={"title": title, "views": views}, where={"id": key})

    def upsert(self, author: Values) -> Any:
        return self.infra.author.upsert(**_upsert(author))

    def create_many(self, readings: list[Values]) -> Any:
        return self.infra.reading.create_many(readings)

    def count(self, status: str, views: int) -> Any:
        return self.infra.post.count(where={"status": status, "views": {"gte": views}})

    def group_by(self, stock: int) -> Any:
        return self.infra.product.group_by(**_group_by(stock))

    def group(self, group: Any) -> tuple[Any, ...]:
        return super().group(_group(group))

    def stream(self) -> int:
        total = 0
        for reading in self.infra.reading.stream(order={"id": "asc"}, batch_size=BATCH):
            total += reading.sensor
        return total


class AsyncInfra(Peer):
    """Awaited."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.infra = place.package.Infrastructure(url=_url(place))

    async def open(self) -> None:
        await self.infra.connect()

    async def close(self) -> None:
        await self.infra.disconnect()

    async def point_read(self, key: int) -> Any:
        return await self.infra.author.find_unique(where={"id": key})

    concurrent_read = point_read

    async def page(self, status: str, views: int) -> Any:
        return await self.infra.post.find_many(**_page(status, views))

    async def wide(self, category: str) -> Any:
        return await self.infra.product.find_many(where={"category": category}, order={"id": "asc"}, take=100)

    async def include_one(self, after: int) -> Any:
        return await self.infra.author.find_many(**_authors(after, 50, True))

    async def include_two(self, after: int) -> Any:
        return await self.infra.author.find_many(**_authors(after, 20, {"include": {"comments": True}}))

    async def create(self, product: Values) -> Any:
        return await self.infra.product.create(data=product)

    async def nested_create(self, author: Values, posts: list[Values]) -> Any:
        return await self.infra.author.create(data={**author, "posts": {"create": posts}}, include={"posts": True})

    async def update(self, key: int, title: str, views: int) -> Any:
        return await self.infra.post.update(data={"title": title, "views": views}, where={"id": key})

    async def upsert(self, author: Values) -> Any:
        return await self.infra.author.upsert(**_upsert(author))

    async def create_many(self, readings: list[Values]) -> Any:
        return await self.infra.reading.create_many(readings)

    async def count(self, status: str, views: int) -> Any:
        return await self.infra.post.count(where={"status": status, "views": {"gte": views}})

    async def group_by(self, stock: int) -> Any:
        return await self.infra.product.group_by(**_group_by(stock))

    def group(self, group: Any) -> tuple[Any, ...]:
        return super().group(_group(group))

    async def stream(self) -> int:
        total = 0
        async for reading in self.infra.reading.stream(order={"id": "asc"}, batch_size=BATCH):
            total += reading.sensor
        return total
