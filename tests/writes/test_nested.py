"""Each nested operation on each kind of relation: one-to-many from both sides, one-to-one from both sides, many-to-many, to itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from infra_runtime.errors import (
    ConnectedRecordsNotFoundError,
    RecordNotFoundError,
    RecordsNotConnectedError,
    RequiredRelationViolationError,
    UniqueViolationError,
)
from infra_runtime.infrastructure import SyncInfrastructure
from infra_runtime.operation import Operation
from infra_runtime.schema import Model
from tests.runtime.schemas import POST, USER
from tests.writes.conftest import Ask


@pytest.fixture
def people(ask: Ask) -> None:
    """Ada (1) wrote `a` and `b`; Bob (2) wrote `c`."""
    ask(
        "User.create",
        data={"email": "ada", "written": {"create": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]}},
    )
    ask("User.create", data={"email": "bob", "written": {"create": {"id": "c", "title": "C"}}})


def titles(ask: Ask, email: str, relation: str = "written") -> list[str]:
    user = ask("User.find_unique", where={"email": email}, include={relation: {"order": {"title": "asc"}}})
    return [post["title"] for post in user[relation]]


def labels(ask: Ask, post: str) -> list[str]:
    row = ask("Post.find_unique", where={"id": post}, include={"tags": {"order": {"label": "asc"}}})
    return [tag["label"] for tag in row["tags"]]


def ada_gets(ask: Ask, **nested: Any) -> Any:
    return ask("User.update", where={"email": "ada"}, data=nested)


# -- one-to-many, from the side without the key ------------------------------------------------------------------------


def test_create_many_nested_skips_duplicates_where_asked(ask: Ask, people: None) -> None:
    rows = [{"id": "a", "title": "again"}, {"id": "d", "title": "D"}]

    ada_gets(ask, written={"create_many": {"data": rows, "skip_duplicates": True}})

    assert titles(ask, "ada") == ["A", "B", "D"]


def test_rows_made_together_keep_what_belongs_to_them_apart(ask: Ask) -> None:
    posts: list[dict[str, Any]] = [
        {"title": "E", "comments": {"create": [{"text": "E1"}, {"text": "E2"}]}},
        {"title": "B", "views": 7},
        {"title": "D", "content": "some", "comments": {"create": {"text": "D1"}}},
        {"title": "A", "tags": {"create": [{"label": "A1"}]}, "comments": {"create": []}},
        {"title": "C", "views": 9, "comments": {"create": {"text": "C1"}}, "tags": {"create": {"label": "C1"}}},
    ]
    include = {"written": {"include": {"comments": {"order": {"id": "asc"}}, "tags": True}}}

    user = ask("User.create", data={"email": "ada", "written": {"create": posts}}, include=include)

    made = {post["title"]: post for post in user["written"]}
    assert sorted(made) == ["A", "B", "C", "D", "E"]
    for title, post in made.items():
        told = [comment["text"] for comment in post["comments"]] + [tag["label"] for tag in post["tags"]]
        assert told == {"E": ["E1", "E2"], "D": ["D1"], "A": ["A1"], "B": [], "C": ["C1", "C1"]}[title]
    assert [made["B"]["views"], made["C"]["views"], made["D"]["content"]] == [7, 9, "some"]
    comments = ask("Comment.find_many", order={"id": "asc"})
    assert [comment["text"] for comment in comments] == ["E1", "E2", "D1", "C1"]


def test_create_at_any_depth(ask: Ask) -> None:
    user = ask(
        "User.create",
        data={
            "email": "ada",
            "written": {
                "create": [
                    {
                        "title": "A",
                        "tags": {"create": {"label": "x"}},
                        "comments": {"create": [{"text": "1"}, {"text": "2"}]},
                    },
                    {"title": "B", "tags": {"connect_or_create": {"where": {"label": "x"}, "create": {"label": "x"}}}},
                ]
            },
        },
        include={
            "written": {"order": {"title": "asc"}, "include": {"tags": True, "comments": {"order": {"id": "asc"}}}}
        },
    )

    first, second = user["written"]
    assert [comment["text"] for comment in first["comments"]] == ["1", "2"]
    assert first["tags"] == second["tags"] == [{"id": 1, "label": "x"}]


def test_connect_moves_rows_here(ask: Ask, people: None) -> None:
    ada_gets(ask, written={"connect": [{"id": "c"}, {"id": "c"}, {"author_id_title": {"author_id": 1, "title": "A"}}]})

    assert titles(ask, "ada") == ["A", "B", "C"]
    assert titles(ask, "bob") == []


def test_connect_of_many_wants_them_all(ask: Ask, people: None) -> None:
    with pytest.raises(ConnectedRecordsNotFoundError, match=r"Expected 2 records .* 'Author', found 1") as caught:
        ada_gets(ask, written={"connect": [{"id": "c"}, {"id": "none"}]})

    assert caught.value.code == "P2018"
    assert titles(ask, "bob") == ["C"]


def test_connect_or_create(ask: Ask, people: None) -> None:
    ada_gets(
        ask,
        written={
            "connectOrCreate": [
                {"where": {"id": "c"}, "create": {"title": "not made"}},
                {"where": {"id": "d"}, "create": {"id": "d", "title": "D"}},
            ]
        },
    )

    assert titles(ask, "ada") == ["A", "B", "C", "D"]


def test_set_of_a_required_relation_may_add_but_not_take_away(ask: Ask, people: None) -> None:
    ada_gets(ask, written={"set": [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "none"}]})
    assert titles(ask, "ada") == ["A", "B", "C"]

    with pytest.raises(RequiredRelationViolationError, match="'Author' between the `Post` and `User` models") as caught:
        ada_gets(ask, written={"set": []})
    assert caught.value.code == "P2014"


def test_set_of_an_optional_relation(ask: Ask, people: None) -> None:
    ada_gets(ask, reviewed={"connect": [{"id": "a"}, {"id": "b"}]})

    ada_gets(ask, reviewed={"set": [{"id": "b"}, {"id": "c"}]})
    assert titles(ask, "ada", "reviewed") == ["B", "C"]

    ada_gets(ask, reviewed={"set": []})
    assert titles(ask, "ada", "reviewed") == []
    assert ask("Post.count") == 3


def test_disconnect_is_for_optional_relations_and_passes_over_others_rows(ask: Ask, people: None) -> None:
    ada_gets(ask, reviewed={"connect": [{"id": "a"}, {"id": "b"}]})

    ada_gets(ask, reviewed={"disconnect": [{"id": "a"}, {"id": "c"}, {"id": "none"}]})

    assert titles(ask, "ada", "reviewed") == ["B"]
    with pytest.raises(RequiredRelationViolationError):
        ada_gets(ask, written={"disconnect": {"id": "a"}})


def test_delete_wants_every_row_to_be_connected(ask: Ask, people: None) -> None:
    with pytest.raises(
        RecordsNotConnectedError, match="relation `Author` between the `User` and `Post` models are not connected"
    ) as caught:
        ada_gets(ask, written={"delete": [{"id": "a"}, {"id": "c"}]})
    assert caught.value.code == "P2017"
    assert titles(ask, "ada") == ["A", "B"]

    ada_gets(ask, written={"delete": [{"id": "a"}]})
    assert titles(ask, "ada") == ["B"]


def test_update_reaches_only_connected_rows(ask: Ask, people: None) -> None:
    ada_gets(ask, written={"update": [{"where": {"id": "a"}, "data": {"title": "A2", "views": {"increment": 2}}}]})
    assert titles(ask, "ada") == ["A2", "B"]

    with pytest.raises(
        RecordNotFoundError, match="No 'Post' record was found for a nested update on one-to-many relation 'Author'"
    ):
        ada_gets(ask, written={"update": {"where": {"id": "c"}, "data": {"title": "C2"}}})


def test_update_at_depth(ask: Ask, people: None) -> None:
    changes = {"title": "A2", "tags": {"create": {"label": "x"}}, "comments": {"create": {"text": "!"}}}

    ada_gets(ask, written={"update": {"where": {"id": "a"}, "data": changes}})

    assert labels(ask, "a") == ["x"]
    assert ask("Comment.find_many", select={"text": True, "post_id": True}) == [{"text": "!", "post_id": "a"}]


def test_update_many_and_delete_many_filter_connected_rows(ask: Ask, people: None) -> None:
    ada_gets(
        ask,
        written={
            "updateMany": [
                {"where": {"title": {"not": "A"}}, "data": {"views": 7}},
                {"where": {}, "data": {"content": "x"}},
            ]
        },
    )
    rows = ask("Post.find_many", order={"id": "asc"}, select={"views": True, "content": True})
    assert rows == [{"views": 0, "content": "x"}, {"views": 7, "content": "x"}, {"views": 0, "content": None}]

    ada_gets(ask, written={"delete_many": [{"title": "A"}, {"title": "C"}]})
    assert (titles(ask, "ada"), titles(ask, "bob")) == (["B"], ["C"])
    ada_gets(ask, written={"delete_many": {}})
    assert (titles(ask, "ada"), titles(ask, "bob")) == ([], ["C"])


def test_upsert_changes_a_connected_row_or_makes_one(ask: Ask, people: None) -> None:
    ada_gets(
        ask,
        written={
            "upsert": [
                {"where": {"id": "a"}, "create": {"title": "not made"}, "update": {"title": "A2"}},
                {"where": {"id": "z"}, "create": {"title": "Z"}, "update": {"title": "not changed"}},
            ]
        },
    )

    assert titles(ask, "ada") == ["A2", "B", "Z"]


def test_nested_operations_come_in_the_order_they_are_written(ask: Ask, people: None) -> None:
    ada_gets(
        ask,
        written={
            "create": {"id": "n", "title": "N"},
            "update": {"where": {"id": "n"}, "data": {"title": "N2"}},
            "delete": {"id": "a"},
        },
    )

    assert titles(ask, "ada") == ["B", "N2"]


# -- one-to-many, from the side with the key ---------------------------------------------------------------------------


def test_an_owner_is_made_before_the_row(ask: Ask) -> None:
    post = ask("Post.create", data={"title": "A", "author": {"create": {"email": "ada"}}}, include={"author": True})

    assert post["author_id"] == post["author"]["id"]


def test_an_owner_is_connected_if_it_is_there(ask: Ask, people: None) -> None:
    post = ask("Post.update", where={"id": "a"}, data={"author": {"connect": {"email": "bob"}}})
    assert post["author_id"] == 2

    with pytest.raises(
        RecordNotFoundError, match=r"No 'User' record \(needed to inline the relation on 'Post' record\(s\)\) was found"
    ):
        ask("Post.update", where={"id": "a"}, data={"author": {"connect": {"email": "none"}}, "title": "?"})
    assert ask("Post.find_unique", where={"id": "a"})["title"] == "A"


def test_an_owner_is_connected_or_created(ask: Ask, people: None) -> None:
    def choose(email: str) -> Any:
        choice = {"where": {"email": email}, "create": {"email": email}}
        return ask("Post.update", where={"id": "a"}, data={"reviewer": {"connect_or_create": choice}})["reviewer_id"]

    assert choose("bob") == 2
    assert choose("eve") == 3


def test_an_owner_is_disconnected_where_the_relation_is_optional(ask: Ask, people: None) -> None:
    ask("Post.update", where={"id": "a"}, data={"reviewer": {"connect": {"email": "bob"}}})

    assert ask("Post.update", where={"id": "a"}, data={"reviewer": {"disconnect": False}})["reviewer_id"] == 2
    assert (
        ask("Post.update", where={"id": "a"}, data={"reviewer": {"disconnect": {"email": "ada"}}})["reviewer_id"] == 2
    )
    assert ask("Post.update", where={"id": "a"}, data={"reviewer": {"disconnect": True}})["reviewer_id"] is None
    assert ask("Post.update", where={"id": "a"}, data={"reviewer": {"disconnect": True}})["reviewer_id"] is None


def test_an_owner_is_updated_upserted_and_deleted_from_here(ask: Ask, people: None) -> None:
    def change(**nested: Any) -> Any:
        return ask("Post.update", where={"id": "a"}, data={"reviewer": nested}, include={"reviewer": True})["reviewer"]

    with pytest.raises(RecordNotFoundError):
        change(update={"name": "?"})
    assert change(upsert={"create": {"email": "eve"}, "update": {"name": "?"}})["email"] == "eve"
    assert change(upsert={"create": {"email": "?"}, "update": {"name": "Eve"}})["name"] == "Eve"
    assert change(update={"name": "Eva"})["name"] == "Eva"
    assert change(update={"where": {"name": "Eva"}, "data": {"name": "E"}})["name"] == "E"
    with pytest.raises(RecordNotFoundError, match="nested delete"):
        change(delete={"name": "other"})
    assert change(delete=True) is None
    assert ask("User.find_unique", where={"email": "eve"}) is None


def test_compound_keys_are_connected_as_a_whole(ask: Ask, people: None) -> None:
    ask("Product.create", data={"country": "CH", "number": 1, "name": "Clock", "price": Decimal("9.5")})
    order = ask(
        "Order.create",
        data={
            "customer": {"connect": {"id": 1}},
            "lines": {
                "create": [
                    {"position": 1, "product": {"connect": {"country_number": {"country": "CH", "number": 1}}}},
                    {"position": 2, "product": {"create": {"country": "AT", "number": 2, "name": "Cake", "price": 3}}},
                ]
            },
        },
        include={"lines": {"order": {"position": "asc"}, "include": {"product": True}}},
    )

    assert [line["product"]["name"] for line in order["lines"]] == ["Clock", "Cake"]
    ask(
        "Product.update",
        where={"country_number": {"country": "AT", "number": 2}},
        data={"lines": {"connect": {"line": {"order_id": order["id"], "position": 1}}}},
    )
    assert ask("OrderLine.count", where={"country": "AT", "number": 2}) == 2


# -- one-to-one --------------------------------------------------------------------------------------------------------


def test_one_to_one_is_made_from_either_side(ask: Ask) -> None:
    ask("User.create", data={"email": "ada", "profile": {"create": {"bio": "A"}}})
    ask("Profile.create", data={"bio": "B", "user": {"create": {"email": "bob"}}})

    rows = ask("User.find_many", order={"id": "asc"}, include={"profile": True})
    assert [row["profile"]["bio"] for row in rows] == ["A", "B"]


def test_a_row_that_requires_the_relation_is_not_replaced(ask: Ask) -> None:
    ask("User.create", data={"email": "ada", "profile": {"create": {"bio": "A"}}})
    ask("User.create", data={"email": "bob", "profile": {"create": {"bio": "B"}}})

    for nested in (
        {"create": {"bio": "new"}},
        {"connect": {"id": 2}},
        {"connect_or_create": {"where": {"id": 2}, "create": {"bio": "new"}}},
        {"disconnect": True},
    ):
        with pytest.raises(
            RequiredRelationViolationError, match="'ProfileToUser' between the `Profile` and `User` models"
        ):
            ada_gets(ask, profile=nested)
    with pytest.raises(RequiredRelationViolationError):
        ask("Profile.update", where={"id": 1}, data={"user": {"connect": {"email": "bob"}}})
    ada_gets(ask, profile={"connect": {"id": 1}})
    assert ask("Profile.count") == 2


def test_connecting_takes_the_row_from_its_former_owner(ask: Ask) -> None:
    ask("User.create", data={"email": "ada", "profile": {"create": {"bio": "A"}}})
    ask("User.create", data={"email": "bob", "profile": {"connect": {"id": 1}}})

    rows = ask("User.find_many", order={"id": "asc"}, include={"profile": True})
    assert [row["profile"] is None for row in rows] == [True, False]


def test_one_to_one_is_updated_upserted_and_deleted_from_the_other_side(ask: Ask) -> None:
    ask("User.create", data={"email": "ada"})

    with pytest.raises(
        RecordNotFoundError, match="No 'Profile' record was found for a nested update on one-to-one relation"
    ):
        ada_gets(ask, profile={"update": {"bio": "?"}})
    ada_gets(ask, profile={"upsert": {"create": {"bio": "A"}, "update": {"bio": "?"}}})
    ada_gets(ask, profile={"upsert": {"create": {"bio": "?"}, "update": {"bio": "B"}}})
    ada_gets(ask, profile={"update": {"where": {"bio": "B"}, "data": {"bio": "C"}}})
    assert ask("Profile.find_many", select={"bio": True}) == [{"bio": "C"}]
    with pytest.raises(RecordNotFoundError, match="nested delete on one-to-one"):
        ada_gets(ask, profile={"delete": {"bio": "B"}})
    ada_gets(ask, profile={"delete": True})
    assert ask("Profile.count") == 0


# -- many-to-many ------------------------------------------------------------------------------------------------------


def test_links_are_made_kept_and_broken(ask: Ask, people: None) -> None:
    def tag(**nested: Any) -> list[str]:
        ask("Post.update", where={"id": "a"}, data={"tags": nested})
        return labels(ask, "a")

    ask("Tag.create_many", data=[{"label": "x"}, {"label": "y"}])
    assert tag(connect=[{"label": "x"}, {"id": 2}]) == ["x", "y"]
    assert tag(connect={"label": "x"}) == ["x", "y"]
    assert tag(create={"label": "z"}) == ["x", "y", "z"]
    assert tag(disconnect=[{"label": "y"}, {"label": "none"}]) == ["x", "z"]
    assert tag(set=[{"label": "y"}, {"label": "z"}]) == ["y", "z"]
    assert tag(connect_or_create=[{"where": {"label": "q"}, "create": {"label": "q"}}]) == ["q", "y", "z"]
    assert tag(update={"where": {"label": "q"}, "data": {"label": "p"}}) == ["p", "y", "z"]
    assert tag(upsert={"where": {"label": "p"}, "create": {"label": "?"}, "update": {"label": "o"}}) == ["o", "y", "z"]
    assert tag(upsert={"where": {"label": "x"}, "create": {"label": "w"}, "update": {"label": "?"}}) == [
        "o",
        "w",
        "y",
        "z",
    ]
    assert tag(delete=[{"label": "o"}, {"label": "w"}]) == ["y", "z"]
    assert tag(delete_many={"label": "y"}) == ["z"]
    assert tag(set=[]) == []
    assert ask("Tag.find_many", order={"label": "asc"}, select={"label": True}) == [{"label": "x"}, {"label": "z"}]


def test_links_want_all_rows(ask: Ask, people: None) -> None:
    ask("Tag.create", data={"label": "x"})

    with pytest.raises(RecordNotFoundError, match="Expected 2 records to be connected, found only 1"):
        ask("Post.update", where={"id": "a"}, data={"tags": {"connect": [{"label": "x"}, {"label": "none"}]}})
    with pytest.raises(RecordNotFoundError, match="nested update on many-to-many relation 'PostToTag'"):
        ask(
            "Post.update",
            where={"id": "a"},
            data={"tags": {"update": {"where": {"label": "x"}, "data": {"label": "?"}}}},
        )
    with pytest.raises(RecordsNotConnectedError):
        ask("Post.update", where={"id": "a"}, data={"tags": {"delete": {"label": "x"}}})


def test_links_are_made_from_the_other_side_too(ask: Ask, people: None) -> None:
    ask("Tag.create", data={"label": "x", "posts": {"connect": [{"id": "a"}, {"id": "c"}]}})

    assert labels(ask, "a") == labels(ask, "c") == ["x"]


# -- relations of a model to itself ------------------------------------------------------------------------------------


def test_a_tree_of_one_model(ask: Ask) -> None:
    ask(
        "User.create",
        data={
            "email": "boss",
            "reports": {"create": [{"email": "x"}, {"email": "y", "reports": {"create": {"email": "z"}}}]},
        },
    )
    ask("User.update", where={"email": "z"}, data={"manager": {"connect": {"email": "boss"}}})

    boss = ask("User.find_unique", where={"email": "boss"}, include={"reports": {"order": {"email": "asc"}}})
    assert [user["email"] for user in boss["reports"]] == ["x", "y", "z"]
    ask("User.update", where={"email": "boss"}, data={"reports": {"set": [{"email": "x"}]}})
    assert ask("User.count", where={"manager_id": None}) == 3


def test_links_of_one_model_have_a_direction(ask: Ask) -> None:
    ask("User.create", data={"email": "a", "following": {"create": {"email": "b"}}})

    b = ask("User.find_unique", where={"email": "b"}, include={"followers": True, "following": True})
    assert ([user["email"] for user in b["followers"]], b["following"]) == (["a"], [])


# -- all or nothing ----------------------------------------------------------------------------------------------------


def test_what_fails_at_depth_undoes_everything(ask: Ask, people: None) -> None:
    with pytest.raises(UniqueViolationError):
        ask(
            "User.create",
            data={
                "email": "eve",
                "profile": {"create": {"bio": "!"}},
                "written": {
                    "create": [{"title": "1", "tags": {"create": {"label": "t"}}}, {"id": "a", "title": "taken"}]
                },
            },
        )

    assert (ask("User.count"), ask("Profile.count"), ask("Tag.count"), ask("Post.count")) == (2, 0, 0, 3)


def test_a_failed_write_leaves_a_transaction_as_it_was(shop: SyncInfrastructure) -> None:
    def create(tx: SyncInfrastructure, model: Model, data: Any) -> Any:
        return tx.execute(Operation("create", model, {"data": data}))

    with shop.transaction() as tx:
        create(tx, USER, {"email": "eve", "written": {"create": {"id": "a", "title": "A"}}})
        with pytest.raises(UniqueViolationError):
            create(tx, POST, {"id": "a", "title": "?", "author": {"create": {"email": "mal"}}})

    found = shop.execute(Operation("find_many", USER, {"select": {"email": True}}))
    assert found == [{"email": "eve"}]
