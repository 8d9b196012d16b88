"""`migrate status`."""

from __future__ import annotations

import typer

from infra_gen.cli import console
from infra_gen.cli.migrating.project import FolderOption, counted, read_project
from infra_gen.cli.options import JsonOption, SchemaOption, UrlOption
from infra_gen.cli.targets import open_session
from infra_gen.migrations import deploying
from infra_gen.migrations.history import History


def status(
    schema: SchemaOption = None, url: UrlOption = None, migrations: FolderOption = None, as_json: JsonOption = False
) -> None:
    """Say which migrations the database has, and which not. Exits with 1 where they differ.

    Example: `infra-gen migrate status --json`
    """
    project = read_project(schema, url, migrations)
    with open_session(project.schema, project.url) as session:
        found = deploying.status(project.folder, History(session, project.provider).rows())
    if as_json:
        console.document(
            {
                "applied": found.applied,
                "pending": [migration.name for migration in found.pending],
                "failed": [row.name for row in found.failed],
                "edited": found.edited,
                "missing": found.missing,
            },
            errors=[console.entry(text) for text in _differences(found)],
        )
    else:
        console.answer(f"{project.url}: {counted(len(found.applied), 'migration')} of {project.folder.path} applied")
        for migration in found.pending:
            console.answer(f"  pending  {migration.name}")
        for row in found.failed:
            console.answer(f"  failed   {row.name}: resolve it with infra-gen migrate resolve")
        warn_of_changes(found)
    raise typer.Exit(0 if found.is_up_to_date else 1)


def _differences(found: deploying.Status) -> list[str]:
    return [
        *(f"{migration.name} is pending" for migration in found.pending),
        *(f"{row.name} failed" for row in found.failed),
        *_changes(found),
    ]


def _changes(found: deploying.Status) -> list[str]:
    return [
        *(
            f"{name} was changed after it had been applied: the database has what it was before"
            for name in found.edited
        ),
        *(f"{name} was applied, and is not in the folder" for name in found.missing),
    ]


def warn_of_changes(found: deploying.Status) -> None:
    """Of migrations that are not any more what was applied."""
    for text in _changes(found):
        console.warn(text)
