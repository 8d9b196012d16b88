"""Async work on SQLite: short reads share a reader one after another, and none waits for a long one while a reader is idle; writes share the writer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra_runtime import Infrastructure, PoolTimeoutError
from infra_runtime.effects import Statement
from infra_runtime.operation import Operation
from tests.databases import Database, Databases
from tests.drivers.slow import ENDLESS, ENDLESS_WRITE, eventually
from tests.runtime.conftest import AsyncShop
from tests.runtime.schemas import SHOP


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases("sqlite")


@pytest.fixture
async def reading(shop_url: str) -> AsyncIterator[Infrastructure]:
    """A client with a writer and three readers."""
    async with AsyncShop(schema=SHOP, url=shop_url, connection_limit=4) as shop:
        yield shop


@pytest.fixture
async def one_reader(shop_url: str) -> AsyncIterator[Infrastructure]:
    async with AsyncShop(schema=SHOP, url=shop_url, connection_limit=2) as shop:
        yield shop


def begun(shop: Infrastructure, number: int) -> list[asyncio.Task[object]]:
    """Reads that do not end by themselves."""
    return [asyncio.create_task(shop.query_raw(ENDLESS)) for _ in range(number)]


async def stopped(tasks: list[asyncio.Task[object]]) -> None:
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), outcomes


async def numbers(shop: Infrastructure, count: int) -> list[object]:
    async with asyncio.timeout(30):
        answers = await asyncio.gather(*(shop.query_raw("SELECT ? AS n", number) for number in range(count)))
    return [answer[0]["n"] for answer in answers]


async def until_lent(shop: Infrastructure, number: int) -> None:
    async with asyncio.timeout(30):
        while shop.pool_status().lent < number:
            await asyncio.sleep(0.001)


async def test_short_reads_go_on_beside_a_long_one(reading: Infrastructure) -> None:
    long = begun(reading, 1)
    await asyncio.sleep(0)
    assert await numbers(reading, 50) == list(range(50))
    assert await numbers(reading, 1) == [0]
    await stopped(long)


async def test_long_reads_run_at_the_same_time(reading: Infrastructure) -> None:
    long = begun(reading, 3)
    await until_lent(reading, 3)
    await stopped(long)
    assert await numbers(reading, 5) == list(range(5))


async def test_a_transaction_gets_a_reader_while_reads_stand_in_line(reading: Infrastructure) -> None:
    async def transaction() -> list[object]:
        async with reading.transaction(read_only=True) as tx:
            return [(await tx.query_raw("SELECT 1 AS n"))[0]["n"]]

    answers, ones = await asyncio.gather(numbers(reading, 200), transaction())
    assert (answers, ones) == (list(range(200)), [1])


async def test_a_read_that_is_cancelled_in_the_line_never_runs(one_reader: Infrastructure) -> None:
    ran: list[str] = []

    def note(statement: Statement, seconds: float, error: BaseException | None) -> None:
        ran.append(statement.sql)

    one_reader.on_statement(note)
    long = begun(one_reader, 1)
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(one_reader.query_raw("SELECT 2"))
    await asyncio.sleep(0.01)
    status = one_reader.pool_status()
    assert (status.lent, status.waiting) == (1, 1)
    await stopped([waiting])
    await stopped(long)
    assert await numbers(one_reader, 1) == [0]
    assert ran == [ENDLESS, "SELECT ? AS n"]


async def test_a_cancellation_stops_the_read_of_its_task_alone(one_reader: Infrastructure) -> None:
    for turn in range(40):
        tasks = [asyncio.create_task(one_reader.query_raw("SELECT ? AS n", number)) for number in range(20)]
        await asyncio.sleep(turn * 0.00002)
        for task in tasks[::2]:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes[1::2] == [[{"n": number}] for number in range(1, 20, 2)]
        for number, outcome in enumerate(outcomes[::2]):
            assert outcome == [{"n": 2 * number}] or isinstance(outcome, asyncio.CancelledError), outcome


async def test_a_read_waits_in_the_line_no_longer_than_the_pool_timeout(shop_url: str) -> None:
    async with AsyncShop(schema=SHOP, url=shop_url, connection_limit=2, pool_timeout=0.1) as shop:
        long = begun(shop, 1)
        await asyncio.sleep(0)
        with pytest.raises(PoolTimeoutError, match=r"no reader came free within 0\.1 s"):
            await shop.query_raw("SELECT 1")
        await stopped(long)
        assert await numbers(shop, 1) == [0]


async def test_a_read_whose_own_time_is_shorter_leaves_the_line_before_those_in_front_of_it(shop_url: str) -> None:
    async with AsyncShop(schema=SHOP, url=shop_url, connection_limit=2, pool_timeout=60) as shop:
        reads = begun(shop, 2)
        await asyncio.sleep(0)
        with pytest.raises(PoolTimeoutError, match="no reader came free"):
            await shop.execute(Operation("query_raw", None, {"query": "SELECT 1", "parameters": ()}), {"timeout": 0.1})
        await stopped(reads)


async def test_reads_that_stand_in_line_when_the_client_is_disconnected_are_answered(
    shop_url: str, shop_path: Path
) -> None:
    shop = AsyncShop(schema=SHOP, url=shop_url, connection_limit=2)
    await shop.connect()
    answers = asyncio.create_task(numbers(shop, 20))
    while not shop.pool_status().waiting:
        await asyncio.sleep(0)
    await shop.disconnect()
    assert await answers == list(range(20))
    # SQLite removes the log when the last connection is closed.
    assert eventually(lambda: not shop_path.with_name(f"{shop_path.name}-wal").exists())


async def test_writes_and_transactions_stand_in_one_line_for_the_writer(reading: Infrastructure) -> None:
    add = 'INSERT INTO "Tag" (name) VALUES (?)'

    async def transaction(number: int) -> None:
        async with reading.transaction(max_wait=30) as tx:
            await tx.execute_raw(add, f"{number} in a transaction")

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        async with reading.transaction(timeout=60):
            for number in range(9):
                work = transaction(number) if number % 3 == 2 else reading.execute_raw(add, f"{number}")
                group.create_task(work)
                await asyncio.sleep(0)
            status = reading.pool_status()
            assert (status.lent, status.waiting) == (1, 9)
    names = await reading.query_raw('SELECT name FROM "Tag" ORDER BY id')
    assert [int(row["name"][0]) for row in names] == list(range(9))


async def test_a_write_that_waits_too_long_is_told_which_operation_has_the_writer(shop_url: str) -> None:
    async with AsyncShop(schema=SHOP, url=shop_url, pool_timeout=0.1) as shop:
        [long] = [asyncio.create_task(shop.execute_raw(ENDLESS_WRITE))]
        await until_lent(shop, 1)
        with pytest.raises(PoolTimeoutError, match=r"one writing connection for 0\.1 s; execute_raw.* has held it for"):
            await shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')")
        await stopped([long])
        assert await shop.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1


async def test_a_write_that_is_cancelled_in_the_line_never_runs(reading: Infrastructure) -> None:
    async with reading.transaction(timeout=60):
        waiting = asyncio.create_task(reading.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')"))
        await asyncio.sleep(0.01)
        await stopped([waiting])
    assert await reading.query_raw('SELECT name FROM "Tag"') == []
