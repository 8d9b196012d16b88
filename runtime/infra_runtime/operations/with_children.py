"""The creation of a row with rows that belong to it, where that is all: planned whole, as `at_once` plans writes of one row.

`create(data={…, "posts": {"create": [{…}, {…}]}})`, the most frequent of nested writes: the row, then its children, each kind in as few
statements as an insertion takes, then the row as it is in the end, which triggers of the children may have changed. Whatever is otherwise
in a call, it goes the general way of `nested`. Imports `at_once`, the insertions, and what these import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra_runtime.arguments.data import DataWalk, Rows
from infra_runtime.arguments.data.encoders import Encode, Source
from infra_runtime.compiler import write as compiler
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.operation import Operation
from infra_runtime.operations.at_once import answers_scalars
from infra_runtime.operations.insertions import copy_of, count_inserted, insertions
from infra_runtime.operations.keys import Row, key_fields
from infra_runtime.schema import Model, RelationField

Encoded = tuple[str, Callable[[Any], Any]]
"""A field of a row, and what encodes its value."""


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """A row and the kinds of rows that belong to it."""

    encode: Encode
    scalars: tuple[str, ...]
    insert: compiler.InsertPlan
    select: compiler.RowsPlan
    key: tuple[Encoded, ...]
    """The key that the row is read by, in the order of the parameters."""
    children: Mapping[str, tuple[RelationField, dict[str, Encoded]]]
    """By their keys in the data: the relation, and where the children's foreign key comes from."""
    make: Callable[[Row], Any] | None


def create_with_children(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any] | None:
    """The program of a `create` with children, where it has a plan."""
    data, model = operation.arguments.get("data"), operation.model
    if model is None or type(data) is not dict or data.keys().isdisjoint(model.relation):
        return None
    if not engine.dialect.insert_returning or not answers_scalars(engine, operation):
        return None
    shape = ("create with children", model, *data)
    plan: FamilyPlan | None = engine.plans.find(shape)
    if plan is None:
        plan = _plan(engine, model, data)
        if plan is None:
            return None
        engine.plans.keep(shape, plan)
    walk = DataWalk(engine, context)
    values = plan.encode(None, {name: data[name] for name in plan.scalars}, None, walk)
    if values is None:
        return None
    children: list[tuple[Rows, dict[str, Encoded]]] = []
    for name, (relation, given) in plan.children.items():
        rows = walk.plain_children(relation, data[name])
        if rows is None:
            return None
        children.append((rows, given))
    return Program("atomic", _created(engine, model, plan, values, children))


def _created(
    engine: Engine,
    model: Model,
    plan: FamilyPlan,
    values: list[Any],
    children: Sequence[tuple[Rows, dict[str, Encoded]]],
) -> Steps[Any]:
    made = plan.insert.decode((yield Statement(plan.insert.sql(1), values, "rows", True, model.name)))[0]
    for rows, given in children:
        own = {name: None if made[far] is None else encode(made[far]) for name, (far, encode) in given.items()}
        complete = rows.with_given(own)
        yield from count_inserted(rows.model, copy_of(engine, complete, False), insertions(engine, complete, (), False))
    key = [encode(made[name]) for name, encode in plan.key]
    row = plan.select.decode((yield Statement(plan.select.sql, key, "rows", model=model.name)))[0]
    return row if plan.make is None else plan.make(row)


def _plan(engine: Engine, model: Model, data: Mapping[str, Any]) -> FamilyPlan | None:
    scalars = tuple([name for name in data if name not in model.relation])
    source = Source(engine, model)
    values = source.row("row", scalars)
    if not values:
        return None
    children: dict[str, tuple[RelationField, dict[str, Encoded]]] = {}
    for name in data:
        if name in model.relation:
            relation = model.relation[name]
            opposite = engine.schema.opposite(relation)
            if not relation.is_list or relation.is_many_to_many:
                return None
            pairs = zip(opposite.fields, opposite.references, strict=True)
            target = engine.schema.model[relation.model]
            children[name] = relation, {
                own: (far, engine.codec(target.scalar[own]).encode) for own, far in pairs if model.scalar[far].readable
            }
            if len(children[name][1]) != len(opposite.fields):
                return None
    key = key_fields(model)
    if not all(model.scalar[name].readable for name in key):
        return None
    select = compiler.key_plan(engine, model, key, model.readable_names)
    return FamilyPlan(
        source.answering(tuple(values.values())),
        scalars,
        compiler.insert_plan(engine, model, tuple(values), model.readable_names, False),
        select,
        tuple([(key[slot], engine.codec(model.scalar[key[slot]]).encode) for slot in select.slots]),
        children,
        engine.row_types.row(model),
    )
