"""`validate`, `format` and `inspect`: the commands about the schema's text."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from infra_gen.cli import console
from infra_gen.cli.options import JsonOption, SchemaOption, compiled
from infra_gen.failure import Failure
from infra_gen.replace import replace_file
from infra_gen.schema.load import load
from infra_gen.schema.report import count
from infra_gen.schema.source import SourceFile


def validate(schema: SchemaOption = None, as_json: JsonOption = False) -> None:
    """Check a schema: all errors at once, each with its place and what to write instead.

    Example: `infra-gen validate --json`
    """
    result = compiled(schema)
    if as_json:
        console.document({})
        return
    names = ", ".join(file.path for file in result.files)
    models, enums = count(len(result.schema.models), "model"), count(len(result.schema.enums), "enum")
    console.tell(f"{names}: valid ({models}, {enums})")


def format_(
    schema: SchemaOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 and list what is not formatted.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Format a schema as Prisma does, byte for byte.

    Example: `infra-gen format --check`
    """
    from infra_gen.formatting import format_files

    files = load(schema, start=Path.cwd())
    console.detail("schema: " + ", ".join(file.path for file in files))
    with console.phase("the schema was laid out"):
        stale = [(file, text) for file, text in zip(files, format_files(files), strict=True) if file.text != text]
    if not check:
        _write(stale)
    wrong = [file.path for file, _ in stale] if check else []
    if as_json:
        fields = {"written": [] if check else [file.path for file, _ in stale], "unchanged": len(files) - len(stale)}
        errors = [console.entry("not formatted. Run: infra-gen format", path) for path in wrong]
        console.document(fields, errors=errors)
    elif wrong:
        for path in wrong:
            console.refuse(f"{path}: not formatted")
        console.refuse("Run: infra-gen format")
    elif not stale:
        console.tell(f"{count(len(files), 'file')} already formatted")
    if wrong:
        raise typer.Exit(1)


def _write(changed: Sequence[tuple[SourceFile, str]]) -> None:
    for file, text in changed:
        try:
            replace_file(Path(file.path).resolve(), text.encode())
        except OSError as error:
            raise Failure(f"{file.path} cannot be written: {error.strerror}.", file=file.path) from error
        console.tell(f"{file.path}: formatted")


class InspectFormat(StrEnum):
    DMMF = "dmmf"
    JSON = "json"


def inspect(
    schema: SchemaOption = None,
    form: Annotated[
        InspectFormat, typer.Option("--format", help="dmmf: the datamodel part of Prisma's DMMF; json: our own IR.")
    ] = InspectFormat.DMMF,
    as_json: JsonOption = False,
) -> None:
    """Print what a schema means, as JSON; with --json within a document that has its errors, too.

    Example: `infra-gen inspect --format json`
    """
    from infra_gen.dmmf import datamodel
    from infra_gen.inspect import inspect as inspect_schema

    result = compiled(schema)
    shown = datamodel(result.schema) if form is InspectFormat.DMMF else inspect_schema(result.schema)
    if as_json:
        console.document({"format": form.value, "schema": shown})
    else:
        console.print_json(shown)
