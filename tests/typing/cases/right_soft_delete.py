"""Comments of the demo schema keep deleted rows."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from infra_runtime import Hit
from shop import Comment, CommentFields, Infrastructure, Post, SyncInfrastructure
from shop.comment import CommentQuery, CommentRepository, SyncCommentRepository


async def repositories(infra: Infrastructure) -> None:
    assert_type(infra.comment.with_deleted(), CommentRepository)
    assert_type(await infra.comment.only_deleted().find_by_id(1), Comment | None)
    assert_type(await infra.comment.with_deleted().find_many(where={"deleted_at": {"not": None}}), list[Comment])
    assert_type(await infra.comment.restore(where={"id": 1}, include={"post": True}), Comment)
    assert_type(await infra.comment.restore_many(where={"text": "x"}, limit=3), int)
    assert_type(await infra.comment.purge({"id": 1}), Comment)
    assert_type(await infra.comment.purge_many(), int)


async def queries(infra: Infrastructure) -> None:
    query = infra.comment.query().where(text="x").with_deleted()
    assert_type(query, CommentQuery[Comment])
    assert_type(
        await query.only_deleted().select(CommentFields.deleted_at).limit(1).all(), list[tuple[datetime | None]]
    )
    assert_type(await query.restore(), int)
    assert_type(await query.purge(), int)


async def includes(infra: Infrastructure) -> None:
    await infra.post.find_many(include={"comments": {"deleted": "with", "take": 3}})
    await infra.customer.find_many(include={"posts": {"search": {"query": "x", "fields": ["title"]}}})


def blocking(infra: SyncInfrastructure) -> None:
    assert_type(infra.comment.with_deleted(), SyncCommentRepository)
    assert_type(infra.comment.restore({"id": 1}), Comment)
    assert_type(infra.comment.query().only_deleted().purge(), int)


async def searches(infra: Infrastructure) -> None:
    assert_type(await infra.post.find_many(search={"query": "x", "fields": ["title"], "mode": "any"}), list[Post])
    assert_type(await infra.post.count(search={"query": "x"}), int)
    assert_type(await infra.post.exists(search={"query": "x", "language": "english"}), bool)
    assert_type(await infra.post.query().search("x", fields=["title", "content"], mode="prefix").all(), list[Post])
    assert_type(await infra.post.query().search({"query": "x", "fields": ["title"]}).first(), Post | None)
    assert_type(await infra.post.delete_many(search={"query": "x"}), int)
    hits = await infra.post.find_hits({"query": "x"}, where={"views": 3}, highlight={"fields": ["title"], "length": 80})
    assert_type(hits, list[Hit[Post]])
    assert_type(hits[0].row.title, str)
    assert_type(hits[0].rank, float | None)
    assert_type(await infra.post.query().search("x").hits("title", start="<b>", stop="</b>"), list[Hit[Post]])
