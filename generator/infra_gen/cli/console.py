"""How commands speak: one console per command, as its flags have it. May import `explanation` and the schema's reports.

| what is said | stdout, stderr | `--quiet` | `--json` |
|---|---|---|---|
| `answer`: what the command was asked for | stdout | said | part of the document |
| `tell`: what was done (`tell_beside`: on stderr, beside an answer) | stdout | – | part of the document |
| `warn`, `note` | stderr | – | the document's `warnings` |
| `refuse`: why it fails | stderr | said | the document's `errors` |
| `detail`: what was read from where, and how long it took | stderr, with `--verbose` alone | – | stderr, with `--verbose` alone |

With `--json` a command prints one document and nothing else on stdout: see `document`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, TextIO

import typer

from infra_gen.explanation import colored
from infra_gen.schema.report import ReportedDiagnostic, diagnostics_json, render_diagnostics
from infra_gen.schema.source import Diagnostic


@dataclass(frozen=True, slots=True)
class Console:
    """What the flags of a command say of its output. `warnings` are kept for the document. `line`: the document is one line of several."""

    quiet: bool = False
    verbose: bool = False
    json: bool = False
    line: bool = False
    warnings: list[ReportedDiagnostic] = field(default_factory=list)


_OUTSIDE = Console()
"""Where no command runs: of wrong usage, for one."""
_current: ContextVar[Console] = ContextVar("console", default=_OUTSIDE)


@contextmanager
def speaking(console: Console) -> Iterator[None]:
    """Within it, `console` is the one in force."""
    token = _current.set(console)
    try:
        yield
    finally:
        _current.reset(token)


def in_lines() -> Console:
    """The console in force, for a command that prints one document a line."""
    return replace(_current.get(), line=True, warnings=[])


def is_json() -> bool:
    """Does the command print a document for scripts?"""
    return _current.get().json


def is_verbose() -> bool:
    return _current.get().verbose


def is_quiet() -> bool:
    return _current.get().quiet


def shows_progress() -> bool:
    """Is a bar of use to who sees stderr? Not where it is no terminal, nor for scripts."""
    console = _current.get()
    return not (console.json or console.quiet or console.verbose) and sys.stderr.isatty()


def answer(text: str, *, newline: bool = True) -> None:
    """What the command was asked for."""
    if not is_json():
        _print(text, newline=newline)


def tell(text: str) -> None:
    """What was done."""
    if not (is_json() or is_quiet()):
        _print(text)


def tell_beside(text: str) -> None:
    """What was done, beside an answer that stands alone on stdout."""
    if not (is_json() or is_quiet()):
        _print(text, err=True)


def warn(text: str) -> None:
    """What is doubtful, and stops nothing."""
    _doubt("warning", text)


def note(text: str) -> None:
    """What is worth reading."""
    _doubt("note", text)


def _doubt(kind: str, text: str) -> None:
    console = _current.get()
    if console.json:
        console.warnings.append(entry(text))
    elif not console.quiet:
        _print(f"{tinted(kind, '1;33')}: {text}", err=True)


def warn_of(diagnostics: Sequence[Diagnostic]) -> None:
    """What is doubtful about a schema, each with its place."""
    console = _current.get()
    if console.json:
        console.warnings.extend(diagnostics_json(diagnostics)["warnings"])
    elif diagnostics and not console.quiet:
        _print(render_diagnostics(diagnostics, color=colored(sys.stderr)), err=True)


def fail(text: str) -> None:
    """What ended the command, whatever its flags: no document was printed of it."""
    _print(text, err=True)


def refuse(text: str) -> None:
    """Why the command fails; the document's errors are given to `document`."""
    if not is_json():
        _print(text, err=True)


def detail(text: str) -> None:
    """What was read from where, for who wants to know how a command came to its answer."""
    if is_verbose():
        lines = [f"· {line}" for line in text.splitlines()]
        _print("\n".join(tinted(line, "2") for line in lines), err=True)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """A part of the work, whose time is a detail."""
    began = time.perf_counter()
    yield
    detail(f"{name}: {(time.perf_counter() - began) * 1000:.0f} ms")


def tinted(text: str, style: str, stream: TextIO | None = None) -> str:
    """The text in a style of ANSI's, where the stream (by default stderr) shows colours."""
    return f"\x1b[{style}m{text}\x1b[0m" if colored(stream or sys.stderr) else text


def _print(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Typer takes colours out of what goes to no terminal, unless it is told that they are wanted."""
    typer.echo(text, err=err, nl=newline, color=colored(sys.stderr if err else sys.stdout))


def entry(message: str, file: str = "", line: int = 0, column: int = 0) -> ReportedDiagnostic:
    """One of a document's errors or warnings. Without a file it is nowhere in particular; lines and columns begin at 1."""
    return {"message": message, "file": file, "line": line, "column": column}


def document(
    fields: Mapping[str, Any],
    *,
    errors: Iterable[ReportedDiagnostic] = (),
    warnings: Iterable[ReportedDiagnostic] = (),
) -> None:
    """The one JSON value that a command prints: `ok`, the command's own fields, `errors` and `warnings`; `ok` where there are no errors."""
    console = _current.get()
    listed = list(errors)
    print_json({"ok": not listed, **fields, "errors": listed, "warnings": [*console.warnings, *warnings]})
    console.warnings.clear()


def print_json(value: Any) -> None:
    """UTF-8 whatever the terminal's encoding, as RFC 8259 has it (section 8.1)."""
    typer.echo(json.dumps(value, indent=None if _current.get().line else 2, ensure_ascii=False).encode())
