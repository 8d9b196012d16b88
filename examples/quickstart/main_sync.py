"""The same package without asyncio: `SyncInfrastructure` has the same methods, and they block."""

from __future__ import annotations

from shop import SyncInfrastructure


def main() -> None:
    with SyncInfrastructure() as infra:
        grace = infra.customer.upsert(
            where={"email": "grace@example.org"},
            data={
                "create": {"email": "grace@example.org", "name": "Grace"},
                "update": {"points": {"increment": 1}},
            },
        )
        print(f"\n── without asyncio: {grace.name} is customer {grace.id}")
        with infra.transaction() as tx:
            tx.comment.create(data={"text": "Well put.", "post": {"connect": {"slug": "notes"}}})
        post = infra.post.find_unique_or_raise(where={"slug": "notes"}, include={"comments": True, "author": True})
        print(f"{post.title}, by {post.author.name}: {[comment.text for comment in post.comments]}")
        told = infra.post.query().where(comments={"some": {}}).include("author").order_by(title="asc")
        print(f"{told.count()} posts with comments: {[(post.title, post.author.name) for post in told.limit(3).all()]}")


if __name__ == "__main__":
    main()
