"""Decoders: from a driver's tuples to rows, specialised for one shape.

A decoder is a list comprehension over a dict or tuple display, written out for the columns at hand and compiled once: it costs what the
same code written by hand costs. Columns whose codec has nothing to do are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from infra_runtime.schema import Model, ScalarField

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

Decode = Callable[[Sequence[Sequence[Any]]], list[dict[str, Any]]]


def decoder(
    engine: Engine, model: Model, fields: Sequence[str], counts: Sequence[str] = (), first_count: int = 0
) -> Decode:
    """Decodes rows that begin with the columns of `fields`; `counts` stand from `first_count` on and become `_count`."""
    names: dict[str, Any] = {}
    parts = [f"{name!r}: {_value(engine, model.scalar[name], place, names)}" for place, name in enumerate(fields)]
    if counts:
        inner = ", ".join(f"{name!r}: row[{first_count + place}]" for place, name in enumerate(counts))
        parts.append(f"'_count': {{{inner}}}")
    return _compiled(f"{{{', '.join(parts)}}}", names)


def keyed_decoder(engine: Engine, parts: Sequence[tuple[str, int | None, ScalarField | None]]) -> Decode:
    """Decodes rows into dicts with these keys: each with the place of its column, None where the value is put in afterwards, and the
    column's field, None where the driver's value is taken as it is."""
    names: dict[str, Any] = {}
    values = []
    for key, place, field in parts:
        if place is None:
            value = "None"
        else:
            value = f"row[{place}]" if field is None else _value(engine, field, place, names)
        values.append(f"{key!r}: {value}")
    return _compiled(f"{{{', '.join(values)}}}", names)


def tuple_decoder(
    engine: Engine, model: Model, fields: Sequence[str]
) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    """Decodes rows that begin with the columns of `fields` into tuples of their values."""
    names: dict[str, Any] = {}
    values = [_value(engine, model.scalar[name], place, names) for place, name in enumerate(fields)]
    return _compiled(f"({', '.join(values)},)", names)


def _value(engine: Engine, field: ScalarField, place: int, names: dict[str, Any]) -> str:
    """The expression for the value of a column at `place` of `row`; what it uses goes into `names`."""
    decode = engine.codec(field).decode
    if decode is None:
        return f"row[{place}]"
    names[f"decode_{place}"] = decode
    # A list that was never set is NULL in the database, and empty in the row.
    null = "[]" if field.is_list else "None"
    return f"{null} if row[{place}] is None else decode_{place}(row[{place}])"


def _compiled(display: str, names: dict[str, Any]) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    return eval(f"lambda rows: [{display} for row in rows]", names)  # type: ignore[no-any-return]
