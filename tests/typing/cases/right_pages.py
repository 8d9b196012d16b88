"""Pages, finders and loaders: what a user may write, and which types come of it."""

from __future__ import annotations

from typing import assert_type

from shop import Customer, CustomerFields, Infrastructure, OrderLine, Product, SyncInfrastructure

from infra_runtime import Connection, KeysetPage, Loader, Page, Projection


class Card(Projection[Customer]):
    email: str


async def pages(infra: Infrastructure) -> None:
    query = infra.customer.query().where(is_active=True).order_by(created_at="desc")
    assert_type(await query.paginate().execute(), Page[Customer])
    numbered = await query.paginate(page=2, limit=20, total=False).execute()
    assert_type(numbered, Page[Customer])
    assert_type(numbered.items, list[Customer])
    assert_type(numbered.total, int | None)
    keyset = await query.paginate(after=None, limit=20).execute()
    assert_type(keyset, KeysetPage[Customer])
    assert_type(keyset.next, str | None)
    assert_type(await query.paginate(after=keyset.next).execute(), KeysetPage[Customer])
    assert_type(await query.paginate(before=keyset.previous, limit=5).execute(), KeysetPage[Customer])
    connection = await query.connection(first=10, after=keyset.next).execute()
    assert_type(connection, Connection[Customer])
    assert_type(connection.edges[0].node, Customer)
    assert_type(connection.page_info.end_cursor, str | None)
    assert_type(await query.project(Card).paginate(after=None).execute(), KeysetPage[Card])
    columns = await query.select(CustomerFields.id, CustomerFields.email).paginate(page=1).execute()
    assert_type(columns.items, list[tuple[int, str]])


async def finders(infra: Infrastructure) -> None:
    assert_type(await infra.customer.get_by_email("a", include={"posts": True}), Customer)
    assert_type(await infra.customer.find_by_email("a"), Customer | None)
    assert_type(await infra.customer.exists_by_email("a", options={"timeout": 1}), bool)
    assert_type(await infra.order_line.get_by_order_id_product_id(1, "p"), OrderLine)
    assert_type(await infra.order_line.exists_by_order_id_product_id(order_id=1, product_id="p"), bool)
    assert_type(await infra.customer.find_many_by_ids([1, 2], missing="raise"), list[Customer])
    assert_type(await infra.product.find_many_by_ids({"a", "b"}), list[Product])
    assert_type(await infra.order_line.find_many_by_ids([(1, "p")], include={"order": True}), list[OrderLine])
    assert_type(await infra.customer.project(Card).find_many_by_ids([1]), list[Card])


async def loaders(infra: Infrastructure) -> None:
    loader = infra.customer.loader(include={"profile": True})
    assert_type(loader, Loader[int, Customer])
    assert_type(await loader.load(1), Customer | None)
    assert_type(await loader.load_many([1, 2]), list[Customer | None])
    assert_type(infra.order_line.loader(), Loader[tuple[int, str], OrderLine])
    assert_type(await infra.customer.loader_by("email").load("a"), Customer | None)


async def seeks(infra: Infrastructure) -> None:
    assert_type(await infra.customer.find_many(order={"email": "asc"}, seek={"after": {"email": "a"}}), list[Customer])
    assert_type(await infra.customer.find_many(take=3, seek={"before": [7]}), list[Customer])


def blocking(infra: SyncInfrastructure) -> None:
    query = infra.customer.query()
    assert_type(query.paginate(page=1).execute(), Page[Customer])
    assert_type(query.paginate(after=None).execute(), KeysetPage[Customer])
    assert_type(query.connection(last=3).execute(), Connection[Customer])
    assert_type(infra.customer.get_by_id(1), Customer)
    assert_type(infra.customer.exists_by_id(1), bool)
    assert_type(infra.customer.find_many_by_ids([1]), list[Customer])
