"""Names of models and fields as a configuration may spell them: the schema's way or Python's. Imports nothing of the runtime."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """`UserProfile` → `user_profile`, `HTTPServer` → `http_server`, `createdAt` → `created_at`."""
    return _BOUNDARY.sub("_", name).lower()


def found(name: str, known: Mapping[str, str]) -> str | None:
    """Which of the `known` is meant, each of which also goes by the other name it has here; None for none, or several.

    A package in snake_case and the schema it was made from spell a field differently, and one file serves both.
    """
    if name in known:
        return name
    others = [item for item, other in known.items() if other == name]
    if not others:
        # Python's own words have an underscore behind them there: `class_`.
        others = [item for item in known if snake_case(item).rstrip("_") == snake_case(name).rstrip("_")]
    return others[0] if len(others) == 1 else None


def nearest(name: str, known: Iterable[str]) -> str:
    """What to write instead, as the end of a sentence."""
    names = list(known)
    folded = {snake_case(item): item for item in names}
    near = get_close_matches(snake_case(name), folded, 1)
    if near:
        return f"did you mean `{folded[near[0]]}`?"
    return f"there are {', '.join(names)}" if names else "there are none"
