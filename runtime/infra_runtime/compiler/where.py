"""Compiles conditions: shapes of `arguments.where` to SQL expressions.

Related rows are met in EXISTS, so a row never appears twice. Imports `build`, `json` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from infra_runtime.compiler import json
from infra_runtime.compiler.build import Build
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


def where_clause(build: Build, table: FromClause, model: Model, shape: Condition) -> ColumnElement[bool]:
    """The condition `shape` on the rows of `table`, which is the model's table or an alias of it."""
    clause: ColumnElement[bool] = _Conditions(build, table, model).clause(shape)
    return clause


def column(table: FromClause, model: Model, name: str) -> Any:
    """The column of a field."""
    return table.c[model.scalar[name].column_name]


class _Conditions:
    def __init__(self, build: Build, table: FromClause, model: Model) -> None:
        self.build = build
        self.table = table
        self.model = model

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

        return or_(*map(self.clause, shapes))

    def none_of(self, shape: Any) -> Any:
        from sqlalchemy import not_

        return not_(self.clause(shape).self_group())

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
        from sqlalchemy import func, literal_column, select

        values = func.unnest(self.build.parameter(listed[1])).table_valued("value").alias(self.build.name("v"))
        lowered = select(func.lower(literal_column(f"{values.name}.value"))).select_from(values)
        return func.lower(self.column(name)).in_(lowered)

    def in_field(self, name: str, other: str) -> Any:
        from sqlalchemy import func

        return self.column(name) == func.any(self.column(other))

    def like(self, name: str, kind: str, operand: Any, insensitive: bool) -> Any:
        source, what = operand
        pattern = self.build.parameter(what) if source == "value" else field_pattern(self.column(what), kind)
        return like(self.column(name), pattern, insensitive)

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
            value = field_pattern(self.column(what), operator)
        else:
            value = self.column(what)
        return json.condition(self.build, self.column(name), path, operator, value)

    def json_null(self, name: str, path: int | None) -> Any:
        return json.missing(self.build, self.column(name), path)

    # -- relations -----------------------------------------------------------------------------------------------------
    def relation(self, name: str, quantifier: str, inner: Any, there: Any) -> Any:
        from sqlalchemy import and_, not_

        relation = self.model.relation[name]
        if inner is None:
            exists = self._exists(relation, lambda target, model: self._on(target, model, there))
            return not_(exists) if quantifier == "is" else exists
        if quantifier == "every":
            return not_(
                self._exists(
                    relation,
                    lambda target, model: and_(
                        self._on(target, model, there), not_(self._on(target, model, inner).self_group())
                    ),
                )
            )
        exists = self._exists(
            relation, lambda target, model: and_(self._on(target, model, there), self._on(target, model, inner))
        )
        return not_(exists) if quantifier in ("none", "is_not") else exists

    def _on(self, target: FromClause, model: Model, shape: Any) -> Any:
        return where_clause(self.build, target, model, shape)

    def _exists(self, relation: RelationField, condition: Callable[[FromClause, Model], Any]) -> Any:
        from sqlalchemy import literal_column, select

        target = self.build.engine.schema.model[relation.model]
        alias = self.build.alias(target)
        inner: Any = select(literal_column("1")).select_from(alias).where(condition(alias, target))
        return joined(self.build, inner, relation, self.model, self.table, alias).correlate(self.table).exists()


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
    _, first, size = listed
    if size == 1:
        return tested == build.parameter(first, tested.type)
    return tested.in_([build.parameter(first + place, tested.type) for place in range(size)])


def like(tested: Any, pattern: Any, insensitive: bool) -> Any:
    """LIKE with the backslash as escape character, on every database."""
    return tested.ilike(pattern, escape="\\") if insensitive else tested.like(pattern, escape="\\")


def field_pattern(other: Any, kind: str) -> Any:
    """A LIKE pattern made of another column, its wildcards as characters."""
    from sqlalchemy import func, literal_column

    escaped = other
    for character in ("\\", "%", "_"):
        escaped = func.replace(escaped, literal_column(f"'{character}'"), literal_column(f"'\\{character}'"))
    wildcard: Any = literal_column("'%'")
    if kind != "startswith":
        escaped = wildcard.op("||")(escaped)
    return escaped if kind == "endswith" else escaped.op("||")(wildcard)


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
    "list": _Conditions.list_filter,
    "json": _Conditions.json,
    "json null": _Conditions.json_null,
    "relation": _Conditions.relation,
}
