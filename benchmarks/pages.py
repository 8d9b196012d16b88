"""The first page and the ten thousandth of 200,000 rows: by number, with and without the total, and by token.

    python -m benchmarks pages

On SQLite, PostgreSQL and MariaDB, 20 rows a page, ordered by a date that several rows share, on which there is an index. Servers are those
on their standard ports; one that is not there is passed over. Prints microseconds a page, the median of several.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from infra_gen.dynamic import SyncDynamicInfrastructure, connect
from infra_runtime.builder.tokens import Tokens
from infra_runtime.context import EMPTY

ROWS = 200_000
LIMIT = 20
DEEP = 10_000
TIMES = 15
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432"
MYSQL = "mysql://root@127.0.0.1:3306"
SCHEMA = """
datasource db {
  provider = "%s"
  url      = "file:./unused.db"
}

model Entry {
  id        Int      @id
  title     String
  published Boolean
  createdAt DateTime

  @@index([createdAt, id])
}
"""
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %d)"
FILL = {
    "sqlite": [
        f"INSERT INTO Entry {NUMBERS % ROWS} SELECT n, 'Entry ' || n, n % 2, "
        "strftime('%Y-%m-%dT%H:%M:%S.000+00:00', 1704067200 + n / 7, 'unixepoch') FROM numbers"
    ],
    "postgresql": [
        f"INSERT INTO \"Entry\" SELECT n, 'Entry ' || n, n % 2 = 0, timestamp '2024-01-01' + n / 7 * interval '1 second' "
        f"FROM generate_series(0, {ROWS - 1}) n",
        'ANALYZE "Entry"',
    ],
    "mysql": [
        f"INSERT INTO Entry SELECT seq, concat('Entry ', seq), seq % 2, timestamp('2024-01-01') + interval floor(seq / 7) second "
        f"FROM seq_0_to_{ROWS - 1}",
        "ANALYZE TABLE Entry",
    ],
}


@contextmanager
def database(provider: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, dropped at the end."""
    name = f"infra_gen_benchmark_{os.getpid()}"
    if provider == "sqlite":
        yield f"file:{folder / 'pages.db'}"
    elif provider == "postgresql":
        with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
            run: Any = server.execute
            run(f"CREATE DATABASE {name}")
            try:
                yield f"{POSTGRESQL}/{name}"
            finally:
                run(f"DROP DATABASE {name} WITH (FORCE)")
    else:
        connection = pymysql.connect(host="127.0.0.1", user="root", autocommit=True)
        connection.cursor().execute(f"CREATE DATABASE {name}")
        try:
            yield f"{MYSQL}/{name}"
        finally:
            connection.cursor().execute(f"DROP DATABASE {name}")


def microseconds(read: Callable[[], Any]) -> float:
    read()
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        read()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def measure(infra: SyncDynamicInfrastructure, provider: str) -> None:
    query = infra.repository("Entry").query().order_by(createdAt="desc")
    row = infra.repository("Entry").find_many(
        order=[{"createdAt": "desc"}, {"id": "desc"}], skip=DEEP * LIMIT - LIMIT - 1, take=1
    )[0]
    tokens = Tokens(infra.engine, EMPTY, infra.engine.schema.model["Entry"], {"order": [{"createdAt": "desc"}]})
    deep = tokens.write((row["createdAt"], row["id"]))
    pages: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "by number": (
            lambda: query.paginate(page=1, limit=LIMIT).execute(),
            lambda: query.paginate(page=DEEP, limit=LIMIT).execute(),
        ),
        "by number, no total": (
            lambda: query.paginate(page=1, limit=LIMIT, total=False).execute(),
            lambda: query.paginate(page=DEEP, limit=LIMIT, total=False).execute(),
        ),
        "by token": (
            lambda: query.paginate(after=None, limit=LIMIT).execute(),
            lambda: query.paginate(after=deep, limit=LIMIT).execute(),
        ),
    }
    for name, (first, last) in pages.items():
        assert len(last().items) == LIMIT
        early, late = microseconds(first), microseconds(last)
        print(
            f"{provider:11} {name:20} page 1 {early:9.0f} µs   page {DEEP} {late:9.0f} µs   × {late / early:.1f}",
            flush=True,
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for provider, fill in FILL.items():
            try:
                with (
                    database(provider, Path(name)) as url,
                    connect(SCHEMA % provider, url=url, interface="sync") as infra,
                ):
                    infra.push()
                    for statement in fill:
                        infra.execute_raw(statement)
                    measure(infra, provider)
            except (psycopg.OperationalError, pymysql.OperationalError) as error:
                print(f"{provider:11} is not there: {error}")


if __name__ == "__main__":
    main()
