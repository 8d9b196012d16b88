"""A conformance case: rows that are there, a question, and what Prisma answers to it.

Cases are data. Each area is a module of `tests.conformance.cases` that holds a list of them; `test_cases` runs them all, on every
database and through both interfaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = """
model Person {
  id       Int      @id
  name     String
  nick     String?
  age      Int?
  mentorId Int?
  mentor   Person?  @relation("Mentoring", fields: [mentorId], references: [id])
  students Person[] @relation("Mentoring")
  profile  Profile?
  posts    Post[]   @relation("Writing")
  reviews  Post[]   @relation("Reviewing")
}

model Profile {
  id       Int    @id
  bio      String
  personId Int    @unique
  person   Person @relation(fields: [personId], references: [id], onDelete: Cascade)
}

model Post {
  id         Int       @id @default(autoincrement())
  title      String
  score      Float     @default(0)
  at         DateTime?
  data       Json?
  authorId   Int
  author     Person    @relation("Writing", fields: [authorId], references: [id])
  reviewerId Int?
  reviewer   Person?   @relation("Reviewing", fields: [reviewerId], references: [id])
  tags       Tag[]
}

model Tag {
  name  String @id
  posts Post[]
}

model Seat {
  row    Int
  place  Int
  holder String? @unique
  bookings Booking[]

  @@id([row, place])
}

model Booking {
  id    Int   @id
  row   Int?
  place Int?
  seat  Seat? @relation(fields: [row, place], references: [row, place])
}

model Ticket {
  id    Int    @id
  level Level?
}

enum Level {
  LOW
  MIDDLE
  HIGH
}
"""

ALL = ("sqlite", "postgresql", "mysql")
"""The databases a case runs on where it says nothing."""

Call = tuple[str, str, dict[str, Any]]
"""Model, method, arguments."""


def call(model: str, method: str, **arguments: Any) -> Call:
    return model, method, arguments


@dataclass(frozen=True)
class Fails:
    """The answer is an error with this code of Prisma's, whose text says this."""

    code: str
    saying: str = ""


@dataclass(frozen=True)
class Case:
    """`title` says the rule. `given` are calls made before; `then` is what `when` answers; `leaves` is what is there afterwards;
    `on` the databases it holds on."""

    title: str
    when: Call
    then: Any = None
    given: tuple[Call, ...] = ()
    leaves: tuple[Call, Any] | None = None
    on: tuple[str, ...] = ALL

    def __str__(self) -> str:
        return self.title


def people(*rows: Mapping[str, Any]) -> tuple[Call, ...]:
    """Calls that make these people, with what is nested in them."""
    return tuple(call("Person", "create", data=dict(row)) for row in rows)


def ids(model: str, **arguments: Any) -> Call:
    """The ids of the rows of a model, in their order where none is given."""
    return call(model, "find_many", **{"order": {"id": "asc"}, **arguments, "select": {"id": True}})


def found(*numbers: int) -> list[dict[str, int]]:
    """The answer to `ids`."""
    return [{"id": number} for number in numbers]
