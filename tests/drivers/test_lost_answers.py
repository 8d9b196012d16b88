"""Answers that never come, as where the network fails in one direction: what may have been done is not said to be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.proxy import Proxy
from infra_runtime import OperationTimeoutError, OutcomeUnknownError
from infra_runtime.drivers import postgresql, postgresql_sockets
from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.drivers.slow import eventually, tags_in
from tests.drivers.urls import changed, with_parameters
from tests.runtime.conftest import AsyncShop, Client, SyncShop


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases("postgresql")


@pytest.fixture
def proxy(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr(postgresql, "GRACE", 0.2)
    monkeypatch.setattr(postgresql_sockets, "CANCEL_WAIT", 0.2)
    parts = urlsplit(shop_url)
    proxy = Proxy((parts.hostname or "127.0.0.1", parts.port or 0))
    yield proxy
    proxy.close()


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, shop_url: str, shop_schema: Schema, proxy: Proxy) -> Iterator[Client]:
    user = urlsplit(shop_url).netloc.rpartition("@")[0]
    url = with_parameters(changed(shop_url, netloc=f"{user}@127.0.0.1:{proxy.port}"), "connection_limit=1")
    with asyncio.Runner() as loop:
        infra: Any = (AsyncShop if request.param == "asyncio" else SyncShop)(schema=shop_schema, url=url)
        client = Client(infra, loop if request.param == "asyncio" else None)
        client.wait(infra.connect())
        yield client
        client.wait(infra.disconnect())


def family(number: int) -> dict[str, Any]:
    return {"email": str(number), "written": {"create": [{"title": "one"}]}}


def test_an_operation_whose_commit_is_not_answered_may_have_been_done(
    client: Client, proxy: Proxy, database: Database
) -> None:
    for number in range(3):
        client.run("create", "User", data=family(number))
    client.infra.on_statement(lambda statement, seconds, error: setattr(proxy, "loses_answers", True))
    # The answer to the first statement is heard.
    with pytest.raises(OutcomeUnknownError):
        client.run("create", "User", data=family(3), options={"timeout": 0.3})
    assert eventually(lambda: database.query("SELECT count(*) FROM users") == [(4,)])


def test_a_write_by_itself_that_is_not_answered_may_have_been_done(
    client: Client, proxy: Proxy, database: Database
) -> None:
    for label in ("red", "blue"):
        client.run("create", "Tag", data={"label": label})
    proxy.loses_answers = True
    with pytest.raises(OutcomeUnknownError):
        client.run("create", "Tag", data={"label": "green"}, options={"timeout": 0.3})
    assert eventually(lambda: tags_in(database) == ["blue", "green", "red"])


def test_what_is_not_committed_was_not_done(client: Client, proxy: Proxy, database: Database) -> None:
    for label in ("red", "blue"):
        client.run("create", "Tag", data={"label": label})
    client.run("find_many", "Tag")
    proxy.loses_answers = True
    with pytest.raises(OperationTimeoutError):
        client.run("find_many", "Tag", options={"timeout": 0.3})
    proxy.loses_answers = False
    with pytest.raises(OperationTimeoutError), client.transaction() as tx:
        proxy.loses_answers = True
        tx.run("create", "Tag", data={"label": "green"}, options={"timeout": 0.3})
    proxy.loses_answers = False
    assert [tag["label"] for tag in client.run("find_many", "Tag", order={"id": "asc"})] == ["red", "blue"]
