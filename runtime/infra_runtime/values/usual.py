"""Expressions that decoders of rows have in place of calls, for the values that a driver usually gives.

A call costs as much as what most codecs do. So a type whose usual value is told at a glance has an expression here: it answers what the
codec's function would, which it calls itself where it sees that it has to, or fails with one of `UNUSUAL`. Whoever uses it then has the
rows decoded by the functions alone. Imports `values.moments` and `values.numbers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from infra_runtime.values import moments, numbers

UNUSUAL = (TypeError, ValueError, AttributeError)
"""What an expression raises for a value that it is not made for."""


@dataclass(frozen=True, slots=True)
class Expression:
    """Python of `{value}`, the name of a value that is not None; of `{decode}`, the function whose place it takes; of `{read}`, a name that
    it may give to something; and of `names`."""

    text: str
    names: Mapping[str, Any]
    may_fail: bool = True


USUAL: dict[Callable[[Any], Any], Expression] = {
    bool: Expression("not not {value}", {}, may_fail=False),
    int: Expression("{value} if type({value}) is int else {decode}({value})", {}),
    float: Expression("{value} if type({value}) is float else {decode}({value})", {}),
    # What normalizing answers: a number that ends in no zero as it is; one with a fraction; a whole one, which has no exponent then.
    numbers.decode_decimal: Expression(
        "{decode}({value}) if type({value}) is not Decimal"
        " else {value} if ({read} := str({value}))[-1] in '123456789' and 'E' not in {read}"
        " else {value}.normalize(EXACT) if ({read} := {value}.to_integral_value()) != {value}"
        " else {read} if {read}.same_quantum(ONE) else {decode}({value})",
        {"Decimal": Decimal, "EXACT": numbers.EXACT, "ONE": numbers.ONE},
    ),
    moments.decode_sqlite: Expression(
        "{read} if ({read} := fromisoformat({value})).tzinfo is UTC else {decode}({value})",
        {"fromisoformat": datetime.fromisoformat, "UTC": UTC},
    ),
    moments.decode_moment: Expression("{value} if {value}.tzinfo is UTC else {decode}({value})", {"UTC": UTC}),
}
"""By the function whose place an expression takes."""
