"""Source files, spans in them, and diagnostics: how every part of the toolkit says where something is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple


@dataclass(frozen=True)
class SourceFile:
    """One `.prisma` file. `path` is the path as the user would write it."""

    path: str
    text: str = field(repr=False)

    @property
    def whole(self) -> SourceFile:
        """The file itself; see `Piece`."""
        return self

    @property
    def begins(self) -> int:
        """The offset in the file at which the text begins."""
        return 0

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(index + 1 for index, character in enumerate(self.text) if character == "\n")]

    def line_column(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1, columns in characters."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line (from 1), without its end."""
        return self.text.split("\n")[line - 1].rstrip("\r")


class Piece:
    """A part of a file whose offsets are counted from its own beginning, so that what was read of it once is right wherever it stands.

    Where that is, is said anew before each reading of the file (`put`), and is then true of all that was read of the piece before.
    """

    __slots__ = ("begins", "text", "whole")

    def __init__(self, text: str) -> None:
        self.text = text
        self.whole: SourceFile
        """The file it stands in."""
        self.begins = 0
        """The offset in that file at which it begins."""

    def put(self, file: SourceFile, offset: int) -> None:
        """It stands at this offset of this file now."""
        self.whole, self.begins = file, offset

    @property
    def path(self) -> str:
        return self.whole.path

    def line_column(self, offset: int) -> tuple[int, int]:
        """As of a file: the line and column there."""
        return self.whole.line_column(self.begins + offset)

    def line_text(self, line: int) -> str:
        """As of a file: a line of it."""
        return self.whole.line_text(line)


class Span(NamedTuple):
    """Characters `start` up to and without `end` of a file, or of a piece of one."""

    file: SourceFile | Piece
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.file.line_column(self.start)[0]

    @property
    def column(self) -> int:
        return self.file.line_column(self.start)[1]

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    @property
    def offset(self) -> int:
        """Where it starts in the whole file."""
        return self.file.begins + self.start

    def __str__(self) -> str:
        return f"{self.file.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something wrong (or doubtful) in a schema, where, and what to write instead."""

    message: str
    span: Span
    severity: Literal["error", "warning"] = "error"


class SchemaError(Exception):
    """A schema was refused. Holds every error found, in the order of the source."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{item.span}: {item.message}" for item in self.diagnostics))
