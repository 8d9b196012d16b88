"""`migrate deploy`."""

from __future__ import annotations

from infra_gen.cli import console
from infra_gen.cli.migrating.project import FolderOption, LockOption, counted, read_project
from infra_gen.cli.migrating.status import warn_of_changes
from infra_gen.cli.options import CreateOption, JsonOption, SchemaOption, UrlOption
from infra_gen.cli.progress import progress_bar
from infra_gen.cli.targets import open_session
from infra_gen.migrations import deploying
from infra_gen.migrations.history import History


def deploy(
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    create_database: CreateOption = False,
    lock_timeout: LockOption = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Apply the migrations that the database does not have yet. For production: it asks nothing and drops nothing by itself.

    Example: `infra-gen migrate deploy --lock-timeout 300`
    """
    project = read_project(schema, url, migrations)
    with open_session(project.schema, project.url, create=create_database) as session:
        session.lock(lock_timeout)
        with progress_bar() as progress:
            applied = deploying.deploy(
                project.folder, session, project.provider, is_empty=project.is_empty(session), progress=progress
            )
        found = deploying.status(project.folder, History(session, project.provider).rows())
    warn_of_changes(found)
    if as_json:
        console.document({"applied": applied, "edited": found.edited, "missing": found.missing})
    elif applied:
        console.tell(f"{project.url}: {counted(len(applied), 'migration')} applied, up to {applied[-1]}")
    else:
        console.tell(f"{project.url}: nothing to apply, {counted(len(found.applied), 'migration')} in place")
