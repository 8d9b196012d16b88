"""Models that were found good before are not looked at again, and what is said of a schema is what is said of it without a memory."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_gen import checks
from infra_gen.checks import check
from infra_gen.checks.context import Context
from infra_gen.checks.facts import Model
from infra_gen.memo import Memo
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SourceFile

GENERATOR = 'generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["views"]\n}\n'
AUTHOR = """
model Author {
  id    Int    @id @map("author_id")
  email String @unique
  role  Role   @default(ADMIN)
  names String[]
  books Book[]
  liked Book[] @relation("liked")
}
"""
BOOK = """
model Book {
  id       Int      @id
  author   Author   @relation(fields: [authorId], references: [id])
  authorId Int
  liking   Author[] @relation("liked")
  cover    Cover?
  @@index([authorId])
}
"""
REST = """
model Cover {
  id     Int  @id
  book   Book @relation(fields: [bookId], references: [id], onDelete: Cascade)
  bookId Int  @unique
}
model Far {
  id     Int  @id
  other  Far? @relation("far", fields: [next], references: [id], onDelete: NoAction, onUpdate: NoAction)
  next   Int?
  others Far[] @relation("far")
}
view Seen {
  id Int @unique
}
enum Role {
  ADMIN
  USER
}
"""


def datasource(provider: str, more: str = "") -> str:
    return f'datasource db {{\n  provider = "{provider}"\n{more}}}\n'


SCHEMA = f"{datasource('postgresql')}{GENERATOR}{AUTHOR}{BOOK}{REST}"


def said(text: str, memo: Memo | None) -> list[str]:
    document, found = parse([SourceFile("s.prisma", text)], memo)
    told = check(document, well_formed=not found, memo=memo)
    return [f"{item.span} {item.severity}: {item.message}" for item in (*found, *told)]


CHANGES = {
    "the name of a constraint that a good model has": ("model Far {", 'model Far {\n  a Int @unique(map: "Book_pkey")'),
    "the name of a foreign key": ("@@index([authorId])", '@@index([authorId], map: "Book_authorId_fkey")'),
    "the name of a good model's table": ("model Far {", 'model Far {\n  @@map("Book")'),
    "a table's name of a view": ("view Seen {", 'view Seen {\n  @@map("Book")'),
    "a key that another model refers to": ("  id    Int    @id", "  id    Int"),
    "the type of such a key": ("  id    Int    @id", "  id    String @id"),
    "the id of a join": ("  id    Int    @id @map", "  id    Int    @unique @map"),
    "the other side of a relation": ("  books Book[]\n", ""),
    "a second other side": ("  books Book[]\n", "  books Book[]\n  more Book[]\n"),
    "a related model that is left out of clients": ("  liked Book[]", "  @@ignore\n  liked Book[]"),
    "a value that a default names": ("  ADMIN\n  USER", "  USER"),
    "what a name is": ("enum Role {\n  ADMIN\n  USER\n}", "model Role {\n  id Int @id\n}"),
    "a name that is gone": ("enum Role {\n  ADMIN\n  USER\n}", ""),
    "a name that is there twice": ("enum Role {", "model Far {\n  id Int @id\n}\nenum Role {"),
    "a feature": ('["views"]', "[]"),
    "the database": ('"postgresql"', '"mysql"'),
    "schemas of the database": ('"postgresql"', '"postgresql"\n  schemas = ["a", "b"]'),
    "relations that are emulated": ('"postgresql"', '"postgresql"\n  relationMode = "prisma"'),
    "a circle of emulated relations": (
        '"postgresql"\n}',
        '"postgresql"\n  relationMode = "prisma"\n}\nmodel Ring {\n  id Int @id\n  a Ring? @relation("r", fields: [i], references: [id])\n'
        '  i Int? @unique\n  b Ring? @relation("r")\n}',
    ),
    "a doubtful action": ("onDelete: Cascade", "onDelete: SetNull"),
    "two errors of a one-to-one relation": ("  cover    Cover?", "  cover    Cover"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_does_to_good_models_is_told_of_them(change: str) -> None:
    old, new = CHANGES[change]
    changed, memo = SCHEMA.replace(old, new), Memo()
    assert changed != SCHEMA
    assert said(SCHEMA, memo) == []
    fresh = said(changed, None)
    assert fresh
    for text, expected in ((changed, fresh), (f"\n{changed}", said(f"\n{changed}", None)), (SCHEMA, [])):
        assert said(text, memo) == expected


def test_a_circle_of_emulated_relations_is_told_of_models_far_from_the_change() -> None:
    names = "ABCD"
    models = [
        f"model {name} {{\n  id Int @id\n  to {other} @relation(fields: [toId], references: [id], onUpdate: Cascade)\n  toId Int\n"
        f"  from {names[number - 1]}[]\n\n  @@index([toId])\n}}\n"
        for number, (name, other) in enumerate(zip(names, "BCDA", strict=True))
    ]
    emulated = '  relationMode = "prisma"\n'
    closed, memo = f"{datasource('postgresql', emulated)}{''.join(models)}", Memo()
    open_ = closed.replace("onUpdate: Cascade", "onUpdate: Restrict", 1)
    assert said(open_, memo) == []
    assert said(closed, memo) == said(closed, None)
    assert len(said(closed, None)) == len(names)


def test_rules_that_say_nothing_where_something_is_wrong_have_found_nothing_good() -> None:
    both_required = """
model A {
  id  Int @id
  b   B   @relation(fields: [bId], references: [id])
  bId Int @unique
}
model B {
  id Int @id
  a  A
}
"""
    mended, memo = f"{SCHEMA}{both_required}", Memo()
    wrong = mended.replace("authorId Int\n", "authorId String\n")
    assert len(said(wrong, memo)) == 1
    assert "is required" in said(mended, None)[0]
    assert said(mended, memo) == said(mended, None)


def test_only_what_a_change_can_be_about_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def rule(model: Model, context: Context) -> None:
        looked_at.append(model.name)

    monkeypatch.setattr(checks, "MODEL_RULES", (rule,))
    memo = Memo()
    for text, expected in (
        (SCHEMA, ["Author", "Book", "Cover", "Far"]),
        (f"\n{SCHEMA}", []),
        (SCHEMA.replace("model Far {", "model Far {\n  more Int"), ["Far"]),
        (SCHEMA.replace("model Cover {", "model Cover {\n  more Int"), ["Book", "Cover"]),
        (SCHEMA.replace("  USER\n", "  USER\n  GUEST\n"), ["Author"]),
        (SCHEMA, []),
        (f"{SCHEMA}model New {{\n  id Int @id\n}}\n", ["Author", "Book", "Cover", "Far", "New"]),
    ):
        looked_at.clear()
        said(text, memo)
        assert looked_at == expected


PARTS = [
    *(part for old, new in CHANGES.values() for part in ((old, new), (new, old))),
    ("@id", "@unique"),
    ("Int?", "Int"),
    ("[]", "?"),
    ("Book", "Author"),
    ("Far", "Book"),
    ("\n\n", "\n  @@index([id])\n\n"),
    ("model", "view"),
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PARTS), st.integers(1, 2), st.booleans(), st.booleans()), max_size=8))
def test_after_any_changes_the_same_is_said_as_without_a_memory(
    steps: list[tuple[tuple[str, str], int, bool, bool]],
) -> None:
    text, memo = SCHEMA, Memo()
    said(text, memo)
    for (old, new), count, is_added, is_good_run in steps:
        text = (text if is_added else SCHEMA).replace(old, new, count)
        assert said(text, memo) == said(text, None)
        if is_good_run:
            memo.forget_unused()
