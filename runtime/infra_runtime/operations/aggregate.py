"""`count`, `aggregate` and `group_by`: one statement each.

Imports `arguments`, `compiler.aggregate`, `compiler.select`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra_runtime.arguments.aggregate import aggregation_shape, fields_of, functions_shape, grouping_shape
from infra_runtime.arguments.query import PAGING, page_shape, query_shape
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.compiler.aggregate import AggregatePlan, aggregation_plan, grouping_plan
from infra_runtime.compiler.select import total_plan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError
from infra_runtime.operation import Operation
from infra_runtime.schema import Model

ROWS: Shape = (("count", None),)
"""The number of rows alone."""


def count(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """The number of rows, an int; with `select`, for each field the number of rows where it is not null.

    With `distinct`: of the rows that a `find_many` with it answers.
    """
    model, arguments = _subject(operation)
    select = arguments.get("select")
    if arguments.get("distinct"):
        return Program("read", _distinct_counted(engine, context, model, arguments))

    def shape(walk: Walk) -> Shape:
        functions = ROWS if select is None or select is True else (("count", _selected(model, select)),)
        return aggregation_shape(walk, model, arguments, functions)

    plan, values = _planned(engine, context, model, "aggregate", shape, aggregation_plan)
    return Program("read", _counted(plan, values, model))


def aggregate(engine: Engine, context: OperationContext, operation: Operation) -> Program[dict[str, Any]]:
    """A dict with `_count`, `_avg`, `_sum`, `_min` and `_max`, as far as they were asked for; None for no rows, but counts 0."""
    model, arguments = _subject(operation)

    def shape(walk: Walk) -> Shape:
        functions = functions_shape(model, arguments)
        if not functions:
            raise ArgumentError("asks for nothing: give at least one of count, avg, sum, min and max")
        return aggregation_shape(walk, model, arguments, functions)

    plan, values = _planned(engine, context, model, "aggregate", shape, aggregation_plan)
    return Program("read", _one(plan, values, model))


def group_by(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[dict[str, Any]]]:
    """A dict for each group: the fields grouped by, and the aggregates asked for."""
    model, arguments = _subject(operation)
    plan, values = _planned(
        engine, context, model, "group", lambda walk: grouping_shape(walk, model, arguments), grouping_plan
    )
    return Program("read", _groups(plan, values, model))


def _subject(operation: Operation) -> tuple[Model, Mapping[str, Any]]:
    assert operation.model is not None
    return operation.model, operation.arguments


def _selected(model: Model, select: Any) -> Shape:
    try:
        return fields_of(model, "count", select)
    except ArgumentError as error:
        raise error.under("select") from None


def _planned(
    engine: Engine,
    context: OperationContext,
    model: Model,
    kind: str,
    make_shape: Callable[[Walk], Shape],
    compile_: Callable[[Engine, Model, Shape], AggregatePlan],
) -> tuple[AggregatePlan, list[Any]]:
    walk = Walk(engine, context)
    try:
        shape = make_shape(walk)
    except ArgumentError as error:
        error.model = error.model or model.name
        raise
    return engine.plans.get((kind, model, shape), lambda: compile_(engine, model, shape)), walk.values


def _distinct_counted(
    engine: Engine, context: OperationContext, model: Model, arguments: Mapping[str, Any]
) -> Steps[int]:
    walk = Walk(engine, context)
    try:
        for name in ("select", "cursor"):
            if arguments.get(name) is not None:
                raise InputError("distinct rows are counted as they are, all or those of a page by number").under(name)
        shape = query_shape(walk, model, {name: value for name, value in arguments.items() if name not in PAGING})
        page_shape(walk, model, arguments)
    except ArgumentError as error:
        error.model = error.model or model.name
        raise
    plan = engine.plans.get(("distinct", model, shape), lambda: total_plan(engine, model, shape))
    return _of_page(Statement(plan.sql, [walk.values[slot] for slot in plan.slots], model=model.name), arguments)


# -- steps -------------------------------------------------------------------------------------------------------------
def _statement(plan: AggregatePlan, values: list[Any], model: Model) -> Statement:
    return Statement(plan.sql, [values[slot] for slot in plan.slots], model=model.name)


def _one(plan: AggregatePlan, values: list[Any], model: Model) -> Steps[dict[str, Any]]:
    rows = yield _statement(plan, values, model)
    return plan.decode(rows)[0]


def _counted(plan: AggregatePlan, values: list[Any], model: Model) -> Steps[Any]:
    return (yield from _one(plan, values, model))["_count"]


def _of_page(statement: Statement, arguments: Mapping[str, Any]) -> Steps[int]:
    """How many of all rows are on the page."""
    total = (yield statement)[0][0]
    left: int = max(total - (arguments.get("skip") or 0), 0)
    take = arguments.get("take")
    return left if take is None else min(left, abs(take))


def _groups(plan: AggregatePlan, values: list[Any], model: Model) -> Steps[list[dict[str, Any]]]:
    rows = yield _statement(plan, values, model)
    # Unlike rows, groups of a negative `take` stay as they are read: from the last one on.
    return plan.decode(rows)
