"""`db`: the commands that make a database fit a schema."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from infra_gen import ir
from infra_gen.cli.failures import failures_as_json, print_json
from infra_gen.cli.options import JsonOption, SchemaOption, compiled
from infra_gen.database.connection import SqliteConnection
from infra_gen.database.ddl import create_steps, script
from infra_gen.database.push import DataLossError, Push, UnexecutableError, plan_push
from infra_gen.database.push import push as push_schema
from infra_gen.failure import Failure
from infra_runtime.urls import parse_url

app = typer.Typer(no_args_is_help=True, help="Make a database fit the schema.")


@app.command()
def push(
    schema: SchemaOption = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The database. Default: the datasource's url, then DATABASE_URL.")
    ] = None,
    accept_data_loss: Annotated[
        bool, typer.Option("--accept-data-loss", help="Go on where data would be lost.")
    ] = False,
    force_reset: Annotated[bool, typer.Option("--force-reset", help="Drop all tables first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL; change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the database's tables those of the schema, without migrations."""
    with failures_as_json(as_json, schema):
        result = compiled(schema)
        if dry_run and result.schema.datasource.provider != "sqlite":
            planned, name = Push(tuple(create_steps(result.schema))), ""
        else:
            folder = Path(result.files[0].path).parent
            path = sqlite_path(result.schema, url, folder)
            if str(path) == ":memory:" and not dry_run:
                raise Failure("A database in memory ends with this command: name a file, such as --url file:./dev.db.")
            planned = _pushed(
                result.schema, path, dry_run=dry_run, accept_data_loss=accept_data_loss, reset=force_reset
            )
            name = _shown(path)
    _report(planned, name, dry_run=dry_run, as_json=as_json)


def _pushed(schema: ir.Schema, path: Path, *, dry_run: bool, accept_data_loss: bool, reset: bool) -> Push:
    connection = _open(path)
    try:
        if dry_run:
            return plan_push(schema, connection, reset=reset)
        return push_schema(schema, connection, accept_data_loss=accept_data_loss, reset=reset)
    except DataLossError as error:
        raise Failure(f"{error} To go on: infra-gen db push --accept-data-loss") from error
    except UnexecutableError as error:
        raise Failure(
            f"{error} Give the column a default, or drop all tables first: infra-gen db push --force-reset"
        ) from error
    except sqlite3.Error as error:
        raise Failure(f"{path}: {error}{_hint(error)}. Nothing was changed.") from error
    finally:
        connection.close()


def _hint(error: sqlite3.Error) -> str:
    """What a person can do about an error of SQLite's, where its own words do not say it."""
    hints = {
        "SQLITE_BUSY": ", as another program is writing to it: run again when that has finished",
        "SQLITE_NOTADB": ": something else is in this file; does the URL name the right one",
        "SQLITE_READONLY": ": this user has to be able to write the file and its folder",
    }
    return hints.get(getattr(error, "sqlite_errorname", ""), "")


def sqlite_path(schema: ir.Schema, url: str | None, folder: Path) -> Path:
    """The file of the database that a URL, the schema or the environment names."""
    if schema.datasource.provider != "sqlite":
        raise Failure(
            f"db push works on SQLite so far, and this schema's provider is {schema.datasource.provider}. "
            "Apply the SQL that `infra-gen db push --dry-run` prints by hand, or go on with `prisma db push`."
        )
    if url == "":
        raise Failure("--url is empty: give it as --url file:./dev.db, or leave it away to use the schema's.")
    parsed = parse_url(url or _datasource_url(schema), folder=folder)
    if parsed.provider != "sqlite" or parsed.path is None:
        raise Failure(f"The schema's provider is sqlite, but the URL is one of {parsed.provider}.")
    return Path(parsed.path)


def _datasource_url(schema: ir.Schema) -> str:
    match schema.datasource.url:
        case str(text):
            return text
        case ir.EnvironmentVariable(name):
            variable = name
        case _:
            variable = "DATABASE_URL"
    found = os.environ.get(variable)
    if not found:
        raise Failure(f"No database URL: set {variable}, or give --url file:./dev.db.")
    return found


def _open(path: Path) -> SqliteConnection:
    try:
        return SqliteConnection.open(path)
    except sqlite3.Error as error:
        raise Failure(f"{path} cannot be opened: {error}. Does its folder exist, and may it be written?") from error


def _shown(path: Path) -> str:
    """The path as short as the user would write it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _report(planned: Push, name: str, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        steps = [{"comment": step.comment, "sql": step.sql} for step in planned.steps]
        print_json({"ok": True, "applied": not dry_run, "steps": steps, "warnings": planned.warnings})
    elif dry_run:
        typer.echo(script(list(planned.steps)) or "-- nothing to do", nl=False)
        for warning in (*planned.warnings, *planned.obstacles):
            typer.echo(f"warning: {warning}", err=True)
    elif planned.steps:
        counts: dict[str, int] = {}
        for step in planned.steps:
            counts[step.comment] = counts.get(step.comment, 0) + 1
        typer.echo(f"{name}: " + ", ".join(f"{comment} ×{count}" for comment, count in counts.items()))
    else:
        typer.echo(f"{name}: already as the schema says")
