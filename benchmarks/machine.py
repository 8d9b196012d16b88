"""What figures were measured on: the machine, Python, and the versions of libraries."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

LIBRARIES = ("pydantic", "sqlalchemy", "jinja2", "black", "mypy", "pyright")


def machine() -> str:
    """The system, its processors, and Python."""
    return f"{platform.platform()}, {_processor()}, Python {platform.python_version()}"


def versions(libraries: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """The versions of those libraries that are installed."""
    found = {}
    for library in libraries:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.processor()
