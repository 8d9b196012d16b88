"""The text of a schema: literals, and edits that leave everything around them as it is. Imports the sources.

An edit replaces the characters of a span. Edits within a span that another takes away are forgotten; those at one place keep their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infra_gen.schema.source import SourceFile, Span


def quoted(text: str) -> str:
    """A string literal, which is JSON's."""
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Edit:
    path: str
    start: int
    end: int
    text: str


class Edits:
    """Edits of the files of a schema, collected and then applied at once."""

    def __init__(self) -> None:
        self._edits: list[_Edit] = []

    def __len__(self) -> int:
        return len(self._edits)

    def replace(self, span: Span, text: str) -> None:
        self._edits.append(_Edit(span.file.path, span.start, span.end, text))

    def insert(self, file: SourceFile, offset: int, text: str) -> None:
        self._edits.append(_Edit(file.path, offset, offset, text))

    def delete(self, span: Span) -> None:
        self.replace(span, "")

    def applied(self, files: Sequence[SourceFile]) -> tuple[SourceFile, ...]:
        return tuple(
            SourceFile(file.path, _applied(file.text, [item for item in self._edits if item.path == file.path]))
            for file in files
        )


def _applied(text: str, edits: Iterable[_Edit]) -> str:
    written: list[str] = []
    reached = 0
    # The longest first where several begin at one place, and insertions before them.
    for edit in sorted(edits, key=lambda item: (item.start, item.end != item.start, -item.end)):
        if edit.start < reached:
            continue
        written += [text[reached : edit.start], edit.text]
        reached = edit.end
    return "".join((*written, text[reached:]))


def lines_of(start: Span, end: Span) -> Span:
    """The whole lines from one span to the end of another; not what stands before the first or behind the last on their lines but blanks."""
    text = start.file.text
    line = text.rfind("\n", 0, start.start) + 1
    first = line if not text[line : start.start].strip() else start.start
    newline = text.find("\n", end.end)
    return Span(start.file, first, len(text) if newline < 0 else newline + 1)
