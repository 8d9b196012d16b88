"""SQLAlchemy Core, blocking: statements on tables; rows are its named tuples, related rows beside them in pairs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, create_engine, insert, select, update

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.alchemy import statements
from benchmarks.comparison.peers.alchemy.tables import BLOCKING, Author, Comment, Post, Product, Reading, engine_of
from benchmarks.comparison.peers.base import BATCH, Pair, Peer, paired

AUTHORS: Any = Author.__table__
POSTS: Any = Post.__table__
COMMENTS: Any = Comment.__table__
PRODUCTS: Any = Product.__table__
READINGS: Any = Reading.__table__


class Core(Peer):
    def open(self) -> None:
        self.engine = engine_of(self.place, BLOCKING, create_engine)

    def close(self) -> None:
        self.engine.dispose()

    def point_read(self, key: int) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(AUTHORS).where(AUTHORS.c.id == key)).one()

    concurrent_read = point_read

    def page(self, status: str, views: int) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(statements.page_of(POSTS, status, views)).all()

    def wide(self, category: str) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(statements.wide_of(PRODUCTS, category)).all()

    def include_one(self, after: int) -> list[Pair]:
        with self.engine.connect() as connection:
            authors = connection.execute(statements.authors_of(AUTHORS, after, 50)).all()
            return paired(authors, self._posts(connection, authors), "author_id")

    def include_two(self, after: int) -> list[Pair]:
        with self.engine.connect() as connection:
            authors = connection.execute(statements.authors_of(AUTHORS, after, 20)).all()
            posts = self._posts(connection, authors)
            keys = [post.id for post in posts]
            comments = connection.execute(statements.children_of(COMMENTS, "post_id", keys)).all()
            return paired(authors, paired(posts, comments, "post_id"), "author_id")

    def _posts(self, connection: Connection, authors: Any) -> Any:
        keys = [author.id for author in authors]
        return connection.execute(statements.children_of(POSTS, "author_id", keys)).all()

    def create(self, product: Values) -> Any:
        with self.engine.begin() as connection:
            return connection.execute(insert(PRODUCTS).values(product).returning(PRODUCTS)).one()

    def nested_create(self, author: Values, posts: list[Values]) -> Pair:
        with self.engine.begin() as connection:
            made = connection.execute(insert(AUTHORS).values(author).returning(AUTHORS)).one()
            rows = [post | {"author_id": made.id} for post in posts]
            return made, list(connection.execute(insert(POSTS).returning(POSTS), rows).all())

    def update(self, key: int, title: str, views: int) -> Any:
        statement = update(POSTS).where(POSTS.c.id == key).values(title=title, views=views)
        with self.engine.begin() as connection:
            if self.place.provider != "mysql":
                return connection.execute(statement.returning(POSTS)).one()
            connection.execute(statement)
            return connection.execute(select(POSTS).where(POSTS.c.id == key)).one()

    def upsert(self, author: Values) -> Any:
        with self.engine.begin() as connection:
            return connection.execute(statements.upsert_of(self.place.provider, AUTHORS, author)).one()

    def create_many(self, readings: list[Values]) -> int:
        with self.engine.begin() as connection:
            connection.execute(insert(READINGS), readings)
        return len(readings)

    def count(self, status: str, views: int) -> Any:
        with self.engine.connect() as connection:
            return connection.scalar(statements.number_of(status, views))

    def group_by(self, stock: int) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(statements.groups_of(stock)).all()

    def stream(self) -> int:
        total = 0
        with self.engine.connect().execution_options(yield_per=BATCH) as connection:
            for reading in connection.execute(select(READINGS).order_by(READINGS.c.id)):
                total += reading.sensor
        return total
