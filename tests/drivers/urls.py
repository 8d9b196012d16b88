"""URLs changed for a test, and what is said of one that leads nowhere."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit

import pytest

from infra_runtime import InfraError
from infra_runtime.schema import Schema
from tests.runtime.conftest import AsyncShop, SyncShop


def changed(url: str, **parts: str) -> str:
    """The URL with other parts of `urlsplit`'s."""
    return urlunsplit(urlsplit(url)._replace(**parts))


def with_parameters(url: str, parameters: str) -> str:
    """The URL with more parameters: `connection_limit=1&pool_timeout=2`."""
    return f"{url}{'&' if '?' in url else '?'}{parameters}"


def refused(url: str, schema: Schema) -> list[InfraError]:
    """What both interfaces say of a URL."""
    with pytest.raises(InfraError) as sync:
        SyncShop(schema=schema, url=url).connect()
    with pytest.raises(InfraError) as through_asyncio:
        asyncio.run(AsyncShop(schema=schema, url=url).connect())
    return [sync.value, through_asyncio.value]
