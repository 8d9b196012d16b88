"""TLS, with servers of the test's own: what each word of the URL asks for, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra_runtime import InfraError
from tests.drivers.urls import refused
from tests.private_servers import Certificate, mariadb, postgresql
from tests.runtime.conftest import AsyncShop, SyncShop
from tests.runtime.schemas import SHOP

POSTGRESQL = replace(SHOP, provider="postgresql")
MYSQL = replace(SHOP, provider="mysql")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def another_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Certificate(tmp_path_factory.mktemp("another")).authority


@pytest.fixture(scope="module")
def postgresql_port(certificate: Certificate) -> Iterator[int]:
    with postgresql(certificate=certificate) as server:
        yield server.port


@pytest.fixture(scope="module")
def mariadb_port(certificate: Certificate) -> Iterator[int]:
    with mariadb(certificate=certificate) as server:
        yield server.port


def answers(url: str, schema: Any, sql: str) -> list[list[dict[str, Any]]]:
    """What both interfaces are answered."""
    with SyncShop(schema=schema, url=url) as shop:
        sync = shop.query_raw(sql)

    async def main() -> list[dict[str, Any]]:
        async with AsyncShop(schema=schema, url=url) as shop:
            return await shop.query_raw(sql)

    return [sync, asyncio.run(main())]


USES_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"


@pytest.mark.parametrize(
    ("parameters", "uses_tls"),
    [
        ("sslmode=disable", False),
        ("sslmode=prefer", True),
        ("sslmode=require", True),
        ("sslmode=require&sslaccept=accept_invalid_certs", True),
    ],
)
def test_postgresql_speaks_tls_as_the_url_says(postgresql_port: int, parameters: str, uses_tls: bool) -> None:
    url = f"postgresql://postgres@127.0.0.1:{postgresql_port}/postgres?{parameters}"
    assert answers(url, POSTGRESQL, USES_TLS) == [[{"ssl": uses_tls}]] * 2


@pytest.mark.parametrize(
    "parameters",
    [
        "sslmode=verify-ca&sslrootcert={}",
        "sslmode=verify-full&sslrootcert={}",
        "sslmode=require&sslaccept=strict&sslcert={}",
    ],
)
def test_postgresqls_certificate_is_verified_against_its_authority(
    postgresql_port: int, certificate: Certificate, another_authority: Path, parameters: str
) -> None:
    url = f"postgresql://postgres@127.0.0.1:{postgresql_port}/postgres?{parameters}"
    assert answers(url.format(certificate.authority), POSTGRESQL, USES_TLS) == [[{"ssl": True}]] * 2
    for error in refused(url.format(another_authority), POSTGRESQL):
        assert error.code == "P1011"
        assert "TLS" in str(error)


def test_a_postgresql_certificate_of_another_host_is_refused_where_the_host_counts(
    postgresql_port: int, certificate: Certificate
) -> None:
    url = f"postgresql://postgres@localhost:{postgresql_port}/postgres?sslrootcert={certificate.authority}&sslmode="
    assert answers(f"{url}verify-ca", POSTGRESQL, USES_TLS) == [[{"ssl": True}]] * 2
    for error in refused(f"{url}verify-full", POSTGRESQL):
        assert error.code == "P1011"


def test_a_cancelled_statement_is_cancelled_through_tls_too(postgresql_port: int) -> None:
    url = f"postgresql://postgres@127.0.0.1:{postgresql_port}/postgres?sslmode=require"

    async def main() -> None:
        async with AsyncShop(schema=POSTGRESQL, url=url) as shop:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(shop.query_raw("SELECT pg_sleep(20)"), 0.2)
            running = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2%' AND state = 'active'"
            assert (await shop.query_raw(f"{running} AND pid <> pg_backend_pid()"))[0]["n"] == 0

    asyncio.run(main())


def test_mariadb_speaks_tls_where_the_url_says_so(mariadb_port: int) -> None:
    url = f"mysql://root@127.0.0.1:{mariadb_port}/shop"
    assert [rows[0]["Value"] for rows in answers(url, MYSQL, CIPHER)] == ["", ""]
    for rows in answers(f"{url}?sslaccept=accept_invalid_certs", MYSQL, CIPHER):
        assert rows[0]["Value"]


def test_mariadbs_certificate_is_verified_against_its_authority(
    mariadb_port: int, certificate: Certificate, another_authority: Path
) -> None:
    url = f"mysql://root@127.0.0.1:{mariadb_port}/shop?sslaccept=strict"
    for rows in answers(f"{url}&sslcert={certificate.authority}", MYSQL, CIPHER):
        assert rows[0]["Value"]
    untrusted: list[InfraError] = [*refused(url, MYSQL), *refused(f"{url}&sslcert={another_authority}", MYSQL)]
    for error in untrusted:
        assert error.code == "P1011"
        assert "certificate" in str(error)


def test_mariadb_cuts_and_kills_through_tls_too(mariadb_port: int) -> None:
    url = f"mysql://root@127.0.0.1:{mariadb_port}/shop?sslaccept=accept_invalid_certs"

    async def main() -> None:
        async with AsyncShop(schema=MYSQL, url=url) as shop:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(shop.query_raw("SELECT sleep(20)"), 0.2)
            assert await shop.query_raw("SELECT 1 AS one") == [{"one": 1}]
            # A stream is left with the server, and given up in its midst.
            rows = "SELECT a.n FROM (SELECT 1 AS n UNION SELECT 2) a"
            assert len(await shop.query_raw(rows)) == 2

    asyncio.run(main())
