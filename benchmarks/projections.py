"""A page of 50 rows with their related rows: whole rows with `include`, a projection, and the same by hand on the driver.

    python -m benchmarks.projections [postgresql://postgres@127.0.0.1:5432/postgres]

On SQLite and PostgreSQL, with the package of the demo schema; 1000 customers with 5 posts each. Prints microseconds a page (the best of
several rounds) and the ratios. Each round measures all candidates in turn, so that a busy machine slows them alike.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "examples" / "quickstart"))

from benchmarks.rounds import microseconds, report  # noqa: E402
from infra_gen.dynamic import connect  # noqa: E402
from infra_runtime import Projection  # noqa: E402
from infra_runtime.rows import row_maker  # noqa: E402
from shop import Customer, CustomerFields, Post, SyncInfrastructure  # noqa: E402

if TYPE_CHECKING:
    from infra_runtime.schema import Schema

ROUNDS = 15
PAGES = 60
PAGE = 50
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"

CUSTOMERS = 'SELECT "id", "email", "name" FROM "Customer" ORDER BY "id" LIMIT {0} OFFSET {0}'
POSTS = {
    "sqlite": 'SELECT "title", "views", "authorId" FROM "Post" WHERE "authorId" IN (SELECT value FROM json_each({0}))',
    "postgresql": 'SELECT "title", "views", "authorId" FROM "Post" WHERE "authorId" = ANY({0}::int[])',
}


class PostTitle(Projection[Post]):
    title: str
    views: int


class CustomerCard(Projection[Customer]):
    id: int
    email: str
    name: str | None
    posts: list[PostTitle]


def by_hand(run: Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]], provider: str) -> list[CustomerCard]:
    """What one would write without a library: two statements, dicts, instances."""
    mark = "?" if provider == "sqlite" else "%s"
    make_card, make_title = row_maker(CustomerCard), row_maker(PostTitle)
    customers = run(CUSTOMERS.format(mark), (PAGE, 0))
    keys: Any = [customer[0] for customer in customers]
    titles: dict[int, list[PostTitle]] = {}
    for title, views, author in run(
        POSTS[provider].format(mark), (json.dumps(keys) if provider == "sqlite" else keys,)
    ):
        titles.setdefault(author, []).append(make_title({"title": title, "views": views}))
    return [
        make_card({"id": id_, "email": email, "name": name, "posts": titles.get(id_, [])})
        for id_, email, name in customers
    ]


def fill(infra: SyncInfrastructure) -> None:
    infra.customer.create_many(
        [{"email": f"customer{number}@example.org", "name": f"Customer {number}"} for number in range(1000)]
    )
    infra.post.create_many(
        [
            {
                "slug": f"post-{author.id}-{place}",
                "title": f"Post {place}",
                "content": "text " * 40,
                "author_id": author.id,
            }
            for author in infra.customer.find_many()
            for place in range(5)
        ]
    )


def measure(infra: SyncInfrastructure, run: Any) -> None:
    provider = infra.engine.schema.provider
    infra.execute_raw('CREATE INDEX "posts_of_authors" ON "Post" ("authorId")')
    fill(infra)
    infra.execute_raw("ANALYZE")
    whole, cards = infra.customer, infra.customer.project(CustomerCard)
    query = infra.customer.query().order_by(id="asc").limit(PAGE).project(CustomerCard)
    columns = infra.customer.query().order_by(id="asc").limit(PAGE)
    columns_read = columns.select(CustomerFields.id, CustomerFields.email, CustomerFields.name)
    hand = by_hand(run, provider)
    assert sorted(cards.find_many(take=PAGE, order={"id": "asc"})[7].posts, key=repr) == sorted(hand[7].posts, key=repr)
    report(
        f"{provider}, {PAGE} rows with posts",
        microseconds(
            {
                "by hand on the driver": lambda: by_hand(run, provider),
                "project(CustomerCard).find_many": lambda: cards.find_many(take=PAGE, order={"id": "asc"}),
                "query()….project(CustomerCard).all": query.all,
                "find_many with include": lambda: whole.find_many(
                    take=PAGE, order={"id": "asc"}, include={"posts": True}
                ),
            },
            rounds=ROUNDS,
            calls=PAGES,
        ),
    )
    report(
        f"{provider}, {PAGE} rows of three columns",
        microseconds(
            {
                "by hand on the driver": lambda: run(
                    CUSTOMERS.format("?" if provider == "sqlite" else "%s"), (PAGE, 0)
                ),
                "query()….select(…).all": columns_read.all,
                "query()….all": columns.all,
            },
            rounds=ROUNDS,
            calls=PAGES,
        ),
    )


def sqlite_pages() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        with connect(ROOT / "schema.prisma", url=f"file:{path}", interface="sync") as tables:
            tables.push()
        connection = sqlite3.connect(path, isolation_level=None)
        with SyncInfrastructure(url=f"file:{path}") as infra:
            measure(infra, lambda sql, values: connection.execute(sql, values).fetchall())
        connection.close()


@contextmanager
def made_schema(server: str) -> Iterator[str]:
    """The name of a schema with the demo's tables, dropped at the end."""
    import psycopg

    from infra_gen.database.ddl import statements
    from infra_gen.front import compile_schema
    from infra_gen.schema.source import SourceFile

    text = (ROOT / "schema.prisma").read_text(encoding="utf-8").replace('"sqlite"', '"postgresql"')
    name = f"infra_gen_benchmark_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        run: Any = connection.execute
        run(f"CREATE SCHEMA {name}")
        try:
            run(f"SET search_path = {name}")
            for statement in statements(
                compile_schema((SourceFile("schema.prisma", text),), for_generators=False).schema
            ):
                run(statement)
            yield name
        finally:
            run(f"DROP SCHEMA {name} CASCADE")


def postgresql_pages(server: str) -> None:
    import psycopg

    declared: Schema | None = SyncInfrastructure.schema
    assert declared is not None
    with made_schema(server) as name:
        options = f"-c search_path={name}"
        connection: Any = psycopg.connect(server, autocommit=True, options=options, prepare_threshold=0)
        with SyncInfrastructure(
            url=f"{server}?schema={name}", schema=replace(declared, provider="postgresql")
        ) as infra:
            measure(infra, lambda sql, values: connection.execute(sql, values, binary=True).fetchall())
        connection.close()


def main() -> None:
    sqlite_pages()
    postgresql_pages(sys.argv[1] if sys.argv[1:] and sys.argv[1].startswith("postgres") else SERVER)


if __name__ == "__main__":
    main()
