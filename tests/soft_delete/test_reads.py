"""A row that is marked as deleted is nowhere to be seen, until it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime import ArgumentError, RecordNotFoundError
from tests.soft_delete.conftest import Ask


@pytest.fixture(autouse=True)
def rows(ask: Ask) -> None:
    """Ada has posts 1 and 2 with comments, of which post 2 and comment 11 are deleted; Bob, who has post 3 and a profile, is deleted himself."""
    ask("Author.create_many", data=[{"id": 1, "email": "ada"}, {"id": 2, "email": "bob"}])
    ask("Post.create_many", data=[{"id": number, "title": f"post {number}", "views": number} for number in (1, 2, 3)])
    ask("Post.update_many", data={"authorId": 1}, where={"id": {"in": [1, 2]}})
    ask("Post.update_many", data={"authorId": 2}, where={"id": 3})
    ask("Comment.create_many", data=[{"id": number, "text": "x", "postId": 1} for number in (10, 11)])
    ask("Profile.create", data={"id": 20, "bio": "b", "authorId": 2})
    ask("Tag.create", data={"id": 30, "name": "t", "posts": {"connect": [{"id": 1}, {"id": 2}]}})
    ask("Comment.delete", where={"id": 11})
    ask("Post.delete", where={"id": 2})
    # Without what would follow: only Bob himself.
    ask("Author.update", where={"id": 2}, data={"deletedAt": "2026-01-01T00:00:00Z"})


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(row["id"] for row in rows)


def test_it_is_hidden_from_every_read(ask: Ask) -> None:
    assert ids(ask("Post.find_many")) == [1, 3]
    assert ask("Post.find_unique", where={"id": 2}) is None
    assert ask("Post.find_first", where={"views": 2}) is None
    with pytest.raises(RecordNotFoundError):
        ask("Post.find_unique_or_raise", where={"id": 2})
    assert ask("Post.exists", where={"id": 2}) is False
    assert ask("Post.count") == 2
    assert ask("Post.aggregate", sum={"views": True}) == {"_sum": {"views": 4}}
    assert ask("Post.group_by", ["authorId"], count=True, order={"authorId": "asc"}) == [
        {"authorId": 1, "_count": 1},
        {"authorId": 2, "_count": 1},
    ]
    assert ids(ask("Post.find_many", search="post")) == [1, 3]
    assert ask("Post.count", search={"query": "2"}) == 0
    assert ids(ask("Post.find_many", take=5, cursor={"id": 1}, order={"id": "asc"})) == [1, 3]


def test_it_is_hidden_from_includes_counts_and_relation_filters(ask: Ask) -> None:
    ada = ask("Author.find_unique", where={"id": 1}, include={"posts": {"include": {"comments": True}}, "_count": True})
    assert ids(ada["posts"]) == [1]
    assert ids(ada["posts"][0]["comments"]) == [10]
    assert ada["_count"]["posts"] == 1
    assert ask("Post.find_unique", where={"id": 3}, include={"author": True})["author"] is None
    assert ask("Profile.find_unique", where={"id": 20}, include={"author": True})["author"] is None
    assert ids(ask("Tag.find_first", include={"posts": True})["posts"]) == [1]
    for where, found in (
        ({"posts": {"some": {"id": 2}}}, []),
        ({"posts": {"none": {"id": 2}}}, [1]),
        ({"posts": {"every": {"id": 1}}}, [1]),
    ):
        assert ids(ask("Author.find_many", where=where)) == found, where
    assert ids(ask("Post.find_many", where={"author": {"is": {"email": "bob"}}})) == []
    assert ids(ask("Post.find_many", where={"author": None})) == [3]
    assert ids(ask("Post.find_many", where={"NOT": {"comments": {"some": {"id": 11}}}})) == [1, 3]
    by_count = ask("Post.find_many", order=[{"comments": {"_count": "desc"}}, {"id": "asc"}])
    assert [row["id"] for row in by_count] == [1, 3]


def test_deleted_rows_are_seen_by_those_who_ask(ask: Ask) -> None:
    for name, arguments in (("find_many", {}), ("find_many", {"order": {"id": "asc"}, "take": 9})):
        assert ids(ask(f"Post.{name}", deleted="with", **arguments)) == [1, 2, 3]
        assert ids(ask(f"Post.{name}", deleted="only", **arguments)) == [2]
    assert ask("Post.find_unique", where={"id": 2}, deleted="with")["title"] == "post 2"
    assert ask("Post.find_unique", where={"id": 1}, deleted="only") is None
    assert ask("Post.count", deleted="with") == 3
    assert ask("Post.exists", where={"id": 2}, deleted="only") is True
    assert ask("Post.aggregate", max={"views": True}, deleted="only") == {"_max": {"views": 2}}
    assert ask("Post.group_by", ["title"], count=True, deleted="only") == [{"title": "post 2", "_count": 1}]
    assert ids(ask("Post.find_many", search="post", deleted="only")) == [2]


def test_asking_is_about_the_model_alone_unless_an_include_asks_too(ask: Ask) -> None:
    ada = ask("Author.find_unique", where={"id": 1}, include={"posts": True}, deleted="with")
    assert ids(ada["posts"]) == [1]
    ada = ask(
        "Author.find_unique", where={"id": 1}, include={"posts": {"deleted": "with", "where": {"views": {"gt": 0}}}}
    )
    assert ids(ada["posts"]) == [1, 2]
    post = ask("Post.find_unique", where={"id": 3}, include={"author": {"deleted": "with"}})
    assert post["author"]["email"] == "bob"


@pytest.mark.parametrize(
    ("call", "arguments", "message"),
    [
        ("Tag.find_many", {"deleted": "with"}, "deleted.*Tag keeps no deleted rows: it has no @infra.softDelete"),
        ("Post.find_many", {"deleted": "onyl"}, "unknown choice `onyl`; did you mean `only`"),
        ("Post.count", {"deleted": True}, "unknown choice `True`"),
        ("Author.find_many", {"include": {"drafts": {"deleted": "with"}}}, r"include\.drafts\.deleted.*Draft keeps no"),
        ("Tag.update_many", {"data": {"name": "x"}, "deleted": "with"}, "Tag keeps no deleted rows"),
        ("Tag.restore", {"where": {"id": 30}}, "Tag keeps no deleted rows"),
        ("Tag.purge_many", {}, "Tag keeps no deleted rows"),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Ask, call: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        ask(call, **arguments)


def test_own_sql_sees_everything(ask: Ask) -> None:
    table = "`Post`" if ask.client.engine.schema.provider == "mysql" else '"Post"'
    assert ask.raw(f"SELECT count(*) AS n FROM {table}") == [{"n": 3}]
