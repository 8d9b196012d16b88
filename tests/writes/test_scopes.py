"""Predicate scopes in writes: a row out of scope is not there, for a write at the root as for a nested one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra_runtime.context import OperationContext
from infra_runtime.errors import (
    ConnectedRecordsNotFoundError,
    RecordNotFoundError,
    RecordsNotConnectedError,
    UniqueViolationError,
)
from infra_runtime.schema import Model
from tests.writes.conftest import Ask, Client


class Active:
    """Users who are not active, and posts that are hidden, are out of sight."""

    def __call__(self, model: Model, context: OperationContext) -> Mapping[str, Any] | None:
        seen: dict[str, Mapping[str, Any]] = {"User": {"active": True}, "Post": {"content": {"not": "hidden"}}}
        return seen.get(model.name)


@pytest.fixture(autouse=True)
def rows(ask: Ask, client: Client) -> None:
    """Ada is active, with a post that is seen and one that is hidden; Bob is gone, with one post."""
    posts = [{"id": "seen", "title": "1", "content": "x"}, {"id": "hidden", "title": "2", "content": "hidden"}]
    ask("User.create", data={"email": "ada", "written": {"create": posts}})
    ask(
        "User.create",
        data={"email": "bob", "active": False, "written": {"create": {"id": "bobs", "title": "3", "content": "x"}}},
    )
    client.infra.add_scope(Active(), ["User", "Post"])


def test_update_and_delete_see_only_what_is_in_scope(ask: Ask) -> None:
    for call, data in (
        ("update", {"data": {"name": "?"}}),
        ("delete", {}),
        ("update", {"data": {"reports": {"set": []}}}),
    ):
        with pytest.raises(RecordNotFoundError):
            ask(f"User.{call}", where={"email": "bob"}, **data)


def test_many_rows_are_counted_in_scope(ask: Ask) -> None:
    assert ask("Post.update_many", data={"views": 1}) == 2
    assert ask("Post.delete_many") == 2


def test_a_row_that_leaves_the_scope_is_answered_once_more(ask: Ask) -> None:
    gone = ask("User.update", where={"email": "ada"}, data={"active": False}, include={"written": True})

    assert gone["active"] is False
    assert [post["id"] for post in gone["written"]] == ["seen"]


def test_upsert_does_not_change_what_is_out_of_scope(ask: Ask) -> None:
    with pytest.raises(UniqueViolationError):
        ask("User.upsert", where={"email": "bob"}, data={"create": {"email": "bob"}, "update": {"name": "?"}})


def test_nested_writes_reach_only_what_is_in_scope(ask: Ask, client: Client) -> None:
    def written(**nested: Any) -> Any:
        return ask("User.update", where={"email": "ada"}, data={"written": nested})

    with pytest.raises(RecordNotFoundError):
        written(update={"where": {"id": "hidden"}, "data": {"views": 1}})
    with pytest.raises(RecordsNotConnectedError):
        written(delete={"id": "hidden"})
    with pytest.raises(ConnectedRecordsNotFoundError):
        written(connect={"id": "hidden"})
    with pytest.raises(RecordNotFoundError):
        ask("Post.update", where={"id": "seen"}, data={"reviewer": {"connect": {"email": "bob"}}})
    written(update_many={"where": {}, "data": {"views": 9}})
    written(delete_many={})
    kept = client.wait(client.infra.query_raw('SELECT id, views FROM "Post" ORDER BY id'))
    assert kept == [{"id": "bobs", "views": 0}, {"id": "hidden", "views": 0}]
