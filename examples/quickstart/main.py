"""The quickstart: what one does with a generated package in the first ten minutes, on SQLite, with asyncio.

    infra-gen generate && infra-gen db push && python examples/quickstart/main.py

The package `shop` beside this file was generated from the `schema.prisma` at the root.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Annotated

from infra_runtime import Count, From, Projection, RelationNotLoadedError, UniqueViolationError
from shop import CustomerFields, Infrastructure, Order, OrderLine, OrderStatus, Role


class OrderCard(Projection[Order]):
    """An order as a list of them shows it."""

    number: str
    total: Decimal
    customer: Annotated[str | None, From("customer.name")]
    kinds: Annotated[int, Count("lines")]
    lines: list[LineCard]


class LineCard(Projection[OrderLine]):
    quantity: int
    product: Annotated[str, From("product.name")]


def step(title: str) -> None:
    print(f"\n── {title}")


async def main() -> None:
    async with Infrastructure() as infra:
        async with infra.transaction() as tx:  # an empty shop, so that this can run again
            await tx.order.delete_many()
            await tx.product.delete_many()
            await tx.category.delete_many()
            await tx.tag.delete_many()
            await tx.customer.delete_many()

        step("create, with nested writes: a customer, a profile, a post and its tags in one atomic call")
        ada = await infra.customer.create(
            data={
                "email": "ada@example.org",
                "name": "Ada",
                "role": Role.AUTHOR,
                "profile": {"create": {"bio": "Writes about engines."}},
                "posts": {
                    "create": [
                        {
                            "slug": "notes",
                            "title": "Notes on the engine",
                            "published": True,
                            "tags": {"create": [{"name": "engines"}, {"name": "history"}]},
                        },
                        {"slug": "draft", "title": "A draft"},
                    ]
                },
            },
            include={"profile": True, "posts": {"include": {"tags": True}, "order": {"slug": "desc"}}},
        )
        print(f"{ada.name} ({ada.email}) since {ada.created_at:%Y-%m-%d}: {ada.profile and ada.profile.bio}")
        for post in ada.posts:
            print(f"  {post.title}: {', '.join(tag.name for tag in post.tags) or 'no tags'}")

        step("what was not included is not there, and says so")
        try:
            print(ada.orders)
        except RelationNotLoadedError as error:
            print(error)

        step("create many, and orders that connect to what exists")
        tools = await infra.category.create(data={"name": "Tools"})
        await infra.product.create_many(
            data=[
                {"sku": f"T-{number}", "name": name, "price": Decimal(price), "stock": 5, "category_id": tools.id}
                for number, (name, price) in enumerate([("Hammer", "19.90"), ("Saw", "24.50"), ("Level", "12.00")], 1)
            ]
        )
        for number in range(1, 8):
            await infra.order.create(
                data={
                    "number": f"2026-{number:03}",
                    "total": Decimal("19.90") * number,
                    "status": OrderStatus.PAID if number % 2 else OrderStatus.OPEN,
                    "customer": {"connect": {"email": "ada@example.org"}},
                    "lines": {
                        "create": [
                            {
                                "product": {"connect": {"sku": "T-1"}},
                                "quantity": number,
                                "price": Decimal("19.90"),
                            }
                        ]
                    },
                }
            )
        print(f"{await infra.product.count()} products, {await infra.order.count()} orders")

        step("query: filters on relations, order, include with its own order and limit")
        customers = await infra.customer.find_many(
            where={"orders": {"some": {"status": OrderStatus.PAID, "total": {"gte": Decimal("50")}}}},
            order={"created_at": "desc"},
            include={"orders": {"where": {"status": OrderStatus.PAID}, "order": {"total": "desc"}, "take": 2}},
        )
        for customer in customers:
            print(
                f"{customer.name}'s dearest paid orders: {', '.join(f'{o.number} ({o.total})' for o in customer.orders)}"
            )

        step("the same, step by step")
        paid = infra.order.query().where(status=OrderStatus.PAID).order_by(total="desc")
        dearest = await paid.include("customer").first()
        print(
            f"{await paid.count()} orders are paid, the dearest: {dearest and (dearest.number, dearest.customer.name)}"
        )
        for group in await paid.group_by("customer_id", count=True, sum={"total": True}).all():
            print(f"  {group}")
        print(paid.limit(3).to_sql()[0].sql)

        step("a shape of your own: only its columns are read")
        for card in await paid.limit(2).project(OrderCard).all():
            print(f"  {card}")

        step("pages by cursor")
        page = await infra.order.find_many(take=3, order={"number": "asc"})
        while page:
            print("  " + ", ".join(order.number for order in page))
            page = await infra.order.find_many(
                take=3, skip=1, cursor={"number": page[-1].number}, order={"number": "asc"}
            )

        step("aggregates")
        for group in await infra.order.group_by(
            by=["status"], count=True, sum={"total": True}, order={"status": "asc"}
        ):
            print(f"  {group}")

        step("update: atomic increments, a field compared with another")
        ada = await infra.customer.update(where={"id": ada.id}, data={"points": {"increment": 10}, "name": "Ada L."})
        print(f"{ada.name} has {ada.points} points")
        changed = await infra.customer.count(where={"updated_at": {"gt": CustomerFields.created_at}})
        print(f"{changed} customer was changed after it was made")

        step("a transaction: all of it, or nothing")
        try:
            async with infra.transaction() as tx:
                await tx.customer.update(where={"id": ada.id}, data={"points": {"decrement": 10}})
                await tx.customer.create(data={"email": "ada@example.org"})
        except UniqueViolationError as error:
            print(f"refused: {error}")
        again = await infra.customer.find_by_email("ada@example.org")
        print(f"still {again.points if again else 'no'} points")

        step("a row is a pydantic model")
        profile = await infra.profile.find_first_or_raise(include={"customer": True})
        print(profile.model_dump_json(include={"bio": True, "customer": {"email", "role"}}))


if __name__ == "__main__":
    asyncio.run(main())
