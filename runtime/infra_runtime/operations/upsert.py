"""The operations that write a row whether it is there or not: programs of upsert and upsert_many.

Where the database itself can decide between the two branches, an upsert is one statement, and so are consecutive ones that differ in
values alone. All others are read, then written. Imports `arguments`, the compiler of writes, the writer, nested writes and reads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from infra_runtime.arguments.data import Assignment, CreateData, UpdateData, Where
from infra_runtime.compiler import write as compiler
from infra_runtime.context import OperationContext
from infra_runtime.effects import Begin, Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError, UniqueViolationError
from infra_runtime.operation import Operation
from infra_runtime.operations.at_once import upsert_at_once
from infra_runtime.operations.calls import Answer, Call
from infra_runtime.operations.keys import Row, key_fields, together
from infra_runtime.operations.nested import create_row, fields_to_update, update_row
from infra_runtime.operations.row_changes import follows_update
from infra_runtime.operations.writer import encoded

Result = TypeVar("Result")


def upsert(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """`upsert(where, data={"create": …, "update": …}, include | select)`: changes the row, or makes it; answers it.

    One statement where Prisma's rules for it allow (https://www.prisma.io/docs/orm/reference/prisma-client-reference#upsert), else
    read, then written: in a transaction, unless all there is to write is the row that was not found, in one statement.
    """
    if planned := upsert_at_once(engine, operation):
        return planned
    call = Call(engine, context, operation)
    where = call.unique().where
    one = call.walked("data", lambda given: Upserted(call, call.argument("where"), where, _branches(given)))
    answer = Answer(call)
    if answer.fields is None:
        return Program("atomic", _upsert(call, one, answer))
    return Program(
        "write" if one.key is not None else "bulk" if one.is_made_alone else "atomic", _upsert(call, one, answer)
    )


def upsert_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[int]:
    """`upsert_many(data=[{"where": …, "create": …, "update": …}, …])`: an upsert of each, in their order, all or none; answers how many."""
    call = Call(engine, context, operation)
    given = call.argument("data")
    if not isinstance(given, (list, tuple)):
        raise call.named(InputError("a list of {'where': …, 'create': …, 'update': …} is wanted").under("data"))
    ones = [_one_of_many(call, place, item) for place, item in enumerate(given)]
    runs = list(_runs(ones, engine.dialect.max_parameters))
    at_once = all(one.key is not None for one in ones) and len(runs) == 1
    return Program("write" if at_once else "atomic", _upsert_many(call, runs))


def _one_of_many(call: Call, place: int, given: Any) -> Upserted:
    try:
        branches = _branches(given, "where")
    except ArgumentError as error:
        raise call.named(error.under("data", place)) from None
    where = call.unique_of(given["where"], ("data", place, "where")).where
    try:
        return Upserted(call, given["where"], where, branches)
    except ArgumentError as error:
        raise call.named(error.under("data", place)) from None


def _branches(given: Any, *more: str) -> Mapping[str, Any]:
    """What an upsert is made of: `create`, `update` and `more`, no other, none missing."""
    wanted = (*more, "create", "update")
    if not isinstance(given, Mapping):
        raise InputError(f"{{{', '.join(f'{name!r}: …' for name in wanted)}}} is wanted")
    for name in wanted:
        if name not in given:
            raise MissingRequiredValueError("a value is required").under(name)
    for name in given:
        if name not in wanted:
            raise InputError(f"unknown argument; known are {', '.join(f'`{known}`' for known in wanted)}").under(name)
    return given


class Upserted:
    """One upsert: where the row may be, the row to make, the changes to make."""

    __slots__ = ("changes", "data", "is_made_alone", "key", "where")

    def __init__(self, call: Call, given: Mapping[str, Any], where: Where, branches: Mapping[str, Any]) -> None:
        """`where` is what `given` says, with compound keys as their fields."""
        self.data: CreateData = _under("create", lambda: call.data.create(call.model, branches["create"]))
        self.changes: UpdateData = _under("update", lambda: call.data.update(call.model, branches["update"]))
        self.where = where
        self.key = self._native_key(call, given)
        """The unique key on which the database itself can decide between the two branches."""
        self.is_made_alone = self.data.is_flat and call.is_quiet and call.engine.dialect.inserts_unfound
        """Can the row be made with no transaction around it, where it is not found?"""

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """What changes in a row that is there: nothing, not even `@updatedAt`, where the caller changes nothing."""
        return (*self.changes.assignments, *self.changes.touched) if self.changes.assignments else ()

    def _native_key(self, call: Call, given: Mapping[str, Any]) -> tuple[str, ...] | None:
        if not (call.engine.dialect.upsert and self.data.is_flat and self.changes.is_flat):
            return None
        if not call.is_quiet or call.engine.hides_rows_of(call.model) or len(given) != 1:
            return None
        if follows_update(call.writer, call.model, self.changes.assignments):
            return None
        key = call.model.unique_key.get(next(iter(given)))
        if key is None or any(isinstance(self.where.get(name), (Mapping, type(None))) for name in key.fields):
            return None
        wanted = encoded(call.engine, call.model, {name: self.where[name] for name in key.fields})
        values = self.data.values
        same = all(name in values and values[name] == value for name, value in wanted.items())
        return key.fields if same else None


def _under(key: str, walk: Callable[[], Result]) -> Result:
    try:
        return walk()
    except ArgumentError as error:
        raise error.under(key) from None


def _upsert(call: Call, one: Upserted, answer: Answer) -> Steps[Any]:
    if one.key is not None:
        rows = yield from _native(call, Run.of(one, one.key), answer.fields or key_fields(call.model))
        return (yield from answer.row(rows[0]))
    if answer.fields is not None and one.is_made_alone:
        row, is_current, raced = yield from _read_then_made(call, one, answer.fields)
    else:
        row, is_current, raced = yield from _read_then_write(call, one, answer.fields)
    result = yield from answer.row(row, is_current=is_current, newest=raced)
    yield from call.writer.report()
    return result


def _upsert_many(call: Call, runs: Sequence[Run | Upserted]) -> Steps[int]:
    total = 0
    for item in runs:
        if isinstance(item, Run):
            yield from _native(call, item, ())
            total += len(item.rows)
        else:
            yield from _read_then_write(call, item, None)
            total += 1
    yield from call.writer.report()
    return total


# -- native ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement of many rows may take the value of an assignment from: from the row that was to be made, or from one
    parameter for all rows."""

    from_row: bool
    from_parameter: bool

    def __and__(self, other: Source) -> Source:
        return Source(self.from_row and other.from_row, self.from_parameter and other.from_parameter)

    def __bool__(self) -> bool:
        return self.from_row or self.from_parameter


@dataclass(slots=True)
class Run:
    """Upserts that one native statement does: of the same fields, by the same key, none of them of a row that another is of."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    """Those of the first: of the others they differ in values that `sources` takes from the rows."""
    sources: tuple[Source, ...]
    rows: list[Row] = field(default_factory=list)
    _taken: set[Hashable] = field(default_factory=set)

    @classmethod
    def of(cls, one: Upserted, key: tuple[str, ...]) -> Run:
        """A run of one upsert."""
        run = cls(key, tuple(one.data.values), one.assignments, _sources(one, one.assignments))
        run._add(one)
        return run

    def takes(self, one: Upserted, limit: int) -> bool:
        """Adds the upsert, if the statement can do it too, in no more than `limit` parameters."""
        if one.key != self.key or tuple(one.data.values) != self.columns:
            return False
        if [(item.field, item.operator) for item in one.assignments] != [
            (item.field, item.operator) for item in self.assignments
        ]:
            return False
        sources = tuple(map(Source.__and__, self.sources, _sources(one, self.assignments)))
        parameters = (len(self.rows) + 1) * len(self.columns) + len(sources)
        if not all(sources) or parameters > limit or self._identity(one) in self._taken:
            return False
        self.sources = sources
        self._add(one)
        return True

    def _add(self, one: Upserted) -> None:
        self.rows.append(one.data.values)
        self._taken.add(self._identity(one))

    def _identity(self, one: Upserted) -> Hashable:
        """Equal for all values of the key that some database could hold to be equal: padded, or in other letters."""
        return tuple([str(one.data.values[name]).strip().casefold() for name in self.key])


def _sources(one: Upserted, first: Sequence[Assignment]) -> tuple[Source, ...]:
    """Where each value of an upsert may come from, in a statement that has the assignments of `first`."""
    values, touched = one.data.values, len(one.changes.assignments)
    return tuple(
        # What happens in one statement happens at one moment.
        Source(False, True) if place >= touched else Source(_holds(values, item), item.value == first[place].value)
        for place, item in enumerate(one.assignments)
    )


def _holds(values: Row, item: Assignment) -> bool:
    return item.field.name in values and bool(values[item.field.name] == item.value)


def _runs(ones: Iterable[Upserted], limit: int) -> Iterator[Run | Upserted]:
    """The upserts in their order, consecutive ones together where one statement can do them."""
    run: Run | None = None
    for one in ones:
        if run is not None and run.takes(one, limit):
            continue
        if run is not None:
            yield run
        run = Run.of(one, one.key) if one.key is not None else None
        if run is None:
            yield one
    if run is not None:
        yield run


def _native(call: Call, run: Run, fields: tuple[str, ...]) -> Steps[list[Row]]:
    """Answers `fields` of the rows, made or changed."""
    engine, model = call.engine, call.model
    single = len(run.rows) == 1
    sets = tuple(
        (item.field.name, item.operator, None if source.from_row and not single else place)
        for place, (item, source) in enumerate(zip(run.assignments, run.sources, strict=True))
    )
    shape = ("upsert", model, run.columns, run.key, sets, fields)
    plan = engine.plans.get(shape, lambda: compiler.upsert_plan(engine, model, run.columns, run.key, sets, fields))
    parameters = plan.parameters(run.rows, [item.value for item in run.assignments])
    answer = yield Statement(plan.sql(len(run.rows)), parameters, "rows" if fields else "count", True, model.name)
    return plan.decode(answer) if fields else []


# -- read, then written ------------------------------------------------------------------------------------------------


def _read_then_write(call: Call, one: Upserted, fields: tuple[str, ...] | None) -> Steps[tuple[Row, bool, bool]]:
    """The row, whether it is known to be what the database holds now, and whether another client made it meanwhile.

    Another client may make the row between the read and the insertion: the insertion then makes none, and the row is changed instead.
    """
    found = yield from call.find(one.where, fields_to_update(call.writer, one.changes))
    raced = not found
    if not found:
        data = one.data
        asked = fields if data.ends_with_row and fields is not None else key_fields(call.model)
        row = yield from create_row(call.writer, data, asked, skip_duplicates=not data.waits)
        if row is not None:
            return row, data.ends_with_row, False
        wanted = together(fields_to_update(call.writer, one.changes), fields or ())
        found = yield from call.find(one.where, wanted, newest=True)
        if not found:
            row = yield from create_row(call.writer, data, asked)
            assert row is not None
            return row, data.ends_with_row, False
    row = yield from update_row(call.writer, one.changes, found[0], fields or () if one.changes.ends_with_row else ())
    return row, one.changes.ends_with_row, raced


def _read_then_made(call: Call, one: Upserted, fields: tuple[str, ...]) -> Steps[tuple[Row, bool, bool]]:
    """`_read_then_write`, where one statement makes the row: a transaction begins where the row is to be changed.

    Where another client makes the row between the read and the insertion, the insertion fails.
    """
    to_change = fields_to_update(call.writer, one.changes)
    found = yield from call.find(one.where, to_change)
    raced = not found
    if found:
        yield Begin()
    else:
        try:
            row = yield from create_row(call.writer, one.data, fields)
            assert row is not None
            return row, True, False
        except UniqueViolationError:
            yield Begin()
            found = yield from call.find(one.where, together(to_change, fields), newest=True)
            if not found:
                # It is of another key.
                raise
    row = yield from update_row(call.writer, one.changes, found[0], fields if one.changes.ends_with_row else ())
    return row, one.changes.ends_with_row, raced
