"""What is PostgreSQL's alone: URLs, prepared statements, COPY, notices. What all servers promise is in the other modules of this folder."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from infra_runtime import (
    InconsistentColumnDataError,
    RawQueryError,
)
from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.drivers.slow import tags_in
from tests.runtime.conftest import Client, SyncShop

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'


@pytest.fixture
def database(databases: Databases) -> Database:
    """These tests are about PostgreSQL alone."""
    return databases("postgresql")


def test_a_serialization_failure_is_a_write_conflict_and_run_transaction_tries_again(client: Client) -> None:
    client.run("create", "Tag", data={"label": "0"})
    attempts: list[int] = []

    def work(tx: Any) -> None:
        attempts.append(1)
        tx.query_raw('SELECT name FROM "Tag"')
        if len(attempts) == 1:
            client.execute('UPDATE "Tag" SET name = ?', "outside")
        tx.execute_raw('UPDATE "Tag" SET name = ?', "inside")

    async def work_async(tx: Any) -> None:
        attempts.append(1)
        await tx.query_raw('SELECT name FROM "Tag"')
        if len(attempts) == 1:
            await client.infra.execute_raw('UPDATE "Tag" SET name = ?', "outside")  # type: ignore[misc]
        await tx.execute_raw('UPDATE "Tag" SET name = ?', "inside")

    client.wait(client.infra.run_transaction(work_async if client.is_async else work, isolation="serializable"))  # type: ignore[arg-type]
    assert len(attempts) == 2
    assert client.query('SELECT name FROM "Tag"') == [{"name": "inside"}]


# -- URLs --------------------------------------------------------------------------------------------------------------
def test_the_urls_parameters_reach_the_session(shop_url: str, shop_schema: Schema) -> None:
    url = f"{shop_url}&application_name=till&options=-c%20statement_timeout%3D4321"
    with SyncShop(schema=shop_schema, url=url) as shop:
        assert shop.query_raw("SHOW application_name") == [{"application_name": "till"}]
        assert shop.query_raw("SHOW statement_timeout") == [{"statement_timeout": "4321ms"}]
        schema = shop.query_raw("SELECT current_schema() AS here")[0]["here"]
    assert f"schema={schema}" in shop_url


def test_through_a_pgbouncer_nothing_stays_prepared(shop_url: str, shop_schema: Schema, database: Database) -> None:
    for extra, prepared in (("", True), ("&pgbouncer=true", False), ("&statement_cache_size=0", False)):
        with SyncShop(schema=shop_schema, url=f"{shop_url}{extra}&connection_limit=1") as shop:
            for _ in range(3):
                shop.query_raw("SELECT 1 AS one WHERE 1 = ?", 1)
            kept = shop.query_raw(
                "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE 'SELECT 1 AS%'"
            )
            assert (kept[0]["n"] > 0) is prepared


def test_no_more_statements_stay_prepared_than_the_url_says(shop_url: str, shop_schema: Schema) -> None:
    with SyncShop(schema=shop_schema, url=f"{shop_url}&statement_cache_size=5&connection_limit=1") as shop:
        for number in range(20):
            assert shop.query_raw(f"SELECT {number} AS n WHERE 1 = ?", 1) == [{"n": number}]
        kept = shop.query_raw("SELECT count(*) AS n FROM pg_prepared_statements")
        assert kept[0]["n"] <= 5


# -- statements --------------------------------------------------------------------------------------------------------
def test_a_statement_whose_table_has_changed_is_prepared_anew(client: Client) -> None:
    client.execute("CREATE TABLE changing (n INTEGER)")
    try:
        client.execute("INSERT INTO changing VALUES (?)", 1)
        for _ in range(2):
            assert client.query("SELECT * FROM changing WHERE n = ?", 1) == [{"n": 1}]
        client.execute("ALTER TABLE changing ADD COLUMN word TEXT DEFAULT 'new'")
        assert client.query("SELECT * FROM changing WHERE n = ?", 1) == [{"n": 1, "word": "new"}]
        client.execute("DEALLOCATE ALL")
        assert client.query("SELECT * FROM changing WHERE n = ?", 1) == [{"n": 1, "word": "new"}]
    finally:
        client.execute("DROP TABLE changing")


def test_counts_are_right_whatever_the_statement_begins_with(client: Client, database: Database) -> None:
    assert client.execute("INSERT INTO \"Tag\" (name) VALUES ('red'), ('blue') RETURNING id") == 2
    assert tags_in(database) == ["blue", "red"]
    assert client.execute("WITH x AS (SELECT 'red' AS n) DELETE FROM \"Tag\" WHERE name IN (SELECT n FROM x)") == 1
    assert client.execute('UPDATE "Tag" SET name = name WHERE id > ?', 0) == 1
    assert client.execute('SELECT * FROM "Tag"') == 0
    assert client.execute("SELECT pg_notify('nobody', '')") == 0


def test_copy_is_refused_and_leaves_a_working_client(client: Client) -> None:
    with pytest.raises(RawQueryError, match="COPY"):
        client.query('COPY "Tag" TO STDOUT')
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


def test_a_moment_that_python_has_no_form_for_is_said_to_be_unreadable(client: Client) -> None:
    with pytest.raises(InconsistentColumnDataError, match="Inconsistent column data") as caught:
        client.query("SELECT 'infinity'::timestamp AS at")
    assert caught.value.code == "P2023"
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


def test_what_the_server_says_meanwhile_does_not_confuse(client: Client) -> None:
    client.execute("LISTEN news")
    client.execute("NOTIFY news, 'hello'")
    client.execute("DO $$ BEGIN RAISE NOTICE 'by the way'; END $$")
    client.execute("SET application_name = 'renamed'")
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


def test_psycopg_is_where_the_driver_expects_it() -> None:
    assert psycopg.pq.version() >= 140000, "the message that prepares and describes needs libpq's pipeline mode"
