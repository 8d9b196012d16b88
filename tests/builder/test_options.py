"""What is no part of a query reaches middleware, scopes and listeners as the options of the operation's context."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from infra_runtime import OperationContext
from tests.projections.package import Infrastructure, SyncInfrastructure


@pytest.fixture(params=[SyncInfrastructure, Infrastructure])
def asked(request: pytest.FixtureRequest) -> tuple[Any, list[OperationContext]]:
    """A client that answers nothing, and the contexts it is asked in."""
    infra, contexts = request.param(url="file:./never.db"), []
    if request.param is SyncInfrastructure:
        infra.use(lambda operation, context, proceed: contexts.append(context))
    else:

        async def answer(operation: Any, context: OperationContext, proceed: Any) -> None:
            contexts.append(context)

        infra.use(answer)
    return infra, contexts


def waited(answer: Any) -> None:
    if asyncio.iscoroutine(answer):
        asyncio.run(answer)


def test_options_add_up(asked: tuple[Any, list[OperationContext]]) -> None:
    infra, contexts = asked
    query = infra.post.query().options(timeout=2).where(slug="x").options(trace="t", timeout=1)
    for end in ("all", "execute", "first", "exists", "count", "delete", "explain"):
        waited(getattr(query, end)())
        assert contexts[-1].options == {"timeout": 1, "trace": "t"}, end
    waited(query.group_by("slug").limit(1).all())
    assert contexts[-1].options == {"timeout": 1, "trace": "t"}
    waited(infra.post.query().all())
    assert contexts[-1].options == {}


def test_what_a_cache_is_told(asked: tuple[Any, list[OperationContext]]) -> None:
    infra, contexts = asked
    query = infra.post.query()
    for asking, told in (
        (query.cache(), {}),
        (query.cache(ttl=60), {"ttl": 60}),
        (query.cache(ttl=1.5, tags=["posts", "front"]), {"ttl": 1.5, "tags": ("posts", "front")}),
    ):
        waited(asking.all())
        assert contexts[-1].options == {"cache": told}


def test_a_bound_client_gives_its_queries_its_context(asked: tuple[Any, list[OperationContext]]) -> None:
    infra, contexts = asked
    waited(infra.bind(tenant="acme").post.query().all())
    assert contexts[-1].tenant == "acme"


def test_a_query_shows_what_it_says_but_no_values(asked: tuple[Any, list[OperationContext]]) -> None:
    query = asked[0].customer.query()
    assert "Query on Customer: everything>" in repr(query)
    assert repr(query.where(email="secret").limit(1)).endswith("Query on Customer: where, take>")
