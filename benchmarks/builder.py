"""The same queries by the builder, the repository, a projection, and by hand on the driver; on SQLite, PostgreSQL and MariaDB.

    python -m benchmarks builder

Three queries: one row by its key, forty rows with a filter and an order, and forty with their related rows (two statements). By hand is
the SQL one would write, and rows of the generated classes made of its tuples. Servers are those on their standard ports; one that is not
there is passed over. Each round measures all candidates in turn, so that a busy machine slows them alike.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from benchmarks.made_schema import compiled, make_package
from benchmarks.rounds import report
from infra_gen.database.ddl import statements
from infra_runtime import Projection
from infra_runtime.rows import row_maker
from infra_runtime.urls import parse_url

ROUNDS = 7
SECONDS = 0.15
"""How long a candidate is measured in each round."""
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
MYSQL = "mysql://root@127.0.0.1:3306/test"
SCHEMA = """
datasource db {
  provider = "%s"
  url      = "file:./unused.db"
}

model Author {
  id     Int     @id
  email  String
  name   String?
  logins Int
  active Boolean
  posts  Post[]

  @@index([logins])
}

model Post {
  id       Int    @id
  title    String
  views    Int
  authorId Int
  author   Author @relation(fields: [authorId], references: [id], onDelete: NoAction, onUpdate: NoAction)

  @@index([authorId])
}
"""
AUTHORS = [
    (number, f"author{number}@example.org", f"Author {number}", number % 50, number % 2 == 0) for number in range(2000)
]
POSTS = [(number, f"Post {number}", number, number // 3) for number in range(6000)]

Execute = Callable[[str, Sequence[Any]], Sequence[tuple[Any, ...]]]
Candidates = dict[str, Callable[[], Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """A database with the tables and rows: its URL, and how one executes SQL on it by hand."""

    provider: str
    url: str
    execute: Execute


@contextmanager
def sqlite_target() -> Iterator[Target]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")

        def execute(sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
            return connection.execute(sql.replace("%s", "?"), parameters).fetchall()

        _fill("sqlite", execute, lambda sql, rows: connection.executemany(sql.replace("%s", "?"), rows))
        yield Target("sqlite", f"file:{path}", execute)
        connection.close()


@contextmanager
def postgresql_target() -> Iterator[Target]:
    name = f"infra_gen_benchmark_{os.getpid()}"
    with psycopg.connect(POSTGRESQL, autocommit=True, prepare_threshold=0) as connection:
        run: Any = connection.execute
        run(f"CREATE SCHEMA {name}")
        try:
            run(f"SET search_path = {name}")

            def execute(sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
                cursor = run(sql.replace("`", '"'), parameters)
                return cursor.fetchall() if cursor.description else ()

            _fill(
                "postgresql",
                execute,
                lambda sql, rows: connection.cursor().executemany(sql.replace("`", '"').encode(), rows),
            )
            yield Target("postgresql", f"{POSTGRESQL}?schema={name}", execute)
        finally:
            run(f"DROP SCHEMA {name} CASCADE")


@contextmanager
def mysql_target() -> Iterator[Target]:
    name = f"infra_gen_benchmark_{os.getpid()}"
    parts = parse_url(MYSQL)
    connection = pymysql.connect(host=parts.host, port=parts.port or 3306, user=parts.user, autocommit=True)
    cursor = connection.cursor()
    cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        cursor.execute(f"USE {name}")

        def execute(sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
            cursor.execute(sql, parameters)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return rows

        _fill("mysql", execute, cursor.executemany)
        yield Target("mysql", MYSQL.replace("/test", f"/{name}"), execute)
    finally:
        cursor.execute(f"DROP DATABASE {name}")
        connection.close()


def _fill(provider: str, execute: Execute, execute_many: Callable[[str, Any], Any]) -> None:
    for statement in statements(compiled(SCHEMA % provider)):
        execute(statement, ())
    execute_many("INSERT INTO `Author` VALUES (%s, %s, %s, %s, %s)", AUTHORS)
    execute_many("INSERT INTO `Post` VALUES (%s, %s, %s, %s)", POSTS)


# -- the queries -------------------------------------------------------------------------------------------------------
AUTHOR_COLUMNS = "`id`, `email`, `name`, `logins`, `active`"


def candidates(package: Any, infra: Any, execute: Execute) -> dict[str, Candidates]:
    """For each query, the ways to ask it; all answer the same but the projections, which answer less of each row."""
    Author, Post = package.Author, package.Post
    author, post = row_maker(Author), row_maker(Post)

    class Title(Projection[Post]):  # type: ignore[valid-type]
        title: str

    class Card(Projection[Author]):  # type: ignore[valid-type]
        id: int
        name: str | None

    class CardWithPosts(Projection[Author]):  # type: ignore[valid-type]
        name: str | None
        posts: list[Title]

    def author_of(values: Sequence[Any], **relations: Any) -> Any:
        id_, email, name, logins, active = values
        return author({"id": id_, "email": email, "name": name, "logins": logins, "active": bool(active), **relations})

    def post_of(values: Sequence[Any]) -> Any:
        id_, title, views, author_id = values
        return post({"id": id_, "title": title, "views": views, "authorId": author_id})

    one = f"SELECT {AUTHOR_COLUMNS} FROM `Author` WHERE `id` = %s LIMIT 1"
    many = f"SELECT {AUTHOR_COLUMNS} FROM `Author` WHERE `logins` = %s ORDER BY `id` DESC LIMIT %s"

    def many_with_posts() -> list[Any]:
        authors = execute(many, (7, 40))
        marks = ", ".join(["%s"] * len(authors))
        rows = execute(
            f"SELECT `id`, `title`, `views`, `authorId` FROM `Post` WHERE `authorId` IN ({marks})",
            [values[0] for values in authors],
        )
        posts: dict[Any, list[Any]] = defaultdict(list)
        for values in rows:
            posts[values[3]].append(post_of(values))
        return [author_of(values, posts=posts[values[0]]) for values in authors]

    authors = infra.author
    where, newest = {"logins": 7}, {"id": "desc"}
    return {
        "one row by its key": {
            "by hand": lambda: author_of(execute(one, (7,))[0]),
            "repository": lambda: authors.find_first(where={"id": 7}),
            "builder": lambda: authors.query().where(id=7).first(),
            "projection": lambda: authors.query().where(id=7).project(Card).first(),
        },
        "forty rows": {
            "by hand": lambda: [author_of(values) for values in execute(many, (7, 40))],
            "repository": lambda: authors.find_many(where=where, order=newest, take=40),
            "builder": lambda: authors.query().where(logins=7).order_by(id="desc").limit(40).all(),
            "projection": lambda: authors.query().where(logins=7).order_by(id="desc").limit(40).project(Card).all(),
        },
        "forty rows with their posts": {
            "by hand": many_with_posts,
            "repository": lambda: authors.find_many(where=where, order=newest, take=40, include={"posts": True}),
            "builder": lambda: authors.query().where(logins=7).include("posts").order_by(id="desc").limit(40).all(),
            "projection": lambda: (
                authors.query().where(logins=7).order_by(id="desc").limit(40).project(CardWithPosts).all()
            ),
        },
    }


def check(ways: Candidates) -> None:
    """All ways answer the same rows."""
    expected = ways["by hand"]()
    for name in ("repository", "builder"):
        assert ways[name]() == expected, name
    found = ways["projection"]()
    assert found.name == expected.name if not isinstance(expected, list) else len(found) == len(expected)


def measured(ways: Candidates) -> dict[str, float]:
    """Microseconds a call, the best of several rounds."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            calls, began = 0, time.perf_counter()
            while (now := time.perf_counter()) - began < SECONDS:
                way()
                calls += 1
            best[name] = min(best[name], (now - began) / calls * 1e6)
    return best


def measure(target: Target) -> None:
    package = import_module(f"benchmark_{target.provider}")
    with package.SyncInfrastructure(url=target.url) as infra:
        for title, ways in candidates(package, infra, target.execute).items():
            check(ways)
            report(f"{target.provider}: {title}", measured(ways))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.path.insert(0, name)
        for provider, made in {"sqlite": sqlite_target, "postgresql": postgresql_target, "mysql": mysql_target}.items():
            make_package(SCHEMA % provider, folder, f"benchmark_{provider}")
            try:
                with made() as target:
                    measure(target)
            except (psycopg.OperationalError, pymysql.OperationalError) as error:
                print(f"{provider}: {str(error).splitlines()[0]}")
        sys.path.remove(name)


if __name__ == "__main__":
    main()
