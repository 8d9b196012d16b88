"""The best ten rows for a word, of 20,000: a search, the same by hand on the driver, and a filter that contains the word.

    python -m benchmarks.search [postgresql://postgres@127.0.0.1:5432/postgres]

On SQLite and PostgreSQL, rows as dicts, with the index of `@infra.search`. Prints milliseconds (the best of several rounds, each of
which measures all candidates in turn, so that a busy machine slows them alike) and the ratios.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra_gen.dynamic import SyncDynamicInfrastructure, connect
from infra_runtime import full_text

ROWS, ROUNDS, WORD = 20_000, 15, "word17"
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
SCHEMA = """
datasource db {
  provider = "PROVIDER"
  url      = env("NOT_READ")
}

/// @infra.search(fields: [title, body])
model Article {
  id    Int    @id @default(autoincrement())
  title String
  body  String
}
"""
FTS5 = (
    'SELECT t.id, t.title, t.body FROM "infra_search_Article" f JOIN "Article" t ON t.id = f.rowid '
    'WHERE "infra_search_Article" MATCH ? ORDER BY bm25("infra_search_Article", 1.0, 0.4), t.id LIMIT 10'
)


def tsvector() -> str:
    document = full_text.document(['"title"', '"body"'], None).replace("%", "%%")
    return (
        f"SELECT id, title, body FROM \"Article\" WHERE {document} @@ to_tsquery('simple', %s) "
        f"ORDER BY ts_rank({document}, to_tsquery('simple', %s)) DESC, id LIMIT 10"
    )


def measure(infra: SyncDynamicInfrastructure, by_hand: Callable[[], Any]) -> None:
    words = random.Random(1)
    articles: Any = infra.repository("Article")
    for _ in range(0, ROWS, 2_000):
        articles.create_many([{"title": _words(words, 5), "body": _words(words, 50)} for _ in range(2_000)])
    infra.execute_raw("ANALYZE")
    contains = {"OR": [{"title": {"contains": WORD}}, {"body": {"contains": WORD}}]}
    candidates: dict[str, Callable[[], Any]] = {
        "by hand on the driver": by_hand,
        "find_many(search=…, take=10)": lambda: articles.find_many(search=WORD, take=10),
        "find_hits(…, take=10), marked": lambda: articles.find_hits(WORD, take=10),
        "count(search=…)": lambda: articles.count(search=WORD),
        "count(where=… contains)": lambda: articles.count(where=contains),
    }
    assert [row[0] for row in by_hand()] == [row["id"] for row in candidates["find_many(search=…, take=10)"]()]
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(ROUNDS):
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    print(infra.engine.schema.provider)
    for name, seconds in best.items():
        print(f"  {name:<34}{seconds * 1000:8.2f} ms {seconds / best['by hand on the driver']:7.2f}×")


def _words(source: random.Random, number: int) -> str:
    return " ".join(f"word{source.randrange(5_000)}" for _ in range(number))


def on_sqlite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "search.db"
        with connect(SCHEMA.replace("PROVIDER", "sqlite"), url=f"file:{path}", interface="sync") as infra:
            infra.push()
            connection = sqlite3.connect(path)
            measure(infra, lambda: connection.execute(FTS5, (WORD,)).fetchall())
            connection.close()


def on_postgresql(server: str) -> None:
    import psycopg

    name = f"infra_benchmark_search_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {name}".encode())
        try:
            with connect(
                SCHEMA.replace("PROVIDER", "postgresql"), url=f"{server}?schema={name}", interface="sync"
            ) as infra:
                infra.push()
                admin.execute(f"SET search_path = {name}".encode())
                query = tsvector().encode()
                measure(infra, lambda: admin.execute(query, (WORD, WORD)).fetchall())
        finally:
            admin.execute(f"DROP SCHEMA {name} CASCADE".encode())


def main() -> None:
    on_sqlite()
    on_postgresql(sys.argv[1] if len(sys.argv) > 1 and "://" in sys.argv[1] else SERVER)


if __name__ == "__main__":
    main()
