"""Looks at the disk: what the places hold now, and which folders tell of changes in them. Imports the values of `inputs`, and watchfiles at the first use."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from infra_gen.watch.inputs import Place, Snapshot


def read(places: Iterable[Place]) -> Snapshot:
    """The content of all files; one that cannot be read counts as not there: the run says what is wrong with it."""
    return {place: dict(_contents(place)) for place in places}


def folders(places: Iterable[Place]) -> set[Path]:
    """The folders to listen to; none stands for those within it.

    A file is listened to by its folder, so that it may be replaced, removed and made again; a schema that is not there, by the nearest
    folder that is.
    """
    found: set[Path] = set()
    for place in places:
        if place.suffix or place.path.exists():
            found |= {_nearest(place.path), *(folder for folder, _ in _within(place))}
    return found


def _contents(place: Place) -> Iterator[tuple[Path, bytes]]:
    paths = (
        sorted(folder / name for folder, files in _within(place) for name in files if name.endswith(place.suffix))
        if place.path.is_dir()
        else [place.path]
    )
    for path in paths:
        with suppress(OSError):
            yield path, path.read_bytes()


def _within(place: Place) -> Iterator[tuple[Path, list[str]]]:
    """A folder and those within, each with its files; nothing for a file. Links are followed, but none back to a folder it lies in."""
    top = os.fspath(place.path)
    pending: list[tuple[str, tuple[str, ...]]] = [(top, (os.path.realpath(top),))]
    while pending:
        folder, above = pending.pop()
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError:
            continue
        if folder != top and any(entry.name == place.mark for entry in entries):
            continue
        is_folder = {entry.name: entry.is_dir() for entry in entries}
        yield Path(folder), [name for name in is_folder if not is_folder[name]]
        for entry in entries:
            if is_folder[entry.name] and entry.name not in _without_sources():
                # Only for links is it asked where they lead: that takes longer than all the rest.
                real = os.path.realpath(entry.path) if entry.is_symlink() else os.path.join(above[-1], entry.name)
                if real not in above:
                    pending.append((entry.path, (*above, real)))


@cache
def _without_sources() -> frozenset[str]:
    """The names of folders in which nobody looks for changes, as watchfiles has them."""
    from watchfiles import DefaultFilter

    return frozenset(DefaultFilter.ignore_dirs)


def _nearest(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next((folder for folder in path.parents if folder.is_dir()), Path(path.anchor))
