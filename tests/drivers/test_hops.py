"""Tasks that wait for what threads do for them, on SQLite: how they go on, and what becomes of those that cannot."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import traceback
import weakref
from contextvars import ContextVar

import pytest

from infra_runtime import Infrastructure
from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.runtime.conftest import AsyncShop

REQUEST: ContextVar[object] = ContextVar("REQUEST", default=None)


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases("sqlite")


@pytest.fixture(params=["the system's way", "python's way"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads and loops are woken so."""
    if request.param == "python's way":
        monkeypatch.delattr(os, "eventfd", raising=False)


async def read(shop: Infrastructure, number: int) -> object:
    return (await shop.query_raw("SELECT ? AS n", number))[0]["n"]


async def test_a_task_goes_on_in_its_own_context_and_as_the_current_task(async_shop: Infrastructure) -> None:
    async def reading(number: int) -> None:
        REQUEST.set(number)
        for _ in range(20):
            assert await read(async_shop, number) == number
            assert (REQUEST.get(), asyncio.current_task()) == (number, task[number])

    task = [asyncio.create_task(reading(number)) for number in range(20)]
    await asyncio.gather(*task)
    assert REQUEST.get() is None


async def test_a_loop_with_reads_without_end_serves_others_too(async_shop: Infrastructure) -> None:
    over = asyncio.Event()

    async def reading() -> None:
        while not over.is_set():
            await read(async_shop, 1)

    async def yielding() -> None:
        for _ in range(100):
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        over.set()

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(reading())
        group.create_task(yielding())


def test_a_task_that_may_run_its_loop_within_a_turn_goes_on_in_a_turn_of_its_own(
    shop_url: str, shop_schema: Schema
) -> None:
    class Reentrant(asyncio.SelectorEventLoop):
        """What nest_asyncio and debuggers make of a loop: its turns are not asyncio's."""

        def _run_once(self) -> None:
            super()._run_once()  # type: ignore[misc]

    async def callers() -> list[str]:
        async with AsyncShop(schema=shop_schema, url=shop_url) as shop:
            assert await read(shop, 1) == 1
            return [frame.name for frame in traceback.extract_stack()]

    assert "go_on" in asyncio.run(callers())
    with asyncio.Runner(loop_factory=Reentrant) as runner:
        assert "go_on" not in runner.run(callers())


async def test_what_the_first_task_of_a_loop_knows_is_not_kept(async_shop: Infrastructure) -> None:
    class Request:
        pass

    async def first() -> weakref.ref[Request]:
        request = Request()
        REQUEST.set(request)
        await read(async_shop, 1)
        return weakref.ref(request)

    kept = await asyncio.create_task(first())
    await read(async_shop, 2)
    gc.collect()
    assert kept() is None


def test_tasks_that_were_answered_with_one_that_ends_the_program_are_told_if_it_goes_on(
    shop_url: str, shop_schema: Schema
) -> None:
    async def last(shop: Infrastructure) -> None:
        await read(shop, 0)
        raise SystemExit(3)

    loop = asyncio.new_event_loop()
    shop = AsyncShop(schema=shop_schema, url=shop_url, connection_limit=2)
    loop.run_until_complete(shop.connect())
    ending = loop.create_task(last(shop))
    tasks = [loop.create_task(read(shop, number)) for number in range(10)]
    with pytest.raises(SystemExit):
        loop.run_until_complete(asyncio.gather(*tasks, ending))
    answers = loop.run_until_complete(asyncio.wait_for(asyncio.gather(*tasks), 30))
    assert answers == list(range(10))
    loop.run_until_complete(shop.disconnect())
    loop.close()


def test_a_loop_that_ends_before_its_read_has_begun_gives_the_reader_back(shop_url: str, shop_schema: Schema) -> None:
    shop = AsyncShop(schema=shop_schema, url=shop_url, connection_limit=2)
    asyncio.run(shop.connect())
    for number in range(3):
        loop = asyncio.new_event_loop()
        coroutine = read(shop, number)
        task = loop.create_task(coroutine)
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        coroutine.close()

    async def after() -> None:
        async with asyncio.timeout(30):
            assert await read(shop, 7) == 7
        assert shop.pool_status().lent == 0
        await shop.disconnect()

    asyncio.run(after())


async def test_a_thread_that_cannot_be_started_is_an_error_of_the_operation(
    shop_url: str, shop_schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with AsyncShop(schema=shop_schema, url=shop_url, connection_limit=3) as shop:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refused)
            outcomes = await asyncio.gather(*(read(shop, number) for number in range(5)), return_exceptions=True)
            assert [str(outcome) for outcome in outcomes] == ["can't start new thread"] * 5
            with pytest.raises(RuntimeError, match="can't start"):
                await shop.transaction(read_only=True).start()
        assert await read(shop, 1) == 1
        assert shop.pool_status().lent == 0
