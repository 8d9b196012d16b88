"""One workload on one database by one interface: all peers checked, then measured in turn, round by round.

A round times every peer once, so that what else the machine does slows all alike. Imports `processes`,
`workloads`, `plain` and `databases`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.comparison.databases import Database
from benchmarks.comparison.plain import plain_values
from benchmarks.comparison.processes import PeerError, PeerProcess
from benchmarks.comparison.workloads import Workload

CHECKED_CALLS = (0, 1)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: rounds, those of workloads whose calls take long, and the seconds a peer has in each."""

    rounds: int
    heavy_rounds: int
    seconds: float


CHECK = Effort(0, 0, 0)
"""Nothing is timed."""
FULL, QUICK = Effort(15, 3, 0.03), Effort(5, 1, 0.005)
STEADY = 8
"""How many times longer many clients are measured: what they do before all of them wait in turn is not what they do all day."""


@dataclass(slots=True)
class Cell:
    """What was measured of one peer at one workload: seconds of a call, by the clock and the processor, one for each round.

    `blocks`: memory blocks that the answer of a call keeps; `peak`: the most bytes that Python had at a time during a call; `growth`: how
    many bytes the process grew by, where a call is about many rows. None: not to be had.
    """

    peer: str
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    blocks: int | None = None
    peak: int | None = None
    growth: int | None = None


def expected_rows(workload: Workload, call: int) -> list[dict[str, Any]] | None:
    """The rows that a call must have written, as far as its arguments tell all of them."""
    arguments = workload.arguments(call)
    if workload.method in ("create", "upsert"):
        return [plain_values(arguments[0])]
    if workload.method == "create_many":
        return [plain_values(row) for row in arguments[0]]
    if workload.method == "nested_create":
        author, posts = arguments
        return [plain_values(author), *map(plain_values, posts)]
    return None


@dataclass(frozen=True, slots=True)
class Expected:
    """What one call answers, and the rows it writes: the reference's."""

    call: int
    answer: Any
    rows: Any


def expected_of(workload: Workload, reference: PeerProcess, reader: PeerProcess, database: Database) -> list[Expected]:
    """The reference's answers, once what it writes is what the arguments say.

    Args:
        reader: a peer by hand, of the sync interface, that reads what was written.

    Raises:
        PeerError: the reference does not write it.
    """
    found = []
    for call in CHECKED_CALLS[:1] if workload.heavy else CHECKED_CALLS:
        expected = _done(workload, call, reference, reader, database)
        rows = expected_rows(workload, call)
        if rows is not None and _without_references(expected.rows) != rows:
            raise PeerError(f"the reference writes {_difference(expected.rows, rows)}")
        found.append(expected)
    return found


def check(
    workload: Workload, peer: PeerProcess, wanted: list[Expected], reader: PeerProcess, database: Database
) -> str | None:
    """Does a peer answer what the reference answers, and write what it should? None, or what is different."""
    for expected in wanted:
        found = _done(workload, expected.call, peer, reader, database)
        if found.answer != expected.answer:
            return f"answers {_difference(found.answer, expected.answer)}"
        if found.rows != expected.rows:
            return f"writes {_difference(found.rows, expected.rows)}"
    return None


def _done(workload: Workload, call: int, peer: PeerProcess, reader: PeerProcess, database: Database) -> Expected:
    """What a call answers and writes; the database is as before afterwards."""
    try:
        answer = peer.ask("answer", workload=workload.name, call=call, ids=not workload.written)["answer"]
        rows = reader.ask("written", workload=workload.name, call=call)["rows"] if workload.written else None
    finally:
        database.tidy(workload.written)
    return Expected(call, answer, rows)


def _without_references(rows: Any) -> Any:
    return [{name: value for name, value in row.items() if not name.endswith("_id")} for row in rows]


def _difference(found: Any, wanted: Any) -> str:
    """The first place where two plain values differ."""
    if isinstance(found, list) and isinstance(wanted, list):
        if len(found) != len(wanted):
            return f"{len(found)} instead of {len(wanted)}"
        return next(_difference(*pair) for pair in zip(found, wanted, strict=True) if pair[0] != pair[1])
    if isinstance(found, dict) and isinstance(wanted, dict):
        name = next((name for name in wanted if found.get(name) != wanted[name]), "")
        return f"{name}: {_difference(found.get(name), wanted.get(name))}"
    return f"{found!r} instead of {wanted!r}"


def measure(
    workload: Workload, peers: list[PeerProcess], reader: PeerProcess, database: Database, effort: Effort
) -> tuple[list[Cell], dict[str, str]]:
    """The cells of the peers that passed the check, and for the others what is wrong with them.

    The first of `peers` is the reference.
    """
    failed: dict[str, str] = {}
    calls: dict[str, int] = {}
    cells = {peer.entry.peer: Cell(peer.entry.peer) for peer in peers}
    wanted = expected_of(workload, peers[0], reader, database)
    for peer in peers:
        name = peer.entry.peer
        try:
            wrong = check(workload, peer, wanted, reader, database)
            if wrong is None and effort is not CHECK:
                calls[name] = _calls(workload, peer, database, effort)
                cells[name].blocks, cells[name].peak = _allocations(workload, peer, database)
        except PeerError as error:
            wrong = str(error)
        if wrong is not None:
            failed[name] = wrong
    able = [peer for peer in peers if peer.entry.peer not in failed]
    rounds = effort.heavy_rounds if workload.heavy else effort.rounds
    for number in range(rounds):
        for peer in _rotated(able, number):
            name = peer.entry.peer
            try:
                answer = peer.ask("run", workload=workload.name, calls=calls[name])
                cells[name].seconds.append(answer["seconds"] / calls[name])
                cells[name].cpu.append(answer["cpu"] / calls[name])
                if workload.heavy and number == rounds - 1:
                    database.tidy(workload.written)
                    cells[name].growth = peer.ask("growth", workload=workload.name)["bytes"]
            except PeerError as error:
                failed[name] = str(error)
            database.tidy(workload.written)
        able = [peer for peer in able if peer.entry.peer not in failed]
    return [cells[peer.entry.peer] for peer in able], failed


def _rotated(peers: list[PeerProcess], number: int) -> Iterator[PeerProcess]:
    """No peer always comes after the same moment of a round."""
    for place in range(len(peers)):
        yield peers[(place + number) % len(peers)]


def _calls(workload: Workload, peer: PeerProcess, database: Database, effort: Effort) -> int:
    """How many calls take about as long as a peer has in a round; those before warm it up."""
    calls = workload.clients
    if workload.heavy:
        return calls
    wanted_seconds = effort.seconds * (STEADY if workload.clients > 1 else 1)
    while True:
        seconds = peer.ask("run", workload=workload.name, calls=calls)["seconds"]
        database.tidy(workload.written)
        if seconds >= wanted_seconds / 2:
            wanted = int(calls * wanted_seconds / seconds) or 1
            return max(wanted // workload.clients, 1) * workload.clients
        calls *= 4


def _allocations(workload: Workload, peer: PeerProcess, database: Database) -> tuple[int | None, int | None]:
    if workload.clients > 1:
        return None, None
    answer = peer.ask("allocations", workload=workload.name)
    database.tidy(workload.written)
    return answer["blocks"], answer["peak"]
