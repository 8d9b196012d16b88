"""Health and the pool's figures: what a readiness probe and a metrics endpoint are told."""

from __future__ import annotations

import asyncio
import threading

import pytest

from infra_runtime import ClientNotConnectedError, Infrastructure, PoolStatus, PoolTimeoutError
from infra_runtime.health import HEALTH_TIMEOUT
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.drivers.outside import end_sessions, meanwhile
from tests.drivers.slow import eventually
from tests.drivers.urls import with_parameters
from tests.runtime.conftest import AsyncShop, Client, SyncShop


def test_a_database_that_answers_is_healthy(client: Client) -> None:
    health = client.wait(client.infra.check_health())
    assert health
    assert health.error is None
    assert health.seconds >= 0
    # In the async interface the connection is cleaned before it is idle again.
    assert health.pool.lent + health.pool.idle >= 1
    assert health.pool.waiting == 0


def test_sessions_that_have_ended_make_no_database_ill(client: Client, database: Database) -> None:
    assert client.wait(client.infra.check_health())
    if database.provider != "sqlite":
        end_sessions(database)
    assert client.wait(client.infra.check_health())


def test_a_pool_with_nothing_free_is_ill_for_as_long(shop_url: str, shop_schema: Schema) -> None:
    with SyncShop(schema=shop_schema, url=with_parameters(shop_url, "connection_limit=1")) as shop:
        with shop.transaction(timeout=60):
            health = shop.check_health(timeout=0.2)
            assert not health
            assert isinstance(health.error, PoolTimeoutError)
            assert health.seconds < HEALTH_TIMEOUT
        assert shop.check_health()


def test_it_is_the_pool_that_is_asked_not_the_transaction(client: Client) -> None:
    with client.transaction(read_only=True) as tx:
        assert tx.wait(tx.infra.check_health())
        assert tx.infra.pool_status().lent == 1


def test_the_figures_of_a_pool(shop_url: str, shop_schema: Schema) -> None:
    with SyncShop(schema=shop_schema, url=with_parameters(shop_url, "connection_limit=3")) as shop:
        limit = shop.pool_status().limit
        assert limit == 3
        with shop.transaction():
            during = shop.pool_status()
            assert (during.lent, during.waiting) == (1, 0)
        after = shop.pool_status()
        assert (after.lent, after.idle) == (0, 1)


def test_who_waits_is_counted(shop_url: str, shop_schema: Schema) -> None:
    with SyncShop(schema=shop_schema, url=with_parameters(shop_url, "connection_limit=1")) as shop:
        let_go = threading.Event()

        def hold() -> None:
            with shop.transaction(timeout=60):
                assert let_go.wait(30)

        with meanwhile(hold):
            assert eventually(lambda: shop.pool_status().lent == 1)
            with meanwhile(lambda: shop.query_raw("SELECT 1")):
                assert eventually(lambda: shop.pool_status().waiting == 1)
                let_go.set()
        assert shop.pool_status() == PoolStatus(limit=1, lent=0, idle=1, waiting=0)


async def test_connections_that_tasks_had_are_idle_again(async_shop: Infrastructure) -> None:
    await asyncio.gather(*(async_shop.query_raw("SELECT 1") for _ in range(20)))
    status = async_shop.pool_status()
    assert status.lent == status.waiting == 0
    assert 1 <= status.idle <= status.limit


def test_a_client_that_is_not_connected_has_neither(shop_url: str, shop_schema: Schema) -> None:
    shop = SyncShop(schema=shop_schema, url=shop_url)
    with pytest.raises(ClientNotConnectedError):
        shop.check_health()
    with pytest.raises(ClientNotConnectedError):
        shop.pool_status()
    with pytest.raises(ClientNotConnectedError):
        asyncio.run(AsyncShop(schema=shop_schema, url=shop_url).check_health())
