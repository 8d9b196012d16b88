"""Soft delete where much happens at once, and where the runtime carries referential actions out by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime import RecordNotFoundError, RequiredRelationViolationError
from tests.databases import Databases
from tests.soft_delete.schemas import schema

USERS = """
/// @infra.softDelete(field: deletedAt)
model User {
  id        Int       @id @default(autoincrement())
  email     String    @unique
  logins    Int       @default(0)
  deletedAt DateTime?
}
"""


@pytest.mark.parametrize("provider", ["sqlite", "postgresql"])
def test_upserts_at_once_make_one_living_row(databases: Databases, provider: str) -> None:
    url = databases(provider).url(USERS)
    with connect(schema(USERS, provider), url=url, interface="sync") as infra:
        users: Any = infra.repository("User")
        users.create({"email": "ada"})
        users.delete({"email": "ada"})

        def upsert(_: int) -> None:
            users.upsert(
                {"email": "ada"}, {"create": {"email": "ada", "logins": 1}, "update": {"logins": {"increment": 1}}}
            )

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(upsert, range(24)))
        assert [user["logins"] for user in users.find_many()] == [24]
        assert users.count(deleted="with") == 2


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_a_row_is_deleted_once(databases: Databases, provider: str) -> None:
    models = USERS.replace("deletedAt)", "deletedAt, unique: full)")
    url = databases(provider).url(models)
    with connect(schema(models, provider), url=url, interface="sync") as infra:
        users: Any = infra.repository("User")
        users.create_many([{"email": str(number)} for number in range(10)])

        def delete(number: int) -> bool:
            try:
                users.delete({"email": str(number % 10)})
            except RecordNotFoundError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(delete, range(40))) == 10


EMULATED = """
/// @infra.softDelete(field: deletedAt)
model Owner {
  id        Int       @id
  deletedAt DateTime?
  pets      Pet[]
  toys      Toy[]
  guards    Guard[]
}

/// @infra.softDelete(field: deletedAt)
model Pet {
  id        Int       @id
  deletedAt DateTime?
  owner     Owner     @relation(fields: [ownerId], references: [id], onDelete: Cascade)
  ownerId   Int

  @@index([ownerId])
}

model Toy {
  id      Int    @id
  owner   Owner? @relation(fields: [ownerId], references: [id], onDelete: SetNull)
  ownerId Int?

  @@index([ownerId])
}

model Guard {
  id      Int   @id
  owner   Owner @relation(fields: [ownerId], references: [id], onDelete: Restrict)
  ownerId Int

  @@index([ownerId])
}
"""


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_referential_actions_of_the_runtime_follow_a_purge_alone(databases: Databases, provider: str) -> None:
    url = databases(provider).url(EMULATED)
    text = schema(EMULATED, provider).replace("\n}\n", '\n  relationMode = "prisma"\n}\n', 1)
    with connect(text, url=url, interface="sync") as infra:
        owners, pets, toys, guards = (infra.repository(name) for name in ("Owner", "Pet", "Toy", "Guard"))
        owners.create({"id": 1})
        for repository in (pets, toys, guards):
            repository.create({"id": 1, "ownerId": 1})
        owners.delete({"id": 1})
        assert (pets.count(), toys.find_first()["ownerId"], guards.count()) == (0, 1, 1)
        owners.restore({"id": 1})
        assert pets.count() == 1
        with pytest.raises(RequiredRelationViolationError):
            owners.purge({"id": 1})
        guards.delete_many()
        pets.delete({"id": 1})
        owners.purge({"id": 1})
        assert (pets.count(deleted="with"), toys.find_first()["ownerId"]) == (0, None)
