"""Deleting marks, and goes on to what would be deleted with it; restoring brings back what went together; purging deletes for good."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra_runtime import RecordNotFoundError, UniqueViolationError
from infra_runtime.changes import ChangeSet, Wants
from infra_runtime.effects import Statement
from infra_runtime.errors import ConnectedRecordsNotFoundError, RecordsNotConnectedError
from infra_runtime.schema import Model
from tests.soft_delete.conftest import Ask


@pytest.fixture(autouse=True)
def rows(ask: Ask) -> None:
    """Ada with a profile, a draft, post 1 with comments 10 and 11 and its reply 2 with comment 12; Bob with post 3."""
    ask("Author.create_many", data=[{"id": 1, "email": "ada"}, {"id": 2, "email": "bob"}])
    ask(
        "Post.create_many",
        data=[
            {"id": 1, "title": "one", "authorId": 1},
            {"id": 2, "title": "reply", "parentId": 1},
            {"id": 3, "title": "three", "authorId": 2},
        ],
    )
    ask("Comment.create_many", data=[{"id": n, "text": "x", "postId": post} for n, post in ((10, 1), (11, 1), (12, 2))])
    ask("Profile.create", data={"id": 20, "bio": "b", "authorId": 1})
    ask("Draft.create", data={"id": 40, "text": "d", "authorId": 1})


def ids(ask: Ask, model: str, **arguments: Any) -> list[int]:
    return [row["id"] for row in ask(f"{model}.find_many", order={"id": "asc"}, **arguments)]


def test_delete_marks_the_row_and_answers_it(ask: Ask) -> None:
    before = datetime.now(UTC)
    gone = ask("Comment.delete", where={"id": 10})
    assert gone["id"] == 10
    assert before - timedelta(seconds=1) < gone["deletedAt"] < datetime.now(UTC) + timedelta(seconds=1)
    assert ids(ask, "Comment") == [11, 12]
    assert ids(ask, "Comment", deleted="with") == [10, 11, 12]
    with pytest.raises(RecordNotFoundError, match="No record was found for a delete"):
        ask("Comment.delete", where={"id": 10})


def test_delete_is_one_statement_where_nothing_follows(ask: Ask) -> None:
    sent: list[Statement] = []
    ask.client.on_statement(lambda statement, seconds, error: sent.append(statement))
    ask("Comment.delete_many", where={"postId": 1})
    assert len(sent) == 1
    sent.clear()
    ask("Comment.delete", where={"id": 12})
    # MySQL answers no rows of an UPDATE.
    assert len(sent) == (2 if ask.client.engine.schema.provider == "mysql" else 1)


def test_it_answers_relations_too(ask: Ask) -> None:
    gone = ask("Comment.delete", where={"id": 10}, include={"post": True})
    assert gone["post"]["title"] == "one"
    assert ask("Comment.delete", where={"id": 11}, select={"id": True}) == {"id": 11}


def test_an_update_of_the_row_moves_its_updated_at(ask: Ask) -> None:
    before = ask("Author.find_unique", where={"id": 2})["updatedAt"]
    gone = ask("Author.delete", where={"id": 2})
    assert gone["updatedAt"] >= before
    assert gone["updatedAt"] == gone["deletedAt"]


def test_what_a_deletion_would_take_with_it_goes_too_where_it_can_come_back(ask: Ask) -> None:
    gone = ask("Author.delete", where={"id": 1})
    assert ids(ask, "Author") == [2]
    assert ids(ask, "Post") == [3]
    assert ids(ask, "Comment") == []
    moments = {row["goneAt"] for row in ask("Post.find_many", deleted="only")}
    moments |= {row["deletedAt"] for row in ask("Comment.find_many", deleted="only")}
    assert moments == {gone["deletedAt"]}
    # Its profile would have lost its author, its draft would have gone: both stay as they are.
    assert ask("Profile.find_unique", where={"id": 20})["authorId"] == 1
    assert ask("Draft.find_unique", where={"id": 40})["authorId"] == 1


def test_restore_brings_back_what_went_together(ask: Ask) -> None:
    ask("Comment.delete", where={"id": 11})
    # What goes within a millisecond of each other goes together: columns hold no more of the moment.
    time.sleep(0.002)
    ask("Post.delete", where={"id": 1})
    assert (ids(ask, "Post"), ids(ask, "Comment")) == ([3], [])
    back = ask("Post.restore", where={"id": 1}, include={"comments": True})
    assert back["goneAt"] is None
    assert [row["id"] for row in back["comments"]] == [10]
    assert (ids(ask, "Post"), ids(ask, "Comment")) == ([1, 2, 3], [10, 12])
    with pytest.raises(RecordNotFoundError, match="No record was found for a restore"):
        ask("Post.restore", where={"id": 1})


def test_many_are_marked_and_restored(ask: Ask) -> None:
    assert ask("Post.delete_many", where={"id": {"in": [2, 3]}}) == 2
    assert ask("Post.delete_many", where={"id": {"in": [2, 3]}}) == 0
    assert ids(ask, "Comment") == [10, 11]
    assert ask("Post.restore_many", where={"title": "reply"}) == 1
    assert (ids(ask, "Post"), ids(ask, "Comment")) == ([1, 2], [10, 11, 12])
    assert ask("Post.restore_many") == 1
    assert ask("Post.delete_many", limit=1) == 1


def test_purge_deletes_for_good(ask: Ask) -> None:
    ask("Comment.delete", where={"id": 10})
    assert ask("Comment.purge", where={"id": 10})["id"] == 10
    assert ask("Comment.purge", where={"id": 11})["deletedAt"] is None
    assert ids(ask, "Comment", deleted="with") == [12]
    with pytest.raises(RecordNotFoundError):
        ask("Comment.purge", where={"id": 10})
    ask("Post.delete_many")
    assert ask("Post.purge_many", where={"goneAt": {"not": None}, "parentId": None}) == 2
    # What the database takes with them is gone, too.
    assert ids(ask, "Post", deleted="with") == ids(ask, "Comment", deleted="with") == []


def test_rows_that_are_deleted_are_not_changed_unless_asked_for(ask: Ask) -> None:
    ask("Comment.delete", where={"id": 10})
    with pytest.raises(RecordNotFoundError):
        ask("Comment.update", where={"id": 10}, data={"text": "y"})
    assert ask("Comment.update_many", data={"text": "y"}) == 2
    assert ask("Comment.update", where={"id": 10}, data={"text": "z"}, deleted="with")["text"] == "z"
    assert ask("Comment.update_many", data={"text": "q"}, deleted="only") == 1
    assert [row["text"] for row in ask("Comment.find_many", order={"id": "asc"}, deleted="with")] == ["q", "y", "y"]
    assert [row["id"] for row in ask("Comment.update_many_and_return", data={"text": "r"}, deleted="only")] == [10]


def test_nested_writes_meet_no_deleted_rows(ask: Ask) -> None:
    ask("Comment.delete", where={"id": 10})

    def nested(**operations: Any) -> Any:
        return ask("Post.update", where={"id": 1}, data={"comments": operations}, include={"comments": True})

    with pytest.raises(RecordNotFoundError):
        nested(update={"where": {"id": 10}, "data": {"text": "y"}})
    with pytest.raises(RecordsNotConnectedError):
        nested(delete={"id": 10})
    with pytest.raises(ConnectedRecordsNotFoundError):
        ask("Post.update", where={"id": 3}, data={"comments": {"connect": {"id": 10}}})
    with pytest.raises(RecordNotFoundError):
        ask("Comment.delete", where={"id": 12})
        ask("Comment.create", data={"id": 13, "text": "x", "post": {"connect": {"id": 999}}})
    with pytest.raises(UniqueViolationError):
        # Its id is still taken.
        nested(connect_or_create={"where": {"id": 10}, "create": {"id": 10, "text": "again"}})
    assert [row["id"] for row in nested(delete={"id": 11})["comments"]] == []
    assert ids(ask, "Comment", deleted="only") == [10, 11, 12]
    ask("Post.delete", where={"id": 2})
    with pytest.raises(RecordNotFoundError):
        ask("Comment.create", data={"id": 13, "text": "x", "post": {"connect": {"id": 2}}})


def test_nested_delete_many_marks_too(ask: Ask) -> None:
    ask("Post.update", where={"id": 1}, data={"comments": {"delete_many": {"id": 10}}})
    assert ids(ask, "Comment", deleted="only") == [10]
    ask("Author.update", where={"id": 1}, data={"posts": {"delete": {"id": 1}}})
    assert ids(ask, "Comment", deleted="only") == [10, 11, 12]
    assert ids(ask, "Post", deleted="only") == [1, 2]


def test_upsert_of_a_deleted_row_finds_none(ask: Ask) -> None:
    ask("Author.delete", where={"id": 2})
    with pytest.raises(UniqueViolationError):
        ask(
            "Author.upsert", where={"email": "bob"}, data={"create": {"id": 3, "email": "bob"}, "update": {"name": "?"}}
        )
    assert ask("Author.find_unique", where={"id": 2}, deleted="only")["name"] is None
    made = ask("Author.upsert", where={"email": "eve"}, data={"create": {"id": 3, "email": "eve"}, "update": {}})
    assert made["deletedAt"] is None
    assert (
        ask(
            "Author.upsert", where={"email": "eve"}, data={"create": {"id": 4, "email": "eve"}, "update": {"name": "E"}}
        )["name"]
        == "E"
    )


class Listener:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str, Any, bool]] = []

    def wants(self, model: Model) -> Wants | None:
        return Wants(before=True, after=True)

    def in_transaction(self, changes: ChangeSet) -> None:
        for one in changes.changes:
            assert one.before is not None
            assert one.after is not None
            field = {"Post": "goneAt"}.get(one.model.name, "deletedAt")
            is_marked = one.before[field] is None and one.after[field] is not None
            self.seen.append((one.kind, one.model.name, one.key["id"], one.cascade and is_marked))

    def after_commit(self, changes: ChangeSet) -> None: ...


def test_listeners_hear_of_an_update(ask: Ask) -> None:
    listener = Listener()
    ask.client.listen(listener)
    ask("Post.delete", where={"id": 1})
    assert sorted(listener.seen) == [
        ("update", "Comment", 10, True),
        ("update", "Comment", 11, True),
        ("update", "Comment", 12, True),
        ("update", "Post", 1, False),
        ("update", "Post", 2, True),
    ]
