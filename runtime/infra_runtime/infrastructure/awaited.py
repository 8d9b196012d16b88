"""`Infrastructure`: the client whose methods are awaited. Imports `client`, `managers`, `requests`; drivers at `connect`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from infra_runtime.context import EMPTY, OperationContext
from infra_runtime.drivers import make_async_pool
from infra_runtime.errors import (
    ClientAlreadyConnectedError,
    InfraError,
    WriteConflictError,
)
from infra_runtime.executor import AsyncExecutor
from infra_runtime.health import HEALTH_TIMEOUT, Health, probe, within
from infra_runtime.infrastructure.client import Client
from infra_runtime.infrastructure.managers import TransactionManager
from infra_runtime.infrastructure.requests import RETRIES, Seconds, pause, raw_operation, seconds, transaction_request
from infra_runtime.operation import Operation
from infra_runtime.pipeline.middleware import AsyncMiddleware, chain_async
from infra_runtime.schema import Model
from infra_runtime.transactions import (
    MAX_WAIT,
    TIMEOUT,
    AsyncSession,
)

if TYPE_CHECKING:
    from infra_runtime.batch import Batch
    from infra_runtime.builder.query import Queried
    from infra_runtime.sql_text import Query

Answer = TypeVar("Answer")
Typed = TypeVar("Typed")
QueryT = TypeVar("QueryT")


class Infrastructure(Client):
    """A client whose methods are awaited."""

    async def connect(self, timeout: Seconds | None = None) -> None:
        """Opens the database, within `timeout` if it is given.

        Errors: ConnectionError and its kinds, ConfigurationError, ClientAlreadyConnectedError.
        """
        self._refuse_in_transaction("connect")
        shared = self._shared
        if shared.executor is not None:
            raise ClientAlreadyConnectedError("the client is already connected")
        url, options = shared.connection()
        pool = make_async_pool(url, self.engine.schema, options)
        await pool.open(options.wait if timeout is None else seconds(timeout))
        self.engine.reached(pool.product)
        shared.executor = AsyncExecutor(pool, shared.effects, options)

    async def disconnect(self, timeout: Seconds | None = None) -> None:
        """Closes the connections; a transaction that is open keeps its own until it ends.

        Does nothing twice. `timeout` is taken for the sake of code that passes it: closing waits for nobody.
        """
        self._refuse_in_transaction("disconnect")
        executor, self._shared.executor = self._shared.executor, None
        if executor is not None:
            await executor.pool.close()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()

    async def check_health(self, timeout: Seconds = HEALTH_TIMEOUT) -> Health:
        """Asks the database for the least there is, on a connection of the pool, within `timeout`; not in the transaction, if this is one's.

        A database that does not answer is no exception but an answer: `if not await infra.check_health(): …`. Errors: ClientNotConnectedError.
        """
        executor, began = self._require_executor(), time.monotonic()
        error: InfraError | None = None
        limit = seconds(timeout)
        try:
            await executor.run(
                probe(), EMPTY.bind(options=within(HEALTH_TIMEOUT if limit is None else limit)), "check_health()"
            )
        except InfraError as raised:
            error = raised
        return Health(error, time.monotonic() - began, executor.pool.status())

    async def execute(self, operation: Operation, options: Mapping[str, Any] | None = None) -> Any:
        """Runs an operation and answers its result; repositories are made of this.

        Arguments: `options`, what is no part of the query: `timeout` in seconds, and whatever plug-ins read.
        """
        context = self._context_of(options)
        middleware = self._shared.middleware
        if middleware:
            return await chain_async(middleware, self._proceed)(operation, context)
        return await self._proceed(operation, context)

    def stream(self, operation: Operation, options: Mapping[str, Any] | None = None) -> AsyncGenerator[Any]:
        """The rows of an operation while they are read; `stream` of repositories is made of this.

        Middleware surrounds the beginning of the stream: what it is answered, and answers, is the iterator.
        """
        context = self._context_of(options)
        middleware = self._shared.middleware
        if middleware:
            return _begun(chain_async(middleware, self._streamed)(operation, context))
        return self._stream(operation, context)

    def query(self, row: type[Queried[QueryT]]) -> QueryT:
        """A query on the model of a row class: `infra.query(User)` is `infra.user.query()`. Errors: InputError for another class."""
        return self._query(row)  # type: ignore[no-any-return]

    def use(self, middleware: AsyncMiddleware) -> AsyncMiddleware:
        """Puts `await middleware(operation, context, proceed)` around every operation, inside of what is there. A decorator, too."""
        self._shared.middleware = (*self._shared.middleware, middleware)
        return middleware

    @overload
    async def query_raw(self, query: Query, *parameters: Any, model: None = None) -> list[dict[str, Any]]: ...

    @overload
    async def query_raw(self, query: Query, *parameters: Any, model: type[Typed]) -> list[Typed]: ...

    @overload
    async def query_raw(self, query: Query, *parameters: Any, model: str | Model) -> list[Any]: ...

    async def query_raw(self, query: Query, *parameters: Any, model: Any = None) -> list[Any]:
        """The rows of your own SQL: a text with the database's placeholders (`$1` in PostgreSQL and SQLite, `?` in SQLite and MySQL)
        and its values, `sql("… {email}", email=…)`, or a SQLAlchemy statement on `infra.tables`.

        Arguments: `model`, a model's name, its row class or any pydantic class; without it rows are dicts of what the driver gives,
        or for a statement of the fields' values. Errors: RawQueryError.
        """
        return await self.execute(raw_operation(self.engine, "query_raw", query, parameters, model))  # type: ignore[no-any-return]

    @overload
    async def query_first(self, query: Query, *parameters: Any, model: None = None) -> dict[str, Any] | None: ...

    @overload
    async def query_first(self, query: Query, *parameters: Any, model: type[Typed]) -> Typed | None: ...

    @overload
    async def query_first(self, query: Query, *parameters: Any, model: str | Model) -> Any: ...

    async def query_first(self, query: Query, *parameters: Any, model: Any = None) -> Any:
        """The first row of your own SQL, or None. See `query_raw`."""
        return await self.execute(raw_operation(self.engine, "query_first", query, parameters, model))

    async def execute_raw(self, query: Query, *parameters: Any) -> int:
        """Runs your own SQL, given as to `query_raw`, and answers how many rows it touched. Errors: RawQueryError."""
        return await self.execute(raw_operation(self.engine, "execute_raw", query, parameters, None))  # type: ignore[no-any-return]

    def transaction(
        self,
        *,
        isolation: str | None = None,
        max_wait: Seconds | None = MAX_WAIT,
        timeout: Seconds | None = TIMEOUT,
        read_only: bool = False,
    ) -> TransactionManager[Self]:
        """A transaction: `async with infra.transaction() as tx: await tx.user.update(…)`; it commits unless the block raises.

        Within a transaction it is a savepoint, and the arguments do not count. Arguments: `isolation`, the level's name;
        `max_wait`, seconds to wait for its beginning; `timeout`, seconds until it is rolled back; None: no limit; `read_only`,
        nothing can be written, and no one waits for it. Errors: TransactionError, TransactionExpiredError.
        """
        return TransactionManager(self, transaction_request(isolation, max_wait, timeout, read_only))

    tx = transaction

    async def run_transaction(
        self,
        function: Callable[[Self], Awaitable[Answer]],
        *,
        isolation: str | None = None,
        retries: int = RETRIES,
        max_wait: Seconds | None = MAX_WAIT,
        timeout: Seconds | None = TIMEOUT,
    ) -> Answer:
        """Runs `await function(tx)` in a transaction, again after a write conflict, up to `retries` times more.

        `function` may run several times, so let it do nothing but work on the database.
        """
        for attempt in range(retries):
            try:
                async with self.transaction(isolation=isolation, max_wait=max_wait, timeout=timeout) as tx:
                    return await function(tx)
            except WriteConflictError:
                if self._session is not None:
                    raise
                await asyncio.sleep(pause(attempt))
        async with self.transaction(isolation=isolation, max_wait=max_wait, timeout=timeout) as tx:
            return await function(tx)

    def batch_(self) -> Batch:
        """Collects writes and commits them together: `async with infra.batch_() as batch: batch.user.create(…)`."""
        from infra_runtime.batch import Batch

        return Batch(self)

    def _proceed(self, operation: Operation, context: OperationContext) -> Awaitable[Any]:
        session: AsyncSession = self._require_session()
        return session.run(self._shared.engine.program(operation, context), context, operation)

    async def _streamed(self, operation: Operation, context: OperationContext) -> AsyncGenerator[Any]:
        return self._stream(operation, context)

    def _stream(self, operation: Operation, context: OperationContext) -> AsyncGenerator[Any]:
        session: AsyncSession = self._require_session()
        return _one_by_one_async(session.stream(self._shared.engine.stream(operation, context), context, operation))


async def _one_by_one_async(batches: AsyncGenerator[list[Answer]]) -> AsyncGenerator[Answer]:
    async with aclosing(batches):
        async for batch in batches:
            for row in batch:
                yield row


async def _begun(stream: Awaitable[AsyncGenerator[Answer]]) -> AsyncGenerator[Answer]:
    """A stream that middleware gives when it is begun."""
    async with aclosing(await stream) as rows:
        async for row in rows:
            yield row
