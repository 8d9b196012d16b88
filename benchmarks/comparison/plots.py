# pyright: reportMissingImports=false
"""Results as figures: one SVG for each database and interface, readable on a light ground and on a dark one. Imports `results`."""

from __future__ import annotations

from pathlib import Path

from benchmarks.comparison.peers import OURS
from benchmarks.comparison.results import Table
from benchmarks.comparison.tables import cpu_of, heading, ratio
from benchmarks.comparison.workloads import WORKLOADS

INK = "#808890"
"""Of text and lines: it stands out from white and from black alike."""
COLOURS = {
    "infra": "#f2542d",
    "core": "#3f9bd8",
    "orm": "#2f6fd0",
    "django": "#2e9e6b",
    "tortoise": "#c79a16",
    "piccolo": "#9a6ce0",
    "aprisma": "#d05aa8",
    "prisma": "#7a93a8",
    "validated": "#9aa0a6",
    "asyncpg": "#9aa0a6",
    "aiosqlite": "#9aa0a6",
}
MARKS = {"validated": "|", "asyncpg": "1", "aiosqlite": "1", "prisma": "s", "orm": "^", "core": "v", "django": "D"}


def draw(table: Table, path: Path) -> None:
    """Writes the figure of a table: a line for each workload, a mark for each peer, how many times the reference's processor time it takes.

    That is what libraries add and can be compared on a busy machine too.
    """
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, NullFormatter

    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "comparison", "font.family": "sans-serif"})
    height = 0.34 * len(table.rows) + 1.5
    figure, axes = pyplot.subplots(figsize=(9, height))
    titles: dict[str, str] = {}
    for place, row in enumerate(reversed(table.rows)):
        reference = row.cells[0]
        axes.axhline(place, color=INK, alpha=0.2, linewidth=0.8, zorder=0)
        for cell in row.cells[1:]:
            ours = cell.peer == OURS
            axes.scatter(
                ratio(cell, reference, cpu_of),
                place,
                color=COLOURS[cell.peer],
                marker=MARKS.get(cell.peer, "o"),
                s=90 if ours else 42,
                zorder=3 if ours else 2,
                label=None if cell.peer in titles else cell.title,
            )
            titles[cell.peer] = cell.title
    axes.axvline(1, color=INK, linewidth=1.2)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(
        [tick for tick in (0.5, 1, 2, 5, 10, 20, 50, 100) if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    )
    axes.set_yticks(range(len(table.rows)), [WORKLOADS[row.workload].title for row in reversed(table.rows)])
    axes.set_ylim(-0.6, len(table.rows) - 0.4)
    axes.set_title(f"{heading(table)}: processor time of the client, by hand is 1×", color=INK, fontsize=11, loc="left")
    axes.tick_params(colors=INK, labelsize=9, which="both")
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(INK)
    axes.grid(axis="x", color=INK, alpha=0.2)
    figure.legend(loc="lower center", ncols=5, frameon=False, labelcolor=INK, fontsize=9)
    figure.tight_layout(rect=(0, 0.55 / height, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, transparent=True, metadata={"Date": None})
    pyplot.close(figure)
