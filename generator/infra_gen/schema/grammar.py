"""The grammar of the Prisma schema language: text to lines. Imports the lexemes, the lines and the syntax tree.

It answers for every text: what is no line of its block becomes a `BrokenLine`, and reading goes on behind it, as in Prisma's own
grammar. What such a line should have been, and everything else there is to say to the user, is the parser's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise
from typing import Literal, TypeAlias, cast

from infra_gen.schema import lexer
from infra_gen.schema.lines import (
    AliasLine,
    AttributeLine,
    BlockLine,
    BlockLines,
    BrokenLine,
    Comment,
    CommentBlock,
    EmptyLines,
    FieldLine,
    FileLine,
    LegacyForm,
    MemberLine,
    PropertyLine,
    UnknownBlock,
    UnreadPiece,
)
from infra_gen.schema.source import Piece, SourceFile, Span
from infra_gen.schema.strings import unescaped
from infra_gen.schema.syntax import (
    Annotation,
    Argument,
    ArgumentList,
    ArrayValue,
    Attribute,
    ConstantValue,
    FieldType,
    FunctionValue,
    Identifier,
    NumberValue,
    ObjectMember,
    ObjectValue,
    Property,
    StringValue,
    Value,
)

_DEEPEST = 100
"""How deep values may nest: far beyond any schema, far above what Python's stack holds."""

_Arity: TypeAlias = Literal["required", "optional", "list"]
_ARITIES: dict[str | None, tuple[_Arity, LegacyForm | None]] = {
    None: ("required", None),
    "?": ("optional", None),
    "[]": ("list", None),
    "!": ("required", "required"),
}
_OPTIONAL_LIST: tuple[_Arity, LegacyForm | None] = ("list", "optional list")


def read(file: SourceFile | Piece, in_pieces: bool = False) -> tuple[FileLine, ...]:
    """All lines of a file. `in_pieces`: blocks that can be read apart from the rest are left to be."""
    return _Reader(file, file.text).file_lines(in_pieces=in_pieces)


def read_annotations(file: SourceFile | Piece, lines: Iterable[FileLine]) -> dict[int, tuple[Annotation, ...]]:
    """All annotations in the `///` comments of a file, by the start of the comment they begin in.

    Brackets may be open from one `///` to the next, if nothing stands between: what separates the two counts as blanks.
    """
    if lexer.ANNOTATED_LINE.search(file.text) is None:
        return {}
    groups = [group for group in _documentation_lines(lines) if any("@" in line.span.text for line in group)]
    text, kept = [], 0
    for group in groups:
        for line, following in pairwise(group):
            gap, behind = line.span.end, following.content.start
            # Tabs are blanks that cannot stand in a string: a string never goes on in the next comment.
            text += [file.text[kept:gap], "\t" * (behind - gap)]
            kept = behind
    reader = _Reader(file, "".join([*text, file.text[kept:]]))
    found: dict[int, tuple[Annotation, ...]] = {}
    for group in groups:
        read_to = 0
        for line in group:
            found[line.span.start], read_to = reader.annotations(max(line.content.start, read_to), line.content.end)
    return found


def _documentation_lines(lines: Iterable[FileLine | BlockLine]) -> Iterator[list[Comment]]:
    """The `///` comments, those together that follow each other directly."""
    for line in lines:
        if isinstance(line, BlockLines):
            # Behind its brace a block's first line is not read: a comment there documents nothing.
            if opening := lexer.OPENING_COMMENT.match(line.span.file.text, line.name.span.end):
                yield [Comment("documentation", Span(line.span.file, *opening.span("documentation")))]
            yield from _documentation_lines(line.lines)
        elif isinstance(line, CommentBlock):
            for is_documentation, group in groupby(line.comments, lambda comment: comment.kind == "documentation"):
                if is_documentation:
                    yield list(group)
        elif isinstance(line, (FieldLine, MemberLine, PropertyLine, AttributeLine)):
            if line.comment is not None and line.comment.kind == "documentation":
                yield [line.comment]


class _Mismatch(Exception):
    """What stands at `offset` is not what a line of the wanted kind goes on with."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class _Reader:
    """Reads one file. Methods take an offset, and answer what stands there and the offset behind it.

    `text` is the file's, or one of the same length in which parts are blanked out.
    """

    def __init__(self, file: SourceFile | Piece, text: str) -> None:
        self._file = file
        self._text = text
        # Where nothing goes over the end of a line, a block that is not closed tells that none behind it is: this keeps the
        # reading of many open blocks from taking the square of their number.
        self._every_line_stands_alone = not any(sign in file.text for sign in ("/*", "\\\n", "\\\r"))
        self._rest_is_not_closed = False

    # The file ---------------------------------------------------------------------------------------------------------

    def file_lines(self, *, in_pieces: bool) -> tuple[FileLine, ...]:
        lines: list[FileLine] = []
        behind, position = 0, self._behind_spaces(0)
        while position < len(self._text):
            line = (self._piece(behind) if in_pieces else None) or self._file_line(position)
            lines.append(line)
            behind = line.span.end
            position = self._behind_spaces(behind)
        return tuple(lines)

    def _piece(self, start: int) -> UnreadPiece | None:
        """A block, if it begins with a line: comments behind something else on theirs belong to that, too."""
        if start and self._text[start - 1] not in "\n\r":
            return None
        if self._rest_is_not_closed and self._every_line_stands_alone:
            return None
        found = lexer.PIECE.match(self._text, start)
        if found is None or lexer.OVER_LINES.search(self._text, start, found.end()):
            return None
        return UnreadPiece(self._span(start, found.end()))

    def _file_line(self, position: int) -> FileLine:
        return (
            self._block(position)
            or self._alias(position)
            or self._unknown_block(position)
            or self._comments(position)
            or self._empty_lines(position)
            or self._broken_line(position, position)
        )

    def _block(self, position: int) -> BlockLines | None:
        opening = lexer.BLOCK_OPENING.match(self._text, position)
        if opening is None or (self._rest_is_not_closed and self._every_line_stands_alone):
            return None
        keyword = cast(Literal["model", "view", "type", "enum", "datasource", "generator"], opening["keyword"])
        start, position = position, self._behind_spaces(opening.end())
        lines: list[BlockLine] = []
        reading = _READINGS[keyword]
        while position < len(self._text):
            if self._text[position] == "}":
                name = Identifier(opening["name"], self._span(*opening.span("name")))
                return BlockLines(keyword, name, tuple(lines), self._span(start, position + 1))
            line, position = self._block_line(reading, position)
            lines.append(line)
            position = self._behind_spaces(position)
        self._rest_is_not_closed = True
        return None

    def _alias(self, position: int) -> AliasLine | None:
        found = lexer.TYPE_ALIAS.match(self._text, position)
        if found is None:
            return None
        end = self._attributes(found.end())[1]
        return AliasLine(self._span(position, self._behind_spaces(end)))

    def _unknown_block(self, position: int) -> UnknownBlock | None:
        found = lexer.UNKNOWN_BLOCK.match(self._text, position)
        return None if found is None else UnknownBlock(self._span(position, found.end()))

    # Lines of a block -------------------------------------------------------------------------------------------------

    def _block_line(self, readings: dict[str, _Reading], position: int) -> tuple[BlockLine, int]:
        character = self._text[position]
        reached = position
        reading = readings.get("@" if character == "@" else "a" if character.isalnum() else "")
        if reading is not None:
            try:
                return reading(self, position)
            except _Mismatch as mismatch:
                reached = mismatch.offset
        found = self._comments(position) or self._empty_lines(position) or self._broken_line(position, reached)
        return found, found.span.end

    def _field(self, position: int) -> tuple[FieldLine, int]:
        head = lexer.FIELD.match(self._text, position)
        if head is None:
            raise _Mismatch(position)
        attributes, end = self._attributes(head.end())
        comment, behind = self._line_end(end)
        name = Identifier(head["name"], self._span(*head.span("name")))
        legacy: list[tuple[LegacyForm, Span]] = []
        if head["colon"] is not None:
            legacy.append(("colon", self._span(*head.span("colon"))))
        kind = self._type(head, legacy)
        base = head["base"] or head["element"] or ""
        return FieldLine(name, kind, base, tuple(legacy), attributes, comment, self._span(position, end)), behind

    def _type(self, head: re.Match[str], legacy: list[tuple[LegacyForm, Span]]) -> FieldType | None:
        """The type a field's head gives; a form of it that is refused is added to `legacy`."""
        base, brackets = head["base"], head["brackets"]
        if base is not None:
            suffix = head["suffix"]
            start, end = head.start("base"), head.end()
            arity, form = _ARITIES.get(suffix, _OPTIONAL_LIST)
            literal = head.span("unsupported")
        elif brackets is not None:
            base = head["element"]
            start, end = head.span("brackets")
            arity, form = "list", "brackets"
            literal = head.span("unsupported_element")
        else:
            return None
        span = self._span(start, end)
        if form is not None:
            legacy.append((form, span))
        if literal[0] < 0:
            return FieldType(base, None, arity, span)
        return FieldType("Unsupported", self._string(*literal), arity, span)

    def _member(self, position: int) -> tuple[MemberLine, int]:
        name = lexer.MEMBER.match(self._text, position)
        if name is None:
            raise _Mismatch(position)
        attributes, end = self._attributes(name.end())
        comment, behind = self._line_end(end)
        identifier = Identifier(name[0], self._span(position, name.end()))
        return MemberLine(identifier, attributes, comment, self._span(position, end)), behind

    def _property(self, position: int) -> tuple[PropertyLine, int]:
        head = lexer.PROPERTY.match(self._text, position)
        if head is None:
            raise _Mismatch(position)
        value, end = None, head.end("equals")
        if lexer.VALUE.match(self._text, end) is not None:
            value, end = self._value(end, 0)
        comment, behind = self._line_end(end)
        name = Identifier(head["name"], self._span(*head.span("name")))
        return PropertyLine(Property(name, value, self._span(position, end)), comment), behind

    def _block_attribute(self, position: int) -> tuple[AttributeLine, int]:
        head = lexer.BLOCK_ATTRIBUTE.match(self._text, position)
        if head is None:
            raise _Mismatch(position)
        attribute = self._attribute(head)
        comment, behind = self._line_end(attribute.span.end)
        return AttributeLine(attribute, comment), behind

    def _line_end(self, position: int) -> tuple[Comment | None, int]:
        end = lexer.LINE_END.match(self._text, position)
        if end is None:
            raise _Mismatch(position)
        return None if end.lastgroup is None else self._comment(end, end.start(end.lastgroup)), end.end()

    def _broken_line(self, position: int, reached: int) -> BrokenLine:
        end = lexer.REST_OF_LINE.match(self._text, position)
        return BrokenLine(self._span(position, end.end() if end else position), reached)

    def _empty_lines(self, position: int) -> EmptyLines | None:
        found = lexer.EMPTY_LINES.match(self._text, position)
        return None if found is None else EmptyLines(self._span(position, found.end()))

    def _comments(self, position: int) -> CommentBlock | None:
        comments: list[Comment] = []
        end = position
        while found := lexer.COMMENT.match(self._text, end):
            comments.append(self._comment(found, found.start()))
            end = found.end()
        return CommentBlock(tuple(comments), self._span(position, end)) if comments else None

    def _comment(self, found: re.Match[str], start: int) -> Comment:
        kind = cast(Literal["documentation", "line", "block"], found.lastgroup)
        return Comment(kind, self._span(start, found.end(kind)))

    # Attributes and values --------------------------------------------------------------------------------------------

    def _attributes(self, position: int) -> tuple[tuple[Attribute, ...], int]:
        """The attributes of a field or member, perhaps none."""
        attributes: list[Attribute] = []
        while head := lexer.FIELD_ATTRIBUTE.match(self._text, position):
            attributes.append(self._attribute(head))
            position = attributes[-1].span.end
        return tuple(attributes), position

    def _attribute(self, head: re.Match[str]) -> Attribute:
        name = Identifier(head["name"], self._span(*head.span("name")))
        arguments, end = None, head.end()
        if head["opening"] is not None:
            arguments, end = self._arguments(end, 1)
        return Attribute(name, arguments, head["sign"] == "@@", self._span(head.start("sign"), end))

    def annotations(self, start: int, end: int) -> tuple[tuple[Annotation, ...], int]:
        """The annotations that begin between two offsets of a line of documentation, and the offset they were read to."""
        annotations: list[Annotation] = []
        position = start
        while head := lexer.ANNOTATION.search(self._text, position, end):
            if head.start() > start and self._text[head.start() - 1] not in lexer.BLANKS:
                # Part of an address, or of code in backticks.
                position = head.start() + 1
                continue
            annotations.append(self._annotation(head))
            position = annotations[-1].span.end
        return tuple(annotations), position

    def _annotation(self, head: re.Match[str]) -> Annotation:
        name = Identifier(head["name"], self._span(*head.span("name")))
        if head["opening"] is None:
            return Annotation(name, None, None, self._span(head.start(), head.end()))
        try:
            arguments, end = self._arguments(head.end(), 1)
        except _Mismatch as mismatch:
            failed = self._span(mismatch.offset, min(mismatch.offset + 1, len(self._text)))
            return Annotation(name, None, failed, self._span(head.start(), head.end("name")))
        return Annotation(name, arguments, None, self._span(head.start(), end))

    def _arguments(self, position: int, depth: int) -> tuple[ArgumentList, int]:
        """The arguments behind an opening parenthesis, and the offset behind the closing one."""
        text, start = self._text, position - 1
        arguments: list[Argument] = []
        empty_names: list[Identifier] = []
        trailing_comma = None
        closing = lexer.CLOSING_PARENTHESIS.match(text, position)
        while closing is None:
            comma = lexer.COMMA.match(text, position)
            if comma is not None and (closing := lexer.CLOSING_PARENTHESIS.match(text, comma.end())):
                trailing_comma = self._span(comma.end() - 1, comma.end())
                break
            if arguments or empty_names:
                if comma is None:
                    raise _Mismatch(self._behind_spaces(position))
                position = comma.end()
            position = self._argument(position, depth, arguments, empty_names)
            closing = lexer.CLOSING_PARENTHESIS.match(text, position)
        end = closing.end()
        return ArgumentList(tuple(arguments), tuple(empty_names), trailing_comma, self._span(start, end)), end

    def _argument(self, position: int, depth: int, arguments: list[Argument], empty_names: list[Identifier]) -> int:
        """Adds the argument that stands there to one of the two lists, and answers the offset behind it."""
        head = lexer.ARGUMENT_NAME.match(self._text, position)
        if head is None:
            value, end = self._value(position, depth)
            arguments.append(Argument(None, value, value.span))
            return end
        name = Identifier(head["name"], self._span(*head.span("name")))
        if lexer.VALUE.match(self._text, head.end()) is None:
            empty_names.append(name)
            return head.end()
        value, end = self._value(head.end(), depth)
        arguments.append(Argument(name, value, self._span(name.span.start, end)))
        return end

    def _value(self, position: int, depth: int) -> tuple[Value, int]:
        head = lexer.VALUE.match(self._text, position)
        if head is None or depth > _DEEPEST:
            raise _Mismatch(self._behind_spaces(position))
        kind = cast(str, head.lastgroup)
        start, end = head.span(kind)
        if kind == "constant":
            return ConstantValue(head[kind], self._span(start, end)), end
        if kind == "string":
            return self._string(start, end), end
        if kind == "number":
            return NumberValue(head[kind], self._span(start, end)), end
        if kind == "function":
            name = Identifier(head[kind], self._span(start, end))
            arguments, end = self._arguments(head.end(), depth + 1)
            return FunctionValue(name, arguments, self._span(start, end)), end
        if kind == "object":
            return self._object(start, depth + 1)
        return self._array(start, depth + 1)

    def _array(self, start: int, depth: int) -> tuple[ArrayValue, int]:
        items: list[Value] = []
        position = start + 1
        closing = lexer.CLOSING_BRACKET.match(self._text, position)
        while closing is None:
            if items:
                comma = lexer.COMMA.match(self._text, position)
                if comma is None:
                    raise _Mismatch(self._behind_spaces(position))
                position = comma.end()
            item, position = self._value(position, depth)
            items.append(item)
            closing = lexer.CLOSING_BRACKET.match(self._text, position)
        return ArrayValue(tuple(items), self._span(start, closing.end())), closing.end()

    def _object(self, start: int, depth: int) -> tuple[ObjectValue, int]:
        members: list[ObjectMember] = []
        position = start + 1
        closing = lexer.CLOSING_BRACE.match(self._text, position)
        while closing is None:
            if members:
                comma = lexer.COMMA.match(self._text, position)
                if comma is None:
                    raise _Mismatch(self._behind_spaces(position))
                position = comma.end()
            head = lexer.ARGUMENT_NAME.match(self._text, position)
            if head is None:
                raise _Mismatch(self._behind_spaces(position))
            name = Identifier(head["name"], self._span(*head.span("name")))
            value, position = self._value(head.end(), depth)
            members.append(ObjectMember(name, value, self._span(name.span.start, position)))
            closing = lexer.CLOSING_BRACE.match(self._text, position)
        return ObjectValue(tuple(members), self._span(start, closing.end())), closing.end()

    # Places -----------------------------------------------------------------------------------------------------------

    def _string(self, start: int, end: int) -> StringValue:
        return StringValue(unescaped(self._file, start, end), self._span(start, end))

    def _behind_spaces(self, position: int) -> int:
        spaces = lexer.SPACE.match(self._text, position)
        return position if spaces is None else spaces.end()

    def _span(self, start: int, end: int) -> Span:
        return Span(self._file, start, end)


_Reading: TypeAlias = Callable[[_Reader, int], "tuple[BlockLine, int]"]

_OF_MODELS: dict[str, _Reading] = {"a": _Reader._field, "@": _Reader._block_attribute}
_OF_ENUMS: dict[str, _Reading] = {"a": _Reader._member, "@": _Reader._block_attribute}
_OF_CONFIGURATION: dict[str, _Reading] = {"a": _Reader._property}
_READINGS = {
    "model": _OF_MODELS,
    "view": _OF_MODELS,
    "type": _OF_MODELS,
    "enum": _OF_ENUMS,
    "datasource": _OF_CONFIGURATION,
    "generator": _OF_CONFIGURATION,
}
"""How a line of a block is read, by its first character: `a` for a name, `@` for an attribute."""
