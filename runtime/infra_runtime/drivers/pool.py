"""Pools of connections to a server: what the drivers of PostgreSQL and of MySQL share.

A process has connections of its own, and so has an event loop: a forked child, or a second loop, connects anew. A connection is
opened when it is first lent, looked at each time it is lent, and replaced once it is broken. Imports `drivers.base`, `drivers.slots`, `drivers.patient_slots`
and the runtime's `errors`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Generic, Protocol, TypeVar

from infra_runtime.drivers.base import (
    AsyncConnection,
    AsyncPool,
    Connection,
    ConnectionPool,
    PoolOptions,
    PoolStatus,
)
from infra_runtime.drivers.patient_slots import TaskSlots, ThreadSlots
from infra_runtime.drivers.slots import Slots
from infra_runtime.errors import ClientNotConnectedError, PoolTimeoutError


class ServerConnection(Connection, Protocol):
    """A `Connection` that a `ServerPool` lends. Making one does no I/O."""

    def prepare(self, wait: float | None) -> None:
        """Connects within `wait` seconds, anew where the server has closed it meanwhile; no limit is set then. Errors: ConnectionError."""

    def clean(self) -> None:
        """Undoes whatever the last use left behind. Never raises: a connection that cannot is `broken`."""

    def disown(self) -> None:
        """In a forked child: lets go of the parent's socket without a word to the server."""


class AsyncServerConnection(AsyncConnection, Protocol):
    """An `AsyncConnection` that an `AsyncServerPool` lends. Making one does no I/O."""

    broken: bool
    loop: asyncio.AbstractEventLoop
    """The event loop it belongs to."""

    @property
    def is_clean(self) -> bool:
        """Can it be lent again as it is: nothing open, nothing stopped? Asked from any thread."""
        ...

    def is_ready(self) -> bool:
        """Can it be lent as it is, without a word to the server? No limit is set then."""
        ...

    async def prepare(self, wait: float | None) -> None:
        """Connects within `wait` seconds, anew where the server has closed it meanwhile. Errors: ConnectionError."""

    async def clean(self) -> None:
        """Undoes whatever the last use left behind. Never raises: a connection that cannot is `broken`."""

    async def close(self) -> None:
        """Takes leave of the server. Never raises."""

    def abandon(self) -> None:
        """Closes the socket without the event loop, which is closed."""

    def disown(self) -> None:
        """In a forked child: lets go of the parent's socket without a word to the server."""


Lent = TypeVar("Lent", bound=Connection | AsyncConnection)
Sync = TypeVar("Sync", bound=ServerConnection)
Async = TypeVar("Async", bound=AsyncServerConnection)


def default_limit() -> int:
    """How many connections a pool holds where nobody says: Prisma's number."""
    return 2 * (os.cpu_count() or 1) + 1


class _Lane(Generic[Lent]):
    """The connections of one process, and of one event loop in the async interface; and who has those that are lent."""

    def __init__(
        self, make: Callable[[], Lent], limit: int, kind: Callable[[Callable[[], Lent], int], Slots[Lent]] = Slots
    ) -> None:
        self.slots = kind(make, limit)
        self.cleaning: set[asyncio.Task[None]] = set()
        """Tasks that make connections clean again before they are lent."""
        self._limit = limit
        self.lent: dict[Lent, tuple[object, float]] = {}
        """Those that are lent: to whom, and since when on the clock of `time.monotonic`."""

    def timeout(self, wait: float | None) -> PoolTimeoutError:
        """The error of who waited in vain, with who has had a connection longest."""
        held = ""
        lent = list(self.lent.values())
        if lent:
            subject, since = min(lent, key=lambda one: one[1])
            held = f"; {subject} has held one for {time.monotonic() - since:.1f} s"
        return PoolTimeoutError(
            "Timed out fetching a new connection from the connection pool: "
            f"none of {self._limit} came free within {wait or 0:g} s{held}. "
            "Inside a transaction use the transaction's client, keep transactions short, or raise connection_limit"
        )


def _status(lanes: Iterable[_Lane[Any]], limit: int) -> PoolStatus:
    counts = [lane.slots.counts() for lane in lanes]
    lent, idle, waiting = (sum(numbers) for numbers in zip(*counts, strict=True)) if counts else (0, 0, 0)
    return PoolStatus(limit, lent, idle, waiting)


def _left(wait: float | None, began: float) -> float | None:
    return None if wait is None else max(0.0, wait - (time.monotonic() - began))


def _not_connected() -> ClientNotConnectedError:
    return ClientNotConnectedError("the client is not connected: call connect(), or use it as a context manager")


class ServerPool(ConnectionPool[Sync]):
    """A `ConnectionPool` of what `make` makes."""

    def __init__(self, make: Callable[[], Sync], options: PoolOptions) -> None:
        self._make = make
        self._limit = options.limit or max(default_limit(), options.opened)
        self._opened = min(options.opened, self._limit)
        self._lanes: dict[int, _Lane[Sync]] = {}
        """By process."""
        self._is_open = False

    def open(self, wait: float | None) -> None:
        self._is_open = True
        made: list[Sync] = []
        try:
            for _ in range(self._opened):
                made.append(self.acquire(True, "connect()", wait))
            while made:
                self.release(made.pop())
        except BaseException:
            self.close()
            for connection in made:
                self.release(connection)
            raise

    def close(self) -> None:
        self._is_open = False
        lane = self._lanes.pop(os.getpid(), None)
        if lane is not None:
            for connection in lane.slots.drain():
                connection.close()

    def acquire(self, writes: bool, subject: object, wait: float | None) -> Sync:
        lane = self._lanes.get(os.getpid()) or self._new_lane()
        connection, left = lane.slots.take(), wait
        if connection is None:
            began = time.monotonic()
            connection = lane.slots.wait(wait)
            if connection is None:
                raise lane.timeout(wait)
            left = _left(wait, began)
        try:
            connection.prepare(left)
        except BaseException:
            connection.close()
            lane.slots.discard()
            raise
        lane.lent[connection] = (subject, time.monotonic())
        return connection

    def release(self, connection: Sync) -> None:
        process = os.getpid()
        if connection.process != process:
            connection.disown()
            return
        lane = self._lanes.get(process)
        if lane is None or lane.lent.pop(connection, None) is None:
            # The client was disconnected meanwhile.
            connection.close()
            return
        connection.clean()
        if connection.broken:
            connection.close()
            lane.slots.discard()
        else:
            lane.slots.give(connection)

    def status(self) -> PoolStatus:
        lane = self._lanes.get(os.getpid())
        return _status([lane] if lane is not None else [], self._limit)

    def _new_lane(self) -> _Lane[Sync]:
        if not self._is_open:
            raise _not_connected()
        return self._lanes.setdefault(os.getpid(), _Lane(self._make, self._limit, ThreadSlots))


class AsyncServerPool(AsyncPool[Async]):
    """An `AsyncPool` of what `make` makes for an event loop. Each loop that uses it has up to `limit` connections."""

    def __init__(self, make: Callable[[asyncio.AbstractEventLoop], Async], options: PoolOptions) -> None:
        self._make = make
        self._limit = options.limit or max(default_limit(), options.opened)
        self._opened = min(options.opened, self._limit)
        self._lanes: dict[tuple[int, asyncio.AbstractEventLoop], _Lane[Async]] = {}
        """By process and event loop."""
        self._is_open = False

    @property
    def in_one_hop(self) -> None:
        return None

    async def open(self, wait: float | None) -> None:
        self._is_open = True
        made: list[Async] = []
        try:
            for _ in range(self._opened):
                made.append(await self.acquire(True, "connect()", wait))
            while made:
                self.release(made.pop())
        except BaseException:
            await self.close()
            for connection in made:
                self.release(connection)
            raise

    async def close(self) -> None:
        self._is_open = False
        process, here = os.getpid(), asyncio.get_running_loop()
        own = [key for key in self._lanes if key[0] == process]
        for key in own:
            lane, loop = self._lanes.pop(key), key[1]
            if loop is here:
                while lane.cleaning:
                    await asyncio.wait(lane.cleaning)
            for connection in lane.slots.drain():
                if loop is here:
                    await connection.close()
                else:
                    self._later(lane, connection, connection.close())

    async def acquire(self, writes: bool, subject: object, wait: float | None) -> Async:
        lane = self._lanes.get((os.getpid(), asyncio.get_running_loop())) or self._new_lane()
        connection, left = lane.slots.take(), wait
        if connection is None:
            began = time.monotonic()
            connection = await lane.slots.wait_async(wait)
            if connection is None:
                raise lane.timeout(wait)
            left = _left(wait, began)
        try:
            if not connection.is_ready():
                await connection.prepare(left)
        except BaseException:
            # What was half opened is closed by whoever opens it; there is nothing to say goodbye to.
            connection.abandon()
            lane.slots.discard()
            raise
        lane.lent[connection] = (subject, time.monotonic())
        return connection

    def release(self, connection: Async) -> None:
        if connection.process != os.getpid():
            connection.disown()
            return
        lane = self._lanes.get((connection.process, connection.loop))
        if lane is not None and lane.lent.pop(connection, None) is not None:
            if connection.is_clean:
                lane.slots.give(connection)
            else:
                self._later(lane, connection, self._recover(lane, connection))
        else:
            # The client was disconnected meanwhile.
            self._later(_Lane(lambda: connection, 1), connection, connection.close())

    def status(self) -> PoolStatus:
        return _status(
            [lane for (process, _), lane in list(self._lanes.items()) if process == os.getpid()], self._limit
        )

    async def _recover(self, lane: _Lane[Async], connection: Async) -> None:
        """Makes a connection clean, and lends it again; or makes room for another in its place."""
        await connection.clean()
        if connection.broken:
            await connection.close()
            lane.slots.discard()
        elif (connection.process, connection.loop) in self._lanes:
            lane.slots.give(connection)
        else:
            await connection.close()

    def _later(self, lane: _Lane[Async], connection: Async, work: Coroutine[Any, Any, None]) -> None:
        """Has `work` done by the connection's event loop, from any thread."""

        def start() -> None:
            task = connection.loop.create_task(work)
            lane.cleaning.add(task)
            task.add_done_callback(lane.cleaning.discard)

        try:
            connection.loop.call_soon_threadsafe(start)
        except RuntimeError:
            # The event loop is closed.
            work.close()
            connection.abandon()
            lane.slots.discard()

    def _new_lane(self) -> _Lane[Async]:
        if not self._is_open:
            raise _not_connected()
        for key in [key for key in self._lanes if key[1].is_closed()]:
            lane = self._lanes.pop(key)
            for connection in lane.slots.drain():
                if key[0] == os.getpid():
                    connection.abandon()
                else:
                    connection.disown()
        loop = asyncio.get_running_loop()
        key = (os.getpid(), loop)
        return self._lanes.setdefault(
            key, _Lane(lambda: self._make(loop), self._limit, lambda make, limit: TaskSlots(make, limit, loop))
        )
