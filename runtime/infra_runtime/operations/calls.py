"""The arguments of one writing call, and the rows it answers. Imports `arguments`, the writer and the reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from infra_runtime.arguments.data import CreateData, DataWalk, Where
from infra_runtime.arguments.data.walk import check_writable, plain_where
from infra_runtime.arguments.query import selection_shape
from infra_runtime.arguments.violations import not_found
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.arguments.where import SEARCH, Scoped, filter_shape, scoped_by, unique_where_shape
from infra_runtime.context import OperationContext
from infra_runtime.effects import Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.operation import Operation
from infra_runtime.operations.keys import Row, any_of, both, key_fields, key_values
from infra_runtime.operations.read import read_rows, read_values
from infra_runtime.operations.writer import Writer
from infra_runtime.schema import Model

Result = TypeVar("Result")


class Call:
    """The arguments of one call, checked as they are taken."""

    __slots__ = ("arguments", "context", "data", "engine", "is_quiet", "model", "scoped", "writer")

    def __init__(self, engine: Engine, context: OperationContext, operation: Operation) -> None:
        assert operation.model is not None
        self.engine = engine
        self.context = context
        self.model: Model = operation.model
        self.arguments = operation.arguments
        self.data = DataWalk(engine, context)
        self.writer = Writer(engine, context, self.data, operation.name)
        self.is_quiet = self.writer.wants(self.model) is None
        """Does nobody listen to changes of the model?"""
        self.scoped: Scoped = True
        """Which rows it is about."""
        check_writable(self.model)
        if self.arguments.get("deleted") is not None:
            self.scoped = self._scoped_by(self.arguments["deleted"])

    def named(self, error: ArgumentError) -> ArgumentError:
        """The error, with the model's name."""
        error.model = self.model.name
        return error

    def _scoped_by(self, deleted: Any) -> Scoped:
        try:
            return scoped_by(self.engine, self.model, deleted)
        except ArgumentError as error:
            raise self.named(error) from None

    def refuse_deleted(self) -> None:
        """For what has nothing to do with rows that are deleted already. Errors: InputError where it is to be about them alone."""
        if self.scoped == "only":
            raise self.named(InputError("what is deleted already can be purged, or restored").under("deleted"))

    def argument(self, name: str) -> Any:
        """A required argument."""
        value = self.arguments.get(name)
        if value is None:
            raise self.named(MissingRequiredValueError("a value is required").under(name))
        return value

    def created(self) -> CreateData:
        """The `data` of a row to be made; where there is none, the row is all defaults."""
        given = self.arguments.get("data")
        try:
            return self.data.create(self.model, {} if given is None else given)
        except ArgumentError as error:
            raise self.named(error.under("data")) from None

    def flag(self, name: str) -> bool:
        return bool(self.arguments.get(name))

    def walked(self, name: str, walk: Callable[[Any], Result]) -> Result:
        """What `walk` makes of a required argument; errors get its name."""
        given = self.argument(name)
        try:
            return walk(given)
        except ArgumentError as error:
            raise self.named(error.under(name)) from None

    def unique(self) -> Found:
        """The `where` of a call about one row, within the scopes."""
        return self.unique_of(self.argument("where"), ("where",))

    def unique_of(self, where: Any, path: Sequence[str | int]) -> Found:
        if not isinstance(where, Mapping):
            raise self.named(InputError("a mapping with a unique key is wanted").under(*path))
        walk = Walk(self.engine, self.context)
        try:
            shape = unique_where_shape(walk, self.model, where, scoped=self.scoped)
        except ArgumentError as error:
            raise self.named(error.under(*path)) from None
        return Found(self.model, where, walk, shape)

    def filter(self) -> Where:
        """The rows that a call about any number of them is about: its `where`, and its `search`."""
        where, search = self.arguments.get("where") or {}, self.arguments.get("search")
        try:
            filter_shape(Walk(self.engine, self.context), self.model, {"where": where, "search": search})
        except ArgumentError as error:
            raise self.named(error) from None
        return where if search is None else both(where, {SEARCH: search})

    def limit(self) -> int | None:
        """How many rows may be touched at most."""
        limit = self.arguments.get("limit")
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit < 2**63):
            raise self.named(InputError(f"Provided limit ({limit}) must be a positive integer.").under("limit"))
        return limit

    def find(self, where: Where, fields: Sequence[str], *, newest: bool = False) -> Steps[list[Row]]:
        """`fields` of the row that `where` finds within the scopes. `newest`: also one that another transaction has just made."""
        return read_values(self.engine, self.context, self.model, where, fields, scoped=self.scoped, newest=newest)

    def missing(self, operation: str) -> None:
        """What a call about one row answers when there is none. Errors: RecordNotFoundError, unless the engine says None."""
        if self.engine.missing != "none":
            raise not_found(operation, self.model.name)


class Found:
    """A condition that finds one row at most: as it was given, and as it was walked, within the scopes."""

    __slots__ = ("_model", "given", "shape", "walk")

    def __init__(self, model: Model, given: Where, walk: Walk, shape: Shape) -> None:
        self._model = model
        self.given = given
        self.walk = walk
        self.shape = shape

    @property
    def where(self) -> Where:
        """What was given, to be walked again with more beside it."""
        return plain_where(self._model, self.given)


class RowMakers(dict[Model, Callable[[Row], Any] | None]):
    """What makes the rows of each model; None where rows are dicts."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._types = engine.row_types

    def __missing__(self, model: Model) -> Callable[[Row], Any] | None:
        make = self[model] = self._types.row(model)
        return make


class Answer:
    """What a call wants of the rows it wrote."""

    __slots__ = ("call", "fields", "include", "select")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.select: Mapping[str, Any] | None = call.arguments.get("select")
        self.include: Mapping[str, Any] | None = call.arguments.get("include")
        self.fields: tuple[str, ...] | None = self._plain_fields()
        """The scalars that are wanted; None where relations are wanted too."""

    def _plain_fields(self) -> tuple[str, ...] | None:
        model = self.call.model
        if self.select is None and not self.include:
            return model.readable_names
        selection_shape(Walk(self.call.engine, self.call.context), model, select=self.select, include=self.include)
        if self.select is None:
            return None
        wanted = [name for name, item in self.select.items() if item]
        return tuple(wanted) if all(name in model.scalar for name in wanted) else None

    def row(self, row: Row, *, is_current: bool = True, newest: bool = False, ends_write: bool = False) -> Steps[Any]:
        """The row to answer. `is_current`: `row` has the wanted fields as the database has them now. `newest`: another transaction may
        have made the row, and what is related to it, after this one began. `ends_write`: all is written, and is to be told of at most.
        """
        if self.fields is not None and is_current:
            return self.made(row)
        rows = yield from self._read([row], newest=newest, is_last=ends_write and self.call.engine.changes is None)
        return rows[0] if rows else None

    def rows(self, rows: Sequence[Row]) -> Steps[list[Any]]:
        """The rows to answer."""
        if self.fields is not None:
            return [self.made(row) for row in rows]
        return (yield from self._read(rows))

    def made(self, row: Row) -> Any:
        """The row to answer, of the wanted fields' values."""
        assert self.fields is not None
        values = row if len(row) == len(self.fields) else {name: row[name] for name in self.fields}
        make = self.call.engine.kept(RowMakers)[self.call.model]
        return values if make is None else make(values)

    def _read(self, rows: Sequence[Row], *, newest: bool = False, is_last: bool = False) -> Steps[list[Any]]:
        """Reads the rows again, with their relations, and keeps their order."""
        call, key = self.call, key_fields(self.call.model)
        select = self.select
        if select is not None and len(rows) > 1:
            select = {**select, **dict.fromkeys(key, True)}
        read: list[Any] = []
        for where in any_of(key, rows):
            read += yield from read_rows(
                call.engine,
                call.context,
                call.model,
                where=where,
                select=select,
                include=self.include,
                scoped=False,
                newest=newest,
                is_last=is_last,
            )
        if len(rows) > 1:
            places = {key_values(call.model, row): place for place, row in enumerate(rows)}
            read.sort(key=lambda row: places[tuple([_values(row)[name] for name in key])])
            unwanted = [name for name in key if self.select is not None and not self.select.get(name)]
            for row in read:
                for name in unwanted:
                    del _values(row)[name]
        return read


def _values(row: Any) -> dict[str, Any]:
    """The values of a row, whatever rows are made of."""
    return row if isinstance(row, dict) else vars(row)
