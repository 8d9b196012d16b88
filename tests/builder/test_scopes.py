"""Default scopes: what every query on a model is narrowed by, unless it has a name and is lifted by it."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime import FieldNotFoundError, InputError
from tests.projections.conftest import Client
from tests.projections.package import Customer, Post


def slugs(client: Client, query: Any) -> list[str]:
    return [row.slug for row in client.wait(query.order_by(slug="asc").all())]


@pytest.fixture
def infra(client: Client) -> Any:
    """A client that shows published posts only, and no customer without points."""
    client.infra.scope(Post, lambda context: {"published": True}, name="published")
    client.infra.scope("Customer", lambda context: {"points": {"gt": context.values.get("least", 0)}})
    return client.infra


def test_a_scope_holds_in_every_end_of_a_query(client: Client, infra: Any) -> None:
    posts = infra.post.query()
    assert slugs(client, posts) == ["notes", "sketch"]
    assert slugs(client, posts.or_where(published=False)) == []
    assert client.wait(posts.count()) == 2
    assert client.wait(posts.where(slug="draft").exists()) is False
    assert client.wait(posts.group_by("published", count=True).all()) == [{"published": True, "_count": 2}]
    assert client.wait(posts.update(views=0)) == 2
    assert client.wait(posts.delete()) == 2
    assert slugs(client, posts.unscoped("published")) == ["draft", "reply"]


def test_a_scope_holds_in_relations_and_their_filters(client: Client, infra: Any) -> None:
    ada = client.wait(infra.customer.query().include("posts", "_count").order_by(id="asc").first())
    assert {post.slug for post in ada.posts} == {"notes", "sketch"}
    assert vars(ada)["_count"]["posts"] == 2
    assert client.wait(infra.customer.query().where(posts={"some": {"slug": "draft"}}).exists()) is False
    lifted = infra.customer.query().unscoped("published").include("posts").order_by(id="asc")
    assert {post.slug for post in client.wait(lifted.first()).posts} == {"notes", "sketch", "draft"}


def test_a_scope_reads_the_context_of_the_call(client: Client, infra: Any) -> None:
    assert client.wait(infra.customer.query().count()) == 2
    assert client.wait(infra.bind(least=10).customer.query().count()) == 1


def test_a_scope_without_a_name_is_never_lifted(client: Client, infra: Any) -> None:
    assert client.wait(infra.customer.query().unscoped().count()) == 2
    assert slugs(client, infra.post.query().unscoped()) == ["draft", "notes", "reply", "sketch"]


def test_lifting_a_scope_reaches_groups_and_repositories_too(client: Client, infra: Any) -> None:
    assert client.wait(
        infra.post.query().unscoped("published").group_by("published").order_by({"published": "asc"}).all()
    ) == [
        {"published": False},
        {"published": True},
    ]
    assert client.wait(infra.post.count(options={"unscoped": ["published"]})) == 4
    assert client.wait(infra.post.count()) == 2


def test_scopes_of_several_names_are_lifted_one_by_one(client: Client, infra: Any) -> None:
    infra.add_scope(lambda model, context: {"views": {"gt": 2}}, ["Post"], name="seen")
    posts = infra.post.query()
    assert slugs(client, posts) == ["notes", "sketch"]
    assert slugs(client, posts.unscoped("seen")) == ["notes", "sketch"]
    assert slugs(client, posts.unscoped("published")) == ["notes", "sketch"]
    assert slugs(client, posts.unscoped("published").unscoped("seen")) == ["draft", "notes", "reply", "sketch"]


def test_what_there_is_not_is_no_scope_and_has_none(infra: Any) -> None:
    with pytest.raises(FieldNotFoundError, match="unknown scope `publishd`; did you mean `published`"):
        infra.post.query().unscoped("publishd")
    with pytest.raises(FieldNotFoundError, match="unknown model `Posst`; did you mean `Post`"):
        infra.scope("Posst", lambda context: None)
    with pytest.raises(InputError, match="int is no row class of this client's package"):
        infra.scope(int, lambda context: None)


def test_clients_made_from_one_share_its_scopes(client: Client, infra: Any) -> None:
    infra.bind(actor="x").scope(Customer, lambda context: {"name": "Ada"})
    assert client.wait(infra.customer.query().count()) == 1
