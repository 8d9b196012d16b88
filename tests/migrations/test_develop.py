"""`migrate dev`, `reset` and `diff`: a changed schema becomes a migration that is written, applied, and undone by none."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from infra_gen.migrations.states import SCRATCH
from tests.migrations.conftest import Project

INITIAL = ("migrate", "dev", "--name", "Initial tables")


def newest(project: Project) -> str:
    """The script of the newest migration."""
    return sorted((project.folder / "migrations").glob("*/migration.sql"))[-1].read_text()


def number_of_migrations(project: Project) -> int:
    return len(list((project.folder / "migrations").glob("*/migration.sql")))


def test_the_first_migration_makes_the_tables(project: Project) -> None:
    assert "wrote and applied migrations/" in project.succeeds(*INITIAL)
    assert newest(project).startswith("-- CreateTable\nCREATE TABLE")
    [(name, state)] = project.history
    assert name.endswith("_initial_tables")
    assert len(name.partition("_")[0]) == 14
    assert state == "applied"
    lock = (project.folder / "migrations/migration_lock.toml").read_text()
    assert f'provider = "{project.provider}"' in lock


def test_without_a_change_nothing_is_written(project: Project) -> None:
    project.succeeds(*INITIAL)
    assert "already as the schema says" in project.succeeds("migrate", "dev", "--name", "again")
    assert number_of_migrations(project) == 1
    assert project.succeeds("migrate", "diff", "--from", "database", "--to", "schema") == "No difference.\n"
    assert project.succeeds("migrate", "diff", "--from", "migrations", "--to", "schema") == "No difference.\n"


def test_a_change_becomes_a_migration(project: Project) -> None:
    project.succeeds(*INITIAL)
    project.write_schema(
        "pages Int?", "@@index([title(length: 20)])" if project.provider == "mysql" else "@@index([title])"
    )
    project.succeeds("migrate", "dev", "--name", "pages")
    assert project.quoted("pages") in newest(project)
    assert [state for _, state in project.history] == ["applied", "applied"]
    assert "nothing to apply" in project.succeeds("migrate", "deploy")


def test_rows_are_not_lost_unasked(project: Project) -> None:
    project.write_schema("pages Int?")
    project.succeeds(*INITIAL)
    book = project.quoted("Book")
    project.query(f"INSERT INTO {book} (title, pages) VALUES ('A', 100), ('B', NULL)")
    project.write_schema()
    refused = project.refused("migrate", "dev", "--name", "no_pages")
    assert "You are about to drop the column `pages` on the `Book` table." in refused
    assert "(1 value)" in refused
    assert "--accept-data-loss" in refused
    assert number_of_migrations(project) == 1
    project.succeeds("migrate", "dev", "--name", "no_pages", "--accept-data-loss")
    assert newest(project).startswith("/*\n  Warnings:\n\n  - You are about to drop the column `pages`")
    assert project.query(f"SELECT title FROM {book} ORDER BY title") == [("A",), ("B",)]


def test_rows_that_stand_against_a_change_are_told_before_it_is_tried(project: Project) -> None:
    project.write_schema("pages Int?")
    project.succeeds(*INITIAL)
    book = project.quoted("Book")
    project.query(f"INSERT INTO {book} (title, pages) VALUES ('A', NULL), ('A', NULL)")
    for lines, told in (
        (("pages Int",), "Made the column `pages` on table `Book` required"),
        (("pages Int?", "isbn String"), "Added the required column `isbn` to the `Book` table without a default value"),
    ):
        project.write_schema(*lines)
        assert told in project.refused("migrate", "dev", "--name", "more", "--accept-data-loss")
    project.write_schema("pages Int?", "@@unique([pages, id])")
    project.succeeds("migrate", "dev", "--name", "unique")


def test_create_only_writes_and_applies_nothing(project: Project) -> None:
    assert "wrote migrations/" in project.succeeds(*INITIAL, "--create-only")
    assert project.history == []
    assert "1 migration applied" in project.succeeds("migrate", "deploy")


def test_a_failed_migration_stops_development(project: Project) -> None:
    project.write_migration(
        "20260101000000_broken", "CREATE TABLE twice (id INTEGER);\nCREATE TABLE twice (id INTEGER);\n"
    )
    assert "20260101000000_broken" in project.refused(*INITIAL)
    assert "began and did not finish" in project.refused(*INITIAL)
    assert number_of_migrations(project) == 1


def test_a_reset_begins_anew(project: Project) -> None:
    project.succeeds(*INITIAL)
    book = project.quoted("Book")
    project.query(f"INSERT INTO {book} (title) VALUES ('gone')")
    assert "migrate reset --force" in project.refused("migrate", "reset")
    assert "1 migration applied" in project.succeeds("migrate", "reset", "--force")
    assert project.query(f"SELECT count(*) FROM {book}") == [(0,)]
    assert len(project.history) == 1


def test_a_diff_prints_sql_or_a_summary_and_says_by_its_exit_code(project: Project) -> None:
    project.succeeds(*INITIAL)
    project.write_schema("pages Int?")
    sides = ("migrate", "diff", "--from", "migrations", "--to", "schema")
    assert project.succeeds(*sides) == "~ table Book\n    + column pages INTEGER\n"
    assert "ADD COLUMN" in project.succeeds(*sides, "--script")
    assert project.infra_gen(*sides, "--exit-code").returncode == 2
    answer = json.loads(project.succeeds(*sides, "--json"))
    assert (answer["ok"], answer["differs"], answer["errors"]) == (True, True, [])
    assert [step["comment"] for step in answer["steps"]] == ["AlterTable"]
    assert "CREATE TABLE" in project.succeeds("migrate", "diff", "--from", "empty", "--to", "schema", "--script")
    assert "neither empty, schema" in project.refused("migrate", "diff", "--from", "nonsense", "--to", "schema")


def test_a_diff_leaves_no_database_behind(project: Project) -> None:
    project.succeeds(*INITIAL)
    project.succeeds("migrate", "diff", "--from", "migrations", "--to", "schema")
    if project.provider != "sqlite":
        databases = "SHOW DATABASES" if project.provider == "mysql" else "SELECT datname FROM pg_database"
        own = project.url.rpartition("/")[2] + SCRATCH
        assert not [name for (name,) in project.query(databases) if str(name).startswith(own)]


def test_a_script_is_executed_as_it_is(project: Project) -> None:
    (project.folder / "fill.sql").write_text(
        "CREATE TABLE a (x INTEGER);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n"
    )
    project.succeeds("db", "execute", "--file", "fill.sql")
    assert project.query("SELECT sum(x) FROM a")[0][0] == 3
    (project.folder / "fill.sql").write_text("INSERT INTO a VALUES (3);\nINSERT INTO b VALUES (1);\n")
    assert "fill.sql:2: the database refused this" in project.refused("db", "execute", "--file", "fill.sql")
    assert "Give one of" in project.refused("db", "execute")


def test_a_database_is_made_where_it_is_asked_for(project: Project) -> None:
    if project.provider == "sqlite":
        pytest.skip("a file is made when it is opened")
    url = f"{project.url}_new"
    refused = project.refused("migrate", "deploy", "--url", url)
    assert "there is no such database" in refused
    assert "--create-database" in refused
    try:
        project.succeeds(*INITIAL, "--url", url, "--create-database")
    finally:
        project.query(f"DROP DATABASE {project.quoted(url.rpartition('/')[2])}")


def test_the_seed_command_of_the_project_is_run(project: Project) -> None:
    assert "There is nothing to run" in project.refused("db", "seed")
    (project.folder / "pyproject.toml").write_text('[tool.infra-gen]\nseed = "touch seeded"\n')
    project.succeeds("db", "seed")
    assert (project.folder / "seeded").exists()
    (project.folder / "pyproject.toml").write_text('[tool.infra-gen]\nseed = "false"\n')
    assert "ended with 1" in project.refused("db", "seed")


def test_a_server_that_is_not_there_is_told_without_a_password(project: Project) -> None:
    if project.provider == "sqlite":
        pytest.skip("a file has no server")
    scheme = "postgresql" if project.provider == "postgresql" else "mysql"
    refused = project.refused("migrate", "deploy", "--url", f"{scheme}://ada:secret@127.0.0.1:9/x")
    assert "cannot be reached" in refused
    assert "secret" not in refused


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals")
@pytest.mark.parametrize(("answer", "code", "pages"), [("n\n", 1, [(100,)]), ("y\n", 0, [])])
def test_a_person_is_asked(project: Project, answer: str, code: int, pages: list[object]) -> None:
    project.write_schema("pages Int?")
    project.succeeds(*INITIAL)
    book = project.quoted("Book")
    project.query(f"INSERT INTO {book} (title, pages) VALUES ('A', 100)")
    project.write_schema()
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        project.command("migrate", "dev", "--name", "no_pages"),
        cwd=project.folder,
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    out, _ = process.communicate(timeout=60)
    told = os.read(ours, 65536).decode()
    os.close(ours)
    assert process.returncode == code, (out, told)
    assert "Data would be lost" in told
    assert "Go on?" in told
    if pages:
        assert project.query(f"SELECT pages FROM {book}") == pages
    else:
        assert "wrote and applied" in out


def test_what_directives_ask_for_can_be_left_out_and_is_left_alone(project: Project) -> None:
    models = """
/// @infra.softDelete(field: gone)
/// @infra.search(fields: [title])
model Film {
  id    Int       @id
  code  String    @unique
  title String
  gone  DateTime?
}
"""

    def named(name: str) -> str:
        [path] = (project.folder / "migrations").glob(f"*_{name}/migration.sql")
        return path.read_text()

    project.write_schema(models=models)
    project.succeeds(*INITIAL, "--prisma-only")
    assert "Search" not in named("initial_tables")
    assert "WHERE" not in named("initial_tables")
    assert "already" in project.succeeds("migrate", "dev", "--name", "no", "--prisma-only")
    project.succeeds("migrate", "dev", "--name", "ours")
    assert "CreateSearchIndex" in named("ours")
    assert "already" in project.succeeds("migrate", "dev", "--name", "no", "--prisma-only")
    project.write_schema("pages Int?", models=models)
    project.succeeds("migrate", "dev", "--name", "more", "--prisma-only")
    assert "Search" not in named("more")
    assert "Film" not in named("more")
    assert "already" in project.succeeds("migrate", "dev", "--name", "no")
