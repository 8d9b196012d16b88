"""`db pull` as a person meets it: a new schema, one that is there, what is printed, and what is left alone when something is wrong."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from infra_gen.database.connection import connected
from infra_gen.front import compile_schema
from infra_gen.schema.source import SourceFile
from infra_runtime.urls import parse_url
from tests.cli.test_commands import infra_gen
from tests.databases import Provider, datasource

SCHEMA = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

// people
model Author {
  id String @id @default(cuid()) /// by the client
}
"""
PULLED = SCHEMA.replace(
    "  id String @id @default(cuid()) /// by the client\n",
    "  id   String  @id @default(cuid()) /// by the client\n  name String?\n",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database whose author has a name."""
    connection = sqlite3.connect(tmp_path / "dev.db")
    connection.execute('CREATE TABLE "Author" (id TEXT NOT NULL PRIMARY KEY, name TEXT)')
    connection.close()
    return tmp_path


def test_a_schema_follows_its_database(folder: Path) -> None:
    (folder / "schema.prisma").write_text(SCHEMA)
    answer = infra_gen(folder, "db", "pull")
    assert answer.returncode == 0, answer.stderr
    assert (folder / "schema.prisma").read_text() == PULLED
    assert answer.stdout == f"  Author.name added\nschema.prisma: as sqlite:{folder}/dev.db has it (1 change)\n"
    again = infra_gen(folder, "db", "pull")
    assert again.stdout == f"The schema is as sqlite:{folder}/dev.db has it: nothing to change\n"
    assert (folder / "schema.prisma").read_text() == PULLED


def test_print_writes_nothing(folder: Path) -> None:
    (folder / "schema.prisma").write_text(SCHEMA)
    answer = infra_gen(folder, "db", "pull", "--print")
    assert (answer.stdout, answer.stderr) == (PULLED, "  Author.name added\n")
    assert (folder / "schema.prisma").read_text() == SCHEMA


def test_a_new_schema_names_the_environment_and_never_the_secret(folder: Path) -> None:
    answer = infra_gen(folder, "db", "pull", "--url", "file:./dev.db")
    assert answer.returncode == 0, answer.stderr
    assert (folder / "schema.prisma").read_text() == (
        'datasource db {\n  provider = "sqlite"\n  url      = env("DATABASE_URL")\n}\n\n'
        'generator client {\n  provider = "infra-gen"\n}\n\n'
        "model Author {\n  id   String  @id\n  name String?\n}\n"
    )
    placed = infra_gen(folder, "db", "pull", "--url", "file:../dev.db", "--schema", "db/schema.prisma")
    assert placed.returncode == 0, placed.stderr
    assert (folder / "db/schema.prisma").read_text() == (folder / "schema.prisma").read_text()
    assert infra_gen(folder, "validate").returncode == 0


def test_force_begins_anew(folder: Path) -> None:
    (folder / "schema.prisma").write_text(SCHEMA)
    assert infra_gen(folder, "db", "pull", "--force").returncode == 0
    text = (folder / "schema.prisma").read_text()
    assert text.endswith("// people\n\nmodel Author {\n  id   String  @id\n  name String?\n}\n")


def test_json(folder: Path) -> None:
    (folder / "schema.prisma").write_text(SCHEMA)
    printed = json.loads(infra_gen(folder, "db", "pull", "--json", "--print").stdout)
    assert printed == {
        "ok": True,
        "written": [],
        "changes": ["Author.name added"],
        "errors": [],
        "warnings": [],
        "files": [{"path": "schema.prisma", "text": PULLED}],
    }
    written = json.loads(infra_gen(folder, "db", "pull", "--json").stdout)
    assert (written["written"], written["files"]) == (["schema.prisma"], [])


def test_several_files_are_written_whole_or_not_at_all(folder: Path) -> None:
    connection = sqlite3.connect(folder / "dev.db")
    connection.execute('CREATE TABLE "New" (id INTEGER NOT NULL PRIMARY KEY)')
    connection.close()
    files = folder / "models"
    (files / "own").mkdir(parents=True)
    head, model = SCHEMA.split("// people\n")
    (files / "author.prisma").write_text(model)
    (files / "own/base.prisma").write_text(head.replace("./dev.db", f"{folder}/dev.db"))
    if os.geteuid() != 0:
        (files / "own").chmod(0o500)
        refused = infra_gen(folder, "db", "pull", "--schema", "models")
        (files / "own").chmod(0o700)
        assert refused.returncode == 1
        assert "Nothing was changed" in refused.stderr
        assert (files / "author.prisma").read_text() == model
    answer = infra_gen(folder, "db", "pull", "--schema", "models")
    assert answer.returncode == 0, answer.stderr
    assert "  name String?\n" in (files / "author.prisma").read_text()
    assert "model New {" in (files / "own/base.prisma").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--url", "file:./other.db"), "There is no database at"),
        (("--url", "file:./empty.db"), "has no tables: there is nothing to pull, and nothing was changed."),
        (("--url", "postgresql://me:hidden@127.0.0.1:1/x"), "provider"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_touched(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    (folder / "schema.prisma").write_text(SCHEMA)
    sqlite3.connect(folder / "empty.db").execute("PRAGMA user_version = 1").connection.close()
    answer = infra_gen(folder, "db", "pull", *arguments)
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "hidden" not in answer.stderr
    assert (folder / "schema.prisma").read_text() == SCHEMA
    assert not (folder / "other.db").exists()


@pytest.mark.parametrize("provider", ["postgresql", "mysql"])
def test_a_schema_of_a_server(tmp_path: Path, provider: Provider, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{provider}_url")
    nothing = compile_schema((SourceFile("schema.prisma", datasource(provider)),)).schema
    with connected(parse_url(url), nothing) as connection:
        connection.run(["CREATE TABLE thing (id int PRIMARY KEY, name varchar(20) DEFAULT 'a%')"])
    answer = infra_gen(tmp_path, "db", "pull", "--url", url)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "schema.prisma").read_text() == (
        f'datasource db {{\n  provider = "{provider}"\n  url      = env("DATABASE_URL")\n}}\n\n'
        'generator client {\n  provider = "infra-gen"\n}\n\n'
        'model thing {\n  id   Int     @id\n  name String? @default("a%") @db.VarChar(20)\n}\n'
    )
    again = infra_gen(tmp_path, "db", "pull", DATABASE_URL=url)
    assert again.stdout.endswith("has it: nothing to change\n")


def test_a_server_that_has_no_such_database(folder: Path, postgresql_url: str) -> None:
    url = postgresql_url.rpartition("/")[0] + "/there_is_none_of_this_name"
    answer = infra_gen(folder, "db", "pull", "--url", url)
    assert answer.returncode == 1
    assert "there is no such database. Nothing was changed.\n" in answer.stderr
    assert not (folder / "schema.prisma").exists()


def test_without_a_schema_and_a_url_the_places_are_named(tmp_path: Path) -> None:
    answer = infra_gen(tmp_path, "db", "pull")
    assert answer.returncode == 1
    assert "No schema was found" in answer.stderr
