"""The database: is it there, may this user do what is needed, has it the tables of the schema. Imports `database`, `migrations`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra_gen import ir
from infra_gen.database.address import Address, address
from infra_gen.database.connection import DriverConnection, connected
from infra_gen.database.planning import Weighed
from infra_gen.database.push import plan_push
from infra_gen.doctor import shell
from infra_gen.doctor.findings import Finding, ok
from infra_gen.doctor.project import Place
from infra_gen.failure import Failure
from infra_gen.front import Compiled
from infra_gen.migrations.folder import MigrationsFolder
from infra_runtime.errors import AuthenticationFailedError, ConnectionError, DatabaseNotFoundError, InfraError
from infra_runtime.urls import DatabaseUrl

WAIT = 5.0
"""Seconds for a connection."""
VERSIONS = {
    "sqlite": "SELECT sqlite_version()",
    "postgresql": "SELECT current_setting('server_version')",
    "mysql": "SELECT version()",
}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL"}


@dataclass(frozen=True, slots=True)
class Reached:
    """A database that answers."""

    place: Place
    schema: ir.Schema
    url: DatabaseUrl


def reach(place: Place, compiled: Compiled, folder: MigrationsFolder) -> tuple[Reached | None, Finding]:
    """Is the database there, and does it answer?"""
    try:
        found = address(compiled.schema, place.url, Path(compiled.files[0].path).parent)
    except (Failure, InfraError) as error:
        return None, Finding("database", "problem", str(error))
    if (missing := _missing_file(place, found.url, folder)) is not None:
        return None, missing
    began = time.perf_counter()
    try:
        with connected(found.url, compiled.schema, wait=WAIT) as connection:
            version = str(connection.query(VERSIONS[found.url.provider])[0][0])
    except InfraError as error:
        return None, _unreached(place, found, folder, error)
    milliseconds = (time.perf_counter() - began) * 1000
    named = "MariaDB" if "mariadb" in version.lower() else NAMES[found.url.provider]
    text = f"{found.url} answers ({named} {version}, {milliseconds:.0f} ms; {found.origin})"
    return Reached(place, compiled.schema, found.url), ok("database", text)


def _missing_file(place: Place, url: DatabaseUrl, folder: MigrationsFolder) -> Finding | None:
    """A file of SQLite's is not made by looking for it."""
    if url.provider != "sqlite":
        return None
    if url.is_memory:
        return Finding("database", "warning", f"{url} ends with the process that opens it: there is nothing to look at")
    path = Path(url.path)
    if path.exists():
        return None
    if not path.parent.is_dir():
        return Finding(
            "database", "problem", f"the folder of {path} is not there", f"mkdir -p {shell.line(str(path.parent))}"
        )
    return Finding("database", "problem", f"there is no database at {path}", making(place, folder), advice=place.hint)


def _unreached(place: Place, found: Address, folder: MigrationsFolder, error: InfraError) -> Finding:
    if isinstance(error, DatabaseNotFoundError):
        command = making(place, folder, "--create-database")
        return Finding("database", "problem", f"{found.url}: there is no such database", command, advice=place.hint)
    if found.url.provider == "sqlite" and (closed := _closed(Path(found.url.path))) is not None:
        return _opening("database", closed)
    text = f"{found.url} ({found.origin}): {error}"
    if isinstance(error, AuthenticationFailedError):
        return Finding("database", "problem", text, advice="Mend the user or the password in the URL")
    if isinstance(error, ConnectionError):
        return Finding(
            "database", "problem", text, advice="Does the server run, and are the URL's host and port right?"
        )
    return Finding("database", "problem", text)


def making(place: Place, folder: MigrationsFolder, *flags: str) -> str:
    """What makes the tables of a database that has none: its migrations, or a push where there are none."""
    if folder.migrations:
        return shell.infra_gen("migrate", "deploy", *flags, options=place.said_of_migrations)
    return shell.infra_gen("db", "push", *flags, options=place.said_of_database)


def privileges(reached: Reached) -> Iterator[Finding]:
    """May this user read, write, and change tables?"""
    if reached.url.provider == "sqlite":
        yield from _file_privileges(Path(reached.url.path))
        return
    with connected(reached.url, reached.schema, wait=WAIT) as connection:
        look = {"postgresql": _postgresql_lacks, "mysql": _mysql_lacks}[reached.url.provider]
        user, lacking = look(connection)
    if lacking:
        text = f"the user {user} lacks {', '.join(what for what, _ in lacking)}: db push and migrations may be refused"
        yield Finding(
            "privileges", "warning", text, advice="Its owner can say: " + "; ".join(grant for _, grant in lacking)
        )
    else:
        yield ok("privileges", f"the user {user} may read, write, and change tables")


def _file_privileges(path: Path) -> Iterator[Finding]:
    closed = _closed(path)
    if closed is not None:
        yield _opening("privileges", closed)
    else:
        yield ok("privileges", f"{path.name} and its folder may be written")


def _closed(path: Path) -> Path | None:
    """The file or its folder, if this user may not write there: SQLite keeps its journal beside the file."""
    return next((what for what in (path, path.parent) if not os.access(what, os.W_OK)), None)


def _opening(check: str, closed: Path) -> Finding:
    return Finding(
        check, "problem", f"{closed} may not be written by this user", f"chmod u+w {shell.line(str(closed))}"
    )


Lacking = Sequence[tuple[str, str]]
"""What a user may not do, and the statement that grants it."""


def _postgresql_lacks(connection: DriverConnection) -> tuple[str, Lacking]:
    rows = connection.query(
        "SELECT quote_ident(current_user), quote_ident(coalesce(current_schema(), 'public')), "
        "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false), "
        "(SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND NOT ("
        "has_table_privilege(schemaname || '.' || quote_ident(tablename), 'SELECT') AND "
        "has_table_privilege(schemaname || '.' || quote_ident(tablename), 'INSERT') AND "
        "has_table_privilege(schemaname || '.' || quote_ident(tablename), 'UPDATE') AND "
        "has_table_privilege(schemaname || '.' || quote_ident(tablename), 'DELETE')))"
    )
    user, schema, may_create, closed = rows[0]
    lacking = []
    if not may_create:
        lacking.append((f"CREATE in the schema {schema}", f"GRANT CREATE ON SCHEMA {schema} TO {user}"))
    if closed:
        grant = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {user}"
        lacking.append((f"rights on {closed} table{'' if closed == 1 else 's'}", grant))
    return str(user), lacking


MYSQL_NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES")


def _mysql_lacks(connection: DriverConnection) -> tuple[str, Lacking]:
    """What is granted to the user by name; roles are not followed, so with one nothing is said to lack."""
    user = str(connection.query("SELECT CURRENT_USER()")[0][0])
    name, _, host = user.rpartition("@")
    grantee = f"'{name}'@'{host}'"
    granted = {
        str(row[0])
        for row in connection.query(
            f"SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = {_literal(grantee)} UNION "
            f"SELECT privilege_type FROM information_schema.schema_privileges WHERE grantee = {_literal(grantee)} "
            "AND DATABASE() LIKE table_schema"
        )
    }
    missing = [privilege for privilege in MYSQL_NEEDED if privilege not in granted]
    role = connection.query("SELECT CURRENT_ROLE()")[0][0]
    if not missing or role not in (None, "NONE"):
        return user, ()
    database = str(connection.query("SELECT DATABASE()")[0][0])
    grant = f"GRANT {', '.join(missing)} ON `{database}`.* TO {grantee}"
    return user, [(", ".join(missing), grant)]


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def tables(reached: Reached, folder: MigrationsFolder) -> Iterator[Finding]:
    """Has the database what the schema says? Where there are migrations, all of them are known to be applied."""
    with connected(reached.url, reached.schema, wait=WAIT) as connection:
        planned = plan_push(reached.schema, connection)
    if not planned.steps:
        yield ok("tables", "the database has what the schema says")
        return
    counts: dict[str, int] = {}
    for step in planned.steps:
        counts[step.comment] = counts.get(step.comment, 0) + 1
    text = "the database has not what the schema says: " + ", ".join(
        f"{what} ×{number}" for what, number in counts.items()
    )
    weighed = planned.weighed
    if weighed.obstacles:
        yield Finding("tables", "problem", text, advice="The rows stand against it: " + "; ".join(weighed.obstacles))
        return
    place, flags = reached.place, _flags(weighed)
    costs = "; ".join((*weighed.losses, *weighed.locks))
    advice = " ".join(filter(None, (f"That costs: {costs}" if costs else None, place.hint))) or None
    if folder.migrations:
        command = shell.infra_gen("migrate", "dev", "--name", "changes", *flags, options=place.said_of_migrations)
    else:
        command = shell.infra_gen("db", "push", *flags, options=place.said_of_database)
    yield Finding("tables", "problem", text, command, advice=advice)


def _flags(weighed: Weighed) -> list[str]:
    """The consent that a change of this weight wants."""
    return [*(["--accept-data-loss"] if weighed.losses else []), *(["--accept-locks"] if weighed.locks else [])]
