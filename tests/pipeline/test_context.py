"""The operation context: bound to a client, ambient in a block, or given with a call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from infra_runtime import Infrastructure, OperationContext, current_context, use_context
from infra_runtime.effects import Effect, Program, Steps
from infra_runtime.engine import OPERATIONS, Engine
from infra_runtime.operation import Operation
from tests.runtime.conftest import Client, spelt_for_driver


@pytest.fixture(autouse=True)
def context_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "tell_context", __name__)


def tell_context(_engine: object, context: OperationContext, _operation: Operation) -> Program[OperationContext]:
    """An operation that answers the context it was made with."""

    def steps() -> Steps[OperationContext]:
        yield from ()
        return context

    return Program("read", steps())


def context_of(client: Client, infra: Any = None, **options: Any) -> OperationContext:
    answer: OperationContext = client.wait(
        (infra or client.infra).execute(Operation("tell_context", None, {}), options)
    )
    return answer


def test_without_anything_it_is_empty(client: Client) -> None:
    assert context_of(client) == OperationContext()


def test_bind_gives_a_client_with_more_context_and_leaves_the_other_alone(client: Client) -> None:
    bound = client.infra.bind(actor="ada", tenant="acme").bind(request_id="r1", colour="red")
    context = context_of(client, bound)
    assert (context.actor, context.tenant, context.request_id) == ("ada", "acme", "r1")
    assert dict(context.values) == {"colour": "red"}
    assert context_of(client).actor is None


def test_the_ambient_context_counts_where_the_client_says_nothing(client: Client) -> None:
    bound = client.infra.bind(actor="ada", colour="red")
    with use_context(actor="eve", tenant="acme", colour="blue", size=1, deadline=9e9):
        context = context_of(client, bound)
        assert context_of(client).actor == "eve"
    assert (context.actor, context.tenant, context.deadline) == ("ada", "acme", 9e9)
    assert dict(context.values) == {"colour": "red", "size": 1}
    assert current_context() == OperationContext()


def test_the_earlier_deadline_counts(client: Client) -> None:
    with use_context(deadline=9e9):
        assert context_of(client, client.infra.bind(deadline=8e9)).deadline == 8e9
        assert context_of(client, client.infra.bind(deadline=9.5e9)).deadline == 9e9


def test_the_options_of_a_call_are_in_its_context(client: Client) -> None:
    bound = client.infra.bind(options={"cache": False, "tags": ["a"]})
    assert dict(context_of(client, bound, cache=True).options) == {"cache": True, "tags": ["a"]}
    assert dict(context_of(client, bound).options) == {"cache": False, "tags": ["a"]}


def test_a_transaction_has_its_clients_context(client: Client) -> None:
    with client.transaction() as tx:
        assert context_of(tx, tx.infra.bind(actor="ada")).actor == "ada"
    bound = Client(client.infra.bind(actor="eve"), client.loop)
    with bound.transaction() as tx:
        assert context_of(tx).actor == "eve"


async def test_each_task_has_its_own(async_shop: Infrastructure) -> None:
    async def ask(actor: str) -> object:
        with use_context(actor=actor):
            await asyncio.sleep(0)
            context = await async_shop.execute(Operation("tell_context", None, {}))
            return context.actor

    assert await asyncio.gather(*(ask(f"actor {number}") for number in range(4))) == [f"actor {n}" for n in range(4)]


class Ask(Effect):
    """An effect of a step around the executor."""

    __slots__ = ("question",)

    def __init__(self, question: str) -> None:
        self.question = question


def ask_and_count(engine: Engine, _context: object, _operation: Operation) -> Program[Any]:
    def steps() -> Steps[Any]:
        from infra_runtime.effects import Statement

        answer = yield Ask("how many?")
        rows = yield Statement(spelt_for_driver('SELECT count(*) FROM "Tag"', engine.schema.provider))
        return answer, rows

    return Program("read", steps())


def test_a_registered_handler_answers_an_effect(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "ask_and_count", __name__)
    with pytest.raises(TypeError, match="no handler is registered for the effect Ask"):
        client.run("ask_and_count", None)
    client.infra.effects.register(Ask, lambda effect, work: effect.question.upper())
    assert client.run("ask_and_count", None) == ("HOW MANY?", [(0,)])


async def test_an_async_handler_is_awaited_in_the_event_loop(
    async_shop: Infrastructure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPERATIONS, "ask_and_count", __name__)
    loop = asyncio.get_running_loop()

    async def answer(effect: Ask, work: object) -> bool:
        await asyncio.sleep(0)
        return asyncio.get_running_loop() is loop

    async_shop.effects.register_async(Ask, answer)
    assert await async_shop.execute(Operation("ask_and_count", None, {})) == (True, [(0,)])
    async with async_shop.transaction() as tx:
        assert await tx.execute(Operation("ask_and_count", None, {})) == (True, [(0,)])
        assert await tx.execute_raw("INSERT INTO \"Tag\" (name) VALUES ('red')") == 1
    assert await async_shop.execute(Operation("ask_and_count", None, {})) == (True, [(1,)])
