"""What a user mistypes: each marked line is refused by both checkers, and the message names what the mark names."""

from __future__ import annotations

from shop import Infrastructure, Role, SyncInfrastructure

import infra_runtime


async def reads(infra: Infrastructure) -> None:
    await infra.customer.find_many(where={"emial": "x"})  # names: emial
    await infra.customer.find_many(where={"points": "x"})  # names: points
    await infra.customer.find_many(where={"role": "ADMINN"})  # names: role
    await infra.customer.find_many(where={"posts": {"some": {"titel": "x"}}})  # names: titel
    await infra.customer.find_many(where={"posts": {"any": {"title": "x"}}})  # names: any
    await infra.customer.find_many(where={"OR": [{"emial": "x"}]})  # names: emial
    await infra.customer.find_many(include={"post": True})  # names: post
    await infra.customer.find_many(include={"posts": "yes"})  # names: posts
    await infra.customer.find_many(order={"emial": "asc"})  # names: emial | order
    await infra.customer.find_many(order={"email": "up"})  # names: email | order
    await infra.customer.find_many(take="10")  # names: take
    await infra.customer.find_many(limit=10)  # names: limit
    await infra.customer.find_unique(where={"name": 3})  # names: name
    await infra.customer.find_unique({"parent_id_name": 1})  # names: parent_id_name
    await infra.category.find_unique({"parent_id_name": {"name": "x"}})  # names: parent_id
    await infra.customer.count(where={"emial": "x"})  # names: emial | count
    await infra.customer.count({"emial": True})  # names: emial
    await infra.customer.group_by(["emial"])  # names: emial
    await infra.customer.group_by(["role"], where={"emial": "x"})  # names: emial
    await infra.customer.group_by(["role"], sum={"point": True})  # names: point
    await infra.customer.group_by(["role"], order={"rolle": "asc"})  # names: rolle | order
    await infra.customer.group_by(["role"], order=[{"rolle": "asc"}])  # names: rolle
    await infra.customer.group_by(["role"], having={"pointz": {"_avg": {"gt": 3}}})  # names: pointz
    await infra.customer.find_many(distinct=["emial"])  # names: emial
    await infra.customer.find_many(cursor={"emial": "x"})  # names: emial
    await infra.customer.find_many(order=[{"emial": "asc"}])  # names: emial
    await infra.customer.find_many(include={"posts": {"include": {"tagz": True}}})  # names: posts
    await infra.customer.find_by_email(3)  # names: email | argument
    found = await infra.customer.find_unique_or_raise(where={"id": 1}, include={"posts": True})
    print(found.postz)  # names: postz
    print(found.posts[0].titel)  # names: titel
    found.email = "x"  # names: email


async def writes(infra: Infrastructure) -> None:
    await infra.customer.create(data={"email": "x", "nmae": "x"})  # names: nmae
    await infra.customer.create(data={"name": "x"})  # names: email
    await infra.customer.create(data={"email": 3})  # names: email
    await infra.customer.create(data={"email": "x", "role": "ROOT"})  # names: role
    await infra.customer.create(data={"email": "x", "posts": {"create": [{"slug": "x"}]}})  # names: title
    await infra.customer.create(data={"email": "x", "posts": {"create": [{"slug": "x", "titel": "x"}]}})  # names: titel
    await infra.customer.create(data={"email": "x", "posts": {"connect": [{"slugg": "x"}]}})  # names: slugg
    await infra.customer.create(data={"email": "x", "posts": {"make": []}})  # names: make
    await infra.customer.create(data={"email": "x"}, include={"postss": True})  # names: postss
    await infra.customer.update(data={"points": {"plus": 1}}, where={"id": 1})  # names: points
    await infra.customer.update(data={"profile": {"disconnect": "yes"}}, where={"id": 1})  # names: disconnect
    await infra.profile.update(data={"customer": {"disconnect": True}}, where={"id": 1})  # names: disconnect
    await infra.customer.update_many(data={"posts": {}})  # names: posts
    await infra.customer.upsert(where={"id": 1}, data={"create": {"emial": "x"}, "update": {}})  # names: emial
    await infra.tag.upsert_many([{"where": {"nmae": "x"}, "create": {"name": "x"}, "update": {}}])  # names: nmae
    await infra.customer.upsert_many([{"where": {"id": 1}, "create": {"emial": "x"}, "update": {}}])  # names: emial
    await infra.customer.upsert_many([{"where": {"id": 1}, "create": {"email": "x"}}])  # names: update
    await infra.customer.create_many([{"email": "x"}, {"email": "y", "nmae": "x"}])  # names: nmae


def blocking(infra: SyncInfrastructure) -> None:
    infra.customer.create(data={"email": "x", "role": Role.ADMINN})  # names: ADMINN
    infra.customer.delete(where={"emial": "x"})  # names: emial
    infra.custommer.find_many()  # names: custommer


def errors() -> type[Exception]:
    return infra_runtime.ArgumentEror  # names: ArgumentEror
