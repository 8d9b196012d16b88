"""The commands with their flags as a page shows them, made from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.cli.tree import commands

COMMON = ("quiet", "verbose", "no_color")
"""What every command has is said once, further up on the page."""


def reference(tree: Any) -> str:
    """A section for each command: its help, and a table of what it takes."""
    return "\n".join(line for name, command in commands(tree) for line in _section(name, command))


def _section(name: str, command: Any) -> Iterator[str]:
    yield f"### infra-gen {name}\n"
    yield f"{(command.help or '').strip()}\n"
    rows = [_row(parameter) for parameter in command.params if parameter.name not in COMMON]
    if rows:
        yield "| flag | takes | |\n|---|---|---|"
        yield "\n".join(rows) + "\n"


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"| `{parameter.metavar}` | | {_cell(parameter.help)} |"
    flags = ", ".join(f"`{flag}`" for flag in (*parameter.opts, *parameter.secondary_opts))
    takes = "" if parameter.is_flag else f"`{_cell(_values(parameter))}`"
    return f"| {flags} | {takes} | {_cell(parameter.help)}{_default(parameter)} |"


def _values(parameter: Any) -> str:
    if parameter.metavar:
        return str(parameter.metavar)
    kinds = getattr(parameter.default, "__class__", None)
    members = getattr(kinds, "__members__", None)
    return "|".join(member.value for member in members.values()) if members else "TEXT"


def _default(parameter: Any) -> str:
    default = getattr(parameter.default, "value", parameter.default)
    return "" if parameter.is_flag or default is None or not parameter.show_default else f" Default: `{default}`."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
