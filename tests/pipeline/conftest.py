"""The shop's fixtures, for these tests too: on every database."""

import pytest

from tests.databases import Database, Databases
from tests.runtime.conftest import async_shop, client, engine, shop, shop_path, shop_schema, shop_url

__all__ = ["async_shop", "client", "database", "engine", "shop", "shop_path", "shop_schema", "shop_url"]


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)
