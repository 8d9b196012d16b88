"""Nested writes: the tree of `arguments.data` carried out, row by row, in Prisma's order.

For one row: what its own foreign keys need, then the row, then everything else in the caller's order. How each nested operation
behaves, and which error it raises, is Prisma's: https://www.prisma.io/docs/orm/prisma-client/queries/relation-queries#nested-writes
Imports the writer's steps and the reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra_runtime.arguments.data import (
    Connect,
    ConnectOrCreate,
    Create,
    CreateData,
    Delete,
    Disconnect,
    Nested,
    Rows,
    Set,
    Update,
    UpdateData,
    UpdateMany,
    Upsert,
    Where,
)
from infra_runtime.arguments.violations import not_found, required_relation_violation
from infra_runtime.effects import Steps
from infra_runtime.errors import ConnectedRecordsNotFoundError, RecordNotFoundError, RecordsNotConnectedError
from infra_runtime.operations.consequences import cleared
from infra_runtime.operations.insertions import insert, insert_one, insert_unanswered
from infra_runtime.operations.keys import Row, any_of, both, key_fields, key_of, key_values, together
from infra_runtime.operations.links import link, unlink
from infra_runtime.operations.read import read_values
from infra_runtime.operations.related import (
    clearing,
    distinct,
    either,
    found_by,
    given_to,
    no_record,
    purpose_of,
    related_condition,
    related_of,
    related_rows,
    target_of,
    without,
)
from infra_runtime.operations.removals import fields_to_remove, remove_counted, remove_known
from infra_runtime.operations.row_changes import update, update_counted, update_unanswered
from infra_runtime.operations.writer import Writer, encoded, setting
from infra_runtime.schema import Model, RelationField

# -- rows --------------------------------------------------------------------------------------------------------------


def create_row(
    writer: Writer,
    data: CreateData,
    fields: Sequence[str] = (),
    given: Mapping[str, Any] | None = None,
    *,
    skip_duplicates: bool = False,
) -> Steps[Row | None]:
    """Makes a row and all that is nested in it; answers its `fields`.

    `given` are decoded values that come from the row it is nested in. With `skip_duplicates` a row that is there already is left
    alone, nothing is nested in it, and the answer is None. Errors: RecordNotFoundError where the database has not made the row.
    """
    model = data.model
    own: Row = {}
    joining: dict[str, Row] = {}
    for item in data.before:
        if item.relation.is_owner:
            keys = yield from _own_keys(writer, model, item, None)
            # Of two operations on one relation, the one named later decides, which comes first here.
            own = {**(keys or {}), **own}
        else:
            joining[item.relation.name] = yield from _to_join(writer, item, creating=True)
    values = dict(data.values)
    if own or given:
        values.update(encoded(writer.engine, model, {**own, **(given or {})}))
    asked = tuple(fields) if fields and not data.others else together(fields, needed_fields(writer, model, data.others))
    rows = yield from insert_one(writer, model, values, asked, skip_duplicates=skip_duplicates)
    if not rows:
        if skip_duplicates:
            return None
        # A trigger has kept it out of its table.
        raise not_found("create", model.name)
    for item in data.others:
        yield from _nest(writer, item, rows[0], joining, creating=True)
    return rows[0]


def create_rows(
    writer: Writer,
    data: Rows | Sequence[CreateData],
    fields: Sequence[str] = (),
    given: Mapping[str, Any] | None = None,
    *,
    skip_duplicates: bool = False,
) -> Steps[list[Row]]:
    """Makes rows in their order; they are inserted together, unless it takes more than inserting to make what is nested in them."""
    made: list[Row] = []
    if not data:
        return made
    if isinstance(data, Rows):
        rows = data.with_given(encoded(writer.engine, data.model, given)) if given else data
        if fields:
            made = yield from insert(writer, rows, fields, skip_duplicates=skip_duplicates)
        else:
            yield from insert_unanswered(writer, rows, skip_duplicates=skip_duplicates)
        return made
    if all(row.is_flat for row in data):
        model = data[0].model
        own = encoded(writer.engine, model, given) if given else {}
        flat = Rows.of(model, [{**row.values, **own} for row in data])
        return (yield from create_rows(writer, flat, fields, skip_duplicates=skip_duplicates))
    if not skip_duplicates and writer.changes is None and all(_is_only_created(row) for row in data):
        return (yield from _create_families(writer, data, fields, given))
    for row in data:
        one = yield from create_row(writer, row, fields, given, skip_duplicates=skip_duplicates)
        if one is not None:
            made.append(one)
    return made


def _is_only_created(data: CreateData) -> bool:
    """Is a row made by nothing but its insertion, and those of what belongs to it?"""
    return not data.before and all(isinstance(item.step, Create) for item in data.others)


def _create_families(
    writer: Writer, data: Sequence[CreateData], fields: Sequence[str], given: Mapping[str, Any] | None
) -> Steps[list[Row]]:
    """Makes rows together, and then what belongs to them."""
    model = data[0].model
    own = encoded(writer.engine, model, given) if given else {}
    asked = together(fields, needed_fields(writer, model, [item for row in data for item in row.others]))
    made = yield from insert(writer, Rows.of(model, [{**row.values, **own} for row in data]), asked)
    if len(made) < len(data):
        raise not_found("create", model.name)
    for row, values in zip(data, made, strict=True):
        for item in row.others:
            yield from _nest(writer, item, values, {}, creating=True)
    return made


def update_row(writer: Writer, data: UpdateData, row: Row, fields: Sequence[str] = ()) -> Steps[Row]:
    """Changes a row that was read with `fields_to_update`, and what is nested in it; answers its `fields` and key."""
    model = data.model
    assignments = list(data.assignments)
    own: Row = {}
    touches = bool(assignments)
    joining: dict[str, Row] = {}
    for item in data.before:
        if item.relation.is_owner:
            keys = yield from _own_keys(writer, model, item, row)
            own = {**(keys or {}), **own}
            touches = touches or not isinstance(item.step, Disconnect)
        else:
            joining[item.relation.name] = yield from _to_join(writer, item, creating=False)
    assignments += setting(writer, model, own, touches=False)
    if assignments:
        assigned = {one.field.name for one in assignments}
        assignments += [one for one in data.touched if touches and one.field.name not in assigned]
        asked = together(fields, tuple(row))
        rows = yield from update(writer, model, key_of(model, row), assignments, asked)
        if not rows:
            raise not_found("update", model.name)
        row = rows[0]
    elif not set(fields) <= row.keys():
        found = yield from read_values(
            writer.engine, writer.context, model, key_of(model, row), together(fields, tuple(row)), scoped=False
        )
        row = found[0]
    before = dict(row)
    for item in data.others:
        # What several operations do to one relation starts from where it led before the first of them.
        seen = {**row, **{name: before[name] for name in item.relation.fields}}
        yield from _nest(writer, item, seen, joining, creating=False)
        row.update({name: seen[name] for name in item.relation.fields if seen[name] != before[name]})
    return row


def fields_to_update(writer: Writer, data: UpdateData) -> tuple[str, ...]:
    """What `update_row` has to know of the row beforehand."""
    return needed_fields(writer, data.model, (*data.before, *data.others))


def needed_fields(writer: Writer, model: Model, nested: Sequence[Nested]) -> tuple[str, ...]:
    """The key of a row, and those of its values by which `nested` relations are joined."""
    opposite = writer.engine.schema.opposite
    return together(key_fields(model), *(item.relation.fields or opposite(item.relation).references for item in nested))


# -- relations whose foreign key is in the row itself ------------------------------------------------------------------


def _own_keys(writer: Writer, model: Model, item: Nested, row: Row | None) -> Steps[Row | None]:
    """The decoded foreign key that a nested operation of an owned relation gives the row; None: it stays as it is.

    `row` is the row as it is now, None while it is being created.
    """
    relation, step = item.relation, item.step
    target = writer.engine.schema.model[relation.model]
    if isinstance(step, Create):
        assert not isinstance(step.rows, Rows)
        made = yield from create_row(writer, step.rows[0], relation.references)
    elif isinstance(step, Connect):
        made = yield from _existing(writer, target, step.wheres[0], relation)
        if made is None:
            raise no_record(writer, relation, "connect", purpose_of(writer, relation, creating=row is None))
        yield from _free(writer, model, relation, made, row)
    elif isinstance(step, ConnectOrCreate):
        where, data = step.choices[0]
        made = yield from _existing(writer, target, where, relation)
        if made is None:
            made = yield from create_row(writer, data, relation.references)
        else:
            yield from _free(writer, model, relation, made, row)
    else:
        assert isinstance(step, Disconnect)
        assert row is not None
        where = step.wheres[0]
        # Without a condition whatever the row leads to goes, be it there or not.
        goes = not where or (yield from related_rows(writer, relation, row, relation.references, where))
        return cleared(model, relation) if goes else None
    assert made is not None
    return {own: made[far] for own, far in zip(relation.fields, relation.references, strict=True)}


def _existing(writer: Writer, target: Model, where: Where, relation: RelationField) -> Steps[Row | None]:
    found = yield from read_values(writer.engine, writer.context, target, where, relation.references)
    return found[0] if found else None


def _free(writer: Writer, model: Model, relation: RelationField, target: Row, row: Row | None) -> Steps[None]:
    """One-to-one: takes `target` from the row that holds it so far. Errors: P2014 if that row requires it."""
    if writer.engine.schema.opposite(relation).is_list:
        return
    held = {own: target[far] for own, far in zip(relation.fields, relation.references, strict=True)}
    holders = yield from read_values(writer.engine, writer.context, model, held, key_fields(model), scoped=False)
    for holder in holders:
        if row is not None and key_values(model, holder) == key_values(model, row):
            continue
        if relation.is_required:
            raise required_relation_violation(relation, model.name, relation.model)
        yield from update_unanswered(writer, model, holder, clearing(writer, model, relation))


# -- all nested operations that come after the row ---------------------------------------------------------------------


def _nest(writer: Writer, item: Nested, row: Row, joining: Mapping[str, Row], *, creating: bool) -> Steps[None]:
    """`joining`: by their relations, the rows of one-to-ones that were looked for before the row was written."""
    relation, step = item.relation, item.step
    if relation.is_owner and isinstance(step, (Create, Connect, ConnectOrCreate, Disconnect)):
        model = writer.engine.schema.model[writer.engine.schema.opposite(relation).model]
        keys = yield from _own_keys(writer, model, item, row)
        if keys is not None:
            yield from _point(writer, model, row, keys, touches=not isinstance(step, Disconnect))
    elif isinstance(step, Create):
        yield from _create(writer, relation, row, step, creating=creating)
    elif isinstance(step, Connect):
        if item.precedes_row:
            yield from _attach(writer, relation, row, joining[relation.name], creating=creating)
        else:
            yield from _connect(writer, relation, row, step.wheres)
    elif isinstance(step, ConnectOrCreate):
        for where, data in step.choices:
            yield from _connect_or_create(writer, relation, row, where, data, creating=creating)
    elif isinstance(step, Set):
        yield from _set(writer, relation, row, step.wheres)
    elif isinstance(step, Disconnect):
        yield from _disconnect(writer, relation, row, step.wheres)
    elif isinstance(step, Delete):
        yield from _delete(writer, relation, row, step.wheres)
    elif isinstance(step, Update):
        for where, changes in step.changes:
            found = yield from related_rows(writer, relation, row, fields_to_update(writer, changes), where)
            if not found:
                raise no_record(writer, relation, "update")
            yield from update_row(writer, changes, found[0])
    elif isinstance(step, UpdateMany):
        for where, changes in step.changes:
            yield from _update_many(writer, relation, row, where, changes)
    elif isinstance(step, Upsert):
        for where, data, changes in step.choices:
            yield from _upsert(writer, relation, row, where, data, changes)
    else:
        for where in step.wheres:
            condition = related_condition(writer, relation, row)
            if condition is not None:
                yield from remove_counted(writer, target_of(writer, relation), both(condition, where), scoped=True)


def _create(writer: Writer, relation: RelationField, row: Row, step: Create, *, creating: bool) -> Steps[None]:
    target = target_of(writer, relation)
    if relation.is_many_to_many:
        made = yield from create_rows(writer, step.rows, key_fields(target))
        yield from link(writer, relation, row, made)
    else:
        if not relation.is_list and not creating:
            yield from _let_go(writer, relation, row)
        given = given_to(writer, relation, row)
        yield from create_rows(writer, step.rows, given=given, skip_duplicates=step.skip_duplicates)


def _point(writer: Writer, model: Model, row: Row, keys: Row, *, touches: bool) -> Steps[None]:
    """Sets foreign keys of `row` itself, after the fact."""
    yield from update_unanswered(writer, model, key_of(model, row), setting(writer, model, keys, touches=touches))
    row.update({name: value for name, value in keys.items() if name in row})


def _connect(writer: Writer, relation: RelationField, row: Row, wheres: Sequence[Where]) -> Steps[None]:
    """Connects rows to a relation that leads to many."""
    target = target_of(writer, relation)
    wanted = distinct(wheres)
    if relation.is_many_to_many:
        found = yield from _to_link(writer, target, wanted)
        yield from link(writer, relation, row, found)
        return
    given = setting(writer, target, given_to(writer, relation, row))
    count = 0
    for condition in either(wanted):
        count += yield from update_counted(writer, target, condition, given, scoped=True)
    if count != len(wanted):
        raise ConnectedRecordsNotFoundError(
            "The required connected records were not found. "
            f"Expected {len(wanted)} records to be connected after connect operation on one-to-many relation "
            f"'{relation.relation}', found {count}.",
            model=target.name,
        )


def _to_join(writer: Writer, item: Nested, *, creating: bool) -> Steps[Row]:
    """The key of the row that a one-to-one is to lead to. Errors: P2025 if there is none."""
    assert isinstance(item.step, Connect)
    found = yield from found_by(writer, target_of(writer, item.relation), item.step.wheres)
    if not found:
        raise no_record(writer, item.relation, "connect", purpose_of(writer, item.relation, creating=creating))
    return found[0]


def _to_link(writer: Writer, target: Model, wanted: Sequence[Where]) -> Steps[list[Row]]:
    """The keys of the rows that a many-to-many is to lead to. Errors: P2025 unless all are there."""
    found = yield from found_by(writer, target, wanted)
    if len(found) != len(wanted):
        cause = f"Expected {len(wanted)} records to be connected, found only {len(found)}."
        raise RecordNotFoundError(
            f"An operation failed because it depends on one or more records that were required but not found. {cause}",
            model=target.name,
            meta={"cause": cause},
        )
    return found


def _attach(writer: Writer, relation: RelationField, row: Row, child: Row, *, creating: bool) -> Steps[None]:
    """Makes `child`, known by its key, a related row of `row`; the foreign key is in `child`, or in a join table."""
    target = target_of(writer, relation)
    if relation.is_many_to_many:
        yield from link(writer, relation, row, [child])
        return
    if not relation.is_list and not creating:
        kept = yield from _let_go(writer, relation, row, child)
        if kept:
            return
    given = setting(writer, target, given_to(writer, relation, row))
    yield from update_unanswered(writer, target, key_of(target, child), given)


def _let_go(writer: Writer, relation: RelationField, row: Row, unless: Row | None = None) -> Steps[bool]:
    """One-to-one: detaches the row related so far, unless it is `unless`; True if it is. Errors: P2014 if it requires this one."""
    target = target_of(writer, relation)
    opposite = writer.engine.schema.opposite(relation)
    related = yield from related_rows(writer, relation, row, key_fields(target), scoped=False)
    for child in related:
        if unless is not None and key_values(target, child) == key_values(target, unless):
            return True
        if opposite.is_required:
            raise required_relation_violation(opposite, target.name, opposite.model)
        yield from update_unanswered(writer, target, key_of(target, child), clearing(writer, target, opposite))
    return False


def _connect_or_create(
    writer: Writer, relation: RelationField, row: Row, where: Where, data: CreateData, *, creating: bool
) -> Steps[None]:
    target = target_of(writer, relation)
    found = yield from read_values(writer.engine, writer.context, target, where, key_fields(target))
    if found:
        yield from _attach(writer, relation, row, found[0], creating=creating)
    else:
        # What a one-to-one led to so far stays, so that the new row violates its key: as in Prisma.
        yield from _create(writer, relation, row, Create((data,)), creating=True)


def _set(writer: Writer, relation: RelationField, row: Row, wheres: Sequence[Where]) -> Steps[None]:
    """Makes the rows that `wheres` find the only related ones.

    What they do not find is passed over where a foreign key says what is related, and missed where links do, as in Prisma.
    """
    target = target_of(writer, relation)
    opposite = writer.engine.schema.opposite(relation)
    old = yield from related_rows(writer, relation, row, key_fields(target))
    wanted = distinct(wheres)
    new = yield from (_to_link if relation.is_many_to_many else found_by)(writer, target, wanted)
    leaving, joining = without(target, old, new), without(target, new, old)
    if relation.is_many_to_many:
        yield from unlink(writer, relation, row, leaving)
        yield from link(writer, relation, row, joining)
        return
    if leaving and opposite.is_required:
        raise required_relation_violation(opposite, target.name, opposite.model)
    for where in any_of(key_fields(target), leaving):
        yield from update_unanswered(writer, target, where, clearing(writer, target, opposite))
    given = setting(writer, target, given_to(writer, relation, row))
    for where in any_of(key_fields(target), joining):
        yield from update_unanswered(writer, target, where, given)


def _disconnect(writer: Writer, relation: RelationField, row: Row, wheres: Sequence[Where]) -> Steps[None]:
    target = target_of(writer, relation)
    if relation.is_many_to_many:
        found = yield from related_of(writer, relation, row, key_fields(target), wheres)
        yield from unlink(writer, relation, row, found)
        return
    condition = related_condition(writer, relation, row)
    if condition is not None:
        changes = clearing(writer, target, writer.engine.schema.opposite(relation))
        for where in either(wheres):
            yield from update_unanswered(writer, target, both(condition, where), changes, scoped=True)


def _delete(writer: Writer, relation: RelationField, row: Row, wheres: Sequence[Where]) -> Steps[None]:
    target = target_of(writer, relation)
    found = yield from related_of(writer, relation, row, fields_to_remove(writer, target), wheres)
    if not relation.is_list and not found:
        raise no_record(writer, relation, "delete")
    if relation.is_list and len(found) != len(wheres):
        parent = writer.engine.schema.opposite(relation).model
        raise RecordsNotConnectedError(
            f"The records for relation `{relation.relation}` between the `{parent}` and `{target.name}` models "
            "are not connected.",
            model=target.name,
            meta={"relation_name": relation.relation, "parent_name": parent, "child_name": target.name},
        )
    yield from remove_known(writer, target, found)


def _update_many(writer: Writer, relation: RelationField, row: Row, where: Where, data: UpdateData) -> Steps[None]:
    condition = related_condition(writer, relation, row)
    if condition is not None and data.assignments:
        changes = (*data.assignments, *data.touched)
        yield from update_unanswered(writer, data.model, both(condition, where), changes, scoped=True)


def _upsert(
    writer: Writer, relation: RelationField, row: Row, where: Where, data: CreateData, changes: UpdateData
) -> Steps[None]:
    found = yield from related_rows(writer, relation, row, fields_to_update(writer, changes), where)
    if found:
        yield from update_row(writer, changes, found[0])
    else:
        # What a one-to-one leads to, where it does not match, stays; so the new row violates its key, as in Prisma.
        yield from _nest(writer, Nested(relation, Create((data,))), row, {}, creating=True)
