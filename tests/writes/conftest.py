"""Fixtures of the tests of writes: the shop of the runtime's tests on every database, and every statement that ran."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime.effects import Statement
from tests.databases import Database, Databases
from tests.runtime.conftest import Client, client, shop, shop_path, shop_schema, shop_url

__all__ = ["Ask", "Client", "ask", "client", "shop", "shop_path", "shop_schema", "shop_url", "statements"]

Ask = Callable[..., Any]


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture
def ask(client: Client) -> Ask:
    """`ask("User.create", data={…})`."""

    def ask(call: str, /, **arguments: Any) -> Any:
        model, _, operation = call.partition(".")
        return client.run(operation, model, **arguments)

    return ask


@pytest.fixture
def statements(client: Client) -> list[str]:
    """The SQL of all statements that operations ran, as they run."""
    seen: list[str] = []

    def hear(statement: Statement, seconds: float, error: BaseException | None) -> None:
        seen.append(statement.sql)

    client.infra.on_statement(hear)
    return seen
