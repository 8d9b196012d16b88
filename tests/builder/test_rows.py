"""What queries answer: rows, one row, counts, aggregates, groups, streams; what they change; on every database, in both interfaces."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from infra_runtime import MultipleRecordsFoundError, RecordNotFoundError, RelationNotLoadedError
from tests.projections.conftest import Client
from tests.projections.package import Customer, CustomerFields, Post

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


def emails(client: Client, query: Any) -> list[str]:
    return [row.email for row in client.wait(query.all())]


@pytest.fixture
def customers(client: Client) -> Any:
    """A query on customers, in the order of their emails."""
    return client.infra.customer.query().order_by(email="asc")


# -- which rows --------------------------------------------------------------------------------------------------------
def test_a_query_without_clauses_answers_every_row(client: Client) -> None:
    rows = client.wait(client.infra.customer.query().all())
    assert {row.email for row in rows} == {ADA, BOB, EVE}
    assert all(type(row) is Customer for row in rows)


def test_conditions_of_several_calls_and_of_one_hold_together(client: Client, customers: Any) -> None:
    assert emails(client, customers.where(is_active=True, points={"gt": 10})) == [ADA]
    assert emails(client, customers.where(is_active=True).where(points={"gt": 10})) == [ADA]
    assert emails(client, customers.where({"is_active": True}, {"points": {"gt": 10}})) == [ADA]
    assert emails(client, customers.where({"points": {"gt": 0}}, is_active=True).where(points={"lt": 30})) == [BOB]


def test_the_same_field_can_be_narrowed_again(client: Client, customers: Any) -> None:
    assert emails(client, customers.where(points={"gte": 10}).where(points={"lte": 10})) == [BOB]
    assert emails(client, customers.where(points=10).where(points=30)) == []


def test_or_where_is_an_alternative_to_all_that_was_said_before(client: Client, customers: Any) -> None:
    either = customers.where(is_active=True).where(points={"gt": 10}).or_where(name="Eve", is_active=False)
    assert emails(client, either) == [ADA, EVE]
    assert emails(client, either.where(name="Ada")) == [ADA]
    assert emails(client, customers.or_where(name="Eve")) == [EVE]


def test_conditions_reach_relations(client: Client, customers: Any) -> None:
    assert emails(client, customers.where(posts={"some": {"views": {"gt": 5}}})) == [ADA]


def test_field_handles_stand_for_columns(client: Client, customers: Any) -> None:
    assert emails(client, customers.where(points={"equals": CustomerFields.points})) == [ADA, BOB, EVE]


# -- in which order, and where from ------------------------------------------------------------------------------------
def test_order_is_by_the_first_named_then_by_the_next(client: Client) -> None:
    posts = client.infra.post.query()
    by_words = posts.order_by(published="desc", views="asc")
    by_calls = posts.order_by(published="desc").order_by({"views": "asc"})
    expected = ["sketch", "notes", "draft", "reply"]
    for query in (by_words, by_calls, posts.order_by({"published": "desc"}, views="asc")):
        assert [row.slug for row in client.wait(query.all())] == expected


def test_limit_and_offset(client: Client, customers: Any) -> None:
    assert emails(client, customers.limit(2)) == [ADA, BOB]
    assert emails(client, customers.offset(1).limit(1)) == [BOB]
    assert emails(client, customers.limit(0)) == []
    assert emails(client, customers.limit(1).limit(3)) == [ADA, BOB, EVE]


def test_cursor_begins_with_a_row(client: Client, customers: Any) -> None:
    assert emails(client, customers.cursor({"email": BOB})) == [BOB, EVE]
    assert emails(client, customers.cursor({"email": BOB}).offset(1)) == [EVE]


def test_distinct(client: Client) -> None:
    posts = client.infra.post.query().order_by(views="asc").distinct("published")
    assert [row.slug for row in client.wait(posts.all())] == ["draft", "sketch"]


# -- with what ---------------------------------------------------------------------------------------------------------
def test_relations_are_included_by_name_or_with_arguments(client: Client, customers: Any) -> None:
    ada = client.wait(
        customers.include("profile", "orders", posts={"order": {"views": "desc"}, "take": 1}).where(name="Ada").one()
    )
    assert ada.profile.bio == "Countess"
    assert len(ada.orders) == 2
    assert [post.slug for post in ada.posts] == ["notes"]
    with pytest.raises(RelationNotLoadedError):
        _ = ada.followers


def test_includes_add_up(client: Client, customers: Any) -> None:
    query = customers.include(posts={"order": {"views": "desc"}, "take": 1}).include("posts", "profile")
    query = query.include(posts={"include": {"tags": True}}).include(posts={"include": {"comments": True}})
    ada = client.wait(query.where(name="Ada").one())
    assert [post.slug for post in ada.posts] == ["notes"]
    assert {tag.name for tag in ada.posts[0].tags} == {"maths", "engines"}
    assert len(ada.posts[0].comments) == 2
    assert ada.profile is not None
    with pytest.raises(RelationNotLoadedError):
        _ = client.wait(query.include(profile=False).first()).profile


def test_related_rows_are_counted(client: Client, customers: Any) -> None:
    ada = client.wait(customers.include("_count").first())
    assert vars(ada)["_count"]["posts"] == 3
    ada = client.wait(customers.include(_count={"select": {"posts": {"where": {"published": True}}}}).first())
    assert vars(ada)["_count"] == {"posts": 2}


# -- one row -----------------------------------------------------------------------------------------------------------
def test_first_is_the_first_in_order_or_none(client: Client, customers: Any) -> None:
    assert client.wait(customers.first()).email == ADA
    assert client.wait(customers.offset(2).limit(5).first()).email == EVE
    assert client.wait(customers.where(name="nobody").first()) is None
    assert client.wait(customers.limit(0).first()) is None


def test_one_is_the_only_row(client: Client, customers: Any) -> None:
    assert client.wait(customers.where(name="Eve").one()).email == EVE
    assert client.wait(customers.limit(1).one()).email == ADA
    with pytest.raises(RecordNotFoundError, match="one Customer was expected, and there is none"):
        client.wait(customers.where(name="nobody").one())
    with pytest.raises(MultipleRecordsFoundError, match="one Customer was expected, and there are several"):
        client.wait(customers.one())


def test_one_or_none_is_the_only_row_or_none(client: Client, customers: Any) -> None:
    assert client.wait(customers.where(name="Eve").one_or_none()).email == EVE
    assert client.wait(customers.where(name="nobody").one_or_none()) is None
    with pytest.raises(MultipleRecordsFoundError):
        client.wait(customers.one_or_none())


# -- numbers -----------------------------------------------------------------------------------------------------------
def test_count_counts_what_all_would_answer(client: Client, customers: Any) -> None:
    for query in (
        customers,
        customers.where(is_active=True),
        customers.limit(2),
        customers.limit(9).offset(1),
        customers.include("posts"),
        customers.cursor({"email": BOB}),
        customers.distinct("is_active"),
        customers.distinct("is_active").offset(1),
        customers.distinct("is_active").offset(9),
        customers.distinct("is_active", "name").limit(2),
        customers.where(is_active=True).distinct("is_active"),
    ):
        assert client.wait(query.count()) == len(client.wait(query.all()))


def test_exists_tells_whether_all_would_answer_anything(client: Client, customers: Any) -> None:
    for query in (
        customers,
        customers.where(name="nobody"),
        customers.include("posts").where(name="Ada"),
        customers.offset(2),
        customers.offset(3),
        customers.limit(0),
        customers.distinct("is_active").offset(1),
        customers.distinct("is_active").offset(2),
    ):
        assert client.wait(query.exists()) is bool(client.wait(query.all()))


def test_exists_reads_no_row_where_conditions_are_all(client: Client, customers: Any) -> None:
    with client.sent() as sent:
        client.wait(customers.where(name="Ada").include("posts").exists())
    assert len(sent) == 1
    assert sent[0].startswith("SELECT 1")


def test_aggregates(client: Client) -> None:
    posts = client.infra.post.query().where(published=True)
    found = client.wait(posts.aggregate(count=True, sum={"views": True}, max={"views": True}))
    assert found == {"_count": 2, "_sum": {"views": 10}, "_max": {"views": 7}}
    limited = client.wait(posts.order_by(views="asc").limit(1).aggregate(sum={"views": True}))
    assert limited == {"_sum": {"views": 3}}


def test_groups(client: Client) -> None:
    by_author = client.infra.post.query().where(views={"gt": 0}).group_by("published", count=True, sum={"views": True})
    ordered = by_author.order_by({"published": "asc"})
    assert client.wait(ordered.all()) == [
        {"published": False, "_count": 2, "_sum": {"views": 3}},
        {"published": True, "_count": 2, "_sum": {"views": 10}},
    ]
    assert client.wait(ordered.all()) == client.wait(ordered.execute())
    assert [row["published"] for row in client.wait(ordered.limit(1).offset(1).all())] == [True]
    many = by_author.having({"views": {"_sum": {"gt": 3}}}).having({"published": True})
    assert [row["published"] for row in client.wait(many.all())] == [True]


def test_groups_are_ordered_by_aggregates(client: Client) -> None:
    groups = client.infra.order.query().group_by("status", sum={"total": True}).order_by({"_sum": {"total": "desc"}})
    assert [row["_sum"]["total"] for row in client.wait(groups.all())] == [Decimal("20.00"), Decimal("10.50")]


# -- streams -----------------------------------------------------------------------------------------------------------
def test_a_stream_answers_the_rows_of_all(client: Client, customers: Any) -> None:
    query = customers.include("posts").limit(2)
    assert client.wait(query.stream(batch_size=1)) == client.wait(query.all())
    assert client.wait(query.stream()) == client.wait(query.all())


# -- changes -----------------------------------------------------------------------------------------------------------
def test_update_changes_the_rows_of_the_query_and_no_other(client: Client, customers: Any) -> None:
    assert client.wait(customers.where(is_active=True).update(points={"increment": 1}, name="changed")) == 2
    rows = client.wait(customers.all())
    assert [(row.name, row.points) for row in rows] == [("changed", 31), ("changed", 11), ("Eve", 0)]


def test_delete_deletes_the_rows_of_the_query_and_no_other(client: Client) -> None:
    drafts = client.infra.post.query().where(published=False).order_by(views="asc").include("tags")
    assert client.wait(drafts.delete()) == 2
    assert client.wait(client.infra.post.query().count()) == 2


def test_a_limit_of_a_change_takes_any_of_the_rows(client: Client) -> None:
    posts = client.infra.post.query()
    assert client.wait(posts.limit(3).update(views=100)) == 3
    assert client.wait(posts.where(views=100).count()) == 3
    assert client.wait(posts.where(views=100).limit(2).delete()) == 2
    assert client.wait(posts.count()) == 2


# -- where queries come from -------------------------------------------------------------------------------------------
def test_a_query_of_a_row_class_is_one_of_its_repository(client: Client) -> None:
    query = client.infra.query(Post)
    assert type(query) is type(client.infra.post.query())
    assert client.wait(query.where(slug="notes").one()).title == "Notes"


def test_apply_puts_parts_of_queries_into_the_chain(client: Client, customers: Any) -> None:
    def richer_than(query: Any, points: int, *, name: str | None = None) -> Any:
        return query.where(points={"gt": points}, **({"name": name} if name else {}))

    assert emails(client, customers.apply(richer_than, 5)) == [ADA, BOB]
    assert emails(client, customers.apply(richer_than, 5, name="Ada").limit(1)) == [ADA]
    assert client.wait(customers.apply(lambda query: query.count())) == 3


def test_a_query_in_a_transaction_sees_and_keeps_what_it_does(client: Client) -> None:
    if client.is_sync:
        with pytest.raises(ZeroDivisionError), client.infra.transaction() as tx:
            tx.post.query().where(published=True).delete()
            assert tx.query(Post).count() == 2
            raise ZeroDivisionError
    else:

        async def undone() -> None:
            async with client.infra.transaction() as tx:
                await tx.post.query().where(published=True).delete()
                assert await tx.query(Post).count() == 2
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            client.wait(undone())
    assert client.wait(client.infra.post.query().count()) == 4
