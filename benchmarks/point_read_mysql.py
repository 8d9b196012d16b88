"""Point reads on MySQL or MariaDB: a repository against PyMySQL and asyncmy by hand, and against PyMySQL behind a change of thread.

    python benchmarks/point_read_mysql.py [mysql://root@127.0.0.1:3306/test]

Makes a database of its own on the server of the URL, and drops it. Prints microseconds a read (the best of several rounds) and the
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

import asyncmy
import pymysql

from benchmarks.point_read_sqlite import SCHEMA, Rows, SyncUsers, User, Users, microseconds, microseconds_async, report
from infra_runtime import Infrastructure, SyncInfrastructure
from infra_runtime.drivers.threads import ThreadedConnection
from infra_runtime.rows import row_maker
from infra_runtime.urls import DatabaseUrl, parse_url

MYSQL = replace(SCHEMA, provider="mysql")
SQL = "SELECT `id`, `email`, `name`, `logins`, `active` FROM `User` WHERE `id` = %s"
TABLE = (
    "CREATE TABLE `User` (`id` INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY, `email` VARCHAR(191) NOT NULL UNIQUE, "
    "`name` VARCHAR(191), `logins` INTEGER NOT NULL DEFAULT 0, `active` BOOLEAN NOT NULL DEFAULT true)"
)


def arguments(url: DatabaseUrl) -> dict[str, Any]:
    return {
        "host": url.host,
        "port": url.port or 3306,
        "user": url.user,
        "password": url.password,
        "database": url.database,
        "autocommit": True,
    }


@contextmanager
def made_database(server: str) -> Iterator[DatabaseUrl]:
    """A database with the table and a thousand rows, dropped at the end."""
    name = f"infra_gen_benchmark_{os.getpid()}"
    connection = pymysql.connect(**{**arguments(parse_url(server)), "database": None})
    cursor = connection.cursor()
    cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        cursor.execute(f"USE {name}")
        cursor.execute(TABLE)
        rows = [(f"user{number}@example.org", f"User {number}", number) for number in range(1000)]
        cursor.executemany("INSERT INTO `User` (`email`, `name`, `logins`) VALUES (%s, %s, %s)", rows)
        yield replace(parse_url(server), database=name)
    finally:
        cursor.execute(f"DROP DATABASE {name}")
        connection.close()


def text_of(url: DatabaseUrl) -> str:
    password = f":{url.password}" if url.password else ""
    return f"mysql://{url.user}{password}@{url.host}:{url.port}/{url.database}"


def row_of(values: Any) -> User:
    id_, email, name, logins, active = values
    make = row_maker(User)
    return make({"id": id_, "email": email, "name": name, "logins": logins, "active": bool(active)})


def by_hand(url: DatabaseUrl) -> Callable[[], User]:
    """What one would write without a library: a statement, a dict, a row."""
    cursor = pymysql.connect(**arguments(url)).cursor()

    def read() -> User:
        cursor.execute(SQL, (7,))
        return row_of(cursor.fetchone())

    return read


async def by_hand_async(url: DatabaseUrl) -> Callable[[], Awaitable[User]]:
    cursor = (await asyncmy.connect(**arguments(url))).cursor()

    async def read() -> User:
        await cursor.execute(SQL, (7,))
        return row_of(await cursor.fetchone())

    return read


def measure_sync(url: DatabaseUrl) -> None:
    with SyncInfrastructure(schema=MYSQL, row_types=Rows(), url=text_of(url)) as infra:
        users, hand = SyncUsers(infra), by_hand(url)
        assert users.find_unique({"id": 7}) == hand()
        figures = microseconds(
            {"PyMySQL by hand with a row model": hand, "find_unique": lambda: users.find_unique({"id": 7})}
        )
    report("sync", figures)


async def measure_async(url: DatabaseUrl) -> None:
    threaded: ThreadedConnection[Any] = ThreadedConnection(object(), "benchmark")
    blocking = by_hand(url)
    async with Infrastructure(schema=MYSQL, row_types=Rows(), url=text_of(url)) as infra:
        users = Users(infra)
        figures = await microseconds_async(
            {
                "asyncmy by hand with a row model": await by_hand_async(url),
                "find_unique": lambda: users.find_unique({"id": 7}),
                "PyMySQL in a thread": lambda: threaded.in_one_hop(lambda _: blocking()),
            }
        )
    report("async", figures)


def main() -> None:
    with made_database(sys.argv[1] if len(sys.argv) > 1 else "mysql://root@127.0.0.1:3306/test") as url:
        measure_sync(url)
        asyncio.run(measure_async(url))


if __name__ == "__main__":
    main()
