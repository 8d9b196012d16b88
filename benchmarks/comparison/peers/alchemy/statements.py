"""Statements that both interfaces execute, made anew for each call, as code that uses SQLAlchemy does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.orm import selectinload

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.alchemy.tables import Author, Post, Product


def page_of(source: Any, status: str, views: int) -> Select[Any]:
    """`source` is the model, or its table."""
    columns = getattr(source, "c", source)
    return (
        select(source)
        .where(columns.status == status, columns.views >= views)
        .order_by(columns.views.desc(), columns.id.desc())
        .limit(50)
    )


def wide_of(source: Any, category: str) -> Select[Any]:
    columns = getattr(source, "c", source)
    return select(source).where(columns.category == category).order_by(columns.id).limit(100)


def authors_of(source: Any, after: int, number: int) -> Select[Any]:
    columns = getattr(source, "c", source)
    return select(source).where(columns.id > after).order_by(columns.id).limit(number)


def authors_with_posts(after: int) -> Select[Any]:
    return authors_of(Author, after, 50).options(selectinload(Author.posts))


def authors_with_comments(after: int) -> Select[Any]:
    return authors_of(Author, after, 20).options(selectinload(Author.posts).selectinload(Post.comments))


def children_of(table: Any, column: str, keys: list[int]) -> Select[Any]:
    return select(table).where(table.c[column].in_(keys)).order_by(table.c.id)


def number_of(status: str, views: int) -> Select[Any]:
    return select(func.count()).select_from(Post).where(Post.status == status, Post.views >= views)


def groups_of(stock: int) -> Any:
    return (
        select(Product.category, func.count(), func.sum(Product.stock), func.sum(Product.price))
        .where(Product.stock >= stock)
        .group_by(Product.category)
        .order_by(Product.category)
    )


def upsert_of(provider: str, source: Any, author: Values) -> Any:
    """The dialect's own insert, which answers the row."""
    change = ("name", "logins")
    if provider == "mysql":
        insertion = mysql.insert(source).values(author)
        return insertion.on_duplicate_key_update({name: insertion.inserted[name] for name in change}).returning(source)
    statement = (postgresql if provider == "postgresql" else sqlite).insert(source).values(author)
    return statement.on_conflict_do_update(
        index_elements=["email"], set_={name: statement.excluded[name] for name in change}
    ).returning(source)
