"""Each command that doctor gives is typed, and what it was given for is found no more: on every real database."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.doctor.conftest import Project

TABLE = {
    "sqlite": 'CREATE TABLE "Note" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "text" TEXT NOT NULL);\n',
    "postgresql": 'CREATE TABLE "Note" ("id" SERIAL NOT NULL, "text" TEXT NOT NULL, CONSTRAINT "Note_pkey" PRIMARY KEY ("id"));\n',
    "mysql": "CREATE TABLE `Note` (`id` INTEGER NOT NULL AUTO_INCREMENT, `text` VARCHAR(191) NOT NULL, PRIMARY KEY (`id`));\n",
}
FIRST, SECOND = "20260101000000_init", "20260102000000_more"


@dataclass(frozen=True)
class Case:
    """`spoil` makes it so, `check` finds it, `text` is in what it says, and `command` in what mends it."""

    spoil: Callable[[Project], None]
    check: str
    mark: str
    text: str
    command: str
    answer: str = ""
    """What a person says where the command asks."""


def nothing(project: Project) -> None:
    """The project as it is: nothing was generated, and no tables were made."""


def stale_package(project: Project) -> None:
    project.succeeds("generate")
    project.write("  more Int?")


def other_version(project: Project) -> None:
    project.succeeds("generate")
    manifest = project.folder / "db" / ".infra-gen.json"
    manifest.write_text(manifest.read_text().replace('"version": "', '"version": "0.0.'))


def changed_schema(project: Project) -> None:
    project.succeeds("db", "push")
    project.write("  more Int?")


def losing_schema(project: Project) -> None:
    project.write("  gone Int?")
    project.succeeds("db", "push")
    sql = "INSERT INTO {} (text, gone) VALUES ('x', 1)".format("`Note`" if project.provider == "mysql" else '"Note"')
    (project.folder / "x.sql").write_text(sql)
    project.succeeds("db", "execute", "--file", "x.sql")
    project.write()


def pending(project: Project) -> None:
    project.migration(FIRST, TABLE[project.provider])


def failed(project: Project) -> None:
    project.migration(FIRST, "CREATE NONSENSE;\n")
    assert project.run("migrate", "deploy").returncode == 1
    project.migration(FIRST, TABLE[project.provider])


def edited(project: Project) -> None:
    pending(project)
    project.succeeds("migrate", "deploy")
    project.migration(FIRST, TABLE[project.provider] + "-- edited\n")


def missing(project: Project) -> None:
    pending(project)
    project.migration(SECOND, "CREATE TABLE other (id INTEGER);\n")
    project.succeeds("migrate", "deploy")
    shutil.rmtree(project.folder / "migrations" / SECOND)


def without_history(project: Project) -> None:
    project.succeeds("db", "push")
    pending(project)


def schema_beyond_migrations(project: Project) -> None:
    pending(project)
    project.succeeds("migrate", "deploy")
    project.write("  more Int?")


OF_FILES = {
    "no package": Case(nothing, "package", "problem", "is not there", "infra-gen generate"),
    "a stale package": Case(stale_package, "package", "problem", "not as the schema says", "infra-gen generate"),
    "a package of another version": Case(other_version, "package", "warning", "infra-gen 0.0.", "infra-gen generate"),
}
OF_DATABASES = {
    "no tables": Case(nothing, "tables", "problem", "CreateTable ×1", "infra-gen db push"),
    "other tables": Case(changed_schema, "tables", "problem", "AlterTable ×1", "infra-gen db push"),
    "other tables with rows": Case(losing_schema, "tables", "problem", "×1", "db push --accept-data-loss"),
    "a pending migration": Case(pending, "migrations", "problem", "pending", "infra-gen migrate deploy"),
    "a failed migration": Case(failed, "migrations", "problem", "did not finish", "resolve --rolled-back"),
    "an edited migration": Case(edited, "migrations", "warning", "was changed", "infra-gen migrate reset", "y\n"),
    "a migration that has gone": Case(missing, "migrations", "warning", "is not in", "infra-gen migrate reset", "y\n"),
    "tables without history": Case(
        without_history, "migrations", "problem", "no history", f"resolve --applied {FIRST}"
    ),
    "a schema beyond its migrations": Case(
        schema_beyond_migrations, "tables", "problem", "AlterTable ×1", "infra-gen migrate dev --name changes"
    ),
}


@pytest.mark.parametrize("case", OF_FILES.values(), ids=OF_FILES.keys())
def test_the_command_that_is_given_mends_a_file(small: Project, case: Case) -> None:
    _mends(small, case)


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
@pytest.mark.parametrize("case", OF_DATABASES.values(), ids=OF_DATABASES.keys())
def test_the_command_that_is_given_mends_a_database(project: Project, case: Case) -> None:
    _mends(project, case)


def _mends(project: Project, case: Case) -> None:
    case.spoil(project)
    found = project.findings()[case.check]
    assert (found["mark"], case.text in found["text"]) == (case.mark, True), found
    assert case.command in found["command"]
    typed = project.types(found["command"], answer=case.answer)
    assert typed.returncode == 0, typed
    again = project.findings()[case.check]
    assert again["text"] != found["text"]
    if case.spoil is not failed:  # Which is pending then.
        assert (again["mark"], again["command"]) == ("ok", None)


def test_when_all_is_mended_there_is_no_problem(project: Project) -> None:
    for _ in range(5):
        mending = [item["command"] for item in project.findings().values() if item["mark"] == "problem"]
        if not mending:
            break
        project.types(mending[0])
    assert not [item for item in project.findings().values() if item["mark"] != "ok"]
    assert project.run("doctor", "--quiet").stdout == ""


def test_from_an_empty_folder_its_commands_lead_to_a_project_without_a_problem(tmp_path: Path) -> None:
    project, typed = Project(tmp_path, "sqlite", ""), []
    for _ in range(5):
        mending = [item["command"] for item in project.findings().values() if item["mark"] == "problem"]
        if not mending:
            break
        assert project.types(mending[0]).returncode == 0, mending
        typed.append(mending[0])
    assert typed[0] == "infra-gen init"
    assert project.run("doctor").returncode == 0


def test_a_database_that_is_not_there_is_made(project: Project) -> None:
    if project.provider == "sqlite":
        (project.folder / "dev.db").unlink()
    else:
        project.url += "_made"
        project.write()
    found = project.findings()["database"]
    assert (found["mark"], "there is no" in found["text"]) == ("problem", True)
    try:
        assert project.types(found["command"]).returncode == 0
        assert project.findings()["database"]["mark"] == "ok"
    finally:
        _drop(project)


def test_migrations_make_it_where_there_are_some(small: Project) -> None:
    (small.folder / "dev.db").unlink()
    pending(small)
    found = small.findings()["database"]
    assert found["command"] == "infra-gen migrate deploy"
    assert small.types(found["command"]).returncode == 0
    assert {
        name: item["mark"] for name, item in small.findings().items() if name in ("database", "migrations", "tables")
    } == {
        "database": "ok",
        "migrations": "ok",
        "tables": "ok",
    }


def test_the_folder_of_a_file_is_made(small: Project) -> None:
    small.url = "file:./a folder/dev.db"
    small.write()
    found = small.findings()["database"]
    assert found["command"].startswith("mkdir -p '")
    assert small.types(found["command"]).returncode == 0
    assert "there is no database at" in small.findings()["database"]["text"]


def test_flags_that_doctor_was_given_stand_in_its_commands(small: Project) -> None:
    (small.folder / "schema.prisma").rename(small.folder / "my schema.prisma")
    flags = ("--schema", "my schema.prisma", "--url", "file:./other.db")
    small.succeeds("generate", *flags[:2])
    for _ in range(3):
        mending = [item["command"] for item in small.findings(*flags).values() if item["mark"] == "problem"]
        if not mending:
            break
        assert small.types(mending[0]).returncode == 0, mending
    assert (small.folder / "other.db").exists()
    assert small.run("doctor", *flags).returncode == 0


def test_the_commands_work_in_a_shell(small: Project) -> None:
    assert small.starts("sh", "-c", small.findings()["package"]["command"]).returncode == 0
    assert small.findings()["package"]["mark"] == "ok"


def test_where_the_shell_does_not_find_infra_gen_it_is_named_by_its_python(small: Project) -> None:
    small.environment["PATH"] = "/usr/bin:/bin"
    command = small.findings()["package"]["command"]
    assert command == f"{sys.executable} -m infra_gen generate"
    assert small.types(command).returncode == 0
    assert small.findings()["package"]["mark"] == "ok"


def _drop(project: Project) -> None:
    name = project.url.rpartition("/")[2]
    if project.provider == "postgresql":
        import psycopg

        with psycopg.connect(project.url.removesuffix("_made"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
    elif project.provider == "mysql":
        from tests.conftest import connect_mysql

        connection = connect_mysql(project.url)
        connection.cursor().execute(f"DROP DATABASE IF EXISTS {name}")
        connection.close()
