"""URLs: every form that Prisma takes, the plain ones, and what is said about the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_runtime.errors import ConfigurationError, UnsupportedDatabaseError
from infra_runtime.urls import DatabaseUrl, parse_url

SCHEMA_FOLDER = Path("/app/prisma")
HERE = Path().absolute()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("file:./dev.db", "/app/prisma/dev.db"),
        ("file:dev.db", "/app/prisma/dev.db"),
        ("file:../dev.db", "/app/prisma/../dev.db"),
        ("file:/data/dev.db", "/data/dev.db"),
        ("file:///data/dev.db", "/data/dev.db"),
        ("file:./dev.db?connection_limit=1", "/app/prisma/dev.db"),
        ("sqlite:///dev.db", f"{HERE}/dev.db"),
        ("sqlite:////data/dev.db", "/data/dev.db"),
        ("sqlite:dev.db", f"{HERE}/dev.db"),
    ],
)
def test_a_file_url_is_relative_to_the_schema_and_a_sqlite_url_to_the_working_directory(text: str, path: str) -> None:
    assert parse_url(text, folder=SCHEMA_FOLDER).path == path


@pytest.mark.parametrize(
    "text",
    [
        "sqlite://:memory:",
        "sqlite:///:memory:",
        "sqlite::memory:",
        "sqlite://",
        "file::memory:",
        ":memory:",
        "file:x?mode=memory",
    ],
)
def test_memory_has_many_spellings(text: str) -> None:
    assert parse_url(text).is_memory


def test_a_postgresql_url_with_all_its_parameters() -> None:
    url = parse_url(
        "postgresql://ada:p%40ss@db.example:5433/shop?schema=sales&connection_limit=7&pool_timeout=3"
        "&socket_timeout=4&connect_timeout=5&pgbouncer=true&sslmode=require&unheard=of"
    )
    assert (url.provider, url.host, url.port, url.database) == ("postgresql", "db.example", 5433, "shop")
    assert (url.user, url.password) == ("ada", "p@ss")
    assert (url.schema, url.connection_limit, url.pool_timeout, url.socket_timeout) == ("sales", 7, 3, 4)
    assert (url.connect_timeout, url.pgbouncer) == (5, True)
    assert (url.parameters["sslmode"], url.parameters["unheard"]) == ("require", "of")


@pytest.mark.parametrize(
    ("text", "provider", "host", "port"),
    [
        ("postgres://localhost/shop", "postgresql", "localhost", 5432),
        ("postgresql:///shop", "postgresql", "localhost", 5432),
        ("postgresql://u@localhost/shop?host=/var/run/postgresql", "postgresql", "/var/run/postgresql", 5432),
        ("postgresql://[::1]:6000/shop", "postgresql", "::1", 6000),
        ("mysql://root@127.0.0.1/shop", "mysql", "127.0.0.1", 3306),
        ("mariadb://root@127.0.0.1:3307/shop", "mysql", "127.0.0.1", 3307),
        ("mysql://root@localhost/shop?socket=/tmp/mysql.sock", "mysql", "/tmp/mysql.sock", 3306),
    ],
)
def test_servers(text: str, provider: str, host: str, port: int) -> None:
    url = parse_url(text)
    assert (url.provider, url.host, url.port, url.database) == (provider, host, port, "shop")


def test_a_url_for_another_provider_is_refused_and_says_what_fits() -> None:
    with pytest.raises(ConfigurationError, match=r"is for mysql .* provider is postgresql.* postgresql: or postgres:"):
        parse_url("mysql://root:secret@localhost/shop", provider="postgresql")


@pytest.mark.parametrize(
    "text", ["mongodb://x/y", "sqlserver://x;database=y", "cockroachdb://x/y", "prisma://x/?api_key=k"]
)
def test_other_databases_are_refused(text: str) -> None:
    with pytest.raises(UnsupportedDatabaseError, match="use sqlite, postgresql or mysql"):
        parse_url(text)


@pytest.mark.parametrize("text", ["", "dev.db", "oracle://x/y", "file:", "postgresql:shop"])
def test_what_is_no_url_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_url(text)


@pytest.mark.parametrize("parameters", ["connection_limit=0", "connection_limit=many", "connection_limit=1.5"])
def test_a_limit_that_is_no_count_is_refused(parameters: str) -> None:
    with pytest.raises(ConfigurationError, match="connection_limit"):
        _ = parse_url(f"file:x.db?{parameters}").connection_limit


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6), st.sampled_from(["postgresql", "mysql"])
)
def test_no_text_of_a_url_shows_its_password(password: str, provider: str) -> None:
    secret = f"S3cret{password}"
    url = parse_url(f"{provider}://ada:{secret}@localhost/shop?sslpassword={secret}")
    assert url.password == secret
    assert secret not in f"{url} {url!r}"


def test_an_error_does_not_show_the_password_either() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_url("postgresql://ada:s3cret/part@local:host/shop")
    assert "s3cret" not in str(caught.value)


def test_urls_are_values() -> None:
    assert (
        parse_url("sqlite:////data/dev.db") == DatabaseUrl("sqlite", "/data/dev.db") == parse_url("file:/data/dev.db")
    )
