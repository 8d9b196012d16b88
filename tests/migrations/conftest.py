"""A project of its own for each test: a schema, a folder of migrations, and an empty database of each provider."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from unittest import mock

import pytest

from infra_gen.cli import run
from infra_gen.migrations.history import History
from infra_gen.migrations.sessions import Session, session
from infra_runtime.urls import parse_url

BOOK = """
model Book {
  id    Int    @id @default(autoincrement())
  title String
%s
}
"""


@dataclass(frozen=True)
class Project:
    """`infra_gen` runs a command in its folder, as a person would."""

    folder: Path
    provider: str
    url: str

    def write_schema(self, *lines: str, models: str = "") -> None:
        fields = "\n".join(f"  {line}" for line in lines)
        text = f'datasource db {{\n  provider = "{self.provider}"\n  url = "{self.url}"\n}}\n{BOOK % fields}{models}'
        (self.folder / "schema.prisma").write_text(text)

    def write_migration(self, name: str, script: str) -> Path:
        path = self.folder / "migrations" / name / "migration.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        return path

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "infra_gen", *words]

    def infra_gen(self, *words: str) -> subprocess.CompletedProcess[str]:
        """In this process: the entry of the command line is tested by itself."""
        out, err = TextIOWrapper(BytesIO()), TextIOWrapper(BytesIO())
        with (
            chdir(self.folder),
            redirect_stdout(out),
            redirect_stderr(err),
            mock.patch("sys.argv", ["infra-gen", *words]),
        ):
            with mock.patch("sys.stdin", StringIO()):
                code = run()
        printed, told = (_written(stream) for stream in (out, err))
        return subprocess.CompletedProcess(words, code, printed, told)

    def succeeds(self, *words: str) -> str:
        done = self.infra_gen(*words)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def refused(self, *words: str) -> str:
        done = self.infra_gen(*words)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr

    @contextmanager
    def session(self) -> Iterator[Session]:
        with session(parse_url(self.url)) as opened:
            yield opened

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with self.session() as opened:
            return [tuple(row) for row in opened.query(sql)]

    @property
    def history(self) -> list[tuple[str, str]]:
        """The names of the history with what became of each."""
        with self.session() as opened:
            rows = History(opened, self.provider).rows()
        states = {(True, False): "applied", (False, True): "rolled back", (False, False): "failed"}
        return [(row.name, states[row.finished, row.rolled_back]) for row in rows]

    def quoted(self, name: str) -> str:
        return f"`{name}`" if self.provider == "mysql" else f'"{name}"'


def _written(stream: TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    provider = str(request.param)
    url = f"file:{tmp_path}/dev.db" if provider == "sqlite" else str(request.getfixturevalue(f"{provider}_url"))
    made = Project(tmp_path, provider, url)
    made.write_schema()
    return made
