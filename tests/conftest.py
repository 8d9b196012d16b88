"""Fixtures every test may use: scratch databases on the real servers, Prisma's parser, and the goldens' switch."""

from __future__ import annotations

import itertools
import os
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests import prisma_parser as prisma
from tests import servers

if TYPE_CHECKING:
    from tests.databases import Databases

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write what is made now into the golden files")


@pytest.fixture(scope="session")
def update_goldens(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-goldens"))


@pytest.fixture(scope="session")
def prisma_parser() -> Iterator[prisma.PrismaParser]:
    """Prisma's own parser, kept running."""
    program = prisma.program()
    if program is None:
        pytest.skip(f"{prisma.VARIABLE} names no folder with Prisma's parser, or there is no node")
    parser = prisma.PrismaParser(program)
    yield parser
    parser.close()


def _url_or_skip(server: servers.Server) -> str:
    if server.url is None:
        if os.environ.get("CI"):
            pytest.fail(f"{server.reason} (with CI set no test may be skipped for want of a server)")
        pytest.skip(server.reason)
    return server.url


def _scratch_name() -> str:
    return f"infra_gen_test_{os.getpid()}_{next(_numbers)}"


def _with_database(url: str, name: str) -> str:
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def scratch_postgresql() -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database, dropped at the end."""
    import psycopg
    from psycopg import sql

    server, name = _url_or_skip(servers.postgresql()), _scratch_name()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield _with_database(server, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def connect_mysql(url: str) -> Any:
    """A connection to the server of `url` as it is without a client of ours, outside any database."""
    import pymysql

    parts = urllib.parse.urlsplit(url)
    return pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=urllib.parse.unquote(parts.username or "root"),
        password=urllib.parse.unquote(parts.password or ""),
        autocommit=True,
    )


@contextmanager
def scratch_mysql() -> Iterator[str]:
    """The URL of a new, empty MariaDB or MySQL database, dropped at the end."""
    server, name = _url_or_skip(servers.mysql()), _scratch_name()
    connection = connect_mysql(server)
    try:
        connection.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        yield _with_database(server, name)
    finally:
        connection.cursor().execute(f"DROP DATABASE IF EXISTS {name}")
        connection.close()


SCRATCH: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "postgresql": scratch_postgresql,
    "mysql": scratch_mysql,
}


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """One database of each kind for all tests of a worker: see `tests.databases`."""
    from tests.databases import all_databases

    with all_databases(tmp_path_factory.mktemp("databases")) as found:
        yield found


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    with scratch_postgresql() as url:
        yield url


@pytest.fixture
def mysql_url() -> Iterator[str]:
    with scratch_mysql() as url:
        yield url
