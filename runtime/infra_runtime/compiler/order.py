"""Compiles orders, cursors and seeks: the same terms make ORDER BY and the condition that a row comes after a place in that order.

A place is a value for each term. A cursor's place is a row's, looked up by the statement itself; a seek's is made of parameters. One
function, `beyond`, makes the condition of both. Imports `build`, `search`, `where`, `arguments.order` (the key of a model without an order) and the bottom of the runtime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.order import first_key
from infra_runtime.compiler.build import Build
from infra_runtime.compiler.search import rank, relevance
from infra_runtime.compiler.where import column, joined, where_clause
from infra_runtime.schema import Model, ScalarField

if TYPE_CHECKING:
    from sqlalchemy import FromClause


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an order: what is sorted by, which way, and where NULLs stand if that is said or matters."""

    path: tuple[str, ...]
    field: Any
    """A field's name, `("count", relation, condition)`, `("relevance", fields, slot)` or `("rank", shape of a search, None)`."""
    descending: bool
    nulls: str | None
    nullable: bool
    is_enum: bool = False


def terms(model: Model, order: Any, build: Build, *, total: bool, reverse: bool = False) -> list[Term]:
    """The terms of an order. `reverse`: the other way round, NULLs too.

    `total`: rows of equal order are told apart by the id, as pages need it. The first of them are those with the lowest ids, also when
    an order is read from its end, as in Prisma; where nothing else is ordered by, the end is the highest id.
    """
    found = [_term(build, model, item) for item in order]
    if reverse:
        found = [turned(term) for term in found]
    if total:
        key = first_key(model)
        present = {term.field for term in found if not term.path}
        descending = reverse and not found
        found += [
            Term((), name, descending, None, not model.scalar[name].is_required, model.scalar[name].is_enum)
            for name in key
            if name not in present
        ]
    return found


def _term(build: Build, model: Model, item: Any) -> Term:
    path, field, direction, nulls = item
    nullable = is_enum = False
    for name in path:
        relation = model.relation[name]
        nullable = nullable or not relation.is_required
        model = build.engine.schema.model[relation.model]
    if isinstance(field, str):
        nullable = nullable or not model.scalar[field].is_required
        is_enum = model.scalar[field].is_enum
    return Term(path, field, direction == "desc", nulls, nullable, is_enum)


def turned(term: Term) -> Term:
    """The term the other way round, NULLs too."""
    nulls = {"first": "last", "last": "first", None: None}[term.nulls]
    return Term(term.path, term.field, not term.descending, nulls, term.nullable, term.is_enum)


def order_value(build: Build, table: FromClause, model: Model, term: Term) -> Any:
    """What a term sorts by: a column, or a subquery for a related row's column or a number of related rows.

    A row that is not there has no related rows: their number is 0, not NULL.
    """
    from sqlalchemy import func, literal_column

    value = _value(build, table, model, term.path, term.field)
    is_number = term.path and not isinstance(term.field, str) and term.field[0] == "count"
    return func.coalesce(value, literal_column("0")) if is_number else value


def _value(build: Build, table: FromClause, model: Model, path: tuple[str, ...], field: Any) -> Any:
    from sqlalchemy import select

    if path:
        relation = model.relation[path[0]]
        target = build.engine.schema.model[relation.model]
        alias = build.alias(target)
        inner = select(_value(build, alias, target, path[1:], field))
        return joined(build, inner.select_from(alias), relation, model, table, alias).correlate(table).scalar_subquery()
    if isinstance(field, str):
        return column(table, model, field)
    kind, what, how = field
    if kind == "relevance":
        return relevance(build, [column(table, model, name) for name in what], how)
    if kind == "rank":
        return rank(build, table, model, what)
    return count_of_related(build, table, model, what, how)


def count_of_related(build: Build, table: FromClause, model: Model, name: str, condition: Any) -> Any:
    """How many rows a relation leads to, as a subquery."""
    from sqlalchemy import func, select

    relation = model.relation[name]
    target = build.engine.schema.model[relation.model]
    alias = build.alias(target)
    inner = select(func.count()).select_from(alias)
    if condition != ("true",):
        inner = inner.where(where_clause(build, alias, target, condition))
    return joined(build, inner, relation, model, table, alias).correlate(table).scalar_subquery()


def order_by(build: Build, term: Term, value: Any) -> list[Any]:
    """The terms of ORDER BY that put `value` in order."""

    sorted_value = value.desc() if term.descending else value.asc()
    if term.nulls is None:
        return [sorted_value]
    if build.engine.dialect.nulls_ordering:
        return [sorted_value.nulls_first() if term.nulls == "first" else sorted_value.nulls_last()]
    is_null = value.is_(None)
    return [is_null.desc() if term.nulls == "first" else is_null.asc(), sorted_value]


@dataclass(frozen=True, slots=True)
class Place:
    """What a place in an order has for one of its terms."""

    value: Any
    is_null: bool | None
    """Is it NULL? None: only the database knows."""


def beyond(build: Build, ordered: list[Term], values: list[Any], places: list[Place], *, inclusive: bool) -> Any:
    """The condition that rows, which have `values` for the terms, stand after a place in their order; `inclusive`: or at it.

    Where the database seeks in an index by a comparison of rows, `(a, b) > (x, y)`; else `a >= x AND (a > x OR (a = x AND b > y))`, whose
    first part an index on the order's fields serves.
    """
    from sqlalchemy import and_, or_

    if _as_rows(build, ordered, places):
        return _compared_as_rows(ordered[0], values, places, inclusive)
    *before, last = zip(ordered, values, places, strict=True)
    condition = _from(build, *last) if inclusive else _after(build, *last)
    for item in reversed(before):
        condition = or_(_after(build, *item), and_(_same(*item), condition))
    return and_(_from(build, *before[0]), condition) if before else condition


def _as_rows(build: Build, ordered: list[Term], places: list[Place]) -> bool:
    return (
        build.engine.dialect.seeks_rows
        and len(ordered) > 1
        and not any(term.nullable for term in ordered)
        and len({term.descending for term in ordered}) == 1
        and all(place.is_null is False for place in places)
    )


def _compared_as_rows(term: Term, values: list[Any], places: list[Place], inclusive: bool) -> Any:
    from sqlalchemy import tuple_

    row, there = tuple_(*values), tuple_(*(place.value for place in places))
    if term.descending:
        return row <= there if inclusive else row < there
    return row >= there if inclusive else row > there


def nulls_first(build: Build, term: Term) -> bool:
    """Do NULLs come before all values?"""
    return term.nulls == "first" if term.nulls else build.engine.dialect.nulls_first != term.descending


def _after(build: Build, term: Term, value: Any, place: Place) -> Any:
    """Does `value` come later than the place, NULLs where they stand in this order?"""
    from sqlalchemy import and_, false, or_

    there = place.value
    first = nulls_first(build, term)
    if place.is_null:
        return value.is_not(None) if first else false()
    later = value < there if term.descending else value > there
    if not term.nullable:
        return later
    if place.is_null is False:
        return later if first else or_(later, value.is_(None))
    if first:
        return or_(later, and_(there.is_(None), value.is_not(None)))
    return or_(later, and_(value.is_(None), there.is_not(None)))


def _same(term: Term, value: Any, place: Place) -> Any:
    """Is `value` the place's?"""
    from sqlalchemy import and_, or_

    if place.is_null:
        return value.is_(None)
    same = value == place.value
    if not term.nullable or place.is_null is False:
        return same
    return or_(same, and_(value.is_(None), place.value.is_(None)))


def _from(build: Build, term: Term, value: Any, place: Place) -> Any:
    """Does `value` come later than the place, or is it there?"""
    from sqlalchemy import or_, true

    first = nulls_first(build, term)
    if place.is_null:
        return true() if first else value.is_(None)
    if term.nullable and place.is_null is None:
        return or_(_after(build, term, value, place), _same(term, value, place))
    reached = value <= place.value if term.descending else value >= place.value
    return or_(reached, value.is_(None)) if term.nullable and not first else reached


def from_cursor(
    build: Build,
    table: FromClause,
    model: Model,
    ordered: list[Term],
    cursor: Any,
    *,
    among: Any = ("true",),
    link: Any = None,
) -> Any:
    """The condition that a row of `table` stands at the cursor's row or after it. Nothing does where that row is not there.

    `among`: the condition that the cursor's row must meet.
    `link`: in an include, answers the condition that the cursor's row (in the given alias) belongs to the same parent.
    """
    from sqlalchemy import and_, literal_column, select

    def cursor_row() -> Any:
        alias = build.alias(model)
        conditions = [
            column(alias, model, name) == build.parameter(slot, column(alias, model, name).type)
            for name, slot in cursor
        ]
        return alias, conditions

    def compared(rows: Any, term: Term) -> Any:
        return comparable(build, term, order_value(build, rows, model, term))

    def at_cursor(term: Term) -> Place:
        alias, conditions = cursor_row()
        value = select(compared(alias, term)).select_from(alias).where(*conditions).scalar_subquery()
        return Place(value, None if term.nullable else False)

    values = [compared(table, term) for term in ordered]
    condition = beyond(build, ordered, values, [at_cursor(term) for term in ordered], inclusive=True)
    alias, conditions = cursor_row()
    there: Any = select(literal_column("1")).select_from(alias).where(*conditions)
    if among != ("true",):
        there = there.where(where_clause(build, alias, model, among))
    if link is not None:
        there = link(there, alias)
    return and_(there.correlate(table).exists() if link is not None else there.exists(), condition)


def field_of(build: Build, model: Model, term: Term) -> ScalarField | None:
    """The field that a term sorts by; None for a number of related rows and the like."""
    for name in term.path:
        model = build.engine.schema.model[model.relation[name].model]
    return model.scalar[term.field] if isinstance(term.field, str) else None


def comparable(build: Build, term: Term, value: Any) -> Any:
    """`value` as ORDER BY sees it: MySQL orders its enums by their places and compares them by their texts.

    Prisma compares the texts where the order has a unique field: its pages then lose rows, and ours do not.
    """
    from sqlalchemy import literal_column

    by_place = term.is_enum and build.engine.dialect.orders_enums_by_place
    return value.op("+")(literal_column("0")) if by_place else value
