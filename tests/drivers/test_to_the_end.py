"""What is awaited to its end: a cancellation stops it, is raised once it is done, and is never lost."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any

import pytest

from infra_runtime.drivers.prompt import Prompt
from infra_runtime.drivers.to_the_end import to_the_end


class Work:
    """Something that ends when it is told to, and counts who stops it."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self.stops = 0
        self.ended = False

    async def __call__(self, error: Exception | None = None) -> str:
        await self.told.wait()
        await asyncio.sleep(0)
        self.ended = True
        if error is not None:
            raise error
        return "done"

    def stop(self) -> None:
        self.stops += 1


class EndsWhenStopped(Work):
    def stop(self) -> None:
        super().stop()
        self.told.set()


def steps(*works: Coroutine[Any, Any, str]) -> Generator[Coroutine[Any, Any, str], str, str]:
    """Works that are awaited one after the other; answers what came of the last."""
    answer = ""
    for work in works:
        answer = yield work
    return answer


async def test_what_nobody_cancels_answers() -> None:
    work = Work()
    asyncio.get_running_loop().call_later(0.01, work.told.set)
    assert await to_the_end(steps(work()), work.stop) == "done"
    assert work.stops == 0


async def test_its_errors_are_its_callers() -> None:
    work = Work()
    work.told.set()
    with pytest.raises(ValueError, match="no"):
        await to_the_end(steps(work(ValueError("no"))), work.stop)


async def awaited(work: Work, error: Exception | None = None) -> str:
    return await to_the_end(steps(work(error)), work.stop)


async def test_steps_go_on_after_what_they_awaited_and_catch_its_errors() -> None:
    first, second = Work(), Work()
    first.told.set()
    second.told.set()

    def caught() -> Generator[Coroutine[Any, Any, str], str, str]:
        try:
            yield first(ValueError("no"))
        except ValueError:
            return (yield second()) + " nevertheless"
        return "never"

    assert await to_the_end(caught(), first.stop) == "done nevertheless"


async def test_a_cancelled_task_goes_through_all_its_steps() -> None:
    first, second = Work(), EndsWhenStopped()

    async def both() -> str:
        return await to_the_end(steps(first(), second()), second.stop)

    task = asyncio.create_task(both())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.sleep(0.01)
    assert not task.done()
    first.told.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert first.ended
    assert second.ended


@pytest.mark.parametrize("times", [1, 3])
async def test_a_cancelled_task_ends_when_the_work_does(times: int) -> None:
    work = Work()
    task = asyncio.create_task(awaited(work))
    for number in range(times):
        await asyncio.sleep(0.01)
        assert task.cancel("enough")
        await asyncio.sleep(0.01)
        assert not task.done()
        assert work.stops == number + 1
    work.told.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.ended
    assert task.cancelled()


async def test_the_error_of_cancelled_work_is_the_cancellations_cause() -> None:
    work = Work()
    task = asyncio.create_task(awaited(work, ValueError("no")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    work.told.set()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert isinstance(caught.value.__cause__, ValueError)


async def test_a_cancellation_in_the_moment_of_the_end_is_not_lost() -> None:
    work = Work()
    task = asyncio.create_task(awaited(work))
    await asyncio.sleep(0.01)
    # The task is about to be woken, and is cancelled before it is.
    work.told.set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.ended


async def test_a_time_limit_around_it_is_told_as_one() -> None:
    work = EndsWhenStopped()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await awaited(work)
    assert work.ended
    assert work.stops == 1


def test_an_event_loop_that_is_gone_stops_it() -> None:
    loop = asyncio.new_event_loop()

    async def begin() -> tuple[Work, asyncio.Task[str]]:
        work = Work()
        task = loop.create_task(awaited(work))
        await asyncio.sleep(0)
        return work, task

    work, task = loop.run_until_complete(begin())
    loop.close()
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    task.get_coro().close()
    del task
    gc.collect()
    assert work.stops == 1
    assert not work.ended


# -- prompt futures ----------------------------------------------------------------------------------------------------
def prompt_steps(*prompts: Prompt) -> Generator[Prompt, None, str]:
    yield from prompts
    return "done"


async def prompted(stop: Work, *prompts: Prompt) -> str:
    return await to_the_end(prompt_steps(*prompts), stop.stop)


async def test_a_task_goes_on_within_the_call_that_tells_it() -> None:
    loop, work = asyncio.get_running_loop(), Work()
    prompts = [Prompt(loop=loop), Prompt(loop=loop)]
    task = asyncio.create_task(prompted(work, *prompts))
    ended: list[bool] = []

    def tell() -> None:
        for prompt in prompts:
            prompt.tell()
        ended.append(task.done())

    loop.call_later(0.01, tell)
    assert await task == "done"
    assert (ended, work.stops) == ([True], 0)


async def test_what_a_task_tells_another_is_heard_in_the_next_turn() -> None:
    prompt = Prompt(loop=asyncio.get_running_loop())
    task = asyncio.create_task(prompted(Work(), prompt))
    await asyncio.sleep(0)
    prompt.tell()
    assert not task.done()
    assert await task == "done"


async def test_what_is_told_before_anyone_waits_is_not_waited_for() -> None:
    prompt = Prompt(loop=asyncio.get_running_loop())
    prompt.tell()
    assert await prompted(Work(), prompt) == "done"


async def awaiting(stop: Work, prompt: Prompt) -> str:
    await prompt
    return "done"


@pytest.mark.parametrize("wait", [prompted, awaiting])
async def test_the_error_that_is_told_is_the_waiters(wait: Callable[[Work, Prompt], Coroutine[Any, Any, str]]) -> None:
    loop = asyncio.get_running_loop()
    prompt = Prompt(loop=loop)
    loop.call_later(0.01, partial(prompt.tell, error=ValueError("no")))
    with pytest.raises(ValueError, match="no"):
        await wait(Work(), prompt)


@pytest.mark.parametrize("told", [False, True], ids=["while it waits", "in the moment of the end"])
async def test_who_waits_for_a_prompt_to_the_end_is_cancelled_after_it(told: bool) -> None:
    prompt, work = Prompt(loop=asyncio.get_running_loop()), Work()
    task = asyncio.create_task(prompted(work, prompt))
    await asyncio.sleep(0)
    if told:
        prompt.tell()
    task.cancel("enough")
    await asyncio.sleep(0.01)
    assert (task.done(), work.stops) == (told, 1)
    if not told:
        prompt.tell(error=ValueError("no"))
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert told or isinstance(caught.value.__cause__, ValueError)


async def test_a_task_that_was_cancelled_before_it_waits_waits_to_the_end() -> None:
    prompt, work = Prompt(loop=asyncio.get_running_loop()), Work()

    async def main() -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return await prompted(work, prompt)

    task = asyncio.create_task(main())
    await asyncio.sleep(0.01)
    assert (task.done(), work.stops) == (False, 1)
    prompt.tell()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_just_awaits_a_prompt_is_cancelled_at_once() -> None:
    prompt = Prompt(loop=asyncio.get_running_loop())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await prompt
    assert prompt.cancelled()
