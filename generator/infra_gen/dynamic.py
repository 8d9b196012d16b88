"""Queries without generated code: a client made at run time from a schema, whose rows are plain dicts.

    from infra_gen.dynamic import connect

    with connect("schema.prisma", url="file:./dev.db", interface="sync") as infra:
        infra.push()
        infra.repository("User").find_many(where={"email": {"contains": "@x.io"}}, select={"id": True, "posts": True})

Arguments are those of a generated client, plus Prisma's nested `select`; values may also come in their JSON forms. Imports the
front end, the runtime's metadata of an IR, `database.push`, and the runtime's clients.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from infra_gen import ir
from infra_gen.database.connection import DriverConnection
from infra_gen.database.push import Push
from infra_gen.database.push import push as push_schema
from infra_gen.front import compile_schema
from infra_gen.metadata import metadata
from infra_gen.plugins.choosing import chosen_by
from infra_gen.schema.load import load
from infra_gen.schema.source import SourceFile
from infra_runtime.arguments.spelling import QUERY
from infra_runtime.builder.dynamic import DynamicQuery, SyncDynamicQuery
from infra_runtime.drivers import make_pool
from infra_runtime.drivers.base import Connection
from infra_runtime.errors import FieldNotFoundError
from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure
from infra_runtime.operation import Operation
from infra_runtime.schema import Model, Schema

if TYPE_CHECKING:
    from infra_runtime.configuration.reading import Read
    from infra_runtime.configuration.settings import Configuration

_NARROWED = ("take", "skip", "where", "cursor", "order")
_AGGREGATES = ("count", "avg", "sum", "min", "max")
_CHOOSING = ("search", "deleted")

METHODS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(("find_unique", "find_unique_or_raise"), (("where", "include"), ("select", "deleted"))),
    **dict.fromkeys(
        ("find_first", "find_first_or_raise"),
        (("skip", "where", "cursor", "include", "order", "distinct"), ("take", "select", *_CHOOSING)),
    ),
    "find_many": (("take", "skip", "where", "cursor", "include", "order", "distinct"), ("seek", "select", *_CHOOSING)),
    "find_many_by_ids": (("ids", "include"), ("missing", "select", "deleted")),
    "find_hits": (("search", "where", "include", "order"), ("take", "skip", "highlight", "deleted")),
    "exists": (("where",), _CHOOSING),
    "stream": (
        ("where", "order", "include"),
        ("take", "skip", "cursor", "distinct", "select", *_CHOOSING, "batch_size"),
    ),
    "count": (("select", "take", "skip", "where", "cursor"), ("order", *_CHOOSING)),
    "aggregate": ((), (*_NARROWED, *_CHOOSING, *_AGGREGATES)),
    "group_by": (("by",), ("where", *_CHOOSING, "take", "skip", "order", "having", *_AGGREGATES)),
    "create": (("data", "include"), ("select",)),
    "create_many": (("data",), ("skip_duplicates",)),
    "create_many_and_return": (("data",), ("skip_duplicates", "include", "select")),
    "update": (("data", "where", "include"), ("select", "deleted")),
    "update_many": (("data", "where"), ("limit", *_CHOOSING)),
    "update_many_and_return": (("data", "where", "include"), ("limit", "select", *_CHOOSING)),
    "upsert": (("where", "data", "include"), ("select",)),
    "upsert_many": (("data",), ()),
    **dict.fromkeys(("delete", "purge", "restore"), (("where", "include"), ("select",))),
    **dict.fromkeys(("delete_many", "purge_many", "restore_many"), (("where",), ("limit", "search"))),
}
"""Each method's arguments: those that may be given by position, in Prisma Client Python's order, and those by keyword alone."""


@cache
def _signature(name: str) -> Signature:
    """The signature of a method of `METHODS`; None and not given are the same, as in a generated client."""
    positional, keywords = METHODS[name]
    return Signature(
        [Parameter(item, Parameter.POSITIONAL_OR_KEYWORD, default=None) for item in positional]
        + [Parameter(item, Parameter.KEYWORD_ONLY, default=None) for item in (*keywords, "options")]
    )


def _spelt(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments in Python's spelling (`orderBy` → `order`), without those that mean nothing here."""
    return {QUERY.get(name, name): value for name, value in keywords.items() if QUERY.get(name, name)}


class DynamicRepository:
    """The methods of one model, on a client of either interface: they answer what the client's `execute` does."""

    def __init__(self, client: DynamicInfrastructure | SyncDynamicInfrastructure, model: Model) -> None:
        self._client = client
        self._model = model

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of `METHODS`. Errors: AttributeError, with the nearest name."""
        if name not in METHODS:
            near = get_close_matches(name, METHODS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise AttributeError(f"a repository has no method {name}{hint}")
        signature = _signature(name)

        def method(*positional: Any, **keywords: Any) -> Any:
            try:
                given = signature.bind(*positional, **_spelt(keywords)).arguments
            except TypeError as error:
                raise TypeError(f"{self._model.name}.{name}(): {error}; it takes {signature}") from None
            options = given.pop("options", None)
            arguments = {key: value for key, value in given.items() if value is not None}
            run = self._client.stream if name == "stream" else self._client.execute
            return run(Operation(name, self._model, arguments), options)

        return method

    def query(self) -> Any:
        """A query to be put together step by step: `DynamicQuery`, or `SyncDynamicQuery` of a blocking client."""
        made = SyncDynamicQuery if isinstance(self._client, SyncDynamicInfrastructure) else DynamicQuery
        return made(self._client, self._model)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *METHODS]

    def __repr__(self) -> str:
        return f"<repository of {self._model.name}>"


class SyncDynamicInfrastructure(SyncInfrastructure):
    """A blocking client on a schema that is known at run time only. Made by `connect`."""

    definition: ir.Schema

    def repository(self, model: str) -> DynamicRepository:
        """The methods of a model. Errors: FieldNotFoundError, with the nearest name."""
        return DynamicRepository(self, _model(self.engine.schema, model))

    def push(self, *, force: bool = False) -> Push:
        """Makes the database's tables those of the schema.

        `force`: also where data is lost or big tables are locked. Errors: DataLossError, LockError and UnexecutableError of
        `infra_gen.database.push`.
        """
        self._refuse_in_transaction("push")
        executor = self._require_session()
        connection = executor.pool.acquire(True, "push", executor.options.wait)
        try:
            return _push(connection, self.definition, force)
        finally:
            executor.pool.release(connection)


class DynamicInfrastructure(Infrastructure):
    """An awaitable client on a schema that is known at run time only. Made by `connect`."""

    definition: ir.Schema

    def repository(self, model: str) -> DynamicRepository:
        """The methods of a model, awaitable. Errors: FieldNotFoundError, with the nearest name."""
        return DynamicRepository(self, _model(self.engine.schema, model))

    async def push(self, *, force: bool = False) -> Push:
        """Makes the database's tables those of the schema.

        `force`: also where data is lost or big tables are locked. Errors: DataLossError, LockError and UnexecutableError of
        `infra_gen.database.push`.
        """
        self._refuse_in_transaction("push")
        executor = self._require_session()
        connection = await executor.pool.acquire(True, "push", executor.options.wait)
        try:
            if connection.in_one_hop is not None:
                return await connection.in_one_hop(_push, self.definition, force)  # type: ignore[no-any-return]
        finally:
            executor.pool.release(connection)
        # A driver that speaks asyncio has no sync connection beneath: the push, which is one, makes its own.
        return await asyncio.to_thread(self._push_by_itself, force)

    def _push_by_itself(self, force: bool) -> Push:
        url, options = self._shared.connection()
        pool = make_pool(url, self.engine.schema, replace(options, limit=1))
        pool.open(options.wait)
        try:
            connection = pool.acquire(True, "push", options.wait)
            try:
                return _push(connection, self.definition, force)
            finally:
                pool.release(connection)
        finally:
            pool.close()


@overload
def connect(
    schema: str | os.PathLike[str],
    *,
    url: str | None = None,
    config: str | os.PathLike[str] | Configuration | None = None,
    interface: Literal["async"] = "async",
    **options: Any,
) -> DynamicInfrastructure: ...
@overload
def connect(
    schema: str | os.PathLike[str],
    *,
    url: str | None = None,
    config: str | os.PathLike[str] | Configuration | None = None,
    interface: Literal["sync"],
    **options: Any,
) -> SyncDynamicInfrastructure: ...
def connect(
    schema: str | os.PathLike[str],
    *,
    url: str | None = None,
    config: str | os.PathLike[str] | Configuration | None = None,
    interface: Literal["async", "sync"] = "async",
    **options: Any,
) -> DynamicInfrastructure | SyncDynamicInfrastructure:
    """A client for a schema: a schema's text, or the path of its file or folder. Call its `connect`, or use it in a `with` block.

    `url` beats the configuration's, which beats the datasource's; what `config` says of models beats the schema's directives. `options` are
    those of `Infrastructure`. Errors: SchemaError with every error of the schema and of the configuration; `SchemaNotLoadedError` where
    there is none; ConfigurationError for a URL that makes no sense, once it is connected.
    """
    files, folder = _sources(schema)
    read = None if config is None else _read(config, {"url": url, **options})
    compiled = compile_schema(files, for_generators=False, plugins=chosen_by(), configuration=read)
    known = replace(metadata(compiled.schema), folder=folder)
    made = read.configuration if read else None
    client: DynamicInfrastructure | SyncDynamicInfrastructure
    if interface == "sync":
        client = SyncDynamicInfrastructure(made, url=url, schema=known, lenient=True, **options)
    elif interface == "async":
        client = DynamicInfrastructure(made, url=url, schema=known, lenient=True, **options)
    else:
        raise ValueError(f'interface is "async" or "sync", not {interface!r}')
    client.definition = compiled.schema
    return client


def _read(config: str | os.PathLike[str] | Configuration, given: Mapping[str, Any]) -> Read:
    from infra_runtime.configuration.binding import read_for_client

    return read_for_client(config, given)


def _sources(schema: str | os.PathLike[str]) -> tuple[tuple[SourceFile, ...], str | None]:
    """The schema's files, and the folder that its `file:` URLs are relative to."""
    if isinstance(schema, str) and ("{" in schema or "\n" in schema):
        return (SourceFile("schema.prisma", schema),), None
    path = Path(schema)
    files = load(path, start=Path.cwd())
    return files, str((path if path.is_dir() else path.parent).absolute())


def _model(schema: Schema, name: str) -> Model:
    try:
        return schema.model[name]
    except KeyError:
        near = get_close_matches(name, schema.model, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(schema.model)}"
        raise FieldNotFoundError(f"the schema has no model {name}{hint}") from None


def _push(connection: Connection, schema: ir.Schema, force: bool) -> Push:
    return push_schema(
        schema, DriverConnection(connection, schema.datasource.provider), accept_data_loss=force, accept_locks=force
    )
