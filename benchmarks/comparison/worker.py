"""One peer in a process of its own, which does what the lines of its standard input say and answers each with a line of JSON.

    python -m benchmarks.comparison.worker WHERE INTERFACE PROVIDER URL FOLDER

`WHERE` is the peer's module and class, `FOLDER` has the generated packages. Requests are `{"do": …}` with

    answer       workload, call, ids  → {"answer": …}: what one call answers, as plain values
    run          workload, calls      → {"seconds": …, "cpu": …}: the time of so many calls, by the clock and by the processor
    allocations  workload             → {"blocks": …, "peak": …}: of one call: blocks its answer keeps, most bytes at a time
    growth       workload             → {"bytes": …}: how far one call raises the resident memory of the process
    written      workload, call       → {"rows": …}: what the tables say of a call that wrote (peers by hand alone)
    end

An error is answered as `{"error": …}`. `peers/prisma/worker.mjs` speaks the same in JavaScript.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.comparison.peers.base import Peer, Place
from benchmarks.comparison.plain import plain_answer, plain_row
from benchmarks.comparison.workloads import WORKLOADS, Shape, Workload

Arguments = tuple[Any, ...]
TIMED_FROM = 10
"""Calls before this number are for checks: no timed call writes what a check has written."""


class Worker:
    """Answers requests by a peer of the sync interface."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.next_call = TIMED_FROM
        self.threads: ThreadPoolExecutor | None = None

    def open(self) -> None:
        self.peer.open()

    def close(self) -> None:
        self.peer.close()

    def call(self, method: str, arguments: Arguments) -> Any:
        return getattr(self.peer, method)(*arguments)

    def repeat(self, method: str, calls: list[Arguments]) -> None:
        work = getattr(self.peer, method)
        for arguments in calls:
            work(*arguments)

    def repeat_at_once(self, method: str, calls: list[Arguments], clients: int) -> None:
        """Every client makes its share of the calls, one after another."""
        if self.threads is None:
            self.threads = ThreadPoolExecutor(clients)
        shares = [calls[client::clients] for client in range(clients)]
        list(self.threads.map(lambda share: self.repeat(method, share), shares))

    # -- requests ------------------------------------------------------------------------------------------------------
    def answer(self, workload: Workload, call: int, ids: bool) -> dict[str, Any]:
        answer = self.call(workload.method, workload.arguments(call))
        if workload.name == "group_by":
            answer = [self.peer.group(group) for group in answer]
        return {"answer": plain_answer(answer, workload.shape, self.peer, ids=ids)}

    def run(self, workload: Workload, calls: int) -> dict[str, Any]:
        arguments = self._arguments(workload, calls)
        clock, processor = time.perf_counter(), time.process_time()
        if workload.clients > 1:
            self.repeat_at_once(workload.method, arguments, workload.clients)
        else:
            self.repeat(workload.method, arguments)
        return {"seconds": time.perf_counter() - clock, "cpu": time.process_time() - processor}

    def allocations(self, workload: Workload) -> dict[str, Any]:
        blocks = []
        for arguments in self._arguments(workload, 1 if workload.heavy else 3):
            time.sleep(0.01)  # A worker thread lets go of its last answer.
            gc.collect()
            before = sys.getallocatedblocks()
            kept = self.call(workload.method, arguments)
            blocks.append(sys.getallocatedblocks() - before)
            del kept
        (arguments,) = self._arguments(workload, 1)
        tracemalloc.start()
        start = tracemalloc.get_traced_memory()[0]
        self.call(workload.method, arguments)
        peak = tracemalloc.get_traced_memory()[1] - start
        tracemalloc.stop()
        return {"blocks": sorted(blocks)[len(blocks) // 2], "peak": peak}

    def growth(self, workload: Workload) -> dict[str, Any]:
        (arguments,) = self._arguments(workload, 1)
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # The highest resident memory so far becomes the present one.
        before = _resident("VmRSS")
        self.call(workload.method, arguments)
        return {"bytes": _resident("VmHWM") - before}

    def written(self, workload: Workload, call: int) -> dict[str, Any]:
        rows = self.peer.written(workload.method, workload.arguments(call))
        return {"rows": [plain_row(row, Shape(table, {}), self.peer, ids=False) for table, row in rows]}

    def _arguments(self, workload: Workload, calls: int) -> list[Arguments]:
        """The arguments of the next calls: what has been created is not created again."""
        numbers = range(self.next_call, self.next_call + calls)
        self.next_call += calls
        return [workload.arguments(number) for number in numbers]


class AsyncWorker(Worker):
    """Answers requests by a peer of the async interface: its event loop runs while a request is answered."""

    def __init__(self, peer: Any) -> None:
        super().__init__(peer)
        self.loop = asyncio.new_event_loop()

    def open(self) -> None:
        self.loop.run_until_complete(self.peer.open())

    def close(self) -> None:
        self.loop.run_until_complete(self.peer.close())

    def call(self, method: str, arguments: Arguments) -> Any:
        async def once() -> Any:
            return await getattr(self.peer, method)(*arguments)

        return self.loop.run_until_complete(once())

    def repeat(self, method: str, calls: list[Arguments]) -> None:
        self.loop.run_until_complete(self._one_client(method, calls))

    def repeat_at_once(self, method: str, calls: list[Arguments], clients: int) -> None:
        async def all_clients() -> None:
            await asyncio.gather(*(self._one_client(method, calls[client::clients]) for client in range(clients)))

        self.loop.run_until_complete(all_clients())

    async def _one_client(self, method: str, calls: list[Arguments]) -> None:
        work = getattr(self.peer, method)
        for arguments in calls:
            await work(*arguments)


def _resident(name: str) -> int:
    """A line of `/proc/self/status`, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def loaded(where: str, place: Place) -> Peer:
    """The peer of `module:class`."""
    module, _, name = where.partition(":")
    made: Peer = getattr(import_module(f"benchmarks.comparison.peers.{module}"), name)(place)
    return made


def serve(worker: Worker, answer: Callable[[dict[str, Any]], None]) -> None:
    """Answers requests until `end`."""
    requests: dict[str, Callable[..., dict[str, Any]]] = {
        "answer": worker.answer,
        "run": worker.run,
        "allocations": worker.allocations,
        "growth": worker.growth,
        "written": worker.written,
    }
    for line in sys.stdin:
        request = json.loads(line)
        kind = request.pop("do")
        if kind == "end":
            return
        try:
            answer(requests[kind](WORKLOADS[request.pop("workload")], **request))
        except Exception as error:
            answer({"error": f"{type(error).__name__}: {error}"})


def main() -> None:
    where, interface, provider, url, folder = sys.argv[1:]
    # Whatever a library prints goes elsewhere.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, folder)

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    try:
        peer = loaded(where, Place(provider, url, import_module(f"comparison_{provider}")))
        worker = AsyncWorker(peer) if interface == "async" else Worker(peer)
        worker.open()
    except Exception as error:
        answer({"error": f"{type(error).__name__}: {error}"})
        return
    answer({"ready": True})
    serve(worker, answer)
    worker.close()


if __name__ == "__main__":
    main()
