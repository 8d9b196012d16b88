"""Batches: collected first, committed together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime import InfraError, Infrastructure, OperationContext, RawQueryError, SyncInfrastructure, sql
from infra_runtime.changes import ChangeSet, Wants
from infra_runtime.operation import Operation
from infra_runtime.schema import Model
from tests.databases import Database
from tests.drivers.slow import tags_in
from tests.runtime.conftest import Client


def test_a_batch_commits_what_it_collected_when_its_block_ends(shop: SyncInfrastructure, database: Database) -> None:
    with shop.batch_() as batch:
        for name in ("red", "blue"):
            batch.execute_raw(sql("INSERT INTO {} (name) VALUES ({})", sql.identifier("Tag"), name))
        assert tags_in(database) == []
    assert tags_in(database) == ["blue", "red"]


async def test_an_async_batch_does_so_too(async_shop: Infrastructure, database: Database) -> None:
    async with async_shop.batch_() as batch:
        batch.execute_raw(sql("INSERT INTO {} (name) VALUES ({})", sql.identifier("Tag"), "red"))
    assert tags_in(database) == ["red"]
    batch = async_shop.batch_()
    batch.execute_raw(sql("INSERT INTO {} (name) VALUES ({})", sql.identifier("Tag"), "blue"))
    await batch.commit()
    await batch.commit()
    assert tags_in(database) == ["blue", "red"]


def test_a_batch_that_fails_keeps_nothing(shop: SyncInfrastructure, database: Database) -> None:
    batch = shop.batch_()
    batch.execute_raw(sql("INSERT INTO {} (name) VALUES ({})", sql.identifier("Tag"), "red"))
    batch.execute_raw(sql("INSERT INTO {} (name) VALUES ({})", sql.identifier("Tag"), "red"))
    with pytest.raises(RawQueryError):
        batch.commit()
    assert tags_in(database) == []


def test_a_batch_whose_block_raises_sends_nothing(shop: SyncInfrastructure, database: Database) -> None:
    with pytest.raises(ZeroDivisionError), shop.batch_() as batch:
        batch.execute_raw(sql("INSERT INTO {} (name) VALUES ({})", sql.identifier("Tag"), "red"))
        _ = 1 / 0
    assert tags_in(database) == []


def test_every_writing_method_of_a_model_is_put_down_with_what_was_given(shop: SyncInfrastructure) -> None:
    batch: Any = shop.batch_()
    batch.tag.create({"label": "red"})
    batch.tag.create_many([{"label": "blue"}], skip_duplicates=True)
    batch.tag.update({"label": "green"}, {"id": 1})
    batch.tag.update_many({"label": "green"}, {})
    batch.tag.upsert({"id": 1}, {"create": {}, "update": {}})
    batch.tag.upsert_many([{"where": {"id": 1}, "create": {}, "update": {}}])
    batch.tag.delete({"id": 1})
    batch.order_line.delete_many()
    assert [(str(operation), dict(operation.arguments)) for operation in batch._operations] == [
        ("tag.create()", {"data": {"label": "red"}}),
        ("tag.create_many()", {"data": [{"label": "blue"}], "skip_duplicates": True}),
        ("tag.update()", {"data": {"label": "green"}, "where": {"id": 1}}),
        ("tag.update_many()", {"data": {"label": "green"}, "where": {}}),
        ("tag.upsert()", {"where": {"id": 1}, "data": {"create": {}, "update": {}}}),
        ("tag.upsert_many()", {"data": [{"where": {"id": 1}, "create": {}, "update": {}}]}),
        ("tag.delete()", {"where": {"id": 1}}),
        ("order_line.delete_many()", {}),
    ]
    with pytest.raises(AttributeError, match="no model 'nothing'"):
        _ = batch.nothing


def test_a_batch_writes_through_models(client: Client) -> None:
    batch: Any = client.infra.batch_()
    batch.tag.create({"label": "red"})
    batch.tag.create_many([{"label": "blue"}, {"label": "green"}])
    batch.tag.update({"label": "crimson"}, {"label": "red"})
    batch.tag.upsert({"label": "white"}, {"create": {"label": "white"}, "update": {"label": "grey"}})
    batch.tag.delete({"label": "green"})
    assert client.run("count", "Tag") == 0
    client.wait(batch.commit())
    assert [row["label"] for row in client.run("find_many", "Tag", order={"label": "asc"})] == [
        "blue",
        "crimson",
        "white",
    ]


def test_a_batch_runs_in_its_order_and_says_what_was_wrong_first(client: Client, database: Database) -> None:
    def failing(fill: Callable[[Any], None]) -> str:
        batch: Any = client.infra.batch_()
        batch.tag.create({"label": "red"})
        fill(batch)
        with pytest.raises(InfraError) as caught:
            client.wait(batch.commit())
        assert tags_in(database) == []
        return type(caught.value).__name__

    def missing_first(batch: Any) -> None:
        batch.tag.update({"label": "blue"}, {"label": "green"})
        batch.tag.create({"label": "red"})

    def double_first(batch: Any) -> None:
        batch.tag.create({"label": "red"})
        batch.tag.update({"label": "blue"}, {"label": "green"})

    def double_then_nonsense(batch: Any) -> None:
        batch.tag.create({"label": "red"})
        batch.tag.create({"nothing": "blue"})

    for _ in range(3):
        assert failing(missing_first) == "RecordNotFoundError"
        assert failing(double_first) == "UniqueViolationError"
        assert failing(double_then_nonsense) == "UniqueViolationError"
        assert failing(lambda batch: batch.tag.create({"nothing": "blue"})) == "FieldNotFoundError"


def test_a_batch_of_many_writes_is_done_whole(client: Client, database: Database) -> None:
    batch: Any = client.infra.batch_()
    for number in range(250):
        batch.tag.create({"label": f"{number:03}"})
        if number % 10 == 9:
            batch.tag.delete({"label": f"{number - 9:03}"})
        if number % 50 == 49:
            batch.user.create({"email": str(number), "written": {"create": [{"title": "one"}]}})
    client.wait(batch.commit())
    assert tags_in(database) == [f"{number:03}" for number in range(250) if number % 10]
    assert client.run("count", "Post") == 5


def test_middleware_surrounds_each_operation_of_a_batch(client: Client) -> None:
    told: list[str] = []

    def tell(operation: Operation, context: OperationContext, proceed: Any) -> Any:
        told.append(operation.arguments["data"]["label"])
        return proceed(operation, context)

    client.infra.use(tell)
    batch: Any = client.infra.batch_()
    batch.tag.create({"label": "red"})
    batch.tag.create({"label": "blue"})
    client.wait(batch.commit())
    assert told == ["red", "blue"]


def test_listeners_hear_of_each_change_of_a_batch(client: Client) -> None:
    heard: list[ChangeSet] = []

    class Listener:
        def wants(self, model: Model) -> Wants | None:
            return Wants()

        def in_transaction(self, changes: ChangeSet) -> None:
            heard.append(changes)

        def after_commit(self, changes: ChangeSet) -> None:
            pass

    client.infra.listen(Listener())
    batch: Any = client.infra.batch_()
    batch.tag.create({"label": "red"})
    batch.tag.create({"label": "blue"})
    client.wait(batch.commit())
    assert [len(changes.changes) for changes in heard] == [1, 1]
