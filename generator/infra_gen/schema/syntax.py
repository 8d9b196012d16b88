"""The located syntax tree: what is written, where, and nothing about what it means.

The parser makes it; the formatter, the checks and the resolution read it. Every node has a `span`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from infra_gen.schema.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Identifier:
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class StringValue:
    value: str
    """The text meant, escapes resolved."""
    span: Span


@dataclass(frozen=True, slots=True)
class NumberValue:
    text: str
    """As written: `1`, `-3.50`."""
    span: Span


@dataclass(frozen=True, slots=True)
class ConstantValue:
    """A bare word: a field's name, an enum member, `true`, `Cascade`. May hold dots (`user.name`)."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """`now()`, `env("X")`, `name(sort: Desc)`, `raw("…")`."""

    name: Identifier
    arguments: ArgumentList
    span: Span


@dataclass(frozen=True, slots=True)
class ArrayValue:
    items: tuple[Value, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectMember:
    """One `key: value` of an object."""

    name: Identifier
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """`{ active: true, role: { not: "GUEST" } }`: the condition of a partial index. Of Prisma 7."""

    members: tuple[ObjectMember, ...]
    span: Span


Value: TypeAlias = "StringValue | NumberValue | ConstantValue | FunctionValue | ArrayValue | ObjectValue"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an attribute or function. `value` is None only for `name:` with nothing behind it (`empty_names`)."""

    name: Identifier | None
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class ArgumentList:
    arguments: tuple[Argument, ...]
    empty_names: tuple[Identifier, ...]
    """Names with a colon but no value: an error the checks report."""
    trailing_comma: Span | None
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """`@id`, `@db.VarChar(40)`, `@@unique([a, b])`. `name` is without the signs: `db.VarChar`. `block` tells `@@` from `@`."""

    name: Identifier
    arguments: ArgumentList | None
    block: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Annotation:
    """`@infra.cache(ttl: 1800)` in a `///` comment: written like an attribute, for this tool or another, or no more than a word."""

    name: Identifier
    arguments: ArgumentList | None
    unreadable: Span | None
    """Where its arguments stop being arguments of this language; None where they do not."""
    span: Span
    """Without the arguments where they are unreadable."""


@dataclass(frozen=True, slots=True)
class Documentation:
    """The `///` lines (and `/* */`) before something, or on a field behind it."""

    lines: tuple[Span, ...]
    """What each of them says: without its sign and the blanks around it."""
    span: Span
    annotations: tuple[Annotation, ...]
    """Those in `///` lines that belong to what is documented; see `Document.loose_annotations`."""

    @property
    def text(self) -> str:
        """The lines, joined."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class FieldType:
    """`String`, `Post[]`, `Unsupported("circle")?`. `unsupported` is the text within the brackets."""

    name: str
    unsupported: StringValue | None
    arity: Literal["required", "optional", "list"]
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    name: Identifier
    type: FieldType
    attributes: tuple[Attribute, ...]
    documentation: Documentation | None
    span: Span


@dataclass(frozen=True, slots=True)
class ModelBlock:
    """`model`, `view` or `type`."""

    keyword: Literal["model", "view", "type"]
    name: Identifier
    fields: tuple[Field, ...]
    attributes: tuple[Attribute, ...]
    documentation: Documentation | None
    span: Span


@dataclass(frozen=True, slots=True)
class EnumMember:
    name: Identifier
    attributes: tuple[Attribute, ...]
    documentation: Documentation | None
    span: Span


@dataclass(frozen=True, slots=True)
class EnumBlock:
    name: Identifier
    members: tuple[EnumMember, ...]
    attributes: tuple[Attribute, ...]
    documentation: Documentation | None
    span: Span


@dataclass(frozen=True, slots=True)
class Property:
    """`key = value` in a datasource or generator block. `value` is None for `key =`."""

    name: Identifier
    value: Value | None
    span: Span


@dataclass(frozen=True, slots=True)
class ConfigBlock:
    keyword: Literal["datasource", "generator"]
    name: Identifier
    properties: tuple[Property, ...]
    documentation: Documentation | None
    span: Span


Block: TypeAlias = "ModelBlock | EnumBlock | ConfigBlock"


@dataclass(frozen=True, slots=True)
class Document:
    """A whole schema: the blocks of all its files, in the order of files and source."""

    files: tuple[SourceFile, ...]
    blocks: tuple[Block, ...]
    loose_annotations: tuple[Annotation, ...] = ()
    """Annotations in comments that stand neither right above nor behind something they could belong to.

    Prisma takes some of those comments for documentation of what comes further below (a comment above a datasource documents the
    next model); an annotation never goes that far.
    """
