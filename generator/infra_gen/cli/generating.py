"""`generate`: writes the package of a schema."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from infra_gen.cli.failures import failures_as_json, print_json
from infra_gen.cli.options import JsonOption, SchemaOption, compiled
from infra_gen.config import read_options


def generate(
    schema: SchemaOption = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="DIR", help="Where the package goes.", show_default=False),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 and list what is stale.")] = False,
    naming: Annotated[
        str | None, typer.Option("--naming", metavar="schema|snake_case", help="How fields are spelt.")
    ] = None,
    interface: Annotated[
        str | None, typer.Option("--interface", metavar="asyncio|sync|both", help="Which clients are made.")
    ] = None,
    relations: Annotated[
        str | None,
        typer.Option(
            "--relations", metavar="strict|optional", help="What reading a relation that was not loaded does."
        ),
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(
            "--missing", metavar="raise|none", help="What update and delete do about a row that is not there."
        ),
    ] = None,
    frozen: Annotated[
        bool | None, typer.Option("--frozen/--mutable", help="May rows be changed?", show_default=False)
    ] = None,
    templates: Annotated[
        str | None, typer.Option("--templates", metavar="DIR", help="Templates that win over the toolkit's own.")
    ] = None,
    include: Annotated[
        str | None, typer.Option("--include", metavar="NAMES", help="Only these models, by comma; patterns too.")
    ] = None,
    exclude: Annotated[
        str | None, typer.Option("--exclude", metavar="NAMES", help="All but these models, by comma; patterns too.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the typed package of a schema.

    Options may also stand in the schema's generator block whose provider is infra-gen, or under [tool.infra-gen] in pyproject.toml.
    """
    began = time.perf_counter()
    flags: dict[str, Any] = {
        "output": output,
        "naming": naming,
        "interface": interface,
        "relations": relations,
        "missing": missing,
        "frozen": frozen,
        "templates": templates,
        "include": include,
        "exclude": exclude,
    }
    with failures_as_json(as_json, schema):
        from infra_gen.generate import generate as generate_package

        result = compiled(schema)
        folder = Path(result.files[0].path).parent.resolve()
        options = read_options(result.schema, schema_folder=folder, flags=flags)
        made = generate_package(result.schema, options, schema_folder=folder, check=check)
    seconds = time.perf_counter() - began
    changes = made.changes
    if as_json:
        print_json(
            {
                "ok": not (check and made.is_stale),
                "output": str(made.output),
                "written": sorted(changes.written),
                "unchanged": len(changes.unchanged),
                "removed": sorted(changes.removed),
                "seconds": round(seconds, 3),
            }
        )
    elif check and made.is_stale:
        for path in sorted(changes.written):
            typer.echo(f"{made.output / path}: stale", err=True)
        for path in sorted(changes.removed):
            typer.echo(f"{made.output / path}: no longer made", err=True)
        typer.echo("Run: infra-gen generate", err=True)
    else:
        typer.echo(str(made))
    if check and made.is_stale:
        raise typer.Exit(1)
