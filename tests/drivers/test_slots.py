"""Slots: never more than the limit, never one item in two hands, first come first served."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import count

from infra_runtime.drivers.slots import Slots


def numbered(limit: int) -> Slots[int]:
    numbers = count(1)
    return Slots(lambda: next(numbers), limit)


def test_items_are_made_when_needed_and_the_last_one_back_is_lent_first() -> None:
    slots = numbered(2)
    first, second = slots.take(), slots.take()
    assert (first, second, slots.take()) == (1, 2, None)
    slots.give(1)
    slots.give(2)
    assert slots.take() == 2


def test_a_wait_ends_with_nothing_when_its_time_is_over() -> None:
    slots = numbered(1)
    assert slots.take() == 1
    assert slots.wait(0.01) is None
    assert asyncio.run(slots.wait_async(0.01)) is None
    slots.give(1)
    assert slots.take() == 1


def test_the_room_of_a_discarded_item_goes_to_who_waits() -> None:
    slots = numbered(1)
    assert slots.take() == 1
    threading.Timer(0.02, slots.discard).start()
    assert slots.wait(30) == 2


async def test_tasks_are_served_in_turn_and_newcomers_do_not_overtake() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    served: list[int] = []

    async def use(number: int) -> None:
        got = await slots.wait_async(None)
        assert got is not None
        assert slots.take() is None
        served.append(number)
        slots.give(got)

    tasks = [asyncio.create_task(use(number)) for number in range(5)]
    await asyncio.sleep(0)
    slots.give(item)
    assert slots.take() is None
    await asyncio.gather(*tasks)
    assert served == list(range(5))


async def test_a_cancelled_task_leaves_the_queue_and_gives_back_what_it_was_handed() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    waiting = asyncio.create_task(slots.wait_async(None))
    await asyncio.sleep(0)
    slots.give(item)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert slots.take() == item


def test_an_item_handed_to_a_task_of_a_closed_event_loop_is_not_lost() -> None:
    slots = numbered(1)
    item = slots.take()
    assert item is not None
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(slots.wait_async(None))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    slots.give(item)
    assert slots.take() == item
    waiting.get_coro().close()
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]


def test_threads_never_share_an_item() -> None:
    slots = numbered(3)
    in_use: set[int] = set()
    clashes: list[int] = []

    def work() -> None:
        for _ in range(300):
            item = slots.take() or slots.wait(30)
            assert item is not None
            if item in in_use:
                clashes.append(item)
            in_use.add(item)
            time.sleep(0)
            in_use.discard(item)
            slots.give(item)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
    left = slots.drain()
    assert len(left) == len(set(left)) <= 3
