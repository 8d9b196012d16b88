"""The database that a command works on: which one it is, and a connection to it, or one clear paragraph why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer

from infra_gen import ir
from infra_gen.cli.consent import is_interactive
from infra_gen.database.connection import connected
from infra_gen.database.dialects import DIALECTS
from infra_gen.failure import Failure
from infra_gen.migrations.sessions import ScriptError, Session, session
from infra_gen.migrations.states import MAINTENANCE
from infra_runtime.environment import variable
from infra_runtime.errors import AuthenticationFailedError, ConnectionError, DatabaseNotFoundError, InfraError
from infra_runtime.urls import DatabaseUrl, parse_url


def database_url(schema: ir.Schema, url: str | None, folder: Path) -> DatabaseUrl:
    """Of `--url`, the schema and the environment, in this order; `.env` files count, in the working folder and beside the schema.

    A datasource's `directUrl` wins over its `url`: it leads past a pooler, which takes no statements that change tables
    (https://www.prisma.io/docs/orm/reference/prisma-schema-reference#datasource).

    Errors: Failure; ConfigurationError for one of another provider.
    """
    if url == "":
        raise Failure("--url is empty: give it as --url file:./dev.db, or leave it away to use the schema's.")
    return parse_url(url or _datasource_url(schema, folder), provider=schema.datasource.provider, folder=folder)


def _datasource_url(schema: ir.Schema, folder: Path) -> str:
    datasource = schema.datasource
    for named in (datasource.properties.get("directUrl"), datasource.url, ir.EnvironmentVariable("DATABASE_URL")):
        match named:
            case str(text):
                return text
            case ir.EnvironmentVariable(name):
                found = variable(name) or variable(name, folder)
                if not found:
                    raise Failure(f"No database URL: set {name}, or give --url file:./dev.db.")
                return found
    raise AssertionError("the last of them is a variable")


@contextmanager
def open_session(schema: ir.Schema, url: DatabaseUrl, *, create: bool | None = None) -> Iterator[Session]:
    """A session with the database.

    Args:
        create: make the database where there is none? If not, a person at a terminal is asked, and a script is told of the flag. None: the
            command makes none, and has no such flag.

    Errors: Failure, with what to do.
    """
    require_database(schema, url, create=create)
    with session(url) as opened:
        yield opened


def require_database(schema: ir.Schema, url: DatabaseUrl, *, create: bool | None = None) -> None:
    """Connects once, so that what is wrong is said in the words of the runtime. See `open_session`."""
    if url.provider == "sqlite":
        _require_folder(url)
        return
    try:
        with connected(url, schema):
            return
    except DatabaseNotFoundError:
        _create_or_refuse(url, create=create)
    except AuthenticationFailedError as error:
        raise Failure(f"{url} refused the user or the password: {error}. Nothing was changed.") from error
    except ConnectionError as error:
        raise Failure(
            f"{url} cannot be reached: {error}. Does the server run, and is the URL's host and port right?"
        ) from error
    except InfraError as error:
        raise Failure(f"{url}: {error}") from error


def _require_folder(url: DatabaseUrl) -> None:
    if not url.is_memory and not Path(url.path).parent.is_dir():
        raise Failure(f"{url.path} cannot be opened: its folder is not there. Nothing was changed.")


def _create_or_refuse(url: DatabaseUrl, *, create: bool | None) -> None:
    if create is None:
        raise Failure(f"{url}: there is no such database. Nothing was changed.")
    if not create and is_interactive():
        create = typer.confirm(f"{url}: there is no such database. Make it?", err=True)
    if not create:
        raise Failure(f"{url}: there is no such database. Nothing was changed. To make it: --create-database.")
    beside = replace(url, database=MAINTENANCE[url.provider])
    with session(beside) as opened:
        try:
            opened.script(f"CREATE DATABASE {DIALECTS[url.provider].quote(url.database)}")
        except ScriptError as error:
            raise Failure(
                f"{url}: the database cannot be made: {error.message}. Ask for the right to make one, or for the database."
            ) from error
