"""The law of soft delete: every read answers as it would if the rows that are marked were really gone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_gen.dynamic import connect
from tests.databases import Databases
from tests.soft_delete.schemas import BLOG, schema

HARD = BLOG.replace("/// @infra.softDelete", "// ")
"""The same tables, in whose models nothing is marked. Everything in them cascades that is marked together."""

AUTHORS, POSTS, COMMENTS = (1, 2, 3), tuple(range(10, 16)), tuple(range(20, 30))


@st.composite
def blogs(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Authors, posts (some of them replies to earlier ones) and comments."""
    authors = [
        {"id": number, "email": f"{number}", "name": draw(st.sampled_from([None, "a", "b"]))} for number in AUTHORS
    ]
    posts: list[dict[str, Any]] = []
    for number in POSTS:
        parents = [None, *(post["id"] for post in posts)]
        post = {
            "id": number,
            "title": draw(st.sampled_from(["rice", "rice beans", "bread"])),
            "views": draw(st.integers(0, 3)),
            "authorId": draw(st.sampled_from([None, *AUTHORS])),
            "parentId": draw(st.sampled_from(parents)),
        }
        posts.append(post)
    comments = [
        {"id": number, "text": draw(st.sampled_from("xyz")), "postId": draw(st.sampled_from(POSTS))}
        for number in COMMENTS
    ]
    return authors, posts, comments


REMOVALS = st.lists(
    st.one_of(
        st.tuples(st.just("Author"), st.sampled_from(AUTHORS)),
        st.tuples(st.just("Post"), st.sampled_from(POSTS)),
        st.tuples(st.just("Comment"), st.sampled_from(COMMENTS)),
    ),
    max_size=4,
)

BY_ID = {"order": {"id": "asc"}}
READS: list[tuple[str, str, dict[str, Any]]] = [
    ("Post", "find_many", {**BY_ID, "include": {"comments": BY_ID, "replies": BY_ID, "parent": True, "author": True}}),
    ("Post", "find_many", {**BY_ID, "include": {"comments": {**BY_ID, "take": 1, "skip": 1}, "_count": True}}),
    ("Post", "find_many", {"order": [{"comments": {"_count": "desc"}}, {"id": "asc"}], "take": 3}),
    ("Post", "find_many", {"order": [{"author": {"name": "asc"}}, {"id": "asc"}]}),
    ("Post", "find_many", {**BY_ID, "distinct": ["title"]}),
    ("Post", "find_many", {**BY_ID, "take": -2, "skip": 1}),
    ("Post", "find_many", {**BY_ID, "search": "rice"}),
    ("Post", "count", {"search": {"query": "beans bread", "mode": "any"}}),
    ("Post", "find_first", {"order": {"views": "desc"}, "where": {"views": {"gt": 0}}, "select": {"views": True}}),
    ("Post", "count", {}),
    ("Post", "count", {"select": {"authorId": True, "parentId": True, "_all": True}}),
    ("Post", "exists", {"where": {"title": "bread"}}),
    ("Post", "aggregate", {"sum": {"views": True}, "max": {"views": True}, "count": True}),
    ("Post", "group_by", {"by": ["title"], "count": True, "sum": {"views": True}, "order": {"title": "asc"}}),
    ("Author", "find_many", {**BY_ID, "include": {"posts": {**BY_ID, "include": {"comments": BY_ID}}, "_count": True}}),
    *(
        ("Author", "find_many", {**BY_ID, "where": {"posts": {quantifier: {"comments": {inner: {"text": "x"}}}}}})
        for quantifier in ("some", "every", "none")
        for inner in ("some", "every", "none")
    ),
    *(("Post", "find_many", {**BY_ID, "where": {"author": {kind: {"name": "a"}}}}) for kind in ("is", "is_not")),
    ("Post", "find_many", {**BY_ID, "where": {"parent": {"is": None}}}),
    ("Post", "find_many", {**BY_ID, "where": {"NOT": {"parent": {"is": {"title": "rice"}}}}}),
    ("Comment", "find_many", {**BY_ID, "where": {"post": {"is": {"author": {"is": {"name": "b"}}}}}}),
    ("Comment", "find_many", {**BY_ID, "include": {"post": {"include": {"author": True}}}}),
]


def answers(client: Any) -> list[Any]:
    return [_plain(getattr(client.repository(model), name)(**arguments)) for model, name, arguments in READS] + [
        [_plain(client.repository("Post").find_unique(where={"id": number})) for number in POSTS],
        [_plain(row) for row in client.repository("Post").stream(order={"id": "asc"}, batch_size=2)],
    ]


def _plain(answer: Any) -> Any:
    """An answer without the moments at which rows were written."""
    if isinstance(answer, list):
        return [_plain(item) for item in answer]
    if isinstance(answer, dict):
        return {
            name: _plain(value) for name, value in answer.items() if name not in ("updatedAt", "deletedAt", "goneAt")
        }
    return answer


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mysql"])
def clients(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A client that marks, and one that deletes."""
    provider: str = request.param
    if provider == "sqlite":
        folder = tmp_path_factory.mktemp("law")
        urls = [f"file:{folder / name}.db" for name in ("marking", "deleting")]
    else:
        urls = [databases(provider).url(models) for models in (BLOG, HARD)]
    marking = connect(schema(BLOG, provider), url=urls[0], interface="sync")
    deleting = connect(schema(HARD, provider), url=urls[1], interface="sync")
    with marking, deleting:
        if provider == "sqlite":
            marking.push()
            deleting.push()
        yield marking, deleting


def fill(client: Any, blog: Any, empty: str) -> None:
    for model in ("Comment", "Post", "Author"):
        getattr(client.repository(model), empty)()
    for model, rows in zip(("Author", "Post", "Comment"), blog, strict=True):
        client.repository(model).create_many(rows)


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blogs(), REMOVALS)
def test_every_read_answers_as_if_the_rows_were_gone(clients: Any, blog: Any, removals: list[tuple[str, int]]) -> None:
    marking, deleting = clients
    fill(marking, blog, "purge_many")
    fill(deleting, blog, "delete_many")
    for model, number in removals:
        counts = [client.repository(model).delete_many(where={"id": number}) for client in clients]
        assert counts[0] == counts[1]
    marked, deleted = map(answers, clients)
    for (model, name, arguments), one, other in zip(
        [*READS, ("Post", "find_unique", {}), ("Post", "stream", {})], marked, deleted, strict=True
    ):
        assert one == other, (model, name, arguments)


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blogs(), REMOVALS)
def test_all_is_as_before_when_the_last_that_went_comes_back_first(
    clients: Any, blog: Any, removals: list[tuple[str, int]]
) -> None:
    marking, _ = clients
    fill(marking, blog, "purge_many")
    before = answers(marking)
    for model, number in removals:
        marking.repository(model).delete_many(where={"id": number})
    for model, number in reversed(removals):
        marking.repository(model).restore_many(where={"id": number})
    assert answers(marking) == before
    assert [marking.repository(model).count(deleted="only") for model in ("Author", "Post", "Comment")] == [0, 0, 0]
