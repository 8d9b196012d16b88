"""Looks at the disk: what the places hold now, and which folders tell of changes in them. Imports the values of `inputs`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
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
            found |= {_nearest(place.path), *_folders_within(place.path)}
    return found


def _contents(place: Place) -> Iterator[tuple[Path, bytes]]:
    paths = (
        sorted(path for folder in _folders_within(place.path) for path in folder.glob(f"*{place.suffix}"))
        if place.path.is_dir()
        else [place.path]
    )
    for path in paths:
        with suppress(OSError):
            yield path, path.read_bytes()


def _folders_within(path: Path) -> Iterator[Path]:
    """A folder and all within, links followed, but none back to a folder that was seen already; nothing for a file."""
    seen: set[str] = set()
    for folder, within, _ in os.walk(path, followlinks=True):
        seen.add(os.path.realpath(folder))
        within[:] = [name for name in within if os.path.realpath(os.path.join(folder, name)) not in seen]
        yield Path(folder)


def _nearest(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next((folder for folder in path.parents if folder.is_dir()), Path(path.anchor))
