"""Reads: find_unique, find_first, find_many and their kin, as steps that yield statements.

Imports `arguments`, `compiler.select`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Any

from infra_runtime.arguments.query import NO_PAGE, query_shape
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.arguments.where import Scoped, filter_shape, where_shape
from infra_runtime.compiler.plans import QueryPlan, RelationPlan
from infra_runtime.compiler.select import exists_plan, query_plan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Statements, Steps, Stream, side_by_side
from infra_runtime.engine import Engine
from infra_runtime.errors import InputError, RecordNotFoundError
from infra_runtime.operation import Operation
from infra_runtime.operations.planning import Planning, planned
from infra_runtime.schema import Model

_Related = dict[Any, list[Any]]
"""Rows by the key that they have of those they belong to."""

ONE = 1
BATCH_SIZE = 500
"""Rows that a stream reads at a time, where nothing else is said."""


# -- plans -------------------------------------------------------------------------------------------------------------
@cache
def finding(unique: bool, scoped: Scoped, newest: bool) -> Planning[QueryPlan]:
    """The planning of rows. `unique`: of one, by a unique key; `scoped`: of those that are to be seen; `newest`: see `read_values`."""

    def compiled(engine: Engine, model: Model, shape: Shape) -> QueryPlan:
        return query_plan(engine, model, shape, locks=newest and engine.dialect.sees_newest_by_lock)

    return Planning(("find", newest), partial(query_shape, unique=unique, scoped=scoped), compiled)


@cache
def _looking_up(scoped: Scoped, newest: bool, writes: bool) -> Planning[QueryPlan]:
    """The planning of `read_values`, whose number of rows is nobody's to limit."""

    def shape_of(walk: Walk, model: Model, arguments: Mapping[str, Any]) -> Shape:
        condition, take = where_shape(walk, model, arguments["where"], scoped=scoped), arguments["take"]
        page = NO_PAGE if take is None else (1, walk.converted(int, take), *NO_PAGE[2:])
        return (condition, (), page, (), (tuple(arguments["columns"]), (), (), None))

    def compiled(engine: Engine, model: Model, shape: Shape) -> QueryPlan:
        locks = newest and engine.dialect.sees_newest_by_lock
        return query_plan(engine, model, shape, locks=locks, writes=writes)

    return Planning(("look up", newest, writes), shape_of, compiled)


FIND, UNIQUE = finding(False, True, False), finding(True, True, False)
EXISTS = Planning(("exists",), filter_shape, exists_plan)


# -- operations --------------------------------------------------------------------------------------------------------
def find_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[Any]]:
    return Program("read", _rows(*planned(FIND, engine, context, model_of(operation.model), operation.arguments)))


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
    return Program("read", _first(*planned(FIND, engine, context, model_of(operation.model), first)))


def find_first_or_raise(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    found = find_first(engine, context, operation)
    return Program("read", _or_raise(found.steps, model_of(operation.model)))


def find_unique(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    model, arguments = model_of(operation.model), operation.arguments
    plan, values = planned(UNIQUE, engine, context, model, arguments)
    if plan.relations and (known := _known_keys(engine, model, plan, arguments["where"])):
        return Program("read", _one_of(_by_key(plan, values, known)))
    return Program("read", _first(plan, values))


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
    plan, values = planned(FIND, engine, context, model, arguments)
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
    plan, values = planned(EXISTS, engine, context, model, operation.arguments)
    return Program("read", _exists(Statement(plan.sql, [values[slot] for slot in plan.slots], model=model.name)))


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
    plan, values = planned(finding(unique, scoped, newest), engine, context, model, arguments)
    if plan.relations and (known := _known_keys(engine, model, plan, arguments["where"])):
        return (yield from _by_key(plan, values, known, is_last))
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
    asked = {"where": where, "take": take, "columns": fields}
    plan, values = planned(_looking_up(scoped, newest, writes), engine, context, model, asked)
    rows = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=model.name)
    return plan.decode(rows)


# -- steps -------------------------------------------------------------------------------------------------------------
def _rows(plan: QueryPlan, values: list[Any], is_last: bool = False) -> Steps[list[Any]]:
    statement = Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    if is_last and not plan.relations:
        [tuples] = yield Statements([statement], is_last=True)
    else:
        tuples = yield statement
    return (yield from finished(plan, tuples, values, is_last))


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


def _one_of(steps: Steps[list[Any]]) -> Steps[Any]:
    rows = yield from steps
    return rows[0] if rows else None


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


def finished(
    plan: QueryPlan, tuples: Sequence[Sequence[Any]], values: list[Any], is_last: bool = False
) -> Steps[list[Any]]:
    """Rows with all that is wanted with them, in the order that was asked for. `is_last`: see `Statements`."""
    if plan.turned:
        tuples = tuples[::-1]
    rows = plan.decode(tuples)
    if plan.relations:
        yield from _attach_all(plan, tuples, rows, values, is_last)
    return rows if plan.make is None else plan.make(rows)


def _attach_all(
    plan: QueryPlan,
    parents: Sequence[Sequence[Any]],
    rows: list[dict[str, Any]],
    values: list[Any],
    is_last: bool = False,
) -> Steps[None]:
    """Reads the related rows of all parents and puts them into the parents' values."""
    relations = plan.relations
    is_last = is_last and all(_is_one_statement(relation, values) for relation in relations)
    if len(relations) == 1 and not is_last:
        found = [(yield from _related(relations[0], keys_at(parents, relations[0].parent_places), values))]
    else:
        found = yield from side_by_side(
            [_related(relation, keys_at(parents, relation.parent_places), values) for relation in relations],
            is_last=is_last,
        )
    for relation, related in zip(relations, found, strict=True):
        _attach(relation, parents, rows, related)


def _related(relation: RelationPlan, keys: Sequence[Any], values: list[Any]) -> Steps[_Related]:
    """The related rows of parents with these keys, by the keys."""
    related: _Related = defaultdict(list)
    wanted = dict.fromkeys(keys)
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


# -- one row by its key ------------------------------------------------------------------------------------------------
def _known_keys(engine: Engine, model: Model, plan: QueryPlan, where: Any) -> dict[str, Any]:
    """By the names of relations, the key that the related rows have, where the condition that finds a row says it already and several
    statements can go together. Only whole numbers and texts, which the driver answers as it takes them."""
    if not engine.dialect.pipelines or type(where) is not dict or len(where) != 1:
        return {}
    [(name, value)] = where.items()
    if type(value) not in (int, str) or name not in model.scalar:
        return {}
    key = engine.codec(model.scalar[name]).encode(value)
    if type(key) is not type(value):
        return {}
    return {relation.name: key for relation in plan.relations if relation.key_names == (name,)}


def _by_key(plan: QueryPlan, values: list[Any], known: Mapping[str, Any], is_last: bool = False) -> Steps[list[Any]]:
    """The row that a key finds, asked for together with the rows that the key itself relates to it. `is_last`: see `Statements`."""
    beside = [relation for relation in plan.relations if relation.name in known]
    others = [relation for relation in plan.relations if relation.name not in known]
    is_last = is_last and not others and all(_is_one_statement(relation, values) for relation in beside)
    parts: list[Steps[Any]] = [_tuples(plan, others, values)]
    parts += [_related(relation, [known[relation.name]], values) for relation in beside]
    (tuples, later), *found = yield from side_by_side(parts, is_last=is_last)
    rows = plan.decode(tuples)
    related = {relation.name: one for relation, one in zip([*beside, *others], [*found, *later], strict=False)}
    for relation in plan.relations if tuples else ():
        keys = keys_at(tuples, relation.parent_places)
        if relation.name in known and keys != [known[relation.name]]:
            # To the database a text may be equal to another.
            related[relation.name] = yield from _related(relation, keys, values)
        _attach(relation, tuples, rows, related[relation.name])
    return rows if plan.make is None else plan.make(rows)


def _tuples(
    plan: QueryPlan, relations: Sequence[RelationPlan], values: list[Any]
) -> Steps[tuple[Sequence[Sequence[Any]], Sequence[_Related]]]:
    """The tuples of a query, and the rows of `relations`."""
    tuples = yield Statement(plan.sql, [values[slot] for slot in plan.slots], model=plan.model)
    if not tuples or not relations:
        return tuples, ()
    parts = [_related(relation, keys_at(tuples, relation.parent_places), values) for relation in relations]
    return tuples, (yield from side_by_side(parts))


def _is_one_statement(relation: RelationPlan, values: list[Any]) -> bool:
    """Are related rows read by one statement, whatever the keys, with nothing to be read for them?"""
    if relation.lists != "array" or len(relation.parent_places) > 1:
        return False
    return not relation.compile((relation.lists, len(values))).relations


# -- related rows ------------------------------------------------------------------------------------------------------
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
