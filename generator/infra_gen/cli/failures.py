"""Turns failures into one clear paragraph on stderr and an exit code: a user's mistake never shows a traceback.

With `--json` the failure is the document that a command prints: see `console.document`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from infra_gen.cli import console
from infra_gen.explanation import colored, explanation, missing_extra
from infra_gen.failure import Failure
from infra_gen.schema.load import SchemaNotLoadedError
from infra_gen.schema.report import ReportedDiagnostic, diagnostics_json
from infra_gen.schema.source import SchemaError


def reporting_failures(command: Callable[[], Any]) -> int:
    """Runs `command` and answers the process's exit code."""
    try:
        command()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception as error:
        text = explanation(error, color=colored(sys.stderr))
        if text is None:
            raise
        console.fail(text)
        return 1
    return 0


def document_of(error: Exception, schema: Path | None) -> None:
    """Prints a failure as the document of a command.

    Args:
        schema: what `--schema` named: the place of errors that are in no line of the schema.
    """
    if isinstance(error, SchemaError):
        report = diagnostics_json(error.diagnostics)
        console.warn_of(error.diagnostics)
        console.document({}, errors=report["errors"])
    else:
        console.document({}, errors=[_entry(error, schema)])


def _entry(error: Exception, schema: Path | None) -> ReportedDiagnostic:
    if isinstance(error, SchemaNotLoadedError):
        return console.entry(str(error), (schema or Path("schema.prisma")).as_posix(), 1, 1)
    if isinstance(error, Failure):
        return console.entry(str(error), error.file, error.line, min(error.line, 1))
    if isinstance(error, typer.Abort):
        return console.entry("Somebody said no. Nothing was changed.")
    if isinstance(error, OSError):
        return console.entry(f"{error.filename or 'The output'} cannot be read or written: {error.strerror}.")
    if explanation(error, color=False) is None:
        return console.entry(f"A defect of infra-gen's: {type(error).__name__}: {error}")
    return console.entry(str(missing_extra(error) or error))
