"""What clients of both interfaces share: engine, session and context, and what follows from these.

Imports `engine`, `executor`, `changes`, `context`, `transactions`, `urls`; configuration and compiler when they are asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from infra_runtime.changes import Changed, ChangeListener, ChangeListeners, ChangeSet
from infra_runtime.context import EMPTY, OperationContext, current_context
from infra_runtime.drivers.base import PoolOptions, PoolStatus
from infra_runtime.engine import Engine, RowTypes, Scope
from infra_runtime.environment import variable
from infra_runtime.errors import (
    ClientMisuseError,
    ClientNotConnectedError,
    ConfigurationError,
    InputError,
)
from infra_runtime.executor import EffectTable, StatementHook, Work
from infra_runtime.operation import Operation
from infra_runtime.pipeline.statement_log import log_statement
from infra_runtime.schema import Model, Schema
from infra_runtime.urls import DatabaseUrl, parse_url

if TYPE_CHECKING:
    from infra_runtime.compiler.hand_written import ExposedTables
    from infra_runtime.configuration.settings import Configuration, PoolSettings
    from infra_runtime.operations.explain import SqlStatement

Answer = TypeVar("Answer")

POOL_TIMEOUT = 10.0
"""Seconds an operation waits for a connection where nothing else is said; Prisma's default."""


class Shared:
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


class Client:
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
        self._shared = Shared(
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
        ambient = current_context()
        context = self._context if ambient is EMPTY else self._context.over(ambient)
        return context.bind(options={**context.options, **options}) if options else context

    def _require_session(self) -> Any:
        return self._session or self._shared.executor or self._require_executor()

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
