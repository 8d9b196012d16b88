"""What a projection class declares: its fields' types and markers, as far as the classes they name are there.

An annotation may name classes that are made later, or in modules that are not imported yet. Pydantic resolves what it can when the
class is made, and the rest when it is asked again; until then such a field is *open*: its markers are known, its type is not.
Imports `projections.imports` and `projections.markers`.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ForwardRef, Literal, get_args, get_origin

from pydantic import BaseModel
from typing_extensions import Format, get_annotations

from infra_runtime.projections.imports import imported_for_checkers, names_in
from infra_runtime.projections.markers import Count, From

Marker = From | Count


@dataclass(frozen=True, slots=True)
class Declared:
    """A field as its class declares it."""

    name: str
    annotation: Any
    markers: tuple[Marker, ...]
    missing: str = ""
    """The text with a name that could not be found yet, for an open field."""

    @property
    def is_open(self) -> bool:
        return bool(self.missing)


def declared(cls: type[BaseModel], *, again: bool = False) -> list[Declared]:
    """The fields of a class in their order.

    `again`: what is open is looked up once more, also among what modules import for checkers alone. What is inherited always is looked up.
    """
    opened = {name: text for name, info in cls.model_fields.items() if (text := _open_text(info.annotation))}
    if (again and opened) or any(owner_of(cls, name) is not cls for name in opened):
        wanted = set().union(*map(names_in, opened.values())) if again else set()
        cls.model_rebuild(force=True, raise_errors=False, _types_namespace=_names_in_sight(cls, wanted))
    return [_declared(cls, name) for name in cls.model_fields]


def _names_in_sight(cls: type, wanted: set[str]) -> dict[str, Any]:
    """The names of the modules where a class and those it is made from stand, as a field may be inherited with a name from elsewhere; and
    those of `wanted` that these modules import for checkers."""
    names: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        module = sys.modules.get(base.__module__)
        if issubclass(base, BaseModel) and module is not None:
            names.update(imported_for_checkers(module, wanted - vars(module).keys()))
            names.update(vars(module))
    return names


def _declared(cls: type[BaseModel], name: str) -> Declared:
    info = cls.model_fields[name]
    missing = _open_text(info.annotation)
    metadata = _metadata_of_open(cls, name) if missing else info.metadata
    markers = tuple(item for item in metadata if isinstance(item, Marker))
    return Declared(name, info.annotation, markers, missing)


def _open_text(annotation: Any) -> str:
    """What of an annotation is text still, as a name in it could not be found; empty when all were."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    if get_origin(annotation) is Literal:
        return ""
    parts = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
    return ", ".join(filter(None, map(_open_text, parts)))


def misplaced(annotation: Any) -> Iterator[Marker]:
    """Markers within an annotation, where nothing looks for them."""
    if get_origin(annotation) is Annotated:
        yield from (item for item in annotation.__metadata__ if isinstance(item, Marker))
    for part in get_args(annotation) if get_origin(annotation) is not Literal else ():
        yield from misplaced(part)


class _Names(dict[str, Any]):
    """The names of a module; one that is not there yet stands for itself."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, None) or type(name, (), {})


def _metadata_of_open(cls: type, name: str) -> tuple[Any, ...]:
    """What stands beside the type in an annotation that cannot be resolved yet."""
    owner = owner_of(cls, name)
    annotation = get_annotations(owner, format=Format.FORWARDREF).get(name)
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    if isinstance(text, str):
        names = _Names(vars(sys.modules[owner.__module__]) if owner.__module__ in sys.modules else {})
        try:
            annotation = eval(text, {}, names)
        except Exception:
            # Whatever it is, pydantic says so when it is resolved.
            return ()
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def owner_of(cls: type, name: str) -> type:
    """The class, among those that `cls` is made from, that declares a field."""
    return next((item for item in cls.__mro__ if name in get_annotations(item, format=Format.FORWARDREF)), cls)
