"""What a run depends on, and what of it has changed: decisions on values, without a look at the disk. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

SETTINGS_FILES = ("pyproject.toml", "package.json")
"""The nearest of each, from the working folder upwards, says where the schema is and what the options are."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file, or a folder of which all files whose names end in `suffix` count, also those in folders within.

    Which of the two it is can change, and so can whether it is there. Folders within that no project keeps sources in do not count
    (`.git`, `.venv`, `node_modules` and the like, see `reading`), nor those that hold a file called `mark`.
    """

    path: Path
    suffix: str = ""
    mark: str = ""


Snapshot: TypeAlias = Mapping[Place, Mapping[Path, bytes]]
"""The content of every file that is there, by its place."""


def places(start: Path, schema: tuple[Path, ...], mark: str = "") -> tuple[Place, ...]:
    """What a run depends on as far as can be said before it.

    Args:
        start: the working folder.
        schema: where the schema is, or may be.
        mark: what tells the folders that are generated.
    """
    settings = (folder / name for folder in (start, *start.parents) for name in SETTINGS_FILES)
    return (*(Place(path, ".prisma", mark) for path in schema), *map(Place, settings))


def changed(before: Snapshot, after: Snapshot) -> tuple[Path, ...]:
    """The files that were changed, made or removed, in the order of their places. Both are of the same places."""
    found: dict[Path, None] = {}
    for place, files in after.items():
        known = before[place]
        paths = sorted(known.keys() | files.keys())
        found |= dict.fromkeys(path for path in paths if known.get(path) != files.get(path))
    return tuple(found)


def told(paths: tuple[Path, ...], here: Path) -> str:
    """What changed, for a line of output: the first file, and how many others."""
    first = paths[0].relative_to(here) if paths[0].is_relative_to(here) else paths[0]
    others = len(paths) - 1
    return first.as_posix() if not others else f"{first.as_posix()} and {others} other{'s' if others > 1 else ''}"
