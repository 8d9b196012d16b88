"""`migrate deploy`, `status` and `resolve`: what is pending is applied in order, once, and nothing goes over a failure."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.migrations.conftest import Project

SHELVES = "CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY);\n"
LABELS = "-- AlterTable\nALTER TABLE shelves ADD COLUMN label VARCHAR(40);\n"
BROKEN = "-- AlterTable\nALTER TABLE shelves ADD COLUMN wide INTEGER;\n\n-- AlterTable\nALTER TABLE nowhere ADD COLUMN x INTEGER;\n"


def with_migrations(project: Project) -> Project:
    project.write_migration("20260101000000_shelves", SHELVES)
    project.write_migration("20260102000000_labels", LABELS)
    return project


def test_what_is_pending_is_applied_in_order_and_once(project: Project) -> None:
    with_migrations(project)
    assert "2 migrations applied, up to 20260102000000_labels" in project.succeeds("migrate", "deploy")
    assert "nothing to apply, 2 migrations in place" in project.succeeds("migrate", "deploy")
    assert project.history == [("20260101000000_shelves", "applied"), ("20260102000000_labels", "applied")]
    assert project.query("SELECT id, label FROM shelves") == []


def test_the_history_is_as_prisma_writes_it(project: Project) -> None:
    with_migrations(project)
    project.succeeds("migrate", "deploy")
    rows = project.query(
        "SELECT length(id), checksum, logs, rolled_back_at, applied_steps_count FROM _prisma_migrations ORDER BY migration_name"
    )
    # sha256sum of the first script
    assert rows[0] == (36, "af9f8899533d14dbaa63508233b94604ec2c2886e82d8efbdc8a815db055e51f", None, None, 1)
    assert len(rows) == 2


def test_moments_of_a_history_on_sqlite_are_those_it_began_with(project: Project) -> None:
    if project.provider != "sqlite":
        pytest.skip("servers have types for moments")
    with_migrations(project)
    project.write_migration("20260103000000_more", "CREATE TABLE more (id INTEGER);")
    project.succeeds("migrate", "deploy")
    assert {kind for (kind,) in project.query("SELECT typeof(started_at) FROM _prisma_migrations")} == {"integer"}
    project.query("DELETE FROM _prisma_migrations WHERE migration_name = '20260103000000_more'")
    project.query("DROP TABLE more")
    project.query("UPDATE _prisma_migrations SET started_at = '2026-11-26T02:05:04.423+00:00'")
    project.succeeds("migrate", "deploy")
    assert {kind for (kind,) in project.query("SELECT typeof(started_at) FROM _prisma_migrations")} == {"text"}
    assert project.history[-1] == ("20260103000000_more", "applied")


def test_status_says_what_is_pending(project: Project) -> None:
    with_migrations(project)
    project.succeeds("migrate", "deploy")
    project.write_migration("20260103000000_more", "CREATE TABLE more (id INTEGER);")
    done = project.infra_gen("migrate", "status")
    assert done.returncode == 1
    assert "pending  20260103000000_more" in done.stdout


def test_edited_and_missing_migrations_are_noticed(project: Project) -> None:
    with_migrations(project)
    project.succeeds("migrate", "deploy")
    project.write_migration("20260102000000_labels", LABELS + "-- more\n")
    (project.folder / "migrations/20260101000000_shelves/migration.sql").unlink()
    (project.folder / "migrations/20260101000000_shelves").rmdir()
    done = project.infra_gen("migrate", "deploy")
    assert done.returncode == 0
    assert "20260102000000_labels was changed after it had been applied" in done.stderr
    assert "20260101000000_shelves was applied, and is not in the folder" in done.stderr
    refused = project.refused("migrate", "dev", "--name", "next")
    assert "infra-gen migrate reset" in refused


def test_a_failed_migration_is_told_and_nothing_goes_over_it(project: Project) -> None:
    with_migrations(project)
    path = project.write_migration("20260103000000_broken", BROKEN)
    project.write_migration("20260104000000_after", "CREATE TABLE after_it (id INTEGER);")
    refused = project.refused("migrate", "deploy")
    assert f"{path.relative_to(project.folder)}:5: the database refused" in refused
    assert "nowhere" in refused
    assert "ALTER TABLE nowhere" in refused
    assert project.history[-1] == ("20260103000000_broken", "failed")
    again = project.refused("migrate", "deploy")
    assert "20260103000000_broken began and did not finish" in again
    assert "failed   20260103000000_broken" in project.infra_gen("migrate", "status").stdout


def test_a_failure_is_resolved_as_rolled_back(project: Project) -> None:
    with_migrations(project)
    project.write_migration("20260103000000_broken", BROKEN)
    project.refused("migrate", "deploy")
    if project.provider != "postgresql":
        # PostgreSQL alone has undone the first statement by itself.
        project.query("ALTER TABLE shelves DROP COLUMN wide")
    project.succeeds("migrate", "resolve", "--rolled-back", "20260103000000_broken")
    project.write_migration("20260103000000_broken", BROKEN.replace("nowhere", "shelves"))
    project.succeeds("migrate", "deploy")
    assert project.history[-2:] == [("20260103000000_broken", "rolled back"), ("20260103000000_broken", "applied")]
    assert project.query("SELECT wide, x FROM shelves") == []


def test_a_failure_is_resolved_as_applied(project: Project) -> None:
    with_migrations(project)
    project.write_migration("20260103000000_broken", BROKEN)
    project.refused("migrate", "deploy")
    project.succeeds("migrate", "resolve", "--applied", "20260103000000_broken")
    assert "nothing to apply" in project.succeeds("migrate", "deploy")


def test_resolve_refuses_what_makes_no_sense(project: Project) -> None:
    with_migrations(project)
    project.succeeds("migrate", "deploy")
    assert "did you mean 20260102000000_labels" in project.refused("migrate", "resolve", "--applied", "2026_labels")
    assert "is marked as applied already" in project.refused("migrate", "resolve", "--applied", "20260102000000_labels")
    assert "was applied" in project.refused("migrate", "resolve", "--rolled-back", "20260102000000_labels")
    assert "Give one of" in project.refused("migrate", "resolve")


def test_tables_from_before_the_history_need_a_baseline(project: Project) -> None:
    with_migrations(project)
    project.query(SHELVES.strip().rstrip(";"))
    refused = project.refused("migrate", "deploy")
    assert "migrate resolve --applied 20260101000000_shelves" in refused
    project.succeeds("migrate", "resolve", "--applied", "20260101000000_shelves")
    assert "1 migration applied" in project.succeeds("migrate", "deploy")


def test_eight_processes_deploy_at_once(project: Project) -> None:
    with_migrations(project)
    for number in range(3, 9):
        project.write_migration(f"2026010{number}000000_more", f"CREATE TABLE more_{number} (id INTEGER);")
    running = [
        subprocess.Popen(
            project.command("migrate", "deploy"),
            cwd=project.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    answers = [(process.communicate(), process.returncode) for process in running]
    assert [code for _, code in answers] == [0] * 8, answers
    assert sum("8 migrations applied" in out for (out, _), _ in answers) == 1
    assert sum("nothing to apply" in out for (out, _), _ in answers) == 7
    assert len(project.history) == 8


def test_a_folder_without_its_script_changes_nothing(project: Project) -> None:
    with_migrations(project)
    (project.folder / "migrations/20260103000000_empty").mkdir()
    assert "20260103000000_empty holds no migration.sql" in project.refused("migrate", "deploy")
    assert project.history == []


def test_migrations_of_another_provider_are_refused(project: Project) -> None:
    with_migrations(project)
    other = "sqlite" if project.provider != "sqlite" else "postgresql"
    (project.folder / "migrations/migration_lock.toml").write_text(f'provider = "{other}"\n')
    assert f"the migrations were made for {other}" in project.refused("migrate", "deploy")
    assert project.history == []


def test_a_user_who_may_not_is_told_so(project: Project) -> None:
    if project.provider == "sqlite":
        pytest.skip("a file has no users")
    with_migrations(project)
    name = f"reader_{project.url.rpartition('/')[2][-12:]}"
    url = re.sub(r"//[^@/]*@", f"//{name}:secret@", project.url)
    if project.provider == "postgresql":
        project.query(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    else:
        project.query(f"CREATE USER {name} IDENTIFIED BY 'secret'")
        project.query(f"GRANT SELECT ON *.* TO {name}")
    try:
        refused = project.refused("migrate", "deploy", "--url", url)
        assert "the database refused: " in refused
        assert "denied" in refused
        assert "secret" not in refused
    finally:
        project.query(f"DROP {'ROLE' if project.provider == 'postgresql' else 'USER'} {name}")
    assert project.history == []
