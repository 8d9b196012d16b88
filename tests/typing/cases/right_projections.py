"""Projections and columns: what a user may write, and which types come of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, assert_type

from pydantic import computed_field
from shop import (
    Customer,
    CustomerFields,
    Infrastructure,
    Post,
    PostFields,
    Profile,
    Role,
    SyncInfrastructure,
    Tag,
)

from infra_runtime import Count, From, Projection


class AuthorCard(Projection[Customer]):
    name: str | None
    mail: Annotated[str, From("email")]
    role: Role
    settings: dict[str, Any]
    posts: list[PostTitle]
    newest: Annotated[list[PostTitle], From("posts", order={"published_at": "desc"}, take=3)]
    published: Annotated[int, Count("posts", where={"published": True})]
    profile: ProfileCard | None

    @property
    def shown(self) -> str:
        return self.name or self.mail

    @computed_field  # type: ignore[prop-decorator]
    @property
    def initial(self) -> str:
        return self.shown[0]


class LongCard(AuthorCard):
    created_at: datetime


class PostTitle(Projection[Post]):
    title: str
    tags: list[TagName]
    author_name: Annotated[str | None, From("author.name")]


class TagName(Projection[Tag]):
    name: str


class ProfileCard(Projection[Profile]):
    bio: str | None


class WithId(Projection[Any]):
    """A field that many projections have."""

    id: int


class Counted(WithId, Projection[Customer]):
    orders: Annotated[int, Count("orders")]


async def reads(infra: Infrastructure) -> None:
    cards = infra.customer.project(AuthorCard)
    found = await cards.find_many(where={"is_active": True}, order={"email": "asc"}, take=3)
    assert_type(found, list[AuthorCard])
    assert_type(found[0].mail, str)
    assert_type(found[0].name, str | None)
    assert_type(found[0].role, Role)
    assert_type(found[0].posts, list[PostTitle])
    assert_type(found[0].posts[0].tags[0].name, str)
    assert_type(found[0].posts[0].author_name, str | None)
    assert_type(found[0].published, int)
    assert_type(found[0].profile, ProfileCard | None)
    assert_type(found[0].shown, str)
    assert_type(await cards.find_unique(where={"email": "ada@example.org"}), AuthorCard | None)
    assert_type(await cards.find_first_or_raise(), AuthorCard)
    assert_type(await cards.count(where={"points": {"gt": 3}}), int)
    async for card in cards.stream(where={"name": None}):
        assert_type(card, AuthorCard)
    assert_type(await infra.customer.project(LongCard).find_first(), LongCard | None)
    assert_type((await infra.customer.project(Counted).find_first_or_raise()).id, int)


async def queries(infra: Infrastructure) -> None:
    cards = infra.customer.query().where(is_active=True).project(AuthorCard)
    assert_type(await cards.all(), list[AuthorCard])
    assert_type(await cards.where(points={"gt": 3}).order_by(email="asc").limit(3).first(), AuthorCard | None)
    pairs = infra.customer.query().order_by(id="asc").select(CustomerFields.id, CustomerFields.name)
    assert_type(await pairs.all(), list[tuple[int, str | None]])
    assert_type(await pairs.limit(1).first(), tuple[int, str | None] | None)
    assert_type(await infra.post.query().select(PostFields.title).all(), list[tuple[str]])
    async for number, name in pairs.stream():
        assert_type(number, int)
        assert_type(name, str | None)
    eight = infra.customer.query().select(
        CustomerFields.id,
        CustomerFields.email,
        CustomerFields.name,
        CustomerFields.role,
        CustomerFields.points,
        CustomerFields.is_active,
        CustomerFields.created_at,
        CustomerFields.updated_at,
    )
    assert_type(await eight.all(), list[tuple[int, str, str | None, Role, int, bool, datetime, datetime]])


def blocking(infra: SyncInfrastructure) -> None:
    assert_type(infra.customer.project(AuthorCard).find_many(), list[AuthorCard])
    assert_type(infra.customer.query().where(name="Ada").project(AuthorCard).all(), list[AuthorCard])
    assert_type(infra.customer.query().select(CustomerFields.role, CustomerFields.points).all(), list[tuple[Role, int]])
    with infra.transaction() as tx:
        assert_type(tx.post.project(PostTitle).find_first(), PostTitle | None)


def by_hand() -> TagName:
    return TagName(name="maths").model_copy()
