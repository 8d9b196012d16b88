"""Unique keys that hold for living rows alone: a deleted row's values are free again."""

from __future__ import annotations

from typing import Any

import pytest

from infra_gen.database.connection import connected
from infra_gen.database.ddl import create_steps
from infra_gen.database.push import plan_push, push
from infra_gen.dynamic import connect
from infra_gen.schema.source import SchemaError
from infra_runtime import UniqueViolationError
from infra_runtime.urls import parse_url
from tests.database.schemas import schema_of
from tests.databases import Databases
from tests.soft_delete.schemas import schema

MODELS = """
/// @infra.softDelete(field: deletedAt)
model User {
  id        Int       @id @default(autoincrement())
  email     String    @unique
  code      String    @unique
  first     String?
  last      String?
  deletedAt DateTime? @map("deleted at")
  cards     Card[]

  @@unique([first, last])
}

model Card {
  id    Int    @id
  owner User   @relation(fields: [code], references: [code])
  code  String
}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def infra(request: pytest.FixtureRequest, databases: Databases) -> Any:
    url = databases(request.param).url(MODELS)
    with connect(schema(MODELS, request.param), url=url, interface="sync") as client:
        yield client


def test_values_are_free_again(infra: Any) -> None:
    users = infra.repository("User")
    for number in range(3):
        made = users.create({"email": "ada", "code": str(number), "first": "A", "last": "L"})
        with pytest.raises(UniqueViolationError):
            users.create({"email": "ada", "code": "9"})
        assert users.find_unique({"email": "ada"})["id"] == made["id"]
        assert users.find_unique({"first_last": {"first": "A", "last": "L"}})["id"] == made["id"]
        if number < 2:
            users.delete({"email": "ada"})
    assert users.count(deleted="with") == 3
    with pytest.raises(UniqueViolationError):
        users.restore({"code": "0"})


def test_a_key_that_a_foreign_key_refers_to_stays_whole(infra: Any) -> None:
    users = infra.repository("User")
    users.create({"email": "ada", "code": "1"})
    users.delete({"code": "1"})
    with pytest.raises(UniqueViolationError):
        users.create({"email": "eve", "code": "1"})


def test_upserts_and_duplicates_go_by_living_rows(infra: Any) -> None:
    users = infra.repository("User")
    users.create({"email": "ada", "code": "1"})
    users.delete({"email": "ada"})
    for name, code in (("A", "2"), ("B", "3")):
        data = {"create": {"email": "ada", "code": code, "first": name}, "update": {"first": name}}
        assert users.upsert({"email": "ada"}, data)["first"] == name
    assert (
        users.upsert_many(
            [{"where": {"email": "ada"}, "create": {"email": "ada", "code": "4"}, "update": {"first": "C"}}]
        )
        == 1
    )
    assert users.create_many([{"email": "ada", "code": "5"}, {"email": "bob", "code": "6"}], skip_duplicates=True) == 1
    assert sorted(user["code"] for user in users.find_many()) == ["2", "6"]


def test_a_push_finds_them_again() -> None:
    wanted = schema_of(MODELS, "sqlite")
    with connected(parse_url(":memory:"), wanted) as connection:
        push(wanted, connection)
        assert plan_push(wanted, connection).steps == ()
        full = schema_of(MODELS.replace("deletedAt)", "deletedAt, unique: full)"), "sqlite")
        assert {step.comment for step in push(full, connection).steps} == {"DropIndex", "CreateIndex"}
        assert plan_push(full, connection).steps == ()


def test_mysql_has_no_partial_indexes() -> None:
    with pytest.raises(SchemaError, match="`unique` of `@infra.softDelete` cannot be `partial` on mysql"):
        schema_of(MODELS.replace("deletedAt)", "deletedAt, unique: partial)"), "mysql")
    assert "WHERE" not in "\n".join(step.sql for step in create_steps(schema_of(MODELS, "mysql")))


@pytest.mark.parametrize("provider", ["sqlite", "postgresql"])
def test_they_can_be_left_out(provider: str) -> None:
    full = MODELS.replace("deletedAt)", "deletedAt, unique: full)")
    without = create_steps(schema_of(MODELS, provider), directives=False)
    assert without == create_steps(schema_of(full, provider))
    assert without != create_steps(schema_of(MODELS, provider))
