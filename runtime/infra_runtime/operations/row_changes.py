"""Updates and deletes rows of one model, with what referential actions make of it.

The actions are carried out where the runtime has to (`relationMode = "prisma"`), and foreseen where somebody listens to what the
database will do. Where neither is the case a step is one statement. Imports the compiler of writes, the reads, links and the writer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra_runtime.arguments.data import Assignment, Where
from infra_runtime.arguments.violations import required_relation_violation
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.arguments.where import Scoped, where_shape
from infra_runtime.changes import Change, Wants
from infra_runtime.compiler import write as compiler
from infra_runtime.effects import Later, Statement, Steps
from infra_runtime.operations import consequences
from infra_runtime.operations.consequences import Consequence
from infra_runtime.operations.keys import Row, any_of, key_fields, key_of, key_values, together
from infra_runtime.operations.links import unlink_all
from infra_runtime.operations.read import read_values
from infra_runtime.operations.writer import Writer, computed, every_field, setting
from infra_runtime.schema import Model

# -- update ------------------------------------------------------------------------------------------------------------


def update(
    writer: Writer,
    model: Model,
    where: Where,
    assignments: Sequence[Assignment],
    fields: Sequence[str] = (),
    *,
    scoped: Scoped = False,
    limit: int | None = None,
    cascade: bool = False,
) -> Steps[list[Row]]:
    """Updates the rows that match; answers their `fields` as they are then. `cascade`: it follows from what was done to other rows."""
    engine = writer.engine
    wants = writer.wants(model)
    if wants is None and not follows_update(writer, model, assignments) and engine.dialect.update_returning:
        plan, parameters = _update_plan(writer, model, where, assignments, tuple(fields), scoped=scoped, limit=limit)
        answer = yield Statement(plan.sql, parameters, "rows", True, model.name)
        return plan.decode(answer)
    if wants is None and not follows_update(writer, model, assignments) and _stays(model, where, assignments):
        count = yield from update_counted(writer, model, where, assignments, scoped=scoped, limit=limit)
        return (yield from _newest(writer, model, where, together(fields, key_fields(model)))) if count else []
    befores = yield from _matching(writer, model, where, wants, scoped=scoped, limit=limit)
    afters = [computed(engine, row, assignments) for row in befores]
    followed = yield from _update_known(writer, model, befores, afters, assignments)
    asked = together(fields, key_fields(model), every_field(model) if wants is not None and wants.after else ())
    found: dict[tuple[Any, ...], Row] = {}
    for where in any_of(key_fields(model), afters):
        rows = yield from _newest(writer, model, where, asked)
        found.update((key_values(model, row), row) for row in rows)
    updated = [found.get(key_values(model, row), row) for row in afters]
    _note_updates(writer, model, wants, befores, updated, followed, cascade=cascade)
    return updated


def _stays(model: Model, where: Where, assignments: Sequence[Assignment]) -> bool:
    """Is `where` the values of a key that the assignments leave as they are?"""
    key = key_fields(model)
    is_key = len(where) == len(key) and all(not isinstance(where.get(name), (Mapping, type(None))) for name in key)
    return is_key and not any(item.field.name in key for item in assignments)


def _newest(writer: Writer, model: Model, where: Where, fields: tuple[str, ...]) -> Steps[list[Row]]:
    """`fields` of rows as they are now that they were written."""
    return read_values(writer.engine, writer.context, model, where, fields, scoped=False, newest=True)


def update_counted(
    writer: Writer,
    model: Model,
    where: Where,
    assignments: Sequence[Assignment],
    *,
    scoped: Scoped = False,
    limit: int | None = None,
    cascade: bool = False,
) -> Steps[int]:
    """Updates the rows that match; answers how many there were. `cascade`: a referential action asked for it."""
    wants = writer.wants(model)
    if wants is None and not follows_update(writer, model, assignments):
        plan, parameters = _update_plan(writer, model, where, assignments, (), scoped=scoped, limit=limit)
        count: int = yield Statement(plan.sql, parameters, "count", True, model.name)
        return count
    if wants is not None and wants.after and not cascade:
        updated = yield from update(writer, model, where, assignments, scoped=scoped, limit=limit)
        return len(updated)
    befores = yield from _matching(writer, model, where, wants, scoped=scoped, limit=limit)
    afters = [computed(writer.engine, row, assignments) for row in befores]
    followed = yield from _update_known(writer, model, befores, afters, assignments)
    _note_updates(writer, model, wants, befores, afters, followed, cascade=cascade)
    return len(befores)


def update_unanswered(
    writer: Writer, model: Model, where: Where, assignments: Sequence[Assignment], *, scoped: Scoped = False
) -> Steps[None]:
    """Updates the rows that match, of which nobody wants to know more."""
    if writer.wants(model) is None and not follows_update(writer, model, assignments):
        plan, parameters = _update_plan(writer, model, where, assignments, (), scoped=scoped, limit=None)
        yield Later(Statement(plan.sql, parameters, "count", True, model.name))
    else:
        yield from update_counted(writer, model, where, assignments, scoped=scoped)


def follows_update(writer: Writer, model: Model, assignments: Sequence[Assignment]) -> bool:
    return writer.follows(model) and consequences.acts_on_update(writer.engine, model, assignments)


def _update_known(
    writer: Writer, model: Model, befores: Sequence[Row], afters: Sequence[Row], assignments: Sequence[Assignment]
) -> Steps[list[Change]]:
    """Updates rows that were read before, by their keys; answers what the database's referential actions will have changed."""
    acting = [place for place, row in enumerate(befores) if writer.begin_acting(model, row)]
    follows = consequences.of_update(
        writer.engine, model, [befores[place] for place in acting], [afters[place] for place in acting]
    )
    followed = yield from _carry_out(writer, follows)
    for where in any_of(key_fields(model), befores):
        plan, parameters = _update_plan(writer, model, where, assignments, (), scoped=False, limit=None)
        yield Later(Statement(plan.sql, parameters, "count", True, model.name))
    writer.end_acting(model, [befores[place] for place in acting])
    return followed


def _note_updates(
    writer: Writer,
    model: Model,
    wants: Wants | None,
    befores: Sequence[Row],
    afters: Sequence[Row],
    followed: Sequence[Change],
    *,
    cascade: bool,
) -> None:
    if wants is not None:
        for before, after in zip(befores, afters, strict=True):
            key = key_of(model, after)
            old, new = before if wants.before else None, after if wants.after else None
            writer.note(Change("update", model, key, old, new, cascade=cascade))
    for change in followed:
        writer.note(change)


def update_met(
    writer: Writer,
    model: Model,
    walk: Walk,
    condition: Shape,
    assignments: Sequence[Assignment],
    fields: tuple[str, ...],
) -> Steps[list[Row]]:
    """Updates the rows that meet a condition that was walked already, where nothing follows from it; answers their `fields`."""
    plan, parameters = _planned_update(writer, model, walk, condition, assignments, fields, None)
    answer = yield Statement(plan.sql, parameters, "rows", True, model.name)
    return plan.decode(answer)


def _update_plan(
    writer: Writer,
    model: Model,
    where: Where,
    assignments: Sequence[Assignment],
    fields: tuple[str, ...],
    *,
    scoped: Scoped,
    limit: int | None,
) -> tuple[compiler.RowsPlan, list[Any]]:
    walk = Walk(writer.engine, writer.context)
    condition = where_shape(walk, model, where, scoped=scoped)
    return _planned_update(writer, model, walk, condition, assignments, fields, limit)


def _planned_update(
    writer: Writer,
    model: Model,
    walk: Walk,
    condition: Shape,
    assignments: Sequence[Assignment],
    fields: tuple[str, ...],
    limit: int | None,
) -> tuple[compiler.RowsPlan, list[Any]]:
    engine = writer.engine
    sets = tuple([(item.field.name, item.operator, walk.slot(item.value)) for item in assignments])
    at_most = None if limit is None else walk.slot(limit)
    shape = ("update", model, condition, sets, fields, at_most)
    plan = engine.plans.get(shape, lambda: compiler.update_plan(engine, model, condition, sets, fields, at_most))
    return plan, plan.parameters(walk.values)


def _matching(
    writer: Writer, model: Model, where: Where, wants: Wants | None, *, scoped: Scoped, limit: int | None
) -> Steps[list[Row]]:
    """The rows a write will touch, with all that is needed to follow its consequences."""
    engine = writer.engine
    every = every_field(model) if wants is not None and (wants.before or wants.after) else ()
    fields = together(key_fields(model), consequences.referenced_fields(engine, model), every)
    return (yield from _to_be_written(writer, model, where, fields, scoped=scoped, limit=limit))


def _to_be_written(
    writer: Writer, model: Model, where: Where, fields: Sequence[str], *, scoped: Scoped, limit: int | None
) -> Steps[list[Row]]:
    """`fields` of the rows that an UPDATE or DELETE under `where` would be about. With a limit it chooses them by a query, as Prisma does
    for all where it carries referential actions out."""
    writes = limit is None and not writer.emulates
    rows: list[Row] = yield from read_values(
        writer.engine, writer.context, model, where, fields, scoped=scoped, take=limit, newest=True, writes=writes
    )
    return rows


# -- delete ------------------------------------------------------------------------------------------------------------


def delete(
    writer: Writer,
    model: Model,
    where: Where,
    fields: Sequence[str] = (),
    *,
    scoped: Scoped = False,
    limit: int | None = None,
    cascade: bool = False,
) -> Steps[list[Row]]:
    """Deletes the rows that match; answers their `fields` as they were. `cascade`: a referential action asked for it."""
    engine = writer.engine
    wants = writer.wants(model)
    if wants is None and not follows_delete(writer, model) and engine.dialect.delete_returning:
        plan, parameters = _delete_plan(writer, model, where, tuple(fields), scoped=scoped, limit=limit)
        answer = yield Statement(plan.sql, parameters, "rows", True, model.name)
        return plan.decode(answer)
    every = every_field(model) if wants is not None and wants.before else ()
    asked = together(fields, key_fields(model), consequences.referenced_fields(engine, model), every)
    rows = yield from _to_be_written(writer, model, where, asked, scoped=scoped, limit=limit)
    yield from delete_known(writer, model, rows, cascade=cascade)
    return rows


def delete_counted(
    writer: Writer,
    model: Model,
    where: Where,
    *,
    scoped: Scoped = False,
    limit: int | None = None,
    cascade: bool = False,
) -> Steps[int]:
    """Deletes the rows that match; answers how many there were. `cascade`: a referential action asked for it."""
    if writer.wants(model) is None and not follows_delete(writer, model):
        plan, parameters = _delete_plan(writer, model, where, (), scoped=scoped, limit=limit)
        count: int = yield Statement(plan.sql, parameters, "count", True, model.name)
        return count
    rows = yield from delete(writer, model, where, scoped=scoped, limit=limit, cascade=cascade)
    return len(rows)


def fields_to_delete(writer: Writer, model: Model) -> tuple[str, ...]:
    """What `delete_known` has to know of a row."""
    wants = writer.wants(model)
    every = every_field(model) if wants is not None and wants.before else ()
    referenced = consequences.referenced_fields(writer.engine, model) if follows_delete(writer, model) else ()
    return together(key_fields(model), referenced, every)


def delete_known(writer: Writer, model: Model, rows: Sequence[Row], *, cascade: bool = False) -> Steps[None]:
    """Deletes rows that were read before with `fields_to_delete`."""
    wants = writer.wants(model)
    followed: list[Change] = []
    acting = [row for row in rows if writer.begin_acting(model, row)]
    if acting and follows_delete(writer, model):
        for relation in model.relations:
            if relation.is_many_to_many:
                yield from unlink_all(writer, relation, acting)
        followed = yield from _carry_out(writer, consequences.of_delete(writer.engine, model, acting))
    for where in any_of(key_fields(model), acting):
        plan, parameters = _delete_plan(writer, model, where, (), scoped=False, limit=None)
        yield Later(Statement(plan.sql, parameters, "count", True, model.name))
    writer.end_acting(model, acting)
    if wants is not None:
        for row in acting:
            before = row if wants.before else None
            writer.note(Change("delete", model, key_of(model, row), before, cascade=cascade))
    for change in followed:
        writer.note(change)


def follows_delete(writer: Writer, model: Model) -> bool:
    return writer.follows(model) and consequences.acts_on_delete(writer.engine, model)


def delete_met(writer: Writer, model: Model, walk: Walk, condition: Shape, fields: tuple[str, ...]) -> Steps[list[Row]]:
    """Deletes the rows that meet a condition that was walked already, where nothing follows from it; answers their `fields`."""
    plan, parameters = _planned_delete(writer, model, walk, condition, fields, None)
    answer = yield Statement(plan.sql, parameters, "rows", True, model.name)
    return plan.decode(answer)


def _delete_plan(
    writer: Writer, model: Model, where: Where, fields: tuple[str, ...], *, scoped: Scoped, limit: int | None
) -> tuple[compiler.RowsPlan, list[Any]]:
    walk = Walk(writer.engine, writer.context)
    condition = where_shape(walk, model, where, scoped=scoped)
    return _planned_delete(writer, model, walk, condition, fields, limit)


def _planned_delete(
    writer: Writer, model: Model, walk: Walk, condition: Shape, fields: tuple[str, ...], limit: int | None
) -> tuple[compiler.RowsPlan, list[Any]]:
    engine = writer.engine
    at_most = None if limit is None else walk.slot(limit)
    shape = ("delete", model, condition, fields, at_most)
    plan = engine.plans.get(shape, lambda: compiler.delete_plan(engine, model, condition, fields, at_most))
    return plan, plan.parameters(walk.values)


# -- referential actions -----------------------------------------------------------------------------------------------


def _carry_out(writer: Writer, follows: Iterator[Consequence]) -> Steps[list[Change]]:
    """Carries consequences out where the runtime has to; else answers the changes that the database will make of them."""
    followed: list[Change] = []
    for one in follows:
        if not writer.emulates:
            followed += yield from _foreseen(writer, one)
        elif one.kind == "restrict":
            yield from _refuse_if_any(writer, one)
        elif one.kind == "delete":
            yield from delete_counted(writer, one.dependent.model, one.where, cascade=True)
        else:
            assignments = setting(writer, one.dependent.model, one.values, touches=False)
            yield from update_counted(writer, one.dependent.model, one.where, assignments, cascade=True)
    return followed


def _refuse_if_any(writer: Writer, one: Consequence) -> Steps[None]:
    model, relation = one.dependent.model, one.dependent.relation
    rows = yield from read_values(
        writer.engine, writer.context, model, one.where, key_fields(model), scoped=False, take=1
    )
    if rows:
        raise required_relation_violation(relation, model.name, relation.model)


def _foreseen(writer: Writer, one: Consequence) -> Steps[list[Change]]:
    """The changes of a consequence that the database brings about, with all that follows from it in turn."""
    engine, model = writer.engine, one.dependent.model
    if one.kind == "restrict":
        return []
    wants = writer.wants(model)
    found = yield from _matching(writer, model, one.where, wants, scoped=False, limit=None)
    rows = [row for row in found if writer.begin_acting(model, row)]
    changes: list[Change] = []
    if one.kind == "delete":
        for relation in model.relations:
            if relation.is_many_to_many:
                yield from unlink_all(writer, relation, rows)
        if wants is not None:
            changes += [
                Change("delete", model, key_of(model, row), row if wants.before else None, cascade=True) for row in rows
            ]
        follows = consequences.of_delete(engine, model, rows)
    else:
        afters = [{**row, **{name: value for name, value in one.values.items() if name in row}} for row in rows]
        if wants is not None:
            for before, after in zip(rows, afters, strict=True):
                old, new = before if wants.before else None, after if wants.after else None
                changes.append(Change("update", model, key_of(model, after), old, new, cascade=True))
        follows = consequences.of_update(engine, model, rows, afters)
    for next_one in follows:
        changes += yield from _foreseen(writer, next_one)
    writer.end_acting(model, rows)
    return changes
