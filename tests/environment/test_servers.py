"""The tests' own servers: found by a variable or at the standard port, else started from wheels; never skipped in silence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the wheels of servers are for POSIX")


@pytest.fixture
def closed() -> str:
    """A URL at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"any://127.0.0.1:{free.getsockname()[1]}"


def test_a_variable_beats_everything(closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFRA_TEST_SOME_URL", "any://elsewhere:1")
    assert servers.find("INFRA_TEST_SOME_URL", closed, lambda: None, "Some").url == "any://elsewhere:1"


def test_a_server_at_the_standard_port_is_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"any://127.0.0.1:{listening.getsockname()[1]}"
        assert servers.find("INFRA_TEST_SOME_URL", url, lambda: "any://wheel", "Some").url == url


def test_none_says_what_to_set(closed: str) -> None:
    found = servers.find("INFRA_TEST_SOME_URL", closed, lambda: None, "Some")
    assert (found.url, found.reason) == (None, f"no Some: set INFRA_TEST_SOME_URL, or start one at {closed}")


@POSIX
def test_postgresql_starts_from_its_wheel_for_root_too(closed: str) -> None:
    import psycopg

    found = servers.find("INFRA_TEST_NO_POSTGRES", closed, servers.postgresql_from_wheel, "PostgreSQL")
    assert found.url is not None
    with psycopg.connect(found.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@POSIX
def test_redis_starts_from_its_wheel(closed: str) -> None:
    import redis

    found = servers.find("INFRA_TEST_NO_REDIS", closed, servers.redis_from_wheel, "Redis")
    assert found.url is not None
    assert redis.Redis.from_url(found.url).ping()


NEEDING = """
import pytest
from tests import servers
from tests.conftest import mysql_url

servers.mysql = lambda: servers.Server(None, "no MariaDB: set INFRA_TEST_MYSQL_URL")

def test_needing(mysql_url: str) -> None: ...
"""


@pytest.mark.parametrize(("ci", "code", "told"), [("", 0, "1 skipped"), ("true", 1, "1 error")])
def test_want_of_a_server_skips_loudly_and_fails_where_CI_is_set(tmp_path: Path, ci: str, code: int, told: str) -> None:
    (tmp_path / "test_needing.py").write_text(NEEDING)
    answer = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            "--rootdir",
            str(tmp_path),
            "-ra",
            ".",
        ],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == code, answer.stdout
    assert told in answer.stdout
    assert "no MariaDB: set INFRA_TEST_MYSQL_URL" in answer.stdout
