"""The schema of the tests of `@infra.search`: keys of every kind, one model without an index."""

from __future__ import annotations

MODELS = """
/// @infra.search(fields: [title, body])
model Article {
  id      Int     @id @default(autoincrement())
  title   String
  body    String? TEXT
  topic   String  @default("")
  author  Writer? @relation(fields: [authorId], references: [code], onDelete: Cascade)
  authorId String?
}

/// @infra.search(fields: [name, motto], language: "english")
model Writer {
  code     String    @id @map("writer code")
  name     String    @map("full name")
  motto    String    @default("")
  articles Article[]

  @@map("the writers")
}

/// @infra.search(fields: [rank])
model Seat {
  row  Int
  rank String

  @@id([row, rank])
}

model Plain {
  id   Int    @id
  text String
  more String?
}
"""


def models(provider: str) -> str:
    """The models, with columns long enough for what is searched."""
    return MODELS.replace(" TEXT", " @db.Text" if provider == "mysql" else "")


def schema(provider: str) -> str:
    """The models with a datasource; its URL is given to the client."""
    return f'datasource db {{\n  provider = "{provider}"\n  url      = env("NOT_READ")\n}}\n{models(provider)}'
