"""`infra-gen dto …`. Imported when one of its commands is called, so that nothing else waits for typer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra_gen.plugins import Project
from infra_gen_dto.views import dtos_of


def app_of(project: Project) -> typer.Typer:
    """The commands, for a project."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def root() -> None:
        """DTOs: Pydantic models for the bodies of an API."""

    @app.command("list")
    def list_(
        schema: Annotated[Path | None, typer.Option("--schema", help="The schema: a file or a folder.")] = None,
    ) -> None:
        """Print the DTOs and their fields; those with a `?` may be left out."""
        package = project.generation(schema).package
        for model in package.models:
            for dto in dtos_of(model, package):
                fields = (f"{line.name}{'?' if line.default else ''}" for line in dto.lines)
                typer.echo(f"{dto.name}({', '.join(fields)})")

    return app
