"""Compiles seeks: the rows behind values of an order's keys, or before them.

Where the order's first key may be NULL, rows with a value and rows without stand apart, and either can be read in order by an index which
cannot serve both: such a page is put together of two parts. Imports `build`, `order` and the bottom of the runtime.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from infra_runtime.compiler.build import Build
from infra_runtime.compiler.order import Place, Term, beyond, comparable, field_of, nulls_first, turned
from infra_runtime.schema import Model


@dataclass(frozen=True, slots=True)
class Seek:
    """Where a statement's rows begin and end: for each side the terms in the direction that leads away from it, and the slots of its values."""

    build: Build
    model: Model
    values: list[Any]
    """What the rows have for the terms."""
    sides: tuple[tuple[list[Term], tuple[int | None, ...]], ...]

    def condition(self) -> Any:
        """All that a row must meet."""
        from sqlalchemy import and_, true

        return and_(true(), *(self._beyond(terms, slots, 0) for terms, slots in self.sides))

    def of_part(self, *, null: bool) -> Any:
        """What a row must meet whose first key is NULL, or else is not; None where no such row can."""
        from sqlalchemy import and_

        first = self.values[0]
        conditions = [first.is_(None) if null else first.is_not(None)]
        for terms, slots in self.sides:
            place_is_null = slots[0] is None
            if place_is_null == null:
                conditions.append(self._beyond(terms, slots, 1) if null else self._beyond(_valued(terms), slots, 0))
            elif nulls_first(self.build, terms[0]) == null:
                # They come before the place, all of them.
                return None
        return and_(*conditions)

    def _beyond(self, terms: list[Term], slots: tuple[int | None, ...], start: int) -> Any:
        """The rows behind the place, as the terms from `start` on tell."""
        places = [self._place(*item) for item in zip(terms, self.values, slots, strict=True)][start:]
        values = [comparable(self.build, *item) for item in zip(terms, self.values, strict=True)][start:]
        return beyond(self.build, terms[start:], values, places, inclusive=False)

    def _place(self, term: Term, value: Any, slot: int | None) -> Place:
        from sqlalchemy import func

        if slot is None:
            return Place(None, True)
        parameter = self.build.parameter(slot, value.type)
        if term.is_enum and self.build.engine.dialect.orders_enums_by_place:
            field = field_of(self.build, self.model, term)
            assert field is not None
            enum = self.build.engine.schema.enum[field.type]
            names = (self.build.engine.dialect.literal(item.database) for item in enum.values)
            return Place(func.field(parameter, *names), False)
        return Place(parameter, False)


def seek_of(build: Build, model: Model, ordered: list[Term], values: list[Any], slots: Any, *, reverse: bool) -> Seek:
    """The seek of a statement whose rows have `values` for the terms. `reverse`: the terms are turned round, which makes after of before."""
    after, before = reversed(slots) if reverse else slots
    sides = ((ordered, after), ([turned(term) for term in ordered], before))
    return Seek(build, model, values, tuple((terms, side) for terms, side in sides if side is not None))


def order_of_part(ordered: list[Term], *, null: bool) -> list[Term]:
    """The terms that put the rows of a part in order."""
    return ordered[1:] if null else _valued(ordered)


def _valued(terms: list[Term]) -> list[Term]:
    """The terms, the first of which is never NULL."""
    return [replace(terms[0], nulls=None, nullable=False), *terms[1:]]
