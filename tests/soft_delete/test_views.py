"""Views and queries say which of the deleted rows they are about, in generated packages and in the dynamic API."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime import ArgumentError
from tests.docs.guides import ROOT
from tests.soft_delete.conftest import Ask

SCHEMA = (ROOT / "schema.prisma").read_text(encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The demo's client, with comments a, b and c of a post, of which b is deleted."""
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "quickstart"))
    from shop import SyncInfrastructure

    url = f"file:{tmp_path / 'shop.db'}"
    with connect(SCHEMA, url=url, interface="sync") as tables:
        tables.push()
    with SyncInfrastructure(url=url) as infra:
        ada = infra.customer.create(data={"email": "ada"})
        comments: Any = {"create": [{"text": text} for text in "abc"]}
        infra.post.create(data={"slug": "s", "title": "rice", "author_id": ada.id, "comments": comments})
        infra.comment.delete_many(where={"text": "b"})
        yield infra
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


def texts(rows: list[Any]) -> str:
    return "".join(sorted(row.text for row in rows))


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
def test_every_method_of_a_view_sees_what_it_is_for(shop: Any) -> None:
    for view, seen in ((shop.comment, "ac"), (shop.comment.with_deleted(), "abc"), (shop.comment.only_deleted(), "b")):
        assert texts(view.find_many()) == seen
        assert texts(list(view.stream())) == seen
        assert view.count() == len(seen)
        assert view.exists(where={"text": "b"}) is ("b" in seen)
        assert (view.find_by_id(2) is not None) is ("b" in seen)
        assert view.query().count() == len(seen)
        assert texts(view.query().all()) == seen
        assert texts(view.query().paginate(page=1, limit=9).execute().items) == seen
        assert texts(view.find_many_by_ids([1, 2, 3])) == seen
        assert (
            texts(
                [hit.row for hit in view.query().search({"query": "a b c", "fields": ["text"], "mode": "any"}).hits()]
            )
            == seen
        )
        assert ("IS NULL" in view.query().to_sql()[0].sql) is (seen == "ac")
        assert view.query().explain()
        assert [row["_count"] for row in view.group_by(["post_id"], count=True)] == [len(seen)]
    assert shop.comment.find_many() == shop.comment.find_many()


def test_a_view_of_a_view_is_the_last(shop: Any) -> None:
    assert texts(shop.comment.only_deleted().with_deleted().find_many()) == "abc"
    assert texts(shop.comment.only_deleted().query().with_deleted().all()) == "abc"


def test_a_view_in_a_transaction_is_in_it(shop: Any) -> None:
    with shop.transaction() as tx:
        tx.comment.delete_many()
        assert texts(tx.comment.only_deleted().find_many()) == "abc"
        assert shop.comment.count() == 2 or shop.engine.schema.provider == "sqlite"


def test_nothing_is_done_to_rows_that_a_query_does_not_read(shop: Any) -> None:
    with pytest.raises(ArgumentError, match="deleted already can be purged, or restored"):
        shop.comment.query().only_deleted().delete()
    with pytest.raises(ArgumentError, match="deleted already"):
        shop.comment.only_deleted().delete(where={"id": 2})
    with pytest.raises(ArgumentError, match="deleted already"):
        shop.comment.only_deleted().delete_many()
    assert shop.comment.query().with_deleted().where(text="c").delete() == 1
    assert shop.comment.query().where(text="b").purge() == 0
    assert shop.comment.query().only_deleted().where(text="b").purge() == 1
    assert texts(shop.comment.with_deleted().find_many()) == "ac"
    assert shop.comment.only_deleted().purge_many() == 1
    assert texts(shop.comment.with_deleted().find_many()) == "a"
    assert shop.comment.query().with_deleted().purge() == 1


def test_queries_restore(shop: Any) -> None:
    assert shop.comment.query().restore() == 1
    assert texts(shop.comment.find_many()) == "abc"


def test_a_view_makes_rows_as_ever(shop: Any) -> None:
    post = shop.post.find_first()
    made = shop.comment.only_deleted().create(data={"text": "d", "post_id": post.id})
    assert made.deleted_at is None


def test_a_search_is_kept_to_by_what_changes_rows(shop: Any) -> None:
    ada = shop.customer.find_first()
    for slug, title in (("t", "beans"), ("u", "rice and beans")):
        shop.post.create(data={"slug": slug, "title": title, "author_id": ada.id})
    assert shop.post.query().search("beans").update(views=5) == 2
    assert shop.post.update_many(data={"views": 7}, search={"query": "rice"}, where={"slug": {"not": "s"}}) == 1
    assert {post.slug: post.views for post in shop.post.find_many()} == {"s": 0, "t": 5, "u": 7}
    assert shop.post.query().search("rice beans").delete() == 1
    assert shop.post.delete_many(search={"query": "nothing"}) == 0
    assert [post.slug for post in shop.post.find_many(order={"slug": "asc"})] == ["s", "t"]


def test_words_in_writes_on_every_database(ask: Ask) -> None:
    ask(
        "Post.create_many",
        data=[{"id": 1, "title": "rice"}, {"id": 2, "title": "beans"}, {"id": 3, "title": "rice beans"}],
    )
    assert ask("Post.update_many", data={"views": 1}, search="rice") == 2
    changed = ask("Post.update_many_and_return", data={"views": 2}, search={"query": "beans"}, where={"views": 0})
    assert [row["id"] for row in changed] == [2]
    assert ask("Post.delete_many", search={"query": "rice beans", "mode": "any"}, where={"id": {"lt": 3}}) == 2
    assert ask("Post.restore_many", search="beans") == 1
    assert sorted(row["id"] for row in ask("Post.find_many")) == [2, 3]
    assert ask("Post.purge_many", search="rice") == 2
    with pytest.raises(ArgumentError, match=r"search\.query"):
        ask("Post.delete_many", search={"query": 3})
