"""A schema of any number of models, much like those of large applications: a dozen columns, enums, and relations that lead everywhere."""

from __future__ import annotations

from pathlib import Path

from infra_gen import ir
from infra_gen.config import Options, read_options
from infra_gen.front import compile_schema
from infra_gen.generate import Result, generate
from infra_gen.schema.source import SourceFile

HEAD = """\
datasource db {
  provider = "sqlite"
  url      = "file:./bench.db"
}
"""

ENUM = """
enum Status{n} {{
  DRAFT
  OPEN
  CLOSED @map("closed")
}}
"""

_MODEL = """
/// Something of the business, number {n}.
model Entity{n} {{
  id        Int      @id @default(autoincrement())
  /// What people call it.
  name      String   @unique
  code      String
  status    Status{enum} @default(OPEN)
  note      String?
  amount    Decimal?
  ratio     Float    @default(0)
  count     Int      @default(0)
  active    Boolean  @default(true)
  extras    Json?
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  next      Entity{next}? @relation("next{n}", fields: [nextId], references: [id], onDelete: NoAction, onUpdate: NoAction)
  nextId    Int?
  previous  Entity{previous}[] @relation("next{previous}")
  parent    Entity{parent}? @relation("parent{n}", fields: [parentId], references: [id], onDelete: NoAction, onUpdate: NoAction)
  parentId  Int?
{children}  tags      Entity{right}[] @relation("tags{n}")
  tagged    Entity{left}[] @relation("tags{left}")

  @@unique([code, count])
}}
"""


def made_schema(models: int) -> str:
    """The text of a schema of `models` models."""
    parts = [HEAD, *(ENUM.format(n=number) for number in range(models // 10 or 1))]
    for number in range(models):
        children = [child for child in range(models) if child // 3 == number]
        parts.append(
            _MODEL.format(
                n=number,
                enum=number // 10 % (models // 10 or 1),
                next=(number + 1) % models,
                previous=(number - 1) % models,
                parent=number // 3,
                children="".join(
                    f'  children{child} Entity{child}[] @relation("parent{child}")\n' for child in children
                ),
                right=(number + 7) % models,
                left=(number - 7) % models,
            )
        )
    return "".join(parts)


def compiled(text: str) -> ir.Schema:
    """The IR of a schema."""
    return compile_schema([SourceFile("schema.prisma", text)]).schema


def make_package(text: str, folder: Path, name: str = "db") -> Result:
    """Generates the package of a schema into `folder`."""
    schema = compiled(text)
    options: Options = read_options(schema, schema_folder=folder, flags={"output": folder / name}, start=folder)
    return generate(schema, options, schema_folder=folder)
