"""Statements that never end by themselves, and ways to see what a database holds from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.databases import Database

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c /* for ever */) SELECT count(*) AS n FROM c"
ENDLESS_WRITE = """INSERT INTO "Tag" (name)
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c /* for ever */) SELECT 'tag ' || n FROM c"""


def tags_in(database: Database) -> list[str]:
    """The tags that another process would see."""
    table = "`Tag`" if database.provider == "mysql" else '"Tag"'
    return sorted(name for (name,) in database.query(f"SELECT name FROM {table}"))


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Does it hold within the time?"""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
