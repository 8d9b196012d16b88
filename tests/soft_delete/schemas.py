"""The blog of the tests of soft delete: authors, their posts and comments keep deleted rows; drafts and tags do not."""

from __future__ import annotations

BLOG = """
/// @infra.softDelete(field: deletedAt, unique: full)
model Author {
  id        Int       @id
  email     String    @unique
  name      String?
  updatedAt DateTime  @updatedAt
  deletedAt DateTime?
  posts     Post[]
  profile   Profile?
  drafts    Draft[]
}

/// @infra.softDelete(field: goneAt)
/// @infra.search(fields: [title])
model Post {
  id       Int       @id
  title    String
  views    Int       @default(0)
  goneAt   DateTime? @map("gone at")
  author   Author?   @relation(fields: [authorId], references: [id], onDelete: Cascade)
  authorId Int?
  comments Comment[]
  tags     Tag[]
  parent   Post?     @relation("Thread", fields: [parentId], references: [id], onDelete: Cascade, onUpdate: NoAction)
  parentId Int?
  replies  Post[]    @relation("Thread")
}

/// @infra.softDelete(field: deletedAt)
model Comment {
  id        Int       @id
  text      String
  deletedAt DateTime?
  post      Post      @relation(fields: [postId], references: [id], onDelete: Cascade)
  postId    Int
}

/// @infra.softDelete(field: deletedAt)
model Profile {
  id        Int       @id
  bio       String
  deletedAt DateTime?
  author    Author?   @relation(fields: [authorId], references: [id], onDelete: SetNull)
  authorId  Int?      @unique
}

model Draft {
  id       Int     @id
  text     String
  author   Author? @relation(fields: [authorId], references: [id], onDelete: Cascade)
  authorId Int?
}

model Tag {
  id    Int    @id
  name  String
  posts Post[]
}
"""


def schema(models: str, provider: str) -> str:
    """The models with a datasource; its URL is given to the client."""
    return f'datasource db {{\n  provider = "{provider}"\n  url      = env("NOT_READ")\n}}\n{models}'
