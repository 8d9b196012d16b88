"""What others do to a server while a test runs: end its sessions, hold its locks, restart it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from tests.databases import Database
from tests.drivers.slow import eventually

SESSIONS = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mysql": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}
RUNNING = {
    "postgresql": "AND state = 'active' AND query LIKE '%pg_sleep(%'",
    "mysql": "AND info LIKE '%sleep(%'",
}
ENDING = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}
SLEEP = {"postgresql": "pg_sleep({})", "mysql": "sleep({})"}
"""A call that takes as many seconds."""


def sessions(database: Database) -> set[int]:
    """The sessions that others have in the database."""
    return {number for (number,) in database.query(SESSIONS[database.provider])}


def end_sessions(database: Database) -> None:
    """What a restart of the server does to every connection there is now."""
    ended = sessions(database)
    for number in ended:
        # One that is gone by itself cannot be killed.
        with contextlib.suppress(Exception):
            database.query(ENDING[database.provider].format(number))
    assert eventually(lambda: not ended & sessions(database))


def is_sleeping(database: Database) -> bool:
    """Does a session run `SLEEP` right now?"""
    return bool(database.query(f"{SESSIONS[database.provider]} {RUNNING[database.provider]}"))


def end_once_asleep(database: Database) -> None:
    """Ends the sessions as soon as one of them sleeps."""
    assert eventually(lambda: is_sleeping(database))
    end_sessions(database)


@contextlib.contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[None]:
    """`work` in another thread, while the block runs; what it raises is raised after the block."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        if raised:
            raise raised[0]
