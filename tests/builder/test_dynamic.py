"""Queries without generated code: the same methods, names unchecked until they run, rows as dicts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime import FieldNotFoundError
from infra_runtime.operations.explain import KeysOf

SCHEMA = """
datasource db {
  provider = "sqlite"
  url      = "file::memory:"
}

model User {
  id    Int    @id
  self  String
  posts Post[]
}

model Post {
  id      Int    @id
  title   String
  userId  Int
  user    User   @relation(fields: [userId], references: [id])
  pages   Page[]

  @@unique([id, title])
}

model Page {
  number Int
  postId Int
  title  String
  post   Post   @relation(fields: [postId, title], references: [id, title])

  @@id([postId, number])
}
"""


@pytest.fixture
def infra() -> Iterator[Any]:
    with connect(SCHEMA, interface="sync") as infra:
        infra.push()
        user, post, page = map(infra.repository, ("User", "Post", "Page"))
        user.create_many(data=[{"id": 1, "self": "ada"}, {"id": 2, "self": "bob"}])
        post.create_many(data=[{"id": 1, "title": "a", "userId": 1}, {"id": 2, "title": "b", "userId": 1}])
        page.create_many(data=[{"number": number, "postId": 1, "title": "a"} for number in (1, 2)])
        yield infra


def test_rows_are_dicts(infra: Any) -> None:
    query = infra.repository("User").query().where({"id": {"gt": 0}}, self="ada").include("posts")
    assert query.order_by(self="asc").all() == [
        {
            "id": 1,
            "self": "ada",
            "posts": [{"id": 1, "title": "a", "userId": 1}, {"id": 2, "title": "b", "userId": 1}],
        }
    ]


def test_rows_of_chosen_fields(infra: Any) -> None:
    query = infra.repository("Post").query().select("title").order_by(id="desc")
    assert query.all() == [{"title": "b"}, {"title": "a"}]
    query = query.select(user={"select": {"self": True}}).select(user={"select": {"id": True}})
    assert query.first() == {"title": "b", "user": {"self": "ada", "id": 1}}
    assert query.count() == 2


def test_changes(infra: Any) -> None:
    query = infra.repository("Page").query().where(number=1)
    assert query.update(number=7) == 1
    assert infra.repository("Page").query().where(number=7).delete() == 1


def test_relations_by_compound_keys_are_told_of(infra: Any) -> None:
    statements = infra.repository("Post").query().include("pages").to_sql()
    keys = KeysOf("", ("id", "title"))
    assert statements[1].parameters == (keys,) or statements[1].parameters == (keys, keys)
    assert [
        len(post["pages"]) for post in infra.repository("Post").query().include("pages").order_by(id="asc").all()
    ] == [2, 0]


def test_errors_name_the_nearest(infra: Any) -> None:
    with pytest.raises(FieldNotFoundError, match="did you mean `title`"):
        infra.repository("Post").query().where(titel="x").all()


def test_awaitable_clients_have_awaitable_queries() -> None:
    async def ask() -> list[Any]:
        async with connect(SCHEMA) as infra:
            await infra.push()
            await infra.repository("User").create(data={"id": 1, "self": "ada"})
            rows: list[Any] = await infra.repository("User").query().where(self="ada").select("id").all()
            return rows

    assert asyncio.run(ask()) == [{"id": 1}]
