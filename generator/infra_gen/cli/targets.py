"""The database that a command works on: which one it is, and a connection to it, or one clear paragraph why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import typer

from infra_gen import ir
from infra_gen.cli import console
from infra_gen.cli.consent import is_interactive
from infra_gen.database.address import address
from infra_gen.database.connection import connected
from infra_gen.database.dialects import DIALECTS
from infra_gen.failure import Failure
from infra_gen.migrations.sessions import ScriptError, Session, session
from infra_gen.migrations.states import MAINTENANCE
from infra_runtime.errors import AuthenticationFailedError, ConnectionError, DatabaseNotFoundError, InfraError
from infra_runtime.urls import DatabaseUrl


def database_url(schema: ir.Schema, url: str | None, folder: Path) -> DatabaseUrl:
    """Of `--url`, the schema and the environment: see `infra_gen.database.address`, also for errors."""
    found = address(schema, url, folder)
    console.detail(f"database: {found.url} ({found.origin})")
    return found.url


@contextmanager
def open_session(schema: ir.Schema, url: DatabaseUrl, *, create: bool | None = None) -> Iterator[Session]:
    """A session with the database.

    Args:
        create: make the database where there is none? If not, a person at a terminal is asked, and a script is told of the flag. None: the
            command makes none, and has no such flag.

    Errors: Failure, with what to do.
    """
    with console.phase("the database was reached"):
        require_database(schema, url, create=create)
    with session(url) as opened:
        yield cast("Session", _Told(opened)) if console.is_verbose() else opened


class _Told:
    """A session whose scripts are details."""

    def __init__(self, opened: Session) -> None:
        self._opened = opened

    def script(self, text: str) -> None:
        console.detail(text)
        with console.phase("run"):
            self._opened.script(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)


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
