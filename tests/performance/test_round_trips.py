"""How many round trips to the server an operation takes, exactly as `budget.json` has them: where the network is slow, that is what it takes.

Counted by a proxy, with both interfaces, once the statements are prepared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.proxy import Proxy, turns_of
from tests.databases import Database, Databases
from tests.drivers.proxied import client, proxy
from tests.performance.budget import hold
from tests.runtime.conftest import Client, shop_schema, shop_url

__all__ = ["client", "proxy", "shop_schema", "shop_url"]


@pytest.fixture(params=["postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """SQLite needs no round trip."""
    return databases(request.param)


def children(number: int) -> dict[str, Any]:
    posts = [{"title": f"{number} {place}", "comments": {"create": [{"text": "first"}]}} for place in range(3)]
    return {"written": {"create": posts}, "orders": {"create": [{}]}, "profile": {"create": {"bio": "none yet"}}}


def works(client: Client) -> dict[str, Callable[[int], Any]]:
    """Pieces of work by their names in the budget, each given a number that none had before."""
    run = client.run

    def user(number: int, **data: Any) -> dict[str, Any]:
        return {"email": f"{number}@x.io", **data}

    def posts(number: int) -> dict[str, Any]:
        return {"create": [{"title": f"{number} {place}"} for place in range(3)]}

    def two_writes(number: int) -> None:
        with client.transaction() as tx:
            tx.run("create", "Tag", data={"label": f"two {number}"})
            tx.run("update", "User", where={"id": 1}, data={"logins": {"increment": 1}})

    def batch(number: int) -> None:
        collected: Any = client.infra.batch_()
        for place in range(5):
            collected.tag.create(data={"label": f"{place} of {number}"})
        client.wait(collected.commit())

    one = {"where": {"id": 1}}
    return {
        "point read": lambda n: run("find_unique", "User", **one),
        "page": lambda n: run("find_many", "User", where={"logins": {"gte": n}}, order={"id": "asc"}, take=10),
        "page with total": lambda n: run("find_page", "User", order={"id": "asc"}, take=10, total=True),
        "count": lambda n: run("count", "User"),
        "include one": lambda n: run("find_many", "User", include={"written": True}),
        "point read including three": lambda n: run(
            "find_unique", "User", **one, include={"written": True, "orders": True, "profile": True}
        ),
        "point read including what it belongs to": lambda n: run(
            "find_unique", "User", **one, include={"manager": True, "profile": True}
        ),
        "include two levels": lambda n: run("find_many", "User", include={"written": {"include": {"comments": True}}}),
        "include three beside each other": lambda n: run(
            "find_many", "User", include={"written": True, "orders": True, "profile": True}
        ),
        "include two levels of three": lambda n: run(
            "find_many",
            "User",
            include={
                "written": {"include": {"comments": True}},
                "orders": {"include": {"lines": True}},
                "profile": True,
            },
        ),
        "create": lambda n: run("create", "User", data=user(n)),
        "create with children": lambda n: run("create", "User", data=user(10 + n, written=posts(n))),
        "create with children, including them": lambda n: run(
            "create", "User", data=user(20 + n, written=posts(n)), include={"written": True}
        ),
        "create with two kinds of children": lambda n: run(
            "create", "User", data=user(30 + n, written=posts(n), orders={"create": [{}]})
        ),
        "create with three kinds of children": lambda n: run(
            "create",
            "User",
            data=user(40 + n, written=posts(n), orders={"create": [{}]}, profile={"create": {"bio": "none"}}),
        ),
        "create with children of children": lambda n: run("create", "User", data=user(50 + n, **children(n))),
        "create, connecting": lambda n: run(
            "create", "Post", data={"title": f"tagged {n}", "author_id": 1, "tags": {"connect": [{"id": 1}]}}
        ),
        "create, connecting to one": lambda n: run(
            "create", "Post", data={"title": f"connected {n}", "author": {"connect": {"id": 1}}}
        ),
        "create with what it belongs to": lambda n: run(
            "create", "Post", data={"title": "first", "author": {"create": user(60 + n)}}
        ),
        "update, connecting to one": lambda n: run(
            "update", "User", **one, data={"manager": {"connect": {"id": 2}}, "logins": n}
        ),
        "update, setting many": lambda n: run("update", "Tag", where={"label": "first"}, data={"posts": {"set": []}}),
        "create_many": lambda n: run("create_many", "Tag", data=[{"label": f"{n} and {place}"} for place in range(10)]),
        "update": lambda n: run("update", "User", **one, data={"logins": {"increment": 1}}),
        "update, answering what belongs to it": lambda n: run(
            "update", "User", **one, data={"logins": n}, include={"written": True}
        ),
        "update with children": lambda n: run("update", "User", **one, data={"written": posts(100 + n)}),
        "create, answering what it belongs to": lambda n: run(
            "create", "Post", data={"title": f"answered {n}", "author_id": 1}, include={"author": True}
        ),
        "upsert": lambda n: run(
            "upsert", "User", where={"email": "0@x.io"}, data={"create": user(0), "update": {"logins": n}}
        ),
        "delete": lambda n: run("delete", "Tag", where={"label": f"{n} and 0"}),
        "delete, answering what belonged to it": lambda n: run(
            "delete", "Tag", where={"label": f"{n} and 1"}, include={"posts": True}
        ),
        "transaction of two writes": two_writes,
        "batch of five": batch,
    }


def test_round_trips(client: Client, proxy: Proxy, database: Database, update_goldens: bool) -> None:
    """Not one more, on any server and by either interface."""
    for number in range(3):
        client.run("create", "User", data={"email": f"user {number}", **children(number)})
    client.run("create", "Tag", data={"label": "first"})
    found = {name: turns_of(proxy, work) for name, work in works(client).items()}
    hold(f"round trips, {database.provider}", found, update=update_goldens, margin=0)
