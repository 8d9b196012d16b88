"""Compiles aggregations and groupings, and how their results are read.

Imports `build`, `decode`, `where`, `order`, `arguments.aggregate` (the model of groups), `values` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.aggregate import ALL, groups_of, result_type
from infra_runtime.compiler.build import Build
from infra_runtime.compiler.decode import Column, Decode, Display, column_of, compiled
from infra_runtime.compiler.order import from_cursor, order_by, order_value, terms
from infra_runtime.compiler.where import column, where_clause
from infra_runtime.dialects import Dialect
from infra_runtime.schema import Model
from infra_runtime.values.numbers import decode_decimal

if TYPE_CHECKING:
    from infra_runtime.engine import Engine


@dataclass(frozen=True, slots=True)
class AggregatePlan:
    """A compiled aggregation or grouping; `decode` makes its results of a driver's tuples."""

    sql: str
    slots: tuple[int, ...]
    decode: Decode


def counting_plan(engine: Engine, model: Model, shape: Any) -> AggregatePlan:
    """One row for all rows, or for all rows of a page: its result is what counts say, and nothing around it."""
    return _aggregation(engine, model, shape, _results(engine, model, shape[3], 0)["_count"])


def aggregation_plan(engine: Engine, model: Model, shape: Any) -> AggregatePlan:
    """One row for all rows, or for all rows of a page."""
    return _aggregation(engine, model, shape, _results(engine, model, shape[3], 0))


def _aggregation(engine: Engine, model: Model, shape: Any, result: Display) -> AggregatePlan:
    from sqlalchemy import select

    condition, order, page, functions = shape
    build = Build(engine)
    table: Any = build.alias(model)
    if page[1] is None and page[2] is None and not page[3]:
        source = _Rows(engine.dialect, table, model)
        statement = _filtered(build, select(*source.calls(functions)).select_from(table), table, model, condition)
    else:
        rows, names = _page(build, table, model, condition, order, page, _fields(functions))
        source = _Rows(engine.dialect, rows, model, names)
        statement = select(*source.calls(functions)).select_from(rows)
    finished = build.finish(statement)
    return AggregatePlan(finished.sql, finished.slots, compiled(result, _width(functions)))


def grouping_plan(engine: Engine, model: Model, shape: Any) -> AggregatePlan:
    """One row for each group."""
    from sqlalchemy import select

    condition, by, functions, having, order, (sign, take, skip, *_) = shape
    build = Build(engine)
    table: Any = build.alias(model)
    grouped = [column(table, model, name) for name in by]
    rows = _Rows(engine.dialect, table, model)
    columns = [item.label(f"c{place}") for place, item in enumerate([*grouped, *rows.calls(functions)])]
    statement = _filtered(build, select(*columns).select_from(table), table, model, condition).group_by(*grouped)
    groups, groups_model = _Groups(rows, model), groups_of(model)
    if having != ("true",):
        statement = statement.having(where_clause(build, groups, groups_model, having))  # type: ignore[arg-type]
    for term in terms(groups_model, order, build, total=False, reverse=sign < 0):
        value = order_value(build, groups, groups_model, term)  # type: ignore[arg-type]
        statement = statement.order_by(*order_by(build, term, value))
    finished = build.finish(build.cut(statement, take, skip))
    group: dict[str, Display] = {name: column_of(engine, model.scalar[name], place) for place, name in enumerate(by)}
    result = group | _results(engine, model, functions, len(by))
    return AggregatePlan(finished.sql, finished.slots, compiled(result, len(by) + _width(functions)))


def _filtered(build: Build, statement: Any, table: Any, model: Model, condition: Any) -> Any:
    if condition == ("true",):
        return statement
    return statement.where(where_clause(build, table, model, condition))


def _fields(functions: Any) -> list[str]:
    """The fields that functions need, each once."""
    names = (name for _, fields in functions for name in fields or () if name != ALL)
    return list(dict.fromkeys(names))


def _page(
    build: Build, table: Any, model: Model, condition: Any, order: Any, page: Any, fields: list[str]
) -> tuple[Any, dict[str, str]]:
    """The rows of a page as a subquery, and the names of its columns by field."""
    from sqlalchemy import literal_column, select

    sign, take, skip, cursor, _ = page
    ordered = terms(model, order, build, total=True, reverse=sign < 0)
    names = {name: f"c{place}" for place, name in enumerate(fields)}
    # A subquery has at least one column, also where only rows are counted.
    columns = [column(table, model, name).label(label) for name, label in names.items()] or [
        literal_column("1").label("c0")
    ]
    statement = _filtered(build, select(*columns).select_from(table), table, model, condition)
    if cursor:
        statement = statement.where(from_cursor(build, table, model, ordered, cursor))
    for term in ordered:
        statement = statement.order_by(*order_by(build, term, order_value(build, table, model, term)))
    return build.cut(statement, take, skip).subquery(build.name("q")), names


class _Rows:
    """Rows to aggregate over: a table, or a subquery whose columns have names of their own."""

    def __init__(self, dialect: Dialect, source: Any, model: Model, names: dict[str, str] | None = None) -> None:
        self._dialect = dialect
        self._source = source
        self._model = model
        self._names = names

    def column(self, field: str) -> Any:
        if self._names is None:
            return column(self._source, self._model, field)
        return self._source.c[self._names[field]]

    def call(self, function: str, field: str) -> Any:
        from sqlalchemy import func

        if field == ALL:
            return func.count()
        name = self._dialect.aggregates.get((function, self._model.scalar[field].type), function)
        return getattr(func, name)(self.column(field))

    def calls(self, functions: Any) -> list[Any]:
        return [self.call(function, field) for function, fields in functions for field in fields or (ALL,)]


class _Groups:
    """Groups, as the table of the model that `groups_of` makes: its columns are grouped columns and aggregates."""

    def __init__(self, rows: _Rows, model: Model) -> None:
        self.c = _GroupColumns(rows, model)


class _GroupColumns(dict[str, Any]):
    def __init__(self, rows: _Rows, model: Model) -> None:
        super().__init__()
        self._rows = rows
        self._model = model

    def __missing__(self, name: str) -> Any:
        field, dot, function = name.rpartition("._")
        return self._rows.call(function, field) if dot else self._rows.column(name)


# -- results -----------------------------------------------------------------------------------------------------------
def _results(engine: Engine, model: Model, functions: Any, place: int) -> dict[str, Display]:
    """What is made of a tuple that has the aggregates from a place on: `_count`, `_avg` and so on, each with its fields."""
    results: dict[str, Display] = {}
    for function, fields in functions:
        if fields is None:
            results[f"_{function}"] = Column(place)
            place += 1
            continue
        results[f"_{function}"] = {
            name: Column(place + offset, _result_decoder(engine, model, function, name))
            for offset, name in enumerate(fields)
        }
        place += len(fields)
    return results


def _width(functions: Any) -> int:
    """How many columns the aggregates are."""
    return sum(1 if fields is None else len(fields) for _, fields in functions)


def _result_decoder(engine: Engine, model: Model, function: str, name: str) -> Callable[[Any], Any] | None:
    """From what the database makes of an aggregate (PostgreSQL sums BigInts to numerics) to the type that Prisma answers."""
    if function == "count":
        return None
    field = model.scalar[name]
    if function in ("min", "max"):
        return engine.codec(field).decode
    return _NUMBERS.get(result_type(function, field)) or decode_decimal


_NUMBERS: dict[str, Callable[[Any], Any]] = {"Int": int, "BigInt": int, "Float": float}
