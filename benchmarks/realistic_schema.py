"""A schema of any number of models, related as those of real applications are; random, and the same each time.

Real schemas have two to three relation fields a model, and few models have most of them: the user, to whom a fifth of all models belong, the
organization, and in each part of the application one model that the others of the part belong to (cal.com's of 42 models: 3.0, the user 22; Evolution
API's of 36: 2.6, the instance 34). Between them are chains, trees of a model's own rows, and relations of many to many. Columns are five to forty, a
dozen on average; every second model has a unique key beside its id, every third one of two columns.
"""

from __future__ import annotations

from random import Random

from benchmarks.made_schema import ENUM, HEAD, made_schema

SEED = 5
PART = 10
"""The models of a part of the application: its own in the middle, a chain, and others."""

_BASIC = """\
  id        Int      @id @default(autoincrement())
  /// What people call it.
  name      String{unique}
  code      String
  status    Status{enum} @default(OPEN)
  createdAt DateTime @default(now())
"""
_COLUMNS = (
    "String?",
    "String",
    'String @default("")',
    "Int @default(0)",
    "Int?",
    "Boolean @default(false)",
    "DateTime?",
    "DateTime @updatedAt",
    "Json?",
    "Decimal?",
    "Float?",
    "BigInt?",
    "Bytes?",
)


class _Models:
    """The lines of each model's fields, and how relations are added to two of them."""

    def __init__(self, number: int) -> None:
        self.random = Random(SEED)
        self.lines: list[list[str]] = [self._columns(model, number) for model in range(number)]

    def _columns(self, model: int, models: int) -> list[str]:
        enum = model // 10 % (models // 10 or 1)
        number = min(int(self.random.expovariate(1 / 6)), 34)
        more = [f"  column{column} {self.random.choice(_COLUMNS)}\n" for column in range(number)]
        unique = "   @unique" if model % 2 else ""
        return [_BASIC.format(enum=enum, unique=unique), *more]

    def belongs(self, child: int, parent: int, name: str, back: str) -> None:
        """A relation of many rows of `child` to one of `parent`; every third is optional."""
        relation, optional = f'"{name}{child}"', "" if self.random.random() < 2 / 3 else "?"
        acts = "onDelete: NoAction, onUpdate: NoAction"
        self.lines[child] += [
            f"  {name}Id Int{optional}\n",
            f"  {name} Entity{parent}{optional} @relation({relation}, fields: [{name}Id], references: [id], {acts})\n",
        ]
        self.lines[parent].append(f"  {back} Entity{child}[] @relation({relation})\n")

    def many_to_many(self, left: int, right: int) -> None:
        self.lines[left].append(f'  tags Entity{right}[] @relation("tags{left}")\n')
        self.lines[right].append(f'  tagged{left} Entity{left}[] @relation("tags{left}")\n')


def realistic_schema(models: int) -> str:
    """The text of a schema of `models` models. `Entity0` is the user, `Entity1` the organization; the sixth of each part is in the middle of a chain."""
    made = _Models(models)
    for model in range(2, models):
        first = model - model % PART
        place = model - first
        if made.random.random() < 0.22:
            made.belongs(model, 0, "user", f"entities{model}")
        if made.random.random() < 0.12:
            made.belongs(model, 1, "organization", f"entities{model}")
        if place > 2 and made.random.random() < 0.6:
            made.belongs(model, first + 2, "owner", f"owned{model}")
        if 3 < place < 7:
            made.belongs(model, model - 1, "next", "previous")
        if place == 8 and made.random.random() < 0.5:
            made.belongs(model, model, "parent", "children")
        if place == 5:
            made.many_to_many(model, (model + PART * 3) % models)
        if made.random.random() < 0.2:
            made.belongs(model, made.random.randrange(2, models), "other", f"others{model}")
    enums = "".join(ENUM.format(n=number) for number in range(models // 10 or 1))
    return HEAD + enums + "".join(_model(number, "".join(lines)) for number, lines in enumerate(made.lines))


def _model(number: int, fields: str) -> str:
    compound = "" if number % 3 else "\n  @@unique([code, createdAt])\n"
    return f"\n/// Something of the business, number {number}.\nmodel Entity{number} {{\n{fields}{compound}}}\n"


SCHEMAS = {
    **{f"{models} models, each leads to every other": made_schema(models) for models in (20, 50, 100)},
    **{f"{models} models, related as real ones are": realistic_schema(models) for models in (100, 300)},
}
"""What packages are measured with, by their titles."""
