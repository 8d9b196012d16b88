"""`count`, `aggregate` and `group_by`: one statement each.

Imports `arguments`, `compiler.aggregate`, `compiler.select`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra_runtime.arguments.aggregate import aggregation_shape, fields_of, functions_shape, grouping_shape
from infra_runtime.arguments.query import PAGING, page_shape, query_shape
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.compiler.aggregate import AggregatePlan, aggregation_plan, counting_plan, grouping_plan
from infra_runtime.compiler.select import total_plan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError
from infra_runtime.operation import Operation
from infra_runtime.operations.planning import Planning, planned
from infra_runtime.operations.read import model_of
from infra_runtime.schema import Model

ROWS: Shape = (("count", None),)
"""The number of rows alone."""


# -- operations --------------------------------------------------------------------------------------------------------
def count(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """The number of rows, an int; with `select`, for each field the number of rows where it is not null.

    With `distinct`: of the rows that a `find_many` with it answers.
    """
    model, arguments = model_of(operation.model), operation.arguments
    if arguments.get("distinct"):
        counted, values = planned(DISTINCT, engine, context, model, arguments)
        statement = Statement(counted.sql, [values[slot] for slot in counted.slots], model=model.name)
        return Program("read", _of_page(statement, arguments))
    plan, values = planned(COUNT, engine, context, model, arguments)
    return Program("read", _one(plan, values, model))


def aggregate(engine: Engine, context: OperationContext, operation: Operation) -> Program[dict[str, Any]]:
    """A dict with `_count`, `_avg`, `_sum`, `_min` and `_max`, as far as they were asked for; None for no rows, but counts 0."""
    model = model_of(operation.model)
    plan, values = planned(AGGREGATE, engine, context, model, operation.arguments)
    return Program("read", _one(plan, values, model))


def group_by(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[dict[str, Any]]]:
    """A dict for each group: the fields grouped by, and the aggregates asked for."""
    model = model_of(operation.model)
    plan, values = planned(GROUP, engine, context, model, operation.arguments)
    return Program("read", _groups(plan, values, model))


# -- plans -------------------------------------------------------------------------------------------------------------
def _count_shape(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    select = arguments.get("select")
    functions = ROWS if select is None or select is True else (("count", _selected(model, select)),)
    return aggregation_shape(walk, model, arguments, functions)


def _selected(model: Model, select: Any) -> Shape:
    try:
        return fields_of(model, "count", select)
    except ArgumentError as error:
        raise error.under("select") from None


def _aggregate_shape(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    functions = functions_shape(model, arguments)
    if not functions:
        raise ArgumentError("asks for nothing: give at least one of count, avg, sum, min and max")
    return aggregation_shape(walk, model, arguments, functions)


def _distinct_shape(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    for name in ("select", "cursor"):
        if arguments.get(name) is not None:
            raise InputError("distinct rows are counted as they are, all or those of a page by number").under(name)
    shape = query_shape(walk, model, {name: value for name, value in arguments.items() if name not in PAGING})
    page_shape(walk, model, arguments)
    return shape


COUNT = Planning(("count",), _count_shape, counting_plan)
DISTINCT = Planning(("distinct",), _distinct_shape, total_plan)
AGGREGATE = Planning(("aggregate",), _aggregate_shape, aggregation_plan)
GROUP = Planning(("group",), grouping_shape, grouping_plan)


# -- steps -------------------------------------------------------------------------------------------------------------
def _one(plan: AggregatePlan, values: list[Any], model: Model) -> Steps[Any]:
    rows = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=model.name)
    return plan.decode(rows)[0]


def _of_page(statement: Statement, arguments: Mapping[str, Any]) -> Steps[int]:
    """How many of all rows are on the page."""
    total = (yield statement)[0][0]
    left: int = max(total - (arguments.get("skip") or 0), 0)
    take = arguments.get("take")
    return left if take is None else min(left, abs(take))


def _groups(plan: AggregatePlan, values: list[Any], model: Model) -> Steps[list[dict[str, Any]]]:
    rows = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=model.name)
    # Unlike rows, groups of a negative `take` stay as they are read: from the last one on.
    return plan.decode(rows)
