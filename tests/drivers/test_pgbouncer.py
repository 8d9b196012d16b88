"""PostgreSQL behind a PgBouncer in transaction mode, with `pgbouncer=true` in the URL: any server session may serve any statement."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra_runtime import DataError, OperationTimeoutError, RawQueryError, UniqueViolationError
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.drivers.slow import tags_in
from tests.drivers.urls import changed, with_parameters
from tests.private_servers import pgbouncer
from tests.runtime.conftest import AsyncShop, Client, SyncShop
from tests.runtime.schemas import TAG

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases("postgresql")


@pytest.fixture
def bouncer_url(shop_url: str) -> Iterator[str]:
    """The shop's tables, through a PgBouncer, which sets the schema that raw SQL means: statements of models name theirs."""
    parts = urlsplit(shop_url)
    host, schema = f"{parts.hostname}:{parts.port or 5432}", parse_qs(parts.query)["schema"][0]
    with pgbouncer(host, parts.path.strip("/"), f"SET search_path = {schema}") as port:
        yield with_parameters(changed(shop_url, netloc=f"postgres@127.0.0.1:{port}"), "pgbouncer=true")


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, bouncer_url: str, shop_schema: Schema) -> Iterator[Client]:
    with asyncio.Runner() as loop:
        infra: Any = (AsyncShop if request.param == "asyncio" else SyncShop)(schema=shop_schema, url=bouncer_url)
        client = Client(infra, loop if request.param == "asyncio" else None)
        client.wait(infra.connect())
        yield client
        client.wait(infra.disconnect())


def test_models_are_written_and_read(client: Client, database: Database) -> None:
    for number in range(5):
        client.run(
            "create",
            "User",
            data={"email": f"{number}", "written": {"create": [{"id": f"p{number}", "title": "first"}]}},
        )
    users = client.run("find_many", "User", include={"written": True}, order={"email": "asc"})
    assert [len(user["written"]) for user in users] == [1] * 5
    assert client.run("update", "User", where={"email": "3"}, data={"email": "three"})["email"] == "three"
    assert client.run("count", "User") == 5
    with pytest.raises(UniqueViolationError):
        client.run("create", "User", data={"email": "three"})


def test_models_need_no_search_path(shop_url: str, shop_schema: Schema, database: Database) -> None:
    parts = urlsplit(shop_url)
    with pgbouncer(f"{parts.hostname}:{parts.port or 5432}", parts.path.strip("/"), "SELECT 1") as port:
        url = with_parameters(changed(shop_url, netloc=f"postgres@127.0.0.1:{port}"), "pgbouncer=true")
        with SyncShop(schema=shop_schema, url=url) as shop:
            assert shop.execute(Operation("create", TAG, {"data": {"label": "red"}}))["label"] == "red"
            with pytest.raises(RawQueryError, match="does not exist"):
                shop.query_raw('SELECT * FROM "Tag"')
    assert tags_in(database) == ["red"]


def test_transactions_stay_on_one_session_and_are_undone(client: Client, database: Database) -> None:
    with client.transaction() as tx:
        tx.execute(ADD, "red")
        with pytest.raises(ZeroDivisionError), tx.transaction() as inner:
            inner.execute(ADD, "undone")
            _ = 1 / 0
        assert tags_in(database) == []
    with pytest.raises(ZeroDivisionError), client.transaction() as tx:
        tx.execute(ADD, "blue")
        _ = 1 / 0
    assert tags_in(database) == ["red"]


def test_a_statement_past_its_time_is_cancelled_through_the_bouncer(client: Client) -> None:
    sleep = Operation("query_raw", None, {"query": "SELECT pg_sleep(20)", "parameters": ()})
    with pytest.raises(OperationTimeoutError):
        client.wait(client.infra.execute(sleep, {"timeout": 0.2}))
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


def test_a_stream_keeps_its_session_to_its_end(bouncer_url: str, shop_schema: Schema) -> None:
    with SyncShop(schema=shop_schema, url=bouncer_url) as shop:
        for number in range(50):
            shop.execute_raw(ADD, f"{number:02}")
        stream = shop.stream(Operation("stream", TAG, {"batch_size": 7, "order": {"label": "asc"}}))
        labels = []
        for row in stream:
            labels.append(row["label"])
            shop.query_raw("SELECT 1")
    assert labels == [f"{number:02}" for number in range(50)]


def test_many_tasks_share_few_sessions(bouncer_url: str, shop_schema: Schema, database: Database) -> None:
    async def main() -> None:
        async with AsyncShop(schema=shop_schema, url=with_parameters(bouncer_url, "connection_limit=12")) as shop:

            async def work(number: int) -> None:
                async with shop.transaction(max_wait=10, timeout=10) as tx:
                    await tx.execute_raw(ADD, f"{number:02}")
                    await tx.query_raw('SELECT * FROM "Tag" WHERE name = ?', f"{number:02}")

            await asyncio.gather(*(work(number) for number in range(40)))

    asyncio.run(main())
    assert len(tags_in(database)) == 40


def test_without_the_word_in_the_url_the_error_names_it(bouncer_url: str, shop_schema: Schema) -> None:
    url = with_parameters(bouncer_url.replace("&pgbouncer=true", ""), "connection_limit=8")

    async def main() -> None:
        async with AsyncShop(schema=shop_schema, url=url) as shop:
            for _ in range(3):
                await asyncio.gather(*(shop.query_raw("SELECT pg_sleep(0.02) WHERE 1 = ?", 1) for _ in range(8)))

    with pytest.raises(DataError, match="add pgbouncer=true to the database URL"):
        asyncio.run(main())
