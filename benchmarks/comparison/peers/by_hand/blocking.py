"""The workloads on a driver alone, blocking."""

from __future__ import annotations

from collections import defaultdict
from queue import SimpleQueue
from typing import Any

from benchmarks.comparison.data import TABLES, Values
from benchmarks.comparison.peers.base import CONNECTIONS, Peer, Place
from benchmarks.comparison.peers.by_hand.binding import binders
from benchmarks.comparison.peers.by_hand.makers import decoders, trusted, validated
from benchmarks.comparison.peers.by_hand.sessions import Session, open_session
from benchmarks.comparison.peers.by_hand.statements import Statements


class ByHand(Peer):
    """Rows of the generated classes, made of trusted values."""

    maker: Any = staticmethod(trusted)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.sql = Statements(place.provider)
        self.bind = binders(place.provider)
        self.decode = decoders(place, self.maker)
        self.session: Session
        self.sessions: list[Session] = []
        self.idle: SimpleQueue[Session] = SimpleQueue()

    def open(self) -> None:
        self.sessions = [open_session(self.place) for _ in range(CONNECTIONS)]
        self.session = self.sessions[0]
        for session in self.sessions:
            self.idle.put(session)

    def close(self) -> None:
        for session in self.sessions:
            session.close()

    def point_read(self, key: int) -> Any:
        return self.decode["authors"](self.session.fetch(self.sql.point_read, (key,))[0])

    def concurrent_read(self, key: int) -> Any:
        session = self.idle.get()
        try:
            return self.decode["authors"](session.fetch(self.sql.point_read, (key,))[0])
        finally:
            self.idle.put(session)

    def page(self, status: str, views: int) -> list[Any]:
        decode = self.decode["posts"]
        return [decode(values) for values in self.session.fetch(self.sql.page, (status, views))]

    def wide(self, category: str) -> list[Any]:
        decode = self.decode["products"]
        return [decode(values) for values in self.session.fetch(self.sql.wide, (category,))]

    def include_one(self, after: int) -> list[Any]:
        authors = self._authors_after(after, 50)
        self._load_posts(authors)
        return authors

    def include_two(self, after: int) -> list[Any]:
        authors = self._authors_after(after, 20)
        posts = self._load_posts(authors)
        keys = [post.id for post in posts]
        comments, decode = defaultdict[int, list[Any]](list), self.decode["comments"]
        for values in self.session.fetch(self.sql.related("comments", "post_id", len(keys)), self.sql.keys(keys)):
            comments[values[-1]].append(decode(values))
        for post in posts:
            vars(post)["comments"] = comments[post.id]
        return authors

    def _authors_after(self, after: int, number: int) -> list[Any]:
        decode = self.decode["authors"]
        return [decode(values) for values in self.session.fetch(self.sql.authors_after, (after, number))]

    def _load_posts(self, authors: list[Any]) -> list[Any]:
        """Gives each author its posts, and answers all of them."""
        keys = [author.id for author in authors]
        posts, decode = defaultdict[int, list[Any]](list), self.decode["posts"]
        for values in self.session.fetch(self.sql.related("posts", "author_id", len(keys)), self.sql.keys(keys)):
            posts[values[-1]].append(decode(values))
        for author in authors:
            vars(author)["posts"] = posts[author.id]
        return [post for author in authors for post in author.posts]

    def create(self, product: Values) -> Any:
        return self.decode["products"](self.session.fetch(self.sql.create_product, self.bind["products"](product))[0])

    def nested_create(self, author: Values, posts: list[Values]) -> Any:
        if self.place.provider == "postgresql":
            return nested_rows(
                self.session.fetch(self.sql.create_author_with_posts, nested_values(self.bind, author, posts)),
                self.decode,
            )
        with self.session.transaction():
            made = self.session.fetch(self.sql.create_author, self.bind["authors"](author))[0]
            values = [value for post in posts for value in (*self.bind["posts"](post), made[0])]
            children = self.session.fetch(self.sql.create_posts, values)
        row = self.decode["authors"](made)
        row.__dict__["posts"] = [self.decode["posts"](child) for child in children]
        return row

    def update(self, key: int, title: str, views: int) -> Any:
        if self.place.provider == "mysql":  # It has no RETURNING for updates.
            self.session.fetch(self.sql.update, (title, views, key))
            return self.decode["posts"](self.session.fetch(self.sql.post, (key,))[0])
        return self.decode["posts"](self.session.fetch(self.sql.update_returning, (title, views, key))[0])

    def upsert(self, author: Values) -> Any:
        return self.decode["authors"](self.session.fetch(self.sql.upsert, self.bind["authors"](author))[0])

    def create_many(self, readings: list[Values]) -> int:
        bind = self.bind["readings"]
        self.session.insert_many(self.sql.create_reading, [bind(reading) for reading in readings])
        return len(readings)

    def count(self, status: str, views: int) -> int:
        number: int = self.session.fetch(self.sql.count, (status, views))[0][0]
        return number

    def group_by(self, stock: int) -> list[Any]:
        return list(self.session.fetch(self.sql.group_by, (stock,)))

    def stream(self) -> int:
        total, decode = 0, self.decode["readings"]
        for values in self.session.stream(self.sql.stream):
            total += decode(values).sensor
        return total

    def written(self, method: str, arguments: tuple[Any, ...]) -> list[tuple[str, Any]]:
        """The rows that a workload has written, each with its table: what the tables say, whoever wrote."""
        first = arguments[0]
        if method == "create":
            return self._rows("products", "sku", [first["sku"]])
        if method == "update":
            return self._rows("posts", "id", [first])
        if method == "create_many":
            return self._rows("readings", "taken_at", [])
        authors = self._rows("authors", "email", [first["email"]])
        return (
            authors + self._rows("posts", "author_id", [row.id for _, row in authors])
            if method == "nested_create"
            else authors
        )

    def _rows(self, table: str, column: str, keys: list[Any]) -> list[tuple[str, Any]]:
        """The rows with these values in a column; without any, those beyond the ones there are from the start."""
        condition = f"{column} = {self.sql.mark}" if keys else f"id > {self.sql.mark}"
        sql = f"SELECT {self.sql.columns[table]} FROM {table} WHERE {condition} ORDER BY id"
        found = self.session.fetch(sql, (keys[0] if keys else TABLES[table][0],))
        return [(table, self.decode[table](values)) for values in found]


class ByHandValidated(ByHand):
    """Rows of the generated classes, validated by pydantic."""

    maker: Any = staticmethod(validated)


def nested_values(bind: Any, author: Values, posts: list[Values]) -> list[Any]:
    """The values of the statement that makes an author with posts."""
    return [*bind["authors"](author), *(value for post in posts for value in bind["posts"](post))]


def nested_rows(tuples: Any, decode: Any) -> Any:
    """The author of that statement's answer, with the posts."""
    row = decode["authors"](tuples[0][:7])
    row.__dict__["posts"] = [decode["posts"](values[7:]) for values in tuples]
    return row
