"""Prisma's own command lines, of the major versions that have generators, and that of Prisma Client Python, which is 5.17 run by Python.

`INFRA_TEST_PRISMA_CLIS` names a folder in which the folders `5`, `6` and `7` are npm projects with `prisma` installed, and `python` is a virtual
environment with PyPI's; without it they are installed once, into pytest's cache, where there is npm. No engine is downloaded: the CLIs look whether a
file is there, and what these tests run needs none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

VARIABLE = "INFRA_TEST_PRISMA_CLIS"
VERSIONS = {"5": "5.22.0", "6": "6.19.0", "7": "7.10.1", "python": "0.15.0"}
"""Those of npm's `prisma`, and of PyPI's."""


class PrismaCli:
    """The command of one version."""

    def __init__(self, *command: str | Path, **environment: str) -> None:
        self._command = command
        self._environment = environment

    def run(self, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs it in `folder`, where it finds the infra-gen of this environment on its PATH."""
        return subprocess.run(
            [*self._command, *arguments],
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT, **self._environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


_ANY_FILE = shutil.which("false") or sys.executable
_ENVIRONMENT = {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    "NO_COLOR": "1",
    "CHECKPOINT_DISABLE": "1",
    "PRISMA_HIDE_UPDATE_MESSAGE": "1",
    "PRISMA_SCHEMA_ENGINE_BINARY": _ANY_FILE,
    "PRISMA_QUERY_ENGINE_LIBRARY": _ANY_FILE,
    "PRISMA_QUERY_ENGINE_BINARY": _ANY_FILE,
}


def cli(major: str, cache: pytest.Cache) -> PrismaCli:
    """The command of a major version; skips the test where it is not to be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("there is no node, or no npm")
    named = os.environ.get(VARIABLE)
    home = Path(named) / major if named else cache.mkdir("prisma-clis") / f"{major}-{VERSIONS[major]}"
    program = home / ("bin/python" if major == "python" else "node_modules/.bin/prisma")
    if not program.exists():
        if named:
            pytest.skip(f"{VARIABLE} names a folder without {major}/{program.relative_to(home)}")
        if major == "python":
            _install("PyPI", home, _python_commands)
        else:
            _install("npm", home, lambda project: [_npm_command(npm, VERSIONS[major], project)])
    if major == "python":
        return PrismaCli(program, "-m", "prisma", **_node_packages(home))
    return PrismaCli(program)


def _npm_command(npm: str, version: str, project: Path) -> _Command:
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
    return [npm, "install", *flags, "--prefix", project, f"prisma@{version}"]


def _python_commands(project: Path) -> list[_Command]:
    """An environment that is called by its Python, as its scripts would not survive being moved; at its first use it installs from npm."""
    python = project / "bin" / "python"
    return [
        [sys.executable, "-m", "venv", project],
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--retries=0", f"prisma=={VERSIONS['python']}"],
        [python, "-m", "prisma", "validate", "--help"],
    ]


def _node_packages(home: Path) -> dict[str, str]:
    """Where PyPI's keeps what it installs from npm."""
    return {"PRISMA_BINARY_CACHE_DIR": str(home / "npm")}


_Command: TypeAlias = Sequence[str | Path]
_refusals: dict[str, str] = {}
"""Why something could not be installed, by where it is from: that is not asked again by the other tests, as without a network that takes its time."""


def _install(source: str, home: Path, commands: Callable[[Path], Sequence[_Command]]) -> None:
    """Installs beside `home` and moves there at the end: what is in `home` is whole, whoever else installs at the same time."""
    if source in _refusals:
        pytest.skip(_refusals[source])
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        project = Path(scratch) / "project"
        project.mkdir()
        for command in commands(project):
            try:
                subprocess.run(
                    command,
                    env={**os.environ, **_ENVIRONMENT, **_node_packages(project)},
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=True,
                )
            except subprocess.SubprocessError as error:
                _refusals[source] = f"{home.name} cannot be installed: {error}"
                pytest.skip(_refusals[source])
        try:
            project.rename(home)
        except OSError:
            if not home.exists():
                raise
