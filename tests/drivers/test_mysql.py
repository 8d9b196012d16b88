"""What is MySQL's and MariaDB's alone: sessions, modes, kills, TLS. What all servers promise is in the other modules of this folder."""

from __future__ import annotations

import contextlib
import socket
import time
from urllib.parse import urlsplit

import pymysql
import pytest

from infra_runtime import (
    ConfigurationError,
    InputError,
    OperationTimeoutError,
    RawQueryError,
    UniqueViolationError,
    WriteConflictError,
)
from infra_runtime.drivers import mysql_interrupts
from infra_runtime.drivers.mysql import PymysqlWire
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from infra_runtime.urls import parse_url
from tests.conftest import connect_mysql
from tests.databases import Database, Databases
from tests.drivers.outside import end_sessions
from tests.drivers.slow import tags_in
from tests.drivers.urls import changed, refused
from tests.runtime.conftest import Client, SyncShop

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'


@pytest.fixture
def database(databases: Databases) -> Database:
    """These tests are about MySQL alone."""
    return databases("mysql")


# -- time and locks ----------------------------------------------------------------------------------------------------
def test_connections_that_idled_too_long_for_the_server_are_replaced(client: Client) -> None:
    client.query("SET SESSION wait_timeout = 1")
    time.sleep(1.3)
    assert client.execute(ADD, "blue") == 1


def test_a_lock_that_does_not_come_free_is_a_write_conflict(client: Client) -> None:
    client.execute(ADD, "red")
    with client.transaction() as tx:
        tx.execute("UPDATE \"Tag\" SET name = 'blue'")
        with pytest.raises(WriteConflictError) as caught, client.transaction() as other:
            other.execute("SET innodb_lock_wait_timeout = 1")
            other.execute("UPDATE \"Tag\" SET name = 'green'")
        assert caught.value.code == "P2034"


def test_a_statement_that_cannot_be_killed_is_left_alone_with_its_server(
    shop_url: str, shop_schema: Schema, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_interrupts, "PATIENCE", 0.2)
    name = urlsplit(shop_url).path.strip("/")
    # Whoever may have one connection has none to kill from.
    database.query("CREATE OR REPLACE USER infra_gen_alone IDENTIFIED BY 'secret' WITH MAX_USER_CONNECTIONS 1")
    database.query(f"GRANT ALL ON `{name}`.* TO infra_gen_alone")
    try:
        host = urlsplit(shop_url).netloc.rpartition("@")[2]
        alone = changed(shop_url, netloc=f"infra_gen_alone:secret@{host}")
        with SyncShop(schema=shop_schema, url=alone) as shop:
            began = time.monotonic()
            sleep = Operation("query_raw", None, {"query": "SELECT sleep(30)", "parameters": ()})
            with pytest.raises(OperationTimeoutError, match="Operations timed out"):
                shop.execute(sleep, {"timeout": 0.1})
            assert time.monotonic() - began < 20
    finally:
        end_sessions(database)
        database.query("DROP USER infra_gen_alone")


# -- sessions ----------------------------------------------------------------------------------------------------------
def test_a_session_speaks_utf8_in_utc_and_cuts_no_value(client: Client) -> None:
    [session] = client.query(
        "SELECT @@time_zone AS zone, @@character_set_client AS client, @@character_set_results AS results, @@autocommit AS auto, "
        "@@sql_mode AS mode, @@lc_messages AS language"
    )
    assert (session["zone"], session["client"], session["results"], session["auto"]) == (
        "+00:00",
        "utf8mb4",
        "utf8mb4",
        1,
    )
    assert session["language"] == "en_US"
    assert "STRICT_TRANS_TABLES" in session["mode"]


@pytest.mark.parametrize(
    "text", ["it's", "back\\slash", "\\", "'", "\\'; DROP TABLE Tag; -- ", "%s %d %%", "\x00\x1a\n\r\t", "é😀"]
)
@pytest.mark.parametrize("mode", ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES"])
def test_text_is_data_in_every_mode(shop: SyncShop, text: str, mode: str) -> None:
    with shop.transaction() as tx:
        tx.execute_raw("SET sql_mode = ?", mode)
        tx.execute_raw("INSERT INTO Tag (name) VALUES (?)", text)
        try:
            assert tx.query_raw("SELECT name FROM Tag WHERE name = ?", text) == [{"name": text}]
        finally:
            tx.execute_raw("SET sql_mode = 'STRICT_TRANS_TABLES'")


def test_a_second_statement_in_a_raw_query_is_refused(client: Client, database: Database) -> None:
    with pytest.raises(RawQueryError):
        client.execute("INSERT INTO Tag (name) VALUES ('red'); DELETE FROM Tag")
    assert tags_in(database) == []


def test_values_that_no_statement_can_hold_are_refused(client: Client) -> None:
    with pytest.raises(InputError, match="lone surrogate"):
        client.query("SELECT ?", "\ud800")
    with pytest.raises(InputError, match="no number"):
        client.query("SELECT ?", float("inf"))
    with pytest.raises(RawQueryError, match="2 placeholders, and 1 values"):
        client.query("SELECT ?, ?", 1)


def test_an_update_counts_the_rows_that_match_and_an_insert_those_it_made(client: Client) -> None:
    client.execute(ADD, "red")
    assert client.execute("UPDATE \"Tag\" SET name = 'red'") == 1
    assert client.run("update_many", "Tag", data={"label": "red"}) == 1
    assert client.run("create_many", "Tag", data=[{"label": "red"}, {"label": "blue"}], skip_duplicates=True) == 1


def test_rows_that_are_too_many_bytes_for_one_statement_take_several(client: Client, database: Database) -> None:
    [(limit,)] = database.query("SELECT @@max_allowed_packet")
    picture = b"'\\\x00\xff" * (limit // 160)
    data = [{"email": str(number), "avatar": picture} for number in range(60)]
    assert sum(len(user["avatar"]) for user in data) > limit
    assert client.run("create_many", "User", data=data) == 60
    assert client.run("count", "User", where={"avatar": picture}) == 60


def test_a_key_of_any_name_is_told_by_its_fields(client: Client, database: Database) -> None:
    database.query("ALTER TABLE `Tag` RENAME INDEX `Tag_name_key` TO `whatever`")
    try:
        client.run("create", "Tag", data={"label": "red"})
        with pytest.raises(UniqueViolationError) as caught:
            client.run("create", "Tag", data={"label": "red"})
        assert caught.value.fields == ("label",)
    finally:
        database.query("ALTER TABLE `Tag` RENAME INDEX `whatever` TO `Tag_name_key`")


def test_an_error_behind_a_procedures_first_rows_is_its_answer(client: Client, database: Database) -> None:
    database.query(
        "CREATE PROCEDURE late() BEGIN SELECT 1 AS one; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too late'; END"
    )
    try:
        with pytest.raises(RawQueryError, match="too late"):
            client.query("CALL late()")
        assert client.query("SELECT 3 AS three") == [{"three": 3}]
    finally:
        database.query("DROP PROCEDURE late")


def test_a_procedures_first_rows_are_its_answer(client: Client, database: Database) -> None:
    database.query("CREATE PROCEDURE two() BEGIN SELECT 1 AS one; SELECT 2 AS two; END")
    try:
        assert client.query("CALL two()") == [{"one": 1}]
        assert client.query("SELECT 3 AS three") == [{"three": 3}]
    finally:
        database.query("DROP PROCEDURE two")


# -- connections that do not come about --------------------------------------------------------------------------------
def test_a_url_that_names_no_database_is_refused(shop_url: str, shop_schema: Schema) -> None:
    for error in refused(changed(shop_url, path=""), shop_schema):
        assert isinstance(error, ConfigurationError)
        assert "names no database" in str(error)


def test_a_server_without_tls_is_not_spoken_to_where_the_url_wants_it(shop_url: str, shop_schema: Schema) -> None:
    connection = connect_mysql(shop_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@have_ssl")
        has_tls = cursor.fetchone()[0] == "YES"
    connection.close()
    if has_tls:
        pytest.skip("the server has TLS")
    for error in refused(f"{shop_url}?sslaccept=strict", shop_schema):
        assert error.code == "P1011"


@pytest.mark.parametrize(
    "parameters", ["sslaccept=maybe", "sslcert=/no/such/file.pem", "sslidentity=/no/such/file.p12"]
)
def test_tls_parameters_that_make_no_sense_are_refused(shop_url: str, shop_schema: Schema, parameters: str) -> None:
    for error in refused(f"{shop_url}?{parameters}", shop_schema):
        assert isinstance(error, ConfigurationError)
        assert parameters.partition("=")[0] in str(error)


def test_mariadb_urls_and_sockets(shop_url: str, shop_schema: Schema) -> None:
    assert shop_url.startswith("mysql://")
    connection = connect_mysql(shop_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@socket")
        path = cursor.fetchone()[0]
    connection.close()
    urls = [shop_url.replace("mysql:", "mariadb:", 1)]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as reachable:
        reachable.connect(path)
        urls.append(f"{shop_url}?socket={path}")
    for url in urls:
        with SyncShop(schema=shop_schema, url=url) as shop:
            assert shop.query_raw("SELECT 1 AS one") == [{"one": 1}]


# -- the library -----------------------------------------------------------------------------------------------------
ANSWERED = {"rows", "description", "affected_rows", "insert_id", "message", "has_next"}


def test_pymysql_has_what_is_used_of_it_beyond_its_public_names(shop_url: str) -> None:
    wire = PymysqlWire(parse_url(shop_url), None)
    try:
        wire.query(b"INSERT INTO `Tag` (name) VALUES ('red')")
        wire.query(b"UPDATE `Tag` SET name = 'red'")
        assert {name for name in ANSWERED if hasattr(wire.result, name)} == ANSWERED
        assert b"Rows matched: 1" in wire.result.message
        assert isinstance(wire._raw._sock, socket.socket)
        assert wire.ping(0.1)
        assert wire._raw._read_timeout is None
        # The limit was for the ping alone.
        wire.query(b"SELECT sleep(0.2)")
        wire._raw._read_timeout = 0.1
        with pytest.raises(pymysql.OperationalError, match="timed out"):
            wire._raw.query("SELECT sleep(2)")
        assert not wire.is_alive
        assert hasattr(wire._raw, "_write_timeout")
    finally:
        wire.close()
