"""The commands, as one typer application; each command lives in the module of its subject."""

from __future__ import annotations

from typing import Annotated

import typer

from infra_gen.cli import checking, database, generating, language, migrating, pulling, watching
from infra_gen.version import version

app = typer.Typer(
    name="infra-gen",
    help="A Prisma schema in, a typed Python data layer out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    show_version: Annotated[bool, typer.Option("--version", "-V", help="Print the version and leave.")] = False,
) -> None:
    if show_version:
        typer.echo(f"infra-gen {version()}")
        raise typer.Exit


app.command()(generating.generate)
app.command()(watching.watch)
app.command()(language.validate)
app.command("format")(language.format_)
app.command()(language.inspect)
app.command()(checking.check)
database.app.command()(pulling.pull)
app.add_typer(database.app, name="db")
app.add_typer(migrating.app, name="migrate")
