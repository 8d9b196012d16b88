"""Slots: never more than the limit, never one item in two hands, first come first served."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import count

import pytest

from infra_runtime.drivers.patient_slots import PATIENCE, ThreadSlots
from infra_runtime.drivers.shared_slots import BRISK, Job, SharedSlots
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


@pytest.mark.parametrize("kind", [Slots, ThreadSlots])
def test_threads_never_share_an_item(kind: type[Slots[int]]) -> None:
    numbers = count(1)
    slots = kind(lambda: next(numbers), 3)
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


def for_threads(limit: int) -> ThreadSlots[int]:
    numbers = count(1)
    return ThreadSlots(lambda: next(numbers), limit)


def waiting(slots: Slots[int], got: list[int | None], seconds: float | None = 30) -> threading.Thread:
    """A thread that waits for an item, once it does."""
    before = slots.counts()[2]
    thread = threading.Thread(target=lambda: got.append(slots.wait(seconds)))
    thread.start()
    while slots.counts()[2] == before:
        time.sleep(0.001)
    return thread


def test_a_thread_that_has_waited_long_is_not_overtaken_by_a_newcomer() -> None:
    slots, got = for_threads(1), list[int | None]()
    assert slots.take() == 1
    thread = waiting(slots, got)
    time.sleep(2 * PATIENCE)
    assert slots.give(1)
    assert slots.take() is None
    thread.join()
    assert got == [1]


def test_threads_that_have_waited_long_are_served_in_turn() -> None:
    slots, got = for_threads(1), list[int | None]()
    assert slots.take() == 1
    threads, turns = [], list[int]()

    def wait(number: int) -> None:
        item = slots.wait(30)
        assert item is not None
        turns.append(number)
        slots.give(item)

    for number in range(4):
        thread = threading.Thread(target=wait, args=(number,))
        thread.start()
        threads.append(thread)
        while slots.counts()[2] == number:
            time.sleep(0.001)
    time.sleep(2 * PATIENCE)
    slots.give(1)
    for thread in threads:
        thread.join()
    assert (turns, got) == ([0, 1, 2, 3], [])


def test_a_thread_that_was_called_in_vain_waits_on_and_its_time_ends() -> None:
    slots, got = for_threads(1), list[int | None]()
    assert slots.take() == 1
    thread = waiting(slots, got, 0.2)
    slots._called = None
    slots._waiting[0].wake()
    thread.join()
    assert got == [None]
    assert slots.counts() == (1, 0, 0)


def test_the_room_of_a_discarded_item_goes_to_a_thread_that_waits() -> None:
    slots, got = for_threads(1), list[int | None]()
    assert slots.take() == 1
    thread = waiting(slots, got)
    slots.discard()
    thread.join()
    assert got == [2]


def test_no_thread_waits_while_items_are_idle() -> None:
    """Many threads, few items, each held for a moment or none: all come to their end."""
    slots, served = for_threads(3), list[int]()

    def work(number: int) -> None:
        for turn in range(200):
            item = slots.take() or slots.wait(30)
            assert item is not None
            if (number + turn) % 7 == 0:
                time.sleep(0)
            if (number + turn) % 50 == 0:
                slots.discard()
            else:
                slots.give(item)
        served.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(served) == list(range(24))
    lent, idle, wait = slots.counts()
    assert (lent, wait) == (0, 0)
    assert idle <= 3


class Counted(Job[int]):
    """A job that does nothing with its item."""

    def __init__(self, until: float = 60.0) -> None:
        super().__init__(until)
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


def shared(limit: int) -> SharedSlots[int]:
    numbers = count(1)
    return SharedSlots(lambda: next(numbers), limit)


def entered(slots: SharedSlots[int], number: int) -> list[Counted]:
    jobs = [Counted() for _ in range(number)]
    for job in jobs:
        assert slots.enter(job) == (job.item is not None)
        assert job.is_in_order
    return jobs


def test_short_jobs_are_served_one_after_another_by_one_item() -> None:
    slots = shared(3)
    jobs = entered(slots, 3)
    assert [job.item for job in jobs] == [1, None, None]
    assert slots.counts() == (1, 0, 2)
    assert slots.give(1)
    assert slots.give(1)
    assert [(job.item, job.woken) for job in jobs] == [(1, 0), (1, 1), (1, 1)], "who is served at once is not woken"
    assert slots.give(1)
    assert slots.counts() == (0, 1, 0)


def test_a_line_that_stands_still_gets_one_more_item_at_each_look() -> None:
    slots = shared(3)
    jobs = entered(slots, 4)
    assert [slots.hurry() for _ in range(3)] == [True] * 3
    assert [job.item for job in jobs] == [1, 2, 3, None]


def test_a_line_that_moves_gets_no_second_item() -> None:
    slots = shared(3)
    jobs = entered(slots, BRISK + 2)
    for _ in range(BRISK):
        slots.give(1)
    assert slots.hurry()
    assert [job.item for job in jobs] == [1] * (BRISK + 1) + [None]


def test_a_job_that_comes_after_one_found_long_does_not_wait_for_it() -> None:
    slots = shared(3)
    entered(slots, 2)
    slots.hurry()
    slots.give(2)
    [job] = entered(slots, 1)
    assert job.item == 2


def test_who_wants_an_item_for_itself_gets_an_idle_one_although_jobs_stand_in_line() -> None:
    slots = shared(2)
    [_, waiting] = entered(slots, 2)
    assert slots.take() == 2
    slots.give(1)
    assert waiting.item == 1


def test_a_job_that_was_withdrawn_is_never_served() -> None:
    slots = shared(1)
    [served, withdrawn, last] = entered(slots, 3)
    assert slots.withdraw(withdrawn)
    assert not slots.withdraw(served)
    slots.give(1)
    assert (withdrawn.woken, last.item) == (0, 1)


def test_jobs_whose_time_is_over_leave_the_line_from_its_head() -> None:
    slots = shared(1)
    entered(slots, 1)
    early, late, behind = Counted(until=70.0), Counted(until=80.0), Counted(until=75.0)
    for job in (early, late, behind):
        assert not slots.enter(job)
    assert (early.is_in_order, late.is_in_order) == (True, True)
    assert not behind.is_in_order, "its end would be found no sooner than that of the one before"
    assert slots.overdue(69.0) == []
    assert slots.overdue(70.0) == [early]
    assert slots.counts() == (1, 0, 2)


def test_drained_slots_serve_who_waits_still_and_keep_no_item() -> None:
    slots = shared(2)
    [_, waiting] = entered(slots, 2)
    assert slots.drain() == []
    assert slots.give(1)
    assert waiting.item == 1
    assert not slots.give(1)


def test_a_job_in_line_is_served_by_an_item_that_is_made_in_the_place_of_another() -> None:
    slots = shared(1)
    [_, waiting] = entered(slots, 2)
    slots.discard()
    assert (waiting.item, waiting.woken) == (2, 1)


def test_a_job_is_woken_without_the_lock_of_the_slots() -> None:
    slots = shared(1)
    seen: list[tuple[int, int, int]] = []

    class Looking(Counted):
        def wake(self) -> None:
            seen.append(slots.counts())

    entered(slots, 1)
    slots.enter(Looking())
    slots.give(1)
    assert seen == [(1, 0, 0)]


def test_a_job_that_comes_after_an_item_is_gone_is_served_at_once() -> None:
    slots = shared(1)
    entered(slots, 1)
    slots.discard()
    [job] = entered(slots, 1)
    assert job.item == 2
