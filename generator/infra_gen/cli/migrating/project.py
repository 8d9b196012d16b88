"""What every command of `migrate` begins with: the schema, its database, its folder of migrations; and the options that say which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from infra_gen import ir
from infra_gen.cli import console
from infra_gen.cli.options import compiled
from infra_gen.cli.targets import database_url
from infra_gen.migrations.folder import MigrationsFolder, read_folder
from infra_gen.migrations.sessions import Session
from infra_gen.migrations.states import live_state
from infra_runtime.urls import DatabaseUrl

FolderOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--migrations",
        metavar="DIR",
        help="The folder of migrations. Default: migrations, beside the schema.",
        show_default=False,
    ),
]
LockOption: TypeAlias = Annotated[
    float,
    typer.Option("--lock-timeout", metavar="SECONDS", help="How long to wait for another process that is migrating."),
]


@dataclass(frozen=True, slots=True)
class Project:
    """What the commands work on."""

    schema: ir.Schema
    url: DatabaseUrl
    folder: MigrationsFolder

    @property
    def provider(self) -> ir.Provider:
        return self.schema.datasource.provider

    def is_empty(self, session: Session) -> Callable[[], bool]:
        """Has the database no tables? Looked at when it is asked."""
        return lambda: not live_state(self.schema, session)[0].tables


def read_project(schema: Path | None, url: str | None, migrations: Path | None) -> Project:
    """Errors: Failure for a schema, a URL or a folder that is none, or a folder of another provider's migrations."""
    result = compiled(schema)
    beside = Path(result.files[0].path).parent
    folder = read_folder(migrations or beside / "migrations")
    console.detail(f"migrations: {counted(len(folder.migrations), 'migration')} in {folder.path}")
    folder.require_provider(result.schema.datasource.provider)
    return Project(result.schema, database_url(result.schema, url, beside), folder)


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
