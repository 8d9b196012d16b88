"""A client with a configuration: which source wins, and that each setting does what it says, on every database."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from infra_runtime import (
    Configuration,
    ConfigurationError,
    DatabaseSettings,
    Infrastructure,
    InputError,
    Operation,
    PoolSettings,
    QuerySettings,
    Schema,
    SyncInfrastructure,
)
from tests.configuration.conftest import Write
from tests.runtime.schemas import SHOP

EMPTY = Schema("sqlite", (), url="file:./schema.db")


def limits(client: Any) -> tuple[int | None, float | None]:
    _, options = client._shared.connection()
    return options.limit, options.wait


def path(client: Any) -> str:
    return Path(client._shared.connection()[0].path).name


# -- every setting acts ------------------------------------------------------------------------------------------------
def test_a_client_connects_with_what_the_file_says(
    shop_url: str, shop_schema: Schema, write: Write, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SHOP_URL", shop_url)
    file = write(f"""
        database:
          provider: {shop_schema.provider}
          url: ${{SHOP_URL}}
          pool: {{ min: 3, max: 4, timeout: 7 }}
          log_queries: true
        queries: {{ max_limit: 2, token_secret: signed }}
        """)
    with SyncInfrastructure(file, schema=shop_schema) as shop:
        status = shop.pool_status()
        assert (status.limit, status.lent, status.idle) == (4, 0, 3)
        assert limits(shop) == (4, 7.0)
        with caplog.at_level(logging.DEBUG, "infra_runtime.sql"):
            shop.query_raw("SELECT 1")
        assert any("SELECT 1" in record.getMessage() for record in caplog.records)
        assert (shop.engine.max_limit, shop.engine.token_secret) == (2, ("signed",))


async def test_an_async_client_too(shop_url: str, shop_schema: Schema) -> None:
    configuration = Configuration(database=DatabaseSettings(url=shop_url, pool=PoolSettings(min=3, max=4)))
    async with Infrastructure(configuration, schema=shop_schema) as shop:
        status = shop.pool_status()
        assert (status.limit, status.lent, status.idle) == (4, 0, 3)


def test_no_more_connections_are_opened_than_there_may_be(shop_url: str, shop_schema: Schema) -> None:
    file = Configuration(database=DatabaseSettings(url=shop_url, pool=PoolSettings(min=3)))
    with SyncInfrastructure(file, schema=shop_schema, connection_limit=2) as shop:
        assert (shop.pool_status().limit, shop.pool_status().idle) == (2, 2)


def test_without_a_limit_there_is_room_for_those_to_open(
    shop_url: str, shop_schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # The default limit is 3 then, and 4 on SQLite.
    file = Configuration(database=DatabaseSettings(url=shop_url, pool=PoolSettings(min=5)))
    with SyncInfrastructure(file, schema=shop_schema) as shop:
        assert (shop.pool_status().limit, shop.pool_status().idle) == (5, 5)


def test_a_database_in_memory_has_one_connection() -> None:
    file = Configuration(database=DatabaseSettings(url=":memory:", pool=PoolSettings(min=5)))
    with SyncInfrastructure(file, schema=EMPTY) as client:
        assert (client.pool_status().limit, client.pool_status().idle) == (1, 1)


# -- code beats the file, the file beats the schema --------------------------------------------------------------------
FILE = Configuration(
    database=DatabaseSettings(
        url="file:./file.db?connection_limit=3&pool_timeout=3", pool=PoolSettings(max=4, timeout=4), log_queries=True
    ),
    queries=QuerySettings(max_limit=4, token_secret="file"),
)


def test_the_file_beats_the_schema() -> None:
    assert path(SyncInfrastructure(schema=EMPTY)) == "schema.db"
    assert path(SyncInfrastructure(FILE, schema=EMPTY)) == "file.db"


def test_the_file_beats_the_variable_that_the_schema_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", "file:./variable.db")
    schema = Schema("sqlite", (), url_variable="SHOP_URL")
    assert path(SyncInfrastructure(schema=schema)) == "variable.db"
    assert path(SyncInfrastructure(FILE, schema=schema)) == "file.db"
    assert path(SyncInfrastructure(Configuration(), schema=schema)) == "variable.db"


def test_code_beats_the_file() -> None:
    client = SyncInfrastructure(
        FILE, schema=EMPTY, url="file:./code.db", max_limit=5, token_secret="code", log_queries=False
    )
    assert path(client) == "code.db"
    assert (client.engine.max_limit, client.engine.token_secret) == (5, "code")
    assert not client.effects.hooks
    assert SyncInfrastructure(FILE, schema=EMPTY).effects.hooks


def test_a_pool_is_that_of_code_then_of_its_url_then_of_the_file_then_of_other_urls() -> None:
    code = "file:./code.db?connection_limit=2&pool_timeout=2"
    assert limits(SyncInfrastructure(FILE, schema=EMPTY, url=code, connection_limit=1, pool_timeout=1)) == (1, 1.0)
    assert limits(SyncInfrastructure(FILE, schema=EMPTY, url=code)) == (2, 2.0)
    assert limits(SyncInfrastructure(FILE, schema=EMPTY, url="file:./code.db")) == (4, 4.0)
    assert limits(SyncInfrastructure(FILE, schema=EMPTY)) == (4, 4.0)
    urls_alone = Configuration(database=DatabaseSettings(url=FILE.database.url))
    assert limits(SyncInfrastructure(urls_alone, schema=EMPTY)) == (3, 3.0)


def test_what_code_gives_needs_no_variable(write: Write) -> None:
    file = write("""
        database: { url: "${NOT_SET_ANYWHERE}", direct_url: "${NOT_SET_ANYWHERE}", pool: { max: "${NOT_SET_ANYWHERE}" } }
        """)
    assert limits(SyncInfrastructure(file, schema=EMPTY, url=":memory:", connection_limit=3))[0] == 3
    with pytest.raises(ConfigurationError, match=r"database\.pool\.max: the environment variable NOT_SET_ANYWHERE"):
        SyncInfrastructure(file, schema=EMPTY, url=":memory:")


def test_a_dict_is_no_configuration() -> None:
    with pytest.raises(ConfigurationError, match=r"a dict is read by Configuration\.from_dict"):
        SyncInfrastructure({"database": {"url": ":memory:"}}, schema=EMPTY)  # type: ignore[arg-type]


def test_max_limit_of_a_file_is_kept_to(write: Write, shop_url: str, shop_schema: Schema) -> None:
    file = write("queries: { max_limit: 2 }")
    with SyncInfrastructure(file, schema=shop_schema, url=shop_url) as shop:
        with pytest.raises(InputError, match="2"):
            shop.execute(Operation("find_many", shop.engine.schema.models[0], {"take": 3}))


# -- what does not fit the schema --------------------------------------------------------------------------------------
def test_another_provider_is_an_error_with_its_place(write: Write) -> None:
    file = write("database:\n  provider: mysql\n  url: postgresql://ada:hunter2@db/shop\n")
    with pytest.raises(ConfigurationError) as caught:
        SyncInfrastructure(file, schema=EMPTY)
    assert str(caught.value).splitlines() == [
        "infrastructure.config.yml:2:13: database.provider: is mysql, and the schema's provider is sqlite: they have to be the same",
        "infrastructure.config.yml:3:8: database.url: the database URL is for postgresql (it begins with postgresql:), "
        "but the schema's provider is sqlite: the URL must begin with file: or sqlite:",
    ]


def test_a_pool_that_opens_more_than_it_may_hold_is_an_error(write: Write) -> None:
    file = write("database: { pool: { min: 5, max: 2 } }")
    with pytest.raises(
        ConfigurationError, match="^infrastructure.config.yml:1:26: database.pool.min: is 5, and `max` is 2"
    ):
        SyncInfrastructure(file, schema=EMPTY)


def test_models_that_are_not_there_are_told_with_the_nearest(write: Write) -> None:
    file = write("models:\n  usr: {}\n  User: {}\n  user: {}\n  orderLine: {}\n  order_lines: {}\n  warehouse: {}\n")
    with pytest.raises(ConfigurationError) as caught:
        SyncInfrastructure(file, schema=SHOP)
    place = "infrastructure.config.yml"
    assert str(caught.value).splitlines() == [
        f"{place}:2:3: models.usr: there is no model `usr`: did you mean `user`?",
        f"{place}:4:3: models.user: is the model User, as `User` is: write one of them, with all settings",
        f"{place}:6:3: models.order_lines: there is no model `order_lines`: did you mean `order_line`?",
        f"{place}:7:3: models.warehouse: there is no model `warehouse`: "
        "there are user, profile, post, tag, comment, product, order, order_line",
    ]
