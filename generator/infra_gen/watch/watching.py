"""The loop: look, run, wait. Imports `inputs`, `reading`, and watchfiles at the first use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeAlias

from infra_gen.watch.inputs import Place, changed
from infra_gen.watch.reading import folders, read

QUIET = 50
"""Changes are over when none comes for so long, in milliseconds."""
AT_MOST = 1000
"""A run comes after so long though changes go on, in milliseconds."""
LOOK = 1000
"""Without any event the disk is looked at this often, in milliseconds: for file systems that tell of nothing, and folders made anew."""


Run: TypeAlias = Callable[[tuple[Path, ...], Callable[[Place], None]], None]


def watch(places: Callable[[], Iterable[Place]], run: Run) -> NoReturn:
    """Runs once, and again whenever a file has another content; ends with KeyboardInterrupt alone.

    Args:
        places: what to watch, asked before each run.
        run: is given the files that changed, none the first time; and a function that it tells what else it is going to read, before
            it does. It says itself what went wrong; what it raises ends the loop.
    """
    files: tuple[Path, ...] = ()
    while True:
        seen = dict(read(places()))
        run(files, partial(_add, seen))
        while not (files := changed(seen, read(seen))):
            _wait(folders(seen))


def _add(seen: dict[Place, Mapping[Path, bytes]], place: Place) -> None:
    seen |= read([place])


def _wait(listened: set[Path]) -> None:
    """Returns when something happened in the folders and is over, or after a while."""
    from watchfiles import watch as events

    try:
        with closing(
            events(
                *listened,
                watch_filter=None,
                step=QUIET,
                debounce=AT_MOST,
                rust_timeout=LOOK,
                yield_on_timeout=True,
                recursive=False,
                raise_interrupt=True,
            )
        ) as happened:
            next(happened)
    except FileNotFoundError:
        return  # A folder went before it was listened to: look again.
