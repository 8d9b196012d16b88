"""Upserts: one statement where the database can decide, else read then written; both safe when many do it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra_runtime.errors import FieldNotFoundError, InputError, MissingRequiredValueError, UniqueViolationError
from infra_runtime.infrastructure import SyncInfrastructure
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.runtime.schemas import USER
from tests.writes.conftest import Ask


def ada(**update: Any) -> dict[str, Any]:
    return {"create": {"email": "ada", "name": "new"}, "update": update}


def has_native_upsert(database: Database) -> bool:
    """MySQL's would change a row that has any key in common with the new one, not the key that was asked for."""
    return database.provider != "mysql"


def test_upsert_makes_the_row_then_changes_it_in_one_statement(
    ask: Ask, statements: list[str], database: Database
) -> None:
    made = ask("User.upsert", where={"email": "ada"}, data=ada(logins={"increment": 1}))
    changed = ask("User.upsert", where={"email": "ada"}, data=ada(logins={"increment": 1}))

    assert (made["name"], made["logins"], changed["logins"], changed["id"]) == ("new", 0, 1, made["id"])
    if has_native_upsert(database):
        assert len(statements) == 2
        assert all("ON CONFLICT" in sql for sql in statements)


def test_upsert_that_changes_nothing_answers_the_row_that_is_there(ask: Ask) -> None:
    made = ask("User.upsert", where={"email": "ada"}, data=ada())

    assert ask("User.upsert", where={"email": "ada"}, data=ada()) == made


def test_upsert_with_another_value_to_create_reads_first(ask: Ask, statements: list[str]) -> None:
    data = {"create": {"email": "ada"}, "update": {"name": "found"}}

    assert ask("User.upsert", where={"id": 7}, data=data)["name"] is None
    assert ask("User.upsert", where={"id": 1}, data=data)["name"] == "found"
    assert statements[0].startswith("SELECT")


def test_upsert_with_nested_writes(ask: Ask) -> None:
    data = {
        "create": {"email": "ada", "written": {"create": {"id": "a", "title": "made"}}},
        "update": {"written": {"update": {"where": {"id": "a"}, "data": {"title": "changed"}}}},
    }

    first = ask("User.upsert", where={"email": "ada"}, data=data, include={"written": True})
    second = ask("User.upsert", where={"email": "ada"}, data=data, include={"written": True})

    assert [row["written"][0]["title"] for row in (first, second)] == ["made", "changed"]


def test_upsert_by_a_compound_key(ask: Ask, statements: list[str], database: Database) -> None:
    where = {"country_number": {"country": "CH", "number": 1}}
    data = {"create": {"country": "CH", "number": 1, "name": "Clock", "price": 1}, "update": {"price": {"multiply": 2}}}

    ask("Product.upsert", where=where, data=data)

    assert ask("Product.upsert", where=where, data=data)["price"] == 2
    if has_native_upsert(database):
        assert len(statements) == 2


def test_upsert_still_minds_other_constraints(ask: Ask) -> None:
    ask("User.create", data={"email": "bob"})

    with pytest.raises(UniqueViolationError):
        ask("User.upsert", where={"id": 9}, data={"create": {"id": 9, "email": "bob"}, "update": {}})
    with pytest.raises(UniqueViolationError):
        ask("User.upsert", where={"id": 9}, data={"create": {"email": "bob"}, "update": {}})


def test_upsert_many(ask: Ask) -> None:
    items = [
        {"where": {"label": "a"}, "create": {"label": "a"}, "update": {"label": "a2"}},
        {"where": {"id": 99}, "create": {"label": "b"}, "update": {}},
        {"where": {"label": "a"}, "create": {"label": "a"}, "update": {"label": "a2"}},
    ]

    assert ask("Tag.upsert_many", data=items) == 3
    assert [tag["label"] for tag in ask("Tag.find_many", order={"label": "asc"})] == ["a2", "b"]


@pytest.mark.parametrize(
    ("data", "error", "path"),
    [
        ({"create": {"email": "x"}}, MissingRequiredValueError, ("data", "update")),
        ({"create": {"email": "x"}, "update": {}, "delete": {}}, InputError, ("data", "delete")),
        ({"create": {}, "update": {}}, MissingRequiredValueError, ("data", "create", "email")),
        ({"create": {"email": "x"}, "update": {"emial": "x"}}, FieldNotFoundError, ("data", "update", "emial")),
    ],
)
def test_bad_upserts_name_the_path(ask: Ask, data: object, error: type[Exception], path: tuple[str, ...]) -> None:
    with pytest.raises(error) as caught:
        ask("User.upsert", where={"email": "x"}, data=data)

    assert caught.value.path == path  # type: ignore[attr-defined]


@pytest.mark.parametrize("where", [{"email": "ada"}, {"email": "ada", "active": True}])
def test_upserts_at_the_same_moment_all_succeed(shop_url: str, shop_schema: Schema, where: dict[str, object]) -> None:
    """With the key alone the database may decide, with a filter beside it the operation reads first."""
    operation = Operation("upsert", USER, {"where": where, "data": ada(logins={"increment": 1})})
    with SyncInfrastructure(schema=shop_schema, url=shop_url) as infra, ThreadPoolExecutor(8) as threads:
        rows = list(threads.map(lambda _: infra.execute(operation), range(24)))
        found = infra.execute(Operation("find_many", USER, {}))

    assert len({row["id"] for row in rows}) == 1
    assert [row["logins"] for row in found] == [23]
