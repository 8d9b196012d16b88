"""Directives: what is written in `///` comments as values, with exact places; what is left as prose; a registry that is open.

What is said of wrong ones is in the golden cases `tests/checks/cases/directives_*`.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_gen import ir
from infra_gen.checks import check
from infra_gen.directives import DIRECTIVES, DirectiveType, Parameter, Registry
from infra_gen.directives.kinds import Columns, Text, Texts, Truth, WholeNumber, Word
from infra_gen.front import compile_schema
from infra_gen.schema.layout import laid_out
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SchemaError, SourceFile

FIELDS = "  id Int @id\n  email String\n  name String\n"

EVERYTHING = DirectiveType(
    "infra.everything",
    ("model", "view", "field", "relation field", "enum", "enum value"),
    (
        Parameter("number", WholeNumber(), "", is_positional=True),
        Parameter("text", Text(), "", is_positional=True),
        Parameter("truth", Truth(), ""),
        Parameter("texts", Texts(), ""),
        Parameter("columns", Columns(), ""),
        Parameter("word", Word(("one", "other")), ""),
    ),
    "A directive with an argument of each kind.",
    "@infra.everything(1)",
)
OPEN = Registry((*DIRECTIVES.types, EVERYTHING))


def compiled(text: str, directives: Registry = OPEN) -> ir.Schema:
    return compile_schema([SourceFile("schema.prisma", text)], directives=directives).schema


def model_of(*comments: str, directives: Registry = OPEN) -> ir.Model:
    """A model with those comments above it."""
    return compiled("\n".join([*comments, f"model User {{\n{FIELDS}}}\n"]), directives).model["User"]


def said(*comments: str) -> dict[str, dict[str, Any]]:
    return {item.name: dict(item.arguments) for item in model_of(*comments).directives}


def errors_of(text: str, directives: Registry = OPEN) -> list[tuple[str, str]]:
    """The place of each error, and its first words."""
    with pytest.raises(SchemaError) as refused:
        compiled(text, directives)
    return [(str(item.span), item.message.split(".", 1)[0]) for item in refused.value.diagnostics]


# What is written ------------------------------------------------------------------------------------------------------


def test_every_kind_of_value_is_plain_python() -> None:
    found = said('/// @infra.everything(2, "a", truth: false, texts: ["x"], columns: [email, name], word: other)')
    assert found == {
        "infra.everything": {
            "number": 2,
            "text": "a",
            "truth": False,
            "texts": ("x",),
            "columns": ("email", "name"),
            "word": "other",
        }
    }
    assert all(type(name) is ir.FieldName for name in found["infra.everything"]["columns"])


def test_no_arguments_are_none_with_brackets_and_without() -> None:
    assert said("/// @infra.cache", "/// @infra.audit()") == {"infra.cache": {}, "infra.audit": {}}


def test_one_value_stands_for_a_list_of_it() -> None:
    assert said('/// @infra.cache(tags: "one") @infra.search(name)') == {
        "infra.cache": {"tags": ("one",)},
        "infra.search": {"fields": ("name",)},
    }


def test_strings_hold_what_looks_like_the_end_or_like_a_directive() -> None:
    text = r'/// @infra.cache(tags: ["a)b", "\"@infra.x(", "], [", "\u00e9 // no", "/* */"]) @infra.audit'
    assert said(text) == {
        "infra.cache": {"tags": ("a)b", '"@infra.x(', "], [", "é // no", "/* */")},
        "infra.audit": {},
    }


def test_arguments_go_on_in_the_next_line_while_a_bracket_is_open() -> None:
    found = said("/// @infra.cache(", "   ///ttl:", "///", "/// 5, tags: [", '///   "a",', '///   "b"]) @infra.audit')
    assert found == {"infra.cache": {"ttl": 5, "tags": ("a", "b")}, "infra.audit": {}}


def test_windows_line_ends_are_line_ends() -> None:
    schema = f"/// @infra.cache(ttl:\r\n/// 5)\r\nmodel User {{\n{FIELDS}}}\n".replace("\n", "\r\n").replace(
        "\r\r", "\r"
    )
    assert compiled(schema).model["User"].directives[0].arguments == {"ttl": 5}


def test_a_directive_ends_with_its_line_when_no_bracket_is_open() -> None:
    assert said("/// @infra.cache", "/// (ttl: 5)") == {"infra.cache": {}}


def test_a_directive_behind_a_field_is_the_fields_own_and_does_not_go_on_in_the_next_line() -> None:
    model = compiled(f"model User {{\n{FIELDS}  a Int /// @infra.everything(1)\n  b Int\n}}\n").model["User"]
    assert [item.name for item in model.field["a"].directives] == ["infra.everything"]
    assert model.field["b"].directives == ()
    broken = f"model User {{\n{FIELDS}  a Int /// @infra.everything(1,\n  /// text: 2)\n  b Int\n}}\n"
    assert errors_of(broken) == [("schema.prisma:5:33", "The arguments of `@infra")]


def test_fields_relations_enums_and_views_have_their_own() -> None:
    schema = compiled(
        "model A {\n  id Int @id\n  /// @infra.everything(1)\n  b B[]\n}\n"
        "model B {\n  id Int @id\n  /// @infra.everything(2, columns: id)\n  aId Int\n"
        "  a A @relation(fields: [aId], references: [id])\n}\n"
        "/// @infra.everything(3)\nenum E {\n  ONE\n}\n"
    )
    assert schema.model["A"].field["b"].directives[0].arguments == {"number": 1}
    assert schema.model["B"].field["aId"].directives[0].arguments == {"number": 2, "columns": ("id",)}
    assert schema.enum["E"].directives[0].arguments == {"number": 3}
    assert schema.model["A"].directives == ()


def test_a_span_is_the_directive_from_its_sign_to_its_bracket() -> None:
    (directive,) = model_of(
        "/// Text, @infra.cache(ttl: 1, ", "/// tags: []x".replace("[]x", '"x") and more')
    ).directives
    assert str(directive.span) == "schema.prisma:1:11"
    assert directive.span.text == '@infra.cache(ttl: 1, \n/// tags: "x")'


@pytest.mark.parametrize(
    "comment",
    [
        "// @infra.nothing",
        "/* @infra.nothing(1) */",
        "/// `@infra.nothing`",
        "/// a@infra.nothing",
        '/// @other.thing("@infra.nothing")',
        "/// @other(@infra nothing",
        "/// @Python is a word here",
        "/// @infra",
        "/// @ infra.nothing",
        "/// //@infra.nothing",
    ],
)
def test_what_is_no_directive_of_ours_is_left_alone(comment: str) -> None:
    assert model_of(comment).directives == ()


def test_a_directive_is_found_behind_another_tools() -> None:
    assert said("/// @zod.custom(x => x, @infra.cache") == {"infra.cache": {}}


def test_the_documentation_is_prismas_with_all_that_is_written() -> None:
    model = model_of("/// People. @infra.cache(ttl: 1)", "/// @zod.strict()")
    assert model.documentation == "People. @infra.cache(ttl: 1)\n@zod.strict()"


gap = st.sampled_from(["", " ", "\n  /// ", "\n///", "  "])
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "number": st.integers(0, 10**14),
        "text": texts,
        "truth": st.booleans(),
        "texts": st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple),
        "columns": st.lists(st.sampled_from(["id", "email", "name"]).map(ir.FieldName), min_size=1, unique=True).map(
            tuple
        ),
        "word": st.sampled_from(["one", "other"]),
    },
)


def printed(value: Any, is_word: bool = False) -> str:
    """A value in the schema language."""
    if isinstance(value, tuple):
        return f"[{', '.join(printed(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, ir.FieldName) or is_word or isinstance(value, int):
        return str(value)
    escapes = {'"': '\\"', "\\": "\\\\"}
    return f'"{"".join(escapes.get(char) or (char if char.isprintable() else _escaped(char)) for char in value)}"'


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start:start + 4]}" for start in range(0, len(units), 4))


@given(arguments, st.lists(gap, min_size=30, max_size=30))
def test_what_is_printed_is_read_back_wherever_lines_are_broken(values: dict[str, Any], gaps: list[str]) -> None:
    gap = iter(gaps)
    parts = [
        f"{next(gap)}{name}:{next(gap)}{printed(value, name == 'word')}{next(gap)}" for name, value in values.items()
    ]
    text = f"/// Before @infra.everything({','.join(parts)}{next(gap)}) behind."
    model = model_of(text)
    (directive,) = model.directives
    assert directive.arguments == values
    assert list(directive.arguments) == list(values)
    assert model.prose.replace("\n", " ") == "Before behind."


# What people read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comments", "prose"),
    [
        ("/// Only text.", "Only text."),
        ("/// @infra.cache", ""),
        ("/// People. @infra.cache(ttl: 1)", "People."),
        ("/// People. @infra.cache(ttl: 1) For a second.", "People. For a second."),
        ("/// @infra.cache(ttl: 1) For a second.", "For a second."),
        ('/// People.\n/// @infra.cache(ttl: 1,\n/// tags: [\n/// "a"]) Kept.\n/// End.', "People.\nKept.\nEnd."),
        ("/// @infra.cache @infra.audit", ""),
        ("/// One.\n///\n/// Two.", "One.\n\nTwo."),
        ("/// One.\n/// @infra.cache\n///\n/// Two.", "One.\n\nTwo."),
        ("/// One.\n/// @zod.strict() of zod\n/// Two @zod.kept() here.", "One.\nTwo @zod.kept() here."),
        ("/// @zod.custom(a,\n/// b)\n/// Text.", "Text."),
        ("/// @zod.custom({ strange: 1 })\n/// Text.", "Text."),
        ("/// @infra.cache @zod.strict() Text", ""),
        ("/* Text.\n@deprecated since */", "Text."),
        ("///   Two  blanks  stay.", "Two  blanks  stay."),
        ("// not this\n/// Ask @ada.", "Ask @ada."),
    ],
)
def test_prose_is_the_documentation_without_what_it_says_to_tools(comments: str, prose: str) -> None:
    assert model_of(comments).prose == prose


def test_fields_enums_and_their_values_have_prose() -> None:
    schema = compiled(
        "model A {\n  id Int @id /// Its number. @infra.everything(1)\n}\n"
        "/// Kinds. @infra.everything(1)\nenum E {\n  ONE /// First. @infra.everything(1)\n}\n"
    )
    assert schema.model["A"].field["id"].prose == "Its number."
    assert schema.enum["E"].prose == "Kinds."
    assert schema.enum["E"].values[0].prose == "First."


# The formatter --------------------------------------------------------------------------------------------------------


def test_formatting_keeps_directives() -> None:
    text = f'   ///   @infra.cache(ttl: 5,\n /// tags: ["a"])\nmodel User {{\n{FIELDS}}}\n'
    before = compiled(text).model["User"].directives[0].arguments
    assert compiled(laid_out(SourceFile("schema.prisma", text))).model["User"].directives[0].arguments == before


# Errors ---------------------------------------------------------------------------------------------------------------


def test_where_lines_cannot_be_read_directives_are_judged_by_their_writing_only() -> None:
    text = (
        "/// @infra.audit(track: [mail], trak: [x])\nmodel User {\n  id Int @id\n  mail = String\n}\n"
        "/// @infra.cache(ttl: 0)\n???\nmodel B {\n  id Int @id\n}\n"
    )
    found = errors_of(text)
    assert [place for place, _ in found] == [
        "schema.prisma:1:33",
        "schema.prisma:4:3",
        "schema.prisma:6:23",
        "schema.prisma:7:1",
    ]


def test_a_directive_that_is_registered_is_checked_like_the_others() -> None:
    text = f"/// @infra.everything(word: neither, columns: [emial])\nmodel User {{\n{FIELDS}}}\n"
    assert errors_of(text) == [
        ("schema.prisma:1:29", "`word` of `@infra"),
        ("schema.prisma:1:48", "There is no field `emial` in the model `User`"),
    ]
    assert errors_of(text, DIRECTIVES)[0][1] == "There is no directive `@infra"


def test_a_registry_without_a_namespace_leaves_it_alone() -> None:
    assert model_of("/// @infra.nothing(1)", directives=Registry(())).directives == ()


def test_deep_nesting_is_refused_in_words() -> None:
    text = "/// @infra.cache(tags: " + "[" * 5000 + f"\nmodel User {{\n{FIELDS}}}\n"
    assert len(errors_of(text)) == 1


@given(
    st.lists(
        st.sampled_from(
            ["@infra.cache", "(", ")", "[", "]", '"', "ttl:", ",", " ", "\n/// ", "\n// ", "@", "é", "\\", "5"]
        )
    )
)
def test_whatever_is_written_is_answered_within_the_text(parts: list[str]) -> None:
    text = f"/// {''.join(parts)}\nmodel User {{\n{FIELDS}}}\n"
    source = SourceFile("schema.prisma", text)
    document, found = parse([source])
    told = check(document, well_formed=not found)
    assert all(0 <= item.span.start <= item.span.end <= len(text) for item in told)
    if not told and not found:
        directives = compile_schema([source]).schema.model["User"].directives
        assert all(item.span.text.startswith("@infra.cache") for item in directives)
    assert document.blocks[-1].documentation is not None
