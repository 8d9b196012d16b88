"""`migrate`: the commands that write, apply and examine migrations in Prisma's form."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from infra_gen import ir
from infra_gen.cli.consent import AcceptDataLossOption, AcceptLocksOption, is_interactive, require_consent, warnings_of
from infra_gen.cli.failures import failures_as_json, print_json
from infra_gen.cli.options import JsonOption, SchemaOption, compiled
from infra_gen.cli.progress import progress_bar
from infra_gen.cli.targets import database_url, open_session
from infra_gen.database.catalog import Catalog
from infra_gen.database.dialects import DIALECTS
from infra_gen.database.expected import expected_catalog
from infra_gen.database.planning import Plan, Weighed, plan, weigh
from infra_gen.failure import Failure
from infra_gen.migrations import deploying
from infra_gen.migrations.folder import Migration, MigrationsFolder, migration_name, read_folder, write_migration
from infra_gen.migrations.history import History
from infra_gen.migrations.sessions import Session
from infra_gen.migrations.states import live_state, played_state
from infra_runtime.urls import DatabaseUrl, parse_url

app = typer.Typer(no_args_is_help=True, help="Write, apply and examine migrations, in the form of Prisma's.")

UrlOption = Annotated[
    str | None,
    typer.Option("--url", help="The database. Default: the datasource's url, then DATABASE_URL.", show_default=False),
]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--migrations",
        metavar="DIR",
        help="The folder of migrations. Default: migrations, beside the schema.",
        show_default=False,
    ),
]
CreateOption = Annotated[bool, typer.Option("--create-database", help="Make the database where there is none.")]
LockOption = Annotated[
    float,
    typer.Option("--lock-timeout", metavar="SECONDS", help="How long to wait for another process that is migrating."),
]
WithoutAdditionsOption = Annotated[
    bool,
    typer.Option(
        "--prisma-only", help="Leave out what the directives ask for: indexes of @infra.search, partial unique keys."
    ),
]


@dataclass(frozen=True, slots=True)
class _Project:
    """What every command begins with."""

    schema: ir.Schema
    url: DatabaseUrl
    folder: MigrationsFolder

    @property
    def provider(self) -> ir.Provider:
        return self.schema.datasource.provider


def _project(schema: Path | None, url: str | None, migrations: Path | None) -> _Project:
    result = compiled(schema)
    beside = Path(result.files[0].path).parent
    folder = read_folder(migrations or beside / "migrations")
    folder.require_provider(result.schema.datasource.provider)
    return _Project(result.schema, database_url(result.schema, url, beside), folder)


def _is_empty(project: _Project, session: Session) -> Callable[[], bool]:
    return lambda: not live_state(project.schema, session)[0].tables


@app.command()
def deploy(
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    create_database: CreateOption = False,
    lock_timeout: LockOption = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Apply the migrations that the database does not have yet. For production: it asks nothing and drops nothing by itself."""
    with failures_as_json(as_json, schema):
        project = _project(schema, url, migrations)
        with open_session(project.schema, project.url, create=create_database) as session:
            session.lock(lock_timeout)
            with progress_bar(wanted=not as_json) as progress:
                applied = deploying.deploy(
                    project.folder,
                    session,
                    project.provider,
                    is_empty=_is_empty(project, session),
                    progress=progress,
                )
            found = deploying.status(project.folder, History(session, project.provider).rows())
    if as_json:
        print_json({"ok": True, "applied": applied, "edited": found.edited, "missing": found.missing})
        return
    _tell_of_changes(found)
    if applied:
        typer.echo(f"{project.url}: {_counted(len(applied), 'migration')} applied, up to {applied[-1]}")
    else:
        typer.echo(f"{project.url}: nothing to apply, {_counted(len(found.applied), 'migration')} in place")


@app.command()
def status(
    schema: SchemaOption = None, url: UrlOption = None, migrations: FolderOption = None, as_json: JsonOption = False
) -> None:
    """Say which migrations the database has, and which not. Exits with 1 where they differ."""
    with failures_as_json(as_json, schema):
        project = _project(schema, url, migrations)
        with open_session(project.schema, project.url) as session:
            found = deploying.status(project.folder, History(session, project.provider).rows())
    pending = [migration.name for migration in found.pending]
    if as_json:
        print_json(
            {
                "ok": found.is_up_to_date,
                "applied": found.applied,
                "pending": pending,
                "failed": [row.name for row in found.failed],
                "edited": found.edited,
                "missing": found.missing,
            }
        )
    else:
        typer.echo(f"{project.url}: {_counted(len(found.applied), 'migration')} of {project.folder.path} applied")
        for name in pending:
            typer.echo(f"  pending  {name}")
        for row in found.failed:
            typer.echo(f"  failed   {row.name}: resolve it with infra-gen migrate resolve")
        _tell_of_changes(found)
    raise typer.Exit(0 if found.is_up_to_date else 1)


def _tell_of_changes(found: deploying.Status) -> None:
    for name in found.edited:
        typer.echo(
            f"warning: {name} was changed after it had been applied: the database has what it was before", err=True
        )
    for name in found.missing:
        typer.echo(f"warning: {name} was applied, and is not in the folder", err=True)


@app.command()
def resolve(
    applied: Annotated[
        str | None, typer.Option("--applied", metavar="NAME", help="The database has what it makes.")
    ] = None,
    rolled_back: Annotated[
        str | None, typer.Option("--rolled-back", metavar="NAME", help="It failed, and what it did is undone.")
    ] = None,
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a migration, without running it: of one that failed, or of those that describe a database from before."""
    with failures_as_json(as_json, schema):
        if (applied is None) == (rolled_back is None):
            raise Failure("Give one of --applied NAME and --rolled-back NAME.")
        project = _project(schema, url, migrations)
        with open_session(project.schema, project.url) as session:
            session.lock(10.0)
            history = History(session, project.provider)
            if rolled_back is not None:
                deploying.resolve_rolled_back(rolled_back, history)
            else:
                deploying.resolve_applied(_named(project.folder, str(applied)), history)
    if as_json:
        print_json({"ok": True})
    else:
        typer.echo(f"{applied or rolled_back}: marked as {'applied' if applied else 'rolled back'}")


def _named(folder: MigrationsFolder, name: str) -> Migration:
    from difflib import get_close_matches

    for migration in folder.migrations:
        if migration.name == name:
            return migration
    near = get_close_matches(name, [migration.name for migration in folder.migrations], 1, 0.4)
    raise Failure(f"{folder.path} has no migration {name}" + (f"; did you mean {near[0]}?" if near else "."))


@app.command()
def dev(
    name: Annotated[
        str | None, typer.Option("--name", "-n", help="What the migration is called.", show_default=False)
    ] = None,
    create_only: Annotated[bool, typer.Option("--create-only", help="Write the migration; do not apply it.")] = False,
    accept_data_loss: AcceptDataLossOption = False,
    accept_locks: AcceptLocksOption = False,
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    create_database: CreateOption = False,
    prisma_only: WithoutAdditionsOption = False,
    lock_timeout: LockOption = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Write the migration from what the database has to what the schema says, and apply it. For development.

    Pending migrations are applied first. No shadow database is needed: the schema is compared with the database itself.
    """
    with failures_as_json(as_json, schema):
        project = _project(schema, url, migrations)
        with open_session(project.schema, project.url, create=create_database) as session:
            session.lock(lock_timeout)
            history = History(session, project.provider)
            _refuse_changed_history(deploying.status(project.folder, history.rows()), project.folder)
            brought = deploying.deploy(project.folder, session, project.provider, is_empty=_is_empty(project, session))
            planned = _next(project, session, prisma_only=prisma_only)
            made, weighed = None, Weighed()
            if planned.steps:
                weighed = weigh(planned, session.query, DIALECTS[project.provider])
                if not create_only:
                    require_consent(
                        weighed,
                        data_loss=accept_data_loss,
                        locks=accept_locks,
                        instead="Change the schema or the rows, or write the migration with --create-only and mend it by hand.",
                    )
                called = migration_name(_called(name), datetime.datetime.now(datetime.UTC))
                made = write_migration(project.folder.path, called, planned.script, project.provider)
                if not create_only:
                    if not history.exists():
                        history.create()
                    deploying.apply(made, session, history)
    _report(project, brought, made, weighed, applied=not create_only, as_json=as_json)


def _next(project: _Project, session: Session, *, prisma_only: bool) -> Plan:
    live, wanted = live_state(project.schema, session, directives=not prisma_only)
    return plan(project.schema, live, wanted)


def _called(name: str | None) -> str:
    if name is not None:
        return name
    if sys.stdin.isatty():
        return str(typer.prompt("What shall the migration be called?", err=True))
    raise Failure("Give the migration a name: infra-gen migrate dev --name add_posts.")


def _refuse_changed_history(found: deploying.Status, folder: MigrationsFolder) -> None:
    """A history that is not the folder's cannot be gone on from."""
    deploying.refuse_failed(found)
    changed = [*(f"{name} was changed after it had been applied" for name in found.edited)]
    changed += [f"{name} was applied and is not in {folder.path}" for name in found.missing]
    if changed:
        raise Failure(
            f"The history of the database is not that of the folder: {'; '.join(changed)}. Nothing was changed. Restore the files, or begin "
            "the development database anew with infra-gen migrate reset."
        )


def _report(
    project: _Project,
    brought: tuple[str, ...],
    made: Migration | None,
    weighed: Weighed,
    *,
    applied: bool,
    as_json: bool,
) -> None:
    if as_json:
        print_json(
            {
                "ok": True,
                "applied": [*brought, *([made.name] if made and applied else [])],
                "written": str(made.path) if made else None,
                **warnings_of(weighed),
            }
        )
        return
    for name in brought:
        typer.echo(f"applied {name}")
    if made is None:
        typer.echo(f"{project.url}: already as the schema says")
    else:
        typer.echo(f"{'wrote and applied' if applied else 'wrote'} {made.path}")


@app.command()
def reset(
    force: Annotated[bool, typer.Option("--force", help="Do not ask.")] = False,
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    create_database: CreateOption = False,
    lock_timeout: LockOption = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Drop every table and apply all migrations anew. All data is lost."""
    with failures_as_json(as_json, schema):
        project = _project(schema, url, migrations)
        if not force:
            if not is_interactive():
                raise Failure(f"All data in {project.url} would be lost. To go on: infra-gen migrate reset --force.")
            typer.confirm(f"All data in {project.url} will be lost. Go on?", abort=True, err=True)
        with open_session(project.schema, project.url, create=create_database) as session:
            session.lock(lock_timeout)
            empty(project.schema, session)
            with progress_bar(wanted=not as_json) as progress:
                applied = deploying.deploy(
                    project.folder, session, project.provider, is_empty=lambda: True, progress=progress
                )
    if as_json:
        print_json({"ok": True, "applied": applied})
    else:
        typer.echo(f"{project.url}: emptied, {_counted(len(applied), 'migration')} applied")


def empty(schema: ir.Schema, session: Session) -> None:
    """Drops every table and enum that a schema could describe, and the history."""
    dialect = DIALECTS[schema.datasource.provider]
    live = live_state(schema, session)[0]
    for step in dialect.steps(live, live.emptied()):
        session.script(";\n".join(step.statements))
    history = History(session, schema.datasource.provider)
    if history.exists():
        history.drop()


@app.command()
def diff(
    from_: Annotated[
        str,
        typer.Option(
            "--from", metavar="STATE", help="empty, database, migrations, or a path or URL of one, or a schema's."
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="STATE", help="The same; `schema` is the schema of the project.")],
    as_script: Annotated[
        bool, typer.Option("--script", help="Print the SQL that leads from the one to the other.")
    ] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 2 where they differ.")] = False,
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    shadow_url: Annotated[
        str | None,
        typer.Option("--shadow-url", help="A server on which migrations may be played through.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two states: a schema, a database, a folder of migrations, or nothing."""
    with failures_as_json(as_json, schema):
        sides = _Sides(schema, url, migrations, shadow_url)
        before, after = sides.state(from_), sides.state(to)
        planned = plan(sides.schema, before, after)
    if as_json:
        steps = [{"comment": step.comment, "sql": step.sql} for step in planned.steps]
        print_json({"ok": not planned.steps, "steps": steps, "warnings": [item.text for item in planned.cautions]})
    elif as_script:
        typer.echo(planned.script if planned.steps else "-- This is an empty migration.\n", nl=False)
    else:
        typer.echo("\n".join(summary(planned)) if planned.steps else "No difference.")
    raise typer.Exit(2 if exit_code and planned.steps else 0)


class _Sides:
    """What the two sides of a comparison may be, told apart by how they are written."""

    def __init__(self, schema: Path | None, url: str | None, migrations: Path | None, shadow_url: str | None) -> None:
        self._result = compiled(schema)
        self.schema = self._result.schema
        self._beside = Path(self._result.files[0].path).parent
        self._url = url
        self._migrations = migrations or self._beside / "migrations"
        self._shadow_url = shadow_url

    def state(self, named: str) -> Catalog:
        match named:
            case "empty":
                return Catalog(())
            case "schema":
                return expected_catalog(self.schema)
            case "database":
                return self._live(self._database())
            case "migrations":
                return self._played(self._migrations)
        path = Path(named)
        if path.is_dir() and not any(path.glob("*.prisma")):
            return self._played(path)
        if path.exists() and not named.startswith("file:"):
            other = compiled(path).schema
            if other.datasource.provider != self.schema.datasource.provider:
                raise Failure(
                    f"{path} is for {other.datasource.provider}, the project's schema for {self.schema.datasource.provider}: "
                    "two databases of different kinds cannot be compared."
                )
            return expected_catalog(other)
        if ":" in named:
            return self._live(parse_url(named, provider=self.schema.datasource.provider, folder=self._beside))
        raise Failure(
            f"{named} is neither empty, schema, database nor migrations, and no such file or folder is there."
        )

    def _database(self) -> DatabaseUrl:
        return database_url(self.schema, self._url, self._beside)

    def _live(self, url: DatabaseUrl) -> Catalog:
        with open_session(self.schema, url) as session:
            return live_state(self.schema, session)[0]

    def _played(self, path: Path) -> Catalog:
        folder = read_folder(path)
        if not folder.migrations:
            raise Failure(f"{path} holds no migrations.")
        folder.require_provider(self.schema.datasource.provider)
        server = database_url(self.schema, self._shadow_url, self._beside) if self._shadow_url else self._database()
        return played_state(self.schema, folder, server)


def summary(planned: Plan) -> Iterator[str]:
    """What differs, a line each, for people."""
    difference = planned.difference
    for table in difference.added:
        yield f"+ table {table.name}"
    for table in difference.dropped:
        yield f"- table {table.name}"
    for enum in difference.added_enums:
        yield f"+ enum {enum.name}"
    for enum in difference.dropped_enums:
        yield f"- enum {enum.name}"
    for changed in difference.changed_enums:
        yield f"~ enum {changed.after.name}" + "".join(f" +{it}" for it in changed.added) + "".join(
            f" -{it}" for it in changed.dropped
        )
    for change in difference.changed:
        yield f"~ table {change.after.name}"
        yield from (f"    + column {column.name} {column.type}" for column in change.added)
        yield from (f"    - column {column.name}" for column in change.dropped)
        for before, after in change.changed:
            yield f"    ~ column {after.name}: {_column(before)} → {_column(after)}"
        if change.primary_key_differs:
            yield "    ~ primary key"
        for kind, matched, name in (
            ("index", change.indexes, "name"),
            ("foreign key", change.foreign_keys, "constraint"),
        ):
            yield from (f"    + {kind} {getattr(item, name)}" for item in matched.added)
            yield from (f"    - {kind} {getattr(item, name)}" for item in matched.dropped)
            yield from (f"    ~ {kind} {getattr(old, name)} → {getattr(new, name)}" for old, new in matched.renamed)


def _column(column: Any) -> str:
    default = f" default {column.default}" if column.default is not None else ""
    return f"{column.type}{'[]' if column.is_list else ''}{'' if column.nullable else ' not null'}{default}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
