"""Decoders: from a driver's tuples to the values of rows, specialised for one shape.

A decoder is a list comprehension over a dict or tuple display, written out for the columns at hand and compiled once: it costs what the
same code written by hand costs. Columns whose codec has nothing to do are taken as they are, and those of types that have an expression
in `values.usual` without a call. Where such an expression fails, because a value is not what the driver usually gives, all rows at hand
are decoded again by the codecs' functions, whose answers and errors are what counts. Imports `values.usual` and `schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_runtime.schema import Model, ScalarField
from infra_runtime.values.usual import UNUSUAL, USUAL

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

Tuples = Sequence[Sequence[Any]]
Decode = Callable[[Tuples], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a column: where it stands in a tuple, and what is made of it if it is no NULL."""

    place: int
    decode: Callable[[Any], Any] | None = None
    null: str = "None"
    """Python of what NULL is."""


Display = Column | Mapping[str, "Display"] | tuple["Display", ...] | None
"""What is made of a tuple: a dict, a tuple, a column's value, or None, where a value is put in afterwards."""


def column_of(engine: Engine, field: ScalarField, place: int) -> Column:
    """The column of a field."""
    # A list that was never set is NULL in the database, and empty in the row.
    return Column(place, engine.codec(field).decode, "[]" if field.is_list else "None")


def decoder(engine: Engine, model: Model, fields: Sequence[str]) -> Decode:
    """Decodes tuples that are the columns of `fields`."""
    display = {name: column_of(engine, model.scalar[name], place) for place, name in enumerate(fields)}
    return compiled(display, len(fields))


def compiled(display: Display, width: int) -> Callable[[Tuples], list[Any]]:
    """Makes what `display` says of each of the tuples, which have `width` columns."""
    usual = _Writer(by_expressions=True)
    quick = usual.function(display, width)
    if not usual.may_fail:
        return quick
    careful: list[Callable[[Tuples], list[Any]]] = []

    def decode(tuples: Tuples) -> list[Any]:
        try:
            return quick(tuples)
        except UNUSUAL:
            if not careful:
                careful.append(_Writer(by_expressions=False).function(display, width))
            return careful[0](tuples)

    return decode


class _Writer:
    """Writes the Python of one decoder, and collects the names that it uses."""

    def __init__(self, *, by_expressions: bool) -> None:
        self.may_fail = False
        self._by_expressions = by_expressions
        self._names: dict[str, Any] = {}

    def function(self, display: Display, width: int) -> Callable[[Tuples], list[Any]]:
        columns = ", ".join(f"c{place}" for place in range(width))
        # The comma makes a tuple of a single column, too.
        text = f"lambda tuples: [{self._written(display)} for {columns + ',' if width else '_'} in tuples]"
        return eval(text, self._names)  # type: ignore[no-any-return]

    def _written(self, display: Display) -> str:
        if display is None:
            return "None"
        if isinstance(display, Column):
            return self._value(display)
        if isinstance(display, tuple):
            return f"({''.join(f'{self._written(item)}, ' for item in display)})"
        return f"{{{', '.join(f'{key!r}: {self._written(item)}' for key, item in display.items())}}}"

    def _value(self, column: Column) -> str:
        place, value = column.place, f"c{column.place}"
        if column.decode is None:
            return value
        expression = USUAL.get(column.decode) if self._by_expressions else None
        if expression is None:
            self._names[f"decode{place}"] = column.decode
            return f"{column.null} if {value} is None else decode{place}({value})"
        self.may_fail = self.may_fail or expression.may_fail
        self._names.update(expression.names)
        self._names[f"decode{place}"] = column.decode
        read = expression.text.format(value=value, decode=f"decode{place}", read=f"read{place}")
        return f"{column.null} if {value} is None else {read}"
