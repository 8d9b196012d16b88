"""What work costs whatever the machine: the calls of Python that our code makes, and the memory it takes."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tests.docs.guides import ROOT

_RUNTIME = str(ROOT / "runtime" / "infra_runtime")
WARMING = 3
"""Calls before the one that is counted: plans are made, statements prepared."""


class Count:
    calls = 0


@contextmanager
def counted(package: str = _RUNTIME) -> Iterator[Count]:
    """Counts the functions of the runtime and of a generated package that are called within, and what they call of libraries.

    What libraries do within themselves is not in it: it is theirs to change.
    """
    count = Count()

    def ours(path: str) -> bool:
        # Functions that are written at run time, such as decoders, have no file.
        return path.startswith((_RUNTIME, package)) or (path.startswith("<") and not path.startswith("<frozen"))

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event in ("call", "c_call") and ours(frame.f_code.co_filename):
            count.calls += 1

    sys.setprofile(profile)
    try:
        yield count
    finally:
        sys.setprofile(None)


def calls_of(work: Callable[[], Any], package: str = _RUNTIME) -> int:
    """The calls of one piece of work, once it is warm."""
    for _ in range(WARMING):
        work()
    with counted(package) as count:
        work()
    return count.calls


async def awaited_calls_of(work: Callable[[], Awaitable[Any]], package: str = _RUNTIME) -> int:
    """`calls_of` for work that is awaited; other tasks must rest."""
    for _ in range(WARMING):
        await work()
    await asyncio.sleep(0)
    with counted(package) as count:
        await work()
    return count.calls


def blocks_of(work: Callable[[], Any]) -> int:
    """The memory blocks that the answer of a call keeps: the least of several calls."""
    for _ in range(WARMING):
        work()
    kept = []
    for _ in range(5):
        gc.collect()
        before = sys.getallocatedblocks()
        answer = work()
        kept.append(sys.getallocatedblocks() - before)
        del answer
    return min(kept)


def peak_of(work: Callable[[], Any]) -> int:
    """The most bytes that Python has at a time during a call."""
    for _ in range(WARMING):
        work()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
