"""The page on plug-ins: its plug-in is installed as the page says, and does what it shows."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from infra_gen import plugins
from tests.docs.guides import ROOT
from tests.typing.checkers import CHECKERS

PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found[number])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, with the plug-in of the page in a folder `installed`."""
    installed = tmp_path / "installed"
    said = tomllib.loads(block("toml"))["project"]
    metadata = installed / f"{said['name'].replace('-', '_')}-{said['version']}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {said['name']}\nVersion: {said['version']}\n")
    [(group, points)] = said["entry-points"].items()
    (metadata / "entry_points.txt").write_text(f"[{group}]\n" + "\n".join(f"{n} = {v}" for n, v in points.items()))
    (installed / "stamps.py").write_text(block("python"))
    (tmp_path / "schema.prisma").write_text(block("prisma", 1))
    return tmp_path


def run(project: Path, command: str) -> str:
    words = command.split()
    assert words[0] == "infra-gen"
    environment = {**os.environ, "PYTHONPATH": str(project / "installed")}
    arguments = [sys.executable, "-m", "infra_gen", *words[1:]]
    done = subprocess.run(arguments, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_the_example_does_what_the_page_shows(project: Path) -> None:
    for part in block("console").split("$ ")[1:]:
        command, _, expected = part.partition("\n")
        pattern = ".*".join(re.escape(piece.strip()) for piece in expected.split("…"))
        assert re.fullmatch(rf"{pattern}\s*", run(project, command), re.DOTALL), command
    assert (project / "db" / "stamped.py").read_text() == '"""Models whose rows are stamped."""\n\nSTAMPED = ["Note"]\n'
    assert "changedAt: datetime" in (project / "db" / "note.py").read_text()
    run(project, "infra-gen db push")
    with closing(sqlite3.connect(project / "dev.db")) as connection:
        assert "changedAt" in [row[1] for row in connection.execute("PRAGMA table_info(Note)")]


@pytest.mark.parametrize("checker", CHECKERS)
def test_checkers_agree_with_the_example(checker: str, project: Path) -> None:
    assert CHECKERS[checker](project / "installed", ["stamps.py"]) == {}


def test_the_page_names_the_version_and_what_there_is() -> None:
    assert f"`API_VERSION`, now {plugins.API_VERSION}," in PAGE
    table = PAGE.partition("### What it can do")[2].partition("## ")[0]
    methods = {name for name, value in vars(plugins.Plugin).items() if callable(value) and not name.startswith("_")}
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == methods
