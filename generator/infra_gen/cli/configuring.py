"""`config`: the commands about `infrastructure.config.yml`."""

from __future__ import annotations

import typer

from infra_gen.cli import console

app = typer.Typer(no_args_is_help=True, help="About infrastructure.config.yml.")


@app.callback()
def group() -> None:
    """With one command alone typer would leave out its name."""


@app.command()
def schema() -> None:
    """Print the file's form as a JSON Schema, by which editors complete and check it.

    Save it beside the file, and write there: `# yaml-language-server: $schema=infrastructure.schema.json`

    Example: `infra-gen config schema > infrastructure.schema.json`
    """
    from infra_gen.editor_schema import editor_schema

    console.print_json(editor_schema())
