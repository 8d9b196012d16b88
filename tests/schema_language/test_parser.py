"""The parser: what is written, where, and what is wrong with how it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_gen.schema.layout import laid_out
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SourceFile
from infra_gen.schema.syntax import (
    ArrayValue,
    Block,
    ConfigBlock,
    ConstantValue,
    EnumBlock,
    FunctionValue,
    ModelBlock,
    NumberValue,
    ObjectValue,
    StringValue,
    Value,
)
from tests.schema_language import schemas
from tests.schema_language.meaning import meaning


def blocks_of(text: str) -> tuple[Block, ...]:
    document, diagnostics = parse([SourceFile("schema.prisma", text)])
    assert diagnostics == ()
    return document.blocks


def model_of(*lines: str) -> ModelBlock:
    (block,) = blocks_of("\n".join(["model Post {", *lines, "}"]))
    assert isinstance(block, ModelBlock)
    return block


def default_of(text: str) -> Value:
    (attribute,) = model_of(f"x Int @default({text})").fields[0].attributes
    assert attribute.arguments is not None
    return attribute.arguments.arguments[0].value


def errors_of(text: str) -> list[tuple[int, str]]:
    """The line and the sentence of each error."""
    return [(item.span.line, item.message) for item in parse([SourceFile("schema.prisma", text)])[1]]


def test_every_kind_of_block_is_read() -> None:
    text = """
datasource db {
  provider = "sqlite"
}
generator client {
  provider = "infra-gen"
}
model A {
}
view B {
}
type C {
}
enum D {
}
"""
    read = [
        (block.keyword if not isinstance(block, EnumBlock) else "enum", block.name.name) for block in blocks_of(text)
    ]
    assert read == [
        ("datasource", "db"),
        ("generator", "client"),
        ("model", "A"),
        ("view", "B"),
        ("type", "C"),
        ("enum", "D"),
    ]


def test_a_field_has_a_name_a_type_and_attributes() -> None:
    (field,) = model_of('  title  String ? @unique @db.VarChar(40) @map("t")').fields
    assert field.name.name == "title"
    assert (field.type.name, field.type.arity) == ("String", "optional")
    assert [attribute.name.name for attribute in field.attributes] == ["unique", "db.VarChar", "map"]
    assert [attribute.block for attribute in field.attributes] == [False, False, False]


@pytest.mark.parametrize(
    ("written", "name", "unsupported", "arity"),
    [
        ("Int", "Int", None, "required"),
        ("Int?", "Int", None, "optional"),
        ("Int[]", "Int", None, "list"),
        ('Unsupported("circle")', "Unsupported", "circle", "required"),
        ('Unsupported( "a \\"b\\"" )?', "Unsupported", 'a "b"', "optional"),
    ],
)
def test_types(written: str, name: str, unsupported: str | None, arity: str) -> None:
    found = model_of(f"x {written}").fields[0].type
    assert (found.name, found.arity) == (name, arity)
    assert (found.unsupported.value if found.unsupported else None) == unsupported


def test_values() -> None:
    assert isinstance(number := default_of("-3.50"), NumberValue)
    assert number.text == "-3.50"
    assert isinstance(constant := default_of("a.b"), ConstantValue)
    assert constant.name == "a.b"
    assert isinstance(array := default_of('[1, "two", [three]]'), ArrayValue)
    assert [type(item) for item in array.items] == [NumberValue, StringValue, ArrayValue]
    assert isinstance(function := default_of('dbgenerated("x", sort: Desc)'), FunctionValue)
    assert function.name.name == "dbgenerated"
    assert [item.name.name if item.name else None for item in function.arguments.arguments] == [None, "sort"]
    assert isinstance(condition := default_of("{ paid: true, seat : {not:[3]} }"), ObjectValue)
    assert [member.name.name for member in condition.members] == ["paid", "seat"]
    assert [member.span.text for member in condition.members] == ["paid: true", "seat : {not:[3]}"]


def test_a_field_without_a_readable_type_is_no_field() -> None:
    document, problems = parse(
        [SourceFile("schema.prisma", "model A {\n a\n b: Int\n c Int!\n d [Int]\n e Int[]?\n f Int\n}")]
    )
    (block,) = document.blocks
    assert isinstance(block, ModelBlock)
    assert [field.name.name for field in block.fields] == ["f"]
    assert [problem.span.line for problem in problems] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r'"\n\t\"\\\/"', '\n\t"\\/'),
        (r'"\u00e9"', "é"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\u001f\ud83d\ude00"', "\x1f😀"),
        ('"漢 // no comment"', "漢 // no comment"),
    ],
)
def test_strings_mean_what_json_strings_mean(written: str, meant: str) -> None:
    value = default_of(written)
    assert isinstance(value, StringValue)
    assert value.value == meant


def test_names_without_values_and_trailing_commas_are_kept_for_the_checks() -> None:
    (attribute,) = model_of("@@index([a], map: ,)").attributes
    assert attribute.block
    assert attribute.arguments is not None
    assert [name.name for name in attribute.arguments.empty_names] == ["map"]
    assert attribute.arguments.trailing_comma is not None
    assert attribute.arguments.trailing_comma.text == ","


def test_spans_say_where_things_stand() -> None:
    text = 'model Post {\n  id Int @id @map("x")\n}\n'
    (block,) = blocks_of(text)
    assert isinstance(block, ModelBlock)
    (field,) = block.fields
    assert [span.text for span in (block.name.span, field.span, field.type.span, field.attributes[1].span)] == [
        "Post",
        'id Int @id @map("x")',
        "Int",
        '@map("x")',
    ]
    assert str(field.attributes[1].span) == "schema.prisma:2:14"


def test_properties_of_a_datasource() -> None:
    (block,) = blocks_of('datasource db {\n  url = env("URL") // where\n  schemas = ["a"]\n  empty =\n}\n')
    assert isinstance(block, ConfigBlock)
    assert [(item.name.name, type(item.value)) for item in block.properties] == [
        ("url", FunctionValue),
        ("schemas", ArrayValue),
        ("empty", type(None)),
    ]


# Documentation --------------------------------------------------------------------------------------------------------


def test_documentation_stands_before_and_behind() -> None:
    model = model_of("/// Who wrote it.", "// not this", "///  And when.  ", "author String /// A name.")
    documentation = model.fields[0].documentation
    assert documentation is not None
    assert documentation.text == "Who wrote it.\nAnd when.  \nA name."


def test_documentation_of_a_field_may_stand_off_but_not_that_of_a_block() -> None:
    model = model_of("/// of x", "", "x Int")
    assert model.fields[0].documentation is not None
    (block,) = blocks_of("/// of nothing\n\nmodel A {\n}\n")
    assert not isinstance(block, ConfigBlock)
    assert block.documentation is None


def test_a_comment_in_slashes_and_stars_is_documentation() -> None:
    (block,) = blocks_of("/* What it is. */\nmodel A {\n}\n")
    assert block.documentation is not None
    assert block.documentation.text == "What it is."


def test_documentation_of_a_datasource_goes_to_the_next_model_without_its_own() -> None:
    text = "/// of db\ndatasource db {\n}\n\nmodel A {\n}\n"
    *_, model = blocks_of(text)
    assert model.documentation is not None
    assert model.documentation.text == "of db"


# Errors ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("sail: Canvas", "Field declarations don't require a `:`. Write `name Type`."),
        ("mast Wood!", "Fields are required by default. Leave out the `!`."),
        ("crew [Sailor]", "To specify a list, write `Type[]` instead of `[Type]`."),
        ("cargo Crate[]?", "Optional lists are not supported. Write either `Type[]` or `Type?`."),
        ("anchor", "This field declaration is invalid: `anchor` has no type."),
        ("rope Int @default(1,", "everything within them must stand on the same line"),
        ("rope Int @default('1')", "straight double quotes"),
        ("rope Int[] @default([1, 2,])", "Leave out the comma behind the last item."),
        ("rope Int id", "write `@id`"),
        ("rope Int = 1", "A default is written `@default(…)`."),
        ("rope Int;", "A line ends without `;`."),
        ("rope Int @@index([rope])", "`@@index` belongs to the block"),
        ("rope Int }", "Write the closing brace on a line of its own."),
        ("rope Int /* ? */ @id", "write the comment on a line of its own"),
        ("_rope Int", "A name begins with a letter."),
        ("# rope", "Comments begin with `//`."),
        ("ro\u200bpe Int", "invisible character (U+200B)"),
        ("rope List<Int>", "A list is written `Type[]`."),
        ('rope String @default("C:\\dir")', "Unknown escape sequence `\\d`."),
        ('rope String @default("\\u12")', "Invalid unicode escape"),
        ('rope String @default("\\ud800x")', "Invalid unicode escape"),
    ],
)
def test_what_is_no_field_is_told_what_to_write(line: str, sentence: str) -> None:
    errors = errors_of(f"model Boat {{\n  id Int @id\n  {line}\n}}\n")
    assert [number for number, _ in errors] == [3]
    assert sentence in errors[0][1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Model A {\n", "Did you mean `model`?"),
        ("import x\n", "It does not start with any known keyword"),
        ("model A {\n", "The block it opens is not closed"),
        ("model A\n", "Write the opening brace on the same line"),
        ("model A { id Int @id }\n", "A block takes several lines"),
        ("}\n", "No block is open here"),
        ("enm {\n}\n", "Did you mean `enum`?"),
        ("model {\n}\n", "it has no name"),
        ("type A = Int\n", "a type cannot be given another name"),
    ],
)
def test_what_is_no_block_is_told_what_to_write(text: str, sentence: str) -> None:
    assert [(line, sentence in message) for line, message in errors_of(text)] == [(1, True)]


def test_all_errors_are_found_at_once_and_the_rest_is_read() -> None:
    text = (
        "datasource db {\n  provider: x\n}\nmodel A {\n  id Int @id\n  one two three\n  b Int\n}\nenum E {\n  A, B\n}\n"
    )
    document, diagnostics = parse([SourceFile("schema.prisma", text)])
    assert [item.span.line for item in diagnostics] == [2, 6, 10]
    model = document.blocks[1]
    assert isinstance(model, ModelBlock)
    assert [field.name.name for field in model.fields] == ["id", "b"]


def test_several_files_are_one_schema() -> None:
    files = [SourceFile("b.prisma", "model B {\n}\n"), SourceFile("a.prisma", "model A {\n  ?\n}\n")]
    document, diagnostics = parse(files)
    assert [block.name.name for block in document.blocks] == ["B", "A"]
    assert [str(item.span) for item in diagnostics] == ["a.prisma:2:3"]


# Laws -----------------------------------------------------------------------------------------------------------------


@schemas.law
@given(st.one_of(schemas.damaged(), st.text()))
def test_any_text_is_answered(text: str) -> None:
    file = SourceFile("schema.prisma", text)
    _, diagnostics = parse([file])
    assert all(0 <= item.span.start <= item.span.end <= len(text) for item in diagnostics)


@schemas.law
@given(schemas.well_formed)
def test_laying_out_keeps_the_meaning(text: str) -> None:
    document, diagnostics = parse([SourceFile("schema.prisma", text)])
    again, _ = parse([SourceFile("schema.prisma", laid_out(document.files[0]))])
    assert [item.message for item in diagnostics if not item.message.startswith("A ")] == []
    assert meaning(again) == meaning(document)


@pytest.mark.parametrize(
    "text",
    ["model A {\n" * 3000, "model A {\n x }\n" * 2000, "model A {\nx Int @a(" + "[" * 9999 + "\n}\n", "a {\n" * 3000],
    ids=["open blocks", "closed too late", "open brackets", "unknown blocks"],
)
def test_hostile_texts_are_read_in_passing(text: str) -> None:
    assert len(errors_of(text)) >= 1
