"""Names: reserved, ill-formed, given twice.

Imports the syntax tree, the report and the readers of values.
"""

from __future__ import annotations

from collections.abc import Iterable

from infra_gen.checks.report import Report
from infra_gen.memo import Memo
from infra_gen.schema.syntax import (
    Attribute,
    Block,
    ConfigBlock,
    Document,
    EnumBlock,
    Identifier,
    ModelBlock,
    Property,
)

BUILTIN_TYPES = ("String", "Int", "BigInt", "Float", "Decimal", "Boolean", "DateTime", "Json", "Bytes")

RESERVED_NAMES = frozenset(
    [
        "PrismaClient",
        "async",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "using",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ]
)
"""Names Prisma's clients cannot give to a type. Source: https://pris.ly/d/naming-models"""


def check_names(document: Document, report: Report, memo: Memo) -> None:
    """All rules about names, in every block."""
    seen: dict[tuple[str, str], str] = {}
    for block in document.blocks:
        kind = kind_of(block)
        if block.name.name in BUILTIN_TYPES:
            report.error(
                f'"{block.name.name}" is a reserved scalar type name and cannot be used. Choose another name.',
                block.name.span,
            )
        if memo.recall(check_names, block) is None and _is_well_named(block, kind, report):
            memo.keep(True, check_names, block)
        namespace = kind if isinstance(block, ConfigBlock) else "type"
        _check_distinct_block(block, kind, namespace, seen, report)


def _is_well_named(block: Block, kind: str, report: Report) -> bool:
    """Reports what is wrong with the names in a block. Is nothing?"""
    before = report.said
    match block:
        case EnumBlock():
            _check_enum(block, report)
        case ModelBlock(keyword="type"):
            _check_identifier(block.name, "composite type", report)
            _check_distinct_fields(block, "composite type", report)
        case ModelBlock():
            _check_model(block, report)
        case ConfigBlock():
            _check_distinct_properties(block.properties, f'{kind} "{block.name.name}"', report)
    return report.said == before


def kind_of(block: Block) -> str:
    """What a block is, in the words of messages."""
    match block:
        case EnumBlock():
            return "enum"
        case ModelBlock(keyword="type"):
            return "composite type"
        case ModelBlock() | ConfigBlock():
            return block.keyword


def _check_distinct_block(
    block: Block, kind: str, namespace: str, seen: dict[tuple[str, str], str], report: Report
) -> None:
    key = namespace, block.name.name
    if key in seen:
        report.error(
            f'The {kind} "{block.name.name}" cannot be defined because a {seen[key]} with that name already exists. '
            "Rename one of them.",
            block.name.span,
        )
    seen[key] = kind


def _check_enum(block: EnumBlock, report: Report) -> None:
    _check_identifier(block.name, "enum", report)
    if block.name.name in RESERVED_NAMES:
        report.error(
            f"Error validating enum `{block.name.name}`: The enum name `{block.name.name}` is invalid. It is a "
            "reserved name. Please change it.",
            block.span,
        )
    _check_attribute_names(block.attributes, report)
    seen: set[str] = set()
    for member in block.members:
        _check_identifier(member.name, "enum value", report)
        _check_attribute_names(member.attributes, report)
        if member.name.name in seen:
            report.error(
                f'Value "{member.name.name}" is already defined on enum "{block.name.name}". Remove one of them.',
                member.span,
            )
        seen.add(member.name.name)


def _check_model(block: ModelBlock, report: Report) -> None:
    _check_identifier(block.name, block.keyword, report)
    if block.name.name in RESERVED_NAMES:
        report.error(
            f'Error validating {block.keyword} "{block.name.name}": The {block.keyword} name `{block.name.name}` is '
            "invalid. It is a reserved name. Please change it.",
            block.span,
        )
    _check_attribute_names(block.attributes, report)
    for field in block.fields:
        _check_identifier(field.name, "field", report)
        _check_attribute_names(field.attributes, report)
    _check_distinct_fields(block, block.keyword, report)


def _check_distinct_fields(block: ModelBlock, kind: str, report: Report) -> None:
    seen: set[str] = set()
    for field in block.fields:
        if field.name.name in seen:
            report.error(
                f'Field "{field.name.name}" is already defined on {kind} "{block.name.name}". Remove or rename it.',
                field.name.span,
            )
        seen.add(field.name.name)


def _check_distinct_properties(properties: Iterable[Property], block: str, report: Report) -> None:
    seen: set[str] = set()
    for item in properties:
        if item.name.name in seen:
            report.error(f'Key "{item.name.name}" is already defined in {block}. Keep one.', item.name.span)
        seen.add(item.name.name)


def _check_attribute_names(attributes: Iterable[Attribute], report: Report) -> None:
    for attribute in attributes:
        _check_identifier(attribute.name, "attribute", report)


def _check_identifier(identifier: Identifier, what: str, report: Report) -> None:
    name = identifier.name
    article = "an" if what[0] in "aeiou" else "a"
    if name[:1].isnumeric():
        report.error(
            f"Error validating: The name of {article} {what} must not start with a number. Begin `{name}` with a "
            "letter.",
            identifier.span,
        )
    elif "-" in name:
        report.error(
            f"Error validating: The character `-` is not allowed in {what} names. Write "
            f"`{name.replace('-', '_')}`.",
            identifier.span,
        )
