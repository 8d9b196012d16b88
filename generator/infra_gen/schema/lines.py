"""The lines of a schema file: what its text consists of, comments, blank and broken lines included, in the order of the text.

The grammar makes them, the parser reads the syntax tree from them, and the formatter writes them anew.
Imports the sources, the syntax tree, and what blanks are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from infra_gen.schema.lexer import BLANKS
from infra_gen.schema.source import Span
from infra_gen.schema.syntax import Attribute, FieldType, Identifier, Property

LegacyForm: TypeAlias = Literal["colon", "required", "brackets", "optional list"]
"""Forms of Prisma 1 (`name: Type`, `Type!`, `[Type]`) and the one there never was (`Type[]?`)."""


@dataclass(slots=True)
class Comment:
    """`documentation` is `///`, `line` is `//`, `block` is `/* */`. The span of a `block` comment holds the spaces before it."""

    kind: Literal["documentation", "line", "block"]
    span: Span

    @property
    def content(self) -> Span:
        """What it says, of a comment that documents: a `///` or a `/* */`."""
        # Prisma takes two characters off both ends of a `/* */`, also where spaces come first; its documentation then begins
        # with what is left of the sign.
        text = self.span.text
        if self.kind == "documentation":
            rest = text.lstrip(BLANKS)[3:].lstrip(BLANKS)
            return Span(self.span.file, self.span.end - len(rest), self.span.end)
        rest = text[2:-2].lstrip(BLANKS)
        start = self.span.end - 2 - len(rest)
        return Span(self.span.file, start, start + len(rest.rstrip(BLANKS)))


@dataclass(slots=True)
class CommentBlock:
    """Comments with nothing between them but line ends."""

    comments: tuple[Comment, ...]
    span: Span


@dataclass(slots=True)
class EmptyLines:
    span: Span


@dataclass(slots=True)
class BrokenLine:
    """A line that is none of those its block may hold. `reached` is where reading it failed."""

    span: Span
    reached: int


@dataclass(slots=True)
class FieldLine:
    name: Identifier
    type: FieldType | None
    base: str
    """The type as written, without its arity: `Unsupported( "circle" )`."""
    legacy: tuple[tuple[LegacyForm, Span], ...]
    attributes: tuple[Attribute, ...]
    comment: Comment | None
    span: Span


@dataclass(slots=True)
class MemberLine:
    name: Identifier
    attributes: tuple[Attribute, ...]
    comment: Comment | None
    span: Span


@dataclass(slots=True)
class PropertyLine:
    property: Property
    comment: Comment | None


@dataclass(slots=True)
class AttributeLine:
    attribute: Attribute
    comment: Comment | None


BlockLine: TypeAlias = "FieldLine | MemberLine | PropertyLine | AttributeLine | CommentBlock | EmptyLines | BrokenLine"


@dataclass(slots=True)
class BlockLines:
    keyword: Literal["model", "view", "type", "enum", "datasource", "generator"]
    name: Identifier
    lines: tuple[BlockLine, ...]
    span: Span


@dataclass(slots=True)
class UnknownBlock:
    """A block that begins with no known keyword."""

    span: Span


@dataclass(slots=True)
class AliasLine:
    """`type Name = Type`, which Prisma 2 tried and gave up."""

    span: Span


@dataclass(slots=True)
class UnreadPiece:
    """A block and the comments above it, still to be read: whatever stands around them, they are read the same."""

    span: Span


FileLine: TypeAlias = "BlockLines | UnknownBlock | AliasLine | CommentBlock | EmptyLines | BrokenLine | UnreadPiece"
