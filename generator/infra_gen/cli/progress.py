"""A bar for long work: on a terminal alone, and on stderr, so that what a command prints stays what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from infra_gen.cli.console import shows_progress

Progress = Callable[[int, int, str], None]
"""Told how many parts are done, of how many, and what comes next."""


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar with the part that is at work, how many there are, and the time gone."""
    if not shows_progress():
        yield lambda done, of, name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of, name: bar.update(task, completed=done, total=of, description=name)
