"""`--quiet`, `--verbose`, `--no-color`: what each command says, and where."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from infra_gen.cli import console
from infra_gen.cli.app import tree
from infra_gen.cli.progress import progress_bar
from tests.cli.test_commands import BROKEN, SCHEMA
from tests.cli.test_json import infra_gen
from tests.cli.tree import commands, options_of

COMMON = {"--quiet", "-q", "--verbose", "-v", "--no-color", "--help", "-h"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    return tmp_path


def test_every_command_has_them() -> None:
    for name, command in commands(tree()):
        flags = options_of(command) | (
            {"--help", "-h"} & set(command.context_settings.get("help_option_names", COMMON))
        )
        assert flags >= COMMON, name


# -- quiet -------------------------------------------------------------------------------------------------------------
def test_what_is_done_is_not_told(project: Path) -> None:
    for command in ("validate", "format", "generate", "check", "db push", "migrate deploy"):
        answer = infra_gen(project, *command.split(), "-q")
        assert (answer.out, answer.err) == ("", ""), command


def test_what_was_asked_for_is_told(project: Path) -> None:
    for command in (
        "inspect",
        "db push --dry-run",
        "migrate diff --from empty --to schema",
        "migrate status",
        "version",
    ):
        loud, quiet = (infra_gen(project, *command.split(), *flag) for flag in ((), ("--quiet",)))
        assert quiet.out, command
        assert quiet.out == loud.out or command == "version"


def test_errors_are_told(project: Path) -> None:
    stale = infra_gen(project, "generate", "--check", "-q")
    assert (stale.code, "db/note.py: stale" in stale.err) == (1, True)
    (project / "schema.prisma").write_text(BROKEN)
    broken = infra_gen(project, "validate", "-q")
    assert (broken.code, "schema.prisma:13:8" in broken.err) == (1, True)


def test_warnings_are_not(tmp_path: Path) -> None:
    model = "model A {\n  id Int @id\n  b B[]\n}\n\nmodel B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n}\n"
    (tmp_path / "schema.prisma").write_text(
        'datasource db {\n  provider = "mysql"\n  relationMode = "prisma"\n}\n\n' + model
    )
    assert "@@index([aId])" in infra_gen(tmp_path, "validate").err
    assert infra_gen(tmp_path, "validate", "-q").err == ""


def test_flags_may_stand_before_the_command(project: Path) -> None:
    assert infra_gen(project, "-q", "validate").out == ""
    assert "· schema: schema.prisma" in infra_gen(project, "-v", "validate").err


def test_both_at_once_are_wrong_usage(project: Path) -> None:
    assert infra_gen(project, "validate", "-q", "-v").code == 2
    assert infra_gen(project, "-q", "validate", "-v").code == 2


# -- verbose -----------------------------------------------------------------------------------------------------------
def test_it_is_told_what_is_read_from_where(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.infra-gen]\nnaming = "snake_case"\n')
    told = infra_gen(project, "generate", "--interface", "sync", "-v").err
    for line in (
        "· schema: schema.prisma",
        "· output: db",
        f"· option naming: from [tool.infra-gen] of {project / 'pyproject.toml'}",
        "· option output: from the generator block `db` (schema.prisma:1:1)",
        "· option interface: from the flags",
    ):
        assert line in told.splitlines()
    assert "the package was made and compared: " in told


def test_a_database_is_told_with_who_named_it_and_what_runs_on_it(project: Path) -> None:
    answer = infra_gen(project, "db", "push", "--verbose")
    assert f"· database: sqlite:{project / 'dev.db'} (the datasource's url)" in answer.err.splitlines()
    assert '· CREATE TABLE "Note" (' in answer.err.splitlines()
    assert answer.out == "dev.db: CreateTable ×1\n"


def test_a_migration_that_runs_is_told(project: Path) -> None:
    told = infra_gen(project, "migrate", "dev", "--name", "init", "-v").err
    assert "· migrations: 0 migrations in migrations" in told
    assert '· CREATE TABLE "Note" (' in told


def test_a_password_is_never_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "schema.prisma").write_text(
        SCHEMA.replace('"sqlite"', '"postgresql"').replace('"file:./dev.db"', 'env("NOTES_URL")')
    )
    monkeypatch.setenv("NOTES_URL", "postgresql://ada:secret@127.0.0.1:1/x")
    answer = infra_gen(project, "db", "push", "-v")
    assert (
        "database: postgresql://ada:***@127.0.0.1:1/x (the variable NOTES_URL, which the datasource's url names)"
        in answer.err
    )
    assert "secret" not in answer.out + answer.err


def test_details_do_not_disturb_who_reads_stdout(project: Path) -> None:
    for command in ("inspect", "validate", "generate --json"):
        infra_gen(project, "generate")
        assert "·" not in infra_gen(project, *command.split(), "-v").out


# -- colours -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("variables", "flags", "colored"),
    [
        ({}, (), False),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"FORCE_COLOR": "1"}, ("--no-color",), False),
    ],
    ids=["no terminal", "forced", "forced and not wanted", "forced and a flag"],
)
@pytest.mark.parametrize("command", ["validate", "nope"])
def test_colours_without_a_terminal(
    project: Path, command: str, variables: dict[str, str], flags: tuple[str, ...], colored: bool
) -> None:
    (project / "schema.prisma").write_text(BROKEN)
    plain = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS")
    }
    answer = subprocess.run(
        [sys.executable, "-m", "infra_gen", *flags, command],
        cwd=project,
        env=plain | variables,
        capture_output=True,
        text=True,
    )
    assert ("\x1b[1;31m" in answer.stderr or "\x1b[31m" in answer.stderr) == colored


# -- bars --------------------------------------------------------------------------------------------------------------
class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("flags", "stream", "shown"),
    [
        (console.Console(), Terminal(), True),
        (console.Console(), StringIO(), False),
        (console.Console(quiet=True), Terminal(), False),
        (console.Console(json=True), Terminal(), False),
        (console.Console(verbose=True), Terminal(), False),
    ],
    ids=["a terminal", "no terminal", "quiet", "json", "verbose"],
)
def test_bars_are_for_terminals(
    flags: console.Console, stream: StringIO, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    with console.speaking(flags), progress_bar() as progress:
        for number in range(3):
            progress(number, 3, f"{number}_name")
    assert ("0/3" in stream.getvalue() or "_name" in stream.getvalue()) == shown
    assert shown or stream.getvalue() == ""
