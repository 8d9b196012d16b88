"""Compiles conditions: shapes of `arguments.conditions` to SQL expressions.

Related rows are met in EXISTS, so a row never appears twice. A condition on NULL is neither true nor false, and what is said of the
row that a to-one relation leads to is as unknown as said of a row itself: under NOT, where false and unknown part, such a condition
is compiled to an expression that can be unknown (`exact`). Imports `build`, `json` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from infra_runtime.compiler import json, json_mysql, json_postgresql
from infra_runtime.compiler.build import Build
from infra_runtime.compiler.search import found, like, matches
from infra_runtime.compiler.tables import key_field
from infra_runtime.schema import Model, RelationField

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

Condition = Any
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


_JSON_FUNCTIONS: dict[str, Any] = {"mysql": json_mysql, "postgresql": json_postgresql}
"""The modules that spell conditions on Json, where they are not SQLite's."""


def where_clause(
    build: Build, table: FromClause, model: Model, shape: Condition, *, exact: bool = False, writes: bool = False
) -> ColumnElement[bool]:
    """The condition `shape` on the rows of `table`, which is the model's table or an alias of it.

    `exact`: it matters whether what is not true is false or unknown. `writes`: in an UPDATE or DELETE of the model nothing is unknown of
    a related row, as in Prisma, whose writes cannot join it.
    """
    clause: ColumnElement[bool] = _Conditions(build, table, model, exact, writes).clause(shape)
    return clause


def column(table: FromClause, model: Model, name: str) -> Any:
    """The column of a field."""
    return table.c[model.scalar[name].column_name]


def reads_related(shape: Any) -> bool:
    """Does the condition look at rows of a relation, which may be rows of the same table?"""
    return isinstance(shape, tuple) and (shape[:1] == ("relation",) or any(map(reads_related, shape)))


class _Conditions:
    def __init__(self, build: Build, table: FromClause, model: Model, exact: bool, writes: bool) -> None:
        self.build = build
        self.table = table
        self.model = model
        self.exact = exact
        self.writes = writes

    def clause(self, shape: Condition) -> Any:
        return _CLAUSES[shape[0]](self, *shape[1:])

    def column(self, name: str) -> Any:
        return column(self.table, self.model, name)

    def operand(self, field: str, operand: Any) -> Any:
        kind, what = operand
        return self.build.parameter(what, self.column(field).type) if kind == "value" else self.column(what)

    # -- logic ---------------------------------------------------------------------------------------------------------
    def true(self) -> Any:
        from sqlalchemy import literal_column

        return literal_column("1") == literal_column("1")

    def false(self) -> Any:
        from sqlalchemy import literal_column

        return literal_column("1") == literal_column("0")

    def all_of(self, shapes: tuple[Any, ...]) -> Any:
        from sqlalchemy import and_

        return and_(*map(self.clause, shapes))

    def any_of(self, shapes: tuple[Any, ...]) -> Any:
        from sqlalchemy import or_

        return or_(*map(self.clause, shapes)) if shapes else self.false()

    def none_of(self, shape: Any) -> Any:
        from sqlalchemy import not_

        exactly = where_clause(self.build, self.table, self.model, shape, exact=True, writes=self.writes)
        return not_(exactly.self_group())

    # -- scalars -------------------------------------------------------------------------------------------------------
    def null(self, name: str, is_null: bool) -> Any:
        return self.column(name).is_(None) if is_null else self.column(name).is_not(None)

    def compare(self, name: str, operator: str, operand: Any) -> Any:
        return _OPERATORS[operator](self.column(name), self.operand(name, operand))

    def compare_insensitive(self, name: str, operator: str, operand: Any) -> Any:
        from sqlalchemy import func

        return _OPERATORS[operator](func.lower(self.column(name)), func.lower(self.operand(name, operand)))

    def in_list(self, name: str, listed: Any) -> Any:
        return is_in(self.build, self.column(name), listed)

    def in_list_insensitive(self, name: str, listed: Any) -> Any:
        from sqlalchemy import ARRAY, Text, cast

        return self._in_lowered(name, cast(self.build.parameter(listed[1]), ARRAY(Text())))

    def in_field(self, name: str, other: str, insensitive: bool) -> Any:
        from sqlalchemy import case, func

        array = self.column(other)
        if insensitive:
            # What a list that is NULL holds is unknown.
            return case((array.is_not(None), self._in_lowered(name, array)))
        return self.column(name) == func.any(array)

    def _in_lowered(self, name: str, array: Any) -> Any:
        from sqlalchemy import func, select

        value = func.unnest(array).column_valued(self.build.name("v"))
        return func.lower(self.column(name)).in_(select(func.lower(value)))

    def like(self, name: str, kind: str, operand: Any, insensitive: bool) -> Any:
        source, what = operand
        pattern = (
            self.build.parameter(what) if source == "value" else field_pattern(self.build, self.column(what), kind)
        )
        return like(self.column(name), pattern, insensitive)

    def search(self, names: tuple[str, ...], slot: int) -> Any:
        return matches(self.build, [self.column(name) for name in names], slot)

    def found(self, way: str, *asked: Any) -> Any:
        return found(self.build, self.table, self.model, way, *asked)

    def list_filter(self, name: str, operator: str, operand: Any) -> Any:
        from sqlalchemy import func, literal_column

        own = self.column(name)
        if operator == "is_empty":
            size = func.cardinality(own)
            return size == literal_column("0") if operand else size > literal_column("0")
        kind, what = operand
        other = self.build.parameter(what, own.type) if kind == "value" else self.column(what)
        if operator == "equals":
            return own == other
        if operator == "has":
            return other == func.any(own)
        return own.op("@>")(other) if operator == "has_every" else own.op("&&")(other)

    # -- Json ----------------------------------------------------------------------------------------------------------
    def json(self, name: str, path: int | None, operator: str, operand: Any) -> Any:
        kind, what = operand
        if kind == "value":
            value = self.build.parameter(what)
        elif operator in ("contains", "startswith", "endswith"):
            value = field_pattern(self.build, self.column(what), operator)
        else:
            value = self.column(what)
        return self._json_functions.condition(self.build, self.column(name), path, operator, value)

    def json_null(self, name: str, path: int | None) -> Any:
        return self._json_functions.missing(self.build, self.column(name), path)

    @property
    def _json_functions(self) -> Any:
        return _JSON_FUNCTIONS.get(self.build.engine.dialect.name, json)

    # -- relations -----------------------------------------------------------------------------------------------------
    def relation(self, name: str, quantifier: str, inner: Any, there: Any) -> Any:
        from sqlalchemy import not_

        relation = self.model.relation[name]
        if quantifier in ("is", "is_not"):
            return self._to_one(relation, quantifier == "is", inner, there)
        if quantifier == "every":
            return not_(self._exists(relation, there, inner, lambda clause: not_(clause.self_group())))
        exists = self._exists(relation, there, inner)
        return not_(exists) if quantifier == "none" else exists

    def _to_one(self, relation: RelationField, wanted: bool, inner: Any, there: Any) -> Any:
        from sqlalchemy import and_, false, not_

        if inner is None:
            leads_nowhere = self._leads_nowhere(relation, there)
            return leads_nowhere if wanted else not_(leads_nowhere.self_group())
        if inner == ("true",) or self.writes:
            exists = self._exists(relation, there, inner)
            return exists if wanted else not_(exists)
        if self.exact:
            met = and_(self._exists(relation, there), self._of_related(relation, there, inner))
            return met if wanted else not_(met.self_group())
        if wanted:
            return self._exists(relation, there, inner)
        return not_(self._exists(relation, there, inner, lambda clause: clause.self_group().is_not(false())))

    def _leads_nowhere(self, relation: RelationField, there: Any) -> Any:
        """There is no related row: the foreign key says so where it is in this row, and no scope hides rows from it."""
        from sqlalchemy import and_, not_

        if relation.is_owner and there == ("true",):
            return and_(*(self.column(name).is_(None) for name in relation.fields))
        return not_(self._exists(relation, there))

    def _on(self, target: FromClause, model: Model, shape: Any, *, exact: bool = False) -> Any:
        return where_clause(self.build, target, model, shape, exact=exact)

    def _exists(
        self,
        relation: RelationField,
        there: Any,
        inner: Any = ("true",),
        judge: Callable[[Any], Any] | None = None,
    ) -> Any:
        """There is a related row for which `inner` holds, or else is what `judge` asks of it."""
        from sqlalchemy import literal_column

        def condition(target: FromClause, model: Model) -> list[Any]:
            if inner == ("true",) and judge is None:
                return []
            clause = self._on(target, model, inner, exact=judge is not None)
            return [clause if judge is None else judge(clause)]

        return self._related(relation, there, lambda target, model: literal_column("1"), condition).exists()

    def _of_related(self, relation: RelationField, there: Any, inner: Any) -> Any:
        """What `inner` is of the row that a to-one relation leads to: true, false or unknown."""

        def value(target: FromClause, model: Model) -> Any:
            return self._on(target, model, inner, exact=True)

        return self._related(relation, there, value, lambda target, model: []).scalar_subquery()

    def _related(
        self,
        relation: RelationField,
        there: Any,
        value: Callable[[FromClause, Model], Any],
        condition: Callable[[FromClause, Model], list[Any]],
    ) -> Any:
        """Selects `value` of the related rows that are there and meet `condition`."""
        from sqlalchemy import select

        target = self.build.engine.schema.model[relation.model]
        alias = self.build.alias(target)
        inner: Any = select(value(alias, target)).select_from(alias)
        visible = [] if there == ("true",) else [self._on(alias, target, there)]
        for clause in (*visible, *condition(alias, target)):
            inner = inner.where(clause)
        return joined(self.build, inner, relation, self.model, self.table, alias).correlate(self.table)


def joined(
    build: Build, inner: Any, relation: RelationField, model: Model, table: FromClause, target_table: FromClause
) -> Any:
    """`inner`, a select from the related rows, restricted to those of the row of `table` at hand."""
    schema = build.engine.schema
    target = schema.model[relation.model]
    if relation.is_many_to_many:
        link = build.link_alias(relation)
        far_side = "B" if relation.link_side == "A" else "A"
        return inner.join_from(
            target_table, link, link.c[far_side] == column(target_table, target, key_field(target))
        ).where(link.c[relation.link_side] == column(table, model, key_field(model)))
    for here, there in pairs(build, relation):
        inner = inner.where(column(target_table, target, there) == column(table, model, here))
    return inner


def pairs(build: Build, relation: RelationField) -> list[tuple[str, str]]:
    """The fields by which a relation joins: of this model and of the other."""
    if relation.is_owner:
        return list(zip(relation.fields, relation.references, strict=True))
    opposite = build.engine.schema.opposite(relation)
    return list(zip(opposite.references, opposite.fields, strict=True))


def is_in(build: Build, tested: Any, listed: Any) -> Any:
    """`tested` is one of a packed list."""
    from sqlalchemy import func, select

    kind = listed[0]
    if kind == "json":
        values = func.json_each(build.parameter(listed[1])).table_valued("value", name=build.name("v"))
        return tested.in_(select(values.c.value))
    if kind == "array":
        return tested == func.any(build.parameter(listed[1]))
    if kind == "literals":
        return tested.op("IN", is_comparison=True)(build.parameter(listed[1]))
    _, first, size = listed
    if size == 1:
        return tested == build.parameter(first, tested.type)
    return tested.in_([build.parameter(first + place, tested.type) for place in range(size)])


def field_pattern(build: Build, other: Any, kind: str) -> Any:
    """A LIKE pattern made of another column, its wildcards as characters."""
    from sqlalchemy import func

    literal = build.engine.dialect.literal
    escaped = other
    for character in ("\\", "%", "_"):
        escaped = func.replace(escaped, literal(character), literal(f"\\{character}"))
    before = literal("%") if kind != "startswith" else literal("")
    after = literal("%") if kind != "endswith" else literal("")
    return before.concat(escaped).concat(after)


_CLAUSES: dict[str, Callable[..., Any]] = {
    "true": _Conditions.true,
    "false": _Conditions.false,
    "and": _Conditions.all_of,
    "or": _Conditions.any_of,
    "not": _Conditions.none_of,
    "null": _Conditions.null,
    "compare": _Conditions.compare,
    "icompare": _Conditions.compare_insensitive,
    "in": _Conditions.in_list,
    "iin": _Conditions.in_list_insensitive,
    "in field": _Conditions.in_field,
    "like": _Conditions.like,
    "search": _Conditions.search,
    "found": _Conditions.found,
    "list": _Conditions.list_filter,
    "json": _Conditions.json,
    "json null": _Conditions.json_null,
    "relation": _Conditions.relation,
}
