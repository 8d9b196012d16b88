"""How many statements writes take: one for one row's scalars, a constant number in bulk, none for listeners that are not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra_runtime.changes import ChangeSet, Wants
from infra_runtime.operation import Operation
from tests.databases import Database, Databases
from tests.runtime.schemas import SHOP
from tests.writes.conftest import Ask, Client


@pytest.fixture
def database(databases: Databases) -> Database:
    """What SQLite takes: PostgreSQL takes the same, and MySQL more where it does not answer what it wrote."""
    return databases("sqlite")


@pytest.fixture
def ada(ask: Ask, statements: list[str]) -> None:
    ask("User.create", data={"email": "ada"})
    statements.clear()


@pytest.mark.parametrize(
    ("call", "arguments", "count"),
    [
        ("Tag.create", {"data": {"label": "a"}}, 1),
        ("Tag.create_many", {"data": [{"label": str(number)} for number in range(100)]}, 1),
        ("Tag.create_many", {"data": [{"label": str(number)} for number in range(500)]}, 5),
        ("Tag.create_many_and_return", {"data": [{"label": str(number)} for number in range(100)]}, 1),
        ("User.update", {"where": {"email": "ada"}, "data": {"name": "Ada"}}, 1),
        ("User.update_many", {"data": {"name": "Ada"}}, 1),
        ("User.upsert", {"where": {"email": "ada"}, "data": {"create": {"email": "ada"}, "update": {"name": "A"}}}, 1),
        ("User.delete", {"where": {"email": "ada"}}, 1),
        ("User.delete_many", {}, 1),
        (
            "User.create",
            {"data": {"email": "b", "written": {"create": [{"title": str(number)} for number in range(50)]}}},
            3,
        ),
        (
            "User.create",
            {"data": {"email": "b", "written": {"create_many": {"data": [{"title": "a"}, {"title": "b"}]}}}},
            3,
        ),
        (
            "Post.create",
            {
                "data": {
                    "title": "a",
                    "author_id": 1,
                    "tags": {"create": [{"label": str(number)} for number in range(50)]},
                }
            },
            4,
        ),
        ("Post.create", {"data": {"title": "a", "author": {"connect": {"email": "ada"}}}}, 2),
    ],
)
def test_statements(
    ask: Ask, ada: None, statements: list[str], call: str, arguments: dict[str, Any], count: int
) -> None:
    ask(call, **arguments)

    assert len(statements) == count, "\n".join(statements)


@pytest.mark.parametrize(
    ("name", "model", "arguments", "mode"),
    [
        ("create", "Tag", {"data": {"label": "a"}}, "write"),
        ("create", "Tag", {"data": {"label": "a", "posts": {"connect": {"id": "x"}}}}, "atomic"),
        ("create", "Tag", {"data": {"label": "a"}, "include": {"posts": True}}, "atomic"),
        ("create_many", "Tag", {"data": [{"label": "a"}, {"label": "b"}]}, "bulk"),
        ("create_many", "Tag", {"data": []}, "read"),
        ("create_many", "Tag", {"data": [{"label": str(number)} for number in range(101)]}, "atomic"),
        ("update", "Tag", {"data": {"label": "a"}, "where": {"id": 1}}, "write"),
        ("update", "Tag", {"data": {}, "where": {"id": 1}}, "read"),
        ("delete", "Tag", {"where": {"id": 1}}, "write"),
        ("delete_many", "Tag", {}, "write"),
        ("update_many", "Tag", {"data": {"label": "a"}}, "write"),
    ],
)
def test_one_statement_needs_no_transaction(client: Client, name: str, model: str, arguments: Any, mode: str) -> None:
    from infra_runtime.context import EMPTY

    assert client.engine.program(Operation(name, SHOP.model[model], arguments), EMPTY).mode == mode


def test_many_rows_are_cut_at_the_databases_limit_of_parameters(
    ask: Ask, client: Client, statements: list[str]
) -> None:
    client.engine.dialect = replace(client.engine.dialect, rows_at_once=None)
    rows = [{"email": str(number)} for number in range(5000)]

    assert ask("User.create_many", data=rows) == 5000
    assert 2 <= len(statements) <= 4
    assert ask("User.count") == 5000


def test_plans_are_made_once_for_each_shape(ask: Ask, client: Client) -> None:
    ask("Tag.create_many", data=[{"label": "a"}, {"label": "b"}])
    ask("Tag.update", where={"id": 1}, data={"label": "c"})
    plans = len(client.engine.plans)

    ask("Tag.create_many", data=[{"label": str(number)} for number in range(7)])
    ask("Tag.update", where={"id": 2}, data={"label": "d"})

    assert len(client.engine.plans) == plans


def test_listeners_of_other_models_cost_no_reads(ask: Ask, client: Client, ada: None, statements: list[str]) -> None:
    class Listener:
        def wants(self, model: Any) -> Wants | None:
            return Wants(before=True, after=True) if model.name == "Comment" else None

        def in_transaction(self, changes: ChangeSet) -> None: ...

        def after_commit(self, changes: ChangeSet) -> None: ...

    client.infra.listen(Listener())
    ask("Tag.create", data={"label": "a"})
    ask("Tag.update", where={"id": 1}, data={"label": "b"})
    ask("Product.create", data={"country": "CH", "number": 1, "name": "Clock", "price": 1})
    ask("Product.delete", where={"country_number": {"country": "CH", "number": 1}})

    assert len(statements) == 4
