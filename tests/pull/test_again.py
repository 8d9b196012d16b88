"""Pulling into a schema that is there: what agrees stays to the byte, what differs is changed in its place."""

from __future__ import annotations

from textwrap import dedent

import pytest

from infra_gen.failure import Failure
from infra_gen.pull import emptied
from infra_gen.schema.source import SourceFile
from tests.pull.conftest import Live

WRITTEN = """
/// People who write.
/// @infra.cache(ttl: 60)
model Author {
  id      String @id @default(cuid())
  // not aligned, on purpose
  name String   @map("full_name")   /// as on the cover
  changed DateTime @updatedAt
  books   Book[]

  @@map("authors")
}

model Book {
  id       Int    @id @default(autoincrement())
  title    String /// its name
  authorId String
  writer   Author @relation(fields: [authorId], references: [id])

  @@index([title])
}
"""


def test_nothing_is_touched_where_nothing_differs(live: Live) -> None:
    live.push(WRITTEN)
    pulled = live.pull(WRITTEN)
    assert pulled.files[0].text == live.head() + WRITTEN
    assert (pulled.changes, pulled.unsaid) == ((), ())


def test_a_new_column_comes_behind_the_one_before_it(live: Live) -> None:
    live.push(WRITTEN)
    live.run("ALTER TABLE authors ADD COLUMN born INTEGER")
    changed = WRITTEN.replace("  // not aligned, on purpose\n", "").replace(
        '  id      String @id @default(cuid())\n  name String   @map("full_name")   /// as on the cover\n'
        "  changed DateTime @updatedAt\n  books   Book[]\n",
        '  id      String   @id @default(cuid())\n  // not aligned, on purpose\n  name    String   @map("full_name") /// as on the cover\n'
        "  changed DateTime @updatedAt\n  born    Int?\n  books   Book[]\n",
    )
    pulled = live.pull(WRITTEN)
    assert pulled.files[0].text == live.head() + changed
    assert pulled.changes == ("Author.born added",)


def test_a_table_that_is_gone_takes_its_relations_along(live: Live) -> None:
    live.push(WRITTEN)
    live.run(f"DROP TABLE {live.quote('Book')}")
    pulled = live.pull(WRITTEN)
    assert "Book" not in pulled.files[0].text
    assert "// not aligned, on purpose" in pulled.files[0].text
    assert pulled.changes == ("model Book removed", "Author.books removed")


def test_a_new_table_and_its_relation_keep_what_is_there(live: Live) -> None:
    live.push(WRITTEN)
    live.push(
        WRITTEN.replace("books   Book[]", "books   Book[]\n  prizes Prize[]")
        + "model Prize {\n  id Int @id\n  authorId String\n  winner Author @relation(fields: [authorId], references: [id])\n}\n"
    )
    pulled = live.pull(WRITTEN)
    text = pulled.files[0].text
    assert "  Prize   Prize[]\n" in text
    id_ = "Int    @id @default(autoincrement())" if live.provider == "sqlite" else "Int    @id"
    assert text.endswith(
        f"\nmodel Prize {{\n  id       {id_}\n  authorId String\n"
        "  Author   Author @relation(fields: [authorId], references: [id])\n}\n"
    )
    assert WRITTEN[WRITTEN.index("model Book") :] in text
    assert not live.differs(pulled.schema)


CHANGES = {
    "a column may be missing": (
        "authorId String\n  writer   Author ",
        "authorId String?\n  writer   Author? ",
        ("Book.authorId: String is now String?", "Book.writer: relation changed"),
    ),
    "a type": ("title    String /// its name", "title    Int /// its name", ("Book.title: String is now Int",)),
    "a default": (
        "title    String /// its name",
        'title    String @default("none") /// its name',
        ("Book.title: changed",),
    ),
    "an action": (
        "references: [id])\n\n  @@index",
        "references: [id], onDelete: Cascade)\n\n  @@index",
        ("Book.writer: relation changed",),
    ),
    "an index": ("@@index([title])", "@@unique([title, authorId])", None),
    "an index's name": ("@@index([title])", '@@index([title], map: "by_title")', None),
    "one book for each author": ("authorId String\n", "authorId String @unique\n", None),
    "a relation that goes": (
        "  writer   Author @relation(fields: [authorId], references: [id])\n",
        "",
        ("Book.writer removed", "Author.books removed"),
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_one_thing_changes(live: Live, what: str) -> None:
    before, after, changes = CHANGES[what]
    assert before in WRITTEN
    other = WRITTEN.replace(before, after)
    if "writer" not in other:
        other = other.replace("  books   Book[]\n", "")
    if "authorId String @unique" in other:
        other = other.replace("Book[]", "Book?")
    live.push(WRITTEN)
    live.push(other)
    pulled = live.pull(WRITTEN)
    text = pulled.files[0].text
    assert not live.differs(pulled.schema)
    assert _words(text) == _words(live.head() + other)
    if changes is not None:
        assert pulled.changes == changes
    untouched = WRITTEN[: WRITTEN.index("model Book")]
    if "books   Book[]" in other:
        assert untouched in text


def _words(text: str) -> list[str]:
    return sorted(text.split())


def test_enums_follow_their_values(postgresql: Live) -> None:
    before = dedent("""
        model Person {
          id   Int   @id
          mood Mood? @default(Glad)
        }

        enum Mood {
          /// best of all
          Glad
          Sad  @map("sad") // for now
          Wild

          @@map("moods")
        }
        """)
    postgresql.push(before.replace("  Wild\n", "  Calm\n").replace("  /// best", "  First\n  /// best"))
    pulled = postgresql.pull(before)
    assert _words(pulled.files[0].text) == _words(
        postgresql.head() + before.replace("  Wild\n", "  Calm\n").replace("  /// best", "  First\n  /// best")
    )
    assert set(pulled.changes) == {
        "enum Mood: value First added",
        "enum Mood: value Calm added",
        "enum Mood: value Wild removed",
    }


def test_an_enum_of_mysql_follows_where_its_columns_agree(mysql: Live) -> None:
    before = "model A {\n  id Int @id\n  one Mood\n  two Mood?\n}\n\nenum Mood {\n  Glad\n  Sad\n}\n"
    mysql.push(before)
    mysql.run("ALTER TABLE A MODIFY one ENUM('Sad', 'Glad', 'Wild') NOT NULL, MODIFY two ENUM('Sad', 'Glad', 'Wild')")
    assert mysql.pulled(before).endswith("enum Mood {\n  Sad\n  Glad\n  Wild\n}\n")
    mysql.run("ALTER TABLE A MODIFY one ENUM('Glad', 'Sad') NOT NULL")
    pulled = mysql.pulled(before)
    assert "  one Mood\n" in pulled
    assert "  two A_two?\n" in pulled
    assert pulled.endswith("enum A_two {\n  Sad\n  Glad\n  Wild\n}\n")


def test_what_directives_ask_for_is_neither_written_nor_removed(live: Live) -> None:
    models = dedent("""
        /// @infra.softDelete(field: gone%s)
        /// @infra.search(fields: [title])
        model Note {
          id    Int       @id
          title String
          code  String    @unique
          gone  DateTime?
        }
        """) % ("" if live.provider == "mysql" else ", unique: partial")
    live.push(models)
    pulled = live.pull(models)
    assert pulled.files[0].text == live.head() + models
    assert pulled.unsaid == ()


def test_a_partial_index_is_left_out_unless_the_schema_knows_them(postgresql: Live) -> None:
    models = "model A {\n  id  Int  @id\n  one Int?\n}\n"
    postgresql.push(models)
    postgresql.run('CREATE INDEX part ON "A" (one) WHERE one IS NOT NULL')
    pulled = postgresql.pull(models)
    assert pulled.changes == ()
    assert pulled.unsaid == (
        "index part of A is partial (WHERE one IS NOT NULL), which a schema says with the preview feature partialIndexes alone",
    )
    generator = 'generator client {\n  provider        = "infra-gen"\n  previewFeatures = ["partialIndexes"]\n}\n\n'
    assert '@@index([one], map: "part", where: raw("one IS NOT NULL"))' in postgresql.pulled(generator + models)
    assert not postgresql.differs(postgresql.pull(generator + models).schema)


def test_links_without_foreign_keys_stay(live: Live) -> None:
    head = live.head().replace("}\n", '  relationMode = "prisma"\n}\n', 1)
    models = dedent("""
        model A {
          id Int @id
          bs B[]
          c  C?  @relation(fields: [cId], references: [id])
          cId Int?
        }

        model B {
          id Int @id
          as A[]
        }

        model C {
          id Int @id
          as A[]
        }
        """)
    live.push_text(head + models)
    pulled = live.pull_text(head + models)
    assert pulled.files[0].text == head + models
    live.run(f"ALTER TABLE {live.quote('A')} DROP COLUMN {live.quote('cId')}")
    assert set(live.pull_text(head + models).changes) == {"A.cId removed", "A.c removed", "C.as removed"}


def test_a_link_follows_its_table_to_another_name(live: Live) -> None:
    models = dedent("""
        model Band {
          id     Int     @id
          crates Crate[]
        }

        model Crate {
          id    Int    @id
          bands Band[]
        }
        """)
    live.push(models)
    live.push(models.replace("  bands Band[]\n", '  bands Band[]\n\n  @@map("boxes")\n'))
    pulled = live.pull(models)
    assert "model boxes" in pulled.files[0].text
    assert not live.differs(pulled.schema), pulled.files[0].text


def test_views_stay_and_their_relations_go_with_the_model_they_lead_to(live: Live) -> None:
    models = dedent("""
        generator client {
          provider        = "infra-gen"
          previewFeatures = ["views"]
        }

        model A {
          id   Int   @id
          seen Seen?
        }

        view Seen {
          id   Int  @unique
          kind Kind
          a    A    @relation(fields: [id], references: [id])
        }

        model B {
          id Int @id
        }

        enum Kind {
          One
        }
        """)
    live.push(models)
    assert live.pull(models).files[0].text == live.head() + models
    live.run(f"DROP TABLE {live.quote('A')}")
    if live.provider == "postgresql":
        live.run('DROP TYPE "Kind"')
    pulled = live.pull(models)
    assert "view Seen {\n  id   Int  @unique\n  kind Kind\n}\n" in pulled.files[0].text
    assert pulled.changes == ("model A removed", "Seen.a removed")


def test_each_file_keeps_what_is_its_own(sqlite: Live) -> None:
    files = [
        SourceFile("a.prisma", "// first\nmodel A {\n id Int @id\n}\n"),
        SourceFile("base.prisma", sqlite.head()),
        SourceFile("c.prisma", "model C {\n id Int @id\n}\n"),
    ]
    sqlite.run(
        'CREATE TABLE "A" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, b INTEGER)',
        'CREATE TABLE "New" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT)',
    )
    a, base, c = sqlite.pull_files(files).files
    assert a.text == "// first\nmodel A {\n  id Int  @id\n  b  Int?\n}\n"
    assert base.text == sqlite.head() + "\nmodel New {\n  id Int @id @default(autoincrement())\n}\n"
    assert c.text == ""


def test_line_ends_stay_as_they_are(sqlite: Live) -> None:
    sqlite.run('CREATE TABLE "A" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, b INTEGER)')
    text = (sqlite.head() + "model A {\n  id Int @id\n}\n").replace("\n", "\r\n")
    pulled = sqlite.pull_text(text).files[0].text
    assert pulled == (sqlite.head() + "model A {\n  id Int  @id\n  b  Int?\n}\n").replace("\n", "\r\n")


def test_a_schema_is_emptied_to_its_datasource_and_generators(sqlite: Live) -> None:
    text = "// ours\n" + sqlite.head() + WRITTEN + "\nenum Mood {\n  Sad\n}\n"
    assert emptied([SourceFile("schema.prisma", text)])[0].text == "// ours\n" + sqlite.head().rstrip() + "\n"


KEYED = "model A {{\n  one Int{}\n  two Int{}\n{}}}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (KEYED.format(" @id", "", ""), KEYED.format("", " @id", "")),
        (KEYED.format(" @id", "", ""), KEYED.format("", "", "\n  @@id([two, one])\n")),
        (KEYED.format("", "", "\n  @@id([two, one])\n"), KEYED.format("", "", "\n  @@id([one, two])\n")),
        (KEYED.format("", "", "\n  @@id([two, one])\n"), KEYED.format(" @id", "", "")),
        (KEYED.format(" @id", " @unique", ""), KEYED.format("", " @unique", "")),
        (KEYED.format(" @id @default(autoincrement())", "", ""), KEYED.format(" @unique", " @id", "")),
    ],
)
def test_ids_change(live: Live, before: str, after: str) -> None:
    live.push(before)
    live.push(after)
    pulled = live.pull(before)
    assert _words(pulled.files[0].text.replace(" @default(autoincrement())", "")) == _words(live.head() + after)
    assert "A: id changed" in pulled.changes
    assert not live.differs(pulled.schema)


def test_a_model_whose_key_goes_is_ignored(live: Live) -> None:
    models = dedent("""
        model A {
          id Int @id
          bs B[]
        }

        model B {
          code Int  @unique
          aId  Int?
          a    A?   @relation(fields: [aId], references: [id])
        }
        """)
    live.push(models)
    live.run(f"DROP INDEX {live.quote('B_code_key')}" + (" ON `B`" if live.provider == "mysql" else ""))
    pulled = live.pull(models)
    assert pulled.files[0].text == live.head() + dedent("""
        model A {
          id Int @id
          bs B[] @ignore
        }

        model B {
          code Int
          aId  Int?
          a    A?   @relation(fields: [aId], references: [id])

          @@ignore
        }
        """)
    assert pulled.unsaid == ("table B has no unique key any more: its model B is ignored (@@ignore)",)


def test_a_comment_that_reads_as_a_directive_is_left_out(postgresql: Live) -> None:
    postgresql.run("CREATE TABLE a (id int PRIMARY KEY)", "COMMENT ON TABLE a IS '@infra.nothing()'")
    pulled = postgresql.pull()
    assert "///" not in pulled.files[0].text
    assert pulled.unsaid == ("the database's comments: as documentation they make the schema invalid",)


def test_what_makes_no_valid_schema_is_refused(sqlite: Live) -> None:
    models = "/// @infra.search(fields: [title])\nmodel Note {\n  id    Int    @id\n  title String\n}\n"
    sqlite.run('CREATE TABLE "Note" (id INTEGER PRIMARY KEY)')
    with pytest.raises(Failure, match=r"cannot be said in a valid schema; nothing was written\.\n[^$]*title"):
        sqlite.pull(models)
