"""Where a setting is: its path among the settings, and its place in a file; and the problem that names both. Imports the runtime's `errors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from infra_runtime.errors import ConfigurationProblem

Path: TypeAlias = tuple[str, ...]
"""Where a setting is: `("database", "pool", "max")`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file, counted from 1, and what can be shown of it: never a secret."""

    line: int
    column: int
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that settings were read from, and where in it they stand. A section's place is that of its name."""

    file: str
    places: Mapping[Path, Place]

    def place(self, path: Path) -> Place:
        """Where a setting stands, or what it is in; nowhere for what is in no file."""
        known = (self.places.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, known), Place(0, 0))


def problem(path: Path, message: str, origin: Origin | None, place: Place | None = None) -> ConfigurationProblem:
    """What is wrong with a setting, and where it stands: at `place`, if that is not where its path is."""
    found = place or (origin.place(path) if origin else Place(0, 0))
    return ConfigurationProblem(
        message, ".".join(path), origin.file if origin else "", found.line, found.column, found.excerpt
    )
