"""A schema's text by its names: where a model, field, attribute or value is written, and the edits of one place. Imports the syntax tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from infra_gen import ir
from infra_gen.pull.text import Edits, lines_of
from infra_gen.resolve.reading import attribute
from infra_gen.schema.source import SourceFile, Span
from infra_gen.schema.syntax import (
    Attribute,
    Block,
    ConfigBlock,
    Document,
    Documentation,
    EnumBlock,
    EnumMember,
    Field,
    ModelBlock,
)


class SchemaText:
    """The text of one schema, and the edits of it. `touched`: the blocks that are laid out anew."""

    def __init__(self, document: Document) -> None:
        self.edits = Edits()
        self.touched: set[str] = set()
        self.removed: set[tuple[str, str]] = set()
        """Models and fields of lines that go."""
        self.models = {block.name.name: block for block in document.blocks if isinstance(block, ModelBlock)}
        self.enums = {block.name.name: block for block in document.blocks if isinstance(block, EnumBlock)}
        self.home = _home(document)

    # -- finding -----------------------------------------------------------------------------------------------------
    def field(self, model: str, name: str) -> Field:
        return next(item for item in self.models[model].fields if item.name.name == name)

    def index_attributes(self, model: ir.Model) -> Mapping[str, tuple[Field | None, Attribute]]:
        """Where each index of a model is written, by its name in the database."""
        block = self.models[model.name]
        written: list[tuple[Field | None, Attribute]] = [
            (field, found) for field in block.fields if (found := attribute(field.attributes, "unique"))
        ]
        written += [(None, item) for item in block.attributes if item.name.name in ("unique", "index", "fulltext")]
        return {index.constraint: item for index, item in zip(model.indexes, written, strict=True)}

    def id_attribute(self, model: str) -> Attribute | None:
        block = self.models[model]
        on_fields = (attribute(field.attributes, "id") for field in block.fields)
        return next((item for item in on_fields if item), None) or attribute(block.attributes, "id")

    # -- lines -------------------------------------------------------------------------------------------------------
    def append_line(self, model: str, text: str) -> None:
        """Writes a line at the end of a block."""
        self._at_end(self.models[model], text)

    def _at_end(self, block: ModelBlock | EnumBlock, text: str) -> None:
        file = block.span.file.whole
        brace = file.text.rindex("}", block.span.start, block.span.end)
        line = file.text.rfind("\n", 0, brace) + 1
        is_alone = not file.text[line:brace].strip()
        self.edits.insert(file, line if is_alone else brace, f"  {text}\n" if is_alone else f"\n  {text}\n")
        self.touched.add(block.name.name)

    def insert_after(self, model: str, field: str | None, text: str) -> None:
        """Writes a line behind that of a field."""
        if field is None:
            self.append_line(model, text)
            return
        found = self.field(model, field)
        self.edits.insert(found.span.file.whole, lines_of(found.span, found.span).end, f"  {text}\n")
        self.touched.add(model)

    def remove_field(self, model: str, name: str) -> None:
        if (model, name) not in self.removed:
            self.removed.add((model, name))
            self._remove(self.field(model, name))
            self.touched.add(model)

    def remove_attribute_line(self, model: str, written: Attribute) -> None:
        self.edits.delete(lines_of(written.span, written.span))
        self.touched.add(model)

    def _remove(self, item: Field | EnumMember) -> None:
        documentation = item.documentation
        start = documentation.span if documentation and documentation.span.start < item.span.start else item.span
        self.edits.delete(lines_of(start, item.span))

    # -- parts of lines ----------------------------------------------------------------------------------------------
    def set_type(self, model: str, field: Field, text: str) -> None:
        if field.type.span.text != text:
            self.edits.replace(field.type.span, text)
            self.touched.add(model)

    def set_attribute(self, model: str, field: Field, written: Attribute | None, text: str | None) -> None:
        """Writes an attribute of a field, changes or removes it."""
        if text == (written.span.text if written else None):
            return
        self.touched.add(model)
        if written is None:
            end = max([field.type.span.end, *(item.span.end for item in field.attributes)])
            self.edits.insert(field.span.file.whole, end, f" {text}")
        elif text is None:
            self.edits.delete(written.span)
        else:
            self.edits.replace(written.span, text)

    def replace_attribute(self, model: str, written: Attribute, text: str) -> None:
        self.edits.replace(written.span, text)
        self.touched.add(model)

    # -- blocks ------------------------------------------------------------------------------------------------------
    def remove_block(self, name: str) -> None:
        block = self.models.get(name) or self.enums[name]
        text = block.span.file.text
        start = block.span
        if (own := block.documentation) and not text[own.span.end : start.start].strip("\n ") and _is_near(own, start):
            start = own.span
        lines = lines_of(start, block.span)
        end = lines.end
        while text[end : end + 1] == "\n":
            end += 1
        self.edits.delete(Span(lines.file, lines.start, end))

    def append_block(self, text: str) -> None:
        """Writes a block at the end of the datasource's file."""
        self.edits.insert(self.home, len(self.home.text), f"\n{text}\n")

    # -- enums -------------------------------------------------------------------------------------------------------
    def set_values(self, enum: str, values: Sequence[tuple[str, str]], kept: Mapping[str, EnumMember]) -> None:
        """Gives an enum these values, by their texts in the database, in this order: lines of values that stay are moved at most.

        Args:
            values: each text, and the line for it where it is new.
            kept: the members that stay, by their texts.
        """
        block = self.enums[enum]
        self.touched.add(enum)
        members = {id(member): member for member in block.members}
        order = [id(kept[text]) for text, _ in values if text in kept]
        is_same_order = order == [it for it in members if it in set(order)]
        for present in block.members:
            if not is_same_order or id(present) not in order:
                self._remove(present)
        previous: EnumMember | None = None
        for text, line in values:
            member = kept.get(text)
            if member is None or not is_same_order:
                self._insert_value(
                    block, previous if is_same_order else None, _source(member) if member else f"  {line}\n"
                )
            else:
                previous = member

    def _insert_value(self, block: EnumBlock, previous: EnumMember | None, text: str) -> None:
        first = block.members[0] if block.members else None
        if previous is not None:
            self.edits.insert(block.span.file.whole, lines_of(previous.span, previous.span).end, text)
        elif first is not None and first.documentation is None:
            self.edits.insert(block.span.file.whole, lines_of(first.span, first.span).start, text)
        else:
            self._at_end(block, text.strip())


def _source(member: EnumMember) -> str:
    """The lines of a value, with what documents it."""
    documentation = member.documentation
    start = documentation.span if documentation and documentation.span.start < member.span.start else member.span
    return lines_of(start, member.span).text


def _is_near(documentation: Documentation, block: Span) -> bool:
    return block.file.text.count("\n", documentation.span.end, block.start) <= 1


def _home(document: Document) -> SourceFile:
    blocks: list[Block] = [
        item for item in document.blocks if isinstance(item, ConfigBlock) and item.keyword == "datasource"
    ]
    return blocks[0].span.file.whole if blocks else document.files[0]
