"""Makes and breaks the links of implicit many-to-manies, and notes them where somebody listens.

Imports the compiler of writes and the writer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra_runtime.changes import Change, ChangeKind
from infra_runtime.compiler import write as compiler
from infra_runtime.effects import Later, Statement, Steps
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
    plan = _plan(engine, relation, kind, returns=False)
    own = list(encoded(engine, near, key_of(near, here)).values())
    others = [next(iter(encoded(engine, far, key_of(far, row)).values())) for row in there]
    for start in range(0, len(others), OR_LIMIT):
        chunk = others[start : start + OR_LIMIT]
        parameters = [value for other in chunk for value in plan.ordered(own[0], other)]
        wanted = [key_of(far, row) for row in there[start : start + OR_LIMIT]]
        yield from _run(writer, relation, kind, len(chunk), parameters, [(key_of(near, here), key) for key in wanted])


def unlink_all(writer: Writer, relation: RelationField, rows: Sequence[Row]) -> Steps[None]:
    """Breaks all links of `rows`: they are about to be deleted."""
    if not _listened(writer, relation) and not writer.emulates:
        return
    near, _ = _ends(writer.engine, relation)
    keys = [next(iter(encoded(writer.engine, near, key_of(near, row)).values())) for row in rows]
    for start in range(0, len(keys), OR_LIMIT):
        chunk = keys[start : start + OR_LIMIT]
        yield from _run(writer, relation, "unlink all", len(chunk), chunk, [])


def _run(
    writer: Writer,
    relation: RelationField,
    kind: str,
    links: int,
    parameters: Sequence[Any],
    wanted: Sequence[tuple[Row, Row]],
) -> Steps[None]:
    """Runs one statement, and notes the links it changed where somebody listens. `wanted`: the keys of those to be made."""
    engine = writer.engine
    near, _ = _ends(engine, relation)
    if not _listened(writer, relation):
        plan = _plan(engine, relation, kind, returns=False)
        yield Later(Statement(plan.sql(links), parameters, "count", True, near.name))
        return
    dialect = engine.dialect
    answers = dialect.delete_returning if kind != "link" else dialect.insert_returning and not dialect.answers_skipped
    if answers:
        plan = _plan(engine, relation, kind, returns=True)
        rows = yield Statement(plan.sql(links), parameters, "rows", True, near.name)
        _note_links(writer, relation, kind, list(map(plan.decode, rows)))
        return
    looking = _plan(engine, relation, _LOOKING[kind], returns=False)
    rows = yield Statement(looking.sql(links), parameters, model=near.name)
    there = list(map(looking.decode, rows))
    plan = _plan(engine, relation, kind, returns=False)
    yield Statement(plan.sql(links), parameters, "count", True, near.name)
    if kind == "link":
        pairs = [(next(iter(own.values())), next(iter(other.values()))) for own, other in wanted]
        there = [pair for pair in dict.fromkeys(pairs) if pair not in there]
    _note_links(writer, relation, kind, there)


_LOOKING = {"link": "look", "unlink": "look", "unlink all": "look at all"}
"""The query for the links that a statement is about, for databases that do not answer what it changed."""


def _plan(engine: Engine, relation: RelationField, kind: str, *, returns: bool) -> compiler.LinkPlan:
    return engine.plans.get((kind, relation, returns), lambda: compiler.link_plan(engine, relation, kind, returns))


def _note_links(writer: Writer, relation: RelationField, kind: str, pairs: Sequence[tuple[Any, Any]]) -> None:
    """Notes links, given by the keys of both their ends."""
    near, far = _ends(writer.engine, relation)
    told: ChangeKind = "link" if kind == "link" else "unlink"
    for own, other in pairs:
        change = Change(
            told, near, {key_fields(near)[0]: own}, relation=relation.name, other={key_fields(far)[0]: other}
        )
        writer.note(change)


def _ends(engine: Engine, relation: RelationField) -> tuple[Model, Model]:
    """The model that has `relation`, and the one it leads to."""
    schema = engine.schema
    return schema.model[schema.opposite(relation).model], schema.model[relation.model]


def _listened(writer: Writer, relation: RelationField) -> bool:
    if writer.changes is None:
        return False
    near, far = _ends(writer.engine, relation)
    return writer.wants(near) is not None or writer.wants(far) is not None
