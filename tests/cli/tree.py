"""The commands there are, as the command line library sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each command with its whole name, `db push`, in the order in which help lists them."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def options_of(command: Any) -> set[str]:
    """The flags of a command as they are typed."""
    return {
        flag
        for parameter in command.params
        for flag in (*parameter.opts, *parameter.secondary_opts)
        if flag.startswith("-")
    }
