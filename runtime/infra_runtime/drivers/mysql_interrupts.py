"""Stopping a statement from outside: `KILL QUERY`, sent from a connection of its own by a thread of its own.

A kill names a connection, not a statement: one that comes late would stop the next statement. So a statement does not end, as far as
this process is concerned, while a kill of it is on its way. Imports nothing of the runtime.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

RENEW_EVERY = 0.05
"""Seconds. A kill that comes before its statement has begun stops nothing; so it is sent again while the statement runs."""
PATIENCE = 5.0
"""Seconds after which a statement that no kill stops is left alone with its server, its connection cut."""
KEPT_FOR = 10.0
"""Seconds that an idle thread keeps its connection."""

_log = logging.getLogger("infra_runtime")


class Running:
    """The statement that a connection runs. `end` comes from whoever ran it, everything else from the thread that stops it."""

    __slots__ = ("connection_id", "cut", "is_active", "lock", "number", "requested")

    def __init__(self, cut: Callable[[], None]) -> None:
        self.lock = threading.Lock()
        self.is_active = False
        self.number = 0
        """Which statement of the connection it is."""
        self.requested = -1
        """The number of the last statement that was to be stopped."""
        self.connection_id = 0
        self.cut = cut
        """Closes the connection's socket, from any thread."""

    def end(self) -> None:
        """Waits for a kill that is on its way."""
        with self.lock:
            self.is_active = False
            self.number += 1

    def try_to_end(self) -> bool:
        """`end`, without waiting: False while a kill is on its way."""
        if not self.lock.acquire(blocking=False):
            return False
        self.is_active = False
        self.number += 1
        self.lock.release()
        return True


class _Request:
    """A statement to stop, and since when."""

    __slots__ = ("number", "running", "since")

    def __init__(self, running: Running) -> None:
        self.running = running
        self.number = running.number
        self.since: float | None = None


class Killer(Protocol):
    """A connection to the same server, from which to kill."""

    def query(self, sql: str) -> object: ...

    def close(self) -> None:
        """Never raises."""


class Interrupter:
    """Stops statements at their time. Its thread starts with the first request, and again in a forked child."""

    def __init__(self, connect: Callable[[], Killer]) -> None:
        self._connect = connect
        self._due: list[tuple[float, int, _Request]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._process: int | None = None

    def stop_at(self, when: float, running: Running) -> None:
        """Stops the statement that `running` runs now, from `when` on (on the clock of `time.monotonic`), until it ends."""
        self._add(when, _Request(running))

    def stop(self, running: Running) -> None:
        """Stops the statement that `running` runs now, if any. Asking again changes nothing."""
        if running.is_active and running.requested != running.number:
            running.requested = running.number
            self._add(time.monotonic(), _Request(running))

    def end(self, connection_id: int) -> None:
        """Ends a session that was given up with its statement still running: in this thread, which may be the process's last. Never raises."""
        try:
            killer = self._connect()
            killer.query(f"KILL CONNECTION {connection_id:d}")
            killer.close()
        except Exception as error:
            _log.debug("a session could not be ended: %s", error)

    def _add(self, when: float, request: _Request) -> None:
        if self._process != os.getpid():
            # What a parent waited for is none of its child's business.
            self._due, self._changed, self._process = [], threading.Condition(), os.getpid()
            self._start()
        with self._changed:
            if self._process is None:
                self._process = os.getpid()
                self._start()
            heapq.heappush(self._due, (when, next(self._order), request))
            if self._due[0][2] is request:
                self._changed.notify()

    def _start(self) -> None:
        threading.Thread(target=self._work, name="infra-mysql-interrupts", daemon=True).start()

    def _work(self) -> None:
        killer: Killer | None = None
        while True:
            with self._changed:
                idle_until = time.monotonic() + KEPT_FOR
                while not self._due or self._due[0][0] > time.monotonic():
                    now = time.monotonic()
                    if not self._due and now >= idle_until:
                        self._process = None
                        break
                    self._changed.wait((self._due[0][0] if self._due else idle_until) - now)
                if self._process is None:
                    break
                request = heapq.heappop(self._due)[2]
            killer = self._serve(request, killer)
            del request
        if killer is not None:
            killer.close()

    def _serve(self, request: _Request, killer: Killer | None) -> Killer | None:
        """Kills once, and asks for the next time. A connection to kill from that cannot be had is tried for again."""
        running = request.running
        if running.number != request.number:
            return killer
        now = time.monotonic()
        request.since = request.since or now
        out_of_patience = now - request.since > PATIENCE
        try:
            killer = killer or self._connect()
            with running.lock:
                if running.number == request.number and running.is_active:
                    what = "CONNECTION" if out_of_patience else "QUERY"
                    killer.query(f"KILL {what} {running.connection_id:d}")
        except Exception as error:
            _log.debug("a statement could not be stopped: %s", error)
            if killer is not None:
                killer.close()
            killer = None
        if out_of_patience:
            with running.lock:
                if running.number == request.number and running.is_active:
                    running.cut()
            return killer
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + RENEW_EVERY, next(self._order), request))
        return killer
