"""One connection of each blocking driver, and what the workloads by hand need of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from benchmarks.comparison.peers.base import BATCH, Place

Tuples = Sequence[tuple[Any, ...]]


class Session(Protocol):
    """A connection that commits each statement by itself, unless within `transaction`."""

    def fetch(self, sql: str, values: Sequence[Any]) -> Tuples: ...
    def transaction(self) -> AbstractContextManager[object]: ...
    def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None: ...
    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]: ...
    def close(self) -> None: ...


class SqliteSession:
    def __init__(self, place: Place) -> None:
        self.connection = sqlite3.connect(place.path, isolation_level=None, check_same_thread=False)
        self.connection.execute("PRAGMA foreign_keys = ON")

    def fetch(self, sql: str, values: Sequence[Any]) -> Tuples:
        return self.connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        with self.transaction():
            self.connection.executemany(sql, rows)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        yield from self.connection.execute(sql)

    def close(self) -> None:
        self.connection.close()


class PostgresqlSession:
    def __init__(self, place: Place) -> None:
        import psycopg

        self.connection: Any = psycopg.connect(
            **place.address, dbname=place.database, autocommit=True, prepare_threshold=0
        )
        self.cursor = self.connection.cursor(binary=True)
        self.transaction = self.connection.transaction

    def fetch(self, sql: str, values: Sequence[Any]) -> Tuples:
        rows: Tuples = self.cursor.execute(sql, values).fetchall()
        return rows

    def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        with self.cursor.copy(copy_of(sql)) as copy:
            for row in rows:
                copy.write_row(row)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        with self.connection.transaction(), self.connection.cursor("stream", binary=True) as cursor:
            cursor.itersize = BATCH
            yield from cursor.execute(sql)

    def close(self) -> None:
        self.connection.close()


class MysqlSession:
    def __init__(self, place: Place) -> None:
        import pymysql
        import pymysql.cursors

        self._unbuffered = pymysql.cursors.SSCursor
        self.connection = pymysql.connect(**place.address, database=place.database, autocommit=True)
        self.cursor = self.connection.cursor()

    def fetch(self, sql: str, values: Sequence[Any]) -> Tuples:
        self.cursor.execute(sql, values)
        rows: Tuples = self.cursor.fetchall()
        return rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def insert_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        with self.transaction():
            self.cursor.executemany(sql, rows)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        with self.connection.cursor(self._unbuffered) as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(BATCH):
                yield from rows

    def close(self) -> None:
        self.connection.close()


def copy_of(insert: str) -> str:
    """The COPY that does what an INSERT does."""
    return f"COPY {insert.removeprefix('INSERT INTO ').partition(' VALUES')[0]} FROM STDIN"


def open_session(place: Place) -> Session:
    """A connection to the place."""
    if place.provider == "sqlite":
        return SqliteSession(place)
    return PostgresqlSession(place) if place.provider == "postgresql" else MysqlSession(place)
