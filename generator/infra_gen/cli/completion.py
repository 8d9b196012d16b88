"""What shells complete that only the project knows: names of models and migrations; and the values that an option takes.

Who presses the key wants no error: where nothing can be read, nothing is offered. May import what reads schemas.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer

from infra_gen.failure import Failure
from infra_gen.schema.load import load, located
from infra_gen.schema.parser import parse
from infra_gen.schema.syntax import ModelBlock


def one_of(*values: str) -> Callable[[], list[str]]:
    """Completes an option that takes one of these."""
    return lambda: list(values)


def model_names(context: typer.Context, incomplete: str) -> list[str]:
    """The models of the schema, behind those that are named already: `User,Po` becomes `User,Post`. The schema need not be valid."""
    try:
        document, _ = parse(load(_given(context, "schema"), start=Path.cwd()))
    except Failure:
        return []
    before, comma, _ = incomplete.rpartition(",")
    named = set(before.split(","))
    names = (block.name.name for block in document.blocks if isinstance(block, ModelBlock) and block.keyword == "model")
    return [f"{before}{comma}{name}" for name in names if name not in named]


def migration_names(context: typer.Context) -> list[str]:
    """The migrations of the folder, the newest first."""
    folder = _given(context, "migrations")
    try:
        place = located(_given(context, "schema"), start=Path.cwd())
        folder = folder or (place if place.is_dir() else place.parent) / "migrations"
        return sorted((item.name for item in folder.iterdir() if item.is_dir()), reverse=True)
    except (Failure, OSError):
        return []


def _given(context: typer.Context, option: str) -> Path | None:
    """What an option says that stands before, on the line that is being typed."""
    value = context.params.get(option)
    return Path(value) if value else None
