"""What a driver provides: connections that run statements, and pools that lend them.

The executor and transactions use these protocols alone, so a new driver is a module and a line in the table of
`infra_runtime.drivers`. Imports `effects` of the runtime only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from infra_runtime.effects import Statement, Statements

Lent = TypeVar("Lent")

Isolation = Literal["read_uncommitted", "read_committed", "repeatable_read", "snapshot", "serializable"]


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """How many connections a pool may hold, and how long one waits for them."""

    limit: int | None = None
    """None: the driver's own default."""
    wait: float | None = 10.0
    """Seconds an operation waits for a connection, Prisma's `pool_timeout`; None: for ever."""
    statement_timeout: float | None = None
    """Seconds one operation may take, Prisma's `socket_timeout`; None: for ever."""
    opened: int = 1
    """How many connections `open` makes, so that the first operations need not wait for them. No more than `limit`; a default is raised to it."""


@dataclass(frozen=True, slots=True)
class TransactionOptions:
    """How a transaction is begun."""

    isolation: Isolation | None = None
    """None: the database's default."""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """How many connections a pool has at this moment, in this process."""

    limit: int
    """The most it may hold; in the async interface for each event loop that uses it."""
    lent: int
    """Those that operations and transactions have."""
    idle: int
    """Those that are open and free."""
    waiting: int
    """Operations that wait for one."""


class RowCursor(Protocol):
    """The rows of a running query, read as they are wanted."""

    def fetch(self) -> Sequence[Any]:
        """The next rows as tuples, as many as were asked for at most; none at the end."""
        ...

    def close(self) -> None:
        """Ends the query. Never raises: a connection that cannot is `broken`."""


class AsyncRowCursor(Protocol):
    """`RowCursor`, awaitable."""

    async def fetch(self) -> Sequence[Any]: ...

    async def close(self) -> None: ...


class Connection(Protocol):
    """A connection of the sync interface. One thread at a time; only `interrupt` may be called from another.

    Errors are those of `infra_runtime.errors`, translated where they arise. A `broken` connection is not lent again.
    """

    broken: bool
    process: int
    """The process that made it. In a forked child nothing is said on it."""

    @property
    def in_transaction(self) -> bool:
        """Is a transaction open? A database may have ended one by itself."""
        ...

    def run(self, statement: Statement) -> Any:
        """Runs one statement and answers what `statement.returns` asks for."""

    @property
    def run_all(self) -> Callable[[Statements, bool], None] | None:
        """What runs several statements in one round trip, and where that is asked for the COMMIT after them, and adds their answers to `answers`;
        None in a driver that has to be told one after the other. Errors: of the first that fails; of COMMIT as `commit` has them.
        """
        ...

    def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> RowCursor:
        """Begins a query whose rows are read `size` at a time, in memory that does not grow with their number.

        Outside a transaction it begins one that only reads and sees one state of the data; the pool ends it. `interleaved`: other
        statements will run on this connection before the last row is read. Errors: InputError from a driver that cannot do that.
        """
        ...

    def limit(self, deadline: float | None) -> None:
        """Statements from here on end at `deadline` (on the clock of `time.monotonic`) with OperationTimeoutError."""

    def begin(self, options: TransactionOptions, wait: float | None) -> None:
        """Begins a transaction, waiting at most `wait` seconds for locks that others hold in the database."""

    def commit(self) -> None:
        """Makes the transaction durable. Errors: OutcomeUnknownError when no answer came."""

    def rollback(self) -> None:
        """Ends the transaction, whatever state it is in. Never raises: a connection that cannot is `broken`."""

    def savepoint(self, name: str) -> None:
        """Opens a savepoint."""

    def release_savepoint(self, name: str) -> None:
        """Keeps what was done since the savepoint."""

    def rollback_to_savepoint(self, name: str) -> None:
        """Undoes what was done since the savepoint and closes it."""

    def interrupt(self) -> None:
        """Stops the running statement and refuses all that follow but `rollback`, until the connection is back in its pool."""

    def close(self) -> None:
        """Closes it; the database rolls back what was open."""


class ConnectionPool(Protocol[Lent]):
    """Lends sync connections. Safe under threads; a forked child gets connections of its own."""

    product: str = ""
    """What the server that was reached calls itself, where that says what it can do beyond its provider: `mariadb`."""

    def open(self, wait: float | None) -> None:
        """Checks that the database can be reached within `wait` seconds; None: as long as it takes."""

    def close(self) -> None:
        """Closes what is idle now and what is lent when it comes back."""

    def acquire(self, writes: bool, subject: object, wait: float | None) -> Lent:
        """A connection that no one else has.

        `subject` is what it is for; those who wait are told it. Errors: PoolTimeoutError after `wait` seconds.
        """
        ...

    def release(self, connection: Lent) -> None:
        """Takes a connection back, from any thread, and rolls back what is still open on it."""

    def status(self) -> PoolStatus:
        """Its figures now. Asks no database."""
        ...


class AsyncConnection(Protocol):
    """A connection of the async interface: `Connection`, awaitable.

    `in_one_hop(function, *arguments)` awaits `function(connection, *arguments)` on the sync connection beneath, in one change
    of thread; None in a driver that speaks asyncio itself.
    """

    @property
    def process(self) -> int: ...

    @property
    def in_one_hop(self) -> Callable[..., Any] | None: ...

    @property
    def in_transaction(self) -> bool: ...

    def run(self, statement: Statement) -> Awaitable[Any]: ...

    @property
    def run_all(self) -> Callable[[Statements, bool], Awaitable[None]] | None: ...

    async def open_cursor(self, statement: Statement, size: int, *, interleaved: bool) -> AsyncRowCursor: ...

    async def limit(self, deadline: float | None) -> None: ...

    async def begin(self, options: TransactionOptions, wait: float | None) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...

    async def savepoint(self, name: str) -> None: ...

    async def release_savepoint(self, name: str) -> None: ...

    async def rollback_to_savepoint(self, name: str) -> None: ...

    def interrupt(self) -> None: ...


class AsyncPool(Protocol[Lent]):
    """Lends async connections: `ConnectionPool`, awaitable.

    `in_one_hop(writes, subject, wait, function, *arguments)` awaits `function(connection, *arguments)` on any sync connection that
    `acquire` would wait for, and takes it back; None in a driver that speaks asyncio itself.
    """

    product: str = ""

    @property
    def in_one_hop(self) -> Callable[..., Any] | None: ...

    async def open(self, wait: float | None) -> None: ...

    async def close(self) -> None: ...

    async def acquire(self, writes: bool, subject: object, wait: float | None) -> Lent: ...

    def release(self, connection: Lent) -> None: ...

    def status(self) -> PoolStatus: ...
