"""Fixtures of the tests of soft delete: a blog on every database, through the sync and the async interface."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra_gen.dynamic import connect
from tests.databases import Database, Databases
from tests.soft_delete.schemas import BLOG, schema


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture(params=["sync", "asyncio"])
def ask(request: pytest.FixtureRequest, database: Database) -> Iterator[Ask]:
    url, text = database.url(BLOG), schema(BLOG, database.provider)
    if request.param == "sync":
        with connect(text, url=url, interface="sync") as client:
            yield Ask(client, lambda answer: answer)
        return
    with asyncio.Runner() as loop:
        infra = connect(text, url=url)
        loop.run(infra.connect())
        yield Ask(infra, loop.run)
        loop.run(infra.disconnect())


class Ask:
    """A client of either interface, asked by the names of models and operations: `ask("Post.find_many", where={…})`."""

    def __init__(self, client: Any, wait: Callable[[Any], Any]) -> None:
        self.client = client
        self.wait = wait

    def __call__(self, call: str, /, *positional: Any, **arguments: Any) -> Any:
        model, _, operation = call.partition(".")
        return self.wait(getattr(self.client.repository(model), operation)(*positional, **arguments))

    def raw(self, sql: str) -> list[dict[str, Any]]:
        return self.wait(self.client.query_raw(sql))  # type: ignore[no-any-return]
