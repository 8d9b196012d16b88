"""Locks that others hold, and how isolation levels and pools answer, on every server."""

from __future__ import annotations

import threading

import pytest

from infra_runtime import (
    ConfigurationError,
    InfraError,
    OperationTimeoutError,
    PoolTimeoutError,
    RawQueryError,
    WriteConflictError,
)
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.drivers.outside import meanwhile
from tests.drivers.slow import tags_in
from tests.drivers.urls import with_parameters
from tests.runtime.conftest import Client, SyncShop
from tests.runtime.schemas import USER

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'


@pytest.fixture(params=["postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """SQLite locks a whole file: `test_sqlite_pool`."""
    return databases(request.param)


def test_a_lock_that_another_holds_is_waited_for_no_longer_than_the_operation_may_take(
    client: Client, database: Database
) -> None:
    client.execute(ADD, "red")
    # Without its own limit the operation would have the lock when the transaction's time is over.
    with client.transaction(timeout=30) as tx:
        tx.execute("UPDATE \"Tag\" SET name = 'blue'")
        with pytest.raises(OperationTimeoutError, match="time limit"):
            client.run("update", "Tag", where={"label": "red"}, data={"label": "green"}, options={"timeout": 1})
    assert tags_in(database) == ["blue"]


def test_a_deadlock_is_a_write_conflict_and_ends_the_transaction(shop: SyncShop, database: Database) -> None:
    for number in (1, 2):
        shop.execute(Operation("create", USER, {"data": {"id": number, "email": str(number)}}))
    barrier, conflicts = threading.Barrier(2), []
    change = "UPDATE users SET logins = logins + 1 WHERE id = ?"

    def work(first: int, second: int) -> None:
        try:
            with shop.transaction(timeout=60) as tx:
                tx.execute_raw(change, first)
                barrier.wait(timeout=30)
                try:
                    tx.execute_raw(change, second)
                except WriteConflictError:
                    # The server has rolled all of it back, or wants it to be: nothing more may be kept by itself.
                    with pytest.raises(InfraError, match="Transaction already closed|an earlier statement failed"):
                        tx.execute_raw(ADD, "green")
                    raise
        except WriteConflictError as error:
            conflicts.append(error.code)

    with meanwhile(lambda: work(1, 2)):
        work(2, 1)
    assert conflicts == ["P2034"]
    assert database.query("SELECT logins FROM users") == [(1,), (1,)]
    assert tags_in(database) == []


def test_an_isolation_level_that_the_database_has_not_is_refused(client: Client) -> None:
    with pytest.raises(ConfigurationError, match="repeatable_read"), client.transaction(isolation="snapshot"):
        pass
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


def test_a_read_only_transaction_writes_nothing(client: Client, database: Database) -> None:
    with pytest.raises(RawQueryError, match="(?i)read.only"), client.transaction(read_only=True) as tx:
        tx.execute(ADD, "red")
    assert tags_in(database) == []


def test_a_pool_whose_connections_are_all_lent_says_who_has_them(shop_url: str, shop_schema: Schema) -> None:
    url = with_parameters(shop_url, "connection_limit=1&pool_timeout=1")
    with SyncShop(schema=shop_schema, url=url) as shop, shop.transaction():
        with pytest.raises(PoolTimeoutError, match="a transaction begun in thread") as caught:
            shop.query_raw("SELECT 1")
        assert caught.value.code == "P2024"
