"""Full-text search in filters and in orders, as Prisma has it in PostgreSQL and MySQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime import ArgumentError, DataError, InputError
from tests.conftest import SCRATCH, scratch_mysql

MODELS = """
datasource db {{
  provider = "{provider}"
  url      = env("DATABASE_URL")
}}

model Post {{
  id      Int     @id
  title   String
  body    String?{text}
  slug    String?
  blog    Blog?   @relation(fields: [blogId], references: [id])
  blogId  Int?
{indexes}
}}

model Blog {{
  id    Int    @id
  name  String
  posts Post[]
{blog_index}
}}
"""
FULL_TEXT = "  @@fulltext([title])\n  @@fulltext([body])\n  @@fulltext([title, body])"
SCHEMAS = {
    "postgresql": MODELS.format(provider="postgresql", text="", indexes="", blog_index=""),
    "mysql": MODELS.format(provider="mysql", text=" @db.Text", indexes=FULL_TEXT, blog_index="  @@fulltext([name])"),
    "sqlite": MODELS.format(provider="sqlite", text="", indexes="", blog_index=""),
}
AND = {"postgresql": "{} & {}", "mysql": "+{} +{}"}


@pytest.fixture(scope="module", params=["postgresql", "mysql"])
def infra(request: pytest.FixtureRequest) -> Iterator[Any]:
    with SCRATCH[request.param]() as url, connect(SCHEMAS[request.param], url=url, interface="sync") as client:
        client.push(force=True)
        client.repository("Blog").create_many([{"id": 1, "name": "pirates"}, {"id": 2, "name": "kitchens"}])
        client.repository("Post").create_many(
            [
                {"id": 1, "title": "chicken masala", "body": "chicken, rice, masala sauce", "blogId": 2},
                {"id": 2, "title": "chicken curry", "body": "curry curry curry", "blogId": 2},
                {"id": 3, "title": "salad", "body": "chicken", "blogId": 1},
                {"id": 4, "title": "sandwich", "body": None},
            ]
        )
        yield client


def found(infra: Any, **arguments: Any) -> list[int]:
    return [row["id"] for row in infra.repository("Post").find_many(select={"id": True}, **arguments)]


def both(infra: Any, one: str, other: str) -> str:
    return AND[infra.engine.dialect.name].format(one, other)


def test_a_field_is_searched(infra: Any) -> None:
    assert sorted(found(infra, where={"title": {"search": "chicken"}})) == [1, 2]
    assert found(infra, where={"title": {"search": both(infra, "chicken", "masala")}}) == [1]


def test_fields_that_are_searched_for_the_same_are_one_text(infra: Any) -> None:
    query = both(infra, "chicken", "salad")
    assert found(infra, where={"title": {"search": query}, "body": {"search": query}}) == [3]
    # Each by itself holds half of what is searched for.
    assert found(infra, where={"AND": [{"title": {"search": query}}, {"body": {"search": query}}]}) == []
    apart = {"title": {"search": "chicken"}, "body": {"search": "curry"}}
    assert found(infra, where=apart) == [2]


def test_not_takes_all_the_others(infra: Any) -> None:
    assert sorted(found(infra, where={"NOT": {"title": {"search": "chicken"}}})) == [3, 4]


def test_a_search_in_a_relation(infra: Any) -> None:
    assert sorted(found(infra, where={"blog": {"is": {"name": {"search": "kitchens"}}}})) == [1, 2]


def test_rows_in_order_of_relevance(infra: Any) -> None:
    order = {"_relevance": {"fields": ["title", "body"], "search": "curry", "sort": "desc"}}
    assert found(infra, order=[order, {"id": "asc"}]) == [2, 1, 3, 4]
    assert found(infra, order=[order, {"id": "asc"}], cursor={"id": 1}, take=2) == [1, 3]
    by_one = {"_relevance": {"fields": "title", "search": "curry", "sort": "asc"}}
    assert found(infra, order=[by_one, {"id": "asc"}])[-1] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"where": {"title": {"search": 3}}}, "expected a text"),
        ({"where": {"id": {"search": "x"}}}, "search"),
        ({"order": {"_relevance": {"fields": ["titel"], "search": "x", "sort": "asc"}}}, "title"),
        ({"order": {"_relevance": {"fields": [], "search": "x", "sort": "asc"}}}, "at least one field"),
        ({"order": {"_relevance": {"fields": ["title"], "search": "x"}}}, "sort"),
        ({"order": {"_relevance": {"fields": ["title"], "search": "x", "sort": "asc", "by": 1}}}, "by"),
    ],
)
def test_what_makes_no_sense_is_refused(infra: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        found(infra, **arguments)


def test_mysql_wants_an_index_on_these_fields() -> None:
    with scratch_mysql() as url, connect(SCHEMAS["mysql"], url=url, interface="sync") as infra:
        infra.push(force=True)
        with pytest.raises(DataError) as caught:
            infra.repository("Post").find_many(where={"slug": {"search": "x"}})
        assert caught.value.code == "P2030"


def test_sqlite_says_that_it_cannot() -> None:
    with connect(SCHEMAS["sqlite"], url="sqlite://:memory:", interface="sync") as infra:
        with pytest.raises(InputError, match="does not exist on sqlite: use contains"):
            infra.repository("Post").find_many(where={"title": {"search": "x"}})
