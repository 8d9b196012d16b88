"""Environment variables in texts: `${NAME}`, `${NAME:-default}`, and `$${` for a text that has `${` itself. Imports nothing of the runtime."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_REFERENCE = re.compile(r"\$(?P<escape>\$)?\{(?P<inside>[^}]*\})?")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?\}", re.DOTALL)

HOW = "write ${NAME} or ${NAME:-default}, and $${ where ${ is meant as it is"


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with the values of its variables in their place."""

    text: str
    variables: tuple[str, ...]
    """The names of all."""
    unset: tuple[str, ...]
    """Of those that have neither a value nor a default."""
    is_readable: bool = True
    """Is every reference written as one?"""


def expand(text: str, variable: Callable[[str], str | None]) -> Expanded:
    """The text with its variables' values. As in shells, a default also stands for a variable that is empty."""
    names: list[str] = []
    unset: list[str] = []
    unreadable = False

    def value(match: re.Match[str]) -> str:
        nonlocal unreadable
        if match["escape"]:
            return match[0][1:]
        inside = _INSIDE.fullmatch(match["inside"] or "")
        if inside is None:
            unreadable = True
            return ""
        names.append(inside["name"])
        found = variable(inside["name"])
        if inside["default"] is not None:
            return found or inside["default"]
        if found is None:
            unset.append(inside["name"])
        return found or ""

    expanded = _REFERENCE.sub(value, text)
    return Expanded(expanded, tuple(dict.fromkeys(names)), tuple(dict.fromkeys(unset)), not unreadable)
