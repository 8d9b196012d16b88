"""Plug-ins and the command line, in processes of their own: their commands, and that nobody else minds a broken one."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.plugins import installing

SCHEMA = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

generator infra {
  provider = "infra-gen"
  output   = "./db"
  plugins  = ["notes"]
}

/// @infra.notes(text: "kept")
model Note {
  id   Int    @id
  text String
}
"""

NOTES = '''
def directives(self):
    return [DirectiveType("infra.notes", ("model",), (Parameter("text", Text(), "What."),), "Says.", "@infra.notes")]

def transform(self, schema):
    like = schema.model["Note"].field["text"]
    more = replace(like, name="more", column="more", arity="optional")
    return replace(schema, models=tuple(replace(model, fields=(*model.fields, more)) for model in schema.models))

def files(self, generation):
    return [File("notes.txt", arguments_of(generation.package.models[0].source, "infra.notes")["text"])]

def commands(self, project):
    import typer
    app = typer.Typer()

    @app.command()
    def models():
        """Print the models."""
        for model in project.generation().package.models:
            print(model.name, *(field.name for field in model.fields))

    @app.command()
    def fail():
        """Fail."""
        {}["missing"]

    @app.command()
    def refuse():
        """Refuse."""
        raise Failure("Not so.")

    return app
'''
MARK = "from pathlib import Path\nPath('imported.txt').touch()\nraise RuntimeError('never imported')\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the path of the processes, with three plug-ins."""
    folder = tmp_path_factory.mktemp("installed")
    installing.put(folder, "notes", NOTES)
    installing.put(folder, "broken", "", module=MARK)
    installing.put(folder, "silent", "")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    return tmp_path


def run(
    folder: Path, installed: Path, *arguments: str, given: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "NO_COLOR": "1", "COLUMNS": "200", **more}
    command = [sys.executable, "-m", "infra_gen", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False, timeout=60
    )


def failed(told: subprocess.CompletedProcess[str]) -> str:
    """The message of a command that failed, without a traceback."""
    assert told.returncode == 1, told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    return told.stderr.strip()


def test_help_lists_them_and_imports_none(project: Path, installed: Path) -> None:
    told = run(project, installed, "--help")
    assert told.returncode == 0, told.stderr
    assert {"Commands of notes-plugin 0.3.", "Commands of broken-plugin 0.3."} <= {
        line.strip("│ ").partition(" ")[2].strip() for line in told.stdout.splitlines()
    }
    assert not (project / "imported.txt").exists()


def test_its_commands_are_listed_and_run(project: Path, installed: Path) -> None:
    assert "Print the models." in run(project, installed, "notes", "--help").stdout
    told = run(project, installed, "notes", "models")
    assert (told.returncode, told.stdout) == (0, "Note id text more\n"), told.stderr


def test_what_fails_in_a_command_is_told_of_the_plugin(project: Path, installed: Path) -> None:
    assert failed(run(project, installed, "notes", "refuse")) == "error: Not so."
    assert failed(run(project, installed, "notes", "fail")).startswith(
        "error: The plug-in `notes` (notes-plugin 0.3) could not run its command: KeyError: 'missing' ("
    )
    (project / "schema.prisma").write_text(SCHEMA.replace("text String", "text Strin"))
    assert "schema.prisma:15:8" in failed(run(project, installed, "notes", "models"))


def test_wrong_usage_is_typers(project: Path, installed: Path) -> None:
    told = run(project, installed, "notes", "modls")
    assert told.returncode == 2
    assert "No such command 'modls'" in told.stderr
    told = run(project, installed, "nots")
    assert told.returncode == 2
    assert "No such command 'nots'" in told.stderr


def test_a_broken_one_is_told_where_it_is_called_and_nowhere_else(project: Path, installed: Path) -> None:
    for arguments in (
        ("validate",),
        ("format", "--check"),
        ("generate",),
        ("generate", "--check"),
        ("notes", "models"),
    ):
        told = run(project, installed, *arguments)
        assert told.returncode == 0, told.stderr
    request = {"jsonrpc": "2.0", "id": 1, "method": "getManifest", "params": {"output": {"value": "db"}}}
    answered = run(project, installed, given=json.dumps(request) + "\n", PRISMA_GENERATOR_INVOCATION="true")
    assert "result" in json.loads(answered.stderr)
    assert not (project / "imported.txt").exists()
    assert failed(run(project, installed, "broken", "anything")).startswith(
        "error: The plug-in `broken` (broken-plugin 0.3) could not be loaded: RuntimeError: never imported ("
    )


def test_one_without_commands_says_so(project: Path, installed: Path) -> None:
    assert (
        failed(run(project, installed, "silent")) == "error: The plug-in `silent` (silent-plugin 0.3) has no commands."
    )


def test_every_command_reads_the_schema_with_it(project: Path, installed: Path) -> None:
    assert run(project, installed, "validate").returncode == 0
    assert run(project, installed, "generate").returncode == 0
    assert (project / "db" / "notes.txt").read_text() == "kept"
    assert "more: str | None" in (project / "db" / "note.py").read_text()
    assert run(project, installed, "db", "push").returncode == 0
    with closing(sqlite3.connect(project / "dev.db")) as connection:
        assert [row[1] for row in connection.execute("PRAGMA table_info(Note)")] == ["id", "text", "more"]
    assert '"more"' in run(project, installed, "inspect").stdout
    pulled = failed(run(project, installed, "db", "pull"))
    assert "changes what the schema means" in pulled
    request = {"generator": {"name": "infra"}, "schemaPath": str(project / "schema.prisma")}
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "generate", "params": request})
    answered = run(project, installed, given=line + "\n", PRISMA_GENERATOR_INVOCATION="true")
    assert json.loads(answered.stderr)["result"] is None
    assert run(project, installed, "generate", "--check").returncode == 0


def test_init_doctor_and_the_dynamic_client_read_it_so_too(project: Path, installed: Path) -> None:
    told = run(project, installed, "init")
    assert "There is no directive" not in told.stdout + told.stderr
    assert "There is no directive" not in run(project, installed, "doctor").stdout
    code = """
from infra_gen.dynamic import connect
with connect("schema.prisma", url="file:other.db", interface="sync") as client:
    client.push()
    print(client.repository("Note").create({"id": 1, "text": "x", "more": "y"}))
"""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "{'id': 1, 'text': 'x', 'more': 'y'}\n", done.stderr


def test_check_sees_what_a_plugin_makes_otherwise(project: Path, installed: Path) -> None:
    assert run(project, installed, "generate").returncode == 0
    (project / "schema.prisma").write_text(SCHEMA.replace('"kept"', '"other"'))
    told = run(project, installed, "generate", "--check")
    assert told.returncode == 1
    assert "db/notes.txt: stale" in told.stderr.replace("\\", "/")
    told = run(project, installed, "generate", "--check", "--plugins", "silent")
    assert "There is no directive `@infra.notes`" in told.stderr


def test_one_that_is_not_installed_is_told_by_every_command(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nothing = tmp_path_factory.mktemp("nothing")
    for arguments in (("validate",), ("db", "push")):
        assert failed(run(project, nothing, *arguments)).startswith("error: There is no plug-in `notes`: ")
