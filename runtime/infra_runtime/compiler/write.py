"""Compiles what writes: INSERT, UPDATE and DELETE of a model's rows, and of links.

A plan is SQL text, the order of its values and a decoder of the rows it returns. Where a statement takes any number of rows its text
is one piece repeated, so that a thousand rows compile as fast as one. Imports the compiler's `build`, `decode`, `tables` and `where`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from infra_runtime.compiler.build import Build, CompiledStatement
from infra_runtime.compiler.decode import Decode, decoder
from infra_runtime.compiler.tables import key_field
from infra_runtime.compiler.where import column, reads_related, where_clause
from infra_runtime.engine import Engine
from infra_runtime.schema import Model, RelationField

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

Sets = tuple[tuple[str, str, int], ...]
"""Field, operator and slot of each assignment."""


_NUMBER = re.compile(r"\$(\d+)")
"""A placeholder of PostgreSQL's; the other databases' have no numbers."""


TEXTS_KEPT = 4
"""Of one plan: the longest are as long as a database takes."""


@dataclass(frozen=True)
class Repeated:
    """SQL text in which one piece stands once for each row."""

    head: str
    """Up to and with the first piece."""
    piece: str
    """What each further row adds, with its separator."""
    tail: str
    """What follows the rows; its placeholders are numbered as they are after one row."""

    def sql(self, rows: int) -> str:
        """The text for `rows` rows."""
        texts = self._texts
        text = texts.get(rows)
        if text is None:
            if len(texts) >= TEXTS_KEPT:
                texts.clear()
            text = texts[rows] = self._text(rows)
        return text

    @cached_property
    def _texts(self) -> dict[int, str]:
        """The texts that were asked for last: mostly it is the same numbers of rows again."""
        return {}

    def _text(self, rows: int) -> str:
        if rows == 1:
            return self.head + self.tail
        width = len(self._numbered) - 1
        if not width:
            return f"{self.head}{self.piece * (rows - 1)}{self.tail}"
        pieces = [text for row in range(rows - 1) for text in _shifted(self._numbered, row * width)]
        return "".join((self.head, *pieces, *_shifted(self._numbered_tail, (rows - 1) * width)))

    def further(self, parameters: int) -> str:
        """The piece of one more row, where `parameters` stand before it."""
        width = len(self._numbered) - 1
        return "".join(_shifted(self._numbered, parameters - width))

    @cached_property
    def _numbered(self) -> _Numbered:
        return _numbered(self.piece)

    @cached_property
    def _numbered_tail(self) -> _Numbered:
        return _numbered(self.tail)


_Numbered = tuple[Any, ...]
"""A text up to its first numbered placeholder, then each placeholder's number with the text that follows it."""


def _numbered(text: str) -> _Numbered:
    first, *rest = _NUMBER.split(text)
    return (first, *zip(map(int, rest[::2]), rest[1::2], strict=True))


def _shifted(numbered: _Numbered, further: int) -> Iterator[str]:
    """The text with its placeholders' numbers, where it has some, as they are `further` parameters on."""
    first, *rest = numbered
    yield first
    for number, text in rest:
        yield f"${number + further}{text}"


def repeated(one: str, two: str) -> Repeated:
    """The pattern of a text, from the texts for one row and for two: where they part, the second row begins.

    It ends where the text of one row goes on, but for the numbers of placeholders.
    """
    end = 0
    while end < len(one) and one[end] == two[end]:
        end += 1
    tail = one[end:]
    numbers = list(_NUMBER.finditer(tail))
    if numbers:
        first = list(_NUMBER.finditer(two))[-len(numbers)].start() - numbers[0].start()
    else:
        first = len(two) - len(tail)
    return Repeated(one[:end], two[end:first], tail)


@dataclass(frozen=True, slots=True)
class Copy:
    """`COPY … FROM STDIN`, and the query that fails where it would not do what an INSERT does."""

    sql: str
    guard: str


@dataclass(frozen=True, slots=True)
class InsertPlan:
    """`INSERT INTO … VALUES (…), (…)`."""

    text: Repeated
    columns: tuple[str, ...]
    """The fields of a row in the order of its parameters."""
    decode: Decode
    rows_at_once: int
    """As many rows as one statement takes parameters for."""
    copy: Copy | None = None
    """What makes the same rows of many, where the database has a faster way."""

    def sql(self, rows: int) -> str:
        return self.text.sql(rows)

    def and_then(self, others: Sequence[InsertPlan]) -> str:
        """The text for one row of this plan and one of each of the others, which leave other columns to their defaults."""
        pieces = [self.text.head]
        before = len(self.columns)
        for other in others:
            pieces.append(other.text.further(before))
            before += len(other.columns)
        return "".join((*pieces, self.text.tail))


@dataclass(frozen=True, slots=True)
class UpsertPlan:
    """`INSERT INTO … VALUES (…), (…) ON CONFLICT (…) DO UPDATE SET …`."""

    text: Repeated
    columns: tuple[str, ...]
    """The fields of a row in the order of its parameters."""
    set_places: tuple[int, ...]
    """The places, among the values of the assignments, of the parameters that follow those of the rows."""
    decode: Decode

    def sql(self, rows: int) -> str:
        return self.text.sql(rows)

    def parameters(self, rows: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> list[Any]:
        return [row[name] for row in rows for name in self.columns] + [values[place] for place in self.set_places]


@dataclass(frozen=True, slots=True)
class RowsPlan:
    """An UPDATE or DELETE, or a SELECT of what was written."""

    sql: str
    slots: tuple[int, ...]
    decode: Decode

    def parameters(self, values: Sequence[Any]) -> list[Any]:
        return [values[slot] for slot in self.slots]


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """Makes or breaks links; each takes the keys of both its ends."""

    text: Repeated
    near_first: bool
    """Is the column of the near model the first parameter, and the first column returned?"""
    decode_columns: tuple[Callable[[Any], Any] | None, Callable[[Any], Any] | None]

    def sql(self, links: int) -> str:
        return self.text.sql(links)

    def ordered(self, near: Any, far: Any) -> tuple[Any, Any]:
        """The parameters of one link."""
        return (near, far) if self.near_first else (far, near)

    def decode(self, row: Sequence[Any]) -> tuple[Any, Any]:
        """The keys of a returned link: the near model's and the far one's."""
        first, second = (
            value if decode is None else decode(value) for value, decode in zip(row, self.decode_columns, strict=True)
        )
        return (first, second) if self.near_first else (second, first)


# -- insert ------------------------------------------------------------------------------------------------------------


def insert_plan(
    engine: Engine,
    model: Model,
    columns: tuple[str, ...],
    fields: tuple[str, ...],
    skip_duplicates: bool,
    defaulted: tuple[str, ...] = (),
) -> InsertPlan:
    """INSERT of any number of rows that set `columns`, in the model's order, and `defaulted` ones to their defaults, returning `fields`.

    `skip_duplicates` leaves out rows that are there.
    """
    one = _insert(engine, model, columns, fields, skip_duplicates, defaulted, rows=1)
    if not columns and not defaulted:
        return InsertPlan(Repeated(one.sql, "", ""), (), decoder(engine, model, fields), 1)
    two = _insert(engine, model, columns, fields, skip_duplicates, defaulted, rows=2)
    # The parameters of a row are in the order of its columns, as both are in the model's.
    assert one.slots == tuple(range(len(columns))), columns
    dialect = engine.dialect
    most = max(1, dialect.max_parameters // (len(columns) + len(defaulted)))
    return InsertPlan(
        repeated(one.sql, two.sql),
        columns,
        decoder(engine, model, fields),
        most if dialect.rows_at_once is None else min(most, dialect.rows_at_once),
        None if fields or skip_duplicates or defaulted else _copy(engine, model, columns),
    )


_GUARD = (
    "SELECT 1 / count(*) FROM pg_catalog.pg_class c WHERE c.oid = '{table}'::pg_catalog.regclass AND c.relkind IN ('r', 'p') "
    "AND NOT c.relhasrules AND NOT pg_catalog.row_security_active(c.oid) AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = c.oid AND NOT a.attisdropped AND (a.attidentity = 'a' OR a.attgenerated <> ''))"
)
"""Divides by zero unless it is a table of rows, without rules, policies for this role, and columns that are always generated."""


def _copy(engine: Engine, model: Model, columns: Sequence[str]) -> Copy | None:
    """None where a text would be read otherwise than a parameter: money's by the server's locale."""
    fields = [model.scalar[name] for name in columns]
    if engine.dialect.copies_from is None or any(item.native and item.native.name == "Money" for item in fields):
        return None
    names: Any = engine.dialect.sql.identifier_preparer
    table = names.format_table(Build(engine).table(model))
    listed = ", ".join([names.quote(item.column_name) for item in fields])
    # A text with a backslash in it would be read by a setting of the server's.
    guarded = None if "\\" in table else _GUARD.format(table=table.replace("'", "''"))
    return None if guarded is None else Copy(f"COPY {table} ({listed}) FROM STDIN", guarded)


def _insert(
    engine: Engine,
    model: Model,
    columns: Sequence[str],
    fields: Sequence[str],
    skip_duplicates: bool,
    defaulted: Sequence[str],
    *,
    rows: int,
) -> CompiledStatement:
    from sqlalchemy import literal_column

    build = Build(engine)
    table = build.table(model)
    statement = engine.dialect.insert(table).inline()
    if columns or defaulted:
        width = len(columns)
        defaults: dict[str, Any] = {model.scalar[name].column_name: literal_column("DEFAULT") for name in defaulted}
        values = [{**_row(build, table, model, columns, row * width), **defaults} for row in range(rows)]
        statement = statement.values(values)
    if skip_duplicates and (columns or defaulted):
        statement = engine.dialect.skipping_duplicates(statement, column(table, model, (*columns, *defaulted)[0]))
    if fields:
        statement = statement.returning(*_columns(table, model, fields))
    return build.finish(statement)


def upsert_plan(
    engine: Engine,
    model: Model,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    sets: tuple[tuple[str, str, int | None], ...],
    fields: tuple[str, ...],
) -> UpsertPlan:
    """INSERT of any number of rows that becomes an UPDATE where a row with the same `key` exists.

    `sets`: field, operator and place among the values of each assignment; None: the value that the row was to be made with.
    """
    one, two = (_upsert(engine, model, columns, key, sets, fields, rows) for rows in (1, 2))
    width = len(columns)
    return UpsertPlan(
        repeated(one.sql, two.sql),
        tuple(columns[slot] for slot in one.slots if slot < width),
        tuple(slot - width for slot in one.slots if slot >= width),
        decoder(engine, model, fields),
    )


def _upsert(
    engine: Engine,
    model: Model,
    columns: Sequence[str],
    key: Sequence[str],
    sets: Sequence[tuple[str, str, int | None]],
    fields: Sequence[str],
    rows: int,
) -> CompiledStatement:
    build = Build(engine)
    table = build.table(model)
    width = len(columns)
    statement = engine.dialect.insert(table).inline()
    statement = statement.values([_row(build, table, model, columns, row * width) for row in range(rows)])
    changes: dict[str, Any] = {}
    for name, operator, place in sets:
        target = column(table, model, name)
        made = statement.excluded[target.name]
        value = made if place is None else build.parameter(rows * width + place, target.type)
        changes[target.name] = _operated(target, operator, value)
    if not changes:
        # Something has to be set, or the row that exists is not returned.
        changes = {column(table, model, key[0]).name: column(table, model, key[0])}
    statement = statement.on_conflict_do_update(index_elements=_columns(table, model, key), set_=changes)
    if fields:
        statement = statement.returning(*_columns(table, model, fields))
    return build.finish(statement)


def _row(build: Build, table: Table, model: Model, columns: Sequence[str], first: int) -> dict[str, Any]:
    scalar = model.scalar
    return {
        scalar[name].column_name: build.parameter(first + place, table.c[scalar[name].column_name].type)
        for place, name in enumerate(columns)
    }


def key_plan(
    engine: Engine, model: Model, key: Sequence[str], fields: tuple[str, ...], *, newest: bool = False
) -> RowsPlan:
    """SELECT of the row with a key, whose values are in the slots of its fields. `newest`: also what others have just committed."""
    from sqlalchemy import select

    build = Build(engine)
    table = build.table(model)
    found = [target == build.parameter(slot, target.type) for slot, target in enumerate(_columns(table, model, key))]
    statement = select(*_columns(table, model, fields)).where(*found)
    locks = newest and engine.dialect.sees_newest_by_lock
    compiled = build.finish(statement.with_for_update() if locks else statement)
    return RowsPlan(compiled.sql, compiled.slots, decoder(engine, model, fields))


# -- update and delete -------------------------------------------------------------------------------------------------


def update_plan(
    engine: Engine, model: Model, condition: Any, sets: Sets, fields: tuple[str, ...], limit: int | None
) -> RowsPlan:
    """UPDATE of the rows that meet `condition`; `limit` is the slot of how many at most."""
    from sqlalchemy import update

    build = Build(engine)
    table = build.table(model)
    statement: Any = update(table).values(_assignments(build, table, model, sets))
    statement = statement.where(_limited(build, table, model, condition, limit))
    if fields:
        statement = statement.returning(*_columns(table, model, fields))
    compiled = build.finish(statement)
    return RowsPlan(compiled.sql, compiled.slots, decoder(engine, model, fields))


def delete_plan(engine: Engine, model: Model, condition: Any, fields: tuple[str, ...], limit: int | None) -> RowsPlan:
    """DELETE of the rows that meet `condition`; `limit` is the slot of how many at most."""
    from sqlalchemy import delete

    build = Build(engine)
    table = build.table(model)
    statement: Any = delete(table).where(_limited(build, table, model, condition, limit))
    if fields:
        statement = statement.returning(*_columns(table, model, fields))
    compiled = build.finish(statement)
    return RowsPlan(compiled.sql, compiled.slots, decoder(engine, model, fields))


def _limited(build: Build, table: Table, model: Model, condition: Any, limit: int | None) -> ColumnElement[bool]:
    from sqlalchemy import select, tuple_

    if limit is None and (build.engine.dialect.reads_what_it_writes or not reads_related(condition)):
        return where_clause(build, table, model, condition, writes=True)
    inner = build.alias(model)
    key = model.id or model.unique_keys[0].fields
    meets = where_clause(build, inner, model, condition, writes=limit is None)
    chosen = select(*_columns(inner, model, key)).where(meets)
    if limit is not None:
        chosen = build.cut(chosen.order_by(*_columns(inner, model, key)), limit, None)
    if not build.engine.dialect.reads_what_it_writes:
        # A table of its own, made before the first row is written; DISTINCT keeps it from being merged into the statement.
        chosen = select(chosen.distinct().subquery(build.name("q")))
    own = _columns(table, model, key)
    return (own[0] if len(own) == 1 else tuple_(*own)).in_(chosen)


def _assignments(build: Build, table: Table, model: Model, sets: Sets) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, operator, slot in sets:
        target = column(table, model, name)
        changes[target.name] = _operated(target, operator, build.parameter(slot, target.type))
    return changes


def _operated(target: Any, operator: str, value: Any) -> Any:
    from sqlalchemy import func

    if operator == "set":
        return value
    if operator == "increment":
        return target + value
    if operator == "decrement":
        return target - value
    if operator == "multiply":
        return target * value
    if operator == "push":
        return func.array_cat(target, value)
    # SQLAlchemy's own division would turn integers into fractions; the database's does not.
    return target.op("/")(value)


def _columns(table: Any, model: Model, names: Sequence[str]) -> list[Any]:
    return [column(table, model, name) for name in names]


# -- links -------------------------------------------------------------------------------------------------------------


def link_plan(engine: Engine, relation: RelationField, kind: str, returns: bool) -> LinkPlan:
    """Making links (`link`), breaking them (`unlink`) or breaking all of a row (`unlink all`), of which there may be any number;
    or what there is of them, to be changed next (`look`, `look at all`)."""
    schema = engine.schema
    near_first = relation.link_side == "A"
    one, two = (_link(engine, relation, kind, returns, links) for links in (1, 2))
    near, far = schema.model[schema.opposite(relation).model], schema.model[relation.model]
    ends = (near, far) if near_first else (far, near)
    decodes = [engine.codec(model.scalar[key_field(model)]).decode for model in ends]
    return LinkPlan(repeated(one.sql, two.sql), near_first, (decodes[0], decodes[1]))


def _link(engine: Engine, relation: RelationField, kind: str, returns: bool, links: int) -> CompiledStatement:
    from sqlalchemy import and_, delete, or_, select

    build = Build(engine)
    table = build.link(relation)
    pairs = [
        {name: build.parameter(2 * place + offset, table.c[name].type) for offset, name in enumerate("AB")}
        for place in range(links)
    ]
    if kind == "link":
        statement: Any = engine.dialect.insert(table).inline().values(pairs)
        statement = engine.dialect.skipping_duplicates(statement, table.c.A)
    else:
        sides = relation.link_side if kind.endswith("all") else "AB"
        chosen = or_(*(and_(*(table.c[side] == pair[side] for side in sides)) for pair in pairs))
        looks = kind.startswith("look")
        statement = select(table.c.A, table.c.B).with_for_update() if looks else delete(table)
        statement = statement.where(chosen)
    if returns:
        statement = statement.returning(table.c.A, table.c.B)
    return build.finish(statement)
