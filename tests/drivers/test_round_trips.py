"""How often an operation waits for PostgreSQL: each time is a journey through the network and back.

A proxy between counts the turns: what begins and marks transactions goes with the next statement. The figures are upper bounds of cost, so
one that falls is good news, and one that rises a defect.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.drivers.slow import tags_in
from tests.drivers.urls import changed, with_parameters
from tests.runtime.conftest import AsyncShop, Client, SyncShop


class Proxy:
    """Passes bytes on between clients and a server, and counts how often a client speaks after it has listened."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.turns = 0
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            has_heard = threading.Event()
            threading.Thread(target=self._pass, args=(client, server, self._spoken(has_heard)), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, has_heard.set), daemon=True).start()

    def _spoken(self, has_heard: threading.Event) -> Callable[[], None]:
        has_heard.set()

        def note() -> None:
            if has_heard.is_set():
                has_heard.clear()
                self.turns += 1

        return note

    def _pass(self, source: socket.socket, target: socket.socket, note: Callable[[], None]) -> None:
        try:
            while data := source.recv(65536):
                note()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases("postgresql")


@pytest.fixture
def proxy(shop_url: str) -> Iterator[Proxy]:
    parts = urlsplit(shop_url)
    proxy = Proxy((parts.hostname or "127.0.0.1", parts.port or 5432))
    yield proxy
    proxy.close()


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, shop_url: str, shop_schema: Schema, proxy: Proxy) -> Iterator[Client]:
    url = with_parameters(changed(shop_url, netloc=f"postgres@127.0.0.1:{proxy.port}"), "connection_limit=1")
    with asyncio.Runner() as loop:
        infra: Any = (AsyncShop if request.param == "asyncio" else SyncShop)(schema=shop_schema, url=url)
        client = Client(infra, loop if request.param == "asyncio" else None)
        client.wait(infra.connect())
        yield client
        client.wait(infra.disconnect())


def turns(proxy: Proxy, work: Callable[[int], Any]) -> int:
    """Of the third time, when all statements are prepared."""
    for number in range(2):
        work(number)
    before = proxy.turns
    work(2)
    return proxy.turns - before


def test_a_read_and_a_write_by_themselves_are_one(client: Client, proxy: Proxy) -> None:
    assert turns(proxy, lambda n: client.run("find_many", "User", where={"email": str(n)})) == 1
    assert turns(proxy, lambda n: client.run("create", "User", data={"email": str(n)})) == 1


def test_an_empty_transaction_is_none(client: Client, proxy: Proxy) -> None:
    def work(number: int) -> None:
        with client.transaction():
            pass

    assert turns(proxy, work) == 0


def test_a_transaction_begins_with_its_first_statement(client: Client, proxy: Proxy) -> None:
    def work(number: int) -> None:
        with client.transaction() as tx:
            tx.run("create", "Tag", data={"label": str(number)})
            tx.run("find_many", "Tag")

    # The two statements, and COMMIT.
    assert turns(proxy, work) == 3


def test_savepoints_go_with_the_statements_after_them(client: Client, proxy: Proxy, database: Database) -> None:
    def work(number: int) -> None:
        with client.transaction() as tx:
            with tx.transaction() as inner:
                inner.run("create", "Tag", data={"label": f"{number} one"})
            with pytest.raises(ZeroDivisionError), tx.transaction() as inner:
                inner.run("create", "Tag", data={"label": f"{number} undone"})
                _ = 1 / 0
            with pytest.raises(ZeroDivisionError), tx.transaction():
                _ = 1 / 0
            tx.run("create", "Tag", data={"label": f"{number} two"})

    # Three statements, one rollback to a savepoint, COMMIT.
    assert turns(proxy, work) == 5
    assert tags_in(database) == [f"{number} {word}" for number in range(3) for word in ("one", "two")]


def test_a_nested_create_is_its_statements_and_a_commit(client: Client, proxy: Proxy) -> None:
    def work(number: int) -> None:
        written = {"create": [{"id": f"{number} {place}", "title": str(place)} for place in range(3)]}
        client.run("create", "User", data={"email": str(number), "written": written})

    # Two inserts, the row as it is then, COMMIT.
    assert turns(proxy, work) == 4


def test_the_same_in_a_transaction_adds_no_more_than_its_statements(client: Client, proxy: Proxy) -> None:
    def work(number: int) -> None:
        with client.transaction() as tx:
            written = {"create": [{"id": f"{number}", "title": "one"}]}
            tx.run("create", "User", data={"email": str(number), "written": written})
            tx.run("update", "User", where={"email": str(number)}, data={"logins": {"increment": 1}})

    # The three statements of the one, that of the other, COMMIT.
    assert turns(proxy, work) == 5
