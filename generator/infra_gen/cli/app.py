"""The commands, as one typer application; each command lives in the module of its subject."""

from __future__ import annotations

from functools import cache
from typing import Annotated, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command

from infra_gen.cli import (
    checking,
    configuring,
    database,
    doctoring,
    generating,
    language,
    migrating,
    pulling,
    starting,
    watching,
)
from infra_gen.cli.commands import NAME, NoColorOption, QuietOption, VerboseOption, equip
from infra_gen.cli.plugging import WithPlugins
from infra_gen.version import version as installed

app = typer.Typer(
    name=NAME,
    cls=WithPlugins,
    help="A Prisma schema in, a typed Python data layer out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    show_version: Annotated[bool, typer.Option("--version", "-V", help="Print the version and leave.")] = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    if show_version:
        typer.echo(f"infra-gen {installed()}")
        raise typer.Exit


SCHEMA, PACKAGE, DATABASE, PROJECT = "The schema", "The package", "The database", "The project"

app.command(rich_help_panel=SCHEMA)(language.validate)
app.command("format", rich_help_panel=SCHEMA)(language.format_)
app.command(rich_help_panel=SCHEMA)(language.inspect)
app.command(rich_help_panel=PACKAGE)(generating.generate)
app.command(rich_help_panel=PACKAGE)(watching.watch)
app.command(rich_help_panel=PACKAGE)(checking.check)
database.app.command()(pulling.pull)
app.add_typer(database.app, name="db", rich_help_panel=DATABASE)
app.add_typer(migrating.app, name="migrate", rich_help_panel=DATABASE)
app.command(rich_help_panel=PROJECT)(starting.init)
app.add_typer(configuring.app, name="config", rich_help_panel=PROJECT)
app.command(rich_help_panel=PROJECT)(doctoring.doctor)
app.command(rich_help_panel=PROJECT)(doctoring.version)


@cache
def tree() -> TyperGroup:
    """The whole command line, ready to run."""
    equip(app)
    return cast("TyperGroup", get_command(app))
