"""Writes that are planned whole do what the general way does: they answer the same, leave the same, and refuse the same.

An argument that is no plain dict goes the general way, so each call is made both ways, in transactions that are undone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from infra_runtime.errors import InfraError, RecordNotFoundError
from tests.databases import Database
from tests.writes.conftest import Ask, Client


class Own(dict[str, Any]):
    """Arguments as somebody's own class."""


def as_own(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Own({key: as_own(item) for key, item in value.items()})
    return [as_own(item) for item in value] if isinstance(value, list) else value


WHERE = {"id": 1}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("User.create", {"data": {"email": "new"}}),
    ("User.create", {"data": {"email": "new", "name": None, "role": "ADMIN", "score": 1, "avatar": bytearray(b"x")}}),
    ("User.create", {"data": {"email": "ada"}}),
    ("User.create", {"data": {"email": None}}),
    ("User.create", {"data": {"name": "no email"}}),
    ("User.create", {"data": {"email": "new", "logins": "7"}}),
    ("User.create", {"data": {"email": "new", "age": 7}}),
    ("User.create", {"data": {"email": "new", "manager_id": 99}}),
    ("User.create", {"data": {"email": "new", "settings": {"a": [1]}, "balance": Decimal("1.5")}}),
    ("User.create", {"data": {"email": "new"}, "select": {"email": True}}),
    ("User.create", {"data": {"email": "new"}, "include": {"written": True}}),
    ("User.create", {"data": {"email": "new", "written": {"create": [{"title": "a"}, {"title": "b", "views": 3}]}}}),
    ("User.create", {"data": {"email": "new", "written": {"create": {"title": "a"}}, "reviewed": {"create": []}}}),
    ("User.create", {"data": {"email": "new", "written": {"create": [{"title": "a"}, {"title": "a"}]}}}),
    ("User.create", {"data": {"email": "new", "written": {"create": [{"title": "a"}, {"title": 7}]}}}),
    ("User.create", {"data": {"email": "new", "written": {"create": [{"title": "a", "author_id": 1}]}}}),
    ("User.create", {"data": {"email": "ada", "written": {"create": [{"title": "new"}]}}}),
    ("User.create", {"data": {"email": "new", "written": {"create": [{"title": "a"}], "connect": [{"id": "p"}]}}}),
    ("User.create", {"data": {"email": "new", "profile": {"create": {"bio": "b"}}}}),
    (
        "User.create",
        {
            "data": {"email": "new", "written": {"create": [{"title": "b"}, {"title": "a"}]}},
            "include": {"written": True},
        },
    ),
    (
        "User.create",
        {
            "data": {"email": "new", "written": {"create": {"title": "b"}}},
            "include": {"written": True, "reviewed": True},
        },
    ),
    (
        "User.create",
        {
            "data": {"email": "new", "written": {"create": {"title": "b"}}},
            "include": {"written": {"where": {"title": "c"}}},
        },
    ),
    (
        "User.create",
        {"data": {"email": "new", "written": {"create": {"title": "b"}}}, "include": {"no": True}},
    ),
    ("Post.create", {"data": {"title": "new", "author_id": 1, "comments": {"create": {"text": "c"}}, "tags": {}}}),
    ("User.update", {"where": WHERE, "data": {"name": "Ada L."}}),
    ("User.update", {"where": WHERE, "data": {"logins": {"increment": 2}, "score": {"set": 1.5}, "name": None}}),
    ("User.update", {"where": WHERE, "data": {"logins": {"divide": 2}, "score": {"multiply": 2}}}),
    ("User.update", {"where": WHERE, "data": {"logins": {"decrement": None}}}),
    ("User.update", {"where": WHERE, "data": {"logins": {"increment": 1, "set": 2}}}),
    ("User.update", {"where": WHERE, "data": {"name": {"increment": 1}}}),
    ("User.update", {"where": WHERE, "data": {"name": {"unset": True}}}),
    ("User.update", {"where": WHERE, "data": {"email": None}}),
    ("User.update", {"where": WHERE, "data": {"email": "bob"}}),
    ("User.update", {"where": WHERE, "data": {"id": 7}}),
    ("User.update", {"where": WHERE, "data": {}}),
    ("User.update", {"where": WHERE, "data": {"nothing": 1}}),
    ("User.update", {"where": WHERE, "data": {"settings": {"set": 1}}}),
    ("User.update", {"where": WHERE, "data": {"role": {"set": "WRITER"}, "updated_at": datetime(2024, 1, 1)}}),
    ("User.update", {"where": WHERE, "data": {"name": "x", "written": {"create": {"title": "new"}}}}),
    ("User.update", {"where": {"email": "ada"}, "data": {"email": "eva"}}),
    ("User.update", {"where": {"id": 1, "name": "Ada"}, "data": {"logins": 5}}),
    ("User.update", {"where": {"id": 1, "name": {"contains": "x"}}, "data": {"logins": 5}}),
    ("User.update", {"where": {"id": 1, "name": "Ada", "OR": []}, "data": {"logins": 5}}),
    ("User.update", {"where": {"id": {"equals": 1}}, "data": {"logins": 5}}),
    ("User.update", {"where": {"id": 99}, "data": {"logins": 5}}),
    ("User.update", {"where": {"id": "1"}, "data": {"logins": 5}}),
    ("User.update", {"where": {"id": None}, "data": {"logins": 5}}),
    ("User.update", {"where": {"name": "Ada"}, "data": {"logins": 5}}),
    ("User.update", {"where": {}, "data": {"logins": 5}}),
    (
        "Post.update",
        {"where": {"author_id_title": {"author_id": 1, "title": "p"}}, "data": {"views": {"increment": 1}}},
    ),
    ("Post.update", {"where": {"author_id_title": {"author_id": 1, "title": "p"}}, "data": {"title": "q"}}),
    ("Post.update", {"where": {"author_id_title": {"author_id": 1}}, "data": {"views": 1}}),
    ("Post.update", {"where": {"author_id_title": {"author_id": 1, "title": None}}, "data": {"views": 1}}),
    ("Post.update", {"where": {"author_id_title": {"author_id": 1, "no": "p"}}, "data": {"views": 1}}),
    ("User.upsert", {"where": {"email": "ada"}, "data": {"create": {"email": "ada"}, "update": {"logins": 9}}}),
    ("User.upsert", {"where": {"email": "new"}, "data": {"create": {"email": "new"}, "update": {"logins": 9}}}),
    ("User.upsert", {"where": {"email": "ada"}, "data": {"create": {"email": "ada"}, "update": {}}}),
    ("User.upsert", {"where": {"email": "ada"}, "data": {"create": {"email": "new"}, "update": {"logins": 9}}}),
    ("User.upsert", {"where": {"email": "eva"}, "data": {"create": {"email": "new"}, "update": {"logins": 9}}}),
    ("User.upsert", {"where": {"id": 7}, "data": {"create": {"email": "ada"}, "update": {"logins": 9}}}),
    ("User.upsert", {"where": {"email": "ada"}, "data": {"create": {"email": "ada"}, "update": {"id": None}}}),
    ("User.upsert", {"where": {"email": "ada"}, "data": {"create": {"email": "ada"}}}),
    ("User.upsert", {"where": {"email": "ada"}, "data": {"create": {}, "update": {}, "delete": {}}}),
    (
        "Post.upsert",
        {
            "where": {"author_id_title": {"author_id": 1, "title": "p"}},
            "data": {"create": {"author_id": 1, "title": "p"}, "update": {"views": {"increment": 4}}},
        },
    ),
    ("User.delete", {"where": {"id": 2}}),
    ("User.delete", {"where": {"email": "bob", "name": None}}),
    ("User.delete", {"where": {"id": 99}}),
    ("User.delete", {"where": {"name": "Ada"}}),
    ("Post.delete", {"where": {"author_id_title": {"author_id": 1, "title": "p"}}}),
    ("Comment.delete", {"where": {"id": 1}, "select": {"text": True}}),
]
MADE = {"id", "post_id", "created_at", "updated_at"}
"""What differs from one row to the next that is made."""


@pytest.fixture
def rows(ask: Ask) -> None:
    ask("User.create_many", data=[{"email": "ada", "name": "Ada", "score": 2.5}, {"email": "bob"}])
    ask("Post.create_many", data=[{"id": "p", "title": "p", "author_id": 1}])
    ask("Comment.create_many", data=[{"text": "c", "post_id": "p"}])


def kept(row: Any, *, but: set[str]) -> Any:
    """The values of a row, and of rows that it includes, without what differs from one to the next; a user that was made is the same as
    another that was."""
    if row is None:
        return None
    values = row if isinstance(row, dict) else vars(row)
    same = {name: value for name, value in values.items() if name not in but}
    for name in ("author_id", "user_id"):
        if name in same:
            same[name] = same[name] if same[name] < 3 else "made"
    included = {name: value for name, value in same.items() if name in ("written", "reviewed")}
    return {
        **same,
        **{name: sorted([kept(one, but=MADE) for one in rows], key=repr) for name, rows in included.items()},
    }


def outcome(client: Client, call: str, arguments: dict[str, Any]) -> Any:
    """What a call answers or raises, and what it leaves."""
    model, _, name = call.partition(".")
    told: list[Any] = []
    with contextlib.suppress(Undone), client.transaction() as tx:
        made = MADE if name in ("create", "upsert") else MADE - {"id"}
        try:
            told.append(kept(tx.run(name, model, **arguments), but=made))
        except InfraError as error:
            told += [type(error), str(error), getattr(error, "path", None), getattr(error, "code", None)]
            raise Undone from None
        for table in ("User", "Post", "Comment", "Profile"):
            told.append(sorted([kept(row, but=MADE) for row in tx.run("find_many", table)], key=repr))
        raise Undone
    return told


class Undone(Exception):
    """Undoes a transaction."""


@pytest.mark.parametrize(("call", "arguments"), CALLS, ids=[f"{call}-{n}" for n, (call, _) in enumerate(CALLS)])
def test_both_ways_answer_and_leave_the_same(client: Client, rows: None, call: str, arguments: dict[str, Any]) -> None:
    general = outcome(client, call, as_own(arguments))

    assert outcome(client, call, arguments) == general
    # The second time it is planned already.
    assert outcome(client, call, arguments) == general


def test_a_plan_is_made_once_for_the_keys_and_never_for_what_is_wrong(client: Client, rows: None, ask: Ask) -> None:
    def change(data: dict[str, Any]) -> None:
        ask("User.update", where=WHERE, data=data)

    change({"logins": {"increment": 1}})
    plans = len(client.engine.plans)
    change({"logins": {"increment": 5}})
    assert len(client.engine.plans) == plans
    for wrong in ({"nothing": 1}, {"logins": {"nothing": 1}}, {"logins": {"set": 1, "x": 2}}):
        with pytest.raises(InfraError):
            change(wrong)
    assert len(client.engine.plans) == plans
    change({"logins": 1})
    assert ask("User.find_unique", where=WHERE)["logins"] == 1


def test_how_many_statements_they_take(
    ask: Ask, rows: None, client: Client, database: Database, statements: list[str]
) -> None:
    returns = client.engine.dialect.update_returning

    def taken(call: str, **arguments: Any) -> int:
        statements.clear()
        ask(call, **arguments)
        return len(statements)

    assert taken("User.create", data={"email": "new"}) == 1
    assert taken("User.update", where=WHERE, data={"logins": 1}) == (1 if returns else 2)
    assert taken("User.create", data={"email": "n", "written": {"create": [{"title": "a"}, {"title": "b"}]}}) == 3
    branches = {"create": {"email": "ada"}, "update": {"logins": 1}}
    assert taken("User.upsert", where={"email": "ada"}, data=branches) == (1 if returns else 3)
    assert taken("Comment.delete", where={"id": 1}) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_row_is_answered_as_its_children_left_it(ask: Ask, client: Client) -> None:
    client.execute(
        'CREATE TRIGGER counted AFTER INSERT ON "Post" BEGIN UPDATE users SET logins = logins + 1 WHERE id = NEW.author_id; END'
    )
    for more in ({}, {"include": {"written": True}}):
        made = ask(
            "User.create", data={"email": str(more), "written": {"create": [{"title": "a"}, {"title": "b"}]}}, **more
        )
        assert made["logins"] == 2


def test_children_of_any_number_are_answered_in_their_order(ask: Ask) -> None:
    titles = [f"title {number}" for number in range(250)]
    data = {"email": "new", "written": {"create": [{"title": title} for title in titles]}}

    made = ask("User.create", data=data, include={"written": True})

    assert [post["title"] for post in made["written"]] == titles
    assert {post["author_id"] for post in made["written"]} == {made["id"]}


def test_children_that_a_scope_hides_are_not_included(ask: Ask, client: Client) -> None:
    client.infra.add_scope(lambda model, context: {"title": {"not": "hidden"}}, ["Post"])
    data = {"email": "new", "written": {"create": [{"title": "hidden"}, {"title": "seen"}]}}

    made = ask("User.create", data=data, include={"written": True})

    assert [post["title"] for post in made["written"]] == ["seen"]


def test_a_scope_that_is_added_later_holds_for_calls_that_were_planned_before(ask: Ask, client: Client) -> None:
    made = ask("User.create", data={"email": "new"})
    where = {"id": made["id"]}
    ask("User.update", where=where, data={"logins": 1})
    client.infra.add_scope(lambda model, context: {"logins": {"gt": 1}}, ["User"])
    with pytest.raises(RecordNotFoundError):
        ask("User.update", where=where, data={"logins": 2})
    with pytest.raises(RecordNotFoundError):
        ask("User.delete", where=where)
