"""Loaders: point reads of one turn of the event loop as one statement; on every database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from infra_runtime import ArgumentError, ClientMisuseError, InputError, Projection, use_context
from infra_runtime.errors import TableNotFoundError, TransactionError
from tests.databases import Database
from tests.projections.package import MODELS, Customer, Infrastructure

Sent = list[str]


@pytest_asyncio.fixture
async def infra(database: Database) -> AsyncIterator[Infrastructure]:
    assert Infrastructure.schema is not None
    schema = replace(Infrastructure.schema, provider=database.provider)
    async with Infrastructure(url=database.url(MODELS), schema=schema) as client:
        people = [{"email": f"{number}@example.org", "name": f"{number}"} for number in range(100)]
        await client.customer.create_many(data=people)  # type: ignore[arg-type]
        yield client


@pytest_asyncio.fixture
async def people(infra: Infrastructure) -> list[Customer]:
    return await infra.customer.find_many(order={"id": "asc"})


@pytest.fixture
def sent(infra: Infrastructure, people: list[Customer]) -> Sent:
    """The statements from here on."""
    statements: list[str] = []
    infra.on_statement(lambda statement, seconds, error: statements.append(statement.sql))
    return statements


async def test_a_hundred_loads_are_one_statement(infra: Infrastructure, people: list[Customer], sent: Sent) -> None:
    loader = infra.customer.loader()
    assert await asyncio.gather(*(loader.load(row.id) for row in people)) == people
    assert len(sent) == 1
    assert await loader.load_many([row.id for row in people]) == people
    assert await loader.load(people[7].id) is await loader.load(people[7].id)
    assert len(sent) == 1


async def test_what_is_not_there_is_none_and_remembered(
    infra: Infrastructure, people: list[Customer], sent: Sent
) -> None:
    loader = infra.customer.loader()
    assert await loader.load_many([10**6, people[0].id, 10**6]) == [None, people[0], None]
    assert await loader.load(10**6) is None
    assert len(sent) == 1


async def test_what_was_cleared_is_read_again(infra: Infrastructure, people: list[Customer], sent: Sent) -> None:
    loader = infra.customer.loader()
    first, second = people[:2]
    await loader.load_many([first.id, second.id])
    await infra.customer.update(where={"id": first.id}, data={"name": "new"})
    before = len(sent)
    assert await loader.load(first.id) == first
    loader.clear(first.id)
    assert (await loader.load(first.id)).name == "new"  # type: ignore[union-attr]
    assert await loader.load(second.id) == second
    assert len(sent) == before + 1
    loader.clear_all()
    await loader.load(second.id)
    assert len(sent) == before + 2


async def test_relations_come_along(infra: Infrastructure, people: list[Customer], sent: Sent) -> None:
    await infra.post.create(data={"slug": "a", "title": "A", "author_id": people[3].id})
    loader = infra.customer.loader(include={"posts": True})
    before = len(sent)
    found = await asyncio.gather(loader.load(people[3].id), loader.load(people[4].id))
    assert [len(row.posts) for row in found if row is not None] == [1, 0]
    assert len(sent) == before + 2


class Card(Projection[Customer]):
    email: str


async def test_projections_are_loaded_without_their_keys_being_in_them(
    infra: Infrastructure, people: list[Customer], sent: Sent
) -> None:
    loader = infra.customer.project(Card).loader()
    assert await loader.load_many([people[2].id, 10**6]) == [Card(email=people[2].email), None]
    assert len(sent) == 1
    assert await infra.customer.project(Card).find_many_by_ids([people[3].id]) == [Card(email=people[3].email)]


async def test_other_unique_keys_are_loaded_by(infra: Infrastructure, people: list[Customer], sent: Sent) -> None:
    loader = infra.customer.loader_by("email")
    emails = (people[1].email, people[0].email, "nobody")
    assert await asyncio.gather(*map(loader.load, emails)) == [people[1], people[0], None]
    assert len(sent) == 1


async def test_batches_have_a_size(infra: Infrastructure, people: list[Customer], sent: Sent) -> None:
    loader = infra.customer.loader(batch_size=40)
    assert await loader.load_many([row.id for row in people]) == people
    assert len(sent) == 3


async def test_tasks_that_wait_for_each_other_load_in_turns(
    infra: Infrastructure, people: list[Customer], sent: Sent
) -> None:
    """As the resolvers of GraphQL do: one statement for each level, however many objects there are."""
    await infra.post.create_many(
        data=[{"slug": f"{number}", "title": "T", "author_id": people[number % 10].id} for number in range(30)]
    )
    posts = await infra.post.find_many()
    before = len(sent)
    by_post, by_author = infra.post.loader(), infra.customer.loader()

    async def resolved(id: Any) -> str:
        post = await by_post.load(id)
        assert post is not None
        author = await by_author.load(post.author_id)
        assert author is not None
        return author.email

    found = await asyncio.gather(*(resolved(post.id) for post in posts))
    assert len(set(found)) == 10
    assert len(sent) == before + 2


# -- contexts ----------------------------------------------------------------------------------------------------------
async def test_reads_of_different_contexts_are_not_joined(
    infra: Infrastructure, people: list[Customer], sent: Sent
) -> None:
    infra.add_scope(lambda model, context: {"name": context.tenant} if context.tenant else None, ["Customer"])
    loader = infra.customer.loader()

    async def load(tenant: str | None, place: int) -> Customer | None:
        with use_context(tenant=tenant):
            return await loader.load(people[place].id)

    asked = [load("1", 1), load("2", 1), load(None, 1), load("1", 2), load("2", 2)]
    assert await asyncio.gather(*asked) == [people[1], None, people[1], None, people[2]]
    assert len(sent) == 3
    assert await load("2", 1) is None, "what one context has read is not shown to another"
    assert len(sent) == 3


async def test_a_bound_client_loads_in_its_context(infra: Infrastructure, people: list[Customer]) -> None:
    infra.add_scope(lambda model, context: {"name": context.tenant} if context.tenant else None, ["Customer"])
    loader = infra.bind(tenant="1").customer.loader()
    assert await loader.load_many([people[1].id, people[2].id]) == [people[1], None]


async def test_a_loader_of_a_transaction_reads_in_it(infra: Infrastructure, people: list[Customer]) -> None:
    outside = infra.customer.loader()
    async with infra.transaction() as tx:
        await tx.customer.update(where={"id": people[0].id}, data={"name": "inside"})
        inside = tx.customer.loader()
        row = await inside.load(people[0].id)
        assert row is not None
        assert row.name == "inside"
        assert await outside.load(people[0].id) == people[0]
    with pytest.raises(TransactionError):
        await inside.load(people[1].id)


# -- errors and cancellation -------------------------------------------------------------------------------------------
async def test_an_error_reaches_all_who_wait_and_is_not_remembered(
    infra: Infrastructure, people: list[Customer]
) -> None:
    loader = infra.customer.loader()
    await infra.execute_raw("ALTER TABLE " + quoted(infra, "Customer") + " RENAME TO gone")
    found = await asyncio.gather(*(loader.load(row.id) for row in people[:3]), return_exceptions=True)
    assert [type(error) for error in found] == [TableNotFoundError] * 3
    await infra.execute_raw("ALTER TABLE gone RENAME TO " + quoted(infra, "Customer"))
    assert await loader.load(people[0].id) == people[0]


def quoted(infra: Infrastructure, name: str) -> str:
    return f"`{name}`" if infra.engine.schema.provider == "mysql" else f'"{name}"'


async def test_a_wrong_key_hurts_nobody_else(infra: Infrastructure, people: list[Customer], sent: Sent) -> None:
    loader = infra.customer.loader()
    wrong: Any = "x"
    found = await asyncio.gather(loader.load(people[0].id), loader.load(wrong), return_exceptions=True)
    assert found[0] == people[0]
    assert isinstance(found[1], InputError)
    assert str(found[1]).startswith("Customer.id: expected int")
    assert len(sent) == 1


async def test_one_who_no_longer_waits_does_not_disturb_the_others(
    infra: Infrastructure, people: list[Customer], sent: Sent
) -> None:
    loader = infra.customer.loader()
    waiting = [asyncio.ensure_future(loader.load(row.id)) for row in [*people[:3], people[0]]]
    await asyncio.sleep(0)
    waiting[0].cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == [people[1], people[2], people[0]]
    assert len(sent) == 1


async def test_names_and_sizes_that_make_no_sense_are_refused(infra: Infrastructure) -> None:
    with pytest.raises(ArgumentError, match="unknown unique key `emial` of Customer; did you mean `email`"):
        infra.customer.loader_by("emial")
    with pytest.raises(InputError, match="batch_size"):
        infra.customer.loader(batch_size=0)


async def test_an_include_that_makes_no_sense_is_told_to_who_loads(infra: Infrastructure) -> None:
    with pytest.raises(ArgumentError, match="unknown relation `postz`"):
        await infra.customer.loader(include={"postz": True}).load(1)  # type: ignore[typeddict-unknown-key]


def test_a_loader_belongs_to_one_event_loop(database: Database) -> None:
    assert Infrastructure.schema is not None
    client = Infrastructure(url=database.url(MODELS), schema=replace(Infrastructure.schema, provider=database.provider))

    async def used() -> Any:
        await client.connect()
        loader = client.customer.loader()
        await loader.load(1)
        await client.disconnect()
        return loader

    loader = asyncio.run(used())
    with pytest.raises(ClientMisuseError, match="belongs to the event loop"):
        asyncio.run(loader.load(2))
