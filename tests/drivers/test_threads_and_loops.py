"""A sync client belongs to all threads, an async client to all event loops, context variables to their operation."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

from infra_runtime import Infrastructure, SyncInfrastructure
from infra_runtime.effects import Statement
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.drivers.slow import tags_in
from tests.runtime.conftest import AsyncShop

REQUEST: ContextVar[str] = ContextVar("REQUEST", default="none")


def test_many_threads_share_a_client(shop: SyncInfrastructure, database: Database) -> None:
    failures: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for number in range(20):
                shop.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', f"{thread:02} {number:02}")
                shop.query_raw('SELECT * FROM "Tag" WHERE name LIKE ?', f"{thread:02}%")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert tags_in(database) == [f"{thread:02} {number:02}" for thread in range(10) for number in range(20)]


def test_many_tasks_share_a_client(shop_url: str, shop_schema: Schema, database: Database) -> None:
    async def main() -> None:
        async with AsyncShop(schema=shop_schema, url=shop_url) as shop:
            writes = (shop.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', f"{number:03}") for number in range(100))
            reads = (shop.query_raw('SELECT * FROM "Tag"') for _ in range(100))
            await asyncio.gather(*writes, *reads)

    asyncio.run(main())
    assert tags_in(database) == [f"{number:03}" for number in range(100)]


def test_an_async_client_works_in_a_second_event_loop(shop_url: str, shop_schema: Schema) -> None:
    shop = AsyncShop(schema=shop_schema, url=shop_url)
    asyncio.run(shop.connect())

    async def both(name: str) -> None:
        assert await shop.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', name) == 1
        async with shop.transaction() as tx:
            await tx.query_raw('SELECT * FROM "Tag"')

    asyncio.run(both("red"))
    asyncio.run(both("blue"))
    asyncio.run(shop.disconnect())


def test_an_async_client_works_in_two_event_loops_at_once(
    shop_url: str, shop_schema: Schema, database: Database
) -> None:
    shop = AsyncShop(schema=shop_schema, url=shop_url)
    asyncio.run(shop.connect())

    async def write(loop: int) -> None:
        for number in range(20):
            async with shop.transaction(max_wait=10) as tx:
                await tx.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', f"{loop} {number:02}")

    threads = [threading.Thread(target=asyncio.run, args=(write(loop),)) for loop in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(shop.disconnect())
    assert tags_in(database) == [f"{loop} {number:02}" for loop in range(2) for number in range(20)]


async def test_context_variables_are_seen_in_the_thread_that_runs_the_statement(async_shop: Infrastructure) -> None:
    seen: list[str] = []

    def note(statement: Statement, seconds: float, error: BaseException | None) -> None:
        seen.append(REQUEST.get())

    async_shop.on_statement(note)

    async def ask(request: str) -> None:
        REQUEST.set(request)
        await async_shop.query_raw("SELECT 1")

    await asyncio.gather(*(ask(f"request {number}") for number in range(5)))
    assert sorted(seen) == [f"request {number}" for number in range(5)]


def test_a_loop_that_ends_in_the_midst_leaves_the_client_usable(
    shop_url: str, shop_schema: Schema, database: Database
) -> None:
    shop = AsyncShop(schema=shop_schema, url=shop_url)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(shop.connect())
    task = loop.create_task(shop.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', "red"))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    task.get_coro().close()
    del task

    async def after() -> None:
        assert await shop.execute_raw('INSERT INTO "Tag" (name) VALUES (?)', "blue") == 1
        await shop.disconnect()

    asyncio.run(after())
    assert "blue" in tags_in(database)
