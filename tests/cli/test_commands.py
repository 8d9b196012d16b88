"""The command line as a person meets it: what it prints, what it exits with, and what it leaves behind when something is wrong."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SCHEMA = """\
generator db {
  provider = "infra-gen"
  output   = "db"
}

datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

model Note {
  id   Int    @id @default(autoincrement())
  text String
}
"""


def infra_gen(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "infra_gen", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    return tmp_path


STARTING = """
import sys
from infra_gen.__main__ import main
sys.argv = ["infra-gen", *sys.argv[1:]]
try:
    main()
finally:
    heavy = {"typer", "rich", "click", "pydantic", "sqlalchemy", "jinja2", "black", "watchfiles", "pathlib", "importlib.metadata"}
    print("loaded", *sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("arguments", "environment", "stdin", "answer"),
    [
        (["--version"], {}, "", "infra-gen "),
        (["-V"], {}, "", "infra-gen "),
        (
            [],
            {"PRISMA_GENERATOR_INVOCATION": "true"},
            '{"jsonrpc":"2.0","method":"getManifest","params":{"output":{"value":"db"}},"id":1}\n',
            "",
        ),
    ],
    ids=["--version", "-V", "the manifest for Prisma"],
)
def test_what_must_start_fast_loads_nothing_it_does_not_need(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], stdin: str, answer: str
) -> None:
    told = subprocess.run(
        [sys.executable, "-S", "-c", STARTING, *arguments],
        cwd=tmp_path,
        env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        input=stdin,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(answer)
    assert told.stdout.splitlines()[-1] == "loaded"


def test_no_arguments_show_the_help(tmp_path: Path) -> None:
    answer = infra_gen(tmp_path)
    assert "Usage" in answer.stdout + answer.stderr
    for command in ("generate", "validate", "format", "inspect", "db"):
        assert command in answer.stdout + answer.stderr


@pytest.mark.parametrize("arguments", [("generte",), ("validate", "--nope"), ("inspect", "--format", "xml")])
def test_wrong_usage_exits_2(project: Path, arguments: tuple[str, ...]) -> None:
    answer = infra_gen(project, *arguments)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr


# -- validate and format -----------------------------------------------------------------------------------------------
def test_a_valid_schema_is_said_to_be_so(project: Path) -> None:
    answer = infra_gen(project, "validate")
    assert (answer.returncode, answer.stdout) == (0, "schema.prisma: valid (1 model, 0 enums)\n")


BROKEN = SCHEMA.replace("text String", "text Strng\n  also Intt")


def test_every_error_has_its_place_its_line_and_a_caret(project: Path) -> None:
    (project / "schema.prisma").write_text(BROKEN)
    answer = infra_gen(project, "validate")
    assert answer.returncode == 1
    assert "schema.prisma:13:8" in answer.stderr
    assert "schema.prisma:14:8" in answer.stderr
    assert "text Strng" in answer.stderr
    assert "^^^^^" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_json_holds_the_errors_and_nothing_else_is_printed(project: Path) -> None:
    (project / "schema.prisma").write_text(BROKEN)
    answer = infra_gen(project, "validate", "--json")
    report = json.loads(answer.stdout)
    assert (answer.returncode, report["ok"], answer.stderr) == (1, False, "")
    assert [(error["file"], error["line"], error["column"]) for error in report["errors"]] == [
        ("schema.prisma", 13, 8),
        ("schema.prisma", 14, 8),
    ]
    assert all(error["message"] for error in report["errors"])
    assert report["warnings"] == []


def test_json_of_a_valid_schema(project: Path) -> None:
    answer = infra_gen(project, "validate", "--json")
    assert (answer.returncode, json.loads(answer.stdout)) == (0, {"ok": True, "errors": [], "warnings": []})


@pytest.mark.parametrize("provider", ["mongodb", "sqlserver", "cockroachdb"])
def test_a_provider_that_is_not_there_is_refused_in_one_sentence(project: Path, provider: str) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace("sqlite", provider))
    answer = infra_gen(project, "validate", "--json")
    [error] = json.loads(answer.stdout)["errors"]
    assert provider in error["message"]


def test_format_writes_prismas_formatting_and_check_only_tells(project: Path) -> None:
    unformatted = SCHEMA.replace("  id   Int    @id", "  id Int @id")
    (project / "schema.prisma").write_text(unformatted)
    checked = infra_gen(project, "format", "--check")
    assert (checked.returncode, (project / "schema.prisma").read_text()) == (1, unformatted)
    assert "schema.prisma" in checked.stderr
    assert infra_gen(project, "format").returncode == 0
    assert (project / "schema.prisma").read_text() == SCHEMA
    assert infra_gen(project, "format", "--check").returncode == 0


# -- a schema that cannot be had -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("command", [("validate",), ("generate",), ("format",), ("inspect",), ("db", "push")])
def test_a_missing_schema_is_one_paragraph(tmp_path: Path, command: tuple[str, ...]) -> None:
    answer = infra_gen(tmp_path, *command)
    assert answer.returncode == 1
    assert "schema.prisma" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None], ids=["not UTF-8", "a folder without schemas"])
def test_an_unreadable_schema_is_one_paragraph(tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        (tmp_path / "schema").mkdir()
    else:
        (tmp_path / "schema").write_bytes(content)
    answer = infra_gen(tmp_path, "validate", "--schema", "schema")
    assert answer.returncode == 1
    assert "schema" in answer.stderr
    assert "Traceback" not in answer.stderr


# -- generate ----------------------------------------------------------------------------------------------------------
def test_generate_says_what_it_did_and_check_whether_it_would(project: Path) -> None:
    stale = infra_gen(project, "generate", "--check")
    assert stale.returncode == 1
    assert "db/note.py" in stale.stderr
    assert not (project / "db").exists()
    first = infra_gen(project, "generate")
    assert first.returncode == 0
    assert "written" in first.stdout
    assert infra_gen(project, "generate", "--check").returncode == 0
    assert " 0 written" in infra_gen(project, "generate").stdout


def test_an_invalid_schema_leaves_the_last_good_output(project: Path) -> None:
    infra_gen(project, "generate")
    before = {path: path.read_bytes() for path in (project / "db").rglob("*.py")}
    (project / "schema.prisma").write_text(BROKEN)
    assert infra_gen(project, "generate").returncode == 1
    assert {path: path.read_bytes() for path in (project / "db").rglob("*.py")} == before


def test_foreign_files_are_not_touched(project: Path) -> None:
    (project / "db").mkdir()
    (project / "db" / "note.py").write_text("mine = True\n")
    answer = infra_gen(project, "generate")
    assert answer.returncode == 1
    assert "note.py" in answer.stderr
    assert [path.name for path in (project / "db").iterdir()] == ["note.py"]
    assert (project / "db" / "note.py").read_text() == "mine = True\n"


def test_an_output_that_is_a_file_is_one_paragraph(project: Path) -> None:
    (project / "db").write_text("a file")
    answer = infra_gen(project, "generate")
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr


def test_an_unknown_option_names_the_nearest(project: Path) -> None:
    (project / "schema.prisma").write_text(
        SCHEMA.replace('output   = "db"', 'output   = "db"\n  namng    = "snake_case"')
    )
    answer = infra_gen(project, "generate")
    assert answer.returncode == 1
    assert "naming" in answer.stderr
    assert "schema.prisma" in answer.stderr


# -- db push -----------------------------------------------------------------------------------------------------------
def columns(project: Path) -> list[str]:
    connection = sqlite3.connect(project / "dev.db")
    try:
        return [name for (name,) in connection.execute("SELECT name FROM pragma_table_info('Note')")]
    finally:
        connection.close()


def test_push_makes_the_tables_beside_the_schema(project: Path) -> None:
    assert infra_gen(project, "db", "push").returncode == 0
    assert columns(project) == ["id", "text"]
    assert "already" in infra_gen(project, "db", "push").stdout


def test_a_dry_run_prints_the_sql_and_changes_nothing(project: Path) -> None:
    answer = infra_gen(project, "db", "push", "--dry-run")
    assert 'CREATE TABLE "Note"' in answer.stdout
    assert columns(project) == []


def test_push_that_would_lose_data_names_the_flag(project: Path) -> None:
    infra_gen(project, "db", "push")
    connection = sqlite3.connect(project / "dev.db")
    connection.execute("INSERT INTO Note (text) VALUES ('kept')")
    connection.commit()
    connection.close()
    (project / "schema.prisma").write_text(SCHEMA.replace("  text String\n", ""))
    refused = infra_gen(project, "db", "push")
    assert refused.returncode == 1
    assert "--accept-data-loss" in refused.stderr
    assert columns(project) == ["id", "text"]
    assert infra_gen(project, "db", "push", "--accept-data-loss").returncode == 0
    assert columns(project) == ["id"]


def test_a_url_of_another_provider_is_refused_without_its_password(project: Path) -> None:
    answer = infra_gen(project, "db", "push", "--url", "postgresql://ada:secret@localhost/x")
    assert answer.returncode == 1
    assert "sqlite" in answer.stderr
    assert "secret" not in answer.stderr


@pytest.mark.parametrize("place", [".env", "prisma/.env"])
def test_a_variable_may_stand_in_a_file(project: Path, place: str) -> None:
    (project / "prisma").mkdir()
    (project / "schema.prisma").rename(project / "prisma/schema.prisma")
    schema = project / "prisma/schema.prisma"
    schema.write_text(SCHEMA.replace('"file:./dev.db"', 'env("NOTES_URL")'))
    (project / place).write_text('NOTES_URL="file:./noted.db"\n')
    assert infra_gen(project, "db", "push").returncode == 0
    assert (project / "prisma/noted.db").exists()


def test_what_changes_tables_goes_by_the_direct_url(project: Path) -> None:
    (project / "schema.prisma").write_text(
        SCHEMA.replace('"file:./dev.db"', '"file:./pooled.db"\n  directUrl = "file:./direct.db"')
    )
    assert infra_gen(project, "db", "push").returncode == 0
    assert (project / "direct.db").exists()
    assert not (project / "pooled.db").exists()


def test_a_missing_variable_is_named(project: Path) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace('"file:./dev.db"', 'env("NOTES_URL")'))
    answer = infra_gen(project, "db", "push", NOTES_URL="")
    assert answer.returncode == 1
    assert "NOTES_URL" in answer.stderr
