"""Batches: collected first, committed together."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime import Infrastructure, RawQueryError, SyncInfrastructure, sql
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
