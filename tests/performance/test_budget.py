"""What work costs, independent of the machine: statements exactly, calls of Python and memory within a tenth of `budget.json`.

Time is measured by the benchmarks alone. A change for the worse fails here; one for the better is told in a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.peers.infra import AsyncInfra, Infra
from benchmarks.comparison.workloads import WORKLOADS
from benchmarks.made_schema import made_schema
from infra_gen.dynamic import connect
from tests.performance.budget import hold
from tests.performance.counting import awaited_calls_of, blocks_of, calls_of, peak_of

READS: dict[str, tuple[Any, ...]] = {
    "point_read": (7,),
    "page": ("ACTIVE", 0),
    "wide": ("category07",),
    "include_one": (0,),
    "include_two": (0,),
    "count": ("ACTIVE", 100),
    "group_by": (0,),
}
WRITES = ("create", "nested_create", "update", "upsert", "create_many_1000")
_numbers = count(1)


def arguments_of(name: str) -> Callable[[], tuple[Any, ...]]:
    """The arguments of each further call: rows are new each time."""
    if name in READS:
        return lambda: READS[name]
    if name == "update":  # Of a post there is.
        return lambda: (7, "Told anew", next(_numbers))
    return lambda: WORKLOADS[name].arguments(next(_numbers))


def work_of(peer: Any, name: str) -> Callable[[], Any]:
    method, arguments = getattr(peer, WORKLOADS[name].method), arguments_of(name)
    return lambda: method(*arguments())


def test_statements(infra: Infra, update_goldens: bool) -> None:
    """Not one more, on any database."""
    seen: list[str] = []
    infra.infra.on_statement(lambda statement, seconds, error: seen.append(statement.sql))
    found = {}
    for name in (*READS, *WRITES, "stream"):
        work = (lambda: infra.stream()) if name == "stream" else work_of(infra, name)
        work()
        seen.clear()
        work()
        found[name] = len(seen)
    hold(f"statements, {infra.place.provider}", found, update=update_goldens, margin=0)


def test_calls(infra: Infra, package_folder: str, update_goldens: bool) -> None:
    found = {name: calls_of(work_of(infra, name), package_folder) for name in (*READS, *WRITES)}
    hold(f"calls, {infra.place.provider}, blocking", found, update=update_goldens)


async def test_calls_in_an_event_loop(async_infra: AsyncInfra, package_folder: str, update_goldens: bool) -> None:
    """The work of the event loop's thread; SQLite's is done in another."""
    found = {
        name: await awaited_calls_of(work_of(async_infra, name), package_folder) for name in ("point_read", "create")
    }
    hold(f"calls, {async_infra.place.provider}, asyncio", found, update=update_goldens)


def test_each_further_row_costs_the_same(infra: Infra, package_folder: str, update_goldens: bool) -> None:
    """Calls grow with rows by a straight line."""

    def calls(rows: int) -> int:
        return calls_of(lambda: infra.infra.product.find_many(order={"id": "asc"}, take=rows), package_folder)

    few, more, many = calls(100), calls(200), calls(400)
    # The pieces in which a server's answer arrives are of its own making, and cost as much as a few rows each.
    assert many - more <= 2 * (more - few) * 1.05 + 100
    hold(f"calls of 100 rows more, {infra.place.provider}", {"wide": more - few}, update=update_goldens, margin=0.25)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_memory(infra: Infra, update_goldens: bool) -> None:
    """What answers keep, in blocks of memory, and the most bytes at a time in a call, where no driver's memory is in it."""
    found = {}
    for name in ("point_read", "page", "include_two"):
        found[f"{name}, blocks"] = blocks_of(work_of(infra, name))
        found[f"{name}, bytes"] = peak_of(work_of(infra, name))
    hold("memory, sqlite", found, update=update_goldens, margin=0.25)


def test_a_stream_takes_no_more_memory_for_more_rows(infra: Infra) -> None:
    def read(rows: int) -> None:
        for _ in infra.infra.reading.stream(order={"id": "asc"}, take=rows, batch_size=100):
            pass

    few, many = peak_of(lambda: read(1_500)), peak_of(lambda: read(6_000))
    assert many < few * 1.5 + 20_000


def test_calls_do_not_grow_with_the_number_of_models(tmp_path: Path) -> None:
    def calls(models: int) -> int:
        with connect(made_schema(models), url=f"file:{tmp_path / f'{models}.db'}", interface="sync") as infra:
            infra.execute_raw(
                'CREATE TABLE "Entity5" ("id" INTEGER PRIMARY KEY, "name", "code", "status", "note", "amount", "ratio", "count", '
                '"active", "extras", "createdAt", "updatedAt", "nextId", "parentId")'
            )
            entities: Any = infra.repository("Entity5")
            return calls_of(lambda: entities.find_unique(where={"id": 1}))

    assert calls(10) == calls(200)
