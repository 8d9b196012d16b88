"""Decoders: from a driver's tuples to rows, specialised for one shape.

A decoder is a list comprehension over a dict display, written out for the columns at hand and compiled once: it costs what the same
code written by hand costs. Columns whose codec has nothing to do are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

Decode = Callable[[Sequence[Sequence[Any]]], list[dict[str, Any]]]


def decoder(
    engine: Engine, model: Model, fields: Sequence[str], counts: Sequence[str] = (), first_count: int = 0
) -> Decode:
    """Decodes rows that begin with the columns of `fields`; `counts` stand from `first_count` on and become `_count`."""
    names: dict[str, Any] = {}
    parts = []
    for place, name in enumerate(fields):
        field = model.scalar[name]
        decode = engine.codec(field).decode
        # A list that was never set is NULL in the database, and empty in the row.
        null = "[]" if field.is_list else "None"
        if decode is None:
            parts.append(f"{name!r}: row[{place}]")
        else:
            names[f"decode_{place}"] = decode
            parts.append(f"{name!r}: {null} if row[{place}] is None else decode_{place}(row[{place}])")
    if counts:
        inner = ", ".join(f"{name!r}: row[{first_count + place}]" for place, name in enumerate(counts))
        parts.append(f"'_count': {{{inner}}}")
    source = f"lambda rows: [{{{', '.join(parts)}}} for row in rows]"
    return eval(source, names)  # type: ignore[no-any-return]
