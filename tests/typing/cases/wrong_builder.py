"""What a user mistypes to the query builder: each marked line is refused by both checkers, and the message names what the mark names."""

from __future__ import annotations

from shop import Customer, CustomerQuery, Infrastructure, Post, SyncInfrastructure


def active(query: CustomerQuery, points: int) -> CustomerQuery:
    return query.where(points=points)


async def clauses(infra: Infrastructure) -> None:
    query = infra.customer.query()
    query.where(emial="x")  # names: emial
    query.where({"emial": "x"})  # names: emial
    query.where(points="x")  # names: points
    query.where({"points": "x"})  # names: points
    query.where(role="ADMINN")  # names: role
    query.where(posts={"some": {"titel": "x"}})  # names: titel
    query.where(posts={"any": {"title": "x"}})  # names: any
    query.where(OR=[{"emial": "x"}])  # names: emial
    query.or_where(emial="x")  # names: emial
    query.include("psts")  # names: psts
    query.include(psts=True)  # names: psts
    query.include(posts="yes")  # names: posts
    query.order_by(emial="asc")  # names: emial
    query.order_by(email="up")  # names: email
    query.order_by({"emial": "asc"})  # names: emial
    query.limit("10")  # names: limit | str
    query.distinct("emial")  # names: emial
    query.cursor({"emial": "x"})  # names: emial
    query.wheer(email="x")  # names: wheer
    query.cache(tll=3)  # names: tll
    query.apply(active)  # names: points | apply
    query.apply(active, "x")  # names: points | apply
    infra.post.query().apply(active, 3)  # names: CustomerQuery | apply
    infra.query(int)  # names: int
    infra.query(infra.customer)  # names: repository | type


async def ends(infra: Infrastructure) -> None:
    query = infra.customer.query()
    await query.update(emial="x")  # names: emial
    await query.update(points="x")  # names: points
    await query.aggregate(sum={"pionts": True})  # names: pionts | sum
    query.group_by("rloe")  # names: rloe
    query.group_by("role").having({"rloe": "x"})  # names: rloe | having
    query.group_by("role").order_by({"rloe": "x"})  # names: rloe | order_by
    print((await query.one()).emial)  # names: emial
    print((await query.first()).email)  # names: email | none
    await query  # names: await


def blocking(infra: SyncInfrastructure) -> None:
    query = infra.customer.query()
    query.where(emial="x")  # names: emial
    query.update(emial="x")  # names: emial
    post: Post = query.one()  # names: customer
    rows: list[Post] = infra.query(Customer).all()  # names: customer
    print(post, rows, query.one().emial)  # names: emial
