"""Transactions: one connection for a while, savepoints within, a time limit without.

A client runs its operations in a *session*: the executor, a transaction, or a savepoint of one; `begin` and `begin_async`
make the next session down. A transaction past its limit is stopped and rolled back by a watch thread, whoever is asleep, so that
it blocks no one; the next call in it raises TransactionExpiredError. Imports the executor, `errors` and `drivers.base`.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, TypeVar

from infra_runtime.context import OperationContext
from infra_runtime.drivers.base import AsyncConnection, Connection, Isolation, TransactionOptions
from infra_runtime.effects import Program, Stream
from infra_runtime.errors import (
    ClientMisuseError,
    ConfigurationError,
    InfraError,
    OperationTimeoutError,
    PoolTimeoutError,
    TransactionError,
    TransactionExpiredError,
    TransactionNotStartedError,
)
from infra_runtime.executor import (
    AsyncExecutor,
    EffectTable,
    SyncExecutor,
    Work,
    deadline_of,
    drive,
    drive_async,
    next_batch,
    next_batch_async,
    open_stream,
    open_stream_async,
)

_log = logging.getLogger("infra_runtime")
Result = TypeVar("Result")
AnyConnection = TypeVar("AnyConnection", bound=Connection | AsyncConnection)
Status = Literal["open", "committed", "rolled back", "expired", "failed"]

MAX_WAIT = 2.0
"""Seconds to wait for a transaction to begin; Prisma's default."""
TIMEOUT = 5.0
"""Seconds a transaction may take; Prisma's default."""
RENEW_INTERRUPT_EVERY = 0.05
"""Seconds. An interrupt that comes between two statements stops nothing; so it is sent again while the transaction is open."""

ISOLATIONS: dict[str, Isolation] = {
    "readuncommitted": "read_uncommitted",
    "readcommitted": "read_committed",
    "repeatableread": "repeatable_read",
    "snapshot": "snapshot",
    "serializable": "serializable",
}


def isolation_of(name: str | None) -> Isolation | None:
    """The isolation level of a name in Python's spelling or Prisma's. Errors: ConfigurationError for an unknown one."""
    if name is None:
        return None
    found = ISOLATIONS.get(name.replace("_", "").replace(" ", "").lower())
    if found is None:
        raise ConfigurationError(f"unknown isolation level {name!r}: use one of {', '.join(ISOLATIONS.values())}")
    return found


@dataclass(frozen=True, slots=True)
class TransactionRequest:
    """What a caller asks of a transaction. `max_wait` and `timeout` in seconds; None: without limit."""

    options: TransactionOptions
    max_wait: float | None
    timeout: float | None


class Holder:
    """Who has the connection, in words for those who wait for it. Holds no argument's value."""

    __slots__ = ("last", "where")

    def __init__(self) -> None:
        self.where = _here()
        self.last: object = None

    def __str__(self) -> str:
        last = f", last operation {self.last}" if self.last is not None else ""
        return f"a transaction begun in {self.where}{last}"


def _here() -> str:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return f"task {task.get_name()!r}" if task else f"thread {threading.current_thread().name!r}"


class Watch:
    """Calls functions at their time, from one thread that starts with the first. A forked child gets a thread of its own."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._process: int | None = None

    def at(self, when: float, call: Callable[[], None]) -> None:
        """Calls `call` once `time.monotonic()` is `when`. It must not block for long."""
        if self._process != os.getpid():
            self._start()
        with self._changed:
            heapq.heappush(self._due, (when, next(self._order), call))
            if self._due[0][2] == call:
                self._changed.notify()

    def _start(self) -> None:
        self._due = []
        self._changed = threading.Condition()
        self._process = os.getpid()
        threading.Thread(target=self._work, name="infra-transactions", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                call = heapq.heappop(self._due)[2]
            try:
                call()
            except Exception:
                _log.exception("a transaction whose time is over could not be ended")
            # What a call holds must not live until the next one is due.
            del call


_watch = Watch()


class Transaction(Generic[AnyConnection]):
    """What both interfaces share: the state of a transaction, who is in it, and how it ends.

    The lock is held by the operation that runs; one that finds it taken is refused, so that two tasks or threads never mix their
    statements. `status` leaves "open" under the lock only.
    """

    def __init__(
        self,
        connection: AnyConnection,
        release: Callable[[AnyConnection], None],
        effects: EffectTable,
        holder: Holder,
        timeout: float | None,
    ) -> None:
        self.connection = connection
        self.effects = effects
        self.work = Work()
        self.status: Status = "open"
        self._release = release
        self._holder = holder
        self._timeout = timeout
        self._ending: Status | None = None
        """How it is to end as soon as whoever is in it has left."""
        self._lock = threading.Lock()
        self._interrupting = threading.Lock()
        """Held while the connection is interrupted or given back: who gets it next must not be the one who is interrupted."""
        self._names = itertools.count(1)
        self._process = os.getpid()
        self._deadline: float | None = None
        if timeout is not None:
            self._deadline = time.monotonic() + timeout
            _watch.at(self._deadline, self.expire)

    def savepoint_name(self) -> str:
        """A name that no other savepoint of the transaction has."""
        return f"infra_{next(self._names)}"

    def expire(self) -> None:
        """Ends the transaction because its time is over."""
        self._stop("expired")

    def abandon(self) -> None:
        """Ends the transaction without its being asked for nicely: an operation that is still running in it is stopped."""
        if self._process == os.getpid():
            self._stop("rolled back")

    def _stop(self, status: Status) -> None:
        if self.status != "open":
            return
        self._ending = self._ending or status
        if not self._lock.acquire(blocking=False):
            # Whoever is in it leaves with an error, and ends it.
            with self._interrupting:
                if self.status == "open":
                    self.connection.interrupt()
            _watch.at(time.monotonic() + RENEW_INTERRUPT_EVERY, partial(self._stop, status))
            return
        try:
            if self.status == "open":
                self.end(self._ending)
        finally:
            self._lock.release()

    def enter(self, subject: object) -> None:
        """Claims the transaction for one operation. Errors: of a transaction that is over or busy."""
        self.check()
        if not self._lock.acquire(blocking=False):
            self.check()
            raise ClientMisuseError(
                "the transaction is in use by another task or thread: it has one connection and does one thing at a time; "
                "run its operations one after the other, or give each task a transaction of its own"
            )
        if self.status == "open" and self._deadline is not None and time.monotonic() >= self._deadline:
            # The watch thread is late on a busy machine.
            self.end(self._ending or "expired")
        if self.status != "open" or self._ending is not None:
            self._lock.release()
            self.check()
        self._holder.last = subject

    def leave(self, error: BaseException | None) -> None:
        """Lets the next operation in, or ends a transaction that cannot go on."""
        try:
            if self.status != "open":
                return
            if self._ending is not None:
                self.end(self._ending)
            elif not self.connection.in_transaction or (error is not None and not isinstance(error, Exception)):
                # The database ended it by itself (a full disk, an interrupt), or the operation was cancelled half-way.
                self.end("failed")
        finally:
            self._lock.release()

    def check(self) -> None:
        """Errors: if the transaction is over, or is another process's."""
        if self._process != os.getpid():
            raise ClientMisuseError("a transaction belongs to the process that began it, not to its children")
        status = self._ending or self.status
        if status == "expired":
            raise TransactionExpiredError(
                f"Transaction already closed: its time limit of {self._timeout:g} s passed, and it was rolled back"
            )
        if status == "failed":
            raise TransactionError(
                "Transaction already closed: an operation in it was cancelled or stopped, and it was rolled back"
            )
        if status != "open":
            raise TransactionNotStartedError(f"Transaction already closed: it was {status}")

    def perform(self, connection: Connection, program: Program[Result], deadline: float | None) -> Result:
        """Drives a program on the sync connection, within a savepoint if it may have to be undone alone."""
        if deadline is not None:
            connection.limit(deadline)
        try:
            if program.mode in ("read", "write"):
                return drive(program.steps, connection, self.effects, self.work)
            return self._perform_in_savepoint(connection, program)
        finally:
            if deadline is not None:
                connection.limit(None)

    def _perform_in_savepoint(self, connection: Connection, program: Program[Result]) -> Result:
        name, told = self.savepoint_name(), len(self.work.after_commit)
        connection.savepoint(name)
        try:
            result = drive(program.steps, connection, self.effects, self.work)
        except BaseException as error:
            del self.work.after_commit[told:]
            if self._can_undo(connection, error):
                connection.rollback_to_savepoint(name)
            raise
        connection.release_savepoint(name)
        return result

    def _can_undo(self, connection: Connection | AsyncConnection, error: BaseException) -> bool:
        """Can the transaction go on after a failed operation? Not if it was stopped, or the database ended it."""
        return connection.in_transaction and isinstance(error, Exception) and self._ending is None

    def end(self, status: Status) -> None:
        """Gives the connection back to the pool, which rolls back what is still open. Called under the lock."""
        with self._interrupting:
            self.status = status
        self._release(self.connection)


class SyncTransaction(Transaction[Connection]):
    """A session of the sync interface, on one connection."""

    def run(self, program: Program[Result], context: OperationContext, subject: object) -> Result:
        """Runs `program` in the transaction; an atomic one that fails undoes itself alone."""
        with self.entered(subject) as connection:
            return self.perform(connection, program, deadline_of(context, None))

    def stream(self, stream: Stream[Result], context: OperationContext, subject: object) -> Generator[list[Result]]:
        """The rows of `stream`, batch by batch; between batches the transaction is free for other operations."""
        deadline = deadline_of(context, None)
        with self._until(deadline, subject) as connection:
            cursor = open_stream(connection, stream, self.effects)
        try:
            while True:
                with self._until(deadline, subject) as connection:
                    rows = next_batch(connection, cursor, stream, self.effects)
                if not rows:
                    return
                yield rows
        finally:
            # With the transaction, its cursors are gone.
            with suppress(InfraError), self.entered(subject):
                cursor.close()

    @contextmanager
    def _until(self, deadline: float | None, subject: object) -> Iterator[Connection]:
        """The connection, claimed for the block, whose statements end at `deadline`."""
        with self.entered(subject) as connection:
            if deadline is None:
                yield connection
                return
            connection.limit(deadline)
            try:
                yield connection
            finally:
                connection.limit(None)

    def commit(self) -> None:
        with self.entered("commit()") as connection:
            connection.commit()
            self.end("committed")
        self.work.committed()

    def rollback(self) -> None:
        with self.entered("rollback()") as connection:
            connection.rollback()
            self.end("rolled back")

    @contextmanager
    def entered(self, subject: object) -> Iterator[Connection]:
        """The connection, claimed for the block."""
        self.enter(subject)
        error: BaseException | None = None
        try:
            yield self.connection
        except BaseException as raised:
            error = raised
            if self._ending is not None and isinstance(raised, InfraError):
                self.check()
            raise
        finally:
            self.leave(error)


class AsyncTransaction(Transaction[AsyncConnection]):
    """A session of the async interface, on one connection."""

    async def run(self, program: Program[Result], context: OperationContext, subject: object) -> Result:
        """Runs `program` in the transaction; an atomic one that fails undoes itself alone."""
        async with self.entered(subject) as connection:
            deadline = deadline_of(context, None)
            if connection.in_one_hop is not None and not self.effects.async_handlers:
                return await connection.in_one_hop(self.perform, program, deadline)  # type: ignore[no-any-return]
            if deadline is None:
                return await self._perform_here(connection, program)
            await connection.limit(deadline)
            try:
                return await self._perform_here(connection, program)
            finally:
                await connection.limit(None)

    async def stream(
        self, stream: Stream[Result], context: OperationContext, subject: object
    ) -> AsyncGenerator[list[Result]]:
        """The rows of `stream`, batch by batch; between batches the transaction is free for other operations."""
        deadline = deadline_of(context, None)
        async with self._until(deadline, subject) as connection:
            cursor = await open_stream_async(connection, stream, self.effects)
        try:
            while True:
                async with self._until(deadline, subject) as connection:
                    rows = await next_batch_async(connection, cursor, stream, self.effects)
                if not rows:
                    return
                yield rows
        finally:
            # With the transaction, its cursors are gone.
            with suppress(InfraError):
                async with self.entered(subject):
                    await cursor.close()

    @asynccontextmanager
    async def _until(self, deadline: float | None, subject: object) -> AsyncIterator[AsyncConnection]:
        """The connection, claimed for the block, whose statements end at `deadline`."""
        async with self.entered(subject) as connection:
            if deadline is None:
                yield connection
                return
            await connection.limit(deadline)
            try:
                yield connection
            finally:
                await connection.limit(None)

    async def commit(self) -> None:
        try:
            async with self.entered("commit()") as connection:
                try:
                    await connection.commit()
                except asyncio.CancelledError:
                    if not connection.in_transaction:
                        # The cancellation came too late: it is durable.
                        self.end("committed")
                    raise
                self.end("committed")
        finally:
            if self.status == "committed":
                self.work.committed()

    async def rollback(self) -> None:
        async with self.entered("rollback()") as connection:
            await connection.rollback()
            self.end("rolled back")

    @asynccontextmanager
    async def entered(self, subject: object) -> AsyncIterator[AsyncConnection]:
        """The connection, claimed for the block."""
        self.enter(subject)
        error: BaseException | None = None
        try:
            yield self.connection
        except BaseException as raised:
            error = raised
            if self._ending is not None and isinstance(raised, InfraError):
                self.check()
            raise
        finally:
            self.leave(error)

    async def _perform_here(self, connection: AsyncConnection, program: Program[Result]) -> Result:
        """`perform` in the event loop."""
        if program.mode in ("read", "write"):
            return await drive_async(program.steps, connection, self.effects, self.work)
        name, told = self.savepoint_name(), len(self.work.after_commit)
        await connection.savepoint(name)
        try:
            result = await drive_async(program.steps, connection, self.effects, self.work)
        except BaseException as error:
            del self.work.after_commit[told:]
            if self._can_undo(connection, error):
                await connection.rollback_to_savepoint(name)
            raise
        await connection.release_savepoint(name)
        return result


class _Savepoint:
    """A transaction within a transaction: what both interfaces share."""

    def __init__(self, told: int, name: str) -> None:
        self.name = name
        self.told = told
        """How many listeners were waiting for the commit when it began."""
        self.status: Status = "open"

    def check(self) -> None:
        if self.status != "open":
            raise TransactionNotStartedError(f"Transaction already closed: it was {self.status}")

    def _close(self) -> None:
        self.check()
        self.status = "rolled back"


class SyncSavepoint(_Savepoint):
    """A session of the sync interface, within a transaction."""

    def __init__(self, transaction: SyncTransaction) -> None:
        super().__init__(len(transaction.work.after_commit), transaction.savepoint_name())
        self.transaction = transaction
        with transaction.entered("transaction()") as connection:
            connection.savepoint(self.name)

    def run(self, program: Program[Result], context: OperationContext, subject: object) -> Result:
        self.check()
        return self.transaction.run(program, context, subject)

    def stream(self, stream: Stream[Result], context: OperationContext, subject: object) -> Generator[list[Result]]:
        self.check()
        return self.transaction.stream(stream, context, subject)

    def commit(self) -> None:
        self.check()
        with self.transaction.entered("commit()") as connection:
            connection.release_savepoint(self.name)
        self.status = "committed"

    def rollback(self) -> None:
        self._close()
        with self.transaction.entered("rollback()") as connection:
            del self.transaction.work.after_commit[self.told :]
            connection.rollback_to_savepoint(self.name)

    def abandon(self) -> None:
        """Ends the whole transaction: with an operation still running in it, the savepoint alone cannot be undone."""
        self.transaction.abandon()


class AsyncSavepoint(_Savepoint):
    """A session of the async interface, within a transaction."""

    def __init__(self, transaction: AsyncTransaction) -> None:
        super().__init__(len(transaction.work.after_commit), transaction.savepoint_name())
        self.transaction = transaction

    async def begin(self) -> AsyncSavepoint:
        async with self.transaction.entered("transaction()") as connection:
            await connection.savepoint(self.name)
        return self

    async def run(self, program: Program[Result], context: OperationContext, subject: object) -> Result:
        self.check()
        return await self.transaction.run(program, context, subject)

    def stream(
        self, stream: Stream[Result], context: OperationContext, subject: object
    ) -> AsyncGenerator[list[Result]]:
        self.check()
        return self.transaction.stream(stream, context, subject)

    async def commit(self) -> None:
        self.check()
        async with self.transaction.entered("commit()") as connection:
            await connection.release_savepoint(self.name)
        self.status = "committed"

    async def rollback(self) -> None:
        self._close()
        async with self.transaction.entered("rollback()") as connection:
            del self.transaction.work.after_commit[self.told :]
            await connection.rollback_to_savepoint(self.name)

    def abandon(self) -> None:
        """Ends the whole transaction: with an operation still running in it, the savepoint alone cannot be undone."""
        self.transaction.abandon()


SyncSession = SyncExecutor | SyncTransaction | SyncSavepoint
AsyncSession = AsyncExecutor | AsyncTransaction | AsyncSavepoint


def begin(session: SyncSession, request: TransactionRequest) -> SyncTransaction | SyncSavepoint:
    """Begins a transaction in `session`; within a transaction, a savepoint. Errors: TransactionError after `max_wait`."""
    if isinstance(session, SyncSavepoint):
        session.check()
        return SyncSavepoint(session.transaction)
    if isinstance(session, SyncTransaction):
        return SyncSavepoint(session)
    holder, pool, started = Holder(), session.pool, time.monotonic()
    try:
        connection = pool.acquire(not request.options.read_only, holder, request.max_wait)
    except PoolTimeoutError as error:
        raise _cannot_begin(error) from error
    try:
        connection.begin(request.options, _left(request.max_wait, started))
    except BaseException as error:
        pool.release(connection)
        if isinstance(error, OperationTimeoutError):
            raise _cannot_begin(error) from error
        raise
    return SyncTransaction(connection, pool.release, session.effects, holder, request.timeout)


async def begin_async(session: AsyncSession, request: TransactionRequest) -> AsyncTransaction | AsyncSavepoint:
    """`begin`, awaitable."""
    if isinstance(session, AsyncSavepoint):
        session.check()
        return await AsyncSavepoint(session.transaction).begin()
    if isinstance(session, AsyncTransaction):
        return await AsyncSavepoint(session).begin()
    holder, pool, started = Holder(), session.pool, time.monotonic()
    try:
        connection = await pool.acquire(not request.options.read_only, holder, request.max_wait)
    except PoolTimeoutError as error:
        raise _cannot_begin(error) from error
    try:
        await connection.begin(request.options, _left(request.max_wait, started))
    except BaseException as error:
        pool.release(connection)
        if isinstance(error, OperationTimeoutError):
            raise _cannot_begin(error) from error
        raise
    return AsyncTransaction(connection, pool.release, session.effects, holder, request.timeout)


def _cannot_begin(error: InfraError) -> TransactionError:
    return TransactionError(f"Unable to start a transaction in the given time: {error}")


def _left(wait: float | None, started: float) -> float | None:
    return None if wait is None else max(0.0, wait - (time.monotonic() - started))
