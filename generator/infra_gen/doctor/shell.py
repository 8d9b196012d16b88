"""Commands as a person types them in a shell, so that they run what runs now. Imports the runtime's errors."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from infra_runtime.errors import MissingExtraError

PROGRAM = "infra-gen"


def infra_gen(*words: str, options: Mapping[str, str | None] | None = None) -> str:
    """A command of this very toolkit: by its name where the shell finds that, else by its Python.

    Args:
        options: what the examination was told, by option; None as a value means that it was not.
    """
    said = [word for name, value in (options or {}).items() if value is not None for word in (name, value)]
    return line(*program(), *words, *said)


def program() -> tuple[str, ...]:
    """What runs this toolkit: `infra-gen`, if that is the one beside this Python."""
    found = shutil.which(PROGRAM)
    return (PROGRAM,) if found is not None and is_ours(found) else (sys.executable, "-m", "infra_gen")


def is_ours(command: str) -> bool:
    """Does a program belong to this environment?"""
    return Path(command).parent.resolve() == Path(sys.executable).parent.resolve()


def install(requirement: str) -> str:
    """What installs a package where this Python finds it."""
    if find_spec("pip") is None and shutil.which("uv") is not None:
        return line("uv", "pip", "install", "--python", sys.executable, requirement)
    return line(sys.executable, "-m", "pip", "install", requirement)


def install_extra(error: MissingExtraError) -> str:
    """What installs the extra that an error names."""
    return install(f"{PROGRAM}[{error.extra}]")


def line(*words: str) -> str:
    """The words as one line, quoted where a shell needs that."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def beside() -> str:
    """Where this toolkit's program is, or would be."""
    return str(Path(sys.executable).with_name(PROGRAM))
