"""A row that a key finds, with what belongs to it: on PostgreSQL asked for together, and everywhere the same as `find_many` answers."""

from __future__ import annotations

from typing import Any

import pytest

from infra_gen.dynamic import connect
from tests.databases import Database, Databases, datasource
from tests.runtime.conftest import Client

INCLUDES: list[dict[str, Any]] = [
    {"written": True},
    {"written": {"order": {"title": "desc"}, "take": 1}},
    {"written": {"where": {"title": "b"}, "include": {"comments": True, "author": True}}, "profile": True},
    {"manager": True, "reports": True},
    {"manager": {"include": {"written": {"include": {"comments": True}}}}, "orders": {"include": {"lines": True}}},
    {"followers": True, "written": True, "_count": {"select": {"written": True}}},
]


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture
def users(client: Client) -> None:
    comments = {"create": [{"text": "first"}, {"text": "second"}]}
    posts = [{"title": "a", "comments": comments}, {"title": "b"}, {"title": "c"}]
    client.run(
        "create",
        "User",
        data={
            "email": "ada",
            "written": {"create": posts},
            "profile": {"create": {"bio": "b"}},
            "orders": {"create": {}},
        },
    )
    client.run("create", "User", data={"email": "bob", "manager_id": 1, "followers": {"connect": [{"id": 1}]}})


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("include", INCLUDES, ids=[" ".join(include) for include in INCLUDES])
def test_it_has_the_same_with_it_as_among_many(client: Client, include: dict[str, Any]) -> None:
    for where in ({"id": 1}, {"id": 2}, {"email": "bob"}, {"id": 1, "email": "ada"}, {"id": 1, "email": "bob"}):
        many = client.run("find_many", "User", where=where, include=include)
        for _ in range(3):
            one = client.run("find_unique", "User", where=where, include=include)
            assert one == (many[0] if many else None)
            assert one is None or list(one) == list(many[0])
    assert client.run("find_unique", "User", where={"id": 99}, include=include) is None


@pytest.mark.usefixtures("users")
def test_a_write_answers_the_same(client: Client) -> None:
    include = {"written": {"order": {"title": "asc"}}, "profile": True, "manager": {"include": {"orders": True}}}
    for place in range(3):
        for wanted in (include, {"written": True}, {"manager": True}):
            changed = client.run("update", "User", where={"id": 2}, data={"logins": place}, include=wanted)
            assert changed == client.run("find_unique", "User", where={"id": 2}, include=wanted)
            assert changed["logins"] == place
            moved = client.run("update", "User", where={"email": "bob"}, data={"id": 12}, include=wanted)
            assert moved["id"] == 12
            client.run("update", "User", where={"id": 12}, data={"id": 2})
        data = {"email": f"new {place}", "manager": {"connect": {"id": 1}}}
        made = client.run("create", "User", data=data, include=include)
        assert made == client.run("find_unique", "User", where={"id": made["id"]}, include=include)
        with client.transaction() as tx:
            changed = tx.run("update", "User", where={"id": 2}, data={"logins": 9}, include=include)
            assert changed["logins"] == 9


def test_a_key_that_is_equal_to_another_finds_what_belongs_to_it(databases: Databases) -> None:
    database = databases("postgresql")
    models = """
model Parent {
  id       String  @id @db.Char(4)
  children Child[]
}
model Child {
  id        String   @id @db.Uuid
  parent_id String   @db.Char(4)
  parent    Parent   @relation(fields: [parent_id], references: [id])
  toys      Toy[]
}
model Toy {
  id       BigInt @id
  child_id String @db.Uuid
  child    Child  @relation(fields: [child_id], references: [id])
}
"""
    child = "0f0e0d0c-1111-4222-8333-0a0b0c0d0e0f"
    with connect(datasource("postgresql") + models, url=database.url(models), interface="sync") as infra:
        infra.repository("Parent").create(data={"id": "a", "children": {"create": [{"id": child}]}})
        infra.repository("Toy").create(data={"id": 2**40, "child_id": child})
        for _ in range(3):
            parent: Any = infra.repository("Parent").find_unique(where={"id": "a"}, include={"children": True})
            assert [one["id"] for one in parent["children"]] == [child]
            found: Any = infra.repository("Child").find_unique(where={"id": child.upper()}, include={"toys": True})
            assert [toy["id"] for toy in found["toys"]] == [2**40]
            toy: Any = infra.repository("Toy").find_unique(where={"id": 2**40}, include={"child": True})
            assert toy["child"]["id"] == child
