"""Connections that do not come about: each error says what is wrong, in both interfaces, and never the password."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest

from infra_runtime import AuthenticationFailedError, ConnectionError, DatabaseNotFoundError
from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.drivers.urls import changed, refused


@pytest.fixture(params=["postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


def test_a_server_that_is_not_there_is_named_without_the_password(shop_schema: Schema) -> None:
    for error in refused(f"{shop_schema.provider}://ada:secret@127.0.0.1:9/shop", shop_schema):
        assert isinstance(error, ConnectionError)
        assert error.code == "P1001"
        assert "Can't reach database server at `127.0.0.1`:`9`" in str(error)
        assert "secret" not in str(error)
        assert "\n" not in str(error)


def test_a_host_that_does_not_exist_is_named(shop_schema: Schema) -> None:
    for error in refused(f"{shop_schema.provider}://ada:secret@nowhere.invalid/shop", shop_schema):
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
        url = f"{shop_schema.provider}://ada:secret@127.0.0.1:{port}/shop?connect_timeout=1"
        for error in refused(url, shop_schema):
            assert error.code == "P1002"
            assert "no answer came" in str(error)
        # Both interfaces wait for it; as long as they wait by themselves, it would be ten.
        assert time.monotonic() - began < 9
