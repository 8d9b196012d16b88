"""Options that several commands share, and how a command gets its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from infra_gen.cli import console
from infra_gen.cli.commands import OUTPUT
from infra_gen.front import Compiled, compile_schema
from infra_gen.infrastructure_file import read_for
from infra_gen.memo import Memo
from infra_gen.plugins.choosing import chosen_by
from infra_gen.schema.load import load
from infra_gen.schema.source import SourceFile

if TYPE_CHECKING:
    from infra_runtime.configuration.reading import Read

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
    typer.Option(
        "--url",
        help="The database. Default: that of infrastructure.config.yml, the datasource's, then DATABASE_URL.",
        show_default=False,
    ),
]
CreateOption: TypeAlias = Annotated[
    bool, typer.Option("--create-database", help="Make the database where there is none.")
]

ReadFiles: TypeAlias = "tuple[Sequence[SourceFile], Read | None]"
"""The files of a schema, and what infrastructure.config.yml says."""


def compiled(
    schema: Path | None,
    flags: Mapping[str, Any] | None = None,
    *,
    show_warnings: bool = True,
    is_configured: bool = True,
    read: ReadFiles | None = None,
    memo: Memo | None = None,
) -> Compiled:
    """The schema that `--schema` names, compiled, with what infrastructure.config.yml says of it. What is doubtful about it is warned of.

    `read`: what `read_files` answered, if it was asked already. `is_configured` and `memo`: see `compile_schema`.
    """
    with console.phase("the schema was read and checked"):
        files, configuration = read or read_files(schema)
        result = compile_schema(
            files, plugins=chosen_by(flags), configuration=configuration, is_configured=is_configured, memo=memo
        )
    if show_warnings:
        console.warn_of(result.warnings)
    return result


def read_files(schema: Path | None) -> ReadFiles:
    """What `--schema` names."""
    files = load(schema, start=Path.cwd())
    console.detail("schema: " + ", ".join(file.path for file in files))
    configuration = read_for(files, start=Path.cwd())
    if configuration is not None and configuration.configuration.origin is not None:
        console.detail(f"configuration: {configuration.configuration.origin.file}")
    return files, configuration
