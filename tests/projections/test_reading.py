"""What is read for a projection: the values, the statements, the columns in them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

import pytest

from infra_runtime import Count, From, InputError, Operation, Projection, RecordNotFoundError, current_context
from infra_runtime.errors import ArgumentError, RelationNotLoadedError
from tests.projections.cards import (
    AuthorCard,
    CategoryCard,
    CommentText,
    EveryScalar,
    OrderCard,
    ParentName,
    Person,
    Placed,
    PostTitle,
    Shelf,
    TagName,
)
from tests.projections.conftest import BIRTHDAY, Client
from tests.projections.package import Comment, Customer, OrderStatus, Post, Profile, Role, Tag


class ProfileCard(Projection[Profile]):
    bio: str | None
    avatar: bytes | None
    birthday: Any


class WithProfile(Projection[Customer]):
    email: str
    profile: ProfileCard | None


class OnlyRelated(Projection[Customer]):
    """No column of its own: keys are read to find the posts, and belong to nobody."""

    posts: list[PostTitle]
    followers: list[Name]


class Name(Projection[Customer]):
    name: str | None


def cards(client: Client) -> Any:
    return client.infra.customer.project(AuthorCard)


ADA: dict[str, Any] = {"where": {"email": "ada@example.org"}}


def test_a_row_has_what_the_class_declares_and_nothing_else(client: Client) -> None:
    ada = client.wait(cards(client).find_unique_or_raise(**ADA))
    assert type(ada) is AuthorCard
    # Whoever shows a row, as a debugging event loop does, fills in its cached properties.
    assert set(vars(ada)) - {"initials"} == {"name", "mail", "posts"}
    assert (ada.name, ada.mail) == ("Ada", "ada@example.org")
    assert {post.title: {tag.name for tag in post.tags} for post in ada.posts} == {
        "Notes": {"maths", "engines"},
        "Sketch": set(),
        "Draft": set(),
    }
    assert {type(post) for post in ada.posts} == {PostTitle}
    assert {type(tag) for post in ada.posts for tag in post.tags} == {TagName}


def test_there_is_one_statement_for_each_level_of_relations(client: Client) -> None:
    with client.sent() as sent:
        client.wait(cards(client).find_many())
    assert len(sent) == 3


def test_only_the_wanted_columns_are_read(client: Client) -> None:
    with client.sent() as sent:
        client.wait(cards(client).find_many())
    customers, posts, tags = ([name.strip('`"') for name in re.findall(r"t0\.(\S+) AS c\d", sql)] for sql in sent)
    assert customers == ["name", "email", "id"]  # the id finds the posts
    assert posts == ["title", "id", "authorId"]
    assert tags == ["name"]


def test_columns_of_to_one_relations_are_joined_and_rows_counted_in_the_same_statement(client: Client) -> None:
    with client.sent() as sent:
        found = client.wait(client.infra.post.project(Placed).find_many(order={"slug": "asc"}))
    assert len(sent) == 1
    assert [tuple(vars(row).values()) for row in found] == [
        ("draft", "Ada", "Countess", None, 0, 0),
        ("notes", "Ada", "Countess", None, 2, 1),
        ("reply", None, None, "ada@example.org", 0, 0),
        ("sketch", "Ada", "Countess", None, 0, 0),
    ]


def test_a_model_is_joined_once_however_many_of_its_columns_are_read(client: Client) -> None:
    class Twice(Projection[Post]):
        mail: Annotated[str, From("author.email")]
        points: Annotated[int, From("author.points")]

    with client.sent() as sent:
        client.wait(client.infra.post.project(Twice).find_many())
    assert sent[0].count("JOIN") == 1


def test_one_relation_may_be_read_in_several_ways_each_with_its_arguments(client: Client) -> None:
    shelves = client.wait(client.infra.customer.project(Shelf).find_many(order={"email": "asc"}))
    assert [
        (shelf.email, [post.title for post in shelf.best], [post.title for post in shelf.public], shelf.total)
        for shelf in shelves
    ] == [
        ("ada@example.org", ["Notes"], ["Notes", "Sketch"], 3),
        ("bob@example.org", ["Reply"], [], 1),
        ("eve@example.org", [], [], 0),
    ]


def test_values_are_those_of_the_model_s_rows(client: Client) -> None:
    product = client.wait(client.infra.product.find_first_or_raise())
    projected = client.wait(client.infra.product.project(EveryScalar).find_first_or_raise())
    assert vars(projected) == {name: getattr(product, name) for name in EveryScalar.model_fields}
    assert (type(projected.price), type(projected.barcode)) == (Decimal, int)
    person = client.wait(client.infra.customer.project(Person).find_unique_or_raise(**ADA))
    ada = client.wait(client.infra.customer.find_unique_or_raise(**ADA))
    assert vars(person) == {name: getattr(ada, name) for name in Person.model_fields}
    assert person.role is Role.AUTHOR
    assert person.settings == {"theme": "dark", "sizes": [1, 2]}


def test_a_relation_to_one_is_an_instance_or_none(client: Client) -> None:
    found = client.wait(client.infra.customer.project(WithProfile).find_many(order={"email": "asc"}))
    assert [row.profile for row in found] == [
        ProfileCard(bio="Countess", avatar=b"\x00\xff", birthday=BIRTHDAY),
        None,
        None,
    ]


def test_required_relations_nest_and_compound_keys_lead_on(client: Client) -> None:
    first, second = client.wait(client.infra.order.project(OrderCard).find_many(order={"number": "asc"}))
    assert (first.status, first.total, first.customer.email) == (OrderStatus.PAID, Decimal("10.5"), "ada@example.org")
    [line] = second.lines
    assert (line.quantity, line.product_name, line.category) == (2, "Poems", "Poetry")


def test_a_model_related_to_itself_is_read_as_deep_as_classes_are_declared(client: Client) -> None:
    books, poetry = client.wait(client.infra.category.project(CategoryCard).find_many(order={"id": "asc"}))
    assert (books.parent, books.children) == (None, [ParentName(name="Poetry")])
    assert (poetry.parent, poetry.children) == (ParentName(name="Books"), [])


def test_a_projection_may_have_relations_alone(client: Client) -> None:
    found = client.wait(client.infra.customer.project(OnlyRelated).find_many(order={"email": "asc"}))
    assert [(len(row.posts), [follower.name for follower in row.followers]) for row in found] == [
        (3, [None]),
        (1, []),
        (0, []),
    ]


def test_every_reading_method_takes_its_usual_arguments(client: Client) -> None:
    reads = cards(client)
    by_mail = {"order": {"email": "asc"}}
    assert [row.mail for row in client.wait(reads.find_many(take=2, skip=1, **by_mail))] == [
        "bob@example.org",
        "eve@example.org",
    ]
    assert [row.mail for row in client.wait(reads.find_many(take=-1, **by_mail))] == ["eve@example.org"]
    from_bob = client.wait(reads.find_many(cursor={"email": "bob@example.org"}, take=1, **by_mail))
    assert [row.mail for row in from_bob] == ["bob@example.org"]
    assert len(client.wait(reads.find_many(distinct=["is_active"], **by_mail))) == 2
    assert client.wait(reads.find_unique(where={"email": "nobody@example.org"})) is None
    assert client.wait(reads.find_first(where={"name": "Eve"})).mail == "eve@example.org"
    assert client.wait(reads.find_first_or_raise(**by_mail)).mail == "ada@example.org"
    with pytest.raises(RecordNotFoundError):
        client.wait(reads.find_unique_or_raise(where={"email": "nobody@example.org"}))
    assert [row.mail for row in client.wait(reads.stream(**by_mail, batch_size=2))] == [
        "ada@example.org",
        "bob@example.org",
        "eve@example.org",
    ]
    assert client.wait(reads.count()) == 3
    assert client.wait(reads.exists(where={"name": "Eve"})) is True
    assert client.wait(reads.aggregate(sum={"points": True})) == {"_sum": {"points": 40}}


def test_rows_of_your_own_sql_are_validated_into_the_class(client: Client) -> None:
    reads = client.infra.tag.project(TagName)
    table = "Tag" if client.infra.engine.schema.provider == "mysql" else '"Tag"'
    assert client.wait(reads.query_raw(f"SELECT name FROM {table} ORDER BY name")) == [
        TagName(name="engines"),
        TagName(name="maths"),
    ]


def test_scopes_hold_in_what_is_nested_joined_and_counted(client: Client) -> None:
    models = client.infra.engine.schema.model
    client.infra.engine.add_scope(lambda model, context: {"published": True}, [models["Post"]])
    client.infra.engine.add_scope(
        lambda model, context: {"is_active": True, "name": {"not": "Ada"}}, [models["Customer"]]
    )
    found = client.wait(client.infra.customer.project(Shelf).find_many())
    assert [(row.email, row.total) for row in found] == []
    comments = client.wait(client.infra.comment.find_many())
    assert len(comments) == 2
    posts = client.wait(client.infra.post.project(Placed).find_many(order={"slug": "asc"}))
    assert [(post.slug, post.author_name, post.author_bio) for post in posts] == [
        ("notes", None, None),
        ("sketch", None, None),
    ]
    texts = client.wait(client.infra.comment.project(CommentText).find_many(order={"id": "asc"}))
    assert [(text.text, text.on) for text in texts] == [("first", "Notes"), ("second", "Notes")]
    tags = client.wait(client.infra.tag.project(_Tagged).find_many(order={"name": "asc"}))
    assert [(tag.posts, tag.number) for tag in tags] == [([_Slug(slug="notes")], 1), ([_Slug(slug="notes")], 1)]


class _Slug(Projection[Post]):
    slug: str


class _Tagged(Projection[Tag]):
    posts: list[_Slug]
    number: Annotated[int, Count("posts")]


def test_in_a_transaction_what_it_has_written_is_read(client: Client) -> None:
    async def asynchronously() -> Any:
        async with client.infra.transaction() as tx:
            await tx.tag.create(data={"name": "new"})
            return await tx.tag.project(TagName).find_many(where={"name": "new"})

    def synchronously() -> Any:
        with client.infra.transaction() as tx:
            tx.tag.create(data={"name": "new"})
            return tx.tag.project(TagName).find_many(where={"name": "new"})

    found = client.wait(synchronously() if client.is_sync else asynchronously())
    assert found == [TagName(name="new")]


def test_columns_answer_tuples(client: Client) -> None:
    model = client.infra.engine.schema.model["Customer"]
    arguments = {"columns": ("email", "role", "points"), "order": {"email": "asc"}, "take": 2}
    assert client.wait(client.infra.execute(Operation("find_many", model, arguments))) == [
        ("ada@example.org", Role.AUTHOR, 30),
        ("bob@example.org", Role.CUSTOMER, 10),
    ]
    with pytest.raises(
        ArgumentError, match=r"Customer\.columns: unknown field `emial` of Customer; did you mean `email`\?"
    ):
        client.wait(client.infra.execute(Operation("find_many", model, {"columns": ("emial",)})))


def test_what_is_no_projection_of_the_model_is_refused_before_there_is_a_query(client: Client) -> None:
    with client.sent() as sent:
        with pytest.raises(
            InputError, match=r"Customer\.projection: PostTitle is a projection of Post, and these are rows of Customer"
        ):
            client.infra.customer.project(PostTitle)
        with pytest.raises(
            InputError, match=r"int is no projection: give a class that is made from Projection\[Customer\]"
        ):
            client.infra.customer.project(int)
        with pytest.raises(ArgumentError, match=r"Customer\.include: a projection says all that is read"):
            client.wait(cards(client).find_many(include={"posts": True}))
    assert sent == []


def test_hits_of_a_search_have_whole_rows(client: Client) -> None:
    with pytest.raises(InputError, match=r"Post\.projection: hits have whole rows"):
        client.wait(client.infra.post.project(PostTitle).find_hits({"query": "notes", "fields": ["title"]}))


def test_rows_that_are_kept_deleted_are_neither_nested_nor_counted(client: Client) -> None:
    class Discussed(Projection[Post]):
        slug: str
        comments: list[CommentText]
        number: Annotated[int, Count("comments")]

    first = client.wait(client.infra.comment.find_first(where={"text": "first"}))
    client.wait(client.infra.comment.delete(where={"id": first.id}))
    post = client.wait(client.infra.post.project(Discussed).find_unique_or_raise(where={"slug": "notes"}))
    assert ([comment.text for comment in post.comments], post.number) == (["second"], 1)
    deleted = client.wait(client.infra.comment.only_deleted().project(CommentText).find_many())
    assert [(comment.text, comment.on) for comment in deleted] == [("first", "Notes")]


def test_a_package_that_describes_the_model_otherwise_is_compared_when_it_is_read(client: Client) -> None:
    """The same model by name, from another schema: what it has is read, what it has not is told."""
    schema = client.infra.engine.schema
    models = [replace(model) if model.name != "Profile" else _without(model, "bio") for model in schema.models]
    other = type(client.infra)(url="sqlite://:memory:", schema=replace(schema, models=tuple(models)))
    assert other.customer.project(AuthorCard) is not None
    with pytest.raises(InputError, match="PostTitle is a projection of Post, and these are rows of Customer"):
        other.customer.project(PostTitle)
    with pytest.raises(ArgumentError, match=r"unknown field `bio` of Profile"):
        other.profile.project(ProfileCard)
    for projection, path in ((WithProfile, r"projection\.profile\.projection"), (Bio, "projection")):
        operation = Operation("find_many", other.engine.schema.model["Customer"], {"projection": projection})
        with pytest.raises(ArgumentError, match=rf"Customer\.{path}: unknown field `bio` of Profile"):
            other.engine.program(operation, current_context())


class Bio(Projection[Customer]):
    bio: Annotated[str | None, From("profile.bio")]


def _without(model: Any, field: str) -> Any:
    return replace(model, scalars=tuple(item for item in model.scalars if item.name != field))


def test_arguments_of_relations_count_for_each_row(client: Client) -> None:
    class Several(Projection[Customer]):
        email: str
        last: Annotated[list[PostTitle], From("posts", order={"slug": "asc"}, take=-1)]
        middle: Annotated[list[PostTitle], From("posts", order={"slug": "asc"}, skip=1, take=1)]
        distinct: Annotated[list[PostTitle], From("posts", order={"slug": "asc"}, distinct=["published"])]

    found = client.wait(client.infra.customer.project(Several).find_many(order={"email": "asc"}, take=2))
    titles = [[[post.title for post in posts] for posts in (row.last, row.middle, row.distinct)] for row in found]
    assert titles == [[["Sketch"], ["Notes"], ["Draft", "Notes"]], [["Reply"], [], ["Reply"]]]


def test_a_relation_to_one_may_have_a_condition(client: Client) -> None:
    class Named(Projection[Post]):
        slug: str
        author: Annotated[Name | None, From("author", where={"name": {"not": None}})]

    found = client.wait(client.infra.post.project(Named).find_many(order={"slug": "asc"}))
    assert [(row.slug, row.author and row.author.name) for row in found] == [
        ("draft", "Ada"),
        ("notes", "Ada"),
        ("reply", None),
        ("sketch", "Ada"),
    ]


def test_many_by_their_ids_are_instances_in_the_order_of_the_ids_although_no_id_is_read(client: Client) -> None:
    ids = [row.id for row in client.wait(client.infra.customer.find_many(order={"email": "desc"}))]
    found = client.wait(cards(client).find_many_by_ids(ids))
    assert [(type(card), card.mail) for card in found] == [
        (AuthorCard, "eve@example.org"),
        (AuthorCard, "bob@example.org"),
        (AuthorCard, "ada@example.org"),
    ]


class WithRows(Projection[Post]):
    slug: str
    author: Customer
    reviewer: Customer | None
    last: Annotated[list[Comment], From("comments", order={"id": "desc"}, take=1)]


def test_whole_rows_may_be_nested(client: Client) -> None:
    ada = client.wait(client.infra.customer.find_unique_or_raise(**ADA))
    with client.sent() as sent:
        reply, notes = client.wait(
            client.infra.post.project(WithRows).find_many(
                where={"slug": {"in": ["notes", "reply"]}}, order={"slug": "desc"}
            )
        )
    assert len(sent) == 4
    assert (reply.reviewer, notes.author, notes.reviewer) == (ada, ada, None)
    assert [comment.text for comment in notes.last] == ["second"]
    with pytest.raises(RelationNotLoadedError):
        assert notes.author.posts
    assert notes.model_dump(include={"author": {"email"}}) == {"author": {"email": "ada@example.org"}}
    assert WithRows.model_json_schema()["properties"]["author"] == {"$ref": "#/$defs/Customer"}


@pytest.mark.parametrize("client", ["asyncio"], indirect=True)
def test_loaders_answer_instances_of_a_projection(client: Client) -> None:
    ada = client.wait(client.infra.customer.find_unique_or_raise(**ADA))

    async def loaded() -> Any:
        loader = cards(client).loader()
        return await asyncio.gather(loader.load(ada.id), loader.load(ada.id), loader.load(-1))

    with client.sent() as sent:
        first, again, nobody = client.wait(loaded())
    assert (type(first), first.mail, again, nobody) == (AuthorCard, "ada@example.org", first, None)
    assert len(sent) == 3  # one for each level
