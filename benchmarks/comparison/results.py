"""What a run has measured, as values and as JSON: tables and figures are made of it, now or later. Imports `measuring` and `peers`."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.comparison.measuring import Cell
from benchmarks.comparison.peers import Entry

Quartiles = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """One peer at one workload: the quartiles of a call's microseconds, and its memory, as `Cell` has it."""

    peer: str
    title: str
    by_hand: bool
    time: Quartiles
    cpu: Quartiles
    blocks: int | None
    peak: int | None
    growth: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One workload: the peers, the reference first, and for peers that could not do it why."""

    workload: str
    cells: tuple[Figures, ...]
    failed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One database by one interface: when it was measured, with how many others waiting for the processors (the load), and on what."""

    provider: str
    interface: str
    database: str
    date: str
    load: float
    rounds: int
    machine: str
    versions: dict[str, str]
    rows: tuple[Row, ...]
    left_out: dict[str, str]


def figures_of(cell: Cell, entry: Entry) -> Figures:
    """A cell without its rounds."""
    return Figures(
        entry.peer,
        entry.title,
        entry.by_hand,
        _quartiles(cell.seconds),
        _quartiles(cell.cpu),
        cell.blocks,
        cell.peak,
        cell.growth,
    )


def _quartiles(seconds: list[float]) -> Quartiles:
    """In microseconds, to a tenth of one."""
    values = statistics.quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else seconds * 3
    first, median, third = (round(value * 1e6, 1) for value in values)
    return first, median, third


def read(path: Path) -> list[Table]:
    """The tables of a file; none where there is no file."""
    if not path.exists():
        return []
    return [_table(values) for values in json.loads(path.read_text(encoding="utf-8"))]


def _table(values: dict[str, Any]) -> Table:
    rows = tuple(
        Row(row["workload"], tuple(Figures(**cell) for cell in row["cells"]), row["failed"]) for row in values["rows"]
    )
    return Table(**{**values, "rows": rows})


def merged(old: Iterable[Table], new: Iterable[Table]) -> list[Table]:
    """The tables of both, in the order of providers; a new one takes the place of an old one of its database and interface."""
    tables = {(table.provider, table.interface): table for table in (*old, *new)}
    order = [(provider, interface) for provider in ("postgresql", "sqlite", "mysql") for interface in ("sync", "async")]
    return [tables[key] for key in order if key in tables]


def write(path: Path, tables: list[Table]) -> None:
    """Writes tables into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps([asdict(table) for table in tables], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
