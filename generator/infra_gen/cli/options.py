"""Options that several commands share, and how a command gets its schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from infra_gen.cli import console
from infra_gen.cli.commands import OUTPUT
from infra_gen.front import Compiled, compile_schema
from infra_gen.plugins.choosing import chosen_by
from infra_gen.schema.load import load

SchemaOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--schema",
        metavar="FILE|DIR",
        help="The schema: a file, or a folder of .prisma files. Default: what package.json says under prisma.schema, then "
        "schema.prisma, prisma/schema.prisma, the folder prisma/schema.",
        show_default=False,
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document for scripts, of failures too.", rich_help_panel=OUTPUT)
]
UrlOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--url", help="The database. Default: the datasource's url, then DATABASE_URL.", show_default=False),
]
CreateOption: TypeAlias = Annotated[
    bool, typer.Option("--create-database", help="Make the database where there is none.")
]


def compiled(schema: Path | None, flags: Mapping[str, Any] | None = None, *, show_warnings: bool = True) -> Compiled:
    """The schema that `--schema` names, compiled. What is doubtful about it is warned of."""
    with console.phase("the schema was read and checked"):
        files = load(schema, start=Path.cwd())
        console.detail("schema: " + ", ".join(file.path for file in files))
        result = compile_schema(files, plugins=chosen_by(flags))
    if show_warnings:
        console.warn_of(result.warnings)
    return result
