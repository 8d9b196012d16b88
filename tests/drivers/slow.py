"""Statements that never end by themselves, and ways to see what a database holds from outside."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) AS n FROM c"
ENDLESS_WRITE = """INSERT INTO "Tag" (name)
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT 'tag ' || n FROM c"""


def tags_in(path: Path) -> list[str]:
    """The tags that another process would see."""
    connection = sqlite3.connect(path)
    try:
        return [name for (name,) in connection.execute('SELECT name FROM "Tag" ORDER BY name')]
    finally:
        connection.close()


def eventually(holds: Callable[[], bool], seconds: float = 3.0) -> bool:
    """Does it hold within the time?"""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
