"""`find_hits`: the rows of a search, with their rank and with the words marked in their texts.

Two statements: the rows, as `find_many` reads them, then what the index says of these rows alone. Where no index is asked, the second is
not needed. Imports `arguments`, `compiler.hits`, `operations.read`, `hits` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from infra_runtime.arguments.highlight import highlight_of
from infra_runtime.arguments.query import query_shape
from infra_runtime.arguments.search import Asked, asked_of, is_ranked, search_shape
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.arguments.where import where_shape
from infra_runtime.compiler.hits import HitsPlan, hits_plan
from infra_runtime.compiler.select import query_plan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.hits import Highlight, Hit, highlighted, marked_spans, word_spans
from infra_runtime.operation import Operation
from infra_runtime.operations.keys import any_of, key_fields, key_values
from infra_runtime.operations.read import finished, model_of
from infra_runtime.schema import Model

WHOLE_ROWS = ("select", "projection", "columns")

Marked = Mapping[tuple[Any, ...], Sequence[Any]]
"""What the index says of rows, by their keys: the rank, then the marked texts."""


def find_hits(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[Hit[Any]]]:
    """`find_many(search, …)`, with `highlight`: `{"fields", "start", "stop", "length", "escape"}`. Answers `Hit`s."""
    model = model_of(operation.model)
    arguments = dict(operation.arguments)
    highlight = arguments.pop("highlight", None)
    try:
        if arguments.get("search") is None:
            raise MissingRequiredValueError("a value is required: hits are what a search finds").under("search")
        for name in WHOLE_ROWS:
            if arguments.get(name) is not None:
                raise InputError("hits have whole rows: leave it out").under(name)
        walk = Walk(engine, context)
        shape = query_shape(walk, model, arguments)
        asked = asked_of(model, arguments["search"])
        how = highlight_of(model, asked.fields, highlight)
    except ArgumentError as error:
        error.model = error.model or model.name
        raise
    plan = engine.plans.get(("find", model, shape), lambda: query_plan(engine, model, shape))
    return Program("read", _hits(engine, context, model, plan, walk.values, arguments["search"], asked, how))


def _hits(
    engine: Engine,
    context: OperationContext,
    model: Model,
    plan: Any,
    values: list[Any],
    search: Any,
    asked: Asked,
    how: Highlight,
) -> Steps[list[Hit[Any]]]:
    tuples = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    rows = yield from finished(plan, tuples, values)
    keys = [{name: _values(row)[name] for name in key_fields(model)} for row in rows]
    marked: dict[tuple[Any, ...], Sequence[Any]] = {}
    if asked.index is not None:
        for where in any_of(key_fields(model), keys):
            marked.update((yield from _marked(engine, context, model, search, where, how.fields)))
    hits = []
    for row, key in zip(rows, keys, strict=True):
        rank, *texts = marked.get(key_values(model, key), (None,))
        shown = {}
        for name, text in zip_longest(how.fields, texts):
            own = _values(row)[name]
            if own is not None:
                spans = marked_spans(own, text)
                if spans is None:
                    spans = word_spans(own, asked.words, asked.mode, within_words=asked.index is None)
                shown[name] = highlighted(own, spans, how)
        hits.append(Hit(row, rank, shown))
    return hits


def _marked(
    engine: Engine,
    context: OperationContext,
    model: Model,
    search: Any,
    where: Mapping[str, Any],
    fields: tuple[str, ...],
) -> Steps[Marked]:
    """What the index says of the rows that `where` names."""
    walk = Walk(engine, context)
    found: Shape = search_shape(walk, model, search)
    if not is_ranked(found):
        return {}
    condition = where_shape(walk, model, where, scoped=False)
    shape = ("hits", model, found, condition, fields)
    plan: HitsPlan = engine.plans.get(shape, lambda: hits_plan(engine, model, found, condition, fields))
    rows = yield Statement(plan.sql, [walk.values[slot] for slot in plan.slots], model=model.name)
    width = len(key_fields(model))
    return {plan.key(row): row[width:] for row in rows}


def _values(row: Any) -> Mapping[str, Any]:
    return row if isinstance(row, dict) else vars(row)
