"""What of pages, finders and loaders is refused, and the name that the message must have."""

from __future__ import annotations

from shop import Infrastructure, SyncInfrastructure


async def wrong(infra: Infrastructure) -> None:
    query = infra.customer.query()
    query.paginate(page=1, after=None)  # names: paginate
    query.paginate(after=None, before=None)  # names: paginate
    query.paginate(after=3)  # names: paginate
    query.paginate(page="1")  # names: paginate
    query.paginate(size=3)  # names: paginate
    query.connection(first="3")  # names: first
    query.connection(firts=3)  # names: firts
    (await query.paginate(page=1).execute()).next  # names: next
    (await query.paginate(after=None).execute()).total  # names: total
    await infra.customer.get_by_email(3)  # names: get_by_email
    await infra.customer.get_by_emial("a")  # names: get_by_emial
    await infra.customer.get_by_email("a", include={"postss": True})  # names: postss
    await infra.customer.exists_by_email("a", include={"posts": True})  # names: include
    await infra.order_line.get_by_order_id_product_id("a", "p")  # names: order_id
    await infra.customer.find_many_by_ids(["a"])  # names: int
    await infra.customer.find_many_by_ids([1], include={"postss": True})  # names: postss
    await infra.customer.find_many_by_ids([1], missing="never")  # names: missing
    await infra.order_line.find_many_by_ids([1])  # names: tuple
    await infra.customer.loader().load("a")  # names: load
    infra.customer.loader(include={"postss": True})  # names: postss
    await infra.customer.find_many(seek={"behind": [3]})  # names: behind


def blocking(infra: SyncInfrastructure) -> None:
    infra.customer.query().paginate(page=1, before=None)  # names: paginate
    infra.customer.get_by_id("a")  # names: get_by_id
    infra.customer.loader()  # names: loader
