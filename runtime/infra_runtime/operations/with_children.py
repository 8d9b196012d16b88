"""The creation of a row with rows that belong to it, where that is all: planned whole, as `at_once` plans writes of one row.

`create(data={…, "posts": {"create": [{…}, {…}]}})`, the most frequent of nested writes: the row; then its children, each kind in as few
statements as an insertion takes, and the row as it is in the end, which triggers of the children may have changed. These need not wait for
each other, and nothing but the commit comes after them. Children that the call includes are answered as they were made. Whatever is otherwise in a call, it goes the general way of `nested`. Imports `at_once`, the insertions, and what these import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra_runtime.arguments.data import DataWalk, Rows
from infra_runtime.arguments.data.encoders import Encode, Source
from infra_runtime.arguments.violations import not_found
from infra_runtime.compiler import write as compiler
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Statements, Steps
from infra_runtime.engine import Engine
from infra_runtime.operation import Operation
from infra_runtime.operations.at_once import is_plain
from infra_runtime.operations.insertions import Insertion, copy_of, count_inserted, insert_returning, insertions
from infra_runtime.operations.keys import Row, key_fields
from infra_runtime.schema import Model, RelationField

Encoded = tuple[str, Callable[[Any], Any]]
"""A field of a row, and what encodes its value."""


@dataclass(frozen=True, slots=True)
class Children:
    """One kind of rows that belong to the row."""

    relation: RelationField
    given: Mapping[str, Encoded]
    """Where their foreign key comes from."""
    fields: tuple[str, ...]
    """What is answered of them; nothing, where the call does not include them."""
    make: Callable[[Row], Any] | None

    def answer(self, rows: list[Row]) -> Any:
        """What the row that they belong to answers for them."""
        made = rows if self.make is None else list(map(self.make, rows))
        return made if self.relation.is_list else next(iter(made), None)


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """A row and the kinds of rows that belong to it."""

    encode: Encode
    scalars: tuple[str, ...]
    insert: compiler.InsertPlan
    select: compiler.RowsPlan
    key: tuple[Encoded, ...]
    """The key that the row is read by, in the order of the parameters."""
    children: Mapping[str, Children]
    """By their keys in the data."""
    make: Callable[[Row], Any] | None


def create_with_children(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any] | None:
    """The program of a `create` with children, where it has a plan."""
    arguments, model = operation.arguments, operation.model
    data, include = arguments.get("data"), arguments.get("include") or {}
    if model is None or type(data) is not dict or data.keys().isdisjoint(model.relation):
        return None
    if not engine.dialect.insert_returning or not is_plain(engine, arguments):
        return None
    if type(include) is not dict or not all(wanted is True for wanted in include.values()):
        return None
    shape = ("create with children", model, *data, None, *include)
    plan: FamilyPlan | None = engine.plans.find(shape)
    if plan is None:
        plan = _plan(engine, model, data, include)
        if plan is None:
            return None
        engine.plans.keep(shape, plan)
    if engine.hides_rows and any(
        engine.hides_rows_of(engine.schema.model[model.relation[name].model]) for name in include
    ):
        return None
    walk = DataWalk(engine, context)
    values = plan.encode(None, {name: data[name] for name in plan.scalars}, None, walk)
    if values is None:
        return None
    family: list[tuple[Children, Rows]] = []
    for name, children in plan.children.items():
        rows = walk.plain_children(children.relation, data[name])
        if rows is None:
            return None
        family.append((children, rows))
    return Program("atomic", _created(engine, model, plan, values, family))


def _created(
    engine: Engine, model: Model, plan: FamilyPlan, values: list[Any], family: Sequence[tuple[Children, Rows]]
) -> Steps[Any]:
    made = _the_row(plan.insert.decode((yield Statement(plan.insert.sql(1), values, "rows", True, model.name))), model)
    select = Statement(plan.select.sql, [encode(made[name]) for name, encode in plan.key], model=model.name)
    kinds = [(children, rows.with_given(_foreign_key(children, made))) for children, rows in family]
    inserting = _in_one_statement_each(engine, kinds)
    if inserting is None:
        answered = yield from _in_turn(engine, kinds)
        [tuples] = yield Statements([select], is_last=True)
    else:
        statements = [
            one.statement(rows.model, "rows" if children.fields else "count")
            for one, (children, rows) in zip(inserting, kinds, strict=True)
        ]
        *answers, tuples = yield Statements([*statements, select], is_last=True)
        answered = [
            one.decode(answer) if type(answer) is list else [] for one, answer in zip(inserting, answers, strict=True)
        ]
    row = _the_row(plan.select.decode(tuples), model)
    for (children, _), rows in zip(kinds, answered, strict=True):
        if children.fields:
            row[children.relation.name] = children.answer(rows)
    return row if plan.make is None else plan.make(row)


def _the_row(rows: Sequence[Row], model: Model) -> Row:
    """The row that was made. Errors: RecordNotFoundError where a trigger has kept it out of its table."""
    if not rows:
        raise not_found("create", model.name)
    return rows[0]


def _foreign_key(children: Children, made: Row) -> Row:
    """The values by which children belong to the row that was made."""
    return {field: None if made[far] is None else encode(made[far]) for field, (far, encode) in children.given.items()}


def _in_one_statement_each(engine: Engine, kinds: Sequence[tuple[Children, Rows]]) -> list[Insertion] | None:
    """The insertion of each kind of children; None where one of them takes more than a statement, or may go by COPY."""
    single: list[Insertion] = []
    for children, rows in kinds:
        if not children.fields and copy_of(engine, rows, False) is not None:
            return None
        statements = insertions(engine, rows, children.fields, False)
        if len(statements) > 1:
            return None
        single += statements
    return single


def _in_turn(engine: Engine, kinds: Sequence[tuple[Children, Rows]]) -> Steps[list[list[Row]]]:
    """Inserts many children; answers those that are included."""
    answered: list[list[Row]] = []
    for children, rows in kinds:
        if children.fields:
            answered.append((yield from insert_returning(engine, rows, children.fields, False)))
        else:
            yield from count_inserted(rows.model, copy_of(engine, rows, False), insertions(engine, rows, (), False))
            answered.append([])
    return answered


def _plan(engine: Engine, model: Model, data: Mapping[str, Any], include: Mapping[str, Any]) -> FamilyPlan | None:
    scalars = tuple([name for name in data if name not in model.relation])
    source = Source(engine, model)
    values = source.row("row", scalars)
    children = {name: _children(engine, model, name, name in include) for name in data if name in model.relation}
    key = key_fields(model)
    if not values or not all(model.scalar[name].readable for name in key) or not include.keys() <= children.keys():
        return None
    known = {name: one for name, one in children.items() if one is not None}
    if len(known) < len(children):
        return None
    select = compiler.key_plan(engine, model, key, model.readable_names)
    return FamilyPlan(
        source.answering(tuple(values.values())),
        scalars,
        compiler.insert_plan(engine, model, tuple(values), model.readable_names, False),
        select,
        tuple([(key[slot], engine.codec(model.scalar[key[slot]]).encode) for slot in select.slots]),
        known,
        engine.row_types.row(model),
    )


def _children(engine: Engine, model: Model, name: str, is_included: bool) -> Children | None:
    """None where the foreign key is in the row itself, where the relation leads by links, or by a field that rows do not have."""
    relation = model.relation[name]
    opposite, target = engine.schema.opposite(relation), engine.schema.model[relation.model]
    if (
        relation.is_owner
        or relation.is_many_to_many
        or not all(model.scalar[far].readable for far in opposite.references)
    ):
        return None
    pairs = zip(opposite.fields, opposite.references, strict=True)
    return Children(
        relation,
        {own: (far, engine.codec(target.scalar[own]).encode) for own, far in pairs},
        target.readable_names if is_included else (),
        engine.row_types.row(target),
    )
