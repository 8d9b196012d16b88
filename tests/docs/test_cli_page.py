"""The page on the command line: its reference is the command line's own, and its examples print what it says (`…` stands for anything)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra_gen.cli.app import tree
from tests.cli.test_commands import SCHEMA
from tests.cli.test_json import CASES, LINES
from tests.cli.tree import commands, options_of
from tests.docs.guides import ROOT
from tests.docs.reference import reference
from tests.doctor.conftest import BIN, Project

PATH = ROOT / "docs" / "cli.md"
COMMANDS = dict(commands(tree()))
MARK = "<!-- reference: written by make goldens -->\n"


def test_the_reference_is_the_command_lines_own(update_goldens: bool) -> None:
    written, mark, present = PATH.read_text(encoding="utf-8").partition(MARK)
    assert mark
    made = f"\n{reference(tree())}"
    if update_goldens:
        PATH.write_text(written + mark + made, encoding="utf-8")
        return
    assert present == made, "the command line has changed: make goldens writes it into docs/cli.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_flag_is_on_the_page(name: str) -> None:
    text = PATH.read_text(encoding="utf-8")
    assert f"### infra-gen {name}\n" in text
    assert [flag for flag in options_of(COMMANDS[name]) if f"`{flag}`" not in text] == []


def test_the_fields_of_every_document_are_on_the_page() -> None:
    table = PATH.read_text(encoding="utf-8").partition("| command | its fields |")[2].partition("\n\n")[0]
    named = {
        name for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1] if "|" in row else "")
    }
    assert named == CASES.keys() | LINES


EXAMPLE = re.compile(
    r"^\$ (infra-gen (?:generate -v|generate --check --json|doctor))\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    """In their order: a package is made, a comment of the schema changes, and it is looked at."""
    project = Project(tmp_path, "sqlite", "file:./dev.db")
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    ran = []
    for command, expected in EXAMPLE.findall(PATH.read_text(encoding="utf-8")):
        done = project.run(*command.split()[1:])
        pattern = ".*".join(map(re.escape, expected.rstrip("\n").split("…")))
        shown = f"{done.stderr}{done.stdout}" if command.endswith("-v") else f"{done.stdout}{done.stderr}"
        assert re.fullmatch(pattern + r"\n*", shown, re.DOTALL), (command, shown)
        ran.append(command)
        (tmp_path / "schema.prisma").write_text(SCHEMA.replace("model Note", "/// What somebody wrote.\nmodel Note"))
    assert len(ran) == 3


def test_the_program_and_the_module_are_the_same(tmp_path: Path) -> None:
    program, module = (
        subprocess.run([*command, "--version"], cwd=tmp_path, capture_output=True, text=True)
        for command in ([str(BIN / "infra-gen")], [sys.executable, "-m", "infra_gen"])
    )
    assert program.stdout == module.stdout
