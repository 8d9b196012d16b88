"""What pulled things are called, as `prisma db pull` calls them."""

from __future__ import annotations

from textwrap import dedent

from tests.pull.conftest import Live


def text(models: str) -> str:
    return dedent(models).lstrip("\n")


def test_names_that_the_language_does_not_take_are_mapped(sqlite: Live) -> None:
    sqlite.run(
        'CREATE TABLE "my table" (id integer NOT NULL PRIMARY KEY, "2fa" text, "a b" text, "a-b" text, "1" text)',
        'CREATE TABLE "class" (id integer NOT NULL PRIMARY KEY)',
        'CREATE TABLE "_new" (id integer NOT NULL PRIMARY KEY)',
        'CREATE TABLE "String" (id integer NOT NULL PRIMARY KEY)',
        'CREATE TABLE "42" (id integer NOT NULL PRIMARY KEY)',
    )
    assert sqlite.pulled() == text("""
        model Model_42 {
          id Int @id @default(autoincrement())

          @@map("42")
        }

        model RenamedString {
          id Int @id @default(autoincrement())

          @@map("String")
        }

        model Renamednew {
          id Int @id @default(autoincrement())

          @@map("_new")
        }

        model Renamedclass {
          id Int @id @default(autoincrement())

          @@map("class")
        }

        model my_table {
          id      Int     @id @default(autoincrement())
          fa      String? @map("2fa")
          a_b     String? @map("a b")
          a_b_2   String? @map("a-b")
          field_1 String? @map("1")

          @@map("my table")
        }
        """)


def test_a_relation_is_named_after_its_models(sqlite: Live) -> None:
    sqlite.run(
        "CREATE TABLE author (id integer NOT NULL PRIMARY KEY)",
        "CREATE TABLE post (id integer NOT NULL PRIMARY KEY,"
        " author_id integer NOT NULL REFERENCES author (id) ON DELETE RESTRICT ON UPDATE CASCADE)",
        "CREATE TABLE profile (author_id integer NOT NULL PRIMARY KEY REFERENCES author (id) ON DELETE CASCADE)",
    )
    assert sqlite.pulled() == text("""
        model author {
          id      Int      @id @default(autoincrement())
          post    post[]
          profile profile?
        }

        model post {
          id        Int    @id @default(autoincrement())
          author_id Int
          author    author @relation(fields: [author_id], references: [id])
        }

        model profile {
          author_id Int    @id @default(autoincrement())
          author    author @relation(fields: [author_id], references: [id], onDelete: Cascade, onUpdate: NoAction)
        }
        """)


def test_several_relations_between_two_models_have_names(sqlite: Live) -> None:
    sqlite.run(
        'CREATE TABLE "User" (id integer NOT NULL PRIMARY KEY)',
        'CREATE TABLE "Post" (id integer NOT NULL PRIMARY KEY,'
        ' authorId integer NOT NULL REFERENCES "User" (id) ON DELETE RESTRICT ON UPDATE CASCADE,'
        ' editorId integer REFERENCES "User" (id) ON DELETE SET NULL ON UPDATE CASCADE)',
    )
    assert sqlite.pulled() == text("""
        model Post {
          id                       Int   @id @default(autoincrement())
          authorId                 Int
          editorId                 Int?
          User_Post_authorIdToUser User  @relation("Post_authorIdToUser", fields: [authorId], references: [id])
          User_Post_editorIdToUser User? @relation("Post_editorIdToUser", fields: [editorId], references: [id])
        }

        model User {
          id                       Int    @id @default(autoincrement())
          Post_Post_authorIdToUser Post[] @relation("Post_authorIdToUser")
          Post_Post_editorIdToUser Post[] @relation("Post_editorIdToUser")
        }
        """)


def test_a_relation_to_itself_and_one_whose_column_has_the_name_of_the_model(sqlite: Live) -> None:
    sqlite.run(
        'CREATE TABLE "User" (id integer NOT NULL PRIMARY KEY,'
        ' bossId integer REFERENCES "User" (id) ON DELETE SET NULL ON UPDATE CASCADE)',
        'CREATE TABLE "Note" (id integer NOT NULL PRIMARY KEY,'
        ' "User" integer NOT NULL REFERENCES "User" (id) ON DELETE RESTRICT ON UPDATE CASCADE)',
    )
    assert sqlite.pulled() == text("""
        model Note {
          id                   Int  @id @default(autoincrement())
          User                 Int
          User_Note_UserToUser User @relation("Note_UserToUser", fields: [User], references: [id])
        }

        model User {
          id                   Int    @id @default(autoincrement())
          bossId               Int?
          Note_Note_UserToUser Note[] @relation("Note_UserToUser")
          User                 User?  @relation("UserToUser", fields: [bossId], references: [id])
          other_User           User[] @relation("UserToUser")
        }
        """)


def test_join_tables_of_prisma_are_relations(live: Live) -> None:
    live.push("""
        model Post {
          id    Int    @id
          tags  Tag[]
          fans  User[] @relation("Likes")
          reads User[] @relation("Reads")
        }

        model Tag {
          id    Int    @id
          posts Post[]
        }

        model User {
          id      Int    @id
          likes   Post[] @relation("Likes")
          reads   Post[] @relation("Reads")
          friends User[] @relation("Friends")
          of      User[] @relation("Friends")
        }
        """)
    id_ = "Int    @id @default(autoincrement())" if live.provider == "sqlite" else "Int    @id"
    assert live.pulled() == text(f"""
        model Post {{
          id         {id_}
          User_Likes User[] @relation("Likes")
          Tag        Tag[]
          User_Reads User[] @relation("Reads")
        }}

        model Tag {{
          id   {id_}
          Post Post[]
        }}

        model User {{
          id         {id_}
          User_A     User[] @relation("Friends")
          User_B     User[] @relation("Friends")
          Post_Likes Post[] @relation("Likes")
          Post_Reads Post[] @relation("Reads")
        }}
        """)


def test_a_join_table_with_columns_of_its_own_is_a_model(sqlite: Live) -> None:
    sqlite.run(
        'CREATE TABLE "A" (id integer NOT NULL PRIMARY KEY)',
        'CREATE TABLE "_Link" ("A" integer NOT NULL REFERENCES "A" (id), "B" integer NOT NULL REFERENCES "A" (id),'
        ' at integer, PRIMARY KEY ("A", "B"))',
    )
    assert "model Link {" in sqlite.pulled()


def test_constraints_have_names_where_they_are_not_prismas(postgresql: Live) -> None:
    postgresql.run(
        "CREATE TABLE author (id int, email text, CONSTRAINT author_id PRIMARY KEY (id), CONSTRAINT one_email UNIQUE (email))",
        "CREATE TABLE post (a int NOT NULL, b int NOT NULL, by int NOT NULL, body jsonb, title varchar(20), PRIMARY KEY (b, a),"
        " CONSTRAINT written FOREIGN KEY (by) REFERENCES author (id) ON DELETE CASCADE ON UPDATE CASCADE)",
        "CREATE UNIQUE INDEX post_a_by_key ON post (a, by DESC)",
        "CREATE INDEX by_body ON post USING gin (body jsonb_path_ops)",
        "CREATE INDEX by_title ON post (title varchar_pattern_ops)",
        "CREATE INDEX post_by_idx ON post USING hash (by)",
    )
    assert postgresql.pulled() == text("""
        model author {
          id    Int     @id(map: "author_id")
          email String? @unique(map: "one_email")
          post  post[]
        }

        model post {
          a      Int
          b      Int
          by     Int
          body   Json?
          title  String? @db.VarChar(20)
          author author  @relation(fields: [by], references: [id], onDelete: Cascade, map: "written")

          @@id([b, a])
          @@unique([a, by(sort: Desc)])
          @@index([body(ops: JsonbPathOps)], map: "by_body", type: Gin)
          @@index([title(ops: raw("varchar_pattern_ops"))], map: "by_title")
          @@index([by], type: Hash)
        }
        """)
    assert not postgresql.differs(postgresql.pull().schema)


def test_a_table_without_a_key_is_ignored(sqlite: Live) -> None:
    sqlite.run(
        "CREATE TABLE author (id integer NOT NULL PRIMARY KEY)",
        "CREATE TABLE log (by integer REFERENCES author (id) ON DELETE SET NULL ON UPDATE CASCADE, line text UNIQUE)",
    )
    pulled = sqlite.pull()
    assert pulled.files[0].text.removeprefix(sqlite.head()).lstrip() == text("""
        model author {
          id  Int   @id @default(autoincrement())
          log log[] @ignore
        }

        /// The underlying table does not contain a valid unique identifier and can therefore currently not be handled by Prisma Client.
        model log {
          by     Int?
          line   String? @unique
          author author? @relation(fields: [by], references: [id])

          @@ignore
        }
        """)
    assert pulled.unsaid == ("table log has no unique key: its model log is ignored (@@ignore)",)
    assert not sqlite.differs(pulled.schema)


AUTHOR = "CREATE TABLE author (id int NOT NULL PRIMARY KEY, code int)"
POST = (
    "CREATE TABLE post (id int NOT NULL PRIMARY KEY, author_id int NOT NULL,"
    " CONSTRAINT written FOREIGN KEY (author_id) REFERENCES author (id) ON DELETE SET NULL ON UPDATE CASCADE)"
)


def test_what_a_schema_does_not_let_a_foreign_key_do_is_told(sqlite: Live) -> None:
    sqlite.run(AUTHOR, POST)
    pulled = sqlite.pull()
    assert "author    author @relation(fields: [author_id], references: [id])\n" in pulled.files[0].text
    assert pulled.unsaid[0] == (
        "foreign key author_id of post has SET NULL for columns that are NOT NULL: it is written as Restrict"
    )


def test_postgresql_lets_it(postgresql: Live) -> None:
    postgresql.run(AUTHOR, POST)
    pulled = postgresql.pull()
    assert "onDelete: SetNull" in pulled.files[0].text
    assert pulled.unsaid == ()


def test_a_foreign_key_to_what_is_not_unique_is_left_out_and_told(mysql: Live) -> None:
    mysql.run(
        AUTHOR,
        "CREATE INDEX by_code ON author (code)",
        "CREATE TABLE post (id int PRIMARY KEY, code int, CONSTRAINT written FOREIGN KEY (code) REFERENCES author (code))",
    )
    pulled = mysql.pull()
    assert "@relation" not in pulled.files[0].text
    assert pulled.unsaid[0] == "foreign key written of post refers to code of author, which is no unique key"


def test_enums_and_values_are_named(postgresql: Live) -> None:
    postgresql.run(
        "CREATE TYPE mood AS ENUM ('very glad', 'sad', '1', '')",
        "CREATE TYPE \"case\" AS ENUM ('upper')",
        "CREATE TABLE person (id int PRIMARY KEY, mood mood NOT NULL DEFAULT 'very glad', moods mood[] DEFAULT '{sad}', c \"case\")",
    )
    assert postgresql.pulled() == text("""
        model person {
          id    Int          @id
          mood  mood         @default(very_glad)
          moods mood[]       @default([sad])
          c     Renamedcase?
        }

        enum Renamedcase {
          upper

          @@map("case")
        }

        enum mood {
          very_glad        @map("very glad")
          sad
          VALUE_1          @map("1")
          EMPTY_ENUM_VALUE @map("")
        }
        """)
    assert not postgresql.differs(postgresql.pull().schema)


def test_enums_of_mysql_are_named_after_their_columns(mysql: Live) -> None:
    mysql.run("CREATE TABLE person (id int PRIMARY KEY, mood enum('very glad', 'sad') NOT NULL DEFAULT 'very glad')")
    assert mysql.pulled() == text("""
        model person {
          id   Int         @id
          mood person_mood @default(very_glad)
        }

        enum person_mood {
          very_glad @map("very glad")
          sad
        }
        """)


def test_tables_of_several_schemas(postgresql: Live) -> None:
    postgresql.run(
        "CREATE SCHEMA one",
        "CREATE SCHEMA two",
        "CREATE TYPE one.mood AS ENUM ('sad')",
        "CREATE TABLE one.thing (id int PRIMARY KEY, mood one.mood)",
        "CREATE TABLE two.thing (id int PRIMARY KEY REFERENCES one.thing (id) ON DELETE RESTRICT ON UPDATE CASCADE)",
    )
    head = 'datasource db {\n  provider = "postgresql"\n  schemas  = ["one", "two"]\n}\n'
    pulled = postgresql.pull_text(head)
    assert pulled.files[0].text == head + "\n" + text("""
        model one_thing {
          id        Int        @id
          mood      mood?
          two_thing two_thing?

          @@map("thing")
          @@schema("one")
        }

        model two_thing {
          id        Int       @id
          one_thing one_thing @relation(fields: [id], references: [id])

          @@map("thing")
          @@schema("two")
        }

        enum mood {
          sad

          @@schema("one")
        }
        """)
    assert not postgresql.differs(pulled.schema)


def test_comments_of_the_database_document_what_is_new(postgresql: Live) -> None:
    postgresql.run(
        "CREATE TABLE post (id int PRIMARY KEY, title text)",
        "COMMENT ON TABLE post IS E'What people write\\nand read'",
        "COMMENT ON COLUMN post.title IS 'One line'",
    )
    assert postgresql.pulled() == text("""
        /// What people write
        /// and read
        model post {
          id    Int     @id
          /// One line
          title String?
        }
        """)
    assert "///" not in postgresql.pulled("model post {\n  id Int @id\n  title String?\n}\n")


def test_comments_of_mysql(mysql: Live) -> None:
    mysql.run("CREATE TABLE post (id int PRIMARY KEY COMMENT 'Number') COMMENT 'What people write'")
    assert mysql.pulled() == text("""
        /// What people write
        model post {
          /// Number
          id Int @id
        }
        """)
