"""Turns failures into one clear paragraph on stderr and an exit code: a user's mistake never shows a traceback.

With `--json` the failure is the JSON value that a command prints, in the form of `validate --json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from infra_gen.explanation import colored, explanation, missing_extra
from infra_gen.schema.load import SchemaNotLoadedError
from infra_gen.schema.report import Report, diagnostics_json
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
        typer.echo(text, err=True)
        return 1
    return 0


@contextmanager
def failures_as_json(wanted: bool, schema: Path | None) -> Iterator[None]:
    """Around a command: with `wanted`, a failure is printed as JSON on stdout, and the command exits with 1.

    Args:
        schema: what `--schema` named: the place of errors that are in no line of the schema.
    """
    try:
        yield
    except Exception as error:
        if not wanted or explanation(error, color=False) is None:
            raise
        print_json(_report(error, schema))
        raise typer.Exit(1) from error


def print_json(value: Any) -> None:
    """The one JSON value that a command prints: UTF-8 whatever the terminal's encoding, as RFC 8259 has it (section 8.1)."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False).encode())


def _report(error: Exception, schema: Path | None) -> Report:
    if isinstance(error, SchemaError):
        return diagnostics_json(error.diagnostics)
    if isinstance(error, SchemaNotLoadedError):
        file, line = (schema or Path("schema.prisma")).as_posix(), 1
    else:
        file, line = "", 0  # nowhere in the schema
    message = str(missing_extra(error) or error)
    return {"ok": False, "errors": [{"message": message, "file": file, "line": line, "column": line}], "warnings": []}
