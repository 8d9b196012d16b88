"""Pages: `find_page`, one page of a query, and what there is beside it.

It takes the arguments of `find_many`; `take` is the size of the page, negative for the last rows. With `seek` the answer says where its
rows stand. With `total` it says how many rows there are on all pages, from the same state of the data; without, one row
more is read, which tells whether there is another page. All in one statement, but for a page behind the last one.
Imports `arguments`, `compiler.select`, `operations.read`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra_runtime.arguments.order import total_order
from infra_runtime.arguments.query import query_shape
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.compiler.plans import Key, QueryPlan
from infra_runtime.compiler.select import query_plan, total_plan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import InputError
from infra_runtime.operation import Operation
from infra_runtime.operations.planning import Planning, planned
from infra_runtime.operations.read import finished, model_of
from infra_runtime.schema import Model

Place = tuple[Any, ...]
"""Where a row stands in the completed order: the values of its keys."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a query."""

    rows: list[Any]
    more: bool
    """Are there rows beyond it, in the direction it was read?"""
    total: int | None = None
    """The rows of all pages, where they were asked for."""
    tuples: Sequence[Sequence[Any]] = ()
    keys: tuple[Key, ...] = ()
    """What the rows' places are made of, with `seek`."""

    def place(self, index: int) -> Place:
        """Where the row at `index` stands."""
        row = self.tuples[index]
        return tuple([key.value(row) for key in self.keys])


def find_page(engine: Engine, context: OperationContext, operation: Operation) -> Program[Slice]:
    model = model_of(operation.model)
    arguments = dict(operation.arguments)
    with_total = bool(arguments.pop("total", False))
    if not arguments.get("take"):
        raise InputError("a page takes at least one row", path=("take",), model=model.name)
    page, values = planned(WITH_TOTAL if with_total else WITH_MORE, engine, context, model, arguments)
    if with_total:
        return Program("read", _with_total(engine, model, page, values, arguments.get("skip") or 0))
    slot = page.shape[2][1]
    size = values[slot]
    values[slot] = size + 1
    return Program("read", _with_more(page.plan, values, size))


# -- plans -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PagePlan:
    """A query that reads a page, and its shape."""

    plan: QueryPlan
    shape: Shape


def _page_shape(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
    shape = query_shape(walk, model, arguments)
    if arguments.get("seek") is not None:
        return shape
    return (shape[0], _completed(model, shape[1]), *shape[2:])


def _completed(model: Model, order: Any) -> Any:
    """The order of pages by number: the one that pages by token have, where the model has a key for it."""
    try:
        return total_order(model, order)
    except InputError:
        return order


def _planning(with_total: bool) -> Planning[PagePlan]:
    def compiled(engine: Engine, model: Model, shape: Shape) -> PagePlan:
        return PagePlan(query_plan(engine, model, shape, keys=bool(shape[2][4]), total=with_total), shape)

    return Planning(("page", with_total), _page_shape, compiled)


WITH_MORE, WITH_TOTAL = _planning(False), _planning(True)


# -- steps -------------------------------------------------------------------------------------------------------------
def _with_more(plan: QueryPlan, values: list[Any], size: int) -> Steps[Slice]:
    """A page that is read with one row more."""
    tuples = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    page = tuples[:size]
    rows = yield from finished(plan, page, values)
    return Slice(rows, len(tuples) > size, None, page[::-1] if plan.turned else page, plan.keys)


def _with_total(engine: Engine, model: Model, page: PagePlan, values: list[Any], skip: int) -> Steps[Slice]:
    """A page that is read with the number of all rows."""
    plan, shape = page.plan, page.shape
    tuples = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    if tuples:
        total = tuples[0][plan.total_place]
    elif not skip:
        total = 0
    else:
        counting = engine.plans.get(("total", model, shape), lambda: total_plan(engine, model, shape))
        counted = yield Statement(counting.sql, [values[slot] for slot in counting.slots], model=plan.model)
        # When the page was read there were no more than it skips.
        total = min(counted[0][0], skip)
    rows = yield from finished(plan, tuples, values)
    return Slice(rows, skip + len(tuples) < total, total)
