"""Inserts rows of one model: any number in as few statements as the database's limit of parameters allows.

Imports the tree of `data`, the compiler of writes, the reads and the writer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, repeat
from typing import Any, Literal

from infra_runtime.arguments.data import Rows, Run
from infra_runtime.changes import Change
from infra_runtime.compiler import write as compiler
from infra_runtime.compiler.decode import Decode
from infra_runtime.effects import Later, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import DataError
from infra_runtime.operations.keys import Row, key_fields, key_of, together
from infra_runtime.operations.read import read_values
from infra_runtime.operations.writer import Writer, decoded, every_field
from infra_runtime.schema import Model


def insert(
    writer: Writer, rows: Rows, fields: Sequence[str] = (), *, skip_duplicates: bool = False
) -> Steps[list[Row]]:
    """Inserts rows; answers `fields` of those that were inserted, in the order of `rows`."""
    model = rows.model
    wants = writer.wants(model)
    asked = tuple(fields)
    if wants is not None:
        asked = together(fields, key_fields(model), every_field(model) if wants.after else ())
    dialect = writer.engine.dialect
    if dialect.insert_returning and not (skip_duplicates and dialect.answers_skipped):
        inserted = yield from insert_returning(writer.engine, rows, asked, skip_duplicates)
    else:
        inserted = yield from _insert_and_read(writer, rows, asked, skip_duplicates)
    if wants is not None:
        for row in inserted:
            writer.note(Change("create", model, key_of(model, row), after=row if wants.after else None))
    return inserted


def insert_one(
    writer: Writer,
    model: Model,
    values: Row,
    fields: tuple[str, ...],
    *,
    skip_duplicates: bool = False,
) -> Steps[list[Row]]:
    """`insert`, of one row by the names of its fields."""
    engine = writer.engine
    if not values or skip_duplicates or not engine.dialect.insert_returning or writer.wants(model) is not None:
        return (yield from insert(writer, Rows.of(model, [values]), fields, skip_duplicates=skip_duplicates))
    columns = tuple([field.name for field in model.scalars if field.name in values])
    plan = insert_plan(engine, model, columns, fields, False)
    # No COMMIT goes along: a trigger may keep the row out of its table, and then nothing else is to be kept.
    answer = yield Statement(plan.sql(1), [values[name] for name in columns], "rows", True, model.name)
    return plan.decode(answer)


def insert_returning(engine: Engine, rows: Rows, fields: tuple[str, ...], skip_duplicates: bool) -> Steps[list[Row]]:
    """Inserts rows in a database with RETURNING; answers `fields` of those that were inserted, in the order of `rows`."""
    made: list[tuple[int, Row]] = []
    for one in insertions(engine, rows, fields, skip_duplicates):
        answer = yield one.statement(rows.model, "rows")
        if len(one.places) == len(rows):
            return one.decode(answer)
        made += zip(one.places, one.decode(answer), strict=False)
    made.sort(key=lambda pair: pair[0])
    return [row for _, row in made]


def _insert_and_read(writer: Writer, rows: Rows, fields: tuple[str, ...], skip_duplicates: bool) -> Steps[list[Row]]:
    """For databases without RETURNING: inserts row by row and reads each by its key, or by the id the database made for it."""
    engine, model = writer.engine, rows.model
    inserted: list[Row] = []
    for row in rows.by_name():
        row_id: int | None = None
        for one in insertions(engine, Rows.of(model, [row]), (), skip_duplicates):
            row_id = yield one.statement(model, "row_id")
        if row_id is None:
            continue
        key = _known_key(engine, model, row) or _generated_key(engine, model, row, row_id)
        inserted += yield from read_values(engine, writer.context, model, key, fields, scoped=False)
    return inserted


def _known_key(engine: Engine, model: Model, row: Row) -> Row | None:
    """A unique key whose values the row brings along."""
    for key in model.unique_keys:
        if all(row.get(name) is not None for name in key.fields):
            return decoded(engine, model, {name: row[name] for name in key.fields})
    return None


def _generated_key(engine: Engine, model: Model, row: Row, row_id: int) -> Row:
    """The id of a row of which the database made one part. Errors: DataError where it made what it does not tell."""
    made = [name for name in model.id if name not in row]
    if not row_id or len(made) != 1:
        raise DataError(
            f"{engine.dialect.name} does not tell which {' and '.join(made) or 'key'} it made: give {model.name} one in data, "
            "or a default that is made by the client, such as uuid()",
            model=model.name,
            fields=made,
        )
    return {**decoded(engine, model, {name: row[name] for name in model.id if name in row}), made[0]: row_id}


def insert_counted(writer: Writer, rows: Rows, *, skip_duplicates: bool = False) -> Steps[int]:
    """Inserts rows; answers how many were inserted."""
    if writer.wants(rows.model) is not None:
        inserted = yield from insert(writer, rows, skip_duplicates=skip_duplicates)
        return len(inserted)
    copying = copy_of(writer.engine, rows, skip_duplicates)
    return (yield from count_inserted(rows.model, copying, insertions(writer.engine, rows, (), skip_duplicates)))


def insert_unanswered(writer: Writer, rows: Rows, *, skip_duplicates: bool = False) -> Steps[None]:
    """Inserts rows of which nobody wants to know more."""
    engine, model = writer.engine, rows.model
    if writer.wants(model) is not None:
        yield from insert(writer, rows, skip_duplicates=skip_duplicates)
        return
    copying, statements = copy_of(engine, rows, skip_duplicates), insertions(engine, rows, (), skip_duplicates)
    if copying is None and len(statements) == 1:
        yield Later(statements[0].statement(model, "count"))
    else:
        yield from count_inserted(model, copying, statements)


def copy_of(engine: Engine, rows: Rows, skip_duplicates: bool) -> Statement | None:
    """The COPY that makes the rows: where they are many, all set the same columns, and the database has one."""
    least = engine.dialect.copies_from
    if least is None or len(rows) < least or skip_duplicates:
        return None
    run, *others = _runs(rows)
    plan = None if others else insert_plan(engine, rows.model, run.columns, (), False)
    if plan is None or plan.copy is None:
        return None
    width = len(run.columns)
    columns = [run.values[place::width] for place in range(width)]
    return Statement(plan.copy.sql, [plan.copy.guard, *columns], "copied", True, rows.model.name)


def count_inserted(model: Model, copying: Statement | None, statements: Iterable[Insertion]) -> Steps[int]:
    """Runs the COPY of an insertion or, where there is none for the table, its statements; answers how many rows were inserted."""
    if copying is not None:
        copied: int | None = yield copying
        if copied is not None:
            return copied
    total = 0
    for one in statements:
        total += yield one.statement(model, "count")
    return total


@dataclass(frozen=True, slots=True)
class Insertion:
    """One statement of an insertion, whose text is made when its turn comes."""

    places: Sequence[int]
    """Which of the rows it makes."""
    decode: Decode
    text: Callable[[], tuple[str, Sequence[Any]]]
    """The SQL and its parameters."""

    def statement(self, model: Model, returns: Literal["rows", "count", "row_id"]) -> Statement:
        return Statement(*self.text(), returns, True, model.name)


def insertions(engine: Engine, rows: Rows, fields: tuple[str, ...], skip_duplicates: bool) -> list[Insertion]:
    """The statements of an insertion. Rows that leave different columns to the database are made together where it takes that."""
    runs = _runs(rows)
    if len(runs) > 1 and engine.dialect.default_in_values:
        return list(_mixed_insertions(engine, rows, runs, fields, skip_duplicates))
    return [one for run in runs for one in _insertions(engine, rows.model, run, fields, skip_duplicates)]


def _insertions(
    engine: Engine, model: Model, run: Run, fields: tuple[str, ...], skip_duplicates: bool
) -> Iterator[Insertion]:
    plan = insert_plan(engine, model, run.columns, fields, skip_duplicates)
    width = len(run.columns)

    def text(first: int, last: int) -> tuple[str, Sequence[Any]]:
        whole = last - first == len(run.places)
        return plan.sql(last - first), run.values if whole else run.values[first * width : last * width]

    for first, last in _chunks(engine, lambda: _sizes(run), len(run.places), plan.rows_at_once):
        yield Insertion(run.places[first:last], plan.decode, partial(text, first, last))


def _mixed_insertions(
    engine: Engine, rows: Rows, runs: Sequence[Run], fields: tuple[str, ...], skip_duplicates: bool
) -> Iterator[Insertion]:
    """Rows of several `runs` in their own order, as Prisma inserts them: what one leaves to its default is DEFAULT there."""
    used = _in_order(rows.model, runs)
    planned: dict[int, tuple[compiler.InsertPlan, Sequence[Any]]] = {}
    for run in runs:
        defaulted = tuple([name for name in used if name not in run.columns])
        plan = insert_plan(engine, rows.model, run.columns, fields, skip_duplicates, defaulted)
        planned.update((place, (plan, values)) for place, values in zip(run.places, run.rows(), strict=True))
    each = [planned[place] for place in range(len(rows))]

    def text(first: int, last: int) -> tuple[str, Sequence[Any]]:
        plan, *others = [plan for plan, _ in each[first:last]]
        return plan.and_then(others), [value for _, values in each[first:last] for value in values]

    for first, last in _chunks(
        engine, lambda: (_size(values) for _, values in each), len(each), each[0][0].rows_at_once
    ):
        yield Insertion(range(first, last), each[first][0].decode, partial(text, first, last))


def _chunks(engine: Engine, sizes: Callable[[], Iterable[int]], rows: int, most: int) -> Iterator[tuple[int, int]]:
    """The first row and the end of what goes into one statement: `most` rows at most, and no more than the database takes bytes.

    `sizes`: about how many characters the values of each row are.
    """
    room = engine.dialect.statement_bytes
    if room is None or rows == 1:
        for start in range(0, rows, most):
            yield start, min(start + most, rows)
        return
    ends = list(accumulate(sizes()))
    first = 0
    while first < rows:
        before = ends[first - 1] if first else 0
        last = max(first + 1, min(first + most, bisect_right(ends, before + room, first)))
        yield first, last
        first = last


_PLAIN_SIZE = 30
"""Of a value that is neither text nor bytes: no more, mostly less."""


def _size(values: Iterable[Any]) -> int:
    return sum([len(value) if isinstance(value, (str, bytes)) else _PLAIN_SIZE for value in values])


def _sizes(run: Run) -> Iterable[int]:
    """The sizes of rows of the same columns: of a whole column at once, where all its values are of a type."""
    width, rows = len(run.columns), len(run.places)
    parts: list[Iterable[int]] = [repeat(0, rows)]
    for place in range(width):
        column = run.values[place::width]
        types = set(map(type, column))
        if types.isdisjoint((str, bytes)):
            parts.append(repeat(_PLAIN_SIZE, rows))
        else:
            parts.append(map(len, column) if len(types) == 1 else [_size((value,)) for value in column])
    return map(sum, zip(*parts, strict=True))


def insert_plan(
    engine: Engine,
    model: Model,
    columns: tuple[str, ...],
    fields: tuple[str, ...],
    skip_duplicates: bool,
    defaulted: tuple[str, ...] = (),
) -> compiler.InsertPlan:
    """The plan of an INSERT, made once for its shape."""
    shape = ("insert", model, columns, fields, skip_duplicates, defaulted)
    return engine.plans.get(
        shape, lambda: compiler.insert_plan(engine, model, columns, fields, skip_duplicates, defaulted)
    )


def _runs(rows: Rows) -> Sequence[Run]:
    """The rows by the columns they set.

    A column that some rows leave to its NULL is set to NULL in all, so that rows differ only in what the database makes.
    """
    runs = tuple(rows.runs.values())
    if len(runs) == 1:
        return runs
    used, scalar = _in_order(rows.model, runs), rows.model.scalar
    nullable = {name for name in used if scalar[name].arity == "optional" and scalar[name].default is None}
    widened: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        columns = tuple([name for name in used if name in nullable or name in run.columns])
        widened.setdefault(columns, []).append(run)
    return [_together(columns, parts) for columns, parts in widened.items()]


def _together(columns: tuple[str, ...], runs: Sequence[Run]) -> Run:
    """The rows of all `runs` in their order, with NULL in the columns they lack."""
    if len(runs) == 1 and runs[0].columns == columns:
        return runs[0]
    by_place: dict[int, list[Any]] = {}
    for run in runs:
        sources = [run.columns.index(name) if name in run.columns else None for name in columns]
        for place, values in zip(run.places, run.rows(), strict=True):
            by_place[place] = [None if source is None else values[source] for source in sources]
    places = sorted(by_place)
    return Run(columns, [value for place in places for value in by_place[place]], places)


def _in_order(model: Model, runs: Sequence[Run]) -> tuple[str, ...]:
    """The columns that any of `runs` sets, in the model's order."""
    used = {name for run in runs for name in run.columns}
    return tuple([field.name for field in model.scalars if field.name in used])
