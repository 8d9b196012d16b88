"""The demo's tables with a few rows in them, on every database, and clients of both interfaces behind one blocking surface."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.databases import Database, Databases
from tests.projections.package import MODELS, Infrastructure, SyncInfrastructure

BIRTHDAY = datetime(1815, 12, 10, tzinfo=UTC)


class Client:
    """`client.wait(client.infra.customer.find_many())`, whichever the interface; and what the database was sent."""

    def __init__(self, infra: Any, runner: asyncio.Runner | None) -> None:
        self.infra = infra
        self._runner = runner
        self.statements: list[str] = []
        infra.on_statement(lambda statement, seconds, error: self.statements.append(statement.sql))

    @property
    def is_sync(self) -> bool:
        return self._runner is None

    def wait(self, answer: Any) -> Any:
        """The answer of a method of the client; of a stream, all its rows."""
        if inspect.isasyncgen(answer):
            return self.wait(_all(answer))
        if inspect.isgenerator(answer):
            return list(answer)
        if inspect.isawaitable(answer):
            assert self._runner is not None
            return self._runner.run(_awaited(answer))
        return answer

    @contextmanager
    def sent(self) -> Iterator[list[str]]:
        """The statements within the block."""
        before = len(self.statements)
        found: list[str] = []
        yield found
        found += self.statements[before:]


async def _awaited(answer: Any) -> Any:
    return await answer


async def _all(rows: Any) -> list[Any]:
    return [row async for row in rows]


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, database: Database) -> Iterator[Client]:
    assert SyncInfrastructure.schema is not None
    schema = replace(SyncInfrastructure.schema, provider=database.provider)
    url = database.url(MODELS)
    with SyncInfrastructure(url=url, schema=schema) as infra:
        fill(infra)
        if request.param == "sync":
            yield Client(infra, None)
            return
    with asyncio.Runner() as runner:
        asynchronous = Infrastructure(url=url, schema=schema)
        runner.run(asynchronous.connect())
        yield Client(asynchronous, runner)
        runner.run(asynchronous.disconnect())


def fill(infra: SyncInfrastructure) -> None:
    """Ada has a profile, three posts, two orders and a follower; Bob has a post and no profile; Eve has nothing."""
    ada = infra.customer.create(
        data={
            "email": "ada@example.org",
            "name": "Ada",
            "role": "AUTHOR",
            "points": 30,
            "settings": {"theme": "dark", "sizes": [1, 2]},
            "profile": {"create": {"bio": "Countess", "avatar": b"\x00\xff", "birthday": BIRTHDAY}},
            "posts": {
                "create": [
                    {
                        "slug": "notes",
                        "title": "Notes",
                        "published": True,
                        "views": 7,
                        "tags": {"create": [{"name": "maths"}, {"name": "engines"}]},
                        "comments": {"create": [{"text": "first"}, {"text": "second"}]},
                    },
                    {"slug": "sketch", "title": "Sketch", "published": True, "views": 3},
                    {"slug": "draft", "title": "Draft", "views": 1},
                ]
            },
            "orders": {
                "create": [
                    {"number": "A-1", "total": Decimal("10.50"), "status": "PAID"},
                    {"number": "A-2", "total": Decimal("20.00")},
                ]
            },
        }
    )
    infra.customer.create(
        data={
            "email": "bob@example.org",
            "points": 10,
            "following": {"connect": [{"id": ada.id}]},
            "posts": {"create": [{"slug": "reply", "title": "Reply", "views": 2, "reviewer_id": ada.id}]},
        }
    )
    infra.customer.create(data={"email": "eve@example.org", "name": "Eve", "is_active": False})
    root = infra.category.create(data={"name": "Books"})
    inner = infra.category.create(data={"name": "Poetry", "parent_id": root.id})
    infra.product.create(
        data={
            "id": "p-1",
            "sku": "poems",
            "name": "Poems",
            "price": Decimal("9.99"),
            "weight": 0.25,
            "details": None,
            "barcode": 2**40,
            "category_id": inner.id,
        }
    )
    infra.order_line.create_many(
        data=[
            {"order_id": order.id, "product_id": "p-1", "quantity": place + 1, "price": Decimal("9.99")}
            for place, order in enumerate(infra.order.find_many(order={"id": "asc"}))
        ]
    )
