"""One database for a test of any behaviour: the tables of a schema, with nothing in them, on SQLite, PostgreSQL or MySQL.

An area of tests names the databases it runs on in its `conftest.py`:

    @pytest.fixture(params=["sqlite", "postgresql"])
    def database(request, databases) -> Database:
        return databases(request.param)

and a test gets a URL by `database.url(MODELS)`. On a server the tables of a schema are made once for each worker and emptied before
they are lent again, which takes a few milliseconds; in SQLite a file is copied.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from infra_gen.database.ddl import statements
from infra_gen.front import compile_schema
from infra_gen.schema.source import SourceFile
from tests.conftest import connect_mysql, scratch_mysql, scratch_postgresql

Provider = Literal["sqlite", "postgresql", "mysql"]


class Database(Protocol):
    """A database of one kind, lent to one test at a time."""

    provider: Provider

    def url(self, models: str) -> str:
        """The URL of a database with the tables of `models` (a Prisma schema without its datasource), all empty."""
        ...

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the database of the last URL, as another program would see them."""
        ...


def datasource(provider: Provider) -> str:
    """The datasource block of a schema; its URL is given to the client."""
    return f'datasource db {{\n  provider = "{provider}"\n  url      = env("NOT_READ")\n}}\n\n'


def ddl(models: str, provider: Provider) -> list[str]:
    """The statements that make the tables of `models`."""
    source = SourceFile("schema.prisma", datasource(provider) + models)
    return statements(compile_schema((source,), for_generators=False).schema)


class SqliteDatabase:
    """A file for each use, copied from one with the tables."""

    provider: Provider = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, Path] = {}
        self._uses = 0
        self.path = folder / "none.db"

    def url(self, models: str) -> str:
        if models not in self._templates:
            path = self._templates[models] = self._folder / f"template{len(self._templates)}.db"
            with sqlite3.connect(path) as connection:
                connection.executescript(";\n".join(ddl(models, "sqlite")))
            connection.close()
        self.path.unlink(missing_ok=True)
        self._uses += 1
        self.path = self._folder / f"used{self._uses}.db"
        shutil.copy(self._templates[models], self.path)
        return f"file:{self.path}"

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


class PostgresqlDatabase:
    """A schema for each set of tables, in one scratch database."""

    provider: Provider = "postgresql"

    def __init__(self, url: str) -> None:
        import psycopg
        from psycopg import sql

        self._url = url
        self._schemas: dict[str, str] = {}
        self._schema = ""
        # What a crash of the server would lose is no matter here; waiting for the disk would be.
        with psycopg.connect(url, autocommit=True) as connection:
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
        self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def url(self, models: str) -> str:
        run: Any = self._connection.execute
        # What an earlier test left open would hold locks.
        run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if models in self._schemas:
            self._schema = self._schemas[models]
            run(f'SET search_path = "{self._schema}"')
            run(_EMPTY)
        else:
            self._schema = self._schemas[models] = f"schema{len(self._schemas)}"
            run(f'CREATE SCHEMA "{self._schema}"')
            run(f'SET search_path = "{self._schema}"')
            for statement in ddl(models, "postgresql"):
                run(statement)
        return f"{self._url}?schema={self._schema}"

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        run: Any = self._connection.execute
        return list(run(sql).fetchall())


_EMPTY = """
DO $$
DECLARE name text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
  FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences
              WHERE schemaname = current_schema() AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
  END LOOP;
END $$"""
"""Deletes all rows of the schema, whatever refers to them, and starts its numbers again."""


class MysqlDatabase:
    """A database for each set of tables, on one server."""

    provider: Provider = "mysql"

    def __init__(self, url: str) -> None:
        self._url = url
        self._names: dict[str, str] = {}
        self._connection = connect_mysql(url)
        self._run("SET foreign_key_checks = 0")

    def close(self) -> None:
        for name in self._names.values():
            self._end_others(name)
            self._run(f"DROP DATABASE {name}")
        self._connection.close()

    def url(self, models: str) -> str:
        server, _, scratch = self._url.rpartition("/")
        name = self._names.get(models)
        if name is not None:
            # What an earlier test left open would hold locks.
            self._end_others(name)
            self._run(f"USE {name}")
            self._empty()
        else:
            name = self._names[models] = f"{scratch}_{len(self._names)}"
            self._run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
            self._run(f"USE {name}")
            for statement in ddl(models, "mysql"):
                self._run(statement)
        return f"{server}/{name}"

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._run(sql)

    def _empty(self) -> None:
        tables = self._run(
            "SELECT table_name, auto_increment FROM information_schema.tables "
            "WHERE table_schema = database() AND table_type = 'BASE TABLE'"
        )
        for name, following in tables:
            self._run(f"DELETE FROM `{name}`")
            if following is not None and following > 1:
                self._run(f"ALTER TABLE `{name}` AUTO_INCREMENT = 1")

    def _end_others(self, name: str) -> None:
        for (number,) in self._run(
            f"SELECT id FROM information_schema.processlist WHERE db = '{name}' AND id <> connection_id()"
        ):
            try:
                self._run(f"KILL {number}")
            except self._connection.OperationalError:
                # It ended by itself.
                continue

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())


Databases = Callable[[str], Database]
"""The database of a kind; the test is skipped where there is none."""


@contextmanager
def all_databases(folder: Path) -> Iterator[Databases]:
    """The databases of a test run; each is made when it is first asked for, and gone at the end."""
    made: dict[str, Database] = {}
    with ExitStack() as stack:

        def make(provider: str) -> Database:
            if provider == "sqlite":
                return SqliteDatabase(folder)
            if provider == "postgresql":
                found = PostgresqlDatabase(stack.enter_context(scratch_postgresql()))
                stack.callback(found.close)
                return found
            if provider == "mysql":
                mysql = MysqlDatabase(stack.enter_context(scratch_mysql()))
                stack.callback(mysql.close)
                return mysql
            raise ValueError(f"there is no test database for {provider}")

        def get(provider: str) -> Database:
            if provider not in made:
                made[provider] = make(provider)
            return made[provider]

        yield get
