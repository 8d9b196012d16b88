"""Point reads on SQLite: a repository against sqlite3 by hand, and an await against one bare change of thread.

    python benchmarks/point_read_sqlite.py

Prints microseconds a read (the best of several rounds) and the ratios. Each round measures all candidates in turn, so that a busy
machine slows them alike.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from infra_runtime import Infrastructure, SyncInfrastructure
from infra_runtime.engine import RowTypes
from infra_runtime.repository import Reads, SyncReads
from infra_runtime.rows import Row, row_maker
from infra_runtime.schema import Default, Enum, Model, ScalarField, Schema, UniqueKey

ROUNDS = 15
READS = 2000
SQL = 'SELECT "id", "email", "name", "logins", "active" FROM "User" WHERE "id" = ?'

USER = Model(
    name="User",
    attribute="user",
    id=("id",),
    unique_keys=(UniqueKey("id", ("id",)), UniqueKey("email", ("email",))),
    scalars=(
        ScalarField("id", "Int", default=Default("database", function="autoincrement")),
        ScalarField("email", "String"),
        ScalarField("name", "String", "optional"),
        ScalarField("logins", "Int", default=Default("value", 0)),
        ScalarField("active", "Boolean", default=Default("value", True)),
    ),
)


class User(Row, frozen=True):
    id: int
    email: str
    name: str | None
    logins: int
    active: bool


class Rows(RowTypes):
    def row(self, model: Model) -> Callable[[dict[str, Any]], Any] | None:
        return row_maker(User)

    def enum(self, enum: Enum) -> Callable[[str], Any] | None:
        return None


class Users(Reads[User, Any, Any, Any, Any, Any]):
    model_name = "User"


class SyncUsers(SyncReads[User, Any, Any, Any, Any, Any]):
    model_name = "User"


SCHEMA = Schema("sqlite", (USER,))


def make_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        'CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL UNIQUE, "name" TEXT, '
        '"logins" INTEGER NOT NULL DEFAULT 0, "active" BOOLEAN NOT NULL DEFAULT true)'
    )
    rows = [(f"user{number}@example.org", f"User {number}", number) for number in range(1000)]
    connection.executemany('INSERT INTO "User" ("email", "name", "logins") VALUES (?, ?, ?)', rows)
    connection.commit()
    connection.close()


def by_hand(path: Path) -> Callable[[], User]:
    """What one would write without a library: a statement, a dict, a row."""
    connection = sqlite3.connect(path, isolation_level=None)
    make = row_maker(User)

    def read() -> User:
        id_, email, name, logins, active = connection.execute(SQL, (7,)).fetchone()
        return make({"id": id_, "email": email, "name": name, "logins": logins, "active": bool(active)})

    return read


def microseconds(reads: dict[str, Callable[[], Any]]) -> dict[str, float]:
    best = dict.fromkeys(reads, float("inf"))
    for _ in range(ROUNDS):
        for name, read in reads.items():
            began = time.perf_counter()
            for _ in range(READS):
                read()
            best[name] = min(best[name], (time.perf_counter() - began) / READS * 1e6)
    return best


async def microseconds_async(reads: dict[str, Callable[[], Awaitable[Any]]]) -> dict[str, float]:
    best = dict.fromkeys(reads, float("inf"))
    for _ in range(ROUNDS):
        for name, read in reads.items():
            began = time.perf_counter()
            for _ in range(READS // 4):
                await read()
            best[name] = min(best[name], (time.perf_counter() - began) / (READS // 4) * 1e6)
    return best


def measure_sync(path: Path) -> None:
    with SyncInfrastructure(schema=SCHEMA, row_types=Rows(), url=f"file:{path}") as infra:
        users, hand = SyncUsers(infra), by_hand(path)
        assert users.find_unique({"id": 7}) == hand()
        figures = microseconds(
            {
                "sqlite3 by hand with a row model": hand,
                "find_unique": lambda: users.find_unique({"id": 7}),
                "query_first, your own SQL": lambda: infra.query_first(SQL, 7, model="User"),
            }
        )
    report("sync", figures)


async def measure_async(path: Path) -> None:
    async with Infrastructure(schema=SCHEMA, row_types=Rows(), url=f"file:{path}") as infra:
        users, loop = Users(infra), asyncio.get_running_loop()
        figures = await microseconds_async(
            {
                "one bare change of thread": lambda: loop.run_in_executor(None, int),
                "find_unique": lambda: users.find_unique({"id": 7}),
            }
        )
    report("async", figures)


def report(title: str, figures: dict[str, float]) -> None:
    base = next(iter(figures.values()))
    print(title)
    for name, figure in figures.items():
        print(f"  {name:36} {figure:8.1f} µs   {figure / base:5.2f}×")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        make_database(path)
        measure_sync(path)
        asyncio.run(measure_async(path))


if __name__ == "__main__":
    main()
