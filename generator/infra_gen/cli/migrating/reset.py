"""`migrate reset`, and what empties a database."""

from __future__ import annotations

from typing import Annotated

import typer

from infra_gen import ir
from infra_gen.cli import console
from infra_gen.cli.consent import is_interactive
from infra_gen.cli.migrating.project import FolderOption, LockOption, counted, read_project
from infra_gen.cli.options import CreateOption, JsonOption, SchemaOption, UrlOption
from infra_gen.cli.progress import progress_bar
from infra_gen.cli.targets import open_session
from infra_gen.database.dialects import DIALECTS
from infra_gen.failure import Failure
from infra_gen.migrations import deploying
from infra_gen.migrations.history import History
from infra_gen.migrations.sessions import Session
from infra_gen.migrations.states import live_state


def reset(
    force: Annotated[bool, typer.Option("--force", help="Do not ask.")] = False,
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    create_database: CreateOption = False,
    lock_timeout: LockOption = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Drop every table and apply all migrations anew. All data is lost.

    Example: `infra-gen migrate reset --force`
    """
    project = read_project(schema, url, migrations)
    if not force:
        if not is_interactive():
            raise Failure(f"All data in {project.url} would be lost. To go on: infra-gen migrate reset --force.")
        typer.confirm(f"All data in {project.url} will be lost. Go on?", abort=True, err=True)
    with open_session(project.schema, project.url, create=create_database) as session:
        session.lock(lock_timeout)
        empty(project.schema, session)
        with progress_bar() as progress:
            applied = deploying.deploy(
                project.folder, session, project.provider, is_empty=lambda: True, progress=progress
            )
    if as_json:
        console.document({"applied": applied})
    else:
        console.tell(f"{project.url}: emptied, {counted(len(applied), 'migration')} applied")


def empty(schema: ir.Schema, session: Session) -> None:
    """Drops every table and enum that a schema could describe, and the history."""
    dialect = DIALECTS[schema.datasource.provider]
    live = live_state(schema, session)[0]
    for step in dialect.steps(live, live.emptied()):
        session.script(";\n".join(step.statements))
    history = History(session, schema.datasource.provider)
    if history.exists():
        history.drop()
