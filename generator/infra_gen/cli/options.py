"""Options that several commands share, and how a command gets its schema."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from infra_gen.explanation import colored
from infra_gen.front import Compiled, compile_schema
from infra_gen.schema.load import load
from infra_gen.schema.report import render_diagnostics

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
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]


def compiled(schema: Path | None, *, show_warnings: bool = True) -> Compiled:
    """The schema that `--schema` names, compiled; warnings go to stderr."""
    result = compile_schema(load(schema, start=Path.cwd()))
    if show_warnings and result.warnings:
        typer.echo(render_diagnostics(result.warnings, color=colored(sys.stderr)), err=True)
    return result
