"""`--json`: every command that has it prints exactly one document, in success and in failure, of one form, and exits as it does without."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from infra_gen.cli import run
from infra_gen.cli.app import tree
from tests.cli.test_commands import BROKEN, SCHEMA
from tests.cli.tree import commands, options_of


@dataclass(frozen=True)
class Run:
    """What a command printed and exited with. It runs in this process."""

    code: int
    out: str
    err: str


def infra_gen(folder: Path, *words: str) -> Run:
    out, err = TextIOWrapper(BytesIO()), TextIOWrapper(BytesIO())
    with (
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch("sys.argv", ["infra-gen", *words]),
        mock.patch("sys.stdin", StringIO()),
        mock.patch.dict("os.environ", {"NO_COLOR": "1"}),
    ):
        code = run()
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
    return Run(code, out.read(), err.read())


def document(answer: Run) -> dict[str, Any]:
    """The one document, whose form is checked."""
    value = json.loads(answer.out)
    assert value["ok"] == (not value["errors"]) == (answer.code == 0)
    for entry in (*value["errors"], *value["warnings"]):
        assert {name: type(part) for name, part in entry.items()} == {
            "message": str,
            "file": str,
            "line": int,
            "column": int,
        }
        assert entry["message"]
    return dict(value)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    (tmp_path / "pyproject.toml").write_text(f'[tool.infra-gen]\nseed = "{sys.executable} -c print(1)"\n')
    (tmp_path / "x.sql").write_text("SELECT 1;\n")
    return tmp_path


def as_it_is(project: Path) -> None:
    pass


def broken(project: Path) -> None:
    (project / "schema.prisma").write_text(BROKEN)


def unformatted(project: Path) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace("  id   Int", "  id Int"))


def pushed(project: Path) -> None:
    assert infra_gen(project, "db", "push").code == 0


def migrated(project: Path) -> None:
    assert infra_gen(project, "migrate", "dev", "--name", "init").code == 0


def whole(project: Path) -> None:
    pushed(project)
    assert infra_gen(project, "generate").code == 0


def pending(project: Path) -> None:
    place = project / "migrations" / "1_x"
    place.mkdir(parents=True)
    (place / "migration.sql").write_text("CREATE TABLE x (id INTEGER);\n")


def unseedable(project: Path) -> None:
    (project / "pyproject.toml").write_text("")


def wrong_sql(project: Path) -> None:
    (project / "x.sql").write_text("SELECT 1;\nCREATE NONSENSE;\n")


def wrong_migration(project: Path) -> None:
    pending(project)
    (project / "migrations" / "1_x" / "migration.sql").write_text("\nCREATE NONSENSE;\n")


Prepare = Callable[[Path], None]
CASES: dict[str, tuple[Prepare, str, Prepare, str]] = {
    "validate": (as_it_is, "", broken, ""),
    "format": (as_it_is, "--check", unformatted, "--check"),
    "inspect": (as_it_is, "--format json", broken, ""),
    "generate": (whole, "--check", as_it_is, "--check"),
    "check": (as_it_is, "", as_it_is, "nowhere"),
    "doctor": (whole, "", as_it_is, ""),
    "version": (as_it_is, "", as_it_is, "--nope"),
    "init": (as_it_is, "--directory new --yes", as_it_is, "--yes --provider nope"),
    "db push": (as_it_is, "", as_it_is, "--url postgresql://ada@127.0.0.1/x"),
    "db pull": (pushed, "--print", as_it_is, ""),
    "db execute": (pushed, "--file x.sql", wrong_sql, "--file x.sql"),
    "db seed": (as_it_is, "", unseedable, ""),
    "db reset": (pushed, "--force", pushed, ""),
    "migrate dev": (as_it_is, "--name init", as_it_is, ""),
    "migrate deploy": (pending, "", wrong_migration, ""),
    "migrate status": (migrated, "", pending, ""),
    "migrate resolve": (pending, "--applied 1_x", pending, "--applied 2_x"),
    "migrate diff": (as_it_is, "--from empty --to schema", as_it_is, "--from empty --to schema --exit-code"),
    "migrate reset": (migrated, "--force", migrated, ""),
}
"""By command: what is done before, and its arguments, that it succeeds; and the same that it fails."""

LINES = {"watch"}
"""Commands that print a document a line."""


def test_every_command_that_has_it_is_among_the_cases() -> None:
    have = {name for name, command in commands(tree()) if "--json" in options_of(command)}
    assert have == CASES.keys() | LINES


@pytest.mark.parametrize("command", CASES)
def test_success_and_failure_are_one_document_each(project: Path, command: str) -> None:
    before, arguments, _, _ = CASES[command]
    before(project)
    answer = infra_gen(project, *command.split(), *arguments.split(), "--json")
    assert (document(answer)["ok"], answer.code) == (True, 0), answer


@pytest.mark.parametrize("command", CASES)
def test_a_failure_is_one_document_and_exits_as_without(project: Path, command: str) -> None:
    _, _, before, arguments = CASES[command]
    before(project)
    words = (*command.split(), *arguments.split())
    answer = infra_gen(project, *words, "--json")
    assert (document(answer)["ok"], answer.err) == (False, "")
    assert infra_gen(project, *words).code == answer.code != 0


@pytest.mark.parametrize("command", ["migrate deploy", "db execute"])
def test_what_a_database_refuses_has_its_place(project: Path, command: str) -> None:
    _, _, before, arguments = CASES[command]
    before(project)
    [error] = document(infra_gen(project, *command.split(), *arguments.split(), "--json"))["errors"]
    expected = {"migrate deploy": "migrations/1_x/migration.sql", "db execute": "x.sql"}[command]
    assert (error["file"], error["line"]) == (expected, 2)


def test_what_a_schema_is_doubtful_in_is_in_the_document(tmp_path: Path) -> None:
    model = "model A {\n  id Int @id\n  b B[]\n}\n\nmodel B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n}\n"
    (tmp_path / "schema.prisma").write_text(
        'datasource db {\n  provider = "mysql"\n  relationMode = "prisma"\n}\n\n' + model
    )
    answer = infra_gen(tmp_path, "generate", "--json")
    [warning] = document(answer)["warnings"]
    assert ("@@index([aId])" in warning["message"], warning["file"], answer.err) == (True, "schema.prisma", "")


def test_what_a_change_costs_is_in_the_document(project: Path) -> None:
    pushed(project)
    (project / "x.sql").write_text("INSERT INTO Note (text) VALUES ('x');")
    assert infra_gen(project, "db", "execute", "--file", "x.sql").code == 0
    (project / "schema.prisma").write_text(SCHEMA.replace("  text String\n", ""))
    planned = document(infra_gen(project, "db", "push", "--dry-run", "--json"))
    done = document(infra_gen(project, "db", "push", "--accept-data-loss", "--json"))
    assert [len(planned["warnings"]), len(done["warnings"])] == [1, 1]
    assert planned["warnings"] == done["warnings"]


def test_wrong_usage_is_a_document_too(project: Path) -> None:
    answer = infra_gen(project, "generate", "--nme", "--json")
    assert (document(answer)["ok"], answer.code, answer.err) == (False, 2, "")


def test_what_the_seed_command_prints_is_beside_the_document(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra_gen", "db", "seed", "--json"], cwd=project, capture_output=True, text=True
    )
    assert json.loads(done.stdout)["ok"] is True
    assert done.stderr == "1\n"


@pytest.fixture
def watching(project: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "infra_gen", "watch", "--json", "--push", "--check"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()


def test_watch_prints_a_document_a_line(project: Path, watching: subprocess.Popen[str]) -> None:
    assert watching.stdout is not None
    generated, pushed, checked = (json.loads(watching.stdout.readline()) for _ in range(3))
    assert (generated["ok"], generated["changed"], generated["output"]) == (True, [], "db")
    assert (pushed["ok"], pushed["applied"], checked["projections"]) == (True, True, 0)
    time.sleep(0.1)  # Two moments of one file's are told apart by no clock: what counts is its content.
    broken(project)
    wrong = json.loads(watching.stdout.readline())
    assert (wrong["ok"], [error["line"] for error in wrong["errors"]]) == (False, [13, 14])
