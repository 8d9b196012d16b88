"""Rows that are related to another, as nested writes ask for them, and what is said where there are none.

Imports the writer and the reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from infra_runtime.arguments.data import Assignment, Where
from infra_runtime.effects import Steps
from infra_runtime.errors import RecordNotFoundError
from infra_runtime.operations.consequences import cleared
from infra_runtime.operations.keys import OR_LIMIT, Row, both, key_fields, key_of, key_values
from infra_runtime.operations.read import read_values
from infra_runtime.operations.writer import Writer, setting
from infra_runtime.schema import Model, RelationField


def target_of(writer: Writer, relation: RelationField) -> Model:
    """The model that a relation leads to."""
    return writer.engine.schema.model[relation.model]


def related_condition(writer: Writer, relation: RelationField, row: Row) -> Where | None:
    """The condition on the far model that only rows related to `row` meet; None when no row can."""
    opposite = writer.engine.schema.opposite(relation)
    if relation.is_many_to_many:
        near = writer.engine.schema.model[opposite.model]
        return {opposite.name: {"some": key_of(near, row)}}
    pairs = (
        zip(relation.references, relation.fields, strict=True)
        if relation.is_owner
        else zip(opposite.fields, opposite.references, strict=True)
    )
    condition = {far: row[near] for far, near in pairs}
    return None if None in condition.values() else condition


def clearing(writer: Writer, model: Model, relation: RelationField) -> Sequence[Assignment]:
    """What takes `relation`, whose foreign key is in `model`, from a row."""
    return setting(writer, model, cleared(model, relation), touches=False)


def given_to(writer: Writer, relation: RelationField, row: Row) -> Row:
    """The foreign key by which a row of the far model belongs to `row`."""
    opposite = writer.engine.schema.opposite(relation)
    return {own: row[far] for own, far in zip(opposite.fields, opposite.references, strict=True)}


def related_rows(
    writer: Writer,
    relation: RelationField,
    row: Row,
    fields: Sequence[str],
    where: Where | None = None,
    *,
    scoped: bool = True,
) -> Steps[list[Row]]:
    """`fields` of the rows related to `row` that match `where`."""
    condition = related_condition(writer, relation, row)
    if condition is None:
        return []
    found: list[Row] = yield from read_values(
        writer.engine,
        writer.context,
        target_of(writer, relation),
        both(condition, where) if where else condition,
        fields,
        scoped=scoped,
    )
    return found


def related_of(
    writer: Writer, relation: RelationField, row: Row, fields: Sequence[str], wheres: Sequence[Where]
) -> Steps[list[Row]]:
    """`fields` of the rows related to `row` that match any of `wheres`, each a unique condition."""
    found: list[Row] = []
    for where in either(wheres):
        found += yield from related_rows(writer, relation, row, fields, where)
    return found


def found_by(writer: Writer, target: Model, wheres: Sequence[Where]) -> Steps[list[Row]]:
    """The keys of the rows that match any of `wheres`, each a unique condition."""
    found: list[Row] = []
    for where in either(wheres):
        found += yield from read_values(writer.engine, writer.context, target, where, key_fields(target))
    return found


def distinct(wheres: Sequence[Where]) -> list[Where]:
    """The conditions, each once."""
    once: list[Where] = []
    seen: set[str] = set()
    for where in wheres:
        shown = repr(where)
        if shown not in seen:
            seen.add(shown)
            once.append(where)
    return once


def either(wheres: Sequence[Where]) -> Iterator[Where]:
    """Conditions that together match what any of `wheres` does; mostly a single one. Databases bound how long an OR may be."""
    if len(wheres) == 1:
        yield wheres[0]
        return
    names = {name for where in wheres for name in where}
    values = [value for where in wheres for value in where.values()]
    if len(names) == 1 and not any(value is None or isinstance(value, Mapping) for value in values):
        yield {names.pop(): {"in": values}}
        return
    for start in range(0, len(wheres), OR_LIMIT):
        yield {"OR": list(wheres[start : start + OR_LIMIT])}


def without(model: Model, rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """Those of `rows` whose keys none of `others` has."""
    known = {key_values(model, row) for row in others}
    return [row for row in rows if key_values(model, row) not in known]


def purpose_of(writer: Writer, relation: RelationField, *, creating: bool) -> str:
    """What a row to be connected was needed for, in Prisma's words."""
    opposite = writer.engine.schema.opposite(relation)
    if opposite.is_list:
        return f"(needed to inline the relation on '{opposite.model}' record(s)) "
    return f"(needed to create or connect inlined relation for '{opposite.model}' record(s)) " if creating else ""


def no_record(writer: Writer, relation: RelationField, operation: str, purpose: str = "") -> RecordNotFoundError:
    """The error for a nested operation that found no row."""
    opposite = writer.engine.schema.opposite(relation)
    if relation.is_many_to_many:
        kind = "many-to-many"
    else:
        kind = "one-to-many" if relation.is_list or opposite.is_list else "one-to-one"
    cause = f"No '{relation.model}' record {purpose}was found for a nested {operation} on {kind} relation '{relation.relation}'."
    return RecordNotFoundError(
        f"An operation failed because it depends on one or more records that were required but not found. {cause}",
        model=relation.model,
        meta={"cause": cause},
    )
