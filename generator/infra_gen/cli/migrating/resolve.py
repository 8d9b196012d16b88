"""`migrate resolve`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer

from infra_gen.cli import console
from infra_gen.cli.completion import migration_names
from infra_gen.cli.migrating.project import FolderOption, read_project
from infra_gen.cli.options import JsonOption, SchemaOption, UrlOption
from infra_gen.cli.targets import open_session
from infra_gen.failure import Failure
from infra_gen.migrations import deploying
from infra_gen.migrations.folder import Migration, MigrationsFolder
from infra_gen.migrations.history import History


def resolve(
    applied: Annotated[
        str | None,
        typer.Option(
            "--applied", metavar="NAME", help="The database has what it makes.", autocompletion=migration_names
        ),
    ] = None,
    rolled_back: Annotated[
        str | None,
        typer.Option(
            "--rolled-back",
            metavar="NAME",
            help="It failed, and what it did is undone.",
            autocompletion=migration_names,
        ),
    ] = None,
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a migration, without running it: of one that failed, or of those that describe a database from before.

    Example: `infra-gen migrate resolve --applied 0_init`
    """
    if (applied is None) == (rolled_back is None):
        raise Failure("Give one of --applied NAME and --rolled-back NAME.")
    project = read_project(schema, url, migrations)
    with open_session(project.schema, project.url) as session:
        session.lock(10.0)
        history = History(session, project.provider)
        if rolled_back is not None:
            deploying.resolve_rolled_back(rolled_back, history)
        else:
            deploying.resolve_applied(_named(project.folder, str(applied)), history)
    name, became = applied or rolled_back, "applied" if applied else "rolled back"
    if as_json:
        console.document({"migration": name, "marked": became})
    else:
        console.tell(f"{name}: marked as {became}")


def _named(folder: MigrationsFolder, name: str) -> Migration:
    for migration in folder.migrations:
        if migration.name == name:
            return migration
    near = get_close_matches(name, [migration.name for migration in folder.migrations], 1, 0.4)
    raise Failure(f"{folder.path} has no migration {name}" + (f"; did you mean {near[0]}?" if near else "."))
