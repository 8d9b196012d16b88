"""What a user may write: neither checker has anything to say about it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import assert_type

from shop import (
    Category,
    Customer,
    CustomerFields,
    Infrastructure,
    Order,
    OrderStatus,
    Post,
    Profile,
    Role,
    SyncInfrastructure,
)
from shop.types.customer import CustomerCreate, CustomerWhere
from shop.types.post import PostInclude
from shop.types.tag import TagUpsertMany

from infra_runtime.fields import FieldHandle


async def reads(infra: Infrastructure) -> None:
    assert_type(await infra.customer.find_by_email("ada@example.org"), Customer | None)
    assert_type(await infra.customer.find_unique({"id": 1}), Customer | None)
    assert_type(await infra.customer.find_unique_or_raise(where={"email": "a", "points": {"gt": 3}}), Customer)
    assert_type(await infra.category.find_unique({"parent_id_name": {"parent_id": 1, "name": "x"}}), Category | None)
    assert_type(await infra.order_line.find_by_order_id_product_id(1, "x"), "OrderLine | None")
    found = await infra.customer.find_many(
        take=10,
        where={
            "email": {"contains": "@", "mode": "insensitive", "not": {"startswith": "a"}},
            "role": Role.ADMIN,
            "points": {"in": [1, 2], "lt": CustomerFields.id},
            "name": None,
            "profile": {"is": None},
            "posts": {"some": {"title": "Notes", "author": {"is": {"role": {"not_in": ["ADMIN", Role.AUTHOR]}}}}},
            "settings": {"path": ["a"], "equals": [1, {"b": None}]},
            "OR": [{"created_at": {"gte": datetime.now(UTC)}}, {"AND": [{"is_active": True}]}],
        },
        order=[{"created_at": "desc"}, {"name": {"sort": "asc", "nulls": "last"}}, {"orders": {"_count": "desc"}}],
        include={
            "profile": True,
            "posts": {"where": {"published": True}, "take": 3, "order": {"views": "desc"}, "include": {"tags": True}},
            "_count": {"select": {"posts": {"where": {"published": True}}, "orders": True}},
        },
        distinct=["role"],
        options={"timeout": 3},
    )
    assert_type(found, list[Customer])
    assert_type(found[0].posts, list[Post])
    assert_type(found[0].profile, Profile | None)
    assert_type(found[0].posts[0].author, Customer)
    assert_type(found[0].name, str | None)
    assert_type(await infra.customer.count(), int)
    assert_type(await infra.customer.count(where={"role": "ADMIN"}), int)
    assert_type(await infra.customer.count({"name": True, "_all": True}), dict[str, int])
    await infra.customer.group_by(["role"], count=True, sum={"points": True}, order={"role": "asc"})
    await infra.customer.group_by(
        ["role", "is_active"],
        having={"points": {"_avg": {"gt": 3}}, "OR": [{"role": "ADMIN"}]},
        order=[{"role": "asc"}, {"_count": {"name": "desc"}}],
    )
    await infra.customer.group_by(["role"], order={"_sum": {"points": "desc"}}, take=3)
    await infra.customer.aggregate(avg={"points": True}, where={"is_active": True})
    assert_type(await infra.customer.query_raw("SELECT * FROM Customer WHERE id = $1", 1), list[Customer])
    async for customer in infra.customer.stream(where={"is_active": True}, include={"posts": True}, batch_size=10):
        assert_type(customer, Customer)


async def writes(infra: Infrastructure) -> None:
    ada = await infra.customer.create(
        data={
            "email": "ada@example.org",
            "role": "AUTHOR",
            "settings": {"theme": ["dark"]},
            "profile": {"create": {"bio": "…", "avatar": b"", "birthday": datetime(1815, 12, 10, tzinfo=UTC)}},
            "posts": {"create": [{"slug": "notes", "title": "Notes", "tags": {"connect": [{"name": "maths"}]}}]},
            "orders": {
                "connect_or_create": [{"where": {"id": 1}, "create": {"number": "A-1", "total": Decimal("1.50")}}]
            },
        },
        include={"posts": True},
    )
    assert_type(ada, Customer)
    await infra.order.create({"number": "A-2", "customer_id": ada.id, "status": OrderStatus.OPEN})
    await infra.order.create({"number": "A-3", "customer": {"connect": {"id": ada.id}}})
    assert_type(
        await infra.customer.update(
            data={
                "points": {"increment": 1},
                "posts": {
                    "update": [{"where": {"slug": "notes"}, "data": {"views": {"multiply": 2}}}],
                    "delete_many": [{"published": False}],
                    "disconnect": [{"id": "x"}],
                },
                "profile": {"update": {"bio": "x"}},
            },
            where={"id": ada.id},
        ),
        Customer,
    )
    await infra.customer.upsert(
        where={"email": "a"}, data={"create": {"email": "a"}, "update": {"points": 0, "name": None}}
    )
    assert_type(
        await infra.customer.upsert_many(
            [
                {"where": {"email": "a"}, "create": {"email": "a"}, "update": {"points": {"increment": 1}}},
                {"where": {"id": 1}, "create": {"email": "b", "posts": {"create": []}}, "update": {}},
            ]
        ),
        int,
    )
    assert_type(await infra.tag.create_many([{"name": "a"}, {"name": "b"}], skip_duplicates=True), int)
    assert_type(await infra.tag.delete_many(), int)
    async with infra.transaction() as tx:
        assert_type(await tx.order.update_many({"status": "PAID"}, {"customer": {"is": {"id": 1}}}), int)


def blocking(infra: SyncInfrastructure) -> None:
    assert_type(infra.customer.find_by_id(1), Customer | None)
    assert_type(infra.order.find_first_or_raise(where={"status": "OPEN"}), Order)
    for order in infra.order.stream(order={"number": "asc"}):
        assert_type(order, Order)
    with infra.transaction() as tx:
        assert_type(tx.customer.delete({"id": 1}), Customer)
        tags: list[TagUpsertMany] = [{"where": {"name": "a"}, "create": {"name": "a"}, "update": {}}]
        assert_type(tx.tag.upsert_many(tags), int)


def named_inputs() -> None:
    where: CustomerWhere = {"email": "x"}
    data: CustomerCreate = {"email": "x", "points": 3}
    include: PostInclude = {"author": {"include": {"profile": True}}}
    assert_type(CustomerFields.name, FieldHandle[str | None])
    print(where, data, include)


from shop import OrderLine  # noqa: E402
