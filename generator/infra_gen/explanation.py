"""What users are told of a failure, by the command line and by Prisma's alike. May import `failure`, `schema`, the runtime's errors."""

from __future__ import annotations

import os
from typing import Any

from infra_gen.failure import Failure
from infra_gen.schema.report import render_diagnostics
from infra_gen.schema.source import SchemaError
from infra_runtime.errors import InfraError, MissingExtraError


def explanation(error: Exception, *, color: bool) -> str | None:
    """What to tell the user of a known failure; None for a defect of ours, which keeps its traceback."""
    if isinstance(error, SchemaError):
        return render_diagnostics(error.diagnostics, color=color)
    if isinstance(error, (Failure, InfraError)):
        return f"{_head(color)}: {error}"
    missing = missing_extra(error)
    return f"{_head(color)}: {missing}" if missing else None


def _head(color: bool) -> str:
    return "\x1b[1;31merror\x1b[0m" if color else "error"


def missing_extra(error: Exception) -> MissingExtraError | None:
    """The error that names the extra to install, where a library that only an extra brings is not there."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    return MissingExtraError(name, "generator") if name in ("jinja2", "black", "watchfiles") else None


def colored(stream: Any) -> bool:
    """Does who sees `stream` want colour? As rich has it: NO_COLOR, then FORCE_COLOR (https://force-color.org), then: is it a terminal that can?

    Source: https://rich.readthedocs.io/en/stable/console.html#environment-variables, https://no-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced is not None:
        return forced != ""
    return bool(stream.isatty()) and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")
