"""Which annotation can hold which values.

A field may be annotated with the type of its column or a wider one: `str | None` holds a `str`, `Sequence[str]` a `list[str]`, `str` a
member of an enum of texts. Rows are not validated, so nothing is converted: a column of `int` is no `float`. Two subclasses that say
something else in JSON are refused too: a `bool` is no `int` here, a `datetime` no `date`.
Imports nothing of the runtime.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import JsonValue
from typing_extensions import TypeAliasType, get_type_hints, is_typeddict

SAYS_ANOTHER_THING = {(bool, int), (datetime, date)}
"""Subclasses that are not taken for their base."""

_JSON_SCALARS = (NoneType, str, int, float, bool)


def bare(annotation: Any) -> Any:
    """An annotation without `Annotated[…]` around it, and without a name for it."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, TypeAliasType) and annotation is not JsonValue:
            annotation = annotation.__value__
        else:
            return NoneType if annotation is None else annotation


def members(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union; of anything else, itself."""
    annotation = bare(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return tuple(member for part in get_args(annotation) for member in members(part))
    return (annotation,)


def holds(wanted: Any, given: Any) -> bool:
    """Can a field annotated with `wanted` hold all values of `given`? `Any` is given for Json, which may be any JSON value."""
    alternatives = members(wanted)
    if Any in alternatives or object in alternatives:
        return True
    if given is Any:
        return all(_holds_json(alternative, ()) for alternative in alternatives)
    return all(any(_holds(alternative, part) for alternative in alternatives) for part in members(given))


def _holds(wanted: Any, given: Any) -> bool:
    if given is Any:
        return _holds_json(wanted, ())
    if get_origin(given) is list:
        container = get_origin(wanted) or wanted
        if not isinstance(container, type) or not issubclass(list, container):
            return False
        return all(holds(element, get_args(given)[0]) for element in get_args(wanted))
    if not isinstance(wanted, type) or not isinstance(given, type):
        return False
    return issubclass(given, wanted) and (given, wanted) not in SAYS_ANOTHER_THING


def _holds_json(wanted: Any, within: tuple[Any, ...]) -> bool:
    """Is `wanted` made of what JSON is made of? Then it is taken at its word: what a column of Json holds is known to nobody else."""
    wanted = bare(wanted)
    if wanted is JsonValue or wanted is Any or wanted is object or wanted in _JSON_SCALARS or wanted in within:
        return True
    within = (*within, wanted)
    if is_typeddict(wanted):
        return all(_holds_json(part, within) for part in _values_of(wanted))
    origin = get_origin(wanted) or wanted
    if origin is Literal:
        return all(isinstance(value, _JSON_SCALARS) for value in get_args(wanted))
    if origin in (Union, UnionType) or (isinstance(origin, type) and issubclass(list, origin)):
        return all(_holds_json(part, within) for part in get_args(wanted))
    if isinstance(origin, type) and issubclass(dict, origin):
        arguments = get_args(wanted)
        named = all(bare(key) is str for key in arguments[:1])
        return named and all(_holds_json(part, within) for part in arguments[1:])
    return False


def _values_of(typed_dict: Any) -> Iterator[Any]:
    """The types behind the keys of a TypedDict; where it names what is not there, it is taken as it is."""
    try:
        yield from get_type_hints(typed_dict).values()
    except NameError:
        return


def text(annotation: Any) -> str:
    """An annotation as one writes it."""
    if len(members(annotation)) > 1:
        return " | ".join(map(text, members(annotation)))
    part = bare(annotation)
    if part is NoneType:
        return "None"
    if get_origin(part) is Literal:
        return f"Literal[{', '.join(map(repr, get_args(part)))}]"
    if get_origin(part) is not None:
        inner = ", ".join("..." if item is ... else text(item) for item in get_args(part))
        return f"{getattr(get_origin(part), '__name__', get_origin(part))}[{inner}]"
    return str(getattr(part, "__name__", part))
