"""Forked children: connections of their own, and the parent's left alone."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime import ClientMisuseError, SyncInfrastructure, TransactionExpiredError
from infra_runtime.operation import Operation
from tests.databases import Database
from tests.drivers.slow import tags_in
from tests.runtime.conftest import Client
from tests.runtime.schemas import SHOP, TAG

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def in_child(work: Callable[[], None]) -> int:
    """Runs `work` in a forked child and answers its exit status; 0 if it did not raise."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    try:
        work()
    except BaseException as error:
        print(f"child: {error!r}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def test_a_child_writes_through_connections_of_its_own(client: Client, database: Database) -> None:
    client.execute("INSERT INTO \"Tag\" (name) VALUES ('before')")

    def work() -> None:
        inside = Client(client.infra, asyncio.Runner() if client.is_async else None)
        assert inside.query('SELECT name FROM "Tag"') == [{"name": "before"}]
        inside.execute("INSERT INTO \"Tag\" (name) VALUES ('child')")

    assert in_child(work) == 0
    client.execute("INSERT INTO \"Tag\" (name) VALUES ('after')")
    assert tags_in(database) == ["after", "before", "child"]


def test_a_child_cannot_go_on_with_its_parents_transaction(client: Client, database: Database) -> None:
    def work(tx: Client) -> None:
        inside = Client(tx.infra, asyncio.Runner() if client.is_async else None)
        with pytest.raises(ClientMisuseError, match="belongs to the process that began it"):
            inside.execute("INSERT INTO \"Tag\" (name) VALUES ('child')")

    with client.transaction() as tx:
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('parent')")
        assert in_child(lambda: work(tx)) == 0
    assert tags_in(database) == ["parent"]


def test_a_parents_connections_survive_what_its_child_throws_away(shop: SyncInfrastructure, database: Database) -> None:
    held = [shop]

    def work() -> None:
        held.clear()
        gc.collect()

    with shop.transaction() as tx:
        tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('parent')")
        assert in_child(work) == 0
    assert tags_in(database) == ["parent"]


@pytest.mark.parametrize("how", ["closed", "thrown away"])
def test_a_stream_that_a_child_ends_goes_on_in_its_parent(shop: SyncInfrastructure, how: str) -> None:
    # More than one message of the server's holds.
    tags = [f"{number:04} {'x' * 100}" for number in range(3000)]
    shop.execute(Operation("create_many", TAG, {"data": [{"label": tag} for tag in tags]}))
    held: list[Any] = [shop.stream(Operation("stream", TAG, {"batch_size": 100, "order": {"label": "asc"}}))]
    read = [next(held[0])["label"]]

    def work() -> None:
        if how == "closed":
            held[0].close()
        held.clear()
        gc.collect()
        assert shop.query_raw("SELECT 1 AS one") == [{"one": 1}]

    assert in_child(work) == 0
    read += [row["label"] for row in held[0]]
    assert read == tags


def test_a_time_limit_holds_in_a_child_too(shop: SyncInfrastructure) -> None:
    with shop.transaction(timeout=5):
        pass

    def work() -> None:
        tx = shop.transaction(timeout=0.05).start()
        time.sleep(0.05)
        with pytest.raises(TransactionExpiredError):
            tx.query_raw("SELECT 1")

    assert in_child(work) == 0


def test_an_in_memory_database_stays_with_its_process() -> None:
    with SyncInfrastructure(schema=SHOP, url=":memory:") as shop:

        def work() -> None:
            with pytest.raises(ClientMisuseError, match="belongs to the process that opened it"):
                shop.query_raw("SELECT 1")

        assert in_child(work) == 0
        assert shop.query_raw("SELECT 1 AS one") == [{"one": 1}]
