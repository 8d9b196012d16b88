"""What operations take where PostgreSQL is a network away, and what they would if each statement waited for the one before it.

    python -m benchmarks round_trips

A proxy between makes each way half a millisecond longer, as the network between two machines of a data centre may be. Prints a table: for each operation
the round trips to the server, counted, and the milliseconds; then both for a connection that is told one statement after the other.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.proxy import Proxy, turns_of
from benchmarks.rounds import microseconds
from infra_gen.dynamic import SyncDynamicInfrastructure, connect

SERVER = os.environ.get("INFRA_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
DELAY = 0.0005
ROUNDS, CALLS = 7, 20
SCHEMA = """
datasource db {
  provider = "postgresql"
  url      = "postgresql://unused"
}

model Author {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  logins  Int      @default(0)
  profile Profile?
  posts   Post[]
  orders  Order[]
}

model Profile {
  id       Int    @id @default(autoincrement())
  bio      String
  authorId Int    @unique
  author   Author @relation(fields: [authorId], references: [id])
}

model Post {
  id       Int       @id @default(autoincrement())
  title    String
  authorId Int
  author   Author    @relation(fields: [authorId], references: [id])
  comments Comment[]

  @@index([authorId])
}

model Comment {
  id     Int    @id @default(autoincrement())
  text   String
  postId Int
  post   Post   @relation(fields: [postId], references: [id])

  @@index([postId])
}

model Order {
  id       Int    @id @default(autoincrement())
  number   String
  authorId Int
  author   Author @relation(fields: [authorId], references: [id])

  @@index([authorId])
}
"""
Work = Callable[[int], Any]
_numbers = itertools.count()


def family(number: int, *, deep: bool = False) -> dict[str, Any]:
    """An author with children of three kinds."""
    posts: list[dict[str, Any]] = [{"title": f"Post {place}"} for place in range(3)]
    for post in posts if deep else ():
        post["comments"] = {"create": [{"text": "first"}, {"text": "second"}]}
    return {
        "email": f"author{number}@example.org",
        "profile": {"create": {"bio": "Writes."}},
        "posts": {"create": posts},
        "orders": {"create": [{"number": "A-1"}]},
    }


def works(infra: SyncDynamicInfrastructure) -> dict[str, Work]:
    """What is measured, given a number that was not given before."""
    authors: Any = infra.repository("Author")
    posts: Any = infra.repository("Post")
    three = {"posts": True, "orders": True, "profile": True}

    def two_writes(number: int) -> None:
        with infra.transaction() as transaction:
            transaction.repository("Author").create(data={"email": f"first{number}"})
            transaction.repository("Author").create(data={"email": f"second{number}"})

    def batch(number: int) -> None:
        collected: Any = infra.batch_()
        for place in range(5):
            collected.author.create(data={"email": f"{place} of batch {number}"})
        collected.commit()

    return {
        "point read": lambda n: authors.find_unique(where={"id": 1}),
        "point read, including three relations": lambda n: authors.find_unique(where={"id": 1}, include=three),
        "ten rows, including one relation": lambda n: authors.find_many(take=10, include={"posts": True}),
        "ten rows, including three relations": lambda n: authors.find_many(take=10, include=three),
        "ten rows, including two levels": lambda n: authors.find_many(
            take=10, include={"posts": {"include": {"comments": True}}}
        ),
        "create": lambda n: authors.create(data={"email": f"one{n}"}),
        "create with three posts": lambda n: authors.create(
            data={"email": f"some{n}", "posts": {"create": [{"title": f"Post {place}"} for place in range(3)]}}
        ),
        "create with children of three kinds": lambda n: authors.create(data=family(n)),
        "the same, and six comments below them": lambda n: authors.create(data=family(n, deep=True)),
        "create, connected to a row": lambda n: posts.create(
            data={"title": "Connected", "author": {"connect": {"id": 1}}}
        ),
        "update": lambda n: authors.update(where={"id": 1}, data={"logins": n}),
        "update, including a relation": lambda n: authors.update(
            where={"id": 1}, data={"logins": n}, include={"posts": True}
        ),
        "upsert": lambda n: authors.upsert(
            where={"email": "upserted"}, data={"create": {"email": "upserted"}, "update": {"logins": n}}
        ),
        "transaction of two creates": two_writes,
        "batch of five creates": batch,
    }


def told_one_by_one(infra: SyncDynamicInfrastructure) -> None:
    """Makes the client's only connection one that takes a statement at a time."""
    pool = infra._shared.executor.pool
    connection = pool.acquire(False, "benchmark", None)
    connection.run_all = None
    pool.release(connection)


def measure(url: str) -> None:
    parts = urlsplit(url)
    proxy = Proxy((parts.hostname or "127.0.0.1", parts.port or 5432), DELAY)
    user = parts.netloc.rpartition("@")[0]
    through = parts._replace(netloc=f"{user}@127.0.0.1:{proxy.port}", query="connection_limit=1").geturl()
    with connect(SCHEMA, url=url, interface="sync") as filling:
        filling.push()
        for _ in range(20):
            filling.repository("Author").create(data=family(next(_numbers), deep=True))
    with (
        connect(SCHEMA, url=through, interface="sync") as infra,
        connect(SCHEMA, url=through, interface="sync") as single,
    ):
        told_one_by_one(single)
        print("| | round trips | ms | one after the other: round trips | ms |\n| --- | ---: | ---: | ---: | ---: |")
        for (name, work), single_work in zip(works(infra).items(), works(single).values(), strict=True):
            row(proxy, name, work, single_work)
    proxy.close()


def row(proxy: Proxy, name: str, work: Work, single_work: Work) -> None:
    """A line of the table."""

    def together(_: int = 0) -> None:
        work(next(_numbers))

    def single(_: int = 0) -> None:
        single_work(next(_numbers))

    round_trips, single_trips = turns_of(proxy, together), turns_of(proxy, single)
    times = microseconds({"together": together, "single": single}, rounds=ROUNDS, calls=CALLS)
    print(
        f"| {name} | {round_trips} | {times['together'] / 1000:.1f} | {single_trips} | {times['single'] / 1000:.1f} |",
        flush=True,
    )


def main() -> None:
    name = f"infra_gen_round_trips_{os.getpid()}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        run: Any = server.execute
        run(f"CREATE DATABASE {name}")
        run(f"ALTER DATABASE {name} SET synchronous_commit = off")
        try:
            measure(f"{SERVER.rpartition('/')[0]}/{name}")
        finally:
            run(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    main()
