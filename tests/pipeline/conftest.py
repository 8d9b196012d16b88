"""The shop's fixtures, for these tests too."""

from tests.runtime.conftest import async_shop, client, database, engine, shop, shop_path, shop_schema, shop_url

__all__ = ["async_shop", "client", "database", "engine", "shop", "shop_path", "shop_schema", "shop_url"]
