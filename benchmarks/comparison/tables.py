"""Results as Markdown, and as text for a terminal. Imports `results` and `workloads`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.comparison.peers import OURS
from benchmarks.comparison.results import Figures, Row, Table
from benchmarks.comparison.workloads import WORKLOADS

Measure = Callable[[Figures], float | None]
INTERFACES = {"sync": "blocking", "async": "asyncio"}


def time_of(cell: Figures) -> float:
    return cell.time[0]


def cpu_of(cell: Figures) -> float:
    return cell.cpu[0]


def ratio(cell: Figures, reference: Figures, measure: Callable[[Figures], float] = time_of) -> float:
    """How many times the reference's time, by the lower quartiles: what else a machine does only ever adds to a time."""
    return measure(cell) / measure(reference)


def heading(table: Table) -> str:
    return f"{table.database}, {INTERFACES[table.interface]}"


# -- Markdown ----------------------------------------------------------------------------------------------------------
def markdown(table: Table, figure: str) -> str:
    """A database by an interface: times, a figure, and, folded away, the processor's time and memory."""
    parts = [
        f"### {heading(table)}",
        f"![Processor time of the client, as ratios on a logarithmic scale]({figure})",
        f"Time, and the ratios to it:\n\n{_ratios(table, time_of)}",
        f"Processor time of the client:\n\n{_ratios(table, cpu_of)}",
        _folded("The median and the quartiles, in µs", _spreads(table)),
        _folded("Memory", _memory(table)),
        *_notes(table),
    ]
    return "\n\n".join(parts) + "\n"


def _ratios(table: Table, measure: Callable[[Figures], float]) -> str:
    """Ratios to the reference, whose own column has its time; the least of those that are not written by hand is bold."""
    titles = _titles(table)
    reference = next(iter(titles))
    rows = []
    for row in table.rows:
        cells = {cell.peer: cell for cell in row.cells}
        base = cells[reference]
        best = min((measure(cell) for cell in row.cells if not cell.by_hand), default=None)
        shown = [microseconds(measure(base))]
        for peer in titles:
            if peer != reference:
                cell = cells.get(peer)
                text = f"{ratio(cell, base, measure):.2f}" if cell else "–"
                shown.append(f"**{text}**" if cell and not cell.by_hand and measure(cell) == best else text)
        rows.append([WORKLOADS[row.workload].title, *shown])
    return _grid(["", *titles.values()], rows)


def _spreads(table: Table) -> str:
    titles = _titles(table)
    rows = []
    for row in table.rows:
        cells = {cell.peer: cell for cell in row.cells}
        texts = [_spread(cells[peer]) if peer in cells else "–" for peer in titles]
        rows.append([WORKLOADS[row.workload].title, *texts])
    return _grid(["", *titles.values()], rows)


def _spread(cell: Figures) -> str:
    first, median, third = cell.time
    return (
        f"{median:,.4g} ({first:,.4g}–{third:,.4g})" if median < 1000 else f"{median:,.0f} ({first:,.0f}–{third:,.0f})"
    )


def _memory(table: Table) -> str:
    """The most that Python had at a time during a call, in KiB; and how far the process grew, in MiB, where calls are about many rows."""
    titles = _titles(table)
    rows = []
    for row in table.rows:
        cells = {cell.peer: cell for cell in row.cells}
        title = WORKLOADS[row.workload].title
        if any(cell.peak is not None for cell in row.cells):
            rows.append([f"{title}: KiB at most", *(_share(cells.get(peer), "peak", 1024) for peer in titles)])
            rows.append([f"{title}: blocks kept", *(_share(cells.get(peer), "blocks", 1) for peer in titles)])
        if any(cell.growth is not None for cell in row.cells):
            rows.append([f"{title}: MiB grown by", *(_share(cells.get(peer), "growth", 1024**2) for peer in titles)])
    return _grid(["", *titles.values()], rows)


def _share(cell: Figures | None, name: str, unit: int) -> str:
    value = getattr(cell, name) if cell else None
    if value is None:
        return "–"
    return f"{value / unit:,.1f}" if unit > 1 else f"{value:,}"


def _titles(table: Table) -> dict[str, str]:
    """The peers of a table, each with its title, in their order."""
    return {cell.peer: cell.title for row in table.rows for cell in row.cells}


def _notes(table: Table) -> Iterator[str]:
    for title, reason in table.left_out.items():
        yield f"Left out: {title}, as {_line(reason)}."
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in table.rows:
        for title, reason in row.failed.items():
            reasons.setdefault((title, _line(reason)), []).append(WORKLOADS[row.workload].title)
    for (title, reason), workloads in reasons.items():
        yield f"{title} has no figure for {'; '.join(workloads)}: {reason}."


def _line(reason: str) -> str:
    """The first line of an error, on one line of a table's notes."""
    return f"`{reason.splitlines()[0].strip('.')[:160]}`"


def _grid(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def microseconds(value: float) -> str:
    """A time in the unit in which it has few digits."""
    if value < 1000:
        return f"{value:.1f} µs"
    return f"{value / 1000:.2f} ms" if value < 100_000 else f"{value / 1000:.0f} ms"


# -- a terminal --------------------------------------------------------------------------------------------------------
def lines(row: Row) -> Iterator[str]:
    """A workload's peers, a line each."""
    for cell in row.cells:
        reference = row.cells[0]
        yield (
            f"{cell.title:<20} {microseconds(cell.time[1]):>10} {ratio(cell, reference):6.2f}×   processor "
            f"{microseconds(cell.cpu[1]):>10} {ratio(cell, reference, cpu_of):6.2f}×"
            f"{_memory_of(cell)}{'   ←' if cell.peer == OURS else ''}"
        )


def _memory_of(cell: Figures) -> str:
    return "" if cell.peak is None else f"   {cell.peak / 1024:10.1f} KiB {cell.blocks:7} blocks"
