"""What a syntax tree says, without where it says it: for comparing a schema with its formatted text."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from infra_gen.schema.source import Span
from infra_gen.schema.syntax import Attribute, Document


def meaning(document: Document) -> Any:
    """The document as plain values: no spans, attributes in no order, arguments by position and name."""
    return _plain(document.blocks)


def _plain(node: Any) -> Any:
    if isinstance(node, Span):
        return None
    if isinstance(node, tuple):
        items = [_plain(item) for item in node]
        return sorted(items, key=repr) if node and isinstance(node[0], Attribute) else items
    if is_dataclass(node) and not isinstance(node, type):
        said = {item.name: _plain(getattr(node, item.name)) for item in fields(node)}
        return {key: value for key, value in said.items() if key != "trailing_comma"}
    return node
