"""What referential actions make of other rows when rows are deleted or their referenced values change.

Pure look-ups: with `relationMode = "prisma"` the writer carries the consequences out, otherwise the database does and the writer
follows them only for those who listen. https://www.prisma.io/docs/orm/prisma-schema/data-model/relations/referential-actions
Imports the runtime's `engine` and `schema`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from infra_runtime.arguments.data import Assignment, Where
from infra_runtime.engine import Engine
from infra_runtime.operations.keys import Row, any_of
from infra_runtime.schema import Model, ReferentialAction, RelationField, Schema


@dataclass(frozen=True, slots=True)
class Dependent:
    """A model that holds a foreign key to the model in question, and the relation by which it does."""

    model: Model
    relation: RelationField


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an action asks for: the rows of `model` that match `where` refuse it, go too, or get new `values`."""

    kind: Literal["restrict", "delete", "update"]
    dependent: Dependent
    where: Where
    values: Mapping[str, Any]
    """Decoded, by field name."""


def dependents(engine: Engine, model: Model) -> tuple[Dependent, ...]:
    """Who refers to `model`."""
    return engine.plans.get(("dependents", model), lambda: _Found(_dependents(engine.schema, model))).found


@dataclass(frozen=True, slots=True)
class _Found:
    """Wraps what may be empty: the plan cache takes values that are true."""

    found: tuple[Dependent, ...]


def _dependents(schema: Schema, model: Model) -> tuple[Dependent, ...]:
    return tuple(
        Dependent(holder, relation)
        for holder in schema.models
        for relation in holder.relations
        if relation.is_owner and relation.model == model.name
    )


def referenced_fields(engine: Engine, model: Model) -> tuple[str, ...]:
    """The fields of `model` that foreign keys refer to."""
    return tuple(dict.fromkeys(name for one in dependents(engine, model) for name in one.relation.references))


def acts_on_delete(engine: Engine, model: Model) -> bool:
    """Does deleting a row of `model` have consequences in other rows or in links?"""
    return any(relation.is_many_to_many for relation in model.relations) or any(
        _effective(engine, one.relation.on_delete) for one in dependents(engine, model)
    )


def acts_on_update(engine: Engine, model: Model, assignments: Sequence[Assignment]) -> bool:
    """Do `assignments` change what foreign keys refer to?"""
    assigned = {item.field.name for item in assignments}
    return any(
        _effective(engine, one.relation.on_update) and not assigned.isdisjoint(one.relation.references)
        for one in dependents(engine, model)
    )


def _effective(engine: Engine, action: ReferentialAction | None) -> ReferentialAction | None:
    """What is done for an action; None where it is nothing."""
    if action == "NoAction":
        return "Restrict" if engine.dialect.no_action_restricts else None
    return action


def reached(engine: Engine, model: Model) -> tuple[Model, ...]:
    """All models whose rows or links consequences of a change of `model` may touch, step by step."""
    return engine.plans.get(("reached", model), lambda: _Reached(_reached(engine, model))).models


@dataclass(frozen=True, slots=True)
class _Reached:
    models: tuple[Model, ...]


def _reached(engine: Engine, model: Model) -> tuple[Model, ...]:
    found: dict[Model, None] = {}
    waiting = [model]
    while waiting:
        one = waiting.pop()
        linked = [engine.schema.model[relation.model] for relation in one.relations if relation.is_many_to_many]
        found.update(dict.fromkeys(linked))
        for dependent in dependents(engine, one):
            if dependent.model not in found:
                waiting.append(dependent.model)
            found[dependent.model] = None
    return tuple(found)


def of_delete(engine: Engine, model: Model, rows: Sequence[Row]) -> Iterator[Consequence]:
    """What follows from deleting `rows`, which have their referenced fields."""
    for dependent in dependents(engine, model):
        for where in referring(dependent.relation, rows):
            yield from _consequence(engine, dependent, dependent.relation.on_delete, where)


def of_update(engine: Engine, model: Model, befores: Sequence[Row], afters: Sequence[Row]) -> Iterator[Consequence]:
    """What follows from `befores` becoming `afters`."""
    for dependent in dependents(engine, model):
        relation = dependent.relation
        changed = [
            (before, after)
            for before, after in zip(befores, afters, strict=True)
            if any(before[name] != after[name] for name in relation.references)
        ]
        if relation.on_update == "Cascade":
            for before, after in changed:
                values = {own: after[far] for own, far in zip(relation.fields, relation.references, strict=True)}
                for where in referring(relation, [before]):
                    yield Consequence("update", dependent, where, values)
        else:
            for where in referring(relation, [before for before, _ in changed]):
                yield from _consequence(engine, dependent, relation.on_update, where)


def referring(relation: RelationField, rows: Sequence[Row]) -> Iterator[Where]:
    """The rows that refer to any of `rows`. Nothing refers to nulls."""
    referred = [
        {own: row[far] for own, far in zip(relation.fields, relation.references, strict=True)}
        for row in rows
        if all(row[far] is not None for far in relation.references)
    ]
    return any_of(relation.fields, referred)


def _consequence(
    engine: Engine, dependent: Dependent, action: ReferentialAction | None, where: Where
) -> Iterator[Consequence]:
    action = _effective(engine, action)
    if action == "Cascade":
        yield Consequence("delete", dependent, where, {})
    elif action == "Restrict":
        yield Consequence("restrict", dependent, where, {})
    elif action == "SetNull":
        yield Consequence("update", dependent, where, cleared(dependent.model, dependent.relation))
    elif action == "SetDefault":
        yield Consequence("update", dependent, where, _defaults(engine, dependent))


def cleared(model: Model, relation: RelationField) -> dict[str, Any]:
    """The foreign key of a row that refers to nothing: null wherever it may be."""
    nullable = [name for name in relation.fields if not model.scalar[name].is_required]
    return dict.fromkeys(nullable or relation.fields)


def _defaults(engine: Engine, dependent: Dependent) -> dict[str, Any]:
    from infra_runtime.values.defaults import default_maker

    values: dict[str, Any] = {}
    for name in dependent.relation.fields:
        make = default_maker(engine, dependent.model.scalar[name])
        values[name] = None if make is None else make()
    return values
