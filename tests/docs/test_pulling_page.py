"""The page on pulling: its example is made, changed and pulled, and prints and becomes what the page says (`…` stands for anything)."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "pulling.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def _run(folder: Path, command: str) -> str:
    words = command.partition("#")[0].split()
    assert words[0] == "infra-gen"
    arguments = [sys.executable, "-m", "infra_gen", *words[1:]]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_the_example_becomes_what_the_page_says(tmp_path: Path) -> None:
    schema = tmp_path / "schema.prisma"
    before, after = _blocks("prisma")
    schema.write_text(before)
    _run(tmp_path, "infra-gen db push")
    with sqlite3.connect(tmp_path / "dev.db") as connection:
        connection.executescript(*_blocks("sql"))
    connection.close()
    command, _, expected = _blocks("console")[1].removeprefix("$ ").partition("\n")
    assert re.fullmatch(".*".join(map(re.escape, expected.split("…"))), _run(tmp_path, command))
    assert schema.read_text() == after
    for line in _blocks("console")[0].splitlines():
        _run(tmp_path, line.removeprefix("$ "))
