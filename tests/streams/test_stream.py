"""Streams: the rows of a query while they are read, in memory that does not grow with their number."""

from __future__ import annotations

import asyncio
import itertools
import time
import tracemalloc
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from typing import Any

import pytest

from infra_runtime import ArgumentError, OperationTimeoutError, PoolTimeoutError, TransactionExpiredError
from infra_runtime.context import OperationContext
from infra_runtime.effects import Statement
from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure
from infra_runtime.operation import Operation
from infra_runtime.pipeline.middleware import AsyncProceed, SyncProceed
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.runtime.conftest import Client
from tests.runtime.schemas import SHOP


def operation(model: str, **arguments: Any) -> Operation:
    return Operation("stream", SHOP.model[model], arguments)


def rows(client: Client, model: str, /, *, most: int | None = None, **arguments: Any) -> list[Any]:
    """What a stream answers, or the first `most` of it."""
    stream = client.infra.stream(operation(model, **arguments))
    if isinstance(stream, Generator):
        with closing(stream):
            return list(itertools.islice(stream, most))
    return client.wait(_collected(stream, most))  # type: ignore[no-any-return]


async def _collected(stream: AsyncGenerator[Any], most: int | None) -> list[Any]:
    found: list[Any] = []
    async with aclosing(stream):
        async for row in stream:
            found.append(row)
            if len(found) == most:
                break
    return found


def fill(client: Client, tags: int) -> None:
    client.run("create_many", "Tag", data=[{"label": f"{number:06}"} for number in range(tags)])


@pytest.mark.parametrize("size", [1, 3, 10, 11, 500])
def test_a_stream_answers_what_find_many_does(client: Client, size: int) -> None:
    fill(client, 10)
    wanted: dict[str, Any] = {"where": {"label": {"not": "000003"}}, "order": {"label": "desc"}}
    assert rows(client, "Tag", batch_size=size, **wanted) == client.run("find_many", "Tag", **wanted)
    paged = {**wanted, "take": 4, "skip": 2}
    assert rows(client, "Tag", batch_size=size, **paged) == client.run("find_many", "Tag", **paged)
    assert rows(client, "Tag", where={"label": "nothing"}) == []


def test_relations_are_read_once_per_batch(client: Client) -> None:
    users = [{"email": f"{number}@x.io", "profile": {"create": {"bio": f"{number}"}}} for number in range(7)]
    for user in users:
        client.run("create", "User", data=user)
    said: list[Statement] = []
    client.infra.on_statement(lambda statement, seconds, error: said.append(statement))
    found = rows(client, "User", include={"profile": True, "written": True}, order={"id": "asc"}, batch_size=3)
    assert [row["profile"]["bio"] for row in found] == [f"{number}" for number in range(7)]
    assert len(said) == 1 + 3 * 2
    assert found == client.run("find_many", "User", include={"profile": True, "written": True}, order={"id": "asc"})


def test_a_stream_sees_one_state_of_the_data(client: Client) -> None:
    fill(client, 6)
    stream = client.infra.stream(operation("Tag", order={"id": "asc"}, batch_size=2))
    first = next(stream) if isinstance(stream, Generator) else client.wait(anext(stream))
    client.run("delete_many", "Tag", where={"id": {"gt": first["id"]}})
    rest = list(stream) if isinstance(stream, Generator) else client.wait(_collected(stream, None))
    assert len(rest) == 5
    assert client.run("count", "Tag") == 1


def test_a_stream_that_is_left_gives_its_connection_back(client: Client) -> None:
    fill(client, 20)
    for _ in range(50):
        assert len(rows(client, "Tag", batch_size=2, most=3)) == 3
    assert client.run("count", "Tag") == 20


def test_a_stream_in_a_transaction_is_the_transactions_own(client: Client) -> None:
    fill(client, 4)
    with client.transaction() as tx:
        tx.run("create", "Tag", data={"label": "mine"})
        assert len(rows(tx, "Tag")) == 5
        stream = tx.infra.stream(operation("Tag", order={"id": "asc"}, batch_size=2))
        first = next(stream) if isinstance(stream, Generator) else tx.wait(anext(stream))
        assert tx.run("find_unique", "Tag", where={"id": first["id"]}) == first
        rest = list(stream) if isinstance(stream, Generator) else tx.wait(_collected(stream, None))
        assert len(rest) == 4


def test_a_stream_ends_with_its_transaction(client: Client) -> None:
    fill(client, 4)
    with pytest.raises(TransactionExpiredError), client.transaction(timeout=0.1) as tx:
        stream = tx.infra.stream(operation("Tag", batch_size=1))
        for _ in range(4):
            if isinstance(stream, Generator):
                next(stream)
            else:
                tx.wait(anext(stream))
            time.sleep(0.05)


def test_a_time_limit_holds_for_the_whole_stream(client: Client) -> None:
    fill(client, 1)
    slow = client.infra.stream(operation("Tag"), {"timeout": 0.0})
    with pytest.raises(OperationTimeoutError):
        list(slow) if isinstance(slow, Generator) else client.wait(_collected(slow, None))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "how many rows are read at a time"),
        ({"batch_size": "many"}, "how many rows are read at a time"),
        ({"take": -3}, "begins with the first row"),
        ({"where": {"lable": "x"}}, "label"),
    ],
)
def test_arguments_are_refused_before_anything_runs(client: Client, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        client.infra.stream(operation("Tag", **arguments))


def test_middleware_surrounds_the_beginning(shop: SyncInfrastructure) -> None:
    def upper(operation: Operation, context: OperationContext, proceed: SyncProceed) -> Any:
        return ({**row, "label": row["label"].upper()} for row in proceed(operation, context))

    shop.execute(Operation("create", SHOP.model["Tag"], {"data": {"label": "red"}}))
    shop.use(upper)
    assert [row["label"] for row in shop.stream(operation("Tag"))] == ["RED"]


async def test_middleware_surrounds_the_beginning_async(async_shop: Infrastructure) -> None:
    async def upper(operation: Operation, context: OperationContext, proceed: AsyncProceed) -> Any:
        answer = await proceed(operation, context)
        if operation.name != "stream":
            return answer
        return ({**row, "label": row["label"].upper()} async for row in answer)

    async_shop.use(upper)
    await async_shop.execute(Operation("create", SHOP.model["Tag"], {"data": {"label": "red"}}))
    assert [row["label"] async for row in async_shop.stream(operation("Tag"))] == ["RED"]


async def test_a_cancelled_stream_gives_its_connection_back(
    shop_url: str, shop_schema: Schema, database: Database
) -> None:
    # On SQLite one of two is for writing.
    limit = 2 if database.provider == "sqlite" else 1
    async with Infrastructure(schema=shop_schema, url=shop_url, connection_limit=limit, pool_timeout=30) as infra:
        await infra.execute(Operation("create_many", SHOP.model["Tag"], {"data": [{"label": "a"}, {"label": "b"}]}))

        has_begun = asyncio.Event()

        async def endless() -> None:
            async for _ in infra.stream(operation("Tag", batch_size=1)):
                has_begun.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(endless())
        await has_begun.wait()
        with pytest.raises(PoolTimeoutError):
            await infra.execute(Operation("count", SHOP.model["Tag"], {}), {"timeout": 0.3})
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await infra.execute(Operation("count", SHOP.model["Tag"], {})) == 2


def test_memory_does_not_grow_with_the_rows(shop: SyncInfrastructure) -> None:
    labels = [{"label": f"a label of some length {number}"} for number in range(30000)]
    shop.execute(Operation("create_many", SHOP.model["Tag"], {"data": labels}))
    del labels

    def peak(batch_size: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in shop.stream(operation("Tag", batch_size=batch_size))) == 30000
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(100) < peak(30000) / 20
