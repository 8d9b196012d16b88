"""PostgreSQL's connections: what becomes of them when the server goes away, what is sent again, and what is said when none comes about."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from infra_runtime import (
    AuthenticationFailedError,
    ConfigurationError,
    ConnectionClosedError,
    ConnectionError,
    DatabaseNotFoundError,
    InconsistentColumnDataError,
    InfraError,
    OperationTimeoutError,
    OutcomeUnknownError,
    PoolTimeoutError,
    RawQueryError,
    WriteConflictError,
)
from infra_runtime.schema import Schema
from tests.databases import Database, Databases, PostgresqlDatabase
from tests.drivers.slow import eventually, tags_in
from tests.runtime.conftest import AsyncShop, Client, SyncShop

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'


@pytest.fixture
def database(databases: Databases) -> Database:
    """These tests are about PostgreSQL alone."""
    return databases("postgresql")


def end_sessions(database: Database) -> None:
    """What a restart of the server does to every connection."""
    assert isinstance(database, PostgresqlDatabase)
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    database.query(f"SELECT pg_terminate_backend(pid) {others}")
    assert eventually(lambda: database.query(f"SELECT count(*) {others}") == [(0,)])


def sleeping(database: Database) -> bool:
    """Does a session run `pg_sleep` right now?"""
    return database.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
        "AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    ) != [(0,)]


@contextlib.contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[None]:
    """`work` in another thread, while the block runs."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


# -- broken connections ------------------------------------------------------------------------------------------------
def test_connections_that_the_server_ended_while_idle_are_replaced(client: Client, database: Database) -> None:
    client.execute(ADD, "red")
    end_sessions(database)
    assert client.execute(ADD, "blue") == 1
    end_sessions(database)
    assert client.query('SELECT name FROM "Tag" ORDER BY name') == [{"name": "blue"}, {"name": "red"}]
    end_sessions(database)
    with client.transaction() as tx:
        tx.execute(ADD, "green")
    assert tags_in(database) == ["blue", "green", "red"]


def test_a_read_whose_connection_breaks_is_sent_again(client: Client, database: Database) -> None:
    client.query("SELECT 1")

    def end_once() -> None:
        assert eventually(lambda: sleeping(database))
        end_sessions(database)

    with meanwhile(end_once):
        assert client.query("SELECT pg_sleep(0.5), 'done' AS word")[0]["word"] == "done"


def test_a_write_whose_connection_breaks_is_never_sent_again(client: Client, database: Database) -> None:
    def end_once() -> None:
        assert eventually(lambda: sleeping(database))
        end_sessions(database)

    with meanwhile(end_once), pytest.raises(OutcomeUnknownError, match="not known") as caught:
        client.execute("INSERT INTO \"Tag\" (name) SELECT 'red' FROM pg_sleep(0.5)")
    assert caught.value.code == "P1017"
    assert tags_in(database) == []
    assert client.execute(ADD, "blue") == 1


def test_a_transaction_whose_connection_breaks_is_over_and_nothing_of_it_is_kept(
    client: Client, database: Database
) -> None:
    with pytest.raises(ConnectionClosedError, match="rolled the transaction back"), client.transaction() as tx:
        tx.execute(ADD, "red")
        end_sessions(database)
        tx.query("SELECT 1")
    assert tags_in(database) == []
    assert client.execute(ADD, "blue") == 1


def test_a_commit_that_gets_no_answer_says_so(client: Client, database: Database) -> None:
    with pytest.raises(OutcomeUnknownError), client.transaction() as tx:
        tx.execute(ADD, "red")
        end_sessions(database)
    assert client.execute(ADD, "blue") == 1


# -- time and locks ----------------------------------------------------------------------------------------------------
def test_a_lock_that_another_holds_is_waited_for_no_longer_than_the_operation_may_take(
    client: Client, database: Database
) -> None:
    client.execute(ADD, "red")
    with client.transaction() as tx:
        tx.execute("UPDATE \"Tag\" SET name = 'blue'")
        began = time.monotonic()
        with pytest.raises(OperationTimeoutError, match="time limit"):
            client.run("update", "Tag", where={"label": "red"}, data={"label": "green"}, options={"timeout": 0.1})
        assert time.monotonic() - began < 4
    assert tags_in(database) == ["blue"]


def test_a_deadlock_is_a_write_conflict(shop: SyncShop, database: Database) -> None:
    for name in ("red", "blue"):
        shop.execute_raw(ADD, name)
    barrier, conflicts = threading.Barrier(2), []

    def work(first: str, second: str) -> None:
        try:
            with shop.transaction() as tx:
                tx.execute_raw("UPDATE \"Tag\" SET name = name || '!' WHERE name = ?", first)
                barrier.wait()
                tx.execute_raw("UPDATE \"Tag\" SET name = name || '!' WHERE name = ?", second)
        except WriteConflictError as error:
            conflicts.append(error.code)

    with meanwhile(lambda: work("red", "blue")):
        work("blue", "red")
    assert conflicts == ["P2034"]
    assert tags_in(database) == ["blue!", "red!"]


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


def test_isolation_levels_are_the_databases(client: Client) -> None:
    for name, shown in [("repeatable_read", "repeatable read"), ("Serializable", "serializable")]:
        with client.transaction(isolation=name) as tx:
            assert tx.query("SHOW transaction_isolation") == [{"transaction_isolation": shown}]
    with pytest.raises(ConfigurationError, match="repeatable_read"), client.transaction(isolation="snapshot"):
        pass
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


def test_a_read_only_transaction_writes_nothing(client: Client) -> None:
    with pytest.raises(RawQueryError, match="read-only"), client.transaction(read_only=True) as tx:
        tx.execute(ADD, "red")


def test_a_pool_whose_connections_are_all_lent_says_who_has_them(shop_url: str, shop_schema: Schema) -> None:
    with (
        SyncShop(schema=shop_schema, url=f"{shop_url}&connection_limit=1&pool_timeout=0.1") as shop,
        shop.transaction(),
    ):
        with pytest.raises(PoolTimeoutError, match="a transaction begun in thread") as caught:
            shop.query_raw("SELECT 1")
        assert caught.value.code == "P2024"


def test_a_keyboard_interrupt_ends_the_statement_on_the_server_too(shop: SyncShop, database: Database) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            shop.execute_raw("INSERT INTO \"Tag\" (name) SELECT 'red' FROM pg_sleep(30)")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert eventually(lambda: not sleeping(database))
    assert tags_in(database) == []
    assert shop.execute_raw(ADD, "blue") == 1


# -- connections that do not come about --------------------------------------------------------------------------------
def refused(url: str, schema: Schema) -> list[InfraError]:
    """What both interfaces say of a URL."""
    with pytest.raises(InfraError) as sync:
        SyncShop(schema=schema, url=url).connect()
    with pytest.raises(InfraError) as through_asyncio:
        asyncio.run(AsyncShop(schema=schema, url=url).connect())
    return [sync.value, through_asyncio.value]


def changed(url: str, **parts: str) -> str:
    return urlunsplit(urlsplit(url)._replace(**parts))


def test_a_server_that_is_not_there_is_named_without_the_password(shop_schema: Schema) -> None:
    for error in refused("postgresql://ada:secret@127.0.0.1:9/shop", shop_schema):
        assert isinstance(error, ConnectionError)
        assert error.code == "P1001"
        assert "Can't reach database server at `127.0.0.1`:`9`" in str(error)
        assert "secret" not in str(error)
        assert "\n" not in str(error)


def test_a_host_that_does_not_exist_is_named(shop_schema: Schema) -> None:
    for error in refused("postgresql://ada:secret@nowhere.invalid/shop", shop_schema):
        assert error.code == "P1001"
        assert "nowhere.invalid" in str(error)


def test_a_database_that_does_not_exist_is_named(shop_url: str, shop_schema: Schema) -> None:
    for error in refused(changed(shop_url, path="/no_such_shop"), shop_schema):
        assert isinstance(error, DatabaseNotFoundError)
        assert "`no_such_shop`" in str(error)
        assert error.code == "P1003"


def test_a_user_that_does_not_exist_is_told_apart_from_a_server_that_is_not_there(
    shop_url: str, shop_schema: Schema
) -> None:
    host = urlsplit(shop_url).netloc.rpartition("@")[2]
    for error in refused(changed(shop_url, netloc=f"nobody:secret@{host}"), shop_schema):
        assert isinstance(error, AuthenticationFailedError)
        assert "`nobody`" in str(error)
        assert "secret" not in str(error)
        assert error.code == "P1000"


def test_a_server_that_does_not_answer_is_waited_for_no_longer_than_connect_timeout(shop_schema: Schema) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        for error in refused(f"postgresql://ada:secret@127.0.0.1:{port}/shop?connect_timeout=1", shop_schema):
            assert error.code == "P1002"
            assert "no answer came" in str(error)
        assert time.monotonic() - began < 6


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
