"""The parser: the lines of a schema's files to the located syntax tree, and everything that is wrong with how it is written.

It never fails: a line that cannot be read is reported and left out, and the rest goes on. Which documentation belongs to what
follows Prisma, oddities included, for it shows in the DMMF. Imports the grammar and the syntax tree.

With a memo, blocks are read piece by piece: each with the comments above it as if it were a file, and only once as long as its text stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Literal, TypeAlias, cast

from infra_gen.memo import Memo
from infra_gen.schema import grammar
from infra_gen.schema.advice import (
    LEGACY_FORMS,
    TYPE_ALIAS,
    broken_line,
    composite_field_attribute,
    composite_type_attribute,
    field_without_type,
    unknown_block,
)
from infra_gen.schema.lines import (
    AliasLine,
    AttributeLine,
    BlockLines,
    BrokenLine,
    Comment,
    CommentBlock,
    FieldLine,
    FileLine,
    MemberLine,
    PropertyLine,
    UnknownBlock,
    UnreadPiece,
)
from infra_gen.schema.source import Diagnostic, Piece, SourceFile, Span
from infra_gen.schema.strings import escape_errors
from infra_gen.schema.syntax import (
    Annotation,
    ArgumentList,
    ArrayValue,
    Attribute,
    Block,
    ConfigBlock,
    Document,
    Documentation,
    EnumBlock,
    EnumMember,
    Field,
    FunctionValue,
    ModelBlock,
    ObjectValue,
    Property,
    StringValue,
    Value,
)


def parse(files: Sequence[SourceFile], memo: Memo | None = None) -> tuple[Document, tuple[Diagnostic, ...]]:
    """The syntax tree of a schema and what is wrong with its writing, in the order of files and source.

    Where there are errors, the tree holds what could be read: good for an editor, not for generating. With a memo, spans in the tree
    may be of a piece of a file; where that stands is right until the same memo is used again.
    """
    blocks: list[Block] = []
    loose: list[Annotation] = []
    diagnostics: list[Diagnostic] = []
    read_piece = None if memo is None else partial(_read_piece_of, memo, Counter())
    for file in files:
        parser = _FileParser(file, _lines(file, memo), read_piece)
        blocks.extend(parser.blocks())
        loose.extend(parser.loose_annotations())
        diagnostics.extend(sorted(parser.diagnostics, key=lambda item: item.span.offset))
    return Document(tuple(files), tuple(blocks), tuple(loose)), tuple(diagnostics)


def configuration(files: Sequence[SourceFile], memo: Memo) -> Iterator[ConfigBlock]:
    """The datasource and generator blocks of a schema, nothing else read: quickly, and without a word on what is wrong."""
    for file in files:
        for line in _lines(file, memo):
            if isinstance(line, BlockLines) and (line.keyword == "datasource" or line.keyword == "generator"):
                properties = tuple(item.property for item in line.lines if isinstance(item, PropertyLine))
                yield ConfigBlock(line.keyword, line.name, properties, None, line.span)


def _lines(file: SourceFile, memo: Memo | None) -> tuple[FileLine, ...]:
    """The lines of a file; with a memo in pieces, and read once."""
    return grammar.read(file) if memo is None else memo(grammar.read, file, True)


@dataclass(frozen=True, slots=True)
class _ReadPiece:
    """What was read of a piece; see `grammar.read`."""

    piece: Piece
    block: ModelBlock | EnumBlock
    has_comments: bool
    loose_annotations: tuple[Annotation, ...]
    diagnostics: tuple[Diagnostic, ...]


_PieceReader: TypeAlias = Callable[[UnreadPiece], _ReadPiece]


def _read_piece_of(memo: Memo, seen: Counter[str], line: UnreadPiece) -> _ReadPiece:
    """A piece where it stands now. Pieces of the same text are several, as each has a place of its own."""
    text = line.span.text
    seen[text] += 1
    found = memo(_read_piece, text, seen[text])
    found.piece.put(line.span.file.whole, line.span.start)
    return found


def _read_piece(text: str, occurrence: int) -> _ReadPiece:
    piece = Piece(text)
    parser = _FileParser(piece, grammar.read(piece), None)
    (block,) = parser.blocks()
    assert not isinstance(block, ConfigBlock)
    return _ReadPiece(
        piece, block, parser.begins_with_comments, tuple(parser.loose_annotations()), tuple(parser.diagnostics)
    )


class _FileParser:
    def __init__(self, file: SourceFile | Piece, lines: tuple[FileLine, ...], read_piece: _PieceReader | None) -> None:
        self._lines = lines
        self._read_piece = read_piece
        self._annotations = grammar.read_annotations(file, self._lines)
        self._loose: list[Annotation] = []
        self._has_escapes = "\\" in file.text
        self.diagnostics: list[Diagnostic] = []

    @property
    def begins_with_comments(self) -> bool:
        return isinstance(self._lines[0], CommentBlock)

    def blocks(self) -> Iterator[Block]:
        # A comment right before a block is its documentation. Before a datasource or generator it stays pending, and the
        # next model, view, type or enum that has none of its own gets it: so does Prisma.
        pending: CommentBlock | None = None
        for previous, line, following in zip((None, *self._lines), self._lines, (*self._lines[1:], None), strict=False):
            if isinstance(line, CommentBlock):
                if isinstance(previous, (BlockLines, UnreadPiece)):
                    # With no line end between, its first comment stands behind the closing brace.
                    self._part_annotations(line.comments[:1])
                if isinstance(following, (BlockLines, UnreadPiece)):
                    pending = line
            elif isinstance(line, BlockLines):
                if line.keyword == "datasource" or line.keyword == "generator":
                    self._part_annotations(pending.comments if pending is not None else ())
                    yield self._configuration(line, line.keyword)
                else:
                    yield self._declaration(line, self._documentation(pending, None))
                    pending = None
            elif isinstance(line, UnreadPiece):
                yield self._declaration_of_piece(line, pending)
                pending = None
            elif isinstance(line, BrokenLine):
                self._error(broken_line(line, None), line.span)
            elif isinstance(line, UnknownBlock):
                self._error(unknown_block(line.span), line.span)
            elif isinstance(line, AliasLine):
                self._error(TYPE_ALIAS, line.span)

    def loose_annotations(self) -> list[Annotation]:
        """Those that belong to nothing, once the blocks are read."""
        left = [annotation for annotations in self._annotations.values() for annotation in annotations]
        return sorted([*self._loose, *left], key=lambda annotation: annotation.span.offset)

    def _declaration_of_piece(self, line: UnreadPiece, pending: CommentBlock | None) -> ModelBlock | EnumBlock:
        assert self._read_piece is not None
        found = self._read_piece(line)
        self._loose.extend(found.loose_annotations)
        self.diagnostics.extend(found.diagnostics)
        if pending is None or found.has_comments:
            return found.block
        return replace(found.block, documentation=self._documentation(pending, None))

    def _configuration(self, block: BlockLines, keyword: Literal["datasource", "generator"]) -> ConfigBlock:
        properties: list[Property] = []
        comment: CommentBlock | None = None
        for line in block.lines:
            if isinstance(line, PropertyLine):
                if line.property.value is not None:
                    self._check_strings(line.property.value)
                properties.append(line.property)
            elif isinstance(line, CommentBlock):
                comment = line
            elif isinstance(line, BrokenLine):
                self._error(broken_line(line, keyword), line.span)
        self._part_annotations(comment.comments if comment is not None else ())
        return ConfigBlock(keyword, block.name, tuple(properties), self._documentation(comment, None), block.span)

    def _declaration(self, block: BlockLines, documentation: Documentation | None) -> ModelBlock | EnumBlock:
        fields: list[Field] = []
        members: list[EnumMember] = []
        attributes: list[Attribute] = []
        pending: CommentBlock | None = None
        for line in block.lines:
            if isinstance(line, FieldLine):
                fields.extend(self._field(line, pending))
                pending = None
            elif isinstance(line, MemberLine):
                self._check_attributes(line.attributes)
                described = self._documentation(pending, line.comment)
                members.append(EnumMember(line.name, line.attributes, described, line.span))
                pending = None
            elif isinstance(line, AttributeLine):
                self._part_annotations(pending.comments if pending is not None else ())
                self._check_attributes((line.attribute,))
                attributes.append(line.attribute)
            elif isinstance(line, CommentBlock):
                pending = line
            elif isinstance(line, BrokenLine):
                self._error(broken_line(line, block.keyword), line.span)
        if block.keyword == "enum":
            return EnumBlock(block.name, tuple(members), tuple(attributes), documentation, block.span)
        keyword = cast(Literal["model", "view", "type"], block.keyword)
        if keyword == "type":
            self._check_composite_type(fields, attributes)
        return ModelBlock(keyword, block.name, tuple(fields), tuple(attributes), documentation, block.span)

    def _field(self, line: FieldLine, comment: CommentBlock | None) -> Iterator[Field]:
        """The field of a line, if its type is written as a type is: otherwise there is no such field, as in Prisma."""
        for form, span in line.legacy:
            self._error(LEGACY_FORMS[form], span)
        if line.type is None:
            self._error(field_without_type(line.name.name), line.span)
        elif line.type.unsupported is not None:
            self._check_strings(line.type.unsupported)
        self._check_attributes(line.attributes)
        documentation = self._documentation(comment, line.comment)
        if line.type is not None and not line.legacy:
            yield Field(line.name, line.type, line.attributes, documentation, line.span)

    def _check_composite_type(self, fields: Sequence[Field], attributes: Sequence[Attribute]) -> None:
        for attribute in attributes:
            self._error(composite_type_attribute(attribute.name.name), attribute.span)
        for field in fields:
            for attribute in field.attributes:
                if attribute.name.name in ("id", "unique", "relation"):
                    self._error(composite_field_attribute(attribute.name.name), attribute.span)

    def _check_attributes(self, attributes: Sequence[Attribute]) -> None:
        if self._has_escapes:
            for attribute in attributes:
                if attribute.arguments is not None:
                    self._check_arguments(attribute.arguments)

    def _check_arguments(self, arguments: ArgumentList) -> None:
        for argument in arguments.arguments:
            self._check_strings(argument.value)

    def _check_strings(self, value: Value) -> None:
        if isinstance(value, StringValue):
            self.diagnostics.extend(escape_errors(value.span))
        elif isinstance(value, FunctionValue):
            self._check_arguments(value.arguments)
        elif isinstance(value, ArrayValue):
            for item in value.items:
                self._check_strings(item)
        elif isinstance(value, ObjectValue):
            for member in value.members:
                self._check_strings(member.value)

    def _documentation(self, before: CommentBlock | None, behind: Comment | None) -> Documentation | None:
        """What the comments before something and the one behind it say of it. A `//` says nothing."""
        comments = [
            comment
            for comment in (
                *(before.comments if before is not None else ()),
                *((behind,) if behind is not None else ()),
            )
            if comment.kind != "line"
        ]
        if not comments:
            return None
        span = Span(comments[0].span.file, comments[0].span.start, comments[-1].span.end)
        return Documentation(tuple(comment.content for comment in comments), span, self._taken_annotations(comments))

    def _part_annotations(self, comments: Iterable[Comment]) -> None:
        """The annotations of these comments belong to nothing, whatever the comments document."""
        self._loose.extend(self._taken_annotations(comments))

    def _taken_annotations(self, comments: Iterable[Comment]) -> tuple[Annotation, ...]:
        if not self._annotations:
            return ()
        return tuple(chain.from_iterable(self._annotations.pop(comment.span.start, ()) for comment in comments))

    def _error(self, message: str, span: Span) -> None:
        self.diagnostics.append(Diagnostic(message, span))
