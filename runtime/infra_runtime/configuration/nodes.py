"""Settings as they stand in a file or a dict, before anybody knows what they mean. Imports `places`.

What is within a mapping or a list is looked at when it is asked for: a document of YAML may contain itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from infra_runtime.configuration.places import Place

NOWHERE = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value: None, a bool, a number, a text, or something that no setting takes."""

    value: object
    place: Place = NOWHERE
    variables: tuple[str, ...] = ()
    """The variables its text was made of."""
    unset: tuple[str, ...] = ()
    """Those of them that have neither a value nor a default."""
    is_readable: bool = True
    """Is every variable in it written as one?"""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: Callable[[], Iterable[Node]]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping. Its keys are whatever the file has there, also twice."""

    entries: Callable[[], Iterable[tuple[Scalar, Node]]]
    place: Place = NOWHERE


Node: TypeAlias = Scalar | Items | Table


def node_of(value: Any) -> Node:
    """A plain value of code's."""
    if isinstance(value, Mapping):
        return Table(lambda: [(Scalar(key), node_of(item)) for key, item in value.items()])
    if isinstance(value, (list, tuple)):
        return Items(lambda: [node_of(item) for item in value])
    return Scalar(value)
