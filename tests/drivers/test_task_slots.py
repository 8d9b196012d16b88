"""Slots of an event loop: who gives an item back goes on with it, nobody is forgotten, and nobody waits long for it."""

from __future__ import annotations

import asyncio
import random
import threading
from itertools import count

import pytest

from infra_runtime.drivers import patient_slots
from infra_runtime.drivers.patient_slots import TaskSlots


def numbered(limit: int) -> TaskSlots[int]:
    numbers = count(1)
    return TaskSlots(lambda: next(numbers), limit, asyncio.get_running_loop())


@pytest.fixture
def out_of_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_slots, "PATIENCE", -1.0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_slots, "PATIENCE", 3600.0)


async def test_items_are_made_when_needed_and_the_last_one_back_is_lent_first() -> None:
    slots = numbered(2)
    assert (slots.take(), slots.take(), slots.take()) == (1, 2, None)
    slots.give(1)
    slots.give(2)
    assert slots.take() == 2


@pytest.mark.usefixtures("patient")
async def test_a_task_goes_on_with_the_item_that_it_gives_back() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    waiting = asyncio.create_task(slots.wait_async(None))
    await asyncio.sleep(0)
    for _ in range(3):
        slots.give(item)
        assert slots.take() == item
        await asyncio.sleep(0)
        assert not waiting.done()
    slots.give(item)
    assert await waiting == item


@pytest.mark.usefixtures("out_of_patience")
async def test_who_waited_long_is_not_overtaken() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    waiting = asyncio.create_task(slots.wait_async(None))
    await asyncio.sleep(0)
    slots.give(item)
    assert slots.take() is None
    assert await waiting == item


async def test_tasks_are_served_in_turn() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    served: list[int] = []

    async def use(number: int) -> None:
        got = await slots.wait_async(None)
        assert got is not None
        served.append(number)
        slots.give(got)

    tasks = [asyncio.create_task(use(number)) for number in range(5)]
    await asyncio.sleep(0)
    slots.give(item)
    await asyncio.gather(*tasks)
    assert served == list(range(5))


async def test_all_idle_items_go_to_who_waits_in_one_turn() -> None:
    slots = numbered(3)
    assert [slots.take() for _ in range(3)] == [1, 2, 3]
    tasks = [asyncio.create_task(slots.wait_async(None)) for _ in range(3)]
    await asyncio.sleep(0)
    for item in (1, 2, 3):
        slots.give(item)
    await asyncio.sleep(0)
    assert sorted(task.result() or 0 for task in tasks) == [1, 2, 3]


async def test_a_wait_ends_with_nothing_when_its_time_is_over() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    assert await slots.wait_async(0.01) is None
    assert slots.counts() == (1, 0, 0)
    slots.give(item)
    assert slots.take() == item


async def test_a_cancelled_task_leaves_the_queue() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    tasks = [asyncio.create_task(slots.wait_async(None)) for _ in range(2)]
    await asyncio.sleep(0)
    slots.give(item)
    # It is handed the item before it hears that it was cancelled.
    tasks[0].cancel()
    assert await tasks[1] == item
    assert tasks[0].cancelled()
    assert slots.counts() == (1, 0, 0)


async def test_the_room_of_a_discarded_item_goes_to_who_waits() -> None:
    slots = numbered(1)
    assert slots.take() == 1
    asyncio.get_running_loop().call_later(0.01, slots.discard)
    assert await slots.wait_async(30) == 2


async def test_an_item_may_come_back_from_another_thread() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    waiting = asyncio.create_task(slots.wait_async(30))
    await asyncio.sleep(0)
    threading.Thread(target=slots.give, args=(item,)).start()
    assert await waiting == item


def test_an_item_that_comes_back_after_its_event_loop_is_not_lost() -> None:
    loop = asyncio.new_event_loop()

    async def begin() -> tuple[TaskSlots[int], int, asyncio.Task[int | None]]:
        slots = numbered(1)
        item = slots.take()
        assert item is not None
        waiting = loop.create_task(slots.wait_async(None))
        await asyncio.sleep(0)
        return slots, item, waiting

    slots, item, waiting = loop.run_until_complete(begin())
    loop.close()
    slots.give(item)
    assert slots.drain() == [item]
    waiting.get_coro().close()
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("patience", [-1.0, 0.0, 3600.0])
async def test_tasks_never_share_an_item_and_all_are_served(patience: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_slots, "PATIENCE", patience)
    slots = numbered(3)
    in_use: set[int] = set()
    chance = random.Random(7)

    async def work() -> int:
        served = 0
        for _ in range(30):
            item = slots.take() or await slots.wait_async(30)
            assert item is not None
            assert item not in in_use
            in_use.add(item)
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            in_use.discard(item)
            slots.give(item)
            served += 1
        return served

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                slots.give((await slots.wait_async(30)) or 0)

    worked = await asyncio.gather(*(work() for _ in range(20)), *(give_up() for _ in range(5)))
    assert [served for served in worked if served is not None] == [30] * 20
    assert slots.counts()[0] == slots.counts()[2] == 0
