"""The outline of arguments: their keys and keywords, with places where plain values stood.

Calls mostly differ in their values alone. An outline is read off arguments in one pass, beside the values in their order, and it is all
there is to know of them but these: the arguments are made of it again, with places for values, and walked, once. What the walk then wants of
each place (an encoder, and the slot for what it answers) is written out as a function of the values. So there is one reading of arguments, the
walk's, and whatever it looks at that is not in an outline makes it give up: such arguments are walked at every call.

Imports `walk`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from infra_runtime.arguments.walk import Convert, Shape, Walk
from infra_runtime.errors import ArgumentError
from infra_runtime.schema import Model, ScalarField

Encode: TypeAlias = Callable[..., list[Any]]
"""From the values of a call, in the order of the outline, to what its slots hold. Errors: ArgumentError."""


class Unusual(Exception):
    """There is no outline of these arguments."""


class _Mark:
    """What is said of the name before it."""

    __slots__ = ()


OPEN, CLOSE = _Mark(), _Mark()
"""A mapping begins, whose names follow; a mapping or a list ends."""
EACH = _Mark()
"""A list of mappings begins."""
MANY = _Mark()
"""A list of values."""
SEVERAL = _Mark()
"""A list whose values have places of their own, of which the number follows."""
WORD, NAMES = _Mark(), _Mark()
"""A keyword follows; a tuple of names follows."""

PLAIN = frozenset({bool, int, float, str, bytes, Decimal, datetime, date, UUID})
"""Types whose values are compared with, whatever their field; others may say more than that."""
_STR = frozenset({str})
DIRECTIONS = frozenset({"asc", "desc", "first", "last"})
DELETED = frozenset({"with", "only", "without"})
MODES = frozenset({"default", "insensitive"})
"""Of texts that are compared. A column of that name may hold these words, too: they are in the outline then."""

Parts: TypeAlias = list[Any]


# -- reading an outline ------------------------------------------------------------------------------------------------
def outline(arguments: Mapping[str, Any]) -> tuple[Parts, list[Any]] | None:
    """The outline of a read's arguments, and their values; None where there is none."""
    parts: Parts = []
    values: list[Any] = []
    try:
        _arguments(arguments, parts, values)
    except (Unusual, KeyError, RecursionError):
        # What nests too deep is refused by the walk.
        return None
    return parts, values


def _arguments(arguments: Mapping[str, Any], parts: Parts, values: list[Any]) -> None:
    for name, value in arguments.items():
        read = _READERS[name]
        parts.append(name)
        if value is None:
            parts += (WORD, None)
        else:
            read(value, parts, values)


def _filter(given: Any, parts: Parts, values: list[Any]) -> None:
    if type(given) is not dict:
        raise Unusual
    parts.append(OPEN)
    for name, value in given.items():
        parts.append(name)
        kind = type(value)
        if kind in PLAIN:
            if name == "mode" and value in MODES:
                parts += (WORD, value)
            else:
                values.append(value)
        elif kind is dict:
            _filter(value, parts, values)
        elif value is None:
            parts += (WORD, None)
        elif kind is list:
            _list(value, parts, values)
        elif isinstance(value, Enum):
            values.append(value)
        else:
            raise Unusual
    parts.append(CLOSE)


def _list(given: list[Any], parts: Parts, values: list[Any]) -> None:
    if given and type(given[0]) is not dict:
        if not PLAIN.issuperset(map(type, given)) and not all(_is_value(item) for item in given):
            raise Unusual
        parts.append(MANY)
        values.append(given)
        return
    parts.append(EACH)
    for item in given:
        _filter(item, parts, values)
    parts.append(CLOSE)


def _is_value(value: Any) -> bool:
    return type(value) in PLAIN or isinstance(value, Enum)


def _seek(given: Any, parts: Parts, values: list[Any]) -> None:
    if type(given) is not dict:
        raise Unusual
    parts.append(OPEN)
    for side, place in given.items():
        parts.append(side)
        if type(place) is list or type(place) is tuple:
            if not all(_is_value(item) for item in place):
                raise Unusual
            parts += (SEVERAL, len(place))
            values += place
        else:
            _filter(place, parts, values)
    parts.append(CLOSE)


def _number(given: Any, parts: Parts, values: list[Any]) -> None:
    if type(given) is not int or given < 0:
        raise Unusual
    values.append(given)


def _order(given: Any, parts: Parts, values: list[Any]) -> None:
    if type(given) is dict:
        _terms(given, parts)
        return
    if type(given) is not list and type(given) is not tuple:
        raise Unusual
    parts.append(EACH)
    for item in given:
        _terms(item, parts)
    parts.append(CLOSE)


def _terms(given: Any, parts: Parts) -> None:
    if type(given) is not dict:
        raise Unusual
    parts.append(OPEN)
    for name, value in given.items():
        parts.append(name)
        if type(value) is dict:
            _terms(value, parts)
        elif type(value) is str and value in DIRECTIONS:
            parts += (WORD, value)
        else:
            # Also where words to search for are among the terms: these are no keywords.
            raise Unusual
    parts.append(CLOSE)


def _names(given: Any, parts: Parts, values: list[Any]) -> None:
    named = (given,) if type(given) is str else given
    if type(named) not in (list, tuple) or not _STR.issuperset(map(type, named)):
        raise Unusual
    parts += (NAMES, tuple(named))


def _wanted(given: Any, parts: Parts, values: list[Any]) -> None:
    if given is True or given is False:
        parts += (WORD, given)
        return
    if type(given) is not dict:
        raise Unusual
    parts.append(OPEN)
    for name, value in given.items():
        parts.append(name)
        if type(value) is dict:
            parts.append(OPEN)
            _arguments(value, parts, values)
            parts.append(CLOSE)
        elif value is True or value is False:
            parts += (WORD, value)
        else:
            raise Unusual
    parts.append(CLOSE)


def _deleted(given: Any, parts: Parts, values: list[Any]) -> None:
    if type(given) is not str or given not in DELETED:
        raise Unusual
    parts += (WORD, given)


def _class(given: Any, parts: Parts, values: list[Any]) -> None:
    if not isinstance(given, type):
        raise Unusual
    parts += (WORD, given)


_READERS: dict[str, Callable[[Any, Parts, list[Any]], None]] = {
    **dict.fromkeys(("where", "cursor", "having"), _filter),
    **dict.fromkeys(("take", "skip"), _number),
    "seek": _seek,
    **dict.fromkeys(("order", "orderBy", "order_by"), _order),
    **dict.fromkeys(("by", "distinct", "columns"), _names),
    **dict.fromkeys(("select", "include", "count", "avg", "sum", "min", "max"), _wanted),
    "deleted": _deleted,
    "projection": _class,
}
"""By argument; those that are not here have no outline."""


# -- walking an outline ------------------------------------------------------------------------------------------------
class Place:
    """Stands where a value of a call stands. A number that has a place is 0 or more."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __lt__(self, other: object) -> bool:
        return False


class _PlacesWalk(Walk):
    """A walk of arguments that have places for values: where `Walk` keeps what a value is for the driver, it keeps Python of that."""

    __slots__ = ("_asked", "_names")

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk.engine, walk.context)
        self._names: dict[str, Any] = {}
        self._asked: set[int] = set()

    def slot(self, encoded: Any) -> int:
        raise Unusual

    def value(self, field: ScalarField, value: Any) -> int:
        if field.type == "Json":
            # What may be said of a document depends on what it is.
            raise Unusual
        codec = self.engine.codec(field)
        return self.converted(codec.encode, value, codec.unchanged)

    def converted(self, convert: Convert, value: Any, unchanged: str = "") -> int:
        slot = len(self.values)
        name = f"convert{slot}"
        if type(value) is not Place:
            # A projection's own values are the same at every call.
            self._names[name] = convert(value)
            self.values.append(name)
            return slot
        self._names[name] = convert
        self._asked.add(value.number)
        given, called = f"v{value.number}", f"{name}(v{value.number})"
        self.values.append(f"{given} if {unchanged.format(given)} else {called}" if unchanged else called)
        return slot

    def encoder(self, width: int) -> Encode:
        """The function that makes what slots hold of so many values. Errors: Unusual for a value that was not asked for."""
        if len(self._asked) < width:
            raise Unusual
        names = ", ".join(f"v{number}" for number in range(width))
        return eval(f"lambda {names}: [{', '.join(self.values)}]", self._names)  # type: ignore[no-any-return]


def walked(
    walk: Walk, model: Model, parts: Sequence[Any], shape_of: Callable[[Walk, Model, Mapping[str, Any]], Shape]
) -> tuple[Shape, Encode] | None:
    """The shape of all arguments with this outline, and what makes the values of its slots; None where the walk wants to see values."""
    places = _PlacesWalk(walk)
    reading = _Reading(parts)
    try:
        shape = shape_of(places, model, reading.mapping())
        return shape, places.encoder(reading.width)
    except (Unusual, ArgumentError):
        return None


class _Reading:
    """Makes arguments of an outline."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self._parts: Iterator[Any] = iter([*parts, CLOSE, CLOSE])
        self._next = next(self._parts)
        self.width = 0
        """How many places there are so far."""

    def mapping(self) -> dict[str, Any]:
        """What stands up to the end of a mapping."""
        found = {}
        while (name := self._take()) is not CLOSE:
            found[name] = self._value()
        return found

    def _take(self) -> Any:
        taken, self._next = self._next, next(self._parts, None)
        return taken

    def _value(self) -> Any:
        mark = self._take() if isinstance(self._next, _Mark) and self._next is not CLOSE else None
        if mark is None or mark is MANY:
            return self._place()
        if mark is SEVERAL:
            return [self._place() for _ in range(self._take())]
        if mark is OPEN:
            return self.mapping()
        if mark is EACH:
            items = []
            while self._take() is OPEN:
                items.append(self.mapping())
            return items
        return self._take()

    def _place(self) -> Place:
        self.width += 1
        return Place(self.width - 1)
