"""Cancelled tasks: the statement stops, nothing of it is kept, the connection is clean, and no thread writes later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from infra_runtime import Infrastructure, TransactionError
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import OPERATIONS, Engine
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.drivers.slow import ENDLESS, ENDLESS_WRITE, tags_in
from tests.runtime.conftest import AsyncShop, spelt_for_driver
from tests.runtime.schemas import USER


async def cancelled(work: Coroutine[Any, Any, Any], after: float = 0.1) -> None:
    """Cancels `work`, which does not end by itself, while it runs."""
    task = asyncio.create_task(work)
    await asyncio.sleep(after)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        # MySQL's statement that does not end is one of a minute.
        async with asyncio.timeout(30):
            await task


async def test_a_cancelled_read_stops_its_statement(async_shop: Infrastructure) -> None:
    await cancelled(async_shop.query_raw(ENDLESS))
    assert await async_shop.query_raw("SELECT 1 AS one") == [{"one": 1}]


async def test_a_cancellation_that_comes_when_the_thread_is_just_done_waits_for_nothing(
    async_shop: Infrastructure,
) -> None:
    await async_shop.query_raw("SELECT 1")
    task = asyncio.create_task(async_shop.query_raw("SELECT 2"))
    await asyncio.sleep(0)
    # The loop stands still, and so sees the answer and the cancellation in one turn.
    time.sleep(0.1)
    task.cancel()
    async with asyncio.timeout(30):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await async_shop.query_raw("SELECT 3 AS three") == [{"three": 3}]


async def test_a_cancelled_write_leaves_nothing_and_the_next_write_succeeds(
    async_shop: Infrastructure, database: Database
) -> None:
    await cancelled(async_shop.execute_raw(ENDLESS_WRITE))
    assert tags_in(database) == []
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1
    assert tags_in(database) == ["red"]


async def test_an_operation_cancelled_between_two_statements_never_commits(
    async_shop: Infrastructure, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPERATIONS, "write_slowly", __name__)
    task = asyncio.create_task(async_shop.execute(Operation("write_slowly", None, {})))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.wait([task])
    # All or nothing: a COMMIT that is on its way already is waited for.
    kept = tags_in(database)
    assert kept in ([], ["first", "second"])
    assert kept or task.cancelled()
    await asyncio.sleep(0.3)
    assert tags_in(database) == kept
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1


def write_slowly(engine: Engine, *_: object) -> Program[None]:
    """An atomic operation that thinks between its statements."""

    def steps() -> Steps[None]:
        insert = spelt_for_driver('INSERT INTO "Tag" (name) VALUES (?)', engine.schema.provider)
        yield Statement(insert, ("first",), "count", writes=True)
        time.sleep(0.5)
        yield Statement(insert, ("second",), "count", writes=True)

    return Program("atomic", steps())


async def test_a_second_cancellation_does_not_cut_the_first_short(
    async_shop: Infrastructure, database: Database
) -> None:
    task = asyncio.create_task(async_shop.execute_raw(ENDLESS_WRITE))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1
    assert tags_in(database) == ["red"]


async def test_a_cancelled_transaction_is_rolled_back(async_shop: Infrastructure, database: Database) -> None:
    async def work() -> None:
        async with async_shop.transaction() as tx:
            await tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
            await asyncio.sleep(60)

    await cancelled(work())
    assert tags_in(database) == []
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('blue')") == 1


async def test_a_transaction_whose_statement_was_cancelled_is_over(
    async_shop: Infrastructure, database: Database
) -> None:
    transaction = async_shop.transaction()
    tx = await transaction.start()
    await tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(tx.query_raw(ENDLESS), 0.1)
    with pytest.raises(TransactionError, match="Transaction already closed"):
        await tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('blue')")
    with pytest.raises(TransactionError, match="Transaction already closed"):
        await transaction.commit()
    assert tags_in(database) == []
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('green')") == 1


async def test_who_is_cancelled_while_waiting_for_a_connection_does_not_get_it(
    shop_url: str, shop_schema: Schema
) -> None:
    async with AsyncShop(schema=shop_schema, url=shop_url, connection_limit=1) as shop:
        async with shop.transaction(timeout=60):
            await cancelled(shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')"), after=0.02)
        async with shop.transaction(max_wait=30) as tx:
            assert await tx.query_raw('SELECT * FROM "Tag"') == []


async def test_many_cancellations_at_any_moment_leave_a_working_client(
    async_shop: Infrastructure, database: Database
) -> None:
    done = 0
    for number in range(60):
        task = asyncio.create_task(async_shop.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', f"tag {number}"))
        await asyncio.sleep(number * 0.00002)
        task.cancel()
        done += not isinstance((await asyncio.gather(task, return_exceptions=True))[0], BaseException)
    kept = len(tags_in(database))
    assert done <= kept <= 60
    assert await async_shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1


async def test_transactions_cancelled_at_any_moment_are_kept_whole_or_not_at_all(
    async_shop: Infrastructure, database: Database
) -> None:
    add = 'INSERT INTO "Tag" (name) VALUES (?)'

    async def both(number: int) -> None:
        async with async_shop.transaction(max_wait=10, timeout=10) as tx:
            await tx.execute_raw(add, f"{number} one")
            async with tx.transaction() as inner:
                await inner.execute_raw(add, f"{number} two")

    async def nested(number: int) -> None:
        data = {"email": str(number), "written": {"create": [{"id": str(number), "title": "one"}]}}
        await async_shop.execute(Operation("create", USER, {"data": data}))

    finished: list[tuple[int, bool]] = []
    for number in range(80):
        task = asyncio.create_task(both(number) if number % 2 else nested(number))
        await asyncio.sleep((number // 2) * 0.0001)
        task.cancel()
        [outcome] = await asyncio.gather(task, return_exceptions=True)
        assert outcome is None or isinstance(outcome, asyncio.CancelledError), repr(outcome)
        finished.append((number, outcome is None))
    tags = {tuple(name.split()) for name in tags_in(database)}
    users = {int(email) for (email,) in database.query("SELECT email FROM users")}
    table = "`Post`" if database.provider == "mysql" else '"Post"'
    posts = {int(id_) for (id_,) in database.query(f"SELECT id FROM {table}")}
    for number, is_finished in finished:
        if number % 2:
            kept = {(str(number), "one") in tags, (str(number), "two") in tags}
        else:
            kept = {number in users, number in posts}
        assert len(kept) == 1, f"{number} was kept in part"
        assert not is_finished or kept == {True}, f"{number} said it was done, and is not there"
    assert await async_shop.check_health()
