"""Point reads on PostgreSQL: a repository against psycopg by hand, its statement prepared, both sync and async.

    python benchmarks/point_read_postgresql.py [postgresql://postgres@127.0.0.1:5432/postgres]

Makes a schema of its own in the database of the URL, and drops it. Prints microseconds a read (the best of several rounds) and the
ratios. Each round measures all candidates in turn, so that a busy machine slows them alike.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg

from benchmarks.point_read_sqlite import SCHEMA, Rows, SyncUsers, User, Users, microseconds, microseconds_async, report
from infra_runtime import Infrastructure, SyncInfrastructure
from infra_runtime.rows import row_maker

POSTGRESQL = replace(SCHEMA, provider="postgresql")
SQL = 'SELECT "id", "email", "name", "logins", "active" FROM "User" WHERE "id" = %s'
TABLE = (
    'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, "email" TEXT NOT NULL UNIQUE, "name" TEXT, '
    '"logins" INTEGER NOT NULL DEFAULT 0, "active" BOOLEAN NOT NULL DEFAULT true)'
)


@contextmanager
def made_schema(server: str) -> Iterator[str]:
    """The name of a schema with the table and a thousand rows, dropped at the end."""
    name = f"infra_gen_benchmark_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        run: Any = connection.execute
        run(f"CREATE SCHEMA {name}")
        try:
            run(f"SET search_path = {name}")
            run(TABLE)
            run(
                'INSERT INTO "User" ("email", "name", "logins") '
                "SELECT 'user' || n || '@example.org', 'User ' || n, n FROM generate_series(0, 999) n"
            )
            yield name
        finally:
            run(f"DROP SCHEMA {name} CASCADE")


def row_of(values: Any) -> User:
    id_, email, name, logins, active = values
    make = row_maker(User)
    return make({"id": id_, "email": email, "name": name, "logins": logins, "active": active})


def by_hand(server: str, schema: str) -> Callable[[], User]:
    """What one would write without a library: a prepared statement, a dict, a row."""
    connection = psycopg.connect(server, autocommit=True, options=f"-c search_path={schema}", prepare_threshold=0)

    def read() -> User:
        return row_of(connection.execute(SQL, (7,)).fetchone())

    return read


async def by_hand_async(server: str, schema: str) -> Callable[[], Awaitable[User]]:
    connection = await psycopg.AsyncConnection.connect(
        server, autocommit=True, options=f"-c search_path={schema}", prepare_threshold=0
    )

    async def read() -> User:
        return row_of(await (await connection.execute(SQL, (7,))).fetchone())

    return read


def measure_sync(server: str, schema: str) -> None:
    with SyncInfrastructure(schema=POSTGRESQL, row_types=Rows(), url=f"{server}?schema={schema}") as infra:
        users, hand = SyncUsers(infra), by_hand(server, schema)
        assert users.find_unique({"id": 7}) == hand()
        figures = microseconds(
            {
                "psycopg by hand with a row model": hand,
                "find_unique": lambda: users.find_unique({"id": 7}),
                "query_first, your own SQL": lambda: infra.query_first(SQL.replace("%s", "$1"), 7, model="User"),
            }
        )
    report("sync", figures)


async def measure_async(server: str, schema: str) -> None:
    async with Infrastructure(schema=POSTGRESQL, row_types=Rows(), url=f"{server}?schema={schema}") as infra:
        users = Users(infra)
        figures = await microseconds_async(
            {
                "psycopg by hand with a row model": await by_hand_async(server, schema),
                "find_unique": lambda: users.find_unique({"id": 7}),
            }
        )
    report("async", figures)


def main() -> None:
    server = sys.argv[1] if len(sys.argv) > 1 else "postgresql://postgres@127.0.0.1:5432/postgres"
    with made_schema(server) as schema:
        measure_sync(server, schema)
        asyncio.run(measure_async(server, schema))


if __name__ == "__main__":
    main()
