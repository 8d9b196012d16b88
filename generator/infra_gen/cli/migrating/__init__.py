"""`migrate`: the commands that write, apply and examine migrations in Prisma's form, a module each."""

from __future__ import annotations

import typer

from infra_gen.cli.migrating.deploy import deploy
from infra_gen.cli.migrating.dev import dev
from infra_gen.cli.migrating.diff import diff
from infra_gen.cli.migrating.reset import reset
from infra_gen.cli.migrating.resolve import resolve
from infra_gen.cli.migrating.status import status

app = typer.Typer(no_args_is_help=True, help="Write, apply and examine migrations, in the form of Prisma's.")

for command in (dev, deploy, status, resolve, diff, reset):
    app.command()(command)
