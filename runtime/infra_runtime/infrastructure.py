"""The clients: what `Infrastructure` and `SyncInfrastructure` of a generated package are made of.

A client joins an engine (schema, plans), a session (the executor's pool, or a transaction) and a context. `bind` and `transaction`
give clients of the same class that share the rest. Drivers are imported at `connect`, operations at their first call.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import aclosing, closing
from datetime import timedelta
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload

from infra_runtime.changes import Changed, ChangeListener, ChangeListeners, ChangeSet
from infra_runtime.context import EMPTY, OperationContext, current_context
from infra_runtime.drivers import make_async_pool, make_pool
from infra_runtime.drivers.base import PoolOptions, PoolStatus, TransactionOptions
from infra_runtime.engine import Engine, RowTypes, Scope
from infra_runtime.environment import variable
from infra_runtime.errors import (
    ClientAlreadyConnectedError,
    ClientMisuseError,
    ClientNotConnectedError,
    ConfigurationError,
    FieldNotFoundError,
    InfraError,
    InputError,
    TransactionError,
    TransactionNotStartedError,
    WriteConflictError,
)
from infra_runtime.executor import AsyncExecutor, EffectTable, StatementHook, SyncExecutor, Work
from infra_runtime.health import Health, probe, within
from infra_runtime.operation import Operation
from infra_runtime.pipeline.middleware import AsyncMiddleware, SyncMiddleware, chain, chain_async
from infra_runtime.pipeline.statement_log import log_statement
from infra_runtime.schema import Model, Schema
from infra_runtime.transactions import (
    MAX_WAIT,
    TIMEOUT,
    AsyncSavepoint,
    AsyncSession,
    AsyncTransaction,
    SyncSavepoint,
    SyncSession,
    SyncTransaction,
    TransactionRequest,
    begin,
    begin_async,
    isolation_of,
)
from infra_runtime.urls import DatabaseUrl, parse_url

if TYPE_CHECKING:
    from infra_runtime.batch import Batch, SyncBatch
    from infra_runtime.builder.query import Queried, SyncQueried
    from infra_runtime.compiler.hand_written import ExposedTables
    from infra_runtime.configuration.settings import Configuration, PoolSettings
    from infra_runtime.operations.explain import SqlStatement
    from infra_runtime.sql_text import Query

Answer = TypeVar("Answer")
Typed = TypeVar("Typed")
QueryT = TypeVar("QueryT")
Seconds = float | timedelta

POOL_TIMEOUT = 10.0
"""Seconds an operation waits for a connection where nothing else is said; Prisma's default."""
HEALTH_TIMEOUT = 2.0
"""Seconds within which a healthy database answers where nothing else is said."""
RETRIES = 3
FIRST_PAUSE = 0.02
"""Seconds before the first retry of a transaction; doubled with each further one, and spread at random."""


class _Shared:
    """What all clients made from one `Infrastructure(…)` have together."""

    def __init__(
        self,
        engine: Engine,
        url: Callable[[], DatabaseUrl],
        limit: int | None,
        wait: float | None,
        pool: PoolSettings | None,
        *,
        is_url_given: bool,
    ) -> None:
        self.engine = engine
        self.effects = EffectTable()
        self.middleware: tuple[Any, ...] = ()
        self.listeners: tuple[ChangeListener, ...] = ()
        self.executor: Any = None
        self._url = url
        self._limit = limit
        self._wait = wait
        self._pool = pool
        self._is_url_given = is_url_given
        self.effects.register(Changed, self._report)

    def connection(self) -> tuple[DatabaseUrl, PoolOptions]:
        """Where to connect, and with what pool.

        Arguments beat all else, with them the parameters of a URL that is one; the configuration beats those of other URLs.
        """
        url, pool = self._url(), self._pool
        self.engine.timestamp_format = url.timestamp_format
        # A PgBouncer lends any session to anybody, so that none can be told what schema to search.
        self.engine.default_schema = url.schema if url.pgbouncer else None
        limits, waits = [url.connection_limit], [url.pool_timeout]
        if pool is not None:
            place = 1 if self._is_url_given else 0
            limits.insert(place, pool.max)
            waits.insert(place, pool.timeout)
        wait = _first(self._wait, *waits)
        options = PoolOptions(
            limit=_first(self._limit or None, *limits),
            wait=POOL_TIMEOUT if wait is None else (wait or None),
            opened=(pool.min if pool is not None else None) or 1,
            statement_timeout=url.socket_timeout or None,
        )
        return url, options

    def listen(self, listener: ChangeListener) -> None:
        self.listeners = (*self.listeners, listener)
        self.engine.changes = ChangeListeners(self.listeners)

    def _report(self, effect: Changed, work: Work) -> None:
        """Tells each listener what it wants to hear of, now, and again after the commit."""
        for listener in self.listeners:
            wanted = [change for change in effect.changes.changes if listener.wants(change.model) is not None]
            if wanted:
                heard = ChangeSet(effect.changes.operation, effect.changes.context, wanted)
                listener.in_transaction(heard)
                work.after_commit.append(partial(listener.after_commit, heard))


class _Client:
    """What both interfaces' clients share. A generated client sets the class attributes."""

    schema: ClassVar[Schema | None] = None
    row_types: ClassVar[RowTypes | None] = None
    missing: ClassVar[str] = "raise"

    def __init__(
        self,
        config: str | PathLike[str] | Configuration | None = None,
        *,
        url: str | None = None,
        schema: Schema | None = None,
        row_types: RowTypes | None = None,
        missing: str | None = None,
        lenient: bool = False,
        connection_limit: int | None = None,
        pool_timeout: float | None = None,
        log_queries: bool | None = None,
        max_limit: int | None = None,
        token_secret: str | Sequence[str] | None = None,
    ) -> None:
        """A client, not yet connected.

        Arguments: `config`, the path of an `infrastructure.config.yml`, or the configuration itself: what else is given beats it;
        `url`, else the configuration's, else the environment variable that the schema names, else the schema's own URL; `schema` and
        `row_types` where the class has none; `missing`, what update and delete do about a row that is not there (`raise` or
        `none`); `lenient`, values may come in their JSON forms; `connection_limit` and `pool_timeout` (seconds; 0: no limit),
        which beat the URL's parameters; `log_queries`, every statement goes to the logger `infra_runtime.sql`, without its values;
        `max_limit`, how many rows a call may ask for at most, by `limit` or `take`, at any level;
        `token_secret`, what the tokens of pages are signed with (several: the first signs, all are taken), else the environment variable
        INFRA_TOKEN_SECRET, else they are not signed.
        Errors: ConfigurationError without a schema, for a `max_limit` that is none, or with everything that is wrong with the configuration;
        MissingExtraError for a file where PyYAML is not installed.
        """
        own = schema if schema is not None else self.schema
        if own is None:
            raise ConfigurationError(f"{type(self).__name__} has no schema: use a generated client, or give schema=")
        engine = Engine(own, row_types=row_types or self.row_types, lenient=lenient, missing=missing or self.missing)
        pool: PoolSettings | None = None
        configured_url: str | None = None
        if config is not None:
            from infra_runtime.configuration.binding import bound

            given = {
                "url": url,
                "connection_limit": connection_limit,
                "pool_timeout": pool_timeout,
                "log_queries": log_queries,
                "max_limit": max_limit,
                "token_secret": token_secret,
            }
            configuration = bound(config, own, given)
            pool, configured_url = configuration.database.pool, configuration.database.url
            log_queries = _first(log_queries, configuration.database.log_queries)
            max_limit = _first(max_limit, configuration.queries.max_limit)
            token_secret = _first(token_secret, configuration.queries.token_secret)
        engine.token_secret = token_secret
        if max_limit is not None and max_limit < 1:
            raise ConfigurationError(f"max_limit is a number of rows, 1 or more, not {max_limit}")
        engine.max_limit = max_limit
        self._shared = _Shared(
            engine,
            partial(self._database, own, _first(url, configured_url)),
            connection_limit,
            pool_timeout,
            pool,
            is_url_given=url is not None,
        )
        if log_queries:
            self.on_statement(log_statement)
        self._context = EMPTY
        self._session: Any = None
        """The transaction it belongs to; None: operations run by themselves."""

    @property
    def engine(self) -> Engine:
        """Schema, plans and scopes, shared by all clients made from this one."""
        return self._shared.engine

    @property
    def context(self) -> OperationContext:
        """The context that operations called now would have."""
        return self._context.over(current_context())

    def is_connected(self) -> bool:
        """Has `connect` been called, and not `disconnect`?"""
        return self._shared.executor is not None

    def pool_status(self) -> PoolStatus:
        """How many connections there are, lent and idle, and who waits for one. Asks no database. Errors: ClientNotConnectedError."""
        return self._require_executor().pool.status()  # type: ignore[no-any-return]

    def bind(self, **context: Any) -> Self:
        """This client with more context: `infra.bind(actor=user, tenant="acme")`; what is no field of it goes to `values`."""
        return self._sibling(context=self._context.bind(**context))

    def scope(
        self,
        model: str | type,
        predicate: Callable[[OperationContext], Mapping[str, Any] | None],
        *,
        name: str | None = None,
    ) -> None:
        """Lets every query see only those rows of a model that a predicate lets through: `infra.scope(Post, lambda context: {"published": True})`.

        It holds wherever the model appears (in relations, their filters and counts, in what updates and deletes find) and for all clients
        that are made from this one. Arguments: `model`, a row class or a model's name; `predicate`, which answers a `where`, or None for
        no restriction, called for each query; `name`, by which `query().unscoped(name)` lifts it: without one nothing does.
        Errors: FieldNotFoundError for no such model, InputError for a class that is none of its rows.
        """
        of = self._model_of(model)
        self.engine.add_scope(lambda model, context: predicate(context), [of], name=name)

    def add_scope(self, scope: Scope, models: Iterable[Model | str] | None = None, *, name: str | None = None) -> None:
        """`scope`, for several models (all, if none are named), with a predicate that is told the model: `scope(model, context)`."""
        chosen = None if models is None else [self._model_of(model) for model in models]
        self.engine.add_scope(scope, chosen, name=name)

    def listen(self, listener: ChangeListener) -> None:
        """Tells `listener` what writes change, before their commit and after it."""
        self._shared.listen(listener)

    def on_statement(self, hook: StatementHook) -> None:
        """Calls `hook(statement, seconds, error)` after every statement, in the thread it ran in: for logs and metrics."""
        self._shared.effects.add_hook(hook)

    def statements(self, operation: Operation, options: Mapping[str, Any] | None = None) -> tuple[SqlStatement, ...]:
        """What an operation that reads would send first, and for the relations of its rows; `to_sql` of queries is made of this.

        The client need not be connected; then the SQL is that of the schema's provider. Errors: ArgumentError.
        """
        from infra_runtime.operations.explain import statements

        return statements(self.engine, self._context_of(options), operation)

    @property
    def tables(self) -> ExposedTables:
        """SQLAlchemy's tables of the schema, for statements written by hand: `select(infra.tables["User"])`.

        Columns go by the fields' names; `query_raw(statement, model=User)` answers typed rows. Predicate scopes do not reach them.
        """
        from infra_runtime.compiler.hand_written import ExposedTables

        return self.engine.kept(ExposedTables)

    @property
    def effects(self) -> EffectTable:
        """Who answers the effects of operations; steps around the executor register theirs here."""
        return self._shared.effects

    def _query(self, row: Any) -> Any:
        return getattr(self, self._model_of(row).attribute).query()

    def _model_of(self, model: Any) -> Model:
        """The model of a row class, or of that name. Errors: InputError for another class, FieldNotFoundError for another name."""
        models = self.engine.schema.model
        if isinstance(model, Model):
            return model
        if isinstance(model, str):
            if model not in models:
                from infra_runtime.arguments.walk import unknown

                raise unknown("model", model, models)
            return models[model]
        from infra_runtime.rows import PackageRows

        package = PackageRows.of(model) if isinstance(model, type) else None
        if package is None or package is not self.engine.row_types:
            named = model.__name__ if isinstance(model, type) else repr(model)
            raise InputError(f"{named} is no row class of this client's package")
        return models[package.model(model).name]

    def _context_of(self, options: Mapping[str, Any] | None) -> OperationContext:
        context = self._context.over(current_context())
        return context.bind(options={**context.options, **options}) if options else context

    def _require_session(self) -> Any:
        return self._session or self._require_executor()

    def _require_executor(self) -> Any:
        """What runs operations outside any transaction."""
        if self._shared.executor is None:
            raise ClientNotConnectedError(
                "the client is not connected to its database: call connect(), or use it as a context manager"
            )
        return self._shared.executor

    def _sibling(self, *, context: OperationContext | None = None, session: Any = None) -> Self:
        """Another client of the same class that shares all but what is given."""
        clone = object.__new__(type(self))
        # Repositories are cached on the client and belong to it.
        cached = _cached_names(type(self))
        clone.__dict__.update({name: value for name, value in self.__dict__.items() if name not in cached})
        if context is not None:
            clone._context = context
        if session is not None:
            clone._session = session
        return clone

    def _refuse_in_transaction(self, method: str) -> None:
        if self._session is not None:
            raise ClientMisuseError(
                f"{method}() belongs to the client that began the transaction, not to the transaction's"
            )

    def _database(self, schema: Schema, url: str | None) -> DatabaseUrl:
        text = url
        if text is None and schema.url_variable:
            text = variable(schema.url_variable)
        if text is None:
            text = schema.url
        if text is None:
            reason = f"the environment variable {schema.url_variable} is not set" if schema.url_variable else ""
            raise ConfigurationError(
                f"no database URL: {reason or 'the schema has none'}; give one with {type(self).__name__}(url=…)"
            )
        return parse_url(text, provider=schema.provider, folder=self._folder(schema))

    def _folder(self, schema: Schema) -> Path | None:
        """What `file:` URLs are relative to: the schema's folder, as seen from the module that defines the schema."""
        if schema.folder is None:
            return None
        owner = next((cls for cls in type(self).__mro__ if cls.__dict__.get("schema") is schema), None)
        file = getattr(sys.modules.get(owner.__module__), "__file__", None) if owner else None
        return Path(file).parent / schema.folder if file else Path(schema.folder)


class SyncInfrastructure(_Client):
    """A client whose methods block. Safe to share between threads."""

    def connect(self, timeout: Seconds | None = None) -> None:
        """Opens the database, within `timeout` if it is given.

        Errors: ConnectionError and its kinds, ConfigurationError, ClientAlreadyConnectedError.
        """
        self._refuse_in_transaction("connect")
        shared = self._shared
        if shared.executor is not None:
            raise ClientAlreadyConnectedError("the client is already connected")
        url, options = shared.connection()
        pool = make_pool(url, self.engine.schema, options)
        pool.open(options.wait if timeout is None else seconds(timeout))
        self.engine.reached(pool.product)
        shared.executor = SyncExecutor(pool, shared.effects, options)

    def disconnect(self, timeout: Seconds | None = None) -> None:
        """Closes the connections; a transaction that is open keeps its own until it ends.

        Does nothing twice. `timeout` is taken for the sake of code that passes it: closing waits for nobody.
        """
        self._refuse_in_transaction("disconnect")
        executor, self._shared.executor = self._shared.executor, None
        if executor is not None:
            executor.pool.close()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()

    def check_health(self, timeout: Seconds = HEALTH_TIMEOUT) -> Health:
        """Asks the database for the least there is, on a connection of the pool, within `timeout`; not in the transaction, if this is one's.

        A database that does not answer is no exception but an answer: `if not infra.check_health(): …`. Errors: ClientNotConnectedError.
        """
        executor, began = self._require_executor(), time.monotonic()
        error: InfraError | None = None
        limit = seconds(timeout)
        try:
            executor.run(
                probe(), EMPTY.bind(options=within(HEALTH_TIMEOUT if limit is None else limit)), "check_health()"
            )
        except InfraError as raised:
            error = raised
        return Health(error, time.monotonic() - began, executor.pool.status())

    def execute(self, operation: Operation, options: Mapping[str, Any] | None = None) -> Any:
        """Runs an operation and answers its result; repositories are made of this.

        Arguments: `options`, what is no part of the query: `timeout` in seconds, and whatever plug-ins read.
        """
        context = self._context_of(options)
        middleware = self._shared.middleware
        if middleware:
            return chain(middleware, self._proceed)(operation, context)
        return self._proceed(operation, context)

    def stream(self, operation: Operation, options: Mapping[str, Any] | None = None) -> Generator[Any]:
        """The rows of an operation while they are read; `stream` of repositories is made of this.

        Middleware surrounds the beginning of the stream: what it is answered, and answers, is the iterator.
        """
        context = self._context_of(options)
        middleware = self._shared.middleware
        if middleware:
            return chain(middleware, self._stream)(operation, context)  # type: ignore[no-any-return]
        return self._stream(operation, context)

    def query(self, row: type[SyncQueried[QueryT]]) -> QueryT:
        """A query on the model of a row class: `infra.query(User)` is `infra.user.query()`. Errors: InputError for another class."""
        return self._query(row)  # type: ignore[no-any-return]

    def use(self, middleware: SyncMiddleware) -> SyncMiddleware:
        """Puts `middleware(operation, context, proceed)` around every operation, inside of what is there. A decorator, too."""
        self._shared.middleware = (*self._shared.middleware, middleware)
        return middleware

    @overload
    def query_raw(self, query: Query, *parameters: Any, model: None = None) -> list[dict[str, Any]]: ...

    @overload
    def query_raw(self, query: Query, *parameters: Any, model: type[Typed]) -> list[Typed]: ...

    @overload
    def query_raw(self, query: Query, *parameters: Any, model: str | Model) -> list[Any]: ...

    def query_raw(self, query: Query, *parameters: Any, model: Any = None) -> list[Any]:
        """The rows of your own SQL: a text with the database's placeholders (`$1` in PostgreSQL and SQLite, `?` in SQLite and MySQL)
        and its values, `sql("… {email}", email=…)`, or a SQLAlchemy statement on `infra.tables`.

        Arguments: `model`, a model's name, its row class or any pydantic class; without it rows are dicts of what the driver gives,
        or for a statement of the fields' values. Errors: RawQueryError.
        """
        return self.execute(_raw(self.engine, "query_raw", query, parameters, model))  # type: ignore[no-any-return]

    @overload
    def query_first(self, query: Query, *parameters: Any, model: None = None) -> dict[str, Any] | None: ...

    @overload
    def query_first(self, query: Query, *parameters: Any, model: type[Typed]) -> Typed | None: ...

    @overload
    def query_first(self, query: Query, *parameters: Any, model: str | Model) -> Any: ...

    def query_first(self, query: Query, *parameters: Any, model: Any = None) -> Any:
        """The first row of your own SQL, or None. See `query_raw`."""
        return self.execute(_raw(self.engine, "query_first", query, parameters, model))

    def execute_raw(self, query: Query, *parameters: Any) -> int:
        """Runs your own SQL, given as to `query_raw`, and answers how many rows it touched. Errors: RawQueryError."""
        return self.execute(_raw(self.engine, "execute_raw", query, parameters, None))  # type: ignore[no-any-return]

    def transaction(
        self,
        *,
        isolation: str | None = None,
        max_wait: Seconds | None = MAX_WAIT,
        timeout: Seconds | None = TIMEOUT,
        read_only: bool = False,
    ) -> SyncTransactionManager[Self]:
        """A transaction: `with infra.transaction() as tx: tx.user.update(…)`; it commits unless the block raises.

        Within a transaction it is a savepoint, and the arguments do not count. Arguments: `isolation`, the level's name;
        `max_wait`, seconds to wait for its beginning; `timeout`, seconds until it is rolled back; None: no limit; `read_only`,
        nothing can be written, and no one waits for it. Errors: TransactionError, TransactionExpiredError.
        """
        return SyncTransactionManager(self, _request(isolation, max_wait, timeout, read_only))

    tx = transaction

    def run_transaction(
        self,
        function: Callable[[Self], Answer],
        *,
        isolation: str | None = None,
        retries: int = RETRIES,
        max_wait: Seconds | None = MAX_WAIT,
        timeout: Seconds | None = TIMEOUT,
    ) -> Answer:
        """Runs `function(tx)` in a transaction, again after a write conflict, up to `retries` times more.

        `function` may run several times, so let it do nothing but work on the database.
        """
        for attempt in range(retries):
            try:
                with self.transaction(isolation=isolation, max_wait=max_wait, timeout=timeout) as tx:
                    return function(tx)
            except WriteConflictError:
                if self._session is not None:
                    raise
                time.sleep(_pause(attempt))
        with self.transaction(isolation=isolation, max_wait=max_wait, timeout=timeout) as tx:
            return function(tx)

    def batch_(self) -> SyncBatch:
        """Collects writes and commits them together: `with infra.batch_() as batch: batch.user.create(…)`."""
        from infra_runtime.batch import SyncBatch

        return SyncBatch(self)

    def _proceed(self, operation: Operation, context: OperationContext) -> Any:
        session: SyncSession = self._require_session()
        return session.run(self._shared.engine.program(operation, context), context, operation)

    def _stream(self, operation: Operation, context: OperationContext) -> Generator[Any]:
        session: SyncSession = self._require_session()
        return _one_by_one(session.stream(self._shared.engine.stream(operation, context), context, operation))


class Infrastructure(_Client):
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
        return await self.execute(_raw(self.engine, "query_raw", query, parameters, model))  # type: ignore[no-any-return]

    @overload
    async def query_first(self, query: Query, *parameters: Any, model: None = None) -> dict[str, Any] | None: ...

    @overload
    async def query_first(self, query: Query, *parameters: Any, model: type[Typed]) -> Typed | None: ...

    @overload
    async def query_first(self, query: Query, *parameters: Any, model: str | Model) -> Any: ...

    async def query_first(self, query: Query, *parameters: Any, model: Any = None) -> Any:
        """The first row of your own SQL, or None. See `query_raw`."""
        return await self.execute(_raw(self.engine, "query_first", query, parameters, model))

    async def execute_raw(self, query: Query, *parameters: Any) -> int:
        """Runs your own SQL, given as to `query_raw`, and answers how many rows it touched. Errors: RawQueryError."""
        return await self.execute(_raw(self.engine, "execute_raw", query, parameters, None))  # type: ignore[no-any-return]

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
        return TransactionManager(self, _request(isolation, max_wait, timeout, read_only))

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
                await asyncio.sleep(_pause(attempt))
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


SyncClient = TypeVar("SyncClient", bound=SyncInfrastructure)
AsyncClient = TypeVar("AsyncClient", bound=Infrastructure)


class SyncTransactionManager(Generic[SyncClient]):
    """A transaction to be begun: as a context manager, or by `start()`, then `commit()` or `rollback()`."""

    def __init__(self, client: SyncClient, request: TransactionRequest) -> None:
        self._outer = client
        self._request = request
        self._begun: SyncTransaction | SyncSavepoint | None = None

    @property
    def _session(self) -> SyncTransaction | SyncSavepoint:
        if self._begun is None:
            raise TransactionNotStartedError(_NOT_STARTED)
        return self._begun

    def start(self) -> SyncClient:
        """Begins it and answers the client to use in it. Errors: TransactionError after `max_wait`."""
        self._begun = begin(self._outer._require_session(), self._request)
        return self._outer._sibling(session=self._begun)

    def commit(self) -> None:
        """Makes it durable; one that cannot be is rolled back."""
        session = self._session
        try:
            session.commit()
        except BaseException:
            if session.status == "open":
                _undo(session)
            raise

    def rollback(self) -> None:
        """Undoes it."""
        self._session.rollback()

    def __enter__(self) -> SyncClient:
        return self.start()

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = self._session
        if error is None and session.status not in ("committed", "rolled back"):
            self.commit()
        elif session.status == "open":
            _undo(session)


class TransactionManager(Generic[AsyncClient]):
    """A transaction to be begun: as a context manager, or by `await start()`, then `commit()` or `rollback()`."""

    def __init__(self, client: AsyncClient, request: TransactionRequest) -> None:
        self._outer = client
        self._request = request
        self._begun: AsyncTransaction | AsyncSavepoint | None = None

    @property
    def _session(self) -> AsyncTransaction | AsyncSavepoint:
        if self._begun is None:
            raise TransactionNotStartedError(_NOT_STARTED)
        return self._begun

    async def start(self) -> AsyncClient:
        """Begins it and answers the client to use in it. Errors: TransactionError after `max_wait`."""
        self._begun = await begin_async(self._outer._require_session(), self._request)
        return self._outer._sibling(session=self._begun)

    async def commit(self) -> None:
        """Makes it durable; one that cannot be is rolled back."""
        session = self._session
        try:
            await session.commit()
        except BaseException:
            if session.status == "open":
                await _undo_async(session)
            raise

    async def rollback(self) -> None:
        """Undoes it."""
        await self._session.rollback()

    async def __aenter__(self) -> AsyncClient:
        return await self.start()

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = self._session
        if error is None and session.status not in ("committed", "rolled back"):
            await self.commit()
        elif session.status == "open":
            await _undo_async(session)


_NOT_STARTED = "the transaction was not started: call start(), or use it as a context manager"


def _one_by_one(batches: Generator[list[Answer]]) -> Generator[Answer]:
    with closing(batches):
        for batch in batches:
            yield from batch


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


def _undo(session: SyncTransaction | SyncSavepoint) -> None:
    """Rolls back after an error, which is the one to tell about: not that the transaction is over, or busy, as well."""
    try:
        session.rollback()
    except TransactionError:
        return
    except ClientMisuseError:
        session.abandon()


async def _undo_async(session: AsyncTransaction | AsyncSavepoint) -> None:
    """`_undo`, awaitable."""
    try:
        await session.rollback()
    except TransactionError:
        return
    except ClientMisuseError:
        session.abandon()


def _first(*values: Answer | None) -> Answer | None:
    """The first of the values that is one."""
    return next((value for value in values if value is not None), None)


def _cached_names(cls: type) -> frozenset[str]:
    names = _CACHED.get(cls)
    if names is None:
        names = _CACHED[cls] = frozenset(
            name for name in dir(cls) if isinstance(getattr(cls, name, None), cached_property)
        )
    return names


_CACHED: dict[type, frozenset[str]] = {}


def _request(
    isolation: str | None, max_wait: Seconds | None, timeout: Seconds | None, read_only: bool
) -> TransactionRequest:
    options = TransactionOptions(isolation_of(isolation), read_only)
    return TransactionRequest(options, seconds(max_wait), seconds(timeout))


def seconds(time: Seconds | None) -> float | None:
    """A time in seconds, given as such or, as Prisma Client Python has it, as a timedelta."""
    return time.total_seconds() if isinstance(time, timedelta) else time


def _pause(attempt: int) -> float:
    return FIRST_PAUSE * float(2**attempt) * (0.5 + random.random())


def _raw(engine: Engine, name: str, query: Query, parameters: tuple[Any, ...], model: Any) -> Operation:
    """A raw operation. `model` names what its rows are: a model of the schema, or a class that validates dicts."""
    arguments: dict[str, Any] = {"query": query, "parameters": parameters}
    if model is None or isinstance(model, Model):
        return Operation(name, model, arguments)
    if isinstance(model, str):
        if model not in engine.schema.model:
            raise FieldNotFoundError(f"there is no model {model!r}")
        return Operation(name, engine.schema.model[model], arguments)
    # Row classes are told by what `infra_runtime.rows` gives them.
    known = engine.schema.model.get(_model_name(model)) if hasattr(model, "__relations__") else None
    if known is not None:
        return Operation(name, known, arguments)
    return Operation(name, None, {**arguments, "validate": model.model_validate})


def _model_name(row: type) -> str:
    """The model of a row class: what its package says, or for one made by hand its own name."""
    from infra_runtime.rows import PackageRows

    package = PackageRows.of(row)
    return package.model(row).name if package is not None else row.__name__
