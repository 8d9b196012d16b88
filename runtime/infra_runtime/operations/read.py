"""Reads: find_unique, find_first, find_many and their kin, as steps that yield statements.

Imports `arguments`, `compiler.select`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID

from infra_runtime.arguments.query import NO_PAGE, query_shape
from infra_runtime.arguments.walk import Walk
from infra_runtime.arguments.where import Scoped, filter_shape, where_shape
from infra_runtime.compiler.plans import QueryPlan, RelationPlan
from infra_runtime.compiler.select import exists_plan, query_plan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Statements, Steps, Stream, side_by_side
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError, RecordNotFoundError
from infra_runtime.operation import Operation
from infra_runtime.schema import Model

_Related = dict[Any, list[Any]]
"""Rows by the key that they have of those they belong to."""

ONE = 1
BATCH_SIZE = 500
"""Rows that a stream reads at a time, where nothing else is said."""


# -- operations --------------------------------------------------------------------------------------------------------
def find_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[Any]]:
    return Program("read", _rows(*planned(engine, context, operation.model, operation.arguments)))


def find_first(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    arguments = operation.arguments
    take = arguments.get("take", ONE)
    if take not in (ONE, -ONE):
        raise InputError(
            "find_first takes one row: take is 1, or -1 for the last",
            path=("take",),
            model=model_of(operation.model).name,
        )
    first = {**arguments, "take": take}
    return Program("read", _first(*planned(engine, context, operation.model, first)))


def find_first_or_raise(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    found = find_first(engine, context, operation)
    return Program("read", _or_raise(found.steps, model_of(operation.model)))


def find_unique(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    return Program("read", _first(*planned(engine, context, operation.model, operation.arguments, unique=True)))


def find_unique_or_raise(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    found = find_unique(engine, context, operation)
    return Program("read", _or_raise(found.steps, model_of(operation.model)))


def stream(engine: Engine, context: OperationContext, operation: Operation) -> Stream[Any]:
    """`find_many`, its rows read in batches of `batch_size`."""
    model = model_of(operation.model)
    arguments = dict(operation.arguments)
    size = arguments.pop("batch_size", BATCH_SIZE)
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise InputError(
            "batch_size is how many rows are read at a time: 1 or more", path=("batch_size",), model=model.name
        )
    plan, values = planned(engine, context, model, arguments)
    if plan.turned:
        raise InputError(
            "a stream begins with the first row: give a positive take, with the order turned round",
            path=("take",),
            model=model.name,
        )
    statement = Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    return Stream(statement, size, lambda tuples: finished(plan, tuples, values), interleaved=bool(plan.relations))


def exists(engine: Engine, context: OperationContext, operation: Operation) -> Program[bool]:
    model = model_of(operation.model)
    walk = Walk(engine, context)
    try:
        condition = filter_shape(walk, model, operation.arguments)
    except ArgumentError as error:
        error.model = model.name
        raise
    plan = engine.plans.get(("exists", model, condition), lambda: exists_plan(engine, model, condition))
    return Program("read", _exists(Statement(plan.sql, [walk.values[slot] for slot in plan.slots], model=model.name)))


def model_of(model: Model | None) -> Model:
    assert model is not None
    return model


# -- parts that other operations use -----------------------------------------------------------------------------------
def read_rows(
    engine: Engine,
    context: OperationContext,
    model: Model,
    *,
    unique: bool = False,
    scoped: Scoped = True,
    newest: bool = False,
    is_last: bool = False,
    **arguments: Any,
) -> Steps[list[Any]]:
    """The rows that the arguments of a `find_many` ask for. `newest`: see `read_values`; `is_last`: see `Statements`."""
    plan, values = planned(engine, context, model, arguments, unique=unique, scoped=scoped, newest=newest)
    return (yield from _rows(plan, values, is_last))


def read_values(
    engine: Engine,
    context: OperationContext,
    model: Model,
    where: Mapping[str, Any],
    fields: Sequence[str],
    *,
    scoped: Scoped = True,
    take: int | None = None,
    newest: bool = False,
    writes: bool = False,
) -> Steps[list[dict[str, Any]]]:
    """The decoded values of `fields` in the rows that meet `where`, by field name: what nested writes look up.

    `newest`: as they are now, also where the transaction otherwise sees what there was when it began. `writes`: those that an UPDATE or
    DELETE under `where` is about.
    """
    walk = Walk(engine, context)
    condition = where_shape(walk, model, where, scoped=scoped)
    page = NO_PAGE if take is None else (1, walk.slot(take), *NO_PAGE[2:])
    shape = (condition, (), page, (), (tuple(fields), (), (), None))
    locks = newest and engine.dialect.sees_newest_by_lock
    plan = engine.plans.get(
        ("find", model, shape, locks, writes),
        lambda: query_plan(engine, model, shape, locks=locks, writes=writes),
    )
    rows = yield Statement(plan.sql, [walk.values[slot] for slot in plan.slots], model=model.name)
    return plan.decode(rows)


def planned(
    engine: Engine,
    context: OperationContext,
    model: Model | None,
    arguments: Mapping[str, Any],
    *,
    unique: bool = False,
    scoped: Scoped = True,
    newest: bool = False,
) -> tuple[QueryPlan, list[Any]]:
    model = model_of(model)
    if scoped is True and not newest and not engine.hides_rows:
        found = _by_values(engine, context, model, arguments, unique)
        if found is not None:
            return found
    walk = Walk(engine, context)
    try:
        shape = query_shape(walk, model, arguments, unique=unique, scoped=scoped)
    except ArgumentError as error:
        error.model = error.model or model.name
        raise
    locks = newest and engine.dialect.sees_newest_by_lock
    plan = engine.plans.get(("find", model, shape, locks), lambda: query_plan(engine, model, shape, locks=locks))
    return plan, walk.values


# -- reads by plain values ---------------------------------------------------------------------------------------------
_PLAIN = frozenset({bool, int, float, str, bytes, Decimal, datetime, date, UUID})
"""Types whose values are compared with, whatever their field; others may say more than that."""


@dataclass(frozen=True, slots=True)
class _ByValues:
    """The plan of a read whose `where` gives nothing but values, and how these go to the driver."""

    plan: QueryPlan
    encode: tuple[Callable[[Any], Any], ...]


def _by_values(
    engine: Engine, context: OperationContext, model: Model, arguments: Mapping[str, Any], unique: bool
) -> tuple[QueryPlan, list[Any]] | None:
    """What `planned` answers for `{"where": {"id": 7}}`, without a walk: such arguments have the same shape where they name the same fields.

    None for any others, and for values that are refused: the walk says where they stand.
    """
    where, take = arguments.get("where"), arguments.get("take")
    # That it is one row of those is all that may be said besides, as find_first does.
    said = 1 if take is None else 2
    if type(where) is not dict or len(arguments) != said or not _PLAIN.issuperset(map(type, where.values())):
        return None
    if take is not None and (type(take) is not int or take != ONE):
        return None
    kept: _ByValues | str = engine.plans.get(
        ("by values", model, unique, take, *where),
        lambda: _plan_by_values(engine, context, model, arguments, where, unique),
    )
    if isinstance(kept, str):
        return None
    try:
        values = [encode(value) for encode, value in zip(kept.encode, where.values(), strict=True)]
    except ArgumentError:
        return None
    if take is not None:
        values.append(take)
    return kept.plan, values


def _plan_by_values(
    engine: Engine,
    context: OperationContext,
    model: Model,
    arguments: Mapping[str, Any],
    where: Mapping[str, Any],
    unique: bool,
) -> _ByValues | str:
    """What is kept for such arguments; a text where they are to be walked."""
    fields = [model.scalar.get(name) for name in where]
    if any(field is None or field.is_list or field.type == "Json" or not field.readable for field in fields):
        return "walked"
    try:
        shape = query_shape(Walk(engine, context), model, arguments, unique=unique)
    except ArgumentError:
        return "walked"
    plan = engine.plans.get(("find", model, shape, False), lambda: query_plan(engine, model, shape))
    return _ByValues(plan, tuple([engine.codec(field).encode for field in fields if field is not None]))


# -- steps -------------------------------------------------------------------------------------------------------------
def _rows(plan: QueryPlan, values: list[Any], is_last: bool = False) -> Steps[list[Any]]:
    statement = Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    if is_last and not plan.relations:
        [tuples] = yield Statements([statement], is_last=True)
    else:
        tuples = yield statement
    return (yield from finished(plan, tuples, values))


def _first(plan: QueryPlan, values: list[Any]) -> Steps[Any]:
    tuples = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    if not tuples:
        return None
    if len(tuples) > 1:
        tuples = tuples[:1]
    rows = plan.decode(tuples)
    if plan.relations:
        yield from _attach_all(plan, tuples, rows, values)
    return rows[0] if plan.make is None else plan.make(rows)[0]


def _or_raise(steps: Steps[Any], model: Model) -> Steps[Any]:
    found = yield from steps
    if found is None:
        raise RecordNotFoundError(
            "An operation failed because it depends on one or more records that were required but not found. "
            f"No {model.name} was found.",
            model=model.name,
            meta={"cause": f"No {model.name} was found."},
        )
    return found


def _exists(statement: Statement) -> Steps[bool]:
    return bool((yield statement))


def finished(plan: QueryPlan, tuples: Sequence[Sequence[Any]], values: list[Any]) -> Steps[list[Any]]:
    """Rows with all that is wanted with them, in the order that was asked for."""
    if plan.turned:
        tuples = tuples[::-1]
    rows = plan.decode(tuples)
    if plan.relations:
        yield from _attach_all(plan, tuples, rows, values)
    return rows if plan.make is None else plan.make(rows)


def _attach_all(
    plan: QueryPlan, parents: Sequence[Sequence[Any]], rows: list[dict[str, Any]], values: list[Any]
) -> Steps[None]:
    """Reads the related rows of all parents and puts them into the parents' values."""
    relations = plan.relations
    if len(relations) == 1:
        _attach(relations[0], parents, rows, (yield from _related(relations[0], parents, values)))
        return
    found = yield from side_by_side([_related(relation, parents, values) for relation in relations])
    for relation, related in zip(relations, found, strict=True):
        _attach(relation, parents, rows, related)


def _related(relation: RelationPlan, parents: Sequence[Sequence[Any]], values: list[Any]) -> Steps[_Related]:
    """The related rows of all parents, by the parents' keys."""
    related: _Related = defaultdict(list)
    wanted = dict.fromkeys(keys_at(parents, relation.parent_places))
    # A key with a NULL in it leads nowhere.
    if len(relation.parent_places) == 1:
        wanted.pop(None, None)
    else:
        wanted = {key: None for key in wanted if None not in key}
    if wanted:
        yield from _read_related(relation, list(wanted), related, values)
    return related


def _attach(
    relation: RelationPlan, parents: Sequence[Sequence[Any]], rows: list[dict[str, Any]], related: _Related
) -> None:
    name, find, keys = relation.name, related.get, keys_at(parents, relation.parent_places)
    if relation.is_list:
        for row, key in zip(rows, keys, strict=True):
            row[name] = find(key) or []
    else:
        for row, key in zip(rows, keys, strict=True):
            found = find(key)
            row[name] = found[0] if found else None


def keys_at(tuples: Sequence[Sequence[Any]], places: tuple[int, ...]) -> list[Any]:
    """The key of each tuple: the value at the place, or the tuple of those at several."""
    return list(map(itemgetter(*places), tuples))


def _read_related(relation: RelationPlan, keys: list[Any], related: _Related, values: list[Any]) -> Steps[None]:
    """Reads the related rows of the parents with `keys`, as few at a time as the database takes parameters for."""
    for packed, more in _packed(relation, keys, values):
        plan = relation.compile(packed)
        slots = [*values, *more]
        tuples = yield Statement(plan.sql, [slots[slot] for slot in plan.slots], model=plan.model)
        made = yield from finished(plan, tuples, values)
        ordered = tuples[::-1] if plan.turned else tuples
        for key, row in zip(keys_at(ordered, plan.parent_key), made, strict=True):
            related[key].append(row)


def _packed(relation: RelationPlan, keys: list[Any], values: list[Any]) -> list[tuple[Any, list[Any]]]:
    first = len(values)
    if relation.lists == "json":
        try:
            return [(("json", first), [json.dumps(keys)])]
        except TypeError:
            # Bytes, which JSON has not.
            return _bucketed(keys, first)
    return [((relation.lists, first), [keys])] if len(relation.parent_places) == 1 else _bucketed(keys, first)


def _parts(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


CHUNK = 512


def _bucketed(keys: list[Any], first: int) -> list[tuple[Any, list[Any]]]:
    packed = []
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        size = 1
        while size < len(chunk):
            size *= 2
        chunk += [chunk[-1]] * (size - len(chunk))
        flat = [part for key in chunk for part in _parts(key)]
        packed.append((("bucket", first, size), flat))
    return packed
