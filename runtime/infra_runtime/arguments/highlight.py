"""Walks `highlight`: how the texts of what a search found are shown. Imports `walk`, `hits` and the bottom of the runtime."""

from __future__ import annotations

from typing import Any

from infra_runtime.arguments.walk import mapping, names, unknown
from infra_runtime.errors import ArgumentError, InputError
from infra_runtime.hits import Highlight
from infra_runtime.schema import Model

OPTIONS = ("fields", "start", "stop", "length", "escape")


def highlight_of(model: Model, searched: tuple[str, ...], highlight: Any) -> Highlight:
    """What `highlight` says; without it, the searched fields are shown, words between `<mark>` and `</mark>`. Errors: ArgumentError."""
    try:
        return _highlight(model, searched, mapping(highlight or {}, "{'fields': …, 'start': …}"))
    except ArgumentError as error:
        raise error.under("highlight") from None


def _highlight(model: Model, searched: tuple[str, ...], given: Any) -> Highlight:
    for name in given:
        if name not in OPTIONS:
            raise unknown("option", name, OPTIONS)
    fields = searched
    if given.get("fields") is not None:
        fields = tuple(names(given["fields"]))
        for place, name in enumerate(fields):
            if name not in searched:
                raise unknown("searched field", name, searched, model).under("fields", place)
    texts = {"start": "<mark>", "stop": "</mark>"}
    for name in texts:
        if given.get(name) is not None:
            if not isinstance(given[name], str):
                raise InputError(f"expected a text, got {type(given[name]).__name__}").under(name)
            texts[name] = given[name]
    length, escape = given.get("length"), given.get("escape", True)
    if length is not None and (not isinstance(length, int) or isinstance(length, bool) or length < 1):
        raise InputError("expected a number of characters: 1 or more").under("length")
    if not isinstance(escape, bool):
        raise InputError(f"expected bool, got {type(escape).__name__}").under("escape")
    return Highlight(fields, texts["start"], texts["stop"], length, escape)
