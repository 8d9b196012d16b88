"""The tables as declarative models, and engines. The Core peers use the models' tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Numeric, TypeDecorator, event
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.engine import URL
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from benchmarks.comparison.peers.base import CONNECTIONS, Place


class Status(Enum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class Moment(TypeDecorator[datetime]):
    """The documentation's recipe for columns without a zone that hold UTC; in SQLite the text that Prisma writes."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        sqlite: Any = DATETIME
        return dialect.type_descriptor(sqlite(storage_format=_ISO) if dialect.name == "sqlite" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


_ISO = "%(year)04d-%(month)02d-%(day)02dT%(hour)02d:%(minute)02d:%(second)02d.%(microsecond)06d+00:00"


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012
        datetime: Moment(),
        Status: EnumType(Status, name="status"),
        Decimal: Numeric(12, 2),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    bio: Mapped[str | None]
    logins: Mapped[int]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    posts: Mapped[list[Post]] = relationship(back_populates="author", order_by="Post.id")


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    status: Mapped[Status]
    views: Mapped[int]
    rating: Mapped[float]
    published_at: Mapped[datetime | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="posts")
    comments: Mapped[list[Comment]] = relationship(back_populates="post", order_by="Comment.id")


class Comment(Base):
    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    likes: Mapped[int]
    created_at: Mapped[datetime]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    post: Mapped[Post] = relationship(back_populates="comments")


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    status: Mapped[Status]
    category: Mapped[str]
    price: Mapped[Decimal]
    cost: Mapped[Decimal | None]
    stock: Mapped[int]
    reserved: Mapped[int]
    views: Mapped[int] = mapped_column(BigInteger)
    weight: Mapped[float]
    rating: Mapped[float | None]
    active: Mapped[bool]
    featured: Mapped[bool]
    attributes: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class Reading(Base):
    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    sensor: Mapped[int]
    value: Mapped[float]
    valid: Mapped[bool]
    note: Mapped[str | None]
    taken_at: Mapped[datetime]


def engine_of(place: Place, drivers: dict[str, str], create: Callable[..., Any]) -> Any:
    """An engine for the place, by the driver that `drivers` names for its provider."""
    driver = drivers[place.provider]
    if place.provider == "sqlite":
        url = URL.create(driver, database=place.path)
    else:
        parts = place.parts
        url = URL.create(driver, parts.user, parts.password or None, parts.host, parts.port, place.database)
    engine = create(url, pool_size=CONNECTIONS, max_overflow=0)
    if place.provider == "sqlite":
        event.listen(getattr(engine, "sync_engine", engine), "connect", _enforce_foreign_keys)
    return engine


def _enforce_foreign_keys(connection: Any, record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


BLOCKING = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "mysql": "mariadb+pymysql"}
AWAITED = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "mysql": "mariadb+asyncmy"}
