"""`project` and `select` of the query builder."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra_runtime.errors import ArgumentError, InputError
from tests.projections.cards import AuthorCard, PostTitle, TagName
from tests.projections.conftest import Client
from tests.projections.package import CustomerFields, PostFields, Role


def customers(client: Client) -> Any:
    return client.infra.customer.query()


def test_a_query_answers_instances_of_a_projection(client: Client) -> None:
    query = customers(client).where(is_active=True).order_by(email="desc").project(AuthorCard)
    assert [row.mail for row in client.wait(query.all())] == ["bob@example.org", "ada@example.org"]
    first = client.wait(query.first())
    assert isinstance(first, AuthorCard)
    assert [row.mail for row in client.wait(query.stream())] == ["bob@example.org", "ada@example.org"]
    assert client.wait(query.where(name="Nobody").all()) == []


def test_clauses_may_follow_a_projection_and_the_query_before_stays_as_it_was(client: Client) -> None:
    before = customers(client)
    cards = before.project(AuthorCard)
    assert [row.mail for row in client.wait(cards.where(points=30).limit(1).all())] == ["ada@example.org"]
    assert not isinstance(client.wait(before.first()), AuthorCard)


def test_selected_columns_are_tuples_and_nothing_else_is_read(client: Client) -> None:
    query = (
        customers(client).order_by(email="asc").select(CustomerFields.email, CustomerFields.role, CustomerFields.name)
    )
    with client.sent() as sent:
        found = client.wait(query.limit(2).all())
    assert found == [("ada@example.org", Role.AUTHOR, "Ada"), ("bob@example.org", Role.CUSTOMER, None)]
    assert [name.strip('`"') for name in re.findall(r"t0\.(\S+) AS c\d", sent[0])] == ["email", "role", "name"]
    assert client.wait(query.first()) == ("ada@example.org", Role.AUTHOR, "Ada")
    assert len(client.wait(query.stream())) == 3
    assert client.wait(customers(client).order_by(id="asc").select(CustomerFields.points).all()) == [(30,), (10,), (0,)]


def test_what_was_asked_for_last_is_read(client: Client) -> None:
    query = customers(client).where(points=30)
    assert client.wait(query.select(CustomerFields.email).project(AuthorCard).first()).mail == "ada@example.org"
    assert client.wait(query.project(AuthorCard).select(CustomerFields.email).first()) == ("ada@example.org",)


def test_what_does_not_belong_to_the_model_is_refused(client: Client) -> None:
    with pytest.raises(InputError, match=r"Customer\.projection: PostTitle is a projection of Post"):
        customers(client).project(PostTitle)
    with pytest.raises(
        InputError, match=r"Customer\.select: Post\.title is a field of Post, and these are rows of Customer"
    ):
        customers(client).select(PostFields.title)
    with pytest.raises(InputError, match=r"expected a field such as CustomerFields\.id, got str"):
        customers(client).select("email")
    with pytest.raises(
        ArgumentError, match=r"Customer\.include: a projection says all that is read: leave include out"
    ):
        client.wait(customers(client).include("posts").project(AuthorCard).all())
    with pytest.raises(InputError, match=r"Customer\.select: select what\? Give fields of Customer"):
        customers(client).select()


def test_in_a_transaction_queries_project_too(client: Client) -> None:
    async def asynchronously() -> Any:
        async with client.infra.transaction() as tx:
            await tx.tag.create(data={"name": "new"})
            return await tx.tag.query().where(name="new").project(TagName).all()

    def synchronously() -> Any:
        with client.infra.transaction() as tx:
            tx.tag.create(data={"name": "new"})
            return tx.tag.query().where(name="new").project(TagName).all()

    assert client.wait(synchronously() if client.is_sync else asynchronously()) == [TagName(name="new")]


def test_pages_are_of_instances_and_of_tuples(client: Client) -> None:
    query = customers(client).order_by(points="desc", email="asc")
    page = client.wait(query.project(AuthorCard).paginate(page=2, limit=2).execute())
    assert ([card.mail for card in page.items], page.total) == (["eve@example.org"], 3)
    page = client.wait(query.select(CustomerFields.name).paginate(page=1, limit=2).execute())
    assert page.items == [("Ada",), (None,)]


@pytest.mark.parametrize("what", ["projection", "columns"])
def test_keyset_pages_know_keys_that_are_not_read(client: Client, what: str) -> None:
    query = customers(client).order_by(points="desc", created_at="asc")
    if what == "projection":
        query = query.project(AuthorCard)
    else:
        query = query.select(CustomerFields.email)
    mails, token, before = [], None, None
    for _ in range(3):
        page = client.wait(query.paginate(after=token, limit=1).execute())
        mails += [item.mail if what == "projection" else item[0] for item in page.items]
        token, before = page.next, page.previous
    assert (mails, token) == (["ada@example.org", "bob@example.org", "eve@example.org"], None)
    assert len(client.wait(query.paginate(before=before, limit=2).execute()).items) == 2


def test_words_are_searched_for_and_found_rows_projected(client: Client) -> None:
    found = client.wait(client.infra.post.query().search("notes", fields=["title"]).project(PostTitle).all())
    assert [post.title for post in found] == ["Notes"]


def test_one_exists_counts_and_the_sql(client: Client) -> None:
    query = customers(client).where(email="ada@example.org")
    assert client.wait(query.project(AuthorCard).one()).name == "Ada"
    assert client.wait(query.select(CustomerFields.name).one_or_none()) == ("Ada",)
    assert client.wait(query.project(AuthorCard).exists()) is True
    assert client.wait(query.project(AuthorCard).count()) == 1
    assert client.wait(query.select(CustomerFields.name).count()) == 1
    sql = str(query.select(CustomerFields.points).to_sql())
    assert "points" in sql
    assert "settings" not in sql
