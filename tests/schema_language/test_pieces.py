"""What is read and resolved with the memory of earlier runs is what is read and resolved without, places in messages included."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_gen.front import compile_schema
from infra_gen.inspect import inspect
from infra_gen.memo import Memo
from infra_gen.schema import grammar
from infra_gen.schema.lines import UnreadPiece
from infra_gen.schema.parser import configuration, parse
from infra_gen.schema.report import render_diagnostics
from infra_gen.schema.source import SchemaError, SourceFile
from infra_gen.schema.syntax import ConfigBlock

BLOCKS = (
    'datasource db {\n  provider = "postgresql"\n  url      = env("URL")\n}\n',
    '/// For the next.\ngenerator client {\n  provider        = "prisma-client-js"\n  previewFeatures = ["fullTextSearch", "views"]\n}\n',
    '/// People.\n// Not said.\n/// @infra.softDelete(field: deletedAt)\nmodel User {\n  id Int @id\n  name String @default("a\\"b") /// Called.\n'
    "  deletedAt DateTime?\n  tags String[]\n  posts Post[]\n\n  @@index([name])\n}\n",
    "model Post {\n  id     Int @id\n  author User @relation(fields: [by], references: [id])\n  by     Int\n  kind   Kind @default(A)\n}\n",
    '/* Of a kind. */\nenum Kind {\n  /// First.\n  A\n  B @map("b")\n}\n',
    "view Seen {\n  id Int @unique\n  /// @infra.cache(ttl: 1)\n}\n",
    "model Broken {\n  id Int @id\n  what Nothing @nope\n  ???\n}\n",
    "type Old {\n  a Int\n}\n",
)
NOISE = (
    "}\n",
    "{",
    "/*",
    "*/",
    "// c\n",
    "/// d\n",
    "\r",
    "\r\n",
    '"',
    "\\\n",
    "} // c\n",
    "/// @infra.cache(ttl:\n",
    "model X {\n",
    "\u00a0",
    "x\n",
    "@id",
)
FILES = 2

Edits = list[tuple[str, int, int, int]]
edits = st.lists(
    st.tuples(
        st.sampled_from(("insert", "noise", "noise", "remove", "move", "double", "cut", "ends", "provider", "undo")),
        st.integers(0, FILES - 1),
        st.integers(0, 40),
        st.integers(0, 20),
    ),
    min_size=1,
    max_size=6,
)


def edited(texts: list[str], kind: str, file: int, where: int, what: int) -> list[str]:
    """The files after one edit."""
    lines = texts[file].splitlines(keepends=True)
    at = where % (len(lines) + 1)
    some = lines[at : at + what % 8 + 1]
    match kind:
        case "insert":
            lines.insert(at, BLOCKS[what % len(BLOCKS)])
        case "noise":
            offset = where * 7 % (len(texts[file]) + 1)
            lines = [texts[file][:offset], NOISE[what % len(NOISE)], texts[file][offset:]]
        case "remove":
            del lines[at : at + len(some)]
        case "move":
            del lines[at : at + len(some)]
            lines[what:what] = some
        case "double":
            lines[at:at] = some
        case "cut":
            lines = [texts[file][: where * 5], texts[file][where * 5 + what :]]
        case "ends":
            lines = ["".join(lines).replace("\n", "\r\n") if what % 2 else "".join(lines).replace("\r\n", "\n")]
        case "provider":
            found = "".join(lines)
            lines = [
                found.replace('"postgresql"', '"sqlite"') if what % 2 else found.replace('"sqlite"', '"postgresql"')
            ]
        case "undo":
            lines = list(BLOCKS[:6])
    return [text if number != file else "".join(lines) for number, text in enumerate(texts)]


def said(files: list[SourceFile], memo: Memo | None) -> object:
    """All that is told of a schema: its errors, or its warnings and everything that it means, each with its place."""
    try:
        compiled = compile_schema(files, memo=memo)
    except SchemaError as error:
        return render_diagnostics(error.diagnostics, color=False)
    return render_diagnostics(compiled.warnings, color=False), inspect(compiled.schema)


@settings(max_examples=100, deadline=None)
@given(edits, st.booleans())
def test_after_any_edits_everything_said_is_what_a_fresh_process_says(steps: Edits, forgets: bool) -> None:
    texts, memo = ["".join(BLOCKS[:6]), ""], Memo()
    for step in (None, *steps):
        if step is not None:
            texts = edited(texts, *step)
        files = [SourceFile(f"{number}.prisma", text) for number, text in enumerate(texts)]
        assert said(files, memo) == said(files, None)
        blocks = [block for block in parse(files)[0].blocks if isinstance(block, ConfigBlock)]
        assert list(configuration(files, memo)) == [replace(block, documentation=None) for block in blocks]
        if forgets:
            memo.forget_unused()


def pieces(text: str) -> list[str]:
    return [
        line.span.text
        for line in grammar.read(SourceFile("s.prisma", text), in_pieces=True)
        if isinstance(line, UnreadPiece)
    ]


MODEL = "model A {\n  id Int @id\n}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{MODEL}\n\n/// B.\n  enum B {{\n A // }}\n}}\n", [MODEL, "/// B.\n  enum B {\n A // }\n}"]),
        # Behind a brace, a comment is of two blocks at once.
        (f"{MODEL} // of A\n/// of B\nmodel B {{\n}}\n", [MODEL, "model B {\n}"]),
        # What may go over the end of a line depends on what comes further below.
        ("model A {\n  id Int /* @id\n}\n", []),
        ('model A {\n  id String @default("\\\n}\n")\n}\n', []),
        # One that is not closed swallows what follows.
        (f"model B {{\n  id Int\n{MODEL}\n", ["model B {\n  id Int\nmodel A {\n  id Int @id\n}"]),
        ("model A {\n  id Int @id\n", []),
        (f"datasource a {{\n}}\n{MODEL}", [MODEL]),
    ],
)
def test_a_block_is_read_apart_where_nothing_around_it_matters(text: str, found: list[str]) -> None:
    assert pieces(text) == found


def test_blocks_of_the_same_text_have_places_of_their_own() -> None:
    memo = Memo()
    files = [SourceFile("s.prisma", f"{MODEL}\n{MODEL}\n")]
    told = said(files, memo)
    assert isinstance(told, str)
    assert "s.prisma:4:7" in told
    moved = [SourceFile("s.prisma", f"\n{MODEL}\n\n{MODEL}\n")]
    assert "s.prisma:6:7" in str(said(moved, memo))


def test_an_unchanged_block_is_the_same_object_and_knows_where_it_stands_now() -> None:
    memo, enum = Memo(), "enum B {\n  X\n}\n"
    first = compile_schema([SourceFile("other.prisma", f"{enum}{MODEL}\n")], memo=memo).schema.models[0]
    assert str(first.span) == "other.prisma:4:1"
    memo.forget_unused()
    second = compile_schema([SourceFile("s.prisma", f"{enum}\n{MODEL}\n")], memo=memo).schema.models[0]
    assert second is first
    assert str(second.span) == "s.prisma:5:1"
