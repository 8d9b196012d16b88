"""`init`: what it writes runs by the commands it prints; what is there already stays."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra_gen.cli.starting import missing_extras
from infra_gen.failure import Failure
from infra_gen.starting.plan import NAMES, Wanted, plan
from infra_gen.starting.project import look
from tests.cli.test_commands import SCHEMA, infra_gen
from tests.typing.checkers import mypy

SCRIPTS = Path(sys.executable).parent
"""Where `infra-gen` and `python` are, as in an activated environment."""


def shell(folder: Path, commands: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs commands as they are typed, one after the other, until one fails."""
    return subprocess.run(
        ["/bin/sh", "-ec", "\n".join(commands)],
        cwd=folder,
        env={**os.environ, "PATH": f"{SCRIPTS}:{os.environ['PATH']}", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def init(folder: Path, *flags: str) -> dict[str, Any]:
    answer = infra_gen(folder, "init", "--json", *flags)
    assert answer.returncode == 0, answer.stdout
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


WRITTEN = ["schema.prisma", "infrastructure.config.yml", ".env.example", "main.py", ".env"]
SAID = "Ada (ada@example.org) wrote: Notes on the engine\n1 published\n"


# -- from nothing to a script that runs --------------------------------------------------------------------------------
@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def flags(provider: str, request: pytest.FixtureRequest) -> list[str]:
    if provider == "sqlite":
        return []
    return ["--url", request.getfixturevalue(f"{provider}_url")]


@pytest.mark.parametrize("interface", ["--async", "--sync"])
def test_the_printed_commands_run_as_they_are_printed(
    tmp_path: Path, provider: str, flags: list[str], interface: str
) -> None:
    document = init(tmp_path, "--provider", provider, "--directory", "shop", interface, *flags)
    assert document["written"] == WRITTEN
    push = "infra-gen db push" + ("" if provider == "sqlite" else " --create-database")
    assert document["next"] == ["cd shop", "infra-gen generate", push, "python main.py"]
    ran = shell(tmp_path, [*document["next"], "python main.py"])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith(SAID * 2), "it runs again, too"
    assert ("asyncio" in (tmp_path / "shop" / "main.py").read_text()) == (interface == "--async")


def test_without_an_example_the_script_tells_of_the_connection(tmp_path: Path) -> None:
    document = init(tmp_path, "--no-example", "--sync")
    ran = shell(tmp_path, document["next"])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("connected: True; models: none yet\n")


def test_mypy_agrees_with_every_script(tmp_path: Path) -> None:
    init(tmp_path)
    assert infra_gen(tmp_path, "generate").returncode == 0
    scripts = []
    for interface in ("async", "sync"):
        for example in (True, False):
            folder = look(tmp_path / "none", NAMES, "db")
            wanted = Wanted("sqlite", "file:./dev.db", interface=interface, example=example)
            scripts.append(f"{interface}_{'example' if example else 'check'}.py")
            (tmp_path / scripts[-1]).write_text(plan(wanted, folder).made["main.py"])
    assert mypy(tmp_path, scripts) == {}


def test_what_is_written_is_laid_out(tmp_path: Path) -> None:
    init(tmp_path)
    assert infra_gen(tmp_path, "format", "--check").returncode == 0
    done = subprocess.run([sys.executable, "-m", "black", "--check", "-l", "120", "main.py"], cwd=tmp_path, check=False)
    assert done.returncode == 0


def test_people_are_told_what_was_written_and_what_comes_next(tmp_path: Path) -> None:
    answer = infra_gen(tmp_path, "init")
    assert answer.returncode == 0
    assert answer.stdout == (
        "".join(f"{name}: written\n" for name in WRITTEN)
        + "\nNext:\n\n  infra-gen generate\n  infra-gen db push\n  python main.py\n"
    )


def test_a_password_is_in_env_alone(tmp_path: Path) -> None:
    answer = infra_gen(tmp_path, "init", "--url", 'postgresql://ada:hun"ter2@db.example/shop')
    assert "ter2" not in answer.stdout + answer.stderr
    held = [path.name for path in tmp_path.iterdir() if "ter2" in path.read_text()]
    assert held == [".env"]
    assert (tmp_path / ".env").read_text() == 'DATABASE_URL="postgresql://ada:hun\\"ter2@db.example/shop"\n'
    assert 'provider = "postgresql"' in (tmp_path / "schema.prisma").read_text()


def test_extras_that_are_missing_are_installed_first() -> None:
    installed = {"jinja2": "3.1", "black": "26.1", "watchfiles": "1.1", "psycopg": "3.2"}
    assert missing_extras("sqlite", lambda name: {**installed, "pyyaml": "6.0"}.get(name)) == []
    assert missing_extras("postgresql", lambda name: installed.get(name)) == ["generator"]
    assert missing_extras("mysql", lambda name: None) == ["generator", "mysql"]


# -- what is there already ---------------------------------------------------------------------------------------------
def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def test_a_file_in_the_way_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print('mine')\n")
    (tmp_path / ".env.example").write_text("X=1\n")
    before = texts(tmp_path)
    answer = infra_gen(tmp_path, "init")
    assert (answer.returncode, answer.stderr) == (
        1,
        "error: These files are there already, with another text: .env.example, main.py. Nothing was written. "
        "To write them anew: --force.\n",
    )
    assert texts(tmp_path) == before
    assert init(tmp_path, "--force")["written"] == WRITTEN
    assert "mine" not in (tmp_path / "main.py").read_text()


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    init(tmp_path)
    before = texts(tmp_path)
    again = init(tmp_path)
    assert (again["written"], again["changed"], sorted(again["kept"])) == ([], [], sorted(WRITTEN))
    assert texts(tmp_path) == before


def test_env_and_gitignore_are_added_to(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET=1")
    (tmp_path / ".gitignore").write_text("# mine\n*.log\n__pycache__\ndev.db\n")
    document = init(tmp_path)
    assert document["changed"] == [".env", ".gitignore"]
    assert (tmp_path / ".env").read_text() == 'SECRET=1\nDATABASE_URL="file:./dev.db"\n'
    added = ".env\ndev.db-shm\ndev.db-wal\n"
    assert (tmp_path / ".gitignore").read_text() == f"# mine\n*.log\n__pycache__\ndev.db\n{added}"


def test_a_url_in_env_is_kept_and_another_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=file:./mine.db\n")
    answer = infra_gen(tmp_path, "init", "--url", "file:./other.db")
    assert answer.returncode == 1
    assert ".env has another DATABASE_URL than --url says" in answer.stderr
    document = init(tmp_path)
    assert ".env" in document["kept"]
    ran = shell(tmp_path, document["next"])
    assert (ran.returncode, (tmp_path / "mine.db").is_file()) == (0, True)


def test_a_schema_that_is_there_is_kept_and_the_rest_fits_it(tmp_path: Path) -> None:
    (tmp_path / "prisma").mkdir()
    schema = tmp_path / "prisma" / "schema.prisma"
    schema.write_text(
        SCHEMA.replace('"db"\n', '"../app/rows"\n  interface = "sync"\n').replace('"file:./dev.db"', 'env("NOTES_URL")')
    )
    before = schema.read_text()
    document = init(tmp_path, "--url", "file:./notes.db")
    assert (document["kept"], schema.read_text()) == (["prisma/schema.prisma"], before)
    assert "  url: ${NOTES_URL}\n" in (tmp_path / "infrastructure.config.yml").read_text()
    assert (tmp_path / ".env").read_text() == 'NOTES_URL="file:./notes.db"\n'
    ran = shell(tmp_path, document["next"])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("connected: True; models: Note\n")
    assert (tmp_path / "prisma" / "notes.db").is_file()


BARE = 'datasource db {\n  provider = "sqlite"\n  url      = "file:./dev.db"\n}\n\nmodel Note {\n  id Int @id\n}\n'


def test_a_generator_block_is_added_with_consent_alone(tmp_path: Path) -> None:
    (tmp_path / "prisma").mkdir()
    schema = tmp_path / "prisma" / "schema.prisma"
    schema.write_text(BARE)
    document = init(tmp_path)
    assert schema.read_text() == BARE
    block = 'generator infra {\n  provider = "infra-gen"\n  output   = "../db"\n}\n'
    assert document["notes"] == [f"Add this to prisma/schema.prisma, so that everybody generates the same:\n\n{block}"]
    ran = shell(tmp_path, document["next"])
    assert (ran.returncode, ran.stdout.endswith("connected: True; models: Note\n")) == (0, True), ran.stderr
    document = init(tmp_path, "--yes")
    assert document["changed"] == ["prisma/schema.prisma"]
    assert schema.read_text() == f"{BARE}\n{block}"
    assert shell(tmp_path, document["next"]).returncode == 0
    assert not (tmp_path / ".env").exists(), "the schema has the URL itself"


# -- what cannot be ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--provider", "oracle"), "A provider is one of sqlite, postgresql, mysql, not 'oracle'."),
        (("--provider", "mysql", "--url", "file:./dev.db"), "the schema's provider is mysql"),
        (("--url", "mongodb://db"), "MongoDB is not supported"),
        (("--package", "../db"), "--package is '../db': it takes a name of Python's, such as db."),
    ],
)
def test_flags_that_make_no_sense_are_refused(tmp_path: Path, flags: tuple[str, ...], message: str) -> None:
    answer = infra_gen(tmp_path, "init", *flags)
    assert answer.returncode == 1
    assert message in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_flags_that_contradict_the_schema_are_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").write_text(SCHEMA.replace('"db"\n', '"db"\n  interface = "sync"\n'))
    for flags, message in [
        (("--provider", "mysql"), "the schema that is there is for sqlite"),
        (("--url", "file:./x.db"), "The schema that is there has a URL itself"),
        (("--async",), "has no asynchronous client, as its option `interface` says: leave --async away"),
    ]:
        answer = infra_gen(tmp_path, "init", *flags)
        assert (answer.returncode, message in answer.stderr) == (1, True), answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["schema.prisma"]


def test_a_folder_of_the_packages_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "mine.py").write_text("")
    with pytest.raises(Failure, match="name another folder for the package with --package"):
        plan(Wanted("sqlite", "file:./dev.db"), look(tmp_path, NAMES, "db"))
    document = init(tmp_path, "--package", "rows")
    assert shell(tmp_path, document["next"]).stdout.endswith(SAID)


# -- on a terminal -----------------------------------------------------------------------------------------------------
def on_terminal(folder: Path, typed: str, *flags: str) -> tuple[int, str]:
    """Runs the command where a person sits, who types this; answers the exit code and all that was shown."""
    import pty

    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.environ.update(NO_COLOR="1", COLUMNS="200", TERM="dumb")
        os.execv(sys.executable, [sys.executable, "-m", "infra_gen", "init", *flags])
    os.write(terminal, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode().replace("\r", "")


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of Unix")
def test_a_person_is_asked_for_what_no_flag_says(tmp_path: Path) -> None:
    code, shown = on_terminal(tmp_path, "shop\noracle\nmysql\nfile:./x\nmysql://root@127.0.0.1/shop\nn\nsync\n")
    assert code == 0, shown
    assert re.search(r"Which database \(sqlite, postgresql, mysql\) \[sqlite\]", shown)
    assert "A provider is one of sqlite, postgresql, mysql, not 'oracle'." in shown
    assert "the schema's provider is mysql" in shown
    assert (tmp_path / "shop" / ".env").read_text() == 'DATABASE_URL="mysql://root@127.0.0.1/shop"\n'
    assert "model" not in (tmp_path / "shop" / "schema.prisma").read_text().replace("prisma-schema", "").split("}")[-1]
    assert "SyncInfrastructure" in (tmp_path / "shop" / "main.py").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of Unix")
def test_enter_takes_the_defaults_and_flags_are_not_asked_for(tmp_path: Path) -> None:
    code, shown = on_terminal(tmp_path, "\n" * 3, "--directory", ".")
    assert code == 0, shown
    assert "Where" not in shown
    assert "asyncio" in (tmp_path / "main.py").read_text()
    code, shown = on_terminal(tmp_path, "", "--yes")
    assert (code, "[" in shown) == (0, False), shown


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of Unix")
@pytest.mark.parametrize(("answer", "expected"), [("n", BARE), ("y", BARE + "\ngenerator infra {")])
def test_a_person_is_asked_before_a_schema_is_changed(tmp_path: Path, answer: str, expected: str) -> None:
    (tmp_path / "schema.prisma").write_text(BARE)
    code, shown = on_terminal(tmp_path, f"{answer}\n", "--directory", ".", "--sync")
    assert code == 0, shown
    assert "Add this to" in shown
    assert (tmp_path / "schema.prisma").read_text().startswith(expected)
    assert ("generator" in (tmp_path / "schema.prisma").read_text()) == (answer == "y")
