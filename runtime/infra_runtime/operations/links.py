"""Makes and breaks the links of implicit many-to-manies, and notes them where somebody listens.

Imports the compiler of writes and the writer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra_runtime.changes import Change, ChangeKind
from infra_runtime.compiler import write as compiler
from infra_runtime.effects import Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.operations.keys import OR_LIMIT, Row, key_fields, key_of
from infra_runtime.operations.writer import Writer, encoded
from infra_runtime.schema import Model, RelationField


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


def unlink_all(writer: Writer, relation: RelationField, rows: Sequence[Row]) -> Steps[None]:
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
