"""Projections and columns: mistakes of a user, each refused in its line."""

from __future__ import annotations

from shop import Customer, CustomerFields, Infrastructure, Post, PostFields, SyncInfrastructure

from infra_runtime import Projection


class AuthorCard(Projection[Customer]):
    name: str | None
    email: str
    posts: list[PostTitle]


class PostTitle(Projection[Post]):
    title: str


async def reads(infra: Infrastructure) -> None:
    infra.customer.project(PostTitle)  # names: PostTitle
    infra.customer.project(Customer)  # names: Customer
    infra.customer.project(AuthorCard(name=None, email="x", posts=[]))  # names: AuthorCard
    cards = infra.customer.project(AuthorCard)
    await cards.find_many(where={"emial": "x"})  # names: emial
    await cards.find_many(include={"posts": True})  # names: posts | never
    found = await cards.find_first_or_raise()
    print(found.points)  # names: points
    print(found.posts[0].slug)  # names: slug
    print(found.name.upper())  # names: upper
    found.email = "x"  # names: email
    await cards.create(data={"email": "x"})  # names: create


async def queries(infra: Infrastructure) -> None:
    query = infra.customer.query()
    query.project(PostTitle)  # names: PostTitle
    query.project(AuthorCard).where(emial="x")  # names: emial
    query.select(CustomerFields.emial)  # names: emial
    query.select("email")  # names: str | select
    email, points = (await query.select(CustomerFields.email, CustomerFields.points).all())[0]
    print(email + 1)  # names: int | operator
    print(points.upper())  # names: upper
    one, two = (await query.select(CustomerFields.email).all())[0]  # names: unpack | tuple


def blocking(infra: SyncInfrastructure) -> None:
    infra.post.project(AuthorCard)  # names: AuthorCard
    infra.post.query().project(AuthorCard)  # names: AuthorCard
    titles: list[tuple[int]] = infra.post.query().select(PostFields.title).all()  # names: title | list
    AuthorCard(nmae="x", email="x", posts=[])  # names: nmae
    AuthorCard(name=None, email=3, posts=[])  # names: email
