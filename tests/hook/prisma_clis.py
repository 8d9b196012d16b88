"""Prisma's own command lines, of the major versions that have generators.

`INFRA_TEST_PRISMA_CLIS` names a folder in which the folders `5`, `6` and `7` are npm projects with `prisma` installed; without it they
are installed once, into pytest's cache, where there is npm. No engine is downloaded: the CLIs look whether a file is there, and what
these tests run needs none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

VARIABLE = "INFRA_TEST_PRISMA_CLIS"
VERSIONS = {"5": "5.22.0", "6": "6.19.0", "7": "7.10.1"}


class PrismaCli:
    """The command of one version."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def run(self, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs it in `folder`, where it finds the infra-gen of this environment on its PATH."""
        return subprocess.run(
            [self._program, *arguments],
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT, **environment},
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
}


def cli(major: str, cache: pytest.Cache) -> PrismaCli:
    """The command of a major version; skips the test where it is not to be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("there is no node, or no npm")
    named = os.environ.get(VARIABLE)
    home = Path(named) / major if named else cache.mkdir("prisma-clis") / VERSIONS[major]
    program = home / "node_modules" / ".bin" / "prisma"
    if not program.exists():
        if named:
            pytest.skip(f"{VARIABLE} names a folder without {major}/node_modules/.bin/prisma")
        _install(npm, VERSIONS[major], home)
    return PrismaCli(program)


_refusals: list[str] = []
"""Why npm could not install: it is not asked again by the other tests, as without a network that takes its time."""


def _install(npm: str, version: str, home: Path) -> None:
    """Installs beside `home` and moves there at the end: what is in `home` is whole, whoever else installs at the same time."""
    if _refusals:
        pytest.skip(_refusals[0])
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        project = Path(scratch) / "project"
        project.mkdir()
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
        try:
            subprocess.run(
                [*command, "--prefix", project, f"prisma@{version}"],
                capture_output=True,
                text=True,
                timeout=30,
                check=True,
            )
        except subprocess.SubprocessError as error:
            _refusals.append(f"npm cannot install prisma@{version}: {error}")
            pytest.skip(_refusals[0])
        try:
            project.rename(home)
        except OSError:
            if not home.exists():
                raise
