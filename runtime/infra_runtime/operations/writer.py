"""The steps every write is made of: insert, update and delete rows of one model, make and break links.

Each carries out referential actions where the runtime has to (`relationMode = "prisma"`), and notes what it changed where somebody
listens. Where neither is the case a step is one statement. Rows come and go as decoded values by field name; only rows to insert
and assignments hold driver values. Imports `arguments`, `compiler`, `changes`, `engine` and the reads of the runtime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra_runtime.arguments.data import Assignment, DataWalk, Where
from infra_runtime.arguments.walk import Walk
from infra_runtime.arguments.where import where_shape
from infra_runtime.changes import Change, Changed, ChangeKind, ChangeSet, Wants
from infra_runtime.compiler import write as compiler
from infra_runtime.context import OperationContext
from infra_runtime.effects import Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import RequiredRelationViolationError
from infra_runtime.operations import consequences
from infra_runtime.operations.consequences import Consequence
from infra_runtime.operations.keys import OR_LIMIT, Row, any_of, key_fields, key_of, key_values, together
from infra_runtime.operations.read import read_values
from infra_runtime.schema import Model, RelationField


class Writer:
    """What the steps of one write share: engine, context, the walk of its data, and the change set where somebody listens."""

    __slots__ = ("_acting", "changes", "context", "data", "emulates", "engine")

    def __init__(self, engine: Engine, context: OperationContext, data: DataWalk, operation: str) -> None:
        self.engine = engine
        self.context = context
        self.data = data
        self.changes = ChangeSet(operation, context) if engine.changes is not None else None
        self.emulates = engine.schema.relation_mode == "prisma"
        """Are referential actions the runtime's business?"""
        self._acting: set[tuple[Any, ...]] = set()

    def wants(self, model: Model) -> Wants | None:
        """What the listeners want of `model`."""
        listeners = self.engine.changes
        return None if listeners is None else listeners.wants(model)

    def follows(self, model: Model) -> bool:
        """Are consequences of changes of `model` the runtime's business: to carry out, or to tell of?"""
        if self.emulates or self.changes is None:
            return self.emulates
        return any(self.wants(one) is not None for one in consequences.reached(self.engine, model))

    def note(self, change: Change) -> None:
        """Adds `change` to the change set, where there is one."""
        if self.changes is not None:
            self.changes.changes.append(change)

    def report(self) -> Steps[None]:
        """Tells the listeners what was changed; the last step of a write."""
        if self.changes is not None and self.changes.changes:
            yield Changed(self.changes)

    def begin_acting(self, model: Model, row: Row) -> bool:
        """Marks a row whose referential actions are being carried out. False if they already are: a circle ends there."""
        mark = (model, *key_values(model, row))
        if mark in self._acting:
            return False
        self._acting.add(mark)
        return True

    def end_acting(self, model: Model, rows: Sequence[Row]) -> None:
        """Forgets the marks of `rows`."""
        self._acting.difference_update((model, *key_values(model, row)) for row in rows)


# -- values ------------------------------------------------------------------------------------------------------------


def encoded(engine: Engine, model: Model, values: Mapping[str, Any]) -> Row:
    """Driver values of decoded ones."""
    scalar, codec = model.scalar, engine.codec
    return {name: None if value is None else codec(scalar[name]).encode(value) for name, value in values.items()}


def decoded(engine: Engine, model: Model, values: Mapping[str, Any]) -> Row:
    """What driver values say."""
    row: Row = {}
    for name, value in values.items():
        decode = engine.codec(model.scalar[name]).decode
        row[name] = value if value is None or decode is None else decode(value)
    return row


def setting(writer: Writer, model: Model, values: Mapping[str, Any]) -> tuple[Assignment, ...]:
    """Assignments of decoded values, and of what every update of `model` sets."""
    driver_values = encoded(writer.engine, model, values)
    assignments = [Assignment(model.scalar[name], "set", value) for name, value in driver_values.items()]
    return (*assignments, *(item for item in writer.data.touched(model) if item.field.name not in values))


def computed(engine: Engine, row: Row, assignments: Sequence[Assignment]) -> Row:
    """The values of `row` once `assignments` are made."""
    changed = dict(row)
    for item in assignments:
        name = item.field.name
        if name in row:
            decode = engine.codec(item.field).decode
            operand = item.value if item.value is None or decode is None else decode(item.value)
            changed[name] = operand if item.operator == "set" else _operated(item.operator, row[name], operand)
    return changed


def _operated(operator: str, value: Any, operand: Any) -> Any:
    if value is None:
        return None
    if operator == "push":
        return [*value, *operand]
    if operator == "increment":
        return value + operand
    if operator == "decrement":
        return value - operand
    if operator == "multiply":
        return value * operand
    if isinstance(value, int):
        # Databases cut towards zero.
        quotient = abs(value) // abs(operand)
        return quotient if (value < 0) == (operand < 0) else -quotient
    return value / operand


def _every_field(model: Model) -> tuple[str, ...]:
    return tuple(field.name for field in model.readable)


# -- insert ------------------------------------------------------------------------------------------------------------


def insert(
    writer: Writer, model: Model, rows: Sequence[Row], fields: Sequence[str] = (), *, skip_duplicates: bool = False
) -> Steps[list[Row]]:
    """Inserts rows of driver values; answers `fields` of those that were inserted, in the order of `rows`."""
    wants = writer.wants(model)
    asked = tuple(fields)
    if wants is not None:
        asked = together(fields, key_fields(model), _every_field(model) if wants.after else ())
    if writer.engine.dialect.insert_returning:
        inserted = yield from _insert_returning(writer.engine, model, rows, asked, skip_duplicates)
    else:
        inserted = yield from _insert_and_read(writer, model, rows, asked, skip_duplicates)
    if wants is not None:
        for row in inserted:
            writer.note(Change("create", model, key_of(model, row), after=row if wants.after else None))
    return inserted


def _insert_returning(
    engine: Engine, model: Model, rows: Sequence[Row], fields: tuple[str, ...], skip_duplicates: bool
) -> Steps[list[Row]]:
    made: list[tuple[int, Row]] = []
    for plan, chunk, parameters in _insertions(engine, model, rows, fields, skip_duplicates):
        answer = yield Statement(plan.sql(len(chunk)), parameters, "rows", True, model.name)
        made += zip(chunk, plan.decode(answer), strict=False)
    made.sort(key=lambda pair: pair[0])
    return [row for _, row in made]


def _insert_and_read(
    writer: Writer, model: Model, rows: Sequence[Row], fields: tuple[str, ...], skip_duplicates: bool
) -> Steps[list[Row]]:
    """For databases without RETURNING: inserts row by row and reads each by its key, or by the id the database made for it."""
    engine = writer.engine
    inserted: list[Row] = []
    for row in rows:
        row_id = 0
        for plan, _, parameters in _insertions(engine, model, [row], (), skip_duplicates):
            row_id = yield Statement(plan.sql(1), parameters, "row_id", True, model.name)
        key = _known_key(engine, model, row)
        if key is None:
            if not row_id:
                continue
            key = {
                name: decoded(engine, model, {name: row[name]})[name] if name in row else row_id for name in model.id
            }
        inserted += yield from read_values(engine, writer.context, model, key, fields, scoped=False)
    return inserted


def _known_key(engine: Engine, model: Model, row: Row) -> Row | None:
    """A unique key whose values the row brings along."""
    for key in model.unique_keys:
        if all(row.get(name) is not None for name in key.fields):
            return decoded(engine, model, {name: row[name] for name in key.fields})
    return None


def insert_counted(writer: Writer, model: Model, rows: Sequence[Row], *, skip_duplicates: bool = False) -> Steps[int]:
    """Inserts rows of driver values; answers how many were inserted."""
    if writer.wants(model) is not None:
        inserted = yield from insert(writer, model, rows, skip_duplicates=skip_duplicates)
        return len(inserted)
    total = 0
    for plan, chunk, parameters in _insertions(writer.engine, model, rows, (), skip_duplicates):
        total += yield Statement(plan.sql(len(chunk)), parameters, "count", True, model.name)
    return total


def _insertions(
    engine: Engine, model: Model, rows: Sequence[Row], fields: tuple[str, ...], skip_duplicates: bool
) -> Iterator[tuple[compiler.InsertPlan, Sequence[int], list[Any]]]:
    """The statements of an insertion: plan, places of the rows, parameters."""
    for columns, places in _groups(model, rows).items():
        plan = _insert_plan(engine, model, columns, fields, skip_duplicates)
        size = plan.rows_at_once
        for start in range(0, len(places), size):
            chunk = places[start : start + size]
            yield plan, chunk, [rows[place][name] for place in chunk for name in plan.columns]


def _insert_plan(
    engine: Engine, model: Model, columns: tuple[str, ...], fields: tuple[str, ...], skip_duplicates: bool
) -> compiler.InsertPlan:
    shape = ("insert", model, columns, fields, skip_duplicates)
    return engine.plans.get(shape, lambda: compiler.insert_plan(engine, model, columns, fields, skip_duplicates))


def _groups(model: Model, rows: Sequence[Row]) -> dict[tuple[str, ...], list[int]]:
    """The places of rows by the columns they set.

    A column that some rows leave to its NULL is set to NULL in all, so that rows differ only in what the database makes.
    """
    if len(rows) == 1:
        return {tuple(rows[0]): [0]}
    used = dict.fromkeys(name for row in rows for name in row)
    scalar = model.scalar
    nullable = [name for name in used if scalar[name].arity == "optional" and scalar[name].default is None]
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        for name in nullable:
            row.setdefault(name, None)
        groups.setdefault(tuple([name for name in used if name in row]), []).append(place)
    return groups


# -- update ------------------------------------------------------------------------------------------------------------


def update(
    writer: Writer,
    model: Model,
    where: Where,
    assignments: Sequence[Assignment],
    fields: Sequence[str] = (),
    *,
    scoped: bool = False,
    limit: int | None = None,
) -> Steps[list[Row]]:
    """Updates the rows that match; answers their `fields` as they are then."""
    engine = writer.engine
    wants = writer.wants(model)
    if wants is None and not follows_update(writer, model, assignments) and engine.dialect.update_returning:
        plan, parameters = _update_plan(writer, model, where, assignments, tuple(fields), scoped=scoped, limit=limit)
        answer = yield Statement(plan.sql, parameters, "rows", True, model.name)
        return plan.decode(answer)
    befores = yield from _matching(writer, model, where, wants, scoped=scoped, limit=limit)
    afters = [computed(engine, row, assignments) for row in befores]
    followed = yield from _update_known(writer, model, befores, afters, assignments)
    asked = together(fields, key_fields(model), _every_field(model) if wants is not None and wants.after else ())
    found: dict[tuple[Any, ...], Row] = {}
    for where in any_of(key_fields(model), afters):
        rows = yield from read_values(engine, writer.context, model, where, asked, scoped=False)
        found.update((key_values(model, row), row) for row in rows)
    updated = [found.get(key_values(model, row), row) for row in afters]
    _note_updates(writer, model, wants, befores, updated, followed, cascade=False)
    return updated


def update_counted(
    writer: Writer,
    model: Model,
    where: Where,
    assignments: Sequence[Assignment],
    *,
    scoped: bool = False,
    limit: int | None = None,
    cascade: bool = False,
) -> Steps[int]:
    """Updates the rows that match; answers how many there were. `cascade`: a referential action asked for it."""
    wants = writer.wants(model)
    limits = limit is None or writer.engine.dialect.update_returning
    if wants is None and limits and not follows_update(writer, model, assignments):
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
        yield Statement(plan.sql, parameters, "count", True, model.name)
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


def _update_plan(
    writer: Writer,
    model: Model,
    where: Where,
    assignments: Sequence[Assignment],
    fields: tuple[str, ...],
    *,
    scoped: bool,
    limit: int | None,
) -> tuple[compiler.RowsPlan, list[Any]]:
    engine = writer.engine
    walk = Walk(engine, writer.context)
    condition = where_shape(walk, model, where, scoped=scoped)
    sets = tuple([(item.field.name, item.operator, walk.slot(item.value)) for item in assignments])
    at_most = None if limit is None else walk.slot(limit)
    shape = ("update", model, condition, sets, fields, at_most)
    plan = engine.plans.get(shape, lambda: compiler.update_plan(engine, model, condition, sets, fields, at_most))
    return plan, plan.parameters(walk.values)


def _matching(
    writer: Writer, model: Model, where: Where, wants: Wants | None, *, scoped: bool, limit: int | None
) -> Steps[list[Row]]:
    """The rows a write will touch, with all that is needed to follow its consequences."""
    engine = writer.engine
    every = _every_field(model) if wants is not None and (wants.before or wants.after) else ()
    fields = together(key_fields(model), consequences.referenced_fields(engine, model), every)
    rows: list[Row] = yield from read_values(engine, writer.context, model, where, fields, scoped=scoped, take=limit)
    return rows


# -- delete ------------------------------------------------------------------------------------------------------------


def delete(
    writer: Writer,
    model: Model,
    where: Where,
    fields: Sequence[str] = (),
    *,
    scoped: bool = False,
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
    every = _every_field(model) if wants is not None and wants.before else ()
    asked = together(fields, key_fields(model), consequences.referenced_fields(engine, model), every)
    rows: list[Row] = yield from read_values(engine, writer.context, model, where, asked, scoped=scoped, take=limit)
    yield from delete_known(writer, model, rows, cascade=cascade)
    return rows


def delete_counted(
    writer: Writer, model: Model, where: Where, *, scoped: bool = False, limit: int | None = None, cascade: bool = False
) -> Steps[int]:
    """Deletes the rows that match; answers how many there were. `cascade`: a referential action asked for it."""
    limits = limit is None or writer.engine.dialect.delete_returning
    if writer.wants(model) is None and limits and not follows_delete(writer, model):
        plan, parameters = _delete_plan(writer, model, where, (), scoped=scoped, limit=limit)
        count: int = yield Statement(plan.sql, parameters, "count", True, model.name)
        return count
    rows = yield from delete(writer, model, where, scoped=scoped, limit=limit, cascade=cascade)
    return len(rows)


def fields_to_delete(writer: Writer, model: Model) -> tuple[str, ...]:
    """What `delete_known` has to know of a row."""
    wants = writer.wants(model)
    every = _every_field(model) if wants is not None and wants.before else ()
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
                yield from _unlink_all(writer, relation, acting)
        followed = yield from _carry_out(writer, consequences.of_delete(writer.engine, model, acting))
    for where in any_of(key_fields(model), acting):
        plan, parameters = _delete_plan(writer, model, where, (), scoped=False, limit=None)
        yield Statement(plan.sql, parameters, "count", True, model.name)
    writer.end_acting(model, acting)
    if wants is not None:
        for row in acting:
            before = row if wants.before else None
            writer.note(Change("delete", model, key_of(model, row), before, cascade=cascade))
    for change in followed:
        writer.note(change)


def follows_delete(writer: Writer, model: Model) -> bool:
    return writer.follows(model) and consequences.acts_on_delete(writer.engine, model)


def _delete_plan(
    writer: Writer, model: Model, where: Where, fields: tuple[str, ...], *, scoped: bool, limit: int | None
) -> tuple[compiler.RowsPlan, list[Any]]:
    engine = writer.engine
    walk = Walk(engine, writer.context)
    condition = where_shape(walk, model, where, scoped=scoped)
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
            assignments = setting(writer, one.dependent.model, one.values)
            yield from update_counted(writer, one.dependent.model, one.where, assignments, cascade=True)
    return followed


def _refuse_if_any(writer: Writer, one: Consequence) -> Steps[None]:
    model, relation = one.dependent.model, one.dependent.relation
    rows = yield from read_values(
        writer.engine, writer.context, model, one.where, key_fields(model), scoped=False, take=1
    )
    if rows:
        raise required_relation_violation(relation, model.name, relation.model)


def required_relation_violation(relation: RelationField, child: str, parent: str) -> RequiredRelationViolationError:
    """P2014: `child` requires its `parent`."""
    return RequiredRelationViolationError(
        "The change you are trying to make would violate the required relation "
        f"'{relation.relation}' between the `{child}` and `{parent}` models.",
        model=child,
        fields=relation.fields,
        meta={"relation_name": relation.relation, "model_a_name": child, "model_b_name": parent},
    )


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
                yield from _unlink_all(writer, relation, rows)
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


# -- links -------------------------------------------------------------------------------------------------------------


def link(writer: Writer, relation: RelationField, here: Row, there: Sequence[Row]) -> Steps[None]:
    """Links the row `here` to the rows `there`; links that exist stay. `relation` is the field on the model of `here`."""
    yield from _for_pairs(writer, relation, here, there, "link")


def unlink(writer: Writer, relation: RelationField, here: Row, there: Sequence[Row]) -> Steps[None]:
    """Breaks the links between the row `here` and the rows `there`."""
    yield from _for_pairs(writer, relation, here, there, "unlink")


def _for_pairs(
    writer: Writer, relation: RelationField, here: Row, there: Sequence[Row], kind: ChangeKind
) -> Steps[None]:
    engine = writer.engine
    near, far = _ends(engine, relation)
    listened = _listened(writer, relation)
    plan = engine.plans.get((kind, relation, listened), lambda: compiler.link_plan(engine, relation, kind, listened))
    own = list(encoded(engine, near, key_of(near, here)).values())
    others = [next(iter(encoded(engine, far, key_of(far, row)).values())) for row in there]
    for start in range(0, len(others), OR_LIMIT):
        chunk = others[start : start + OR_LIMIT]
        parameters = [value for other in chunk for value in plan.ordered(own[0], other)]
        answer = yield Statement(plan.sql(len(chunk)), parameters, "rows" if listened else "count", True, near.name)
        if listened:
            _note_links(writer, relation, kind, [(key_of(near, here), other) for _, other in map(plan.decode, answer)])


def _unlink_all(writer: Writer, relation: RelationField, rows: Sequence[Row]) -> Steps[None]:
    """Breaks all links of `rows`: they are about to be deleted."""
    engine = writer.engine
    listened = _listened(writer, relation)
    if not listened and not writer.emulates:
        return
    near, _ = _ends(engine, relation)
    plan = engine.plans.get(
        ("unlink all", relation, listened), lambda: compiler.link_plan(engine, relation, "unlink all", listened)
    )
    keys = [next(iter(encoded(engine, near, key_of(near, row)).values())) for row in rows]
    for start in range(0, len(keys), OR_LIMIT):
        chunk = keys[start : start + OR_LIMIT]
        answer = yield Statement(plan.sql(len(chunk)), chunk, "rows" if listened else "count", True, near.name)
        if listened:
            field = key_fields(near)[0]
            _note_links(writer, relation, "unlink", [({field: own}, other) for own, other in map(plan.decode, answer)])


def _note_links(writer: Writer, relation: RelationField, kind: ChangeKind, pairs: Sequence[tuple[Row, Any]]) -> None:
    near, far = _ends(writer.engine, relation)
    for own, other in pairs:
        writer.note(Change(kind, near, own, relation=relation.name, other={key_fields(far)[0]: other}))


def _ends(engine: Engine, relation: RelationField) -> tuple[Model, Model]:
    """The model that has `relation`, and the one it leads to."""
    schema = engine.schema
    return schema.model[schema.opposite(relation).model], schema.model[relation.model]


def _listened(writer: Writer, relation: RelationField) -> bool:
    if writer.changes is None:
        return False
    near, far = _ends(writer.engine, relation)
    return writer.wants(near) is not None or writer.wants(far) is not None
