"""Turns failures into one clear paragraph on stderr and an exit code: a user's mistake never shows a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer


def reporting_failures(command: Callable[[], Any]) -> int:
    """Runs `command` and answers the process's exit code."""
    try:
        command()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing is half-written.", err=True)
        return 130
    except Exception as error:
        text = _explained(error)
        if text is None:
            raise
        typer.echo(text, err=True)
        return 1
    return 0


def _explained(error: Exception) -> str | None:
    """What to tell the user of a known failure; None for a defect of ours, which keeps its traceback."""
    from infra_gen.failure import Failure
    from infra_gen.schema.report import render_diagnostics
    from infra_gen.schema.source import SchemaError
    from infra_runtime.errors import InfraError, MissingExtraError

    if isinstance(error, SchemaError):
        return render_diagnostics(error.diagnostics, color=sys.stderr.isatty())
    if isinstance(error, (Failure, InfraError)):
        return f"error: {error}"
    missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
    if missing in ("jinja2", "black", "watchfiles"):
        return f"error: {MissingExtraError(missing, 'generator')}"
    return None
