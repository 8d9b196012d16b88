"""`infra-gen watch` as a process, on real files: what people and their editors do to them, and what it says and writes then."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

SCHEMA = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

model Note {
  id Int @id
}
"""
TAG = "\nmodel Tag {\n  id Int @id\n}\n"
TIME = r"\d\d:\d\d:\d\d "


class Watching:
    """The command at work in a folder."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra_gen", "watch", *arguments],
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Where the tests run in the background of a script, the signal is ignored, and so it would be here.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def until(self, pattern: str) -> list[str]:
        """The lines up to the first that matches."""
        lines: list[str] = []
        ends = time.monotonic() + 60
        while not (lines and re.search(pattern, lines[-1])):
            is_over = time.monotonic() > ends or not self._reader.is_alive()
            try:
                lines.append(self._lines.get(timeout=0.1))
            except queue.Empty:
                assert not is_over, f"no line matches {pattern}: {lines}"
        return lines

    def silent(self, seconds: float) -> None:
        """Nothing is said for so long."""
        time.sleep(seconds)
        assert self._lines.empty(), self._lines.get()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


Start = Callable[..., Watching]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the command in the project and waits for its first run."""
    begun: list[Watching] = []

    def started(*arguments: str, first: str = "written") -> Watching:
        begun.append(Watching(tmp_path, *arguments))
        begun[-1].until(first)
        return begun[-1]

    yield started
    for watching in begun:
        watching.process.kill()
        watching.process.wait()


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "schema.prisma"
    path.write_text(SCHEMA)
    return path


def test_each_change_is_one_line_and_ctrl_c_ends_it_without_a_word(schema: Path, start: Start) -> None:
    watching = start(first=rf"^{TIME}db: 7 written, 0 unchanged, 0 removed in \d+\.\d\d s$")
    schema.write_text(SCHEMA + TAG)
    (line,) = watching.until("written")
    assert re.match(rf"{TIME}schema\.prisma changed: db: \d+ written, \d+ unchanged, 0 removed in \d+\.\d\d s$", line)
    assert (schema.parent / "db" / "tag.py").exists()
    schema.touch()
    watching.silent(1.2)
    assert watching.end() == 130
    watching.silent(0)


def test_errors_are_printed_and_the_last_good_package_stays(schema: Path, start: Start) -> None:
    schema.write_text(SCHEMA.replace("Int", "Itn"))
    watching = start(first="failed, waiting for a change")
    assert not (schema.parent / "db").exists()
    schema.write_text(SCHEMA + TAG)
    watching.until("written")
    schema.write_text((SCHEMA + TAG).replace("Int", "Itn"))
    lines = watching.until("schema.prisma changed: failed, waiting for a change")
    assert [line for line in lines if "schema.prisma:7" in line]
    assert [line for line in lines if "schema.prisma:11" in line]
    assert (schema.parent / "db" / "tag.py").exists()
    schema.write_text(SCHEMA)
    watching.until(r"2 removed")


def test_editors_may_replace_the_schema_and_remove_and_make_it_again(schema: Path, start: Start) -> None:
    watching = start()
    for number in range(3):
        beside = schema.with_suffix(".swp")
        beside.write_text(f"{SCHEMA}\nmodel Tag{number} {{\n  id Int @id\n}}\n")
        beside.replace(schema)
        watching.until("schema.prisma changed: .* written")
        assert (schema.parent / "db" / f"tag{number}.py").exists()
    schema.unlink()
    assert "No schema was found" in watching.until("failed")[0]
    schema.write_text(SCHEMA)
    watching.until("2 removed")


def test_a_schema_elsewhere_is_awaited_when_its_folder_went(tmp_path: Path, start: Start) -> None:
    (tmp_path / "package.json").write_text('{"prisma": {"schema": "data/store.prisma"}}')
    watching = start(first="failed, waiting for a change")
    for _ in range(2):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "store.prisma").write_text(SCHEMA)
        watching.until("data/store.prisma changed: .* written")
        shutil.rmtree(tmp_path / "data")
        watching.until("data/store.prisma changed: failed")


def test_a_checkout_of_hundreds_of_files_is_few_runs(tmp_path: Path, start: Start) -> None:
    def put(count: int) -> None:
        folder = tmp_path / "prisma" / "schema"
        shutil.rmtree(tmp_path / "prisma", ignore_errors=True)
        (folder / "models").mkdir(parents=True)
        (folder / "base.prisma").write_text(SCHEMA)
        for number in range(count):
            (folder / "models" / f"m{number}.prisma").write_text(f"model M{number} {{\n  id Int @id\n}}\n")

    put(3)
    watching = start()
    put(300)
    count = 0
    while not (tmp_path / "db" / "m299.py").exists():
        watching.until("changed: ")
        count += 1
    assert count <= 4
    (tmp_path / "prisma" / "schema" / "models" / "m7.prisma").unlink()
    watching.until(r"m7\.prisma changed: .* 2 removed")


def test_options_and_own_templates_are_watched(schema: Path, start: Start) -> None:
    folder = schema.parent
    (folder / "pyproject.toml").write_text("[tool.infra-gen]\n")
    watching = start()
    templates = folder / "own"
    templates.mkdir()
    (templates / "enums.py.jinja").write_text("")
    (folder / "pyproject.toml").write_text('[tool.infra-gen]\ntemplates = "own"\ninterface = "sync"\n')
    watching.until(r"pyproject\.toml changed: .* written")
    assert "class Infrastructure(" not in (folder / "db" / "client.py").read_text()
    (templates / "types").mkdir()
    (templates / "types" / "package.py.jinja").write_text('"""Mine."""\n')
    watching.until(r"own/types/package\.py\.jinja changed: .* 1 written")
    assert (folder / "db" / "types" / "__init__.py").read_text() == '"""Mine."""\n'
    (templates / "types" / "package.py.jinja").write_text('"""Mine, again."""\n')
    watching.until("1 written")


def tables(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for (name,) in found if not name.startswith("sqlite_")}


def test_good_runs_are_pushed_and_code_is_checked(schema: Path, start: Start) -> None:
    folder = schema.parent
    watching = start("--push", "--check", first="0 projections: all fit")
    assert tables(folder / "dev.db") == {"Note"}
    (folder / "cards.py").write_text(
        "from db import Note\nfrom infra_runtime import Projection\n\n\nclass Card(Projection[Note]):\n    text: str\n"
    )
    schema.write_text(SCHEMA + TAG)
    lines = watching.until(r"error in 1 projection")
    assert [line for line in lines if line.startswith("cards.py:")]
    assert tables(folder / "dev.db") == {"Note", "Tag"}
    schema.write_text((SCHEMA + TAG).replace("id Int @id", "id   Int @id\n  text String", 1))
    watching.until("1 projection: all fit")
    with closing(sqlite3.connect(folder / "dev.db")) as connection, connection:
        connection.execute("INSERT INTO Tag VALUES (1)")
    schema.write_text(SCHEMA)
    lines = watching.until("failed, waiting for a change")
    assert [line for line in lines if "Data would be lost" in line]
    assert tables(folder / "dev.db") == {"Note", "Tag"}
