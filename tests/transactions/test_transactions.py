"""Transactions: what is kept, what is undone, who sees it when, and what ends them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from infra_runtime import (
    ClientMisuseError,
    ClientNotConnectedError,
    ConfigurationError,
    ForeignKeyViolationError,
    Infrastructure,
    RawQueryError,
    SyncInfrastructure,
    TransactionError,
    TransactionExpiredError,
    TransactionNotStartedError,
    UniqueViolationError,
    WriteConflictError,
    transactions,
)
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import OPERATIONS, Engine
from infra_runtime.operation import Operation
from tests.databases import Database
from tests.drivers.slow import ENDLESS, eventually, tags_in
from tests.runtime.conftest import Client, spelt_for_driver
from tests.runtime.schemas import SHOP, TAG


def add(client: Client, name: str) -> None:
    assert client.execute('INSERT INTO "Tag" (name) VALUES (?)', name) == 1


def test_a_block_that_ends_is_committed(client: Client, database: Database) -> None:
    with client.transaction() as tx:
        add(tx, "red")
        add(tx, "blue")
        assert tags_in(database) == []
    assert tags_in(database) == ["blue", "red"]


def test_a_block_that_raises_is_undone_and_its_error_comes_through(client: Client, database: Database) -> None:
    with pytest.raises(ZeroDivisionError), client.transaction() as tx:
        add(tx, "red")
        _ = 1 / 0
    assert tags_in(database) == []


def test_start_and_commit_or_rollback_by_hand(client: Client, database: Database) -> None:
    for name, end in (("red", "commit"), ("blue", "rollback")):
        transaction = client.infra.tx()
        tx = Client(client.wait(transaction.start()), client.loop)
        add(tx, name)
        client.wait(getattr(transaction, end)())
        with pytest.raises(TransactionNotStartedError, match="Transaction already closed"):
            tx.query("SELECT 1")
    assert tags_in(database) == ["red"]


def test_a_transaction_must_be_started(client: Client) -> None:
    for end in ("commit", "rollback"):
        with pytest.raises(TransactionNotStartedError, match="was not started"):
            client.wait(getattr(client.infra.transaction(), end)())
    client.wait(client.infra.disconnect())
    with pytest.raises(ClientNotConnectedError):
        client.wait(client.infra.transaction().start())


def test_a_block_may_end_the_transaction_itself(client: Client, database: Database) -> None:
    transaction = client.infra.transaction()
    tx = Client(client.wait(transaction.start()), client.loop)
    add(tx, "red")
    client.wait(transaction.rollback())
    with pytest.raises(TransactionNotStartedError, match="it was rolled back"):
        client.wait(transaction.commit())
    assert tags_in(database) == []


def test_a_failed_statement_leaves_the_transaction_usable(client: Client, database: Database) -> None:
    if database.provider == "postgresql":
        pytest.skip("PostgreSQL does nothing more in such a transaction: see the next test")
    with client.transaction() as tx:
        add(tx, "red")
        with pytest.raises(RawQueryError):
            add(tx, "red")
        add(tx, "blue")
    assert tags_in(database) == ["blue", "red"]


def test_after_a_failed_statement_postgresql_wants_a_rollback_be_it_to_a_savepoint(
    client: Client, database: Database
) -> None:
    if database.provider != "postgresql":
        pytest.skip("the other databases undo the failed statement alone")
    with client.transaction() as tx:
        add(tx, "red")
        with pytest.raises(RawQueryError), tx.transaction() as inner:
            add(inner, "red")
        add(tx, "blue")
    assert tags_in(database) == ["blue", "red"]
    with pytest.raises(TransactionError, match="instead of committed"), client.transaction() as tx:
        add(tx, "green")
        with pytest.raises(RawQueryError):
            add(tx, "red")
        with pytest.raises(TransactionError, match="an earlier statement failed"):
            add(tx, "white")
    assert tags_in(database) == ["blue", "red"]


def test_savepoints_undo_themselves_only(client: Client, database: Database) -> None:
    with client.transaction() as tx:
        add(tx, "outer")
        with pytest.raises(ZeroDivisionError), tx.transaction() as inner:
            add(inner, "undone")
            with inner.transaction() as innermost:
                add(innermost, "undone with it")
            _ = 1 / 0
        with tx.transaction() as inner:
            add(inner, "inner")
        with pytest.raises(TransactionNotStartedError):
            inner.query("SELECT 1")
    assert tags_in(database) == ["inner", "outer"]


def test_an_atomic_operation_in_a_transaction_undoes_itself_only(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPERATIONS, "add_twice", __name__)
    with client.transaction() as tx:
        add(tx, "red")
        with pytest.raises(UniqueViolationError):
            tx.wait(tx.infra.execute(Operation("add_twice", TAG, {"names": ["blue", "blue"]})))
        assert tx.wait(tx.infra.execute(Operation("add_twice", TAG, {"names": ["green", "white"]}))) == 2
    assert tags_in(database) == ["green", "red", "white"]


def test_an_atomic_operation_by_itself_keeps_all_or_nothing(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPERATIONS, "add_twice", __name__)
    with pytest.raises(UniqueViolationError):
        client.wait(client.infra.execute(Operation("add_twice", TAG, {"names": ["blue", "blue"]})))
    assert tags_in(database) == []


def add_twice(engine: Engine, _context: object, operation: Operation) -> Program[int]:
    """An atomic operation of several statements, as nested writes are."""

    def steps() -> Steps[int]:
        total = 0
        for name in operation.arguments["names"]:
            insert = spelt_for_driver('INSERT INTO "Tag" (name) VALUES (?)', engine.schema.provider)
            total += yield Statement(insert, (name,), "count", writes=True, model="Tag")
        return total

    return Program("atomic", steps())


def test_a_transaction_past_its_time_is_rolled_back_though_nobody_calls_it(client: Client, database: Database) -> None:
    transaction = client.infra.transaction(timeout=1)
    tx = Client(client.wait(transaction.start()), client.loop)
    add(tx, "red")
    time.sleep(1)
    assert client.execute("INSERT INTO \"Tag\" (name) VALUES ('blue')") == 1, "the writer came free"
    for _ in range(2):
        with pytest.raises(TransactionExpiredError, match="Transaction already closed") as caught:
            add(tx, "green")
        assert caught.value.code == "P2028"
    with pytest.raises(TransactionExpiredError):
        client.wait(transaction.commit())
    assert tags_in(database) == ["blue"]


def test_a_block_whose_time_is_over_does_not_pass_for_committed(client: Client, database: Database) -> None:
    with pytest.raises(TransactionExpiredError), client.transaction(timeout=0.05) as tx:
        add(tx, "red")
        time.sleep(0.1)
    assert tags_in(database) == []


def test_a_transaction_is_over_at_its_time_though_the_thread_that_ends_it_comes_late(
    client: Client, database: Database
) -> None:
    goes_on = threading.Event()

    def hold_up() -> None:
        goes_on.wait()

    transaction = client.infra.transaction(timeout=0.05)
    tx = Client(client.wait(transaction.start()), client.loop)
    transactions._watch.at(time.monotonic(), hold_up)
    try:
        time.sleep(0.05)
        with pytest.raises(TransactionExpiredError):
            add(tx, "red")
        with pytest.raises(TransactionExpiredError):
            client.wait(transaction.commit())
    finally:
        goes_on.set()
    assert client.execute("INSERT INTO \"Tag\" (name) VALUES ('blue')") == 1
    assert tags_in(database) == ["blue"]


def test_an_error_of_the_block_is_told_rather_than_that_the_time_is_over(client: Client) -> None:
    with pytest.raises(ZeroDivisionError), client.transaction(timeout=0.05):
        time.sleep(0.1)
        _ = 1 / 0


def test_a_statement_that_runs_past_the_time_is_stopped(client: Client) -> None:
    with pytest.raises(TransactionExpiredError, match=r"its time limit of 0\.1 s passed"):
        with client.transaction(timeout=0.1) as tx:
            tx.query(ENDLESS)
    assert client.execute("INSERT INTO \"Tag\" (name) VALUES ('blue')") == 1


def test_without_a_limit_a_transaction_lasts(client: Client, database: Database) -> None:
    with client.transaction(timeout=None, max_wait=None) as tx:
        add(tx, "red")
    assert tags_in(database) == ["red"]


def test_a_read_only_transaction_sees_one_state_and_holds_up_nobody(client: Client) -> None:
    with client.transaction(read_only=True, isolation="repeatable_read") as tx:
        assert tx.query('SELECT count(*) AS n FROM "Tag"') == [{"n": 0}]
        add(client, "red")
        assert tx.query('SELECT count(*) AS n FROM "Tag"') == [{"n": 0}]
    assert client.query('SELECT count(*) AS n FROM "Tag"') == [{"n": 1}]


@pytest.mark.parametrize("name", ["serializable", "Serializable", "ReadCommitted", "read_committed", "RepeatableRead"])
def test_isolation_levels_in_both_spellings(client: Client, name: str) -> None:
    with client.transaction(isolation=name) as tx:
        add(tx, "red")


def test_an_unknown_isolation_level_is_refused(client: Client) -> None:
    with pytest.raises(ConfigurationError, match="use one of read_uncommitted"):
        client.infra.transaction(isolation="chaos")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_commit_that_fails_undoes_the_transaction(client: Client, database: Database) -> None:
    with pytest.raises(ForeignKeyViolationError), client.transaction() as tx, foreign_keys_deferred(tx, database):
        add(tx, "red")
        tx.execute("INSERT INTO \"Comment\" (text, post_id) VALUES ('hm', 'none')")
    assert tags_in(database) == []
    add(client, "blue")


@contextlib.contextmanager
def foreign_keys_deferred(tx: Client, database: Database) -> Iterator[None]:
    """Comments' foreign key is looked at when the transaction commits. What the transaction alters is undone with it."""
    if database.provider == "sqlite":
        tx.execute("PRAGMA defer_foreign_keys = ON")
    else:
        tx.execute('ALTER TABLE "Comment" ALTER CONSTRAINT "Comment_post_id_fkey" DEFERRABLE INITIALLY DEFERRED')
    yield


def test_a_transaction_that_the_callers_sql_ended_is_over(client: Client) -> None:
    transaction = client.infra.transaction()
    tx = Client(client.wait(transaction.start()), client.loop)
    tx.execute("ROLLBACK")
    with pytest.raises(Exception, match="Transaction already closed"):
        add(tx, "red")


async def test_two_tasks_at_once_in_one_transaction_are_refused(async_shop: Infrastructure, database: Database) -> None:
    async with async_shop.transaction() as tx:
        answers = await asyncio.gather(
            *(tx.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', f"tag {number}") for number in range(3)),
            return_exceptions=True,
        )
    assert [answer for answer in answers if not isinstance(answer, ClientMisuseError)] == [1]
    assert "in use by another task" in str(answers[1])
    assert tags_in(database) == ["tag 0"]


def test_two_threads_at_once_in_one_transaction_are_refused(shop: SyncInfrastructure) -> None:
    refusals: list[BaseException] = []
    threads: list[threading.Thread] = []
    # The block that ends while a statement runs in it stops the statement.
    with pytest.raises(ClientMisuseError, match="in use by another task or thread"), shop.transaction(timeout=60) as tx:
        threads.append(threading.Thread(target=_ignoring_errors, args=(tx.query_raw, ENDLESS)))
        threads[0].start()

        def refused() -> bool:
            try:
                tx.query_raw("SELECT 1")
            except ClientMisuseError as error:
                refusals.append(error)
            return bool(refusals)

        assert eventually(refused)
    threads[0].join()
    assert "in use by another task or thread" in str(refusals[0])


def _ignoring_errors(function: Any, *arguments: Any) -> None:
    with contextlib.suppress(Exception):
        function(*arguments)


def test_a_transactions_client_neither_connects_nor_disconnects(client: Client) -> None:
    with client.transaction() as tx:
        assert tx.infra.is_connected()
        for method in (tx.infra.connect, tx.infra.disconnect):
            with pytest.raises(ClientMisuseError):
                client.wait(method())


def test_a_transactions_client_is_of_the_same_class() -> None:
    class Shop(SyncInfrastructure):
        schema = SHOP

    with Shop(url=":memory:") as shop, shop.transaction() as tx:
        assert type(tx) is Shop
        assert type(tx.bind(actor="ada")) is Shop


def test_run_transaction_answers_what_the_function_does_and_tries_again_after_a_conflict(
    client: Client, database: Database
) -> None:
    attempts: list[int] = []

    def work(tx: SyncInfrastructure) -> str:
        attempts.append(len(attempts))
        tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
        if len(attempts) < 3:
            raise WriteConflictError("somebody was faster")
        return "done"

    async def work_async(tx: Infrastructure) -> str:
        attempts.append(len(attempts))
        await tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
        if len(attempts) < 3:
            raise WriteConflictError("somebody was faster")
        return "done"

    function: Any = work_async if client.is_async else work
    assert client.wait(client.infra.run_transaction(function, isolation="serializable", retries=3)) == "done"
    assert len(attempts) == 3
    assert tags_in(database) == ["red"]
    with pytest.raises(RawQueryError):
        client.wait(client.infra.run_transaction(function))
    attempts.clear()
    client.execute('DELETE FROM "Tag"')
    with pytest.raises(WriteConflictError):
        client.wait(client.infra.run_transaction(function, retries=1))
    assert len(attempts) == 2


def test_times_may_be_given_as_timedeltas(client: Client) -> None:
    transaction = client.infra.transaction(max_wait=timedelta(seconds=10), timeout=timedelta(milliseconds=50))
    client.wait(transaction.start())
    time.sleep(0.1)
    with pytest.raises(TransactionExpiredError, match=r"0\.05 s"):
        client.wait(transaction.commit())


async def test_a_block_that_raises_while_an_operation_still_runs_stops_it(
    async_shop: Infrastructure, database: Database
) -> None:
    tasks: list[asyncio.Task[Any]] = []

    async def block() -> None:
        async with async_shop.transaction(timeout=30) as tx:
            await tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
            tasks.append(asyncio.create_task(tx.query_raw(ENDLESS)))
            await asyncio.sleep(0.05)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    with pytest.raises(TransactionNotStartedError, match="it was rolled back"):
        await tasks[0]
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('blue')") == 1
    assert tags_in(database) == ["blue"]


async def test_a_block_that_ends_while_an_operation_still_runs_is_not_committed(
    async_shop: Infrastructure, database: Database
) -> None:
    tasks: list[asyncio.Task[Any]] = []
    with pytest.raises(ClientMisuseError, match="in use by another task"):
        async with async_shop.transaction(timeout=30) as tx:
            await tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
            tasks.append(asyncio.create_task(tx.query_raw(ENDLESS)))
            await asyncio.sleep(0.05)
    with pytest.raises(TransactionNotStartedError):
        await tasks[0]
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('blue')") == 1
    assert tags_in(database) == ["blue"]


async def test_a_cancelled_savepoint_ends_with_the_cancellation(async_shop: Infrastructure, database: Database) -> None:
    async def work() -> None:
        async with async_shop.transaction() as tx, tx.transaction() as inner:
            await inner.query_raw(ENDLESS)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('blue')") == 1
