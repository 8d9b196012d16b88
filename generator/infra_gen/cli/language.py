"""`validate`, `format` and `inspect`: the commands about the schema's text."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from infra_gen.cli.failures import failures_as_json, print_json
from infra_gen.cli.options import JsonOption, SchemaOption, compiled
from infra_gen.failure import Failure
from infra_gen.replace import replace_file
from infra_gen.schema.load import load
from infra_gen.schema.report import count, diagnostics_json


def validate(schema: SchemaOption = None, as_json: JsonOption = False) -> None:
    """Check a schema: all errors at once, each with its place and what to write instead."""
    with failures_as_json(as_json, schema):
        result = compiled(schema, show_warnings=not as_json)
    if as_json:
        print_json(diagnostics_json(result.warnings))
        return
    names = ", ".join(file.path for file in result.files)
    models, enums = count(len(result.schema.models), "model"), count(len(result.schema.enums), "enum")
    typer.echo(f"{names}: valid ({models}, {enums})")


def format_(
    schema: SchemaOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 and list what is not formatted.")
    ] = False,
) -> None:
    """Format a schema as Prisma does, byte for byte."""
    from infra_gen.formatting import format_files

    files = load(schema, start=Path.cwd())
    stale = [(file, text) for file, text in zip(files, format_files(files), strict=True) if file.text != text]
    if check and stale:
        for file, _ in stale:
            typer.echo(f"{file.path}: not formatted", err=True)
        typer.echo("Run: infra-gen format", err=True)
        raise typer.Exit(1)
    for file, text in stale:
        try:
            replace_file(Path(file.path).resolve(), text.encode())
        except OSError as error:
            raise Failure(f"{file.path} cannot be written: {error.strerror}.") from error
        typer.echo(f"{file.path}: formatted")
    if not stale:
        typer.echo(f"{count(len(files), 'file')} already formatted")


class InspectFormat(StrEnum):
    DMMF = "dmmf"
    JSON = "json"


def inspect(
    schema: SchemaOption = None,
    form: Annotated[
        InspectFormat, typer.Option("--format", help="dmmf: the datamodel part of Prisma's DMMF; json: our own IR.")
    ] = InspectFormat.DMMF,
) -> None:
    """Print what a schema means, as JSON."""
    from infra_gen.dmmf import datamodel
    from infra_gen.inspect import inspect as inspect_schema

    result = compiled(schema)
    shown = datamodel(result.schema) if form is InspectFormat.DMMF else inspect_schema(result.schema)
    print_json(shown)
