"""What wakes threads and event loops, by the system's way and by Python's."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra_runtime.drivers.bells import Line, line, loop_bell

NUMBER = 2000


@pytest.fixture(params=["the system's way", "no such way", "no more files"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    def refused(*_: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    if request.param == "no such way":
        monkeypatch.delattr(os, "eventfd", raising=False)
    elif not hasattr(os, "eventfd"):
        pytest.skip("the system has none")
    elif request.param == "no more files":
        monkeypatch.setattr(os, "eventfd", refused)
    return str(request.param)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with asyncio.Runner() as runner:
        yield runner.get_loop()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_thread_takes_what_is_put_in_its_order(way: str) -> None:
    things: Line[int] = line()
    taken: list[int] = []

    def take() -> None:
        while (thing := things.get()) >= 0:
            taken.append(thing)

    thread = threading.Thread(target=take)
    thread.start()
    for number in range(NUMBER):
        things.put(number)
    things.put(-1)
    thread.join()
    assert taken == list(range(NUMBER))


def test_two_threads_that_wait_for_each_other_miss_nothing(way: str) -> None:
    there: Line[int] = line()
    back: Line[int] = line()

    def answer() -> None:
        while (number := there.get()) >= 0:
            back.put(number + 1)

    thread = threading.Thread(target=answer)
    thread.start()
    for number in range(NUMBER):
        there.put(number)
        assert back.get() == number + 1
    there.put(-1)
    thread.join()


def test_a_line_that_many_put_into_loses_nothing(way: str) -> None:
    things: Line[int] = line()

    def put() -> None:
        for _ in range(NUMBER):
            things.put(1)

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert sum(things.get() for _ in range(4 * NUMBER)) == 4 * NUMBER
    for thread in threads:
        thread.join()


def test_a_loop_that_sleeps_calls_its_function_for_each_time_it_is_rung_for(
    way: str, loop: asyncio.AbstractEventLoop
) -> None:
    rung: asyncio.Queue[None] = asyncio.Queue()

    def work() -> None:
        bell.heard()
        rung.put_nowait(None)

    bell = loop_bell(loop, work)

    async def ring_and_wait() -> None:
        for _ in range(20):
            threading.Thread(target=bell.ring, args=(loop,)).start()
            async with asyncio.timeout(30):
                await rung.get()

    loop.run_until_complete(ring_and_wait())


def test_a_loop_that_is_closed_cannot_be_rung_for(way: str) -> None:
    loop = asyncio.new_event_loop()
    bell = loop_bell(loop, lambda: None)
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        bell.ring(loop)


def test_a_loop_that_listens_to_nothing_else_is_told_by_its_own_way(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise NotImplementedError  # As Windows' own loop says.

    monkeypatch.setattr(loop, "add_reader", refused)
    told: list[None] = []
    bell = loop_bell(loop, lambda: told.append(None))
    bell.ring(loop)
    bell.heard()
    loop.run_until_complete(asyncio.sleep(0))
    assert told == [None]


@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="the system has none")
def test_bells_and_lines_close_their_files() -> None:
    before = open_files()
    for _ in range(20):
        loop = asyncio.new_event_loop()
        bell = loop_bell(loop, lambda: None)
        things = line()
        loop.close()
        del bell, things
    assert open_files() == before
