"""SQLAlchemy's ORM, blocking: a session for each piece of work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine, insert, select, update
from sqlalchemy.orm import sessionmaker

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.alchemy import statements
from benchmarks.comparison.peers.alchemy.tables import BLOCKING, Author, Post, Product, Reading, engine_of
from benchmarks.comparison.peers.base import BATCH, Peer


class Orm(Peer):
    def open(self) -> None:
        self.engine = engine_of(self.place, BLOCKING, create_engine)
        self.session = sessionmaker(self.engine, expire_on_commit=False)

    def close(self) -> None:
        self.engine.dispose()

    def point_read(self, key: int) -> Any:
        with self.session() as session:
            return session.get(Author, key)

    concurrent_read = point_read

    def page(self, status: str, views: int) -> Any:
        with self.session() as session:
            return session.scalars(statements.page_of(Post, status, views)).all()

    def wide(self, category: str) -> Any:
        with self.session() as session:
            return session.scalars(statements.wide_of(Product, category)).all()

    def include_one(self, after: int) -> Any:
        with self.session() as session:
            return session.scalars(statements.authors_with_posts(after)).all()

    def include_two(self, after: int) -> Any:
        with self.session() as session:
            return session.scalars(statements.authors_with_comments(after)).all()

    def create(self, product: Values) -> Any:
        with self.session.begin() as session:
            made = Product(**product)
            session.add(made)
        return made

    def nested_create(self, author: Values, posts: list[Values]) -> Any:
        with self.session.begin() as session:
            made = Author(**author, posts=[Post(**post) for post in posts])
            session.add(made)
        return made

    def update(self, key: int, title: str, views: int) -> Any:
        with self.session.begin() as session:
            if self.place.provider != "mysql":
                statement = update(Post).where(Post.id == key).values(title=title, views=views)
                return session.scalars(statement.returning(Post)).one()
            post = session.get_one(Post, key)
            post.title, post.views = title, views
        return post

    def upsert(self, author: Values) -> Any:
        with self.session.begin() as session:
            return session.scalars(statements.upsert_of(self.place.provider, Author, author)).one()

    def create_many(self, readings: list[Values]) -> int:
        with self.session.begin() as session:
            session.execute(insert(Reading), readings)
        return len(readings)

    def count(self, status: str, views: int) -> Any:
        with self.session() as session:
            return session.scalar(statements.number_of(status, views))

    def group_by(self, stock: int) -> Any:
        with self.session() as session:
            return session.execute(statements.groups_of(stock)).all()

    def stream(self) -> int:
        total = 0
        with self.session() as session:
            statement = select(Reading).order_by(Reading.id).execution_options(yield_per=BATCH)
            for reading in session.scalars(statement):
                total += reading.sensor
        return total
