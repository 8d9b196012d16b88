"""Compiles orders and cursors: the same terms make ORDER BY and the condition that a row comes at or after the cursor's.

Imports `build`, `search`, `where`, `arguments.order` (the key of a model without an order) and the bottom of the runtime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.order import first_key
from infra_runtime.compiler.build import Build
from infra_runtime.compiler.search import relevance
from infra_runtime.compiler.where import column, joined, where_clause
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from sqlalchemy import FromClause


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an order: what is sorted by, which way, and where NULLs stand if that is said or matters."""

    path: tuple[str, ...]
    field: Any
    """A field's name, `("count", relation, condition)` or `("relevance", fields, slot)`."""
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
        found = [_reversed(term) for term in found]
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


def _reversed(term: Term) -> Term:
    turned = {"first": "last", "last": "first", None: None}[term.nulls]
    return Term(term.path, term.field, not term.descending, turned, term.nullable, term.is_enum)


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


def at_or_after(
    build: Build,
    table: FromClause,
    model: Model,
    ordered: list[Term],
    cursor: Any,
    *,
    among: Any = ("true",),
    seekable: bool = True,
    link: Any = None,
) -> Any:
    """The condition that a row of `table` stands at the cursor's row or after it. Nothing does where that row is not there.

    `among`: the condition that the cursor's row must meet. `seekable`: see `is_seekable`; in other orders Prisma sees rows as ORDER BY put
    them, so there MySQL's enums compare by their places, not by their texts.
    `link`: in an include, answers the condition that the cursor's row (in the given alias) belongs to the same parent.
    """
    from sqlalchemy import and_, literal_column, or_, select

    def cursor_row() -> Any:
        alias = build.alias(model)
        conditions = [
            column(alias, model, name) == build.parameter(slot, column(alias, model, name).type)
            for name, slot in cursor
        ]
        return alias, conditions

    def compared(rows: Any, term: Term) -> Any:
        value = order_value(build, rows, model, term)
        by_place = term.is_enum and not seekable and build.engine.dialect.name == "mysql"
        return value.op("+")(literal_column("0")) if by_place else value

    def at_cursor(term: Term) -> Any:
        alias, conditions = cursor_row()
        return select(compared(alias, term)).select_from(alias).where(*conditions).scalar_subquery()

    alternatives: list[Any] = []
    equal: list[Any] = []
    for term in ordered:
        value, there = compared(table, term), at_cursor(term)
        alternatives.append(and_(*equal, _after(build, term, value, there)))
        same = value == there
        equal.append(or_(same, and_(value.is_(None), there.is_(None))) if term.nullable else same)
    alternatives.append(and_(*equal))
    alias, conditions = cursor_row()
    there = select(literal_column("1")).select_from(alias).where(*conditions)
    if among != ("true",):
        there = there.where(where_clause(build, alias, model, among))
    if link is not None:
        there = link(there, alias)
    return and_(there.correlate(table).exists() if link is not None else there.exists(), or_(*alternatives))


def _after(build: Build, term: Term, value: Any, there: Any) -> Any:
    """Does `value` come later than `there`, NULLs where they stand in this order?"""
    from sqlalchemy import and_, or_

    later = value < there if term.descending else value > there
    if not term.nullable:
        return later
    first = term.nulls == "first" if term.nulls else build.engine.dialect.nulls_first != term.descending
    if first:
        return or_(later, and_(there.is_(None), value.is_not(None)))
    return or_(later, and_(value.is_(None), there.is_not(None)))
