"""The nodes of a schema that a directive can stand on. Imports the syntax tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from infra_gen.schema.syntax import ConfigBlock, Document, Documentation, EnumBlock, Field, ModelBlock, StringValue

Place: TypeAlias = Literal["model", "view", "field", "relation field", "enum", "enum value"]


@dataclass(frozen=True, slots=True)
class Node:
    """One node, and the fields that a directive on it can name: those of the model it is, or is in."""

    place: Place
    label: str
    """In the words of messages: "the model `User`"."""
    documentation: Documentation | None
    owner: str = ""
    """The model, in the words of messages; empty where there is none."""
    fields: Mapping[str, Field] = field(default_factory=dict)
    models: frozenset[str] = frozenset()
    """The names of all models and views: what tells a relation from a column."""
    provider: str = ""
    """The datasource's, as it is written; empty where there is none."""
    name: str = ""
    """Of a model, a view or an enum: its name."""

    def is_relation(self, item: Field) -> bool:
        """Does this field lead to a model?"""
        return item.type is not None and item.type.unsupported is None and item.type.name in self.models


def nodes(document: Document) -> Iterator[Node]:
    """All nodes, in the order of the source. Composite types have none: every database served refuses them."""
    models = frozenset(
        block.name.name for block in document.blocks if isinstance(block, ModelBlock) and block.keyword != "type"
    )
    provider = _provider(document)
    for block in document.blocks:
        if isinstance(block, EnumBlock):
            yield Node("enum", f"the enum `{block.name.name}`", block.documentation, name=block.name.name)
            for member in block.members:
                yield Node("enum value", f"the value `{block.name.name}.{member.name.name}`", member.documentation)
        elif not isinstance(block, ConfigBlock) and block.keyword != "type":
            yield from _nodes_of_model(block, models, provider)


def _provider(document: Document) -> str:
    written = (
        item.value.value
        for block in document.blocks
        if isinstance(block, ConfigBlock) and block.keyword == "datasource"
        for item in block.properties
        if item.name.name == "provider" and isinstance(item.value, StringValue)
    )
    return next(written, "")


def _nodes_of_model(block: ModelBlock, models: frozenset[str], provider: str) -> Iterator[Node]:
    place: Place = "view" if block.keyword == "view" else "model"
    owner = f"the {place} `{block.name.name}`"
    fields = {item.name.name: item for item in block.fields}
    itself = Node(place, owner, block.documentation, owner, fields, models, provider, block.name.name)
    yield itself
    for item in block.fields:
        if item.documentation is not None:
            label = f"the field `{block.name.name}.{item.name.name}`"
            kind: Place = "relation field" if itself.is_relation(item) else "field"
            yield Node(kind, label, item.documentation, owner, fields, models, provider)
