"""The walk of one query's arguments: it collects driver values in numbered slots while shapes are made.

Imports `errors`, `schema`, `context` and `engine` of the runtime.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard
from uuid import UUID

from infra_runtime.context import OperationContext
from infra_runtime.errors import ArgumentError, FieldNotFoundError, InputError
from infra_runtime.schema import Model, ScalarField

if TYPE_CHECKING:
    from infra_runtime.engine import Engine
    from infra_runtime.values.codecs import Codec

Convert: TypeAlias = Callable[[Any], Any]
Shape: TypeAlias = Any
"""Nested tuples: a query without its values, hashable, slots numbered."""

MAX_DEPTH = 40
"""How deep arguments may nest: beyond it databases refuse the statement anyway, in words nobody understands."""


class Walk:
    """Engine, context, and the values met so far; `of_scopes`: the slots of those that scopes gave."""

    __slots__ = ("context", "depth", "engine", "of_scopes", "values")

    def __init__(self, engine: Engine, context: OperationContext) -> None:
        self.engine = engine
        self.context = context
        self.values: list[Any] = []
        self.of_scopes: tuple[range, ...] = ()
        self.depth = 0

    def slot(self, encoded: Any) -> int:
        """Keeps a driver value; answers its slot."""
        self.values.append(encoded)
        return len(self.values) - 1

    def value(self, field: ScalarField, value: Any) -> int:
        """Keeps a value of `field`, encoded. Errors: InputError."""
        self.values.append(self.engine.codec(field).encode(value))
        return len(self.values) - 1

    def converted(self, convert: Convert, value: Any, unchanged: str = "") -> int:
        """Keeps what `convert` makes of a value; `unchanged` as in a codec's form. Errors: those of `convert`."""
        self.values.append(convert(value))
        return len(self.values) - 1

    def list_slot(self, field: ScalarField, values: Any) -> Shape:
        """Keeps a list of values of `field`, the way the dialect takes lists. Errors: InputError."""
        codec = self.engine.codec(field)
        encode, packaging = partial(encoded_items, codec.item or codec), self.engine.dialect.lists
        if packaging != "json":
            return (packaging, self.converted(encode, values))
        if field.type != "Bytes":
            return ("json", self.converted(lambda values: json.dumps(encode(values)), values))
        # Binary values do not fit into JSON. A list says the same with a value twice, and few lengths need few plans.
        encoded, size = encode(values), 1
        while size < len(encoded):
            size *= 2
        first = len(self.values)
        self.values.extend(encoded)
        self.values.extend([encoded[-1] if encoded else None] * (size - len(encoded)))
        return ("bucket", first, size)

    def deeper(self) -> None:
        """Counts a level of nesting. Errors: ArgumentError when there are too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ArgumentError(f"the arguments nest more than {MAX_DEPTH} levels deep")


def encoded_items(codec: Codec, values: Any) -> list[Any]:
    """The driver's values of a list of values. Errors: InputError."""
    if type(values) is not list and (isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable)):
        raise InputError(f"expected a list, got {type(values).__name__}")
    encode, encoded = codec.encode, []
    try:
        for value in values:
            encoded.append(encode(value))
    except ArgumentError as error:
        raise error.under(len(encoded)) from None
    return encoded


def unknown(kind: str, name: Any, known: Iterable[str], model: Model | None = None) -> FieldNotFoundError:
    """The error for a name nobody knows, with the nearest ones there are."""
    names = list(known)
    nearest = difflib.get_close_matches(str(name), names, n=2, cutoff=0.6)
    if nearest:
        hint = "; did you mean " + " or ".join(f"`{item}`" for item in nearest) + "?"
    elif names:
        hint = "; there are: " + ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    else:
        hint = ""
    of_model = f" of {model.name}" if model is not None else ""
    return FieldNotFoundError(f"unknown {kind} `{name}`{of_model}{hint}")


PLAIN = frozenset({type(None), bool, int, float, str, bytes, Decimal, datetime, date, UUID, list, tuple})
"""The types of most values: asking Python whether a value is a mapping takes five times as long as finding its type here."""


def is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Is `value` a mapping?"""
    kind = type(value)
    return kind is dict or (kind not in PLAIN and isinstance(value, Mapping))


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    """`value` as a mapping. Errors: InputError."""
    if is_mapping(value):
        return value
    raise InputError(f"expected {what}, got {type(value).__name__}")


def names(value: Any) -> list[str]:
    """One field's name or several as a list. Errors: InputError."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, (list, tuple, set, frozenset)):
        raise InputError(f"expected a field or a list of fields, got {type(value).__name__}")
    for place, name in enumerate(given):
        if not isinstance(name, str):
            raise InputError(f"expected the name of a field, got {type(name).__name__}").under(place)
    return list(given)
