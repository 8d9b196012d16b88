"""A project of each provider, and `infra-gen doctor` run in it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from infra_gen.cli import run

BIN = Path(sys.executable).parent

SCHEMA = """\
generator db {{
  provider = "infra-gen"
  output   = "db"
}}

datasource db {{
  provider = "{provider}"
  url      = "{url}"
}}

model Note {{
  id   Int    @id @default(autoincrement())
  text String
}}
"""


@dataclass
class Project:
    """A folder with a schema, and a shell in it that finds infra-gen."""

    folder: Path
    provider: str
    url: str
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, *more: str) -> None:
        """The schema, with lines in its model."""
        text = SCHEMA.format(provider=self.provider, url=self.url)
        (self.folder / "schema.prisma").write_text(
            text.replace("  text String\n", "\n".join(["  text String", *more, ""]))
        )

    def migration(self, name: str, sql: str) -> None:
        place = self.folder / "migrations" / name / "migration.sql"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(sql)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """In this process: starting one takes longer than all that it does."""
        out, err = TextIOWrapper(BytesIO()), TextIOWrapper(BytesIO())
        with (
            chdir(self.folder),
            redirect_stdout(out),
            redirect_stderr(err),
            mock.patch.dict(os.environ, self._variables),
            mock.patch("sys.argv", ["infra-gen", *arguments]),
            mock.patch("sys.stdin", StringIO()),
        ):
            os.environ.pop("DATABASE_URL", None)
            code = run()
        for stream in (out, err):
            stream.flush()
            stream.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())

    @property
    def _variables(self) -> dict[str, str]:
        return {"NO_COLOR": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **self.environment}

    def starts(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A process of its own."""
        return subprocess.run(
            words, cwd=self.folder, env={**os.environ, **self._variables}, capture_output=True, text=True, timeout=100
        )

    def succeeds(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def findings(self, *arguments: str) -> dict[str, Any]:
        """What doctor finds, by check: the last of each, problems before all else."""
        done = self.run("doctor", "--json", *arguments)
        report = json.loads(done.stdout)
        assert done.stderr == ""
        assert done.returncode == (0 if report["ok"] else 1)
        assert report["ok"] == (not report["errors"])
        order = {"ok": 0, "warning": 1, "problem": 2}
        return {item["check"]: item for item in sorted(report["findings"], key=lambda item: order[item["mark"]])}

    def types(self, command: str, *, answer: str = "") -> subprocess.CompletedProcess[str]:
        """Types a command: into a shell, where it is no command of ours, or a person answers its question (`answer`) on a terminal."""
        words = shlex.split(command)
        if words[0] == "infra-gen" and not answer:
            return self.run(*words[1:])
        return self._answers(command, answer) if answer else self.starts("sh", "-c", command)

    def _answers(self, command: str, answer: str) -> subprocess.CompletedProcess[str]:
        import pty

        controlling, terminal = pty.openpty()
        os.write(controlling, answer.encode())
        try:
            return subprocess.run(
                ["sh", "-c", command],
                cwd=self.folder,
                env={**os.environ, **self._variables},
                stdin=terminal,
                stderr=terminal,
                stdout=subprocess.PIPE,
                text=True,
                timeout=100,
            )
        finally:
            os.close(terminal)
            os.close(controlling)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """Of each provider, with a database that is there, and nothing in it."""
    provider = str(request.param)
    if provider == "sqlite":
        (tmp_path / "dev.db").touch()
        url = "file:./dev.db"
    else:
        url = str(request.getfixturevalue(f"{provider}_url"))
    made = Project(tmp_path, provider, url)
    made.write()
    return made


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """On SQLite alone: for what is the same everywhere."""
    (tmp_path / "dev.db").touch()
    made = Project(tmp_path, "sqlite", "file:./dev.db")
    made.write()
    return made
