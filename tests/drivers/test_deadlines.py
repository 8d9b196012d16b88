"""Time limits of single operations: by the call's options, by the context, by the URL."""

from __future__ import annotations

import time

import pytest

from infra_runtime import OperationTimeoutError, TransactionError, use_context
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.drivers.slow import ENDLESS, ENDLESS_WRITE, tags_in
from tests.runtime.conftest import Client, SyncShop, spelt


def endless(client: Client, sql: str = ENDLESS, name: str = "query_raw", **options: float) -> None:
    operation = Operation(name, None, {"query": spelt(sql, client.engine.schema.provider), "parameters": ()})
    client.wait(client.infra.execute(operation, options))


def test_a_timeout_stops_the_statement_and_keeps_nothing(client: Client, database: Database) -> None:
    with pytest.raises(OperationTimeoutError, match="Operations timed out") as caught:
        endless(client, ENDLESS_WRITE, "execute_raw", timeout=0.1)
    assert caught.value.code == "P1008"
    assert tags_in(database) == []
    assert client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1


def test_a_deadline_of_the_context_counts_for_all_that_is_done_in_it(client: Client) -> None:
    with use_context(deadline=time.monotonic() + 0.1):
        with pytest.raises(OperationTimeoutError):
            client.query(ENDLESS)
        with pytest.raises(OperationTimeoutError, match="before the operation began"):
            client.query("SELECT 1")
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


def test_the_connection_of_a_timed_out_operation_has_no_limit_afterwards(client: Client) -> None:
    for _ in range(3):
        with pytest.raises(OperationTimeoutError):
            endless(client, timeout=0.3)
    assert client.query(
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 99999) SELECT max(n) AS n FROM c"
    )


def test_the_urls_socket_timeout_is_every_operations_limit(shop_url: str, shop_schema: Schema) -> None:
    with SyncShop(schema=shop_schema, url=f"{shop_url}{'&' if '?' in shop_url else '?'}socket_timeout=1") as shop:
        with pytest.raises(OperationTimeoutError):
            shop.query_raw(ENDLESS)
        assert shop.query_raw("SELECT 1 AS one") == [{"one": 1}]


def test_a_read_that_times_out_in_a_transaction_leaves_it_open(client: Client, database: Database) -> None:
    if database.provider == "postgresql":
        pytest.skip("PostgreSQL does nothing more in a transaction after an error")
    with client.transaction(timeout=60) as tx:
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
        with pytest.raises(OperationTimeoutError):
            endless(tx, timeout=0.3)
        assert tx.query('SELECT name FROM "Tag"') == [{"name": "red"}]
    assert tags_in(database) == ["red"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_write_that_times_out_in_a_transaction_ends_it(client: Client, database: Database) -> None:
    transaction = client.infra.transaction(timeout=60)
    tx = Client(client.wait(transaction.start()), client.loop)
    tx.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    with pytest.raises(OperationTimeoutError):
        endless(tx, ENDLESS_WRITE, "execute_raw", timeout=0.3)
    # SQLite rolls the whole transaction back when it interrupts a write, PostgreSQL wants it to be; nothing may go on as if not.
    with pytest.raises(TransactionError, match="Transaction already closed|an earlier statement failed"):
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('blue')")
    with pytest.raises(TransactionError, match="Transaction already closed|instead of committed"):
        client.wait(transaction.commit())
    assert tags_in(database) == []


@pytest.mark.parametrize("database", ["mysql"], indirect=True)
def test_on_mysql_a_write_that_times_out_in_a_transaction_undoes_itself_alone(
    client: Client, database: Database
) -> None:
    with client.transaction(timeout=60) as tx:
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
        with pytest.raises(OperationTimeoutError):
            endless(tx, ENDLESS_WRITE, "execute_raw", timeout=0.3)
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('blue')")
    assert tags_in(database) == ["blue", "red"]
