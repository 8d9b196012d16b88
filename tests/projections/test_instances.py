"""Instances of projections are pydantic models: dumps, JSON, copies, equality, and the exact schema that FastAPI shows."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import TypeAdapter, ValidationError

from tests.projections.cards import AuthorCard, EveryScalar, PostTitle, TagName
from tests.projections.package import Infrastructure, SyncInfrastructure


def made() -> AuthorCard:
    """An instance as a query makes it: of values alone, without validation."""
    tags = [TagName.__projection__().make({"name": "maths"})]
    posts = [PostTitle.__projection__().make({"title": "Notes", "tags": tags})]
    card = AuthorCard.__projection__().make({"name": None, "mail": "ada@example.org", "posts": posts})
    assert isinstance(card, AuthorCard)
    return card


DUMPED: dict[str, Any] = {
    "name": None,
    "mail": "ada@example.org",
    "posts": [{"title": "Notes", "tags": [{"name": "maths"}]}],
    "initials": "A",
}


def test_they_dump_in_the_order_of_the_class() -> None:
    assert made().model_dump() == DUMPED
    assert list(made().model_dump()) == list(DUMPED)
    assert json.loads(made().model_dump_json()) == DUMPED
    assert made().model_dump(include={"mail"}) == {"mail": "ada@example.org"}
    assert TypeAdapter(list[AuthorCard]).dump_python([made()]) == [DUMPED]


def test_they_are_equal_to_validated_ones_copied_and_pickled() -> None:
    by_hand = AuthorCard(
        name=None, mail="ada@example.org", posts=[PostTitle(title="Notes", tags=[TagName(name="maths")])]
    )
    assert made() == by_hand
    for other in (copy.copy(made()), copy.deepcopy(made()), pickle.loads(pickle.dumps(made())), made().model_copy()):
        assert other == made()
    assert made().model_copy(update={"name": "Ada"}).greeting() == "Hello, Ada"
    assert made().model_fields_set == {"name", "mail", "posts"}
    assert repr(TagName.__projection__().make({"name": "maths"})) == "TagName(name='maths')"


def test_they_are_frozen_and_hashable_where_their_values_are() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        made().name = "Ada"  # type: ignore[misc]
    assert len({TagName(name="x"), TagName.__projection__().make({"name": "x"})}) == 1
    with pytest.raises(AttributeError):
        made().email  # type: ignore[attr-defined] # noqa: B018


def test_methods_properties_and_computed_fields_are_the_class_s_own() -> None:
    assert (made().shown, made().initials, made().greeting("Hi")) == ("ada@example.org", "A", "Hi, ada@example.org")


async def test_fastapi_shows_the_exact_schema_and_answers_with_it() -> None:
    app = FastAPI()

    @app.get("/authors")
    def authors() -> list[AuthorCard]:
        return [made()]

    @app.get("/author", response_model=AuthorCard)
    async def author() -> Any:
        return made()

    async with AsyncClient(transport=ASGITransport(app), base_url="http://shop") as client:
        assert (await client.get("/authors")).json() == [DUMPED]
        assert (await client.get("/author")).json() == DUMPED
        schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert {name: schemas[name] for name in ("AuthorCard", "PostTitle", "TagName")} == {
        "AuthorCard": {
            "title": "AuthorCard",
            "type": "object",
            "properties": {
                "name": {"title": "Name", "anyOf": [{"type": "string"}, {"type": "null"}]},
                "mail": {"title": "Mail", "type": "string"},
                "posts": {"title": "Posts", "type": "array", "items": {"$ref": "#/components/schemas/PostTitle"}},
                "initials": {"title": "Initials", "type": "string", "readOnly": True},
            },
            "required": ["name", "mail", "posts", "initials"],
        },
        "PostTitle": {
            "title": "PostTitle",
            "type": "object",
            "properties": {
                "title": {"title": "Title", "type": "string"},
                "tags": {"title": "Tags", "type": "array", "items": {"$ref": "#/components/schemas/TagName"}},
            },
            "required": ["title", "tags"],
        },
        "TagName": {
            "title": "TagName",
            "type": "object",
            "properties": {"name": {"title": "Name", "type": "string"}},
            "required": ["name"],
        },
    }


def test_the_schema_of_columns_is_that_of_their_types() -> None:
    properties = EveryScalar.model_json_schema(mode="serialization")["properties"]
    assert properties["price"]["type"] == "string"
    assert properties["weight"] == {"title": "Weight", "anyOf": [{"type": "number"}, {"type": "null"}]}
    assert properties["details"] == {"title": "Details"}


def test_projected_reads_have_no_writes() -> None:
    asynchronous, blocking = Infrastructure(url="sqlite://:memory:"), SyncInfrastructure(url="sqlite://:memory:")
    for reads in (asynchronous.customer.project(AuthorCard), blocking.customer.project(AuthorCard)):
        assert hasattr(reads, "find_many")
        assert not hasattr(reads, "create")
