"""Fixtures: clients of the shop that reach their server through a proxy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.proxy import Proxy
from infra_runtime.schema import Schema
from tests.drivers.urls import changed, with_parameters
from tests.runtime.conftest import AsyncShop, Client, SyncShop


@pytest.fixture
def proxy(shop_url: str) -> Iterator[Proxy]:
    parts = urlsplit(shop_url)
    proxy = Proxy((parts.hostname or "127.0.0.1", parts.port or 0))
    yield proxy
    proxy.close()


@pytest.fixture(params=["sync", "asyncio"])
def client(request: pytest.FixtureRequest, shop_url: str, shop_schema: Schema, proxy: Proxy) -> Iterator[Client]:
    """A client of either interface with one connection."""
    user = urlsplit(shop_url).netloc.rpartition("@")[0]
    url = with_parameters(changed(shop_url, netloc=f"{user}@127.0.0.1:{proxy.port}"), "connection_limit=1")
    with asyncio.Runner() as loop:
        infra: Any = (AsyncShop if request.param == "asyncio" else SyncShop)(schema=shop_schema, url=url)
        client = Client(infra, loop if request.param == "asyncio" else None)
        client.wait(infra.connect())
        yield client
        client.wait(infra.disconnect())
