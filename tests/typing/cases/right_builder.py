"""What a user may write to the query builder: neither checker has anything to say about it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, TypeVar, assert_type

from infra_runtime.builder.groups import Groups, SyncGroups
from shop import (
    Customer,
    CustomerFields,
    CustomerQuery,
    Infrastructure,
    OrderQuery,
    Post,
    PostQuery,
    Role,
    SyncCustomerQuery,
    SyncInfrastructure,
)
from shop.types.customer import CustomerWhere

CustomersT = TypeVar("CustomersT", CustomerQuery, SyncCustomerQuery)


def active(query: CustomersT, points: int = 0) -> CustomersT:
    return query.where(is_active=True, points={"gte": points})


def latest(query: PostQuery) -> PostQuery:
    return query.order_by(published_at={"sort": "desc", "nulls": "last"}).limit(10)


async def clauses(infra: Infrastructure, where: CustomerWhere) -> None:
    query = infra.customer.query()
    assert_type(query, CustomerQuery[Customer])
    narrowed = (
        query.where(where, {"name": None}, email={"contains": "@", "mode": "insensitive"}, role=Role.ADMIN)
        .where(posts={"some": {"title": {"startswith": "N"}}}, points={"gt": CustomerFields.id})
        .or_where({"role": "AUTHOR"}, OR=[{"points": 3}])
        .include("posts", "profile", "_count")
        .include(orders={"take": 3, "order": {"total": "desc"}, "include": {"lines": True}}, followers=True)
        .order_by({"points": "desc"}, name={"sort": "asc", "nulls": "last"}, orders={"_count": "desc"})
        .limit(10)
        .offset(20)
        .distinct("name", "email")
        .cursor({"email": "a"})
        .cache(ttl=60, tags=["customers"])
        .options(timeout=1.5)
    )
    assert_type(narrowed, CustomerQuery[Customer])
    assert_type(query.apply(active), CustomerQuery[Customer])
    assert_type(query.apply(active, 3).limit(1), CustomerQuery[Customer])
    assert_type(query.apply(active, points=3), CustomerQuery[Customer])
    assert_type(infra.post.query().apply(latest), PostQuery[Post])
    assert_type(infra.query(Customer), CustomerQuery[Customer])
    assert_type(infra.query(Post).where(author={"is": {"name": "Ada"}}), PostQuery[Post])
    await infra.order.query().where(status="PAID").order_by(placed_at="desc").all()


async def ends(infra: Infrastructure) -> None:
    query = infra.customer.query()
    assert_type(await query.execute(), list[Customer])
    assert_type(await query.all(), list[Customer])
    assert_type(await query.first(), Customer | None)
    assert_type(await query.one(), Customer)
    assert_type(await query.one_or_none(), Customer | None)
    assert_type(await query.count(), int)
    assert_type(await query.exists(), bool)
    assert_type(await query.aggregate(count=True, sum={"points": True}), dict[str, Any])
    groups = query.group_by("role", "is_active", count=True, avg={"points": True})
    assert_type(
        await groups.having({"points": {"_avg": {"gt": 3}}}).order_by({"role": "asc"}).all(), list[dict[str, Any]]
    )
    assert isinstance(groups, Groups)
    assert_type(query.stream(batch_size=10), AsyncGenerator[Customer])
    assert_type(await query.update(name="x", points={"increment": 1}, role="ADMIN"), int)
    assert_type(await query.delete(), int)
    assert_type(query.to_sql()[0].sql, str)
    assert_type(await query.explain(analyze=True), str)
    async with infra.transaction() as tx:
        assert_type(tx.query(Customer), CustomerQuery[Customer])
        assert_type(await tx.customer.query().first(), Customer | None)
    sums = OrderQuery(infra, infra.schema.model["Order"]) if infra.schema else infra.order.query()
    await sums.aggregate(sum={"total": True})


def blocking(infra: SyncInfrastructure) -> None:
    query = infra.customer.query()
    assert_type(query, SyncCustomerQuery[Customer])
    assert_type(query.where(email="a").include("posts").order_by(email="asc"), SyncCustomerQuery[Customer])
    assert_type(query.apply(active), SyncCustomerQuery[Customer])
    assert_type(infra.query(Customer), SyncCustomerQuery[Customer])
    assert_type(query.execute(), list[Customer])
    assert_type(query.all(), list[Customer])
    assert_type(query.first(), Customer | None)
    assert_type(query.one(), Customer)
    assert_type(query.one_or_none(), Customer | None)
    assert_type(query.count(), int)
    assert_type(query.exists(), bool)
    assert_type(query.aggregate(max={"created_at": True}), dict[str, Any])
    assert isinstance(query.group_by("role"), SyncGroups)
    assert_type(query.group_by("role").limit(3).all(), list[dict[str, Any]])
    assert_type(query.stream(), Generator[Customer])
    assert_type(query.update(is_active=False), int)
    assert_type(query.delete(), int)
    assert_type(query.explain(), str)
