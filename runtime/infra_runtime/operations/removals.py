"""Takes rows away, at a user's word: deletes them, or only marks them as deleted where their model keeps deleted rows.

Marking touches no foreign key, so no referential action follows of itself. As a deletion would, it goes on along `onDelete: Cascade` to rows
whose models keep deleted rows too, with one moment for all: by that moment `restore` finds them again. All other rows that refer to a
marked one stay as they are. Imports `row_changes` and what that imports.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infra_runtime.arguments.data import Where
from infra_runtime.arguments.where import Scoped
from infra_runtime.effects import Steps
from infra_runtime.operations import consequences
from infra_runtime.operations.keys import Row, any_of, both, key_fields, together
from infra_runtime.operations.read import read_values
from infra_runtime.operations.row_changes import (
    delete,
    delete_counted,
    delete_known,
    fields_to_delete,
    follows_delete,
    follows_update,
    update,
    update_counted,
)
from infra_runtime.operations.writer import Writer, setting
from infra_runtime.schema import Model


# -- removing ----------------------------------------------------------------------------------------------------------
def is_one_statement(writer: Writer, model: Model) -> bool:
    """Is removing rows of `model`, of which nobody wants to hear, a single statement?"""
    if model not in writer.engine.soft_deletes:
        return not follows_delete(writer, model)
    return not _followers(writer, model) and not follows_update(writer, model, _mark(writer, model))


def remove(
    writer: Writer, model: Model, where: Where, fields: Sequence[str] = (), *, scoped: Scoped = False
) -> Steps[list[Row]]:
    """Removes the rows that match; answers their `fields`, as they were, or as they are once they are marked."""
    if model not in writer.engine.soft_deletes:
        return (yield from delete(writer, model, where, fields, scoped=scoped))
    if not _followers(writer, model):
        return (yield from update(writer, model, where, _mark(writer, model), fields, scoped=scoped))
    asked = together(fields, fields_to_remove(writer, model))
    rows = yield from update(writer, model, where, _mark(writer, model), asked, scoped=scoped)
    yield from _follow(writer, model, rows)
    return rows


def remove_counted(
    writer: Writer, model: Model, where: Where, *, scoped: Scoped = False, limit: int | None = None
) -> Steps[int]:
    """Removes the rows that match; answers how many there were."""
    if model not in writer.engine.soft_deletes:
        return (yield from delete_counted(writer, model, where, scoped=scoped, limit=limit))
    if not _followers(writer, model):
        return (yield from update_counted(writer, model, where, _mark(writer, model), scoped=scoped, limit=limit))
    asked = fields_to_remove(writer, model)
    rows = yield from update(writer, model, where, _mark(writer, model), asked, scoped=scoped, limit=limit)
    yield from _follow(writer, model, rows)
    return len(rows)


def fields_to_remove(writer: Writer, model: Model) -> tuple[str, ...]:
    """What `remove_known` has to know of a row."""
    if model not in writer.engine.soft_deletes:
        return fields_to_delete(writer, model)
    return together(key_fields(model), consequences.referenced_fields(writer.engine, model))


def remove_known(writer: Writer, model: Model, rows: Sequence[Row]) -> Steps[None]:
    """Removes rows that were read before with `fields_to_remove`."""
    if model not in writer.engine.soft_deletes:
        yield from delete_known(writer, model, rows)
        return
    for where in any_of(key_fields(model), rows):
        yield from update_counted(writer, model, where, _mark(writer, model), scoped=True)
    yield from _follow(writer, model, rows)


def _mark(writer: Writer, model: Model) -> Any:
    return setting(writer, model, {writer.engine.soft_deletes[model]: writer.data.now})


def _followers(writer: Writer, model: Model) -> list[consequences.Dependent]:
    """Who is marked with rows of `model`."""
    return [
        one
        for one in consequences.dependents(writer.engine, model)
        if one.relation.on_delete == "Cascade" and one.model in writer.engine.soft_deletes
    ]


def _follow(writer: Writer, model: Model, rows: Sequence[Row]) -> Steps[None]:
    """Marks what refers to marked rows. What is marked already is out of sight, so circles end."""
    for one in _followers(writer, model):
        for where in consequences.referring(one.relation, rows):
            marking = _mark(writer, one.model)
            if not _followers(writer, one.model):
                yield from update_counted(writer, one.model, where, marking, scoped=True, cascade=True)
                continue
            asked = fields_to_remove(writer, one.model)
            marked = yield from update(writer, one.model, where, marking, asked, scoped=True, cascade=True)
            yield from _follow(writer, one.model, marked)


# -- restoring ---------------------------------------------------------------------------------------------------------
def restore(
    writer: Writer, model: Model, where: Where, fields: Sequence[str] = (), *, limit: int | None = None
) -> Steps[list[Row]]:
    """Brings back the deleted rows that match, with what went with them; answers their `fields`."""
    field = writer.engine.soft_deletes[model]
    followers = _followers(writer, model)
    cleared = setting(writer, model, {field: None})
    if not followers:
        return (yield from update(writer, model, where, cleared, fields, scoped="only", limit=limit))
    asked = together(fields_to_remove(writer, model), (field,))
    found: list[Row] = yield from read_values(
        writer.engine, writer.context, model, where, asked, scoped="only", take=limit, newest=True
    )
    yield from _bring_back(writer, model, found)
    restored: list[Row] = []
    for key in any_of(key_fields(model), found):
        restored += yield from read_values(
            writer.engine, writer.context, model, key, together(fields, key_fields(model)), scoped=False, newest=True
        )
    return restored


def _bring_back(writer: Writer, model: Model, rows: Sequence[Row], *, cascade: bool = False) -> Steps[None]:
    """Clears the marks of rows that were read before, then of those that were marked with them."""
    field = writer.engine.soft_deletes[model]
    for where in any_of(key_fields(model), rows):
        cleared = setting(writer, model, {field: None})
        yield from update_counted(writer, model, where, cleared, scoped="only", cascade=cascade)
    for one in _followers(writer, model):
        own = writer.engine.soft_deletes[one.model]
        asked = together(fields_to_remove(writer, one.model), (own,))
        for moment, together_gone in _by_moment(rows, field).items():
            for referring in consequences.referring(one.relation, together_gone):
                found: list[Row] = yield from read_values(
                    writer.engine,
                    writer.context,
                    one.model,
                    both(referring, {own: moment}),
                    asked,
                    scoped="only",
                    newest=True,
                )
                yield from _bring_back(writer, one.model, found, cascade=True)


def _by_moment(rows: Sequence[Row], field: str) -> dict[datetime, list[Row]]:
    groups: dict[datetime, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[field], []).append(row)
    return groups
