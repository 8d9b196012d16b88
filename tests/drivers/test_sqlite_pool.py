"""One writer, several readers: who waits, for whom, and what they are told."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from pathlib import Path

import pytest

from infra_runtime import (
    ClientAlreadyConnectedError,
    ClientNotConnectedError,
    ConnectionError,
    DatabaseNotFoundError,
    Infrastructure,
    OperationTimeoutError,
    PoolTimeoutError,
    SyncInfrastructure,
    TransactionError,
)
from tests.databases import Database, Databases
from tests.drivers.slow import eventually, tags_in
from tests.runtime.conftest import Client
from tests.runtime.schemas import SHOP, SHOP_TABLES


@pytest.fixture
def database(databases: Databases) -> Database:
    """These tests are about SQLite alone."""
    return databases("sqlite")


def test_connections_are_in_wal_mode_with_foreign_keys_and_a_busy_timeout(client: Client) -> None:
    assert client.query("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
    assert client.query("PRAGMA foreign_keys") == [{"foreign_keys": 1}]
    assert client.query("SELECT * FROM pragma_foreign_keys") == [{"foreign_keys": 1}]
    assert client.query("PRAGMA busy_timeout")[0]["timeout"] > 0


def test_readers_see_what_is_committed_and_do_not_wait_for_the_writer(client: Client) -> None:
    with client.transaction() as tx:
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
        assert client.query('SELECT name FROM "Tag"') == []
        assert tx.query('SELECT name FROM "Tag"') == [{"name": "red"}]
    assert client.query('SELECT name FROM "Tag"') == [{"name": "red"}]


def test_a_write_that_waits_too_long_is_told_who_has_the_writer(shop_url: str) -> None:
    with SyncInfrastructure(schema=SHOP, url=f"{shop_url}?pool_timeout=0.1") as shop, shop.transaction() as tx:
        tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
        with pytest.raises(PoolTimeoutError) as caught:
            shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('blue')")
    held = r"a transaction begun in thread 'MainThread', last operation execute_raw\(\) has held it for \d+\.\d s"
    assert re.search(held, str(caught.value))
    assert caught.value.code == "P2024"


def test_a_transaction_that_cannot_begin_within_max_wait_is_told_who_has_the_writer(client: Client) -> None:
    with client.transaction(timeout=60):
        with (
            pytest.raises(TransactionError, match=r"for 0\.1 s; a transaction begun in .* has held it for") as caught,
            client.transaction(max_wait=0.1),
        ):
            pass
    assert caught.value.code == "P2028"


def test_who_waits_for_the_writer_gets_it_in_turn(shop: SyncInfrastructure) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with shop.transaction(max_wait=60):
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with shop.transaction(timeout=60):
        for ahead, thread in enumerate(threads, 1):
            thread.start()
            assert eventually(lambda: shop.pool_status().waiting == ahead)  # noqa: B023
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_a_lock_of_another_process_is_waited_for(client: Client, shop_path: Path, database: Database) -> None:
    other = sqlite3.connect(shop_path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.15, lambda: other.execute("COMMIT")).start()
    assert client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1
    assert tags_in(database) == ["red"]
    other.close()


def test_a_lock_of_another_process_that_stays_ends_the_wait(shop_url: str, shop_path: Path) -> None:
    other = sqlite3.connect(shop_path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    with SyncInfrastructure(schema=SHOP, url=shop_url, pool_timeout=0.1) as shop:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationTimeoutError, match="locked by another process") as caught:
            shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
        assert caught.value.code == "P1008"
        with pytest.raises(TransactionError, match="locked by another process"), shop.transaction(max_wait=0.1):
            pass
        other.execute("ROLLBACK")
        assert shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1
    other.close()


def test_memory_is_one_connection() -> None:
    with SyncInfrastructure(schema=SHOP, url="sqlite::memory:", pool_timeout=0.1) as shop:
        for statement in SHOP_TABLES.split(";\n"):
            shop.execute_raw(statement)
        shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
        assert shop.query_raw('SELECT name FROM "Tag"') == [{"name": "red"}]
        with shop.transaction() as tx:
            assert tx.query_raw('SELECT name FROM "Tag"') == [{"name": "red"}]
            with pytest.raises(PoolTimeoutError, match="Inside a transaction use the transaction's client"):
                shop.query_raw('SELECT name FROM "Tag"')


def test_a_connection_limit_of_one_serves_reads_and_writes(shop_url: str) -> None:
    with SyncInfrastructure(schema=SHOP, url=f"{shop_url}?connection_limit=1") as shop:
        assert shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1
        assert shop.query_raw('SELECT name FROM "Tag"') == [{"name": "red"}]


def test_a_reader_that_does_not_come_free_is_waited_for_no_longer_than_the_pool_timeout(shop_url: str) -> None:
    with (
        SyncInfrastructure(schema=SHOP, url=shop_url, connection_limit=2, pool_timeout=0.1) as shop,
        shop.transaction(read_only=True),
        pytest.raises(PoolTimeoutError, match=r"no reader came free within 0\.1 s"),
    ):
        shop.query_raw("SELECT 1")


def test_readers_cannot_write(client: Client) -> None:
    with client.transaction(read_only=True) as tx, pytest.raises(Exception, match="readonly"):
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")


def test_a_client_that_is_not_connected_says_so(client: Client) -> None:
    client.wait(client.infra.disconnect())
    assert not client.infra.is_connected()
    with pytest.raises(ClientNotConnectedError, match=r"call connect\(\)"):
        client.query("SELECT 1")
    client.wait(client.infra.disconnect())
    client.wait(client.infra.connect())
    assert client.query("SELECT 1 AS one") == [{"one": 1}]
    with pytest.raises(ClientAlreadyConnectedError):
        client.wait(client.infra.connect())


def test_a_transaction_that_is_open_at_disconnect_keeps_its_connection_until_it_ends(
    client: Client, shop_path: Path, database: Database
) -> None:
    with client.transaction() as tx:
        client.wait(client.infra.disconnect())
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    # SQLite removes the log when the last connection is closed.
    assert eventually(lambda: not shop_path.with_name(f"{shop_path.name}-wal").exists())
    assert tags_in(database) == ["red"]


async def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    url = f"file:{tmp_path}/nowhere/shop.db"
    with pytest.raises(DatabaseNotFoundError, match="nowhere"):
        SyncInfrastructure(schema=SHOP, url=url).connect()
    with pytest.raises(DatabaseNotFoundError, match="nowhere"):
        await Infrastructure(schema=SHOP, url=url).connect()


def test_a_file_that_is_no_database_is_refused_and_the_client_stays_unconnected(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("These are notes, and no database at all. " * 50)
    shop = SyncInfrastructure(schema=SHOP, url=f"file:{tmp_path}/notes.txt")
    with pytest.raises(ConnectionError, match="not a database"):
        shop.connect()
    assert not shop.is_connected()


def test_a_read_only_file_is_served(shop_path: Path, shop_url: str) -> None:
    with SyncInfrastructure(schema=SHOP, url=f"{shop_url}?mode=ro") as shop:
        assert shop.query_raw('SELECT name FROM "Tag"') == []
        with pytest.raises(Exception, match="readonly"):
            shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")


def test_counts_are_right_whatever_the_statement_begins_with(
    client: Client, shop_path: Path, database: Database
) -> None:
    assert client.execute("INSERT INTO \"Tag\" (name) VALUES ('red'), ('blue') RETURNING id") == 2
    assert tags_in(database) == ["blue", "red"], "a statement that answers rows is committed as well"
    assert (
        client.execute("WITH x AS (SELECT 'red' AS name) DELETE FROM \"Tag\" WHERE name IN (SELECT name FROM x)") == 1
    )
    assert client.execute('UPDATE "Tag" SET name = name') == 1
    assert client.execute('SELECT * FROM "Tag"') == 0
    assert client.execute("CREATE TABLE extra (id INTEGER)") == 0


async def test_memory_is_one_connection_for_tasks_too() -> None:
    async with Infrastructure(schema=SHOP, url="sqlite::memory:", pool_timeout=1) as shop:
        await shop.execute_raw('CREATE TABLE "Tag" (name TEXT)')
        await asyncio.gather(*(shop.execute_raw('INSERT INTO "Tag" VALUES (?)', f"{number}") for number in range(9)))
        assert await shop.query_raw('SELECT count(*) AS n FROM "Tag"') == [{"n": 9}]
        async with shop.transaction() as tx:
            assert await tx.query_raw('SELECT count(*) AS n FROM "Tag"') == [{"n": 9}]
            with pytest.raises(PoolTimeoutError, match="a transaction begun in task"):
                await shop.query_raw("SELECT 1")
