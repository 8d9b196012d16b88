"""What keeps no deleted rows has no methods for them; a search knows its model's fields."""

from __future__ import annotations

from shop import Infrastructure


async def wrong(infra: Infrastructure) -> None:
    infra.post.with_deleted()  # names: with_deleted
    await infra.post.restore(where={"id": "x"})  # names: restore
    infra.post.query().only_deleted()  # names: only_deleted
    await infra.comment.restore(where={"idd": 1})  # names: idd
    await infra.comment.purge_many(where={"txt": "x"})  # names: txt
    await infra.post.find_many(search={"qery": "x"})  # names: qery | search
    await infra.post.find_many(search={"query": "x", "fields": ["titel"]})  # names: titel | fields | search
    await infra.post.find_many(search={"query": "x", "mode": "al"})  # names: al | mode | search
    infra.post.query().search("x", fields=["titel"])  # names: titel | fields | search
    await infra.post.query().search("x").hits("titel")  # names: titel
    infra.post.query().search("x", mode="al")  # names: al | mode | search
    await infra.post.find_many(include={"comments": {"deleted": "onyl"}})  # names: onyl | include | comments
    await infra.post.find_many(include={"tags": {"deleted": "with"}})  # names: deleted | include | tags
