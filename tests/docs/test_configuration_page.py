"""The page on the configuration file: its files, commands and Python run in a folder of their own, and its table is the code's."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra_runtime.configuration.settings import Configuration, Section, Settings
from tests.docs.guides import ROOT, run

PAGE = ROOT / "docs" / "configuration.md"
_BLOCK = re.compile(r"^```(?P<language>prisma|yaml|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


async def test_the_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    for block in _BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["language"] != "console":
            name = block["text"].partition("\n")[0].strip("#/ ")
            (tmp_path / name).write_text(block["text"], encoding="utf-8")
            continue
        for command in re.split(r"^\$ ", block["text"], flags=re.MULTILINE)[1:]:
            line, _, expected = command.partition("\n")
            command_line, _, target = line.partition(" > ")
            done = infra_gen(tmp_path, *command_line.split()[1:])
            if target:
                (tmp_path / target).write_text(done)
                done = ""
            pattern = ".*".join(map(re.escape, expected.rstrip("\n").split("…")))
            assert re.fullmatch(pattern + r"\n*", done), (line, done)
    assert (tmp_path / "infrastructure.schema.json").read_text().startswith("{")
    try:
        assert await run(PAGE, {}) > 10
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "db"]:
            del sys.modules[name]


def infra_gen(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "infra_gen", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def rows_of(section: type[Settings], path: str = "") -> Iterator[str]:
    for name, entry in section.entries().items():
        if isinstance(entry, Section):
            yield f"| `{path}{name}` | | {entry.about} |"
            yield from rows_of(entry.type, f"{path}{name}.…." if entry.by_name else f"{path}{name}.")
        else:
            yield f"| `{path}{name}` | {entry.kind.wanted} | {entry.about} |"


def test_the_table_is_that_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index("| setting | takes |") :].split("\n\n")[0].splitlines()[2:]
    assert table == list(rows_of(Configuration))
