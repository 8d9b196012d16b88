"""The databases of the comparison: made, filled, tidied between measurements, and dropped at the end."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from benchmarks.comparison.data import COLUMNS, TABLES
from benchmarks.comparison.peers.by_hand.binding import binders
from benchmarks.comparison.peers.by_hand.sessions import copy_of
from benchmarks.comparison.peers.by_hand.statements import Statements
from benchmarks.made_schema import compiled
from infra_gen.database.ddl import statements
from infra_runtime.urls import parse_url

POSTGRESQL = os.environ.get("INFRA_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
MYSQL = os.environ.get("INFRA_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/test")
NAME = f"infra_gen_comparison_{os.getpid()}"


class Database(Protocol):
    """A database with the tables and rows of the comparison."""

    url: str
    version: str

    def tidy(self, tables: tuple[str, ...]) -> None:
        """Takes away what workloads have added to `tables`."""
        ...


def schema_for(provider: str) -> str:
    """The text of `schema.prisma` for a provider. SQLite has no native types."""
    text = (Path(__file__).parent / "schema.prisma").read_text(encoding="utf-8")
    if provider == "sqlite":
        lines = [line.partition("@db.")[0].rstrip() for line in text.splitlines()]
        text = "\n".join(lines) + "\n"
    return text.replace('"postgresql"', f'"{provider}"\n  url = "file:./unused.db"')


def _deletions(tables: tuple[str, ...]) -> Iterator[str]:
    return (f"DELETE FROM {table} WHERE id > {TABLES[table][0]}" for table in tables)


class SqliteDatabase:
    def __init__(self, path: Path) -> None:
        self.url, self.version = f"file:{path}", f"SQLite {sqlite3.sqlite_version}"
        self.connection = sqlite3.connect(path, isolation_level=None)

    def fill(self) -> None:
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("BEGIN")
        for statement in statements(compiled(schema_for("sqlite"))):
            self.connection.execute(statement)
        sql, bind = Statements("sqlite"), binders("sqlite")
        for table, (number, row) in TABLES.items():
            self.connection.executemany(sql.insert(table), (bind[table](row(place)) for place in range(1, number + 1)))
        self.connection.execute("COMMIT")
        self.connection.execute("ANALYZE")

    def tidy(self, tables: tuple[str, ...]) -> None:
        for statement in _deletions(tables):
            self.connection.execute(statement)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def drop(self) -> None:
        self.connection.close()


class PostgresqlDatabase:
    def __init__(self) -> None:
        import psycopg

        self.url = f"{POSTGRESQL.rpartition('/')[0]}/{NAME}"
        self.server: Any = psycopg.connect(POSTGRESQL, autocommit=True)
        self.version = (
            f"PostgreSQL {self.server.info.server_version // 10_000}.{self.server.info.server_version % 10_000}"
        )
        self.server.execute(f"CREATE DATABASE {NAME}")
        # What a crash would lose is no matter here; waiting for the disk would hide what is measured.
        self.server.execute(f"ALTER DATABASE {NAME} SET synchronous_commit = off")
        self.server.execute(f"ALTER DATABASE {NAME} SET timezone = 'UTC'")
        self.connection: Any = psycopg.connect(self.url, autocommit=True)

    def fill(self) -> None:
        for statement in statements(compiled(schema_for("postgresql"))):
            self.connection.execute(statement)
        sql, bind = Statements("postgresql"), binders("postgresql")
        for table, (number, row) in TABLES.items():
            with self.connection.cursor().copy(copy_of(sql.insert(table))) as copy:
                for place in range(1, number + 1):
                    copy.write_row(bind[table](row(place)))
            self.connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        self.connection.execute("VACUUM ANALYZE")

    def tidy(self, tables: tuple[str, ...]) -> None:
        for statement in _deletions(tables):
            self.connection.execute(statement)
        for table in tables:
            self.connection.execute(f"VACUUM {table}")

    def drop(self) -> None:
        self.connection.close()
        self.server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
        self.server.close()


class MysqlDatabase:
    def __init__(self) -> None:
        import pymysql

        parts = parse_url(MYSQL)
        self.connection: Any = pymysql.connect(
            host=parts.host, port=parts.port or 3306, user=parts.user, password=parts.password or "", autocommit=True
        )
        self.url = f"{MYSQL.rpartition('/')[0]}/{NAME}"
        self.version = f"MariaDB {self.connection.server_version.removeprefix('5.5.5-').partition('-')[0]}"
        self._run(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        self._run(f"USE {NAME}")

    def fill(self) -> None:
        for statement in statements(compiled(schema_for("mysql"))):
            self._run(statement)
        sql, bind = Statements("mysql"), binders("mysql")
        self._run("SET autocommit = 0")
        for table, (number, row) in TABLES.items():
            rows = [bind[table](row(place)) for place in range(1, number + 1)]
            self.connection.cursor().executemany(sql.insert(table), rows)
        self._run("COMMIT")
        self._run("SET autocommit = 1")
        self._run(f"ANALYZE TABLE {', '.join(COLUMNS)}")

    def tidy(self, tables: tuple[str, ...]) -> None:
        for statement in _deletions(tables):
            self._run(statement)

    def drop(self) -> None:
        self._run(f"DROP DATABASE {NAME}")
        self.connection.close()

    def _run(self, sql: str) -> None:
        self.connection.cursor().execute(sql)


@contextmanager
def database(provider: str, folder: Path) -> Iterator[Database]:
    """A database with tables and rows, dropped at the end.

    Raises:
        OSError: there is no such server.
    """
    made: Any = None
    try:
        if provider == "sqlite":
            made = SqliteDatabase(folder / "comparison.db")
        else:
            made = PostgresqlDatabase() if provider == "postgresql" else MysqlDatabase()
    except Exception as error:
        raise OSError(f"no {provider}: {str(error).splitlines()[0]}") from error
    try:
        made.fill()
        yield made
    finally:
        made.drop()
