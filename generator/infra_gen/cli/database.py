"""`db`: the commands that make a database fit a schema, run SQL on it, and fill it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from infra_gen import ir
from infra_gen.cli import console
from infra_gen.cli.consent import (
    AcceptDataLossOption,
    AcceptLocksOption,
    is_interactive,
    require_consent,
    tell_costs,
)
from infra_gen.cli.migrating.reset import empty
from infra_gen.cli.options import CreateOption, JsonOption, SchemaOption, UrlOption, compiled
from infra_gen.cli.targets import database_url, open_session, require_database
from infra_gen.config import read_settings
from infra_gen.database.connection import DriverConnection, connected
from infra_gen.database.ddl import create_steps, script
from infra_gen.database.push import Push, plan_push, run_push
from infra_gen.failure import Failure
from infra_gen.front import Compiled
from infra_gen.migrations.sessions import ScriptError
from infra_runtime.errors import InfraError
from infra_runtime.urls import DatabaseUrl

STDERR = 2

app = typer.Typer(
    no_args_is_help=True, help="Make a database fit the schema, or the schema fit it; run SQL on it, fill it."
)


@app.command()
def push(
    schema: SchemaOption = None,
    url: UrlOption = None,
    accept_data_loss: AcceptDataLossOption = False,
    accept_locks: AcceptLocksOption = False,
    force_reset: Annotated[bool, typer.Option("--force-reset", help="Drop all tables first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL; change nothing.")] = False,
    create_database: CreateOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make the database's tables those of the schema, without migrations.

    Example: `infra-gen db push --dry-run`
    """
    pushed(
        compiled(schema),
        url,
        accept_data_loss=accept_data_loss,
        accept_locks=accept_locks,
        force_reset=force_reset,
        dry_run=dry_run,
        create_database=create_database,
    )


def pushed(
    result: Compiled,
    url: str | None,
    *,
    accept_data_loss: bool = False,
    accept_locks: bool = False,
    force_reset: bool = False,
    dry_run: bool = False,
    create_database: bool = False,
) -> None:
    """Makes the tables of the database those of a schema, and says so. Arguments: as the command's."""
    folder = Path(result.files[0].path).parent
    try:
        target = database_url(result.schema, url, folder)
    except Failure:
        if not dry_run or url is not None:
            raise
        # Without a database there is still something to print: what makes the tables.
        planned, name = Push(tuple(create_steps(result.schema))), ""
    else:
        if target.is_memory and not dry_run:
            raise Failure("A database in memory ends with this command: name a file, such as --url file:./dev.db.")
        require_database(result.schema, target, create=create_database)
        with _explained(result.schema, target), connected(target, result.schema) as connection:
            planned = plan_push(result.schema, connection, reset=force_reset)
            if not dry_run:
                require_consent(
                    planned.weighed,
                    data_loss=accept_data_loss,
                    locks=accept_locks,
                    instead="Change the schema or the rows, or drop all tables first: infra-gen db push --force-reset.",
                )
                _run(planned, connection)
        name = _shown(target)
    _report(planned, name, dry_run=dry_run)


@contextmanager
def _explained(schema: ir.Schema, url: DatabaseUrl) -> Iterator[None]:
    """Says of what the database refuses how much of it was done."""
    try:
        yield
    except InfraError as error:
        kept = (
            "MySQL commits each change of a table by itself: what came before this one stays."
            if schema.datasource.provider == "mysql"
            else "Nothing was changed."
        )
        raise Failure(f"{_shown(url)}: {str(error).rstrip('.')}. {kept}") from error


@app.command()
def execute(
    file: Annotated[Path | None, typer.Option("--file", help="A script.", show_default=False)] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the script from standard input.")] = False,
    schema: SchemaOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a script of SQL on the database, as it is. It answers no rows.

    Example: `infra-gen db execute --file fill.sql`
    """
    if (file is None) != stdin:
        raise Failure("Give one of --file FILE and --stdin.")
    result = compiled(schema, show_warnings=False)
    text = sys.stdin.read() if file is None else _read(file)
    with open_session(result.schema, database_url(result.schema, url, Path(result.files[0].path).parent)) as session:
        try:
            session.script(text)
        except ScriptError as error:
            raise _refused(file, error) from error
    if as_json:
        console.document({})
    else:
        console.tell("done")


def _refused(file: Path | None, error: ScriptError) -> Failure:
    line = error.statement.line if error.statement else 0
    place = f"{file or 'standard input'}{f':{line}' if line else ''}"
    return Failure(f"{place}: the database refused this: {error.message}.", file=str(file or ""), line=line)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{file} cannot be read: {error}.") from error


@app.command()
def seed(
    schema: SchemaOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the project's own command that fills the database: `seed` under [tool.infra-gen] in pyproject.toml.

    It runs in the folder of pyproject.toml, with DATABASE_URL set to the database's URL where --url is given. With --json what it prints
    goes to stderr.

    Example: `infra-gen db seed --url file:./dev.db`
    """
    result = compiled(schema, show_warnings=False)
    settings = read_settings(Path.cwd())
    if settings.seed is None:
        raise Failure(
            'There is nothing to run: write seed = "python seed.py" under [tool.infra-gen] in pyproject.toml.'
        )
    if url is not None:
        database_url(result.schema, url, Path(result.files[0].path).parent)
    environment = os.environ | ({"DATABASE_URL": url} if url is not None else {})
    console.detail(f"seed: {settings.seed} (in {settings.folder})")
    try:
        with console.phase("the seed command ran"):
            done = subprocess.run(
                shlex.split(settings.seed),
                cwd=settings.folder,
                env=environment,
                check=False,
                stdout=STDERR if as_json else None,
            )
    except OSError as error:
        raise Failure(f"The seed command cannot be run: {settings.seed}: {error.strerror}.") from error
    if done.returncode != 0:
        raise Failure(f"The seed command ended with {done.returncode}: {settings.seed}")
    if as_json:
        console.document({"command": settings.seed})


@app.command()
def reset(
    force: Annotated[bool, typer.Option("--force", help="Do not ask.")] = False,
    schema: SchemaOption = None,
    url: UrlOption = None,
    create_database: CreateOption = False,
    as_json: JsonOption = False,
) -> None:
    """Drop every table and make those of the schema, without migrations. All data is lost.

    Example: `infra-gen db reset --force`
    """
    result = compiled(schema)
    target = database_url(result.schema, url, Path(result.files[0].path).parent)
    if not force:
        if not is_interactive():
            raise Failure(f"All data in {target} would be lost. To go on: infra-gen db reset --force.")
        typer.confirm(f"All data in {target} will be lost. Go on?", abort=True, err=True)
    with open_session(result.schema, target, create=create_database) as session:
        empty(result.schema, session)
    with _explained(result.schema, target), connected(target, result.schema) as connection:
        planned = plan_push(result.schema, connection)
        _run(planned, connection)
    _report(planned, _shown(target), dry_run=False)


def _shown(url: DatabaseUrl) -> str:
    """The database as short as the user would write it."""
    if url.provider != "sqlite":
        return str(url)
    path, here = Path(url.path), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _run(planned: Push, connection: DriverConnection) -> None:
    for step in planned.steps:
        console.detail(step.sql)
    with console.phase("the tables were changed"):
        run_push(planned, connection)


def _report(planned: Push, name: str, *, dry_run: bool) -> None:
    if dry_run:
        tell_costs(planned.weighed)  # Otherwise they were told before anything ran.
    if console.is_json():
        steps = [{"comment": step.comment, "sql": step.sql} for step in planned.steps]
        console.document({"applied": not dry_run, "steps": steps})
    elif dry_run:
        console.answer(script(list(planned.steps)) or "-- nothing to do\n", newline=False)
    elif planned.steps:
        counts: dict[str, int] = {}
        for step in planned.steps:
            counts[step.comment] = counts.get(step.comment, 0) + 1
        console.tell(f"{name}: " + ", ".join(f"{comment} ×{count}" for comment, count in counts.items()))
    else:
        console.tell(f"{name}: already as the schema says")
