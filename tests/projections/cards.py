"""Projections of the demo's models that many tests read. Classes are named before they are made, as people write them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any

from pydantic import computed_field

from infra_runtime import Count, From, Projection
from tests.projections.package import (
    Category,
    Comment,
    Customer,
    Order,
    OrderLine,
    OrderStatus,
    Post,
    Product,
    Role,
    Tag,
)


class AuthorCard(Projection[Customer]):
    name: str | None
    mail: Annotated[str, From("email")]
    posts: list[PostTitle]

    @property
    def shown(self) -> str:
        return self.name or self.mail

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def initials(self) -> str:
        return self.shown[:1].upper()

    def greeting(self, word: str = "Hello") -> str:
        return f"{word}, {self.shown}"


class PostTitle(Projection[Post]):
    title: str
    tags: list[TagName]


class TagName(Projection[Tag]):
    name: str


class EveryScalar(Projection[Product]):
    id: str
    name: str
    price: Decimal
    weight: float | None
    stock: int
    details: Any
    barcode: int | None


class Person(Projection[Customer]):
    id: int
    role: Role
    settings: dict[str, Any]
    is_active: bool
    created_at: datetime


class Placed(Projection[Post]):
    """Columns of other models, counts, and one relation read in several ways."""

    slug: str
    author_name: Annotated[str | None, From("author.name")]
    author_bio: Annotated[str | None, From("author.profile.bio")]
    reviewer_mail: Annotated[str | None, From("reviewer.email")]
    comments: Annotated[int, Count("comments")]
    seconds: Annotated[int, Count("comments", where={"text": "second"})]


class Shelf(Projection[Customer]):
    email: str
    best: Annotated[list[PostTitle], From("posts", order={"views": "desc"}, take=1)]
    public: Annotated[list[PostTitle], From("posts", where={"published": True}, order=[{"title": "asc"}])]
    total: Annotated[int, Count("posts")]


class OrderCard(Projection[Order]):
    number: str
    status: OrderStatus
    total: Decimal
    customer: OrderedBy
    lines: list[LineCard]


class OrderedBy(Projection[Customer]):
    email: str


class LineCard(Projection[OrderLine]):
    quantity: int
    product_name: Annotated[str, From("product.name")]
    category: Annotated[str, From("product.category.name")]


class CategoryCard(Projection[Category]):
    name: str
    parent: ParentName | None
    children: list[ParentName]


class ParentName(Projection[Category]):
    name: str


class CommentText(Projection[Comment]):
    text: str
    on: Annotated[str, From("post.title")]
