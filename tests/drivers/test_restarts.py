"""Real restarts of a server of the test's own: clients come back by themselves, and nothing is done twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from infra_runtime import ConnectionError, InfraError, OutcomeUnknownError
from infra_runtime.schema import Schema
from tests.databases import MysqlDatabase, PostgresqlDatabase
from tests.drivers.slow import eventually
from tests.drivers.urls import with_parameters
from tests.private_servers import PrivateServer, mariadb, postgresql
from tests.runtime.conftest import SHOP_MODELS, AsyncShop, Client, SyncShop
from tests.runtime.schemas import SHOP

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'


class Place:
    """A private server, and a URL of the shop's tables on it."""

    def __init__(self, server: PrivateServer, url: str, schema: Schema) -> None:
        self.server = server
        self.url = url
        self.schema = schema


@pytest.fixture(scope="module", params=["postgresql", "mysql"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    provider: Any = request.param
    with ExitStack() as stack:
        server = stack.enter_context(postgresql() if provider == "postgresql" else mariadb())
        database: PostgresqlDatabase | MysqlDatabase
        if provider == "postgresql":
            database = PostgresqlDatabase(f"postgresql://postgres@127.0.0.1:{server.port}/postgres")
        else:
            database = MysqlDatabase(f"mysql://root@127.0.0.1:{server.port}/shop")
        url = database.url(SHOP_MODELS)
        if provider == "postgresql":
            # What tests commit here survives a crash of the server.
            url = with_parameters(url, "options=-c%20synchronous_commit%3Don")
        yield Place(server, url, replace(SHOP, provider=provider))


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, place: Place) -> Iterator[Client]:
    with asyncio.Runner() as loop:
        infra: Any = (AsyncShop if request.param == "asyncio" else SyncShop)(schema=place.schema, url=place.url)
        client = Client(infra, loop if request.param == "asyncio" else None)
        client.wait(infra.connect())
        client.execute('DELETE FROM "Tag"')
        yield client
        client.wait(infra.disconnect())


def test_a_client_goes_on_after_a_restart(client: Client, place: Place) -> None:
    client.execute(ADD, "red")
    place.server.restart()
    assert client.query('SELECT name FROM "Tag"') == [{"name": "red"}]
    place.server.restart()
    assert client.execute(ADD, "blue") == 1
    place.server.restart()
    with client.transaction() as tx:
        tx.execute(ADD, "green")
    assert client.wait(client.infra.check_health())


def test_while_the_server_is_away_every_call_says_so_and_none_hangs(client: Client, place: Place) -> None:
    client.execute(ADD, "red")
    place.server.stop()
    try:
        for _ in range(2):
            with pytest.raises(ConnectionError):
                client.query('SELECT name FROM "Tag"')
            with pytest.raises(ConnectionError):
                client.execute(ADD, "blue")
        with pytest.raises(ConnectionError), client.transaction():
            pass
        health = client.wait(client.infra.check_health())
        assert not health
        assert isinstance(health.error, ConnectionError)
        assert health.pool.lent == 0
    finally:
        place.server.start()
    assert client.wait(client.infra.check_health())
    assert client.query('SELECT name FROM "Tag"') == [{"name": "red"}]


def test_a_server_that_crashes_takes_a_transaction_with_it(client: Client, place: Place) -> None:
    with pytest.raises(ConnectionError), client.transaction() as tx:
        tx.execute(ADD, "red")
        place.server.stop(crash=True)
        place.server.start()
        tx.execute(ADD, "blue")
    assert client.query('SELECT name FROM "Tag"') == []


def test_what_was_said_to_be_written_is_there_once_after_a_restart_under_load(place: Place) -> None:
    said: list[str] = []
    unknown: list[str] = []
    done = threading.Event()

    with SyncShop(schema=place.schema, url=place.url) as shop:
        shop.execute_raw('DELETE FROM "Tag"')

        def work(thread: int) -> None:
            number = 0
            while not done.is_set():
                name = f"{thread} {number}"
                number += 1
                try:
                    shop.execute_raw(ADD, name)
                except OutcomeUnknownError:
                    unknown.append(name)
                except InfraError:
                    continue
                else:
                    said.append(name)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            assert eventually(lambda: len(said) > 20)
            place.server.restart()
            before = len(said)
            assert eventually(lambda: len(said) > before + 20)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        # `name` is unique: what had been sent twice would have failed, and so be missing from what was said.
        there = {row["name"] for row in shop.query_raw('SELECT name FROM "Tag"')}
    assert set(said) <= there <= {*said, *unknown}
