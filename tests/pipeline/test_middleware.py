"""Operation middleware: around whole operations, in order, free to change, to refuse and to answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime import OperationContext
from infra_runtime.operation import Operation
from tests.runtime.conftest import Client, spelt

Around = Callable[[Operation, OperationContext], Any]


def use(
    client: Client,
    *,
    before: Callable[[Operation, OperationContext], tuple[Operation, OperationContext]] = lambda *given: given,
    after: Callable[[Any], Any] = lambda result: result,
) -> None:
    """Adds a middleware of the client's interface."""

    def middleware(operation: Operation, context: OperationContext, proceed: Any) -> Any:
        return after(proceed(*before(operation, context)))

    async def middleware_async(operation: Operation, context: OperationContext, proceed: Any) -> Any:
        return after(await proceed(*before(operation, context)))

    client.infra.use(middleware_async if client.is_async else middleware)


def test_middleware_sees_operation_context_and_result(client: Client) -> None:
    seen: list[Any] = []

    def note(operation: Operation, context: OperationContext) -> tuple[Operation, OperationContext]:
        seen.append((str(operation), operation.arguments["query"], context.actor))
        return operation, context

    def keep(result: Any) -> Any:
        seen.append(result)
        return result

    use(client, before=note, after=keep)
    client.wait(client.infra.bind(actor="ada").query_raw("SELECT 1 AS one"))
    assert seen == [("query_raw()", "SELECT 1 AS one", "ada"), [{"one": 1}]]


def test_the_first_added_is_the_outermost(client: Client) -> None:
    order: list[str] = []
    for name in ("outer", "inner"):

        def enter(*given: Any, name: str = name) -> Any:
            order.append(f"enter {name}")
            return given

        def leave(result: Any, name: str = name) -> Any:
            order.append(f"leave {name}")
            return result

        use(client, before=enter, after=leave)
    client.query("SELECT 1")
    assert order == ["enter outer", "enter inner", "leave inner", "leave outer"]


def test_middleware_changes_what_it_passes_on_and_what_it_answers(client: Client) -> None:
    def rewrite(operation: Operation, context: OperationContext) -> tuple[Operation, OperationContext]:
        return Operation(operation.name, operation.model, {**operation.arguments, "query": "SELECT 2 AS n"}), context

    use(client, before=rewrite, after=lambda rows: [row["n"] * 10 for row in rows])
    assert client.query("SELECT 1 AS n") == [20]


def test_middleware_may_refuse_or_answer_by_itself(client: Client) -> None:
    def refuse(operation: Operation, context: OperationContext) -> Any:
        raise PermissionError(operation.name)

    use(client, before=refuse)
    with pytest.raises(PermissionError, match="query_raw"):
        client.query("SELECT 1")


def test_middleware_holds_in_transactions_batches_and_bound_clients(client: Client) -> None:
    seen: list[str] = []

    def note(operation: Operation, context: OperationContext) -> tuple[Operation, OperationContext]:
        seen.append(operation.arguments["query"])
        return operation, context

    bound = client.infra.bind(tenant="acme")
    use(client, before=note)
    with client.transaction() as tx:
        tx.query("SELECT 1")
    client.wait(bound.query_raw("SELECT 2"))
    batch = client.infra.batch_()
    delete = spelt('DELETE FROM "Tag"', client.engine.schema.provider)
    batch.execute_raw(delete)
    client.wait(batch.commit())
    assert seen == ["SELECT 1", "SELECT 2", delete]
