"""Change sets: every write tells listeners what it changed, in bulk and nested, links and cascades with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from infra_runtime.changes import Change, ChangeSet, Wants
from infra_runtime.errors import UniqueViolationError
from infra_runtime.schema import Model
from tests.writes.conftest import Ask, Client


class Recorder:
    """Listens to some models and keeps what it hears."""

    def __init__(self, models: Sequence[str] | None = None, *, before: bool = False, after: bool = False) -> None:
        self.models = models
        self.asked = Wants(before, after)
        self.inside: list[ChangeSet] = []
        self.committed: list[ChangeSet] = []

    def wants(self, model: Model) -> Wants | None:
        return self.asked if self.models is None or model.name in self.models else None

    def in_transaction(self, changes: ChangeSet) -> None:
        self.inside.append(changes)

    def after_commit(self, changes: ChangeSet) -> None:
        self.committed.append(changes)

    def heard(self) -> list[tuple[Any, ...]]:
        """What was heard since the last time: kind, model, key, and what is special."""
        told = [brief(change) for changes in self.committed for change in changes.changes]
        assert [id(changes) for changes in self.inside] == [id(changes) for changes in self.committed]
        self.inside, self.committed = [], []
        return told


def brief(change: Change) -> tuple[Any, ...]:
    key = next(iter(change.key.values())) if len(change.key) == 1 else dict(change.key)
    if change.relation is not None:
        assert change.other is not None
        return change.kind, change.model.name, key, change.relation, next(iter(change.other.values()))
    return (change.kind, change.model.name, key, *(["cascade"] if change.cascade else []))


def listen(client: Client, *models: str, **asked: bool) -> Recorder:
    recorder = Recorder(models or None, **asked)
    client.infra.listen(recorder)
    return recorder


def test_single_rows(ask: Ask, client: Client) -> None:
    heard = listen(client).heard

    ask("Tag.create", data={"label": "a"})
    assert heard() == [("create", "Tag", 1)]
    ask("Tag.update", where={"label": "a"}, data={"label": "b"})
    assert heard() == [("update", "Tag", 1)]
    ask("Tag.upsert", where={"label": "b"}, data={"create": {"label": "b"}, "update": {"label": "c"}})
    assert heard() == [("update", "Tag", 1)]
    ask("Tag.upsert", where={"label": "x"}, data={"create": {"label": "x"}, "update": {"label": "?"}})
    assert heard() == [("create", "Tag", 2)]
    ask("Tag.delete", where={"label": "c"})
    assert heard() == [("delete", "Tag", 1)]


def test_who_begins_to_listen_hears_of_calls_that_were_made_before(ask: Ask, client: Client) -> None:
    def write(number: int) -> None:
        ask("Tag.create", data={"label": f"a{number}"})
        ask("Tag.update", where={"label": f"a{number}"}, data={"label": f"b{number}"})

    write(1)
    heard = listen(client).heard
    write(2)
    write(3)
    assert heard() == [("create", "Tag", 2), ("update", "Tag", 2), ("create", "Tag", 3), ("update", "Tag", 3)]


def test_rows_in_bulk(ask: Ask, client: Client) -> None:
    heard = listen(client, "Tag").heard

    ask("Tag.create_many", data=[{"label": "a"}, {"label": "b"}])
    assert heard() == [("create", "Tag", 1), ("create", "Tag", 2)]
    ask("Tag.create_many", data=[{"label": "a"}, {"label": "c"}], skip_duplicates=True)
    assert [what[:2] for what in heard()] == [("create", "Tag")]
    assert ask("Tag.update_many", where={"label": {"in": ["a", "b"]}}, data={"label": {"set": "z"}}, limit=1) == 1
    assert heard() == [("update", "Tag", 1)]
    assert ask("Tag.delete_many", where={"id": {"lt": 3}}) == 2
    assert sorted(heard()) == [("delete", "Tag", 1), ("delete", "Tag", 2)]
    ask("Tag.delete_many", where={"id": 404})
    assert heard() == []


def test_values_before_and_after_where_they_are_wanted(ask: Ask, client: Client) -> None:
    recorder = listen(client, "Tag", before=True, after=True)

    ask("Tag.create", data={"label": "a"}, select={"label": True})
    ask("Tag.update", where={"id": 1}, data={"label": "b", "id": {"increment": 4}})
    ask("Tag.update_many", data={"label": "c"})
    ask("Tag.delete_many")

    changes = [change for heard in recorder.committed for change in heard.changes]
    assert [(change.before, change.after) for change in changes] == [
        (None, {"id": 1, "label": "a"}),
        ({"id": 1, "label": "a"}, {"id": 5, "label": "b"}),
        ({"id": 5, "label": "b"}, {"id": 5, "label": "c"}),
        ({"id": 5, "label": "c"}, None),
    ]
    assert changes[1].key == {"id": 5}


def test_nested_writes_and_links(ask: Ask, client: Client) -> None:
    heard = listen(client).heard

    ask(
        "User.create",
        data={
            "email": "a",
            "written": {"create": {"id": "p", "title": "P", "tags": {"create": [{"label": "x"}, {"label": "y"}]}}},
        },
    )
    assert heard() == [
        ("create", "User", 1),
        ("create", "Post", "p"),
        ("create", "Tag", 1),
        ("create", "Tag", 2),
        ("link", "Post", "p", "tags", 1),
        ("link", "Post", "p", "tags", 2),
    ]
    ask("Tag.update", where={"id": 1}, data={"posts": {"connect": {"id": "p"}, "disconnect": {"id": "p"}}})
    assert heard() == [("unlink", "Tag", 1, "posts", "p")]
    ask("User.update", where={"id": 1}, data={"reviewed": {"connect": {"id": "p"}}})
    assert heard() == [("update", "Post", "p")]


def test_cascades_of_the_database_are_followed(ask: Ask, client: Client) -> None:
    ask("User.create", data={"email": "a", "profile": {"create": {"bio": "!"}}, "reports": {"create": {"email": "b"}}})
    ask(
        "Post.create",
        data={
            "id": "p",
            "title": "P",
            "author_id": 1,
            "comments": {"create": {"text": "…"}},
            "tags": {"create": {"label": "x"}},
        },
    )
    recorder = listen(client)

    ask("User.delete", where={"id": 1})

    heard = recorder.heard()
    assert sorted(heard, key=str) == sorted(
        [
            ("delete", "User", 1),
            ("update", "User", 2, "cascade"),
            ("delete", "Profile", 1, "cascade"),
            ("delete", "Post", "p", "cascade"),
            ("delete", "Comment", 1, "cascade"),
            ("unlink", "Post", "p", "tags", 1),
        ],
        key=str,
    )
    assert ask("Post.count") == ask("Comment.count") == 0


def test_cascades_of_a_changed_key_are_followed(ask: Ask, client: Client) -> None:
    ask("User.create", data={"email": "a", "profile": {"create": {"bio": "!"}}})
    recorder = listen(client, "Profile", before=True, after=True)

    ask("User.update", where={"id": 1}, data={"id": 8})

    (change,) = recorder.committed[0].changes
    assert (change.kind, change.cascade) == ("update", True)
    assert (change.before, change.after) == ({"id": 1, "bio": "!", "user_id": 1}, {"id": 1, "bio": "!", "user_id": 8})


def test_a_listener_can_refuse(ask: Ask, client: Client) -> None:
    class Guard(Recorder):
        def in_transaction(self, changes: ChangeSet) -> None:
            raise PermissionError("not today")

    client.infra.listen(Guard())

    with pytest.raises(PermissionError):
        ask("Tag.create", data={"label": "a"})
    assert ask("Tag.count") == 0


def test_what_failed_is_not_told(ask: Ask, client: Client) -> None:
    ask("Tag.create", data={"label": "a"})
    recorder = listen(client)

    with pytest.raises(UniqueViolationError):
        ask("Tag.create_many", data=[{"label": "b"}, {"label": "a"}])

    assert recorder.inside == recorder.committed == []


@pytest.mark.parametrize("listens", [False, True])
def test_who_listens_does_not_change_which_rows_are_written(ask: Ask, client: Client, listens: bool) -> None:
    """What is unknown of a related row, here its name, does not hold in a write to many."""
    ask("User.create", data={"email": "ada", "reports": {"create": {"email": "ben"}}})
    if listens:
        listen(client, before=True, after=True)
    others = {"manager": {"is_not": {"name": "Eve"}}}

    assert ask("User.update_many", where=others, data={"logins": 1}) == 2
    assert ask("User.update_many", where={"manager": {"is_not": {"name": {"not": "Eve"}}}}, data={"logins": 2}) == 2
    assert ask("User.delete_many", where={**others, "reports": {"none": {}}}) == 1
