"""Diagnostics for people and for programs. Imports the sources."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TypedDict

from infra_gen.schema.source import Diagnostic, Span


class ReportedDiagnostic(TypedDict):
    message: str
    file: str
    line: int
    column: int


class Report(TypedDict):
    """What `validate --json` prints."""

    ok: bool
    errors: list[ReportedDiagnostic]
    warnings: list[ReportedDiagnostic]


def diagnostics_json(diagnostics: Sequence[Diagnostic]) -> Report:
    """The diagnostics as a JSON value; `ok` when there is no error among them."""
    errors = [_reported(item) for item in diagnostics if item.severity == "error"]
    warnings = [_reported(item) for item in diagnostics if item.severity == "warning"]
    return {"ok": not errors, "errors": errors, "warnings": warnings}


def render_diagnostics(diagnostics: Sequence[Diagnostic], *, color: bool) -> str:
    """Each diagnostic with its place, its source line and a caret under what it speaks of, then how many there are."""
    style = _COLORED if color else _PLAIN
    return "\n\n".join([*(_rendered(item, style) for item in diagnostics), _summary(diagnostics, style)])


def _reported(diagnostic: Diagnostic) -> ReportedDiagnostic:
    span = diagnostic.span
    return {"message": diagnostic.message, "file": span.file.path, "line": span.line, "column": span.column}


_PLAIN = {"error": "", "warning": "", "place": "", "strong": "", "end": ""}
_COLORED = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "place": "\x1b[2m", "strong": "\x1b[1m", "end": "\x1b[0m"}


def _rendered(diagnostic: Diagnostic, style: dict[str, str]) -> str:
    span, tint, end = diagnostic.span, style[diagnostic.severity], style["end"]
    source = span.file.line_text(span.line)
    number = str(span.line)
    margin = f"{style['place']}{' ' * len(number)} |{end}"
    padding, carets = _underline(source, span)
    return "\n".join(
        [
            f"{tint}{diagnostic.severity}{end}{style['strong']}: {diagnostic.message}{end}",
            f"{style['place']}{' ' * len(number)}--> {end}{span}",
            margin,
            f"{style['place']}{number} |{end} {_printable(source)}".rstrip(),
            f"{margin} {padding}{tint}{carets}{end}",
        ]
    )


def _underline(source: str, span: Span) -> tuple[str, str]:
    """The blanks and the carets that underline a span, or the part of it that is on its first line."""
    start = span.column - 1
    marked = source[start : start + span.end - span.start].rstrip()
    padding = "".join("\t" if character == "\t" else " " * _width(character) for character in source[:start])
    return padding, "^" * max(1, sum(_width(character) for character in marked))


def _width(character: str) -> int:
    """The cells a character takes in a terminal."""
    if unicodedata.combining(character) or character == "\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _printable(source: str) -> str:
    """A line of someone's file, unable to steer the terminal it is shown in."""
    return "".join(
        character if character == "\t" or unicodedata.category(character) != "Cc" else "\ufffd" for character in source
    )


def _summary(diagnostics: Sequence[Diagnostic], style: dict[str, str]) -> str:
    errors = sum(item.severity == "error" for item in diagnostics)
    warnings = len(diagnostics) - errors
    counts = [count(errors, "error")] if errors or not warnings else []
    if warnings:
        counts.append(count(warnings, "warning"))
    files = list(dict.fromkeys(item.span.file.path for item in diagnostics))
    where = "" if not files else f" in {files[0]}" if len(files) == 1 else f" in {len(files)} files"
    return f"{style['strong']}{' and '.join(counts)}{where}{style['end']}"


def count(number: int, noun: str) -> str:
    """A number of things, in words: "1 error", "2 errors"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
