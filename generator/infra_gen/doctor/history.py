"""Migrations: those of the folder against those of the database. Imports `migrations`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from infra_gen.doctor import shell
from infra_gen.doctor.database import Reached
from infra_gen.doctor.findings import Finding, ok
from infra_gen.doctor.project import Place
from infra_gen.failure import Failure
from infra_gen.front import Compiled
from infra_gen.migrations.deploying import Status, status
from infra_gen.migrations.folder import MigrationsFolder, read_folder
from infra_gen.migrations.history import History
from infra_gen.migrations.sessions import session
from infra_gen.migrations.states import live_state


def path_of(place: Place, compiled: Compiled) -> Path:
    """Where the folder of migrations is, or would be."""
    return place.migrations or Path(compiled.files[0].path).parent / "migrations"


def folder(place: Place, compiled: Compiled) -> tuple[MigrationsFolder | None, Finding | None]:
    """The folder of migrations, which may be empty; or why it cannot be read."""
    path = path_of(place, compiled)
    try:
        read = read_folder(path)
        read.require_provider(compiled.schema.datasource.provider)
    except Failure as error:
        return None, Finding("migrations", "problem", str(error))
    return read, None


def migrations(reached: Reached, read: MigrationsFolder) -> Iterator[Finding]:
    """What became of each, and what stands between the folder and the database."""
    with session(reached.url) as opened:
        history = History(opened, reached.schema.datasource.provider)
        begun, found = history.exists(), status(read, history.rows())
        has_tables = bool(read.migrations) and not begun and bool(live_state(reached.schema, opened)[0].tables)
    if not read.migrations and not begun:
        yield ok("migrations", f"there are none in {read.path}: the tables are made by infra-gen db push")
    elif has_tables:
        yield _baseline(reached.place, read)
    elif found.is_up_to_date:
        number = len(found.applied)
        yield ok("migrations", f"{number} of {number} in {read.path} applied")
    else:
        yield from _differences(reached.place, read, found)


def are_applied(findings: list[Finding]) -> bool:
    """May the tables be compared? Not while migrations are to come that would change them."""
    return all(finding.mark == "ok" for finding in findings)


def _baseline(place: Place, read: MigrationsFolder) -> Finding:
    first = read.migrations[0].name
    return Finding(
        "migrations",
        "problem",
        "the database has tables, and no history of migrations",
        shell.infra_gen("migrate", "resolve", "--applied", first, options=place.said_of_migrations),
        advice=f"If {first} and others describe what is there, say so for each of them",
    )


def _differences(place: Place, read: MigrationsFolder, found: Status) -> Iterator[Finding]:
    def typed(*words: str) -> str:
        return shell.infra_gen("migrate", *words, options=place.said_of_migrations)

    for row in found.failed:
        said = f": {row.logs.strip().splitlines()[0]}" if row.logs and row.logs.strip() else ""
        yield Finding(
            "migrations",
            "problem",
            f"{row.name} began and did not finish{said}",
            typed("resolve", "--rolled-back", row.name),
            advice="See what it left in the database; when that is undone, say so",
        )
    for name in found.edited:
        text = f"{name} was changed after it had been applied"
        yield Finding("migrations", "warning", text, typed("reset"), advice=_anew("Restore the file"))
    for name in found.missing:
        text = f"{name} was applied, and is not in {read.path}"
        yield Finding("migrations", "warning", text, typed("reset"), advice=_anew("Restore its folder"))
    if found.pending and not found.failed:
        number = len(found.pending)
        names = f"{found.pending[0].name}{f' and {number - 1} more' if number > 1 else ''}"
        text = f"{number} of {len(read.migrations)} {'is' if number == 1 else 'are'} pending: {names}"
        yield Finding("migrations", "problem", text, typed("deploy"), advice=place.hint)


def _anew(restore: str) -> str:
    return f"{restore}, or begin a development database anew, which asks before all data is lost"
