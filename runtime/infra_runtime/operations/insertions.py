"""Inserts rows of one model: any number in as few statements as the database's limit of parameters allows.

Imports the compiler of writes, the reads and the writer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra_runtime.changes import Change
from infra_runtime.compiler import write as compiler
from infra_runtime.compiler.decode import Decode
from infra_runtime.effects import Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import DataError
from infra_runtime.operations.keys import Row, key_fields, key_of, together
from infra_runtime.operations.read import read_values
from infra_runtime.operations.writer import Writer, decoded, every_field
from infra_runtime.schema import Model


def insert(
    writer: Writer, model: Model, rows: Sequence[Row], fields: Sequence[str] = (), *, skip_duplicates: bool = False
) -> Steps[list[Row]]:
    """Inserts rows of driver values; answers `fields` of those that were inserted, in the order of `rows`."""
    wants = writer.wants(model)
    asked = tuple(fields)
    if wants is not None:
        asked = together(fields, key_fields(model), every_field(model) if wants.after else ())
    dialect = writer.engine.dialect
    if dialect.insert_returning and not (skip_duplicates and dialect.answers_skipped):
        inserted = yield from _insert_returning(writer.engine, model, rows, asked, skip_duplicates)
    else:
        inserted = yield from _insert_and_read(writer, model, rows, asked, skip_duplicates)
    if wants is not None:
        for row in inserted:
            writer.note(Change("create", model, key_of(model, row), after=row if wants.after else None))
    return inserted


def _insert_returning(
    engine: Engine, model: Model, rows: Sequence[Row], fields: tuple[str, ...], skip_duplicates: bool
) -> Steps[list[Row]]:
    made: list[tuple[int, Row]] = []
    for insertion in _insertions(engine, model, rows, fields, skip_duplicates):
        answer = yield Statement(insertion.sql, insertion.parameters, "rows", True, model.name)
        made += zip(insertion.places, insertion.decode(answer), strict=False)
    made.sort(key=lambda pair: pair[0])
    return [row for _, row in made]


def _insert_and_read(
    writer: Writer, model: Model, rows: Sequence[Row], fields: tuple[str, ...], skip_duplicates: bool
) -> Steps[list[Row]]:
    """For databases without RETURNING: inserts row by row and reads each by its key, or by the id the database made for it."""
    engine = writer.engine
    inserted: list[Row] = []
    for row in rows:
        row_id: int | None = None
        for insertion in _insertions(engine, model, [row], (), skip_duplicates):
            row_id = yield Statement(insertion.sql, insertion.parameters, "row_id", True, model.name)
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


def insert_counted(writer: Writer, model: Model, rows: Sequence[Row], *, skip_duplicates: bool = False) -> Steps[int]:
    """Inserts rows of driver values; answers how many were inserted."""
    if writer.wants(model) is not None:
        inserted = yield from insert(writer, model, rows, skip_duplicates=skip_duplicates)
        return len(inserted)
    total = 0
    for insertion in _insertions(writer.engine, model, rows, (), skip_duplicates):
        total += yield Statement(insertion.sql, insertion.parameters, "count", True, model.name)
    return total


@dataclass(frozen=True, slots=True)
class _Insertion:
    """One statement of an insertion."""

    sql: str
    parameters: list[Any]
    places: Sequence[int]
    """Which of the rows it makes."""
    decode: Decode


def _insertions(
    engine: Engine, model: Model, rows: Sequence[Row], fields: tuple[str, ...], skip_duplicates: bool
) -> Iterator[_Insertion]:
    """The statements of an insertion. Rows that leave different columns to the database are made together where it takes that."""
    groups = _groups(model, rows)
    if len(groups) > 1 and engine.dialect.default_in_values:
        yield from _mixed_insertions(engine, model, rows, groups, fields, skip_duplicates)
        return
    for columns, places in groups.items():
        plan = _insert_plan(engine, model, columns, fields, skip_duplicates)
        for chunk in _chunks(engine, rows, places, plan.rows_at_once):
            parameters = [rows[place][name] for place in chunk for name in plan.columns]
            yield _Insertion(plan.sql(len(chunk)), parameters, chunk, plan.decode)


def _mixed_insertions(
    engine: Engine,
    model: Model,
    rows: Sequence[Row],
    groups: Mapping[tuple[str, ...], Sequence[int]],
    fields: tuple[str, ...],
    skip_duplicates: bool,
) -> Iterator[_Insertion]:
    """Rows of several `groups` in their own order, as Prisma inserts them: what one leaves to its default is DEFAULT there."""
    used = dict.fromkeys(name for columns in groups for name in columns)
    plans: dict[int, compiler.InsertPlan] = {}
    for columns, places in groups.items():
        defaulted = tuple([name for name in used if name not in columns])
        plan = _insert_plan(engine, model, columns, fields, skip_duplicates, defaulted)
        plans.update(dict.fromkeys(places, plan))
    for chunk in _chunks(engine, rows, range(len(rows)), plans[0].rows_at_once):
        first, *others = [plans[place] for place in chunk]
        parameters = [rows[place][name] for place in chunk for name in plans[place].columns]
        yield _Insertion(first.and_then(others), parameters, chunk, first.decode)


def _chunks(engine: Engine, rows: Sequence[Row], places: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    """The places of rows that go into one statement: `most` at most, and no more than the database takes bytes."""
    room = engine.dialect.statement_bytes
    if room is None or len(places) == 1:
        for start in range(0, len(places), most):
            yield places[start : start + most]
        return
    first, size = 0, 0
    for index, place in enumerate(places):
        own = sum(len(value) if isinstance(value, (str, bytes)) else 30 for value in rows[place].values())
        if index > first and (index - first == most or size + own > room):
            yield places[first:index]
            first, size = index, 0
        size += own
    yield places[first:]


def _insert_plan(
    engine: Engine,
    model: Model,
    columns: tuple[str, ...],
    fields: tuple[str, ...],
    skip_duplicates: bool,
    defaulted: tuple[str, ...] = (),
) -> compiler.InsertPlan:
    shape = ("insert", model, columns, fields, skip_duplicates, defaulted)
    return engine.plans.get(
        shape, lambda: compiler.insert_plan(engine, model, columns, fields, skip_duplicates, defaulted)
    )


def _groups(model: Model, rows: Sequence[Row]) -> dict[tuple[str, ...], list[int]]:
    """The places of rows by the columns they set.

    A column that some rows leave to its NULL is set to NULL in all, so that rows differ only in what the database makes.
    """
    if len(rows) == 1:
        return {tuple(rows[0]): [0]}
    used = dict.fromkeys(name for row in rows for name in row)
    scalar = model.scalar
    nullable = [name for name in used if scalar[name].arity == "optional" and scalar[name].default is None]
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        for name in nullable:
            row.setdefault(name, None)
        groups.setdefault(tuple([name for name in used if name in row]), []).append(place)
    return groups
