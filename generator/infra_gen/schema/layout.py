"""How Prisma lays out a schema file: the same lines, aligned in columns, attributes in a fixed order. Imports the grammar.

The result is Prisma's byte for byte, also where that surprises: what stands behind an opening brace is dropped, a `/* */` is
rewritten line by line, columns are measured in bytes of UTF-8, and a line that cannot be read stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from infra_gen.schema import grammar
from infra_gen.schema.lexer import BLANKS
from infra_gen.schema.lines import (
    AttributeLine,
    BlockLine,
    BlockLines,
    BrokenLine,
    Comment,
    CommentBlock,
    EmptyLines,
    FieldLine,
    FileLine,
    MemberLine,
    PropertyLine,
)
from infra_gen.schema.source import SourceFile
from infra_gen.schema.syntax import ArgumentList, ArrayValue, Attribute, FunctionValue, ObjectValue, Value

_INDENTATION = "  "

_ATTRIBUTE_ORDER = {
    name: place
    for place, name in enumerate(
        ("id", "unique", "default", "updatedAt", "index", "fulltext", "map", "relation", "ignore")
    )
}
"""Attributes of other names follow, in the order they were written."""

_ARITY_SIGNS = {"required": "", "optional": "?", "list": "[]"}


def laid_out(file: SourceFile) -> str:
    """The text of a file as Prisma lays it out."""
    lines = list(grammar.read(file))
    if lines and isinstance(lines[0], EmptyLines):
        del lines[0]
    if lines and isinstance(lines[-1], EmptyLines):
        del lines[-1]
    text = "".join(_file_line(line) for line in lines)
    return text if text.endswith("\n") else text + "\n"


def _file_line(line: FileLine) -> str:
    if isinstance(line, BlockLines):
        return _block(line)
    if isinstance(line, CommentBlock):
        return _Table(_comment_rows(line)).text("")
    if isinstance(line, EmptyLines):
        return "\n"
    return line.span.text


# Blocks ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """Cells aligned with those of the other rows of a table, and what follows them unaligned."""

    cells: list[str] = field(default_factory=list)
    comment: str = ""


@dataclass(slots=True)
class _RawRow:
    """A row that takes no part in the alignment."""

    text: str


class _Table:
    """Rows that are aligned with one another."""

    def __init__(self, rows: Sequence[_Row | _RawRow] = ()) -> None:
        self.rows = list(rows)

    def text(self, indentation: str) -> str:
        widths: dict[int, int] = {}
        for row in self.rows:
            if isinstance(row, _Row):
                while row.cells and not row.cells[-1]:
                    row.cells.pop()
                for column, cell in enumerate(row.cells):
                    widths[column] = max(widths.get(column, 0), _width(cell))
        return "".join(f"{indentation}{line}\n" if (line := _row_text(row, widths)) else "\n" for row in self.rows)


def _row_text(row: _Row | _RawRow, widths: dict[int, int]) -> str:
    if isinstance(row, _RawRow):
        return row.text
    *aligned, last = row.cells or [""]
    cells = [cell + " " * (widths[column] - _width(cell) + 1) for column, cell in enumerate(aligned)]
    text = "".join([*cells, last])
    return f"{text} {row.comment}" if text and row.comment else text + row.comment


def _width(cell: str) -> int:
    return len(cell) if cell.isascii() else len(cell.encode())


def _block(block: BlockLines) -> str:
    contents = _block_contents(block.lines)
    return f"{block.keyword} {block.name.name} {{\n{contents}}}\n"


def _block_contents(lines: Sequence[BlockLine]) -> str:
    """The lines in tables, a new one after each empty line, and the block's attributes behind them in their order."""
    tables = [_Table()]
    attributes: list[tuple[CommentBlock | None, AttributeLine]] = []
    comment_of_attribute: CommentBlock | None = None
    after_empty_lines = False
    for line, following in zip_longest(lines, lines[1:]):
        if isinstance(line, EmptyLines):
            after_empty_lines = line is not lines[0]
            continue
        if isinstance(line, AttributeLine):
            attributes.append((comment_of_attribute, line))
            comment_of_attribute = None
        elif isinstance(line, CommentBlock) and isinstance(following, AttributeLine):
            comment_of_attribute = line
        else:
            if after_empty_lines:
                tables.append(_Table([_Row()]))
            tables[-1].rows.extend(_rows(line))
        after_empty_lines = False
    if attributes:
        tables.append(_Table([_Row(), *_attribute_rows(attributes)]))
    return "".join(table.text(_INDENTATION) for table in tables)


def _rows(line: BlockLine) -> list[_Row | _RawRow]:
    if isinstance(line, FieldLine):
        return [_Row([line.name.name, _type(line), _field_attributes(line)], _comment(line.comment))]
    if isinstance(line, MemberLine):
        return [_Row([line.name.name, "".join(map(_attribute, line.attributes))], _comment(line.comment))]
    if isinstance(line, PropertyLine):
        value = line.property.value
        return [_Row([line.property.name.name, "" if value is None else f"= {_value(value)}"], _comment(line.comment))]
    if isinstance(line, CommentBlock):
        return list(_comment_rows(line))
    if isinstance(line, BrokenLine):
        return [_RawRow(line.span.text.rstrip("\n"))]
    return []


def _attribute_rows(attributes: list[tuple[CommentBlock | None, AttributeLine]]) -> list[_Row]:
    rows: list[_Row] = []
    for comment, line in sorted(attributes, key=lambda item: _place(item[1].attribute)):
        if comment is not None:
            rows.extend(_comment_rows(comment))
        rows.append(_Row([_attribute(line.attribute)], _comment(line.comment)))
    return rows


# Comments -------------------------------------------------------------------------------------------------------------


def _comment(comment: Comment | None) -> str:
    return "" if comment is None else comment.span.text


def _comment_rows(block: CommentBlock) -> list[_Row]:
    rows: list[_Row] = []
    for comment in block.comments:
        if comment.kind == "block":
            rows.extend(_Row(comment=text) for text in _star_lines(comment))
        else:
            rows.append(_Row(comment=comment.span.text.lstrip(BLANKS)))
    return rows


def _star_lines(comment: Comment) -> list[str]:
    """A `/* */` with a star before each line. Prisma cuts the signs off where it thinks they are: two characters at each end."""
    lines = ["/**"]
    for line in comment.span.text[2:-2].split("\n"):
        text = line.strip(BLANKS)
        if text.startswith("*"):
            text = text[1:].lstrip(BLANKS)
        if text:
            lines.append(f" * {text}")
    return [*lines, " */"]


# Fields, attributes and values ----------------------------------------------------------------------------------------


def _type(line: FieldLine) -> str:
    if line.type is None:
        return ""
    optional_list = any(form == "optional list" for form, _ in line.legacy)
    return line.base + ("[]?" if optional_list else _ARITY_SIGNS[line.type.arity])


def _field_attributes(line: FieldLine) -> str:
    return " ".join(map(_attribute, sorted(line.attributes, key=_place)))


def _place(attribute: Attribute) -> int:
    return _ATTRIBUTE_ORDER.get(attribute.name.name, len(_ATTRIBUTE_ORDER))


def _attribute(attribute: Attribute) -> str:
    arguments = "" if attribute.arguments is None else _arguments(attribute.arguments)
    return f"{'@@' if attribute.block else '@'}{attribute.name.name}{arguments}"


def _arguments(arguments: ArgumentList) -> str:
    written = [
        (
            argument.span.start,
            f"{argument.name.name}: {_value(argument.value)}" if argument.name else _value(argument.value),
        )
        for argument in arguments.arguments
    ]
    written += [(name.span.start, f"{name.name}: ") for name in arguments.empty_names]
    return f"({', '.join(text for _, text in sorted(written))})"


def _value(value: Value) -> str:
    if isinstance(value, FunctionValue):
        return value.name.name + _arguments(value.arguments)
    if isinstance(value, ArrayValue):
        return f"[{', '.join(map(_value, value.items))}]"
    if isinstance(value, ObjectValue):
        # Prisma writes an empty one with two spaces, and so do we.
        return f"{{ {', '.join(f'{item.name.name}: {_value(item.value)}' for item in value.members)} }}"
    return value.span.text
