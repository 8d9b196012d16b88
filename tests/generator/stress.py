"""A schema of everything that may trouble generated code, for each provider: kinds of fields, of keys, of relations, and every taken name.

Its package is checked by the tests of this folder; nothing in it is meant to make sense.
"""

from __future__ import annotations

PROVIDERS = ("sqlite", "postgresql", "mysql")

_NATIVE = {
    "sqlite": "",
    "postgresql": """
  code     String   @db.VarChar(12)
  fixed    String   @db.Char(3)
  key      String   @unique @db.Uuid
  small    Int      @db.SmallInt
  money    Decimal  @db.Decimal(12, 4)
  half     Float    @db.Real
  day      DateTime @db.Date
  hour     DateTime @db.Time(3)
  moment   DateTime @db.Timestamptz(6)
  document Json     @db.Json
  address  String   @db.Inet
""",
    "mysql": """
  code   String   @db.VarChar(12)
  fixed  String   @db.Char(3)
  key    String   @unique @db.VarChar(36)
  small  Int      @db.SmallInt
  tiny   Int      @db.UnsignedTinyInt
  money  Decimal  @db.Decimal(12, 4)
  half   Float    @db.Float
  day    DateTime @db.Date
  hour   DateTime @db.Time(3)
  moment DateTime @db.DateTime(6)
  long   String   @db.LongText
""",
}

_LISTS = """
  texts     String[]   @default(["a", "b"])
  numbers   Int[]
  bigs      BigInt[]
  floats    Float[]
  decimals  Decimal[]
  truths    Boolean[]
  moments   DateTime[]
  documents Json[]
  bytes     Bytes[]
  states    State[]
"""

_ENUMS = """
/// Says "what" state; back\\slash, and \"\"\"three quotes\"\"\".
enum State {
  /// It ends with a quote "
  ON    @map("switched-on")
  /// It ends with a backslash \\
  OFF
  None
  name
  value
  mro
  title
  count
}

enum datetime {
  now
  later
}
"""

_MODELS = """
/// "A quote at the start, a backslash \\ within, \"\"\"three quotes\"\"\", a tab\tand one at the end"
/// A second line that is very long indeed, so long that it has to be wrapped, as no line of code should be longer than eighty-eight characters.
///
/// @infra.cache(ttl: 60)
model Everything {
  id        Int       @id @default(autoincrement())
  /// "
  text      String
  /// \\
  big       BigInt    @default(9007199254740993)
  number    Int       @default(1)
  /// \"\"\"
  float     Float
  decimal   Decimal
  truth     Boolean   @default(false)
  moment_   DateTime  @default(now())
  changed   DateTime  @updatedAt
  json_     Json
  blob      Bytes
  state     State     @default(ON)
  datetime  datetime
  textO     String?
  bigO      BigInt?
  numberO   Int?
  floatO    Float?
  decimalO  Decimal?
  truthO    Boolean?
  momentO   DateTime?
  jsonO     Json?
  blobO     Bytes?
  stateO    State?
  secret    String    @default("x") @ignore
  shape     Unsupported("shape")?
@NATIVE@@LISTS@}

/// Relations to itself, and several between the same two models.
model Person {
  id        Int         @id
  name      String      @unique @map("full name")
  boss      Person?     @relation("Boss", fields: [bossId], references: [id], onDelete: NoAction, onUpdate: NoAction)
  bossId    Int?
  staff     Person[]    @relation("Boss")
  mentor    Person?     @relation("Mentor", fields: [mentorId], references: [id], onDelete: NoAction, onUpdate: NoAction)
  mentorId  Int?        @unique
  pupil     Person?     @relation("Mentor")
  friends   Person[]    @relation("Friends")
  friendOf  Person[]    @relation("Friends")
  written   Letter[]    @relation("from")
  received  Letter[]    @relation("to")
  seats     Seat[]
  badges    Badge[]
}

model Letter {
  from    Person @relation("from", fields: [fromId], references: [id])
  fromId  Int
  to      Person @relation("to", fields: [toId], references: [id], onDelete: NoAction, onUpdate: NoAction)
  toId    Int
  at      DateTime
  subject String
  body    String
  seats   Seat[]

  @@id([fromId, toId, at])
  @@unique([fromId, subject], name: "bySubject", map: "letters_by_subject")
  @@unique([toId, at])
}

model Seat {
  hall     String
  row      Int
  person   Person?   @relation(fields: [personId], references: [id])
  personId Int?
  letter   Letter?   @relation(fields: [fromId, toId, at], references: [fromId, toId, at], onDelete: NoAction, onUpdate: NoAction)
  fromId   Int?
  toId     Int?
  at       DateTime?
  badges   Badge[]

  @@id([hall, row], name: "place")
}

/// An implicit many-to-many needs one id: this is the other kind, with a required relation that is a view's too.
model Badge {
  person   Person @relation(fields: [personId], references: [id])
  personId Int
  seat     Seat   @relation(fields: [hall, row], references: [hall, row])
  hall     String
  row      Int

  @@id([personId, hall, row])
}

model Left {
  id     String  @id @default(uuid())
  rights Right[]
  named  Right[] @relation("Named")
}

model Right {
  id    String @id @default(cuid())
  lefts Left[]
  named Left[] @relation("Named")
}

model Hidden {
  id Int @id

  @@ignore
}

/// A row nobody can make.
model Sealed {
  id    Int                    @id
  shape Unsupported("shape")
}

view Report {
  id    Int     @unique
  title String?
}

/// Keywords, builtins, what pydantic has, parameters of finders, keys of `where`.
model Taken {
  id              Int      @id
  class           String
  from            String
  None            String?
  lambda          Int      @unique
  async           Boolean?
  match           String?
  type            String   @unique
  int             Int
  str             String
  list            Int
  dict            Int?
  bool            Boolean
  bytes           Bytes
  float           Float
  object          Int
  property        Int
  print           Int?
  super           Int?
  datetime        DateTime
  Decimal         Decimal
  Json            Json
  Literal         Int
  TypedDict       Int
  Required        Int
  Any             Int
  Row             Int
  relation        Int
  copy            Int
  json            Json
  schema          String?
  validate        Int?
  construct       Int?
  model_config    Int
  model_fields    Int?
  model_dump      Int?
  model_extra     Int?
  model_          Int?
  self            Int      @unique
  cls             Int?
  include         Int      @unique
  options         Int      @unique
  where           String?
  data            String?
  AND             Int?
  OR              Int?
  NOT             Int?
  FieldHandle     Int
  NOT_GIVEN       Int
  Taken           Taken?   @relation("self", fields: [id], references: [lambda], onDelete: NoAction, onUpdate: NoAction)
  Takens          Taken?   @relation("self")
  List            List[]

  @@unique([class, from])
  @@unique([self, include])
  @@unique([str, list], name: "in")
}

/// Pairs that meet when names are converted.
model Meeting {
  id        Int    @id
  userId    Int
  user_id   Int
  UserID    Int
  camelCase String @unique
  HTTPCode  Int
  httpCode  Int

  @@unique([userId, user_id])
}

// Models called like builtins, types, and classes of the runtime or of the package.
model List {
  id      Int    @id
  Taken   Taken  @relation(fields: [takenId], references: [id])
  takenId Int
}

model Any {
  id Int @id
}

model Row {
  id  Int  @id
  Row Int?
}

model Literal {
  id Int @id
}

model Required {
  id   Int    @id
  name String
}

model TypedDict {
  id Int @id
}

model TypeAlias {
  id Int @id
}

model Never {
  id Int @id
}

model Options {
  id Int @id
}

model FieldHandle {
  id Int @id
}

model Repository {
  id Int @id
}

model SyncRepository {
  id Int @id
}

model Infrastructure {
  id Int @id
}

model PackageRows {
  id Int @id
}

model SCHEMA {
  id Int @id
}

model ROWS {
  id Int @id
}

model SortDirection {
  id Int @id
}

model StringFilter {
  id   Int    @id
  text String
}

model cached_property {
  id Int @id
}

model TYPE_CHECKING {
  id Int @id
}

model import_module {
  id Int @id
}

model StrEnum {
  id Int @id
}

model relation {
  id Int @id
}

model str {
  id   Int    @id
  text String
}

model list {
  id Int @id
}

model int {
  id Int @id
}

model property {
  id Int @id
}

"""


def stress_schema(provider: str) -> str:
    """The schema for a provider; of several database schemas where it has them."""
    several = provider == "postgresql"
    head = f'datasource db {{\n  provider = "{provider}"\n  url = env("DATABASE_URL")\n' + (
        '  schemas = ["public", "other"]\n}\n' if several else "}\n"
    )
    generator = 'generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["views"]\n}\n'
    text = head + generator + _ENUMS + _MODELS
    text = text.replace("@NATIVE@", _NATIVE[provider]).replace("@LISTS@", _LISTS if several else "")
    return _in_schemas(text) if several else text


def _in_schemas(text: str) -> str:
    """Every model and enum in a database schema of its own choice, in turn."""
    lines, names, inside = [], ("public", "other"), False
    count = 0
    for line in text.split("\n"):
        inside = inside or line.startswith(("model ", "enum ", "view "))
        if line == "}" and inside:
            lines.append(f'\n  @@schema("{names[count % 2]}")')
            count, inside = count + 1, False
        lines.append(line)
    return "\n".join(lines)
