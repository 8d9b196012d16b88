"""`docs/benchmarks.md`: what stands between its markers is made of the results; what people wrote around them stays."""

from __future__ import annotations

from pathlib import Path

from benchmarks.comparison import results
from benchmarks.comparison.plots import draw
from benchmarks.comparison.results import Table
from benchmarks.comparison.tables import markdown

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FOLDER = DOCS / "benchmarks.md", DOCS / "benchmarks"
RESULTS = FOLDER / "results.json"
BEGIN, END = "<!-- comparison: begin -->", "<!-- comparison: end -->"


def publish(new: list[Table]) -> None:
    """Writes results, figures and tables; of what was not measured now the last results stay.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
        ValueError: the page has lost its markers.
    """
    tables = results.merged(results.read(RESULTS), new)
    results.write(RESULTS, tables)
    for table in tables:
        draw(table, FOLDER / _figure(table))
    text = PAGE.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{PAGE} has no {BEGIN} … {END}")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    parts = [markdown(table, f"benchmarks/{_figure(table)}") for table in tables]
    PAGE.write_text(
        f"{before}{BEGIN}\n\n{_conditions(tables)}\n" + "\n".join(parts) + f"\n{END}{after}", encoding="utf-8"
    )


def _figure(table: Table) -> str:
    return f"{table.provider}_{table.interface}.svg"


def _conditions(tables: list[Table]) -> str:
    """On what, with which versions, and when."""
    lines = []
    for machine in dict.fromkeys(table.machine for table in tables):
        lines.append(f"Measured on {machine}.")
    versions = {name: version for table in tables for name, version in table.versions.items()}
    lines.append(", ".join(f"{name} {version}" for name, version in versions.items()) + ".")
    when = [
        f"{table.database} {table.interface}: {table.date}, load {table.load:.1f}, {table.rounds} rounds"
        for table in tables
    ]
    lines.append("; ".join(when) + ".")
    return "\n".join(lines) + "\n"
