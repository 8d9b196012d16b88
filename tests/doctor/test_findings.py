"""What doctor finds where there is little to look at, or something is broken: always findings, never a traceback."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from infra_gen.doctor import examination, history, installation, project, shell
from infra_gen.doctor.findings import Finding, guarded, ok
from infra_gen.doctor.installation import libraries
from infra_gen.doctor.prisma import command_line, prisma
from infra_gen.doctor.project import Place
from infra_gen.front import compile_schema
from infra_gen.schema.source import SourceFile
from tests.cli.test_base_install import COMMAND
from tests.cli.test_base_install import run as run_without_extras
from tests.doctor.conftest import Project


# -- the surroundings --------------------------------------------------------------------------------------------------
def test_in_an_empty_folder_a_project_can_be_begun(tmp_path: Path) -> None:
    empty = Project(tmp_path, "sqlite", "")
    found = empty.findings()
    assert found["schema"]["command"] == "infra-gen init"
    assert found["python"]["mark"] == "ok"
    assert "database" not in found
    assert list(tmp_path.iterdir()) == []


def test_a_schema_that_is_named_and_not_there_is_no_reason_to_begin(tmp_path: Path) -> None:
    found = Project(tmp_path, "sqlite", "").findings("--schema", "nope.prisma")["schema"]
    assert (found["mark"], found["command"]) == ("problem", None)
    assert "nope.prisma" in found["text"]


def test_a_broken_schema_is_told_with_its_first_place(small: Project) -> None:
    small.write("  more Nope", "  again Nope")
    done = small.run("doctor", "--json")
    report = json.loads(done.stdout)
    [error] = report["errors"]
    assert (error["file"], error["line"]) == ("schema.prisma", 14)
    assert "(2 errors)" in error["message"]
    assert "infra-gen validate" in error["message"]
    assert {"package", "database"}.isdisjoint(item["check"] for item in report["findings"])


def test_offline_no_database_is_looked_at(small: Project) -> None:
    (small.folder / "dev.db").unlink()
    small.succeeds("generate")
    assert small.run("doctor", "--offline").returncode == 0
    assert "database" not in small.findings("--offline")
    assert not (small.folder / "dev.db").exists()


def test_looking_makes_nothing_and_changes_nothing(small: Project) -> None:
    (small.folder / "dev.db").unlink()
    small.run("doctor")
    assert [path.name for path in small.folder.iterdir()] == ["schema.prisma"]


def test_without_the_generators_extra_all_else_is_looked_at(small: Project) -> None:
    small.succeeds("generate")
    small.succeeds("db", "push")
    done = run_without_extras(small.folder, COMMAND, "doctor", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    marks = {item["check"]: (item["mark"], item["command"]) for item in report["findings"]}
    assert marks["package"][0] == "warning"
    assert str(marks["package"][1]).endswith("'infra-gen[generator]'")
    assert marks["tables"] == ("ok", None)


def test_without_the_driver_of_its_provider_it_names_the_extra(small: Project) -> None:
    small.provider, small.url = "postgresql", "postgresql://ada:secret@127.0.0.1:1/x"
    small.write()
    done = run_without_extras(small.folder, COMMAND, "doctor")
    assert done.returncode == 1
    assert "problem  driver" in done.stdout
    assert "-m pip install 'infra-gen[postgresql]'" in done.stdout
    assert "secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_check_that_crashes_is_a_finding() -> None:
    def crashes() -> list[Finding]:
        raise KeyError("x")

    [found] = guarded("tables", crashes)
    assert (found.check, found.mark, "KeyError" in found.text) == ("tables", "problem", True)


def test_a_crash_stops_nothing_else(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "options", lambda *_: 1 / 0)
    monkeypatch.setattr(history, "migrations", lambda *_: 1 / 0)
    found = small.findings()
    assert "ZeroDivisionError" in found["options"]["text"]
    assert "ZeroDivisionError" in found["migrations"]["text"]
    assert found["database"]["mark"] == "ok"


def test_findings_are_told_as_they_come(small: Project) -> None:
    findings = examination.examine(Place(small.folder, small.folder / "schema.prisma"))
    assert next(findings).check == "python"


# -- the installation --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("version", "mark"), [((3, 10, 1), "problem"), ((3, 11, 0), "ok"), ((3, 15, 0), "warning")])
def test_pythons(version: tuple[int, int, int], mark: str) -> None:
    assert [item.mark for item in installation.python(version)] == [mark]


def test_what_the_toolkit_asks_for_is_read_by_extra() -> None:
    wanted = [
        "pydantic<3,>=2.11",
        "typer>=0.20",
        'jinja2>=3.1; extra == "generator"',
        'psycopg[binary]<4; extra == "postgresql"',
        'infra-gen[generator]; extra == "all"',
        'pytest; extra == "test"',
    ]
    assert libraries(wanted) == {"": ["pydantic", "typer"], "generator": ["jinja2"], "postgresql": ["psycopg"]}


def test_a_library_that_is_too_old_is_told_with_what_installs_another() -> None:
    found = list(installation.toolkit(lambda name: "1.0" if name == "pydantic" else installation.versions(name)))
    [problem] = [item for item in found if item.mark == "problem"]
    assert "pydantic 1.0 is installed" in problem.text
    assert problem.command is not None
    assert "pydantic<3,>=2.11" in problem.command or "pydantic>=2.11,<3" in problem.command


def test_a_driver_that_is_half_there_is_told() -> None:
    [found] = installation.driver("mysql", lambda name: None if name == "asyncmy" else "1")
    assert (found.mark, found.text) == ("problem", "asyncmy is not installed, which mysql needs")


def test_another_infra_gen_on_the_path_is_told(small: Project, tmp_path: Path) -> None:
    other = tmp_path / "bin" / "infra-gen"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    small.environment["PATH"] = f"{other.parent}:/usr/bin:/bin"
    found = small.findings()
    assert (found["toolkit"]["mark"], str(other) in found["toolkit"]["text"]) == ("warning", True)
    assert found["package"]["command"].endswith("-m infra_gen generate")


# -- the generator block, and prisma -----------------------------------------------------------------------------------
def test_a_block_whose_program_the_shell_does_not_find_is_told(small: Project) -> None:
    text = (small.folder / "schema.prisma").read_text()
    (small.folder / "schema.prisma").write_text(text.replace('"infra-gen"', '"nowhere/infra-gen"'))
    found = small.findings()["generator"]
    assert (found["mark"], "the shell does not find" in found["text"]) == ("warning", True)


def test_a_block_that_names_the_command_generate_is_a_problem(small: Project) -> None:
    text = (small.folder / "schema.prisma").read_text()
    (small.folder / "schema.prisma").write_text(text.replace('"infra-gen"', '"infra-gen generate"'))
    found = small.findings()["options"]
    assert (found["mark"], 'write "infra-gen"' in found["text"]) == ("problem", True)


def npm_prisma(folder: Path, version: str) -> Path:
    package = folder / "node_modules" / "prisma"
    (package / "build").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "prisma", "version": version}))
    (package / "build" / "index.js").write_text("#!/usr/bin/env node\n")
    (package / "build" / "index.js").chmod(0o755)
    place = folder / "node_modules" / ".bin" / "prisma"
    place.parent.mkdir()
    place.symlink_to("../prisma/build/index.js")
    return place


def pypi_prisma(folder: Path) -> Path:
    (folder / "lib" / "python3.11" / "site-packages" / "prisma-0.15.0.dist-info").mkdir(parents=True)
    place = folder / "bin" / "prisma"
    place.parent.mkdir()
    place.write_text("#!/usr/bin/python3\nimport sys\nfrom prisma.cli import main\nsys.exit(main())\n")
    place.chmod(0o755)
    return place


SOURCE = SourceFile(
    "schema.prisma",
    'generator py {\n  provider = "prisma-client-py"\n}\n\ngenerator db {\n  provider = "infra-gen"\n}\n\n'
    'datasource db {\n  provider = "sqlite"\n}\n',
)


def test_npms_prisma_is_found_where_npx_finds_it_with_what_it_runs(tmp_path: Path) -> None:
    npm_prisma(tmp_path, "6.19.0")
    (tmp_path / "app").mkdir()
    [found] = prisma(tmp_path / "app", compile_schema((SOURCE,)).schema, search=str(tmp_path / "none"))
    assert found.mark == "ok"
    assert "npm's prisma 6.19.0" in found.text
    assert "runs py (prisma-client-py), db (infra-gen)" in found.text


def test_a_version_that_runs_no_generators_of_others_is_told(tmp_path: Path) -> None:
    npm_prisma(tmp_path, "8.0.0")
    [found] = prisma(tmp_path, None, search="")
    assert (found.mark, "infra-gen generate" in str(found)) == ("warning", True)


def test_pypis_prisma_on_the_path_is_told_apart(tmp_path: Path) -> None:
    place = pypi_prisma(tmp_path)
    npm_prisma(tmp_path, "6.0.0")
    found = command_line(tmp_path, search=str(place.parent))
    assert found is not None
    assert (found.source, found.version) == ("PyPI", "0.15.0")


def test_without_any_prisma_nothing_is_amiss(tmp_path: Path) -> None:
    assert [item.mark for item in prisma(tmp_path, None, search="")] == ["ok"]


# -- the database ------------------------------------------------------------------------------------------------------
def test_a_database_that_answers_is_told_with_its_server(project: Project) -> None:
    text = project.findings()["database"]["text"]
    named = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "M"}[project.provider]
    assert f"({named}" in text
    assert "the datasource's url" in text


def test_a_folder_of_migrations_that_cannot_be_read_is_told_and_tables_are_not_compared(small: Project) -> None:
    (small.folder / "migrations" / "1_x").mkdir(parents=True)
    found = small.findings()
    assert "holds no migration.sql" in found["migrations"]["text"]
    assert (found["database"]["mark"], "tables" in found) == ("ok", False)


def test_a_variable_that_is_not_set_is_named(small: Project) -> None:
    text = (small.folder / "schema.prisma").read_text()
    (small.folder / "schema.prisma").write_text(text.replace('"file:./dev.db"', 'env("NOTES_URL")'))
    assert "set NOTES_URL" in small.findings()["database"]["text"]


def test_a_server_that_does_not_answer_is_told_without_the_password(small: Project) -> None:
    small.provider, small.url = "postgresql", "postgresql://ada:secret@127.0.0.1:1/x"
    small.write()
    done = small.run("doctor")
    assert "problem  database" in done.stdout
    assert "secret" not in done.stdout + done.stderr


def test_a_url_with_a_password_is_not_shown_in_a_command(small: Project) -> None:
    small.provider = "postgresql"
    small.write()
    place = Place(small.folder, url="postgresql://ada:secret@127.0.0.1/x")
    assert (place.said_of_database["--url"], place.hint) == (None, "With the same --url")
    assert Place(small.folder, url="postgresql://ada@127.0.0.1/x").hint is None


def test_rows_that_stand_against_a_change_are_told_and_no_command(small: Project) -> None:
    small.succeeds("db", "push")
    with sqlite3.connect(small.folder / "dev.db") as connection:
        connection.execute("INSERT INTO Note (text) VALUES ('x')")
    connection.close()
    small.write("  more Int")
    found = small.findings()["tables"]
    assert (found["mark"], found["command"]) == ("problem", None)
    assert "rows stand against it" in found["advice"]


def test_a_user_who_may_not_change_tables_is_told(postgresql_url: str, tmp_path: Path) -> None:
    import psycopg

    name = f"{postgresql_url.rpartition('/')[2]}_reader"
    weak = Project(tmp_path, "postgresql", postgresql_url.replace("//postgres@", f"//{name}@"))
    if weak.url == postgresql_url:
        pytest.skip("the server's user has another name")
    weak.write()
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute('CREATE TABLE "Note" (id SERIAL PRIMARY KEY, text TEXT NOT NULL)')
        connection.execute(f"CREATE ROLE {name} LOGIN".encode())
        connection.execute(f'REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT SELECT ON "Note" TO {name}'.encode())
        try:
            found = weak.findings()["privileges"]
            assert (found["mark"], "CREATE in the schema public" in found["text"]) == ("warning", True)
            assert "rights on 1 table" in found["text"]
            for grant in found["advice"].partition(": ")[2].split("; "):
                connection.execute(grant.encode())
            assert weak.findings()["privileges"]["mark"] == "ok"
        finally:
            connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_a_user_of_mysqls_who_may_not_change_tables_is_told(mysql_url: str, tmp_path: Path) -> None:
    from tests.conftest import connect_mysql

    database = mysql_url.rpartition("/")[2]
    name = f"r{database[-20:]}"
    cursor = connect_mysql(mysql_url).cursor()
    cursor.execute(f"CREATE USER '{name}'@'%'")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.* TO '{name}'@'%'")
    host = mysql_url.rpartition("@")[2]
    weak = Project(tmp_path, "mysql", f"mysql://{name}@{host}")
    weak.write()
    try:
        found = weak.findings()
        if found["database"]["mark"] != "ok":
            pytest.skip("another user is matched first on this server")
        assert (found["privileges"]["mark"], "CREATE, ALTER" in found["privileges"]["text"]) == ("warning", True)
        for grant in found["privileges"]["advice"].partition(": ")[2].split("; "):
            cursor.execute(grant)
        assert weak.findings()["privileges"]["mark"] == "ok"
    finally:
        cursor.execute(f"DROP USER '{name}'@'%'")
        cursor.connection.close()


# -- its words ---------------------------------------------------------------------------------------------------------
def test_a_finding_is_one_line() -> None:
    assert str(ok("python", "Python 3.11")) == "Python 3.11"
    whole = Finding("tables", "problem", "they differ", "infra-gen db push", "That costs: 3 rows")
    assert str(whole) == "they differ. That costs: 3 rows. Run: infra-gen db push"


def test_words_are_quoted_as_a_shell_needs_it() -> None:
    assert shell.line("a b", "c") in ("'a b' c", '"a b" c')
