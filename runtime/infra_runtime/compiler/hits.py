"""What an index says of rows that a search found: how well they match, and where the words are in their texts.

Imports `build`, `search`, `where`, `full_text`, `values` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.order import first_key
from infra_runtime.compiler.build import Build
from infra_runtime.compiler.search import Search, found, rank
from infra_runtime.compiler.where import column, where_clause
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class HitsPlan:
    """A statement whose rows are keys, then the rank, then a marked text for each field, or less where the database marks none."""

    sql: str
    slots: tuple[int, ...]
    key: Callable[[Row], tuple[Any, ...]]
    """The decoded key that a row begins with."""


def hits_plan(engine: Engine, model: Model, shape: Any, condition: Any, fields: Sequence[str]) -> HitsPlan:
    """Of the rows that meet `condition` and that the search of `shape` finds. It asks an index."""
    from sqlalchemy import select

    build = Build(engine)
    table: Any = build.alias(model)
    search = Search(build, table, model)
    names = first_key(model)
    key = [column(table, model, name) for name in names]
    _, way, _, _, slot, *_ = shape
    if way == "fts5":
        source, matching, said = search.from_fts5(fields, slot)
    else:
        source, matching = table, found(build, table, model, *shape[1:])
        said = [rank(build, table, model, shape)]
        said += search.marked_by_tsvector(fields, slot) if way == "tsvector" else []
    labelled = [item.label(f"c{place}") for place, item in enumerate([*key, *said])]
    statement = select(*labelled).select_from(source).where(matching, where_clause(build, table, model, condition))
    compiled = build.finish(statement)
    decoders = [engine.codec(model.scalar[name]).decode for name in names]

    def decoded(row: Row) -> tuple[Any, ...]:
        return tuple(value if decode is None else decode(value) for decode, value in zip(decoders, row, strict=False))

    return HitsPlan(compiled.sql, compiled.slots, decoded)
