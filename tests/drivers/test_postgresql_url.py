"""Prisma's URLs of PostgreSQL in libpq's words."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime import ConfigurationError
from infra_runtime.drivers.postgresql_url import connect_timeout, conninfo, statement_cache_size
from infra_runtime.urls import DatabaseUrl, parse_url


def parsed(rest: str) -> DatabaseUrl:
    return parse_url(f"postgresql://{rest}")


@pytest.mark.parametrize(
    ("rest", "wanted"),
    [
        ("ada:s%40cret@db.x.io:6543/shop", {"host": "db.x.io", "port": 6543, "user": "ada", "password": "s@cret", "dbname": "shop"}),
        ("ada@localhost", {"host": "localhost", "port": 5432, "user": "ada", "dbname": "ada"}),
        ("localhost", {"dbname": "postgres"}),
        ("localhost/shop?host=/run/postgresql", {"host": "/run/postgresql", "dbname": "shop"}),
        ("[::1]:6543/shop", {"host": "::1", "port": 6543}),
        ("one,two:6543/shop", {"host": "one,two", "port": "5432,6543"}),
        ("localhost/shop?schema=till", {"options": '-c search_path="till"'}),
        ('localhost/shop?schema=my%20"till"', {"options": '-c search_path="my\\ ""till"""'}),
        ("localhost/shop?schema=till&options=-c%20work_mem%3D4MB", {"options": '-c work_mem=4MB -c search_path="till"'}),
        ("localhost/shop?application_name=till", {"application_name": "till"}),
        ("localhost/shop?sslmode=require", {"sslmode": "require"}),
        ("localhost/shop?sslmode=require&sslcert=ca.pem", {"sslmode": "require", "sslrootcert": "ca.pem"}),
        ("localhost/shop?sslaccept=strict&sslcert=ca.pem", {"sslmode": "verify-full", "sslrootcert": "ca.pem"}),
        ("localhost/shop?sslaccept=strict", {"sslmode": "verify-full", "sslrootcert": "system"}),
        ("localhost/shop?sslcert=me.pem&sslkey=me.key", {"sslcert": "me.pem", "sslkey": "me.key"}),
    ],
    ids=str,
)  # fmt: skip
def test_what_psycopg_connects_with(rest: str, wanted: dict[str, Any]) -> None:
    info = conninfo(parsed(rest))
    assert {name: info.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("rest", "absent"),
    [
        ("localhost/shop?schema=till&pgbouncer=true", "options"),
        ("localhost/shop?sslmode=require&sslaccept=accept_invalid_certs&sslcert=ca.pem", "sslrootcert"),
        ("localhost/shop?unheard_of=1", "unheard_of"),
    ],
)
def test_what_it_does_not_hear_of(rest: str, absent: str) -> None:
    assert absent not in conninfo(parsed(rest))


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("localhost/shop?sslidentity=me.p12", "sslkey="),
        ("localhost/shop?sslaccept=perhaps", "strict or accept_invalid_certs"),
    ],
)
def test_what_libpq_cannot_do_is_refused_with_what_to_write_instead(rest: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        conninfo(parsed(rest))


def test_times_and_sizes() -> None:
    assert connect_timeout(parsed("localhost/shop")) == 5
    assert connect_timeout(parsed("localhost/shop?connect_timeout=12")) == 12
    assert connect_timeout(parsed("localhost/shop?connect_timeout=0")) is None
    assert statement_cache_size(parsed("localhost/shop")) == 250
    assert statement_cache_size(parsed("localhost/shop?statement_cache_size=0")) == 0
    assert statement_cache_size(parsed("localhost/shop?pgbouncer=true&statement_cache_size=9")) == 0
    with pytest.raises(ConfigurationError, match="statement_cache_size"):
        statement_cache_size(parsed("localhost/shop?statement_cache_size=many"))
