"""What a check finds. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Mark: TypeAlias = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is so.

    `check` is what was looked at, one word; `command` mends it when it is typed in the folder that was looked at; `advice` is what to do
    where no command can do it, or what to know before. `file` and `line` are the place, where there is one.
    """

    check: str
    mark: Mark
    text: str
    command: str | None = None
    advice: str | None = None
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        parts = [
            self.text,
            *([self.advice] if self.advice else []),
            *([f"Run: {self.command}"] if self.command else []),
        ]
        return " ".join(part if part.endswith((".", "?", "!")) or part is parts[-1] else f"{part}." for part in parts)


def ok(check: str, text: str) -> Finding:
    return Finding(check, "ok", text)


def guarded(check: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; that it crashed is a finding, too, and the last one."""
    try:
        yield from look()
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0]
        yield Finding(
            check,
            "problem",
            f"this could not be looked at: {type(error).__name__}{f': {first}' if first else ''}",
            advice="That is a defect of infra-gen's, and no more is known of this",
        )
