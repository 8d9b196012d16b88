"""Schemas the database tests share: one text for all providers, with what each cannot hold left out."""

from __future__ import annotations

from infra_gen import ir
from infra_gen.front import compile_schema
from infra_gen.schema.source import SourceFile

LIBRARY = """
model Reader {
  id       Int      @id @default(autoincrement())
  card     String   @unique
  name     String
  joined   DateTime @default(now())
  level    Level    @default(Guest)
  balance  Decimal  @default(0)
  active   Boolean  @default(true)
  motto    String?  @default("it's \\"fine\\"")
  mentorId Int?
  mentor   Reader?  @relation("Mentoring", fields: [mentorId], references: [id])
  pupils   Reader[] @relation("Mentoring")
  loans    Loan[]
  shelves  Shelf[]

  @@index([name, joined(sort: Desc)])
}

model Shelf {
  id      BigInt   @id
  label   String   @map("shelf_label")
  photo   Bytes?
  notes   Json?
  weight  Float    @default(1.5)
  readers Reader[]
  loans   Loan[]

  @@map("shelves")
}

model Loan {
  readerId Int
  shelfId  BigInt
  due      DateTime
  reader   Reader @relation(fields: [readerId], references: [id], onDelete: Cascade)
  shelf    Shelf  @relation(fields: [shelfId], references: [id], onUpdate: NoAction)

  @@id([readerId, shelfId])
  @@unique([shelfId, due])
}

enum Level {
  Guest  @map("guest")
  Member
}
"""


def schema_of(models: str, provider: str) -> ir.Schema:
    """The IR of `models` for a provider."""
    text = f'datasource db {{\n  provider = "{provider}"\n  url      = "file:unused.db"\n}}\n{models}'
    return compile_schema((SourceFile("schema.prisma", text),)).schema
