"""What infra-gen asks the plug-in for: its directive, its files, its command."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from infra_gen.plugins import (
    Columns,
    DirectiveType,
    File,
    Generation,
    Parameter,
    Plugin,
    Project,
    Truth,
)
from infra_gen_dto.fields import DIRECTIVE
from infra_gen_dto.views import dtos_of, has_enums

if TYPE_CHECKING:
    import typer


class DtoPlugin(Plugin):
    """For each model the shapes of its rows in requests and responses."""

    api_version = "1.0"

    def directives(self) -> Iterable[DirectiveType]:
        yield DirectiveType(
            DIRECTIVE,
            ("model", "view", "field"),
            (
                Parameter("hidden", Columns(), "Fields of the model that no DTO has.", is_positional=True),
                Parameter("readOnly", Truth(), "`true` keeps the field out of what is written."),
                Parameter("writeOnly", Truth(), "`true` keeps the field out of what is shown."),
            ),
            "Which fields of a model its DTOs have.",
            "@infra.dto(hidden: [passwordHash])",
        )

    def templates(self) -> Path:
        return Path(__file__).parent / "templates"

    def files(self, generation: Generation) -> Iterable[File]:
        yield File("dto/__init__.py", template="package.py.jinja")
        for model in generation.package.models:
            given = {"model": model, "dtos": dtos_of(model, generation.package), "import_enums": has_enums(model)}
            yield File(f"dto/{model.module}.py", template="model.py.jinja", given=given, model=model.name)

    def commands(self, project: Project) -> typer.Typer:
        from infra_gen_dto.commands import app_of

        return app_of(project)
