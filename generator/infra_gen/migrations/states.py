"""States of a database's tables, wherever they stand: a schema, a live database, a folder of migrations, or nothing.

A folder of migrations is played through in a database made for that while: a file in memory, or a database beside the one of the URL.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from infra_gen import ir
from infra_gen.database.catalog import Catalog
from infra_gen.database.dialects import DIALECTS, catalogs
from infra_gen.failure import Failure
from infra_gen.migrations.folder import MigrationsFolder
from infra_gen.migrations.sessions import ScriptError, Session, session
from infra_runtime.urls import MEMORY, DatabaseUrl

SCRATCH = "_infra_scratch_"
"""What stands in the names of databases that are made for a while, behind the name of the one they stand in for."""

MAINTENANCE = {"postgresql": "postgres", "mysql": "information_schema"}
"""The database to be in while another is made or dropped."""


def live_state(schema: ir.Schema, opened: Session, *, directives: bool = True) -> tuple[Catalog, Catalog]:
    """What the database has, and what `schema` wants of it. `directives`: see `catalogs`."""
    return catalogs(schema, opened.read, directives=directives)


def played_state(schema: ir.Schema, folder: MigrationsFolder, url: DatabaseUrl) -> Catalog:
    """What a database has after all migrations of a folder. Errors: Failure for the first that does not run."""
    with scratch(url) as place, session(place) as opened:
        for migration in folder.migrations:
            try:
                opened.script(migration.script)
            except ScriptError as error:
                where = migration.place(error.statement)
                raise Failure(
                    f"{where}: this migration does not run on a database made by those before it: {error.message}"
                ) from error
        return live_state(schema, opened)[0]


@contextmanager
def scratch(url: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """A database of its own on the server of `url`, dropped in the end. Errors: Failure where the user may make none."""
    if url.provider == "sqlite":
        yield replace(url, path=MEMORY)
        return
    name = f"{url.database[:40]}{SCRATCH}{uuid.uuid4().hex[:12]}"
    quoted = DIALECTS[url.provider].quote(name)
    parameters = {key: value for key, value in url.parameters.items() if key != "schema"}
    beside = replace(url, database=MAINTENANCE[url.provider], parameters=parameters)
    with session(beside) as opened:
        try:
            opened.script(f"CREATE DATABASE {quoted}")
        except ScriptError as error:
            raise Failure(
                f"To play the migrations through, a database of its own is made on the server for that while, and this user may make none: "
                f"{error.message}. Grant it, or name another server with --shadow-url."
            ) from error
        try:
            yield replace(beside, database=name)
        finally:
            opened.script(f"DROP DATABASE {quoted}")
