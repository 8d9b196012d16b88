"""Writes of one row that are one statement, or one and the read of what it wrote: planned whole, from the keys of the call's arguments to the row it answers.

Most calls that write are such: of scalars alone, answering scalars, with nothing to be carried out or told beside them. A plan has an
encoder for all of the call's values, the statement, and what makes the row of its answer, so that nothing is looked at twice. Where there
is no plan for a call, or something unusual in its values, the operation goes its general way, which answers the same. Imports the encoders
of arguments, the compiler of writes and the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from infra_runtime.arguments.data.encoders import Clock, Encode, Source, change_kinds
from infra_runtime.arguments.violations import not_found
from infra_runtime.arguments.walk import Shape
from infra_runtime.compiler import write as compiler
from infra_runtime.compiler.decode import Decode
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.operation import Operation
from infra_runtime.operations.keys import Row
from infra_runtime.schema import Model


@dataclass(frozen=True, slots=True)
class OneRowPlan:
    """A write of one row."""

    encode: Encode
    sql: str
    decode: Decode
    make: Callable[[Row], Any] | None
    """Makes the row to answer; None where rows are dicts."""
    read: ReadPlan | None = None
    """What reads the row, where the database does not answer what it wrote."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """Reads a row that a statement wrote."""

    sql: str
    places: tuple[int, ...]
    """Which of that statement's values are the parameters."""


def create_at_once(engine: Engine, operation: Operation) -> Program[Any] | None:
    """The program of a `create`, where it has a plan."""
    arguments, model = operation.arguments, operation.model
    row = arguments.get("data")
    if model is None or len(arguments) != 1 or not engine.dialect.insert_returning:
        return None
    if type(row) is not dict or not row.keys().isdisjoint(model.relation):
        return None
    shape = ("create", model, *row)
    plan = engine.plans.find(shape) or _kept(engine, model, shape, _creation, row)
    return _program(engine, operation, model, plan, None, row, None)


def update_at_once(engine: Engine, operation: Operation) -> Program[Any] | None:
    """The program of an `update`, where it has a plan."""
    arguments, model = operation.arguments, operation.model
    where, changes = arguments.get("where"), arguments.get("data")
    if model is None or len(arguments) != 2 or type(where) is not dict or type(changes) is not dict:
        return None
    kinds = change_kinds(changes)
    shape = ("update one", model, *where, None, *kinds)
    plan = engine.plans.find(shape) or _kept(engine, model, shape, _update, where, kinds)
    return _program(engine, operation, model, plan, where, None, changes)


def upsert_at_once(engine: Engine, operation: Operation) -> Program[Any] | None:
    """The program of an `upsert`, where it has a plan."""
    arguments, model = operation.arguments, operation.model
    where, branches = arguments.get("where"), arguments.get("data")
    if model is None or len(arguments) != 2 or not engine.dialect.upsert:
        return None
    if type(where) is not dict or type(branches) is not dict:
        return None
    row, changes = branches.get("create"), branches.get("update")
    if type(row) is not dict or type(changes) is not dict or len(branches) != 2:
        return None
    kinds = change_kinds(changes)
    shape = ("upsert one", model, *where, None, *row, None, *kinds)
    plan = engine.plans.find(shape) or _kept(engine, model, shape, _upsert, where, row, kinds)
    return _program(engine, operation, model, plan, where, row, changes)


def delete_at_once(engine: Engine, operation: Operation) -> Program[Any] | None:
    """The program of a `delete`, where it has a plan."""
    arguments, model = operation.arguments, operation.model
    where = arguments.get("where")
    if model is None or len(arguments) != 1 or type(where) is not dict or not engine.dialect.delete_returning:
        return None
    shape = ("delete one", model, *where)
    plan = engine.plans.find(shape) or _kept(engine, model, shape, _deletion, where)
    return _program(engine, operation, model, plan, where, None, None)


def is_plain(engine: Engine, arguments: Mapping[str, Any]) -> bool:
    """Does nobody listen, and is nothing said of which scalars are wanted, or of deleted rows?"""
    return engine.changes is None and arguments.get("select") is None and arguments.get("deleted") is None


def _is_followed(engine: Engine, model: Model) -> bool:
    """Is there something to be done beside the statement: conditions to be added, or referential actions to be carried out?"""
    return engine.schema.relation_mode == "prisma" or engine.hides_rows_of(model)


def _program(
    engine: Engine, operation: Operation, model: Model, plan: OneRowPlan | None, where: Any, row: Any, changes: Any
) -> Program[Any] | None:
    values = None if plan is None else plan.encode(where, row, changes, Clock())
    if plan is None or values is None:
        return None
    if plan.read is not None:
        return Program("atomic", _written_and_read(engine, operation, model, plan, plan.read, values))
    return Program("write", _written(engine, operation, model, plan, values))


def _written(engine: Engine, operation: Operation, model: Model, plan: OneRowPlan, values: list[Any]) -> Steps[Any]:
    rows = yield Statement(plan.sql, values, "rows", True, model.name)
    return _answer(engine, operation, model, plan, rows)


def _written_and_read(
    engine: Engine, operation: Operation, model: Model, plan: OneRowPlan, read: ReadPlan, values: list[Any]
) -> Steps[Any]:
    rows: list[Any] = []
    if (yield Statement(plan.sql, values, "count", True, model.name)):
        rows = yield Statement(read.sql, [values[place] for place in read.places], "rows", model=model.name)
    return _answer(engine, operation, model, plan, rows)


def _answer(engine: Engine, operation: Operation, model: Model, plan: OneRowPlan, rows: list[Any]) -> Any:
    if rows:
        row = plan.decode(rows)[0]
        return row if plan.make is None else plan.make(row)
    if engine.missing != "none" or operation.name == "create":
        raise not_found(operation.name, model.name)
    return None


# -- plans -------------------------------------------------------------------------------------------------------------


def _kept(
    engine: Engine, model: Model, shape: Any, make: Callable[..., OneRowPlan | None], *arguments: Any
) -> OneRowPlan | None:
    """Makes a plan, and keeps it. That there is none is not kept: keys that are wrong leave nothing behind.

    Who listens to writes has all of them walked. An engine drops its plans when somebody begins to, and when a scope is added.
    """
    plans = engine.plans
    plan = make(engine, model, *arguments) if engine.changes is None else None
    if plan is not None:
        plans.keep(shape, plan)
    return plan


def _creation(engine: Engine, model: Model, row: Mapping[str, Any]) -> OneRowPlan | None:
    source = Source(engine, model)
    values = source.row("row", tuple(row))
    if not values:
        return None
    plan = compiler.insert_plan(engine, model, tuple(values), model.readable_names, False)
    return OneRowPlan(source.answering(tuple(values.values())), plan.sql(1), plan.decode, engine.row_types.row(model))


def _update(engine: Engine, model: Model, where: Mapping[str, Any], kinds: Any) -> OneRowPlan | None:
    if _is_followed(engine, model):
        return None
    source = Source(engine, model)
    found, changes = source.condition("where", where), source.changes("changes", kinds)
    if found is None or changes is None:
        return None
    values = [*found.values(), *(value for _, _, value in changes)]
    sets = tuple((field.name, operator, len(found) + place) for place, (field, operator, _) in enumerate(changes))
    returns = engine.dialect.update_returning
    fields = model.readable_names
    plan = compiler.update_plan(engine, model, _condition(found), sets, fields if returns else (), None)
    if returns:
        return _of_rows_plan(engine, model, source, plan, values)
    if any(field.name in found for field, _, _ in changes):
        # What finds the row now does not find it then.
        return None
    reading = compiler.key_plan(engine, model, tuple(found), fields, newest=True)
    read = ReadPlan(reading.sql, tuple([plan.slots.index(slot) for slot in reading.slots]))
    return replace(_of_rows_plan(engine, model, source, plan, values), decode=reading.decode, read=read)


def _deletion(engine: Engine, model: Model, where: Mapping[str, Any]) -> OneRowPlan | None:
    if _is_followed(engine, model):
        return None
    source = Source(engine, model)
    found = source.condition("where", where)
    if found is None:
        return None
    plan = compiler.delete_plan(engine, model, _condition(found), model.readable_names, None)
    return _of_rows_plan(engine, model, source, plan, list(found.values()))


def _upsert(
    engine: Engine, model: Model, where: Mapping[str, Any], row: Mapping[str, Any], kinds: Any
) -> OneRowPlan | None:
    """Where the database can decide by itself: by one unique key, whose values are those of the row to be made."""
    if _is_followed(engine, model):
        return None
    key = model.unique_key.get(next(iter(where), "")) if len(where) == 1 else None
    source = Source(engine, model)
    found, values = source.condition("where", where), source.row("row", tuple(row))
    changes = source.changes("changes", kinds) if kinds else []
    if key is None or not found or not values or changes is None or not all(name in values for name in key.fields):
        return None
    for name in key.fields:
        source.require_equal(found[name], values[name])
    sets = tuple((field.name, operator, place) for place, (field, operator, _) in enumerate(changes))
    plan = compiler.upsert_plan(engine, model, tuple(values), key.fields, sets, model.readable_names)
    made, changed = [values[name] for name in plan.columns], [changes[place][2] for place in plan.set_places]
    return OneRowPlan(source.answering([*made, *changed]), plan.sql(1), plan.decode, engine.row_types.row(model))


def _condition(names: Iterable[str]) -> Shape:
    """The shape of a condition that compares these fields, each with the value in the slot of its place."""
    compared = tuple([("compare", name, "=", ("value", slot)) for slot, name in enumerate(names)])
    return compared[0] if len(compared) == 1 else ("and", compared)


def _of_rows_plan(
    engine: Engine, model: Model, source: Source, plan: compiler.RowsPlan, values: list[str]
) -> OneRowPlan:
    encode = source.answering([values[slot] for slot in plan.slots])
    return OneRowPlan(encode, plan.sql, plan.decode, engine.row_types.row(model))
