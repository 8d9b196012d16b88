"""`migrate dev`."""

from __future__ import annotations

import datetime
import sys
from typing import Annotated

import typer

from infra_gen.cli import console
from infra_gen.cli.consent import AcceptDataLossOption, AcceptLocksOption, require_consent, tell_costs
from infra_gen.cli.migrating.project import FolderOption, LockOption, Project, read_project
from infra_gen.cli.options import CreateOption, JsonOption, SchemaOption, UrlOption
from infra_gen.cli.targets import open_session
from infra_gen.database.dialects import DIALECTS
from infra_gen.database.planning import Plan, plan, weigh
from infra_gen.failure import Failure
from infra_gen.migrations import deploying
from infra_gen.migrations.folder import MigrationsFolder, migration_name, write_migration
from infra_gen.migrations.history import History
from infra_gen.migrations.sessions import Session
from infra_gen.migrations.states import live_state

WithoutAdditionsOption = Annotated[
    bool,
    typer.Option(
        "--prisma-only", help="Leave out what the directives ask for: indexes of @infra.search, partial unique keys."
    ),
]


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

    Example: `infra-gen migrate dev --name add_posts`
    """
    project = read_project(schema, url, migrations)
    with open_session(project.schema, project.url, create=create_database) as session:
        session.lock(lock_timeout)
        history = History(session, project.provider)
        _refuse_changed_history(deploying.status(project.folder, history.rows()), project.folder)
        brought = deploying.deploy(project.folder, session, project.provider, is_empty=project.is_empty(session))
        with console.phase("the schema was compared with the database"):
            planned = _next(project, session, prisma_only=prisma_only)
        made = None
        if planned.steps:
            weighed = weigh(planned, session.query, DIALECTS[project.provider])
            if create_only:
                tell_costs(weighed)
            else:
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
    if as_json:
        applied = [*brought, *([made.name] if made and not create_only else [])]
        console.document({"applied": applied, "written": str(made.path) if made else None})
        return
    for applied_before in brought:
        console.tell(f"applied {applied_before}")
    if made is None:
        console.tell(f"{project.url}: already as the schema says")
    else:
        console.tell(f"{'wrote' if create_only else 'wrote and applied'} {made.path}")


def _next(project: Project, session: Session, *, prisma_only: bool) -> Plan:
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
