"""Waiting for sockets in a thread, and the word by which a running statement is told to end, which goes on a socket of its own.

Imports psycopg.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable

import psycopg
from psycopg.pq.abc import PGconn

READ, WRITE = 1, 2
"""What is waited for: that a socket can be read, or written. libpq has the same numbers."""
CANCEL_WAIT = 2.0
"""Seconds that the server has to hear that a statement is to end; a network that is gone would take minutes."""


def cancel(pgconn: PGconn) -> None:
    """Asks the server to end the running statement. From any thread; back once the server has heard it, or does not answer."""
    try:
        if not psycopg.capabilities.has_cancel_safe():
            pgconn.get_cancel().cancel()
            return
        asking, until, need = pgconn.cancel_conn(), time.monotonic() + CANCEL_WAIT, WRITE
        asking.start()
        while need in (READ, WRITE):
            if not poller(asking.socket)(need, max(0.0, until - time.monotonic())):
                break
            need = int(asking.poll())
        asking.finish()
    except psycopg.Error:
        # There is no server to ask, or no connection: whoever waits for the statement will see that.
        return


def never(need: int, seconds: float | None) -> bool:
    return False


def poller(socket: int) -> Callable[[int, float | None], bool]:
    """What waits in its thread until a socket is ready, or seconds have passed (then False)."""
    if not hasattr(select, "poll"):

        def wait(need: int, seconds: float | None) -> bool:
            ready = select.select([socket], [socket] if need & WRITE else [], [], seconds)
            return bool(ready[0] or ready[1])

        return wait
    reading = select.poll()
    reading.register(socket, select.POLLIN)
    poll = reading.poll

    def wait_by_poll(need: int, seconds: float | None) -> bool:
        if need & WRITE:
            both = select.poll()
            both.register(socket, select.POLLIN | select.POLLOUT)
            return bool(both.poll(None if seconds is None else seconds * 1000))
        return bool(poll(None if seconds is None else seconds * 1000))

    return wait_by_poll
