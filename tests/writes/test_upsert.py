"""Upserts: one statement where the database can decide, else read then written; both safe when many do it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from infra_runtime.drivers.mysql_conversation import Conversation
from infra_runtime.effects import Statement
from infra_runtime.errors import (
    ArgumentError,
    FieldNotFoundError,
    InputError,
    MissingRequiredValueError,
    UniqueViolationError,
)
from infra_runtime.infrastructure import SyncInfrastructure
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.runtime.schemas import USER
from tests.writes.conftest import Ask, Client


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


def tag(key: str, **update: Any) -> dict[str, Any]:
    return {"where": {"label": key}, "create": {"label": key}, "update": update}


def test_upsert_many_is_an_upsert_of_each_in_their_order(ask: Ask) -> None:
    items = [tag("a", label="a2"), {"where": {"id": 99}, "create": {"label": "b"}, "update": {}}, tag("a", label="a2")]

    assert ask("Tag.upsert_many", data=[*items, tag("a2", label="a3")]) == 4

    assert [tag["label"] for tag in ask("Tag.find_many", order={"label": "asc"})] == ["a3", "b"]


def test_upsert_many_does_all_or_none(ask: Ask) -> None:
    ask("Tag.create_many", data=[{"label": "b"}])

    with pytest.raises(UniqueViolationError):
        ask("Tag.upsert_many", data=[tag("a"), tag("c"), tag("a", label="b")])

    assert ask("Tag.count") == 1


def test_upsert_many_of_none(ask: Ask, statements: list[str]) -> None:
    assert ask("Tag.upsert_many", data=[]) == 0
    assert statements == []


def test_upserts_that_differ_in_values_alone_are_one_statement(
    ask: Ask, statements: list[str], database: Database
) -> None:
    """Their changes are of the row's own value, of one value for all, or of both."""

    def item(number: int, logins: int) -> dict[str, Any]:
        new = {"name": f"name {number}", "logins": logins}
        return {
            "where": {"email": str(number)},
            "create": {"email": str(number), **new},
            "update": {**new, "logins": {"increment": logins}, "active": False},
        }

    assert ask("User.upsert_many", data=[item(number, number) for number in range(300)]) == 300
    assert ask("User.upsert_many", data=[item(number, 2 * number) for number in range(150, 450)]) == 300

    if has_native_upsert(database):
        assert len(statements) == 2
    rows = ask("User.find_many", order={"logins": "asc"})
    assert len(rows) == 450
    assert {row["email"]: (row["name"], row["logins"], row["active"]) for row in rows} == {
        str(number): (
            f"name {number}",
            number if number < 150 else 3 * number if number < 300 else 2 * number,
            not 150 <= number < 300,
        )
        for number in range(450)
    }


@pytest.mark.parametrize(
    "data",
    [
        [tag("a", label="b"), tag("b", label="c"), tag("a", label="a")],
        [tag("a", label="x"), tag("b", label="y")],
        [tag("a"), tag("b", label="b")],
        [{"where": {"label": "a"}, "create": {"label": "a", "id": 7}, "update": {}}, tag("b")],
        [tag("a"), tag("A"), tag("a ")],
    ],
    ids=["same row", "other values", "other fields to change", "other fields to make", "keys that may be equal"],
)
def test_upserts_that_one_statement_cannot_do_are_several(
    ask: Ask, statements: list[str], database: Database, data: list[dict[str, Any]]
) -> None:
    assert ask("Tag.upsert_many", data=data) == len(data)

    if has_native_upsert(database):
        assert len(statements) == len(data)


def test_upsert_many_moves_what_moves_with_every_update(ask: Ask) -> None:
    data = [
        {
            "where": {"email": email},
            "create": {"email": email, "updated_at": datetime(2000, 1, 1, tzinfo=UTC)},
            "update": {"name": "x"},
        }
        for email in "abc"
    ]
    ask("User.upsert_many", data=data)
    made = ask("User.find_many")

    ask("User.upsert_many", data=data)

    assert {row["updated_at"].year for row in made} == {2000}
    assert all(row["updated_at"].year > 2000 for row in ask("User.find_many"))


def test_many_upserts_take_as_many_statements_as_the_database_needs(
    ask: Ask, statements: list[str], database: Database
) -> None:
    number = 1000 if not has_native_upsert(database) else 20_000
    assert ask("Tag.upsert_many", data=[tag(str(key)) for key in range(number)]) == number

    assert ask("Tag.count") == number
    if has_native_upsert(database):
        assert len(statements) == 2


@pytest.mark.parametrize(
    ("item", "error", "path"),
    [
        ("a", InputError, ("data", 1)),
        ({"create": {"label": "x"}, "update": {}}, MissingRequiredValueError, ("data", 1, "where")),
        ({**tag("x"), "delete": {}}, InputError, ("data", 1, "delete")),
        ({**tag("x"), "where": {"lable": "x"}}, ArgumentError, ("data", 1, "where")),
        ({**tag("x"), "create": {"lable": "x"}}, ArgumentError, ("data", 1, "create", "lable")),
        (tag("x", lable="x"), FieldNotFoundError, ("data", 1, "update", "lable")),
    ],
)
def test_a_bad_one_of_many_names_its_path(
    ask: Ask, item: object, error: type[Exception], path: tuple[str, ...]
) -> None:
    with pytest.raises(error) as caught:
        ask("Tag.upsert_many", data=[tag("a"), item])

    assert caught.value.path == path  # type: ignore[attr-defined]
    assert str(caught.value).startswith("Tag.data.1")


def test_a_bad_key_of_an_upsert_names_its_path(ask: Ask) -> None:
    with pytest.raises(InputError, match=r"^User.where.id: "):
        ask("User.upsert", where={"id": "x"}, data=ada())


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


@pytest.mark.parametrize("update", [{}, {"name": "changed"}], ids=["changes nothing", "changes"])
def test_an_upsert_answers_a_row_that_another_client_makes_meanwhile(
    client: Client, ask: Ask, database: Database, shop_url: str, shop_schema: Schema, update: dict[str, Any]
) -> None:
    """The row is made right after the upsert did not find it; MySQL's transaction began before, and would not see it."""
    if database.provider == "sqlite":
        pytest.skip("a transaction that writes is the only one")
    user = shop_schema.model["User"]
    theirs = {"email": "ada", "name": "theirs", "written": {"create": {"title": "theirs"}}}
    with SyncInfrastructure(schema=shop_schema, url=shop_url) as other:
        made: list[Any] = []

        def hear(statement: Statement, seconds: float, error: BaseException | None) -> None:
            if not made and statement.sql.startswith("SELECT"):
                made.append(None)
                made.append(other.execute(Operation("create", user, {"data": theirs})))

        client.infra.on_statement(hear)
        answer = ask(
            "User.upsert",
            where={"email": "ada", "logins": {"gte": 0}},
            data={"create": {"email": "ada", "name": "ours"}, "update": update},
            select={"name": True, "written": {"select": {"title": True}}},
        )

    assert made[1:]
    assert answer == {"name": update.get("name", "theirs"), "written": [{"title": "theirs"}]}


@pytest.mark.parametrize("in_transaction", [False, True])
def test_an_upsert_fails_where_its_new_row_has_another_rows_key(
    client: Client, ask: Ask, database: Database, in_transaction: bool
) -> None:
    ask("User.create", data={"email": "ada", "name": "first"})
    taken = ask("User.find_first", where={"email": "ada"})["id"]
    data = {"create": {"id": taken, "email": "eve"}, "update": {"name": "changed"}}
    asking: dict[str, Any] = {"where": {"email": "eve", "logins": {"gte": 0}}, "data": data}
    if not in_transaction:
        with pytest.raises(UniqueViolationError):
            ask("User.upsert", **asking)
    else:
        with client.transaction() as tx:
            tx.run("create", "User", data={"email": "bob"})
            with pytest.raises(UniqueViolationError):
                tx.run("upsert", "User", **asking)
    assert [user["name"] for user in ask("User.find_many", where={"email": "ada"})] == ["first"]
    assert ask("User.count", where={"email": "eve"}) == 0
    assert ask("User.count") == 1 + in_transaction


def test_where_the_database_answers_it_a_row_that_was_not_found_takes_no_transaction(
    ask: Ask, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.provider != "mysql" or not client.engine.dialect.inserts_unfound:
        pytest.skip("MariaDB alone is such")
    said: list[str] = []
    query = Conversation._query

    def heard(conversation: Conversation, text: bytes) -> Any:
        said.append(text.decode())
        return query(conversation, text)

    monkeypatch.setattr(Conversation, "_query", heard)
    assert ask("User.upsert", where={"email": "ada"}, data=ada())["name"] == "new"
    assert [text.split()[0] for text in said] == ["SELECT", "INSERT"]
    said.clear()
    assert ask("User.upsert", where={"email": "ada"}, data=ada(name="changed"))["name"] == "changed"
    assert [text.split()[0] for text in said] == ["SELECT", "START", "UPDATE", "SELECT", "COMMIT"]


def test_what_an_upsert_begins_is_undone_where_its_change_fails(client: Client, ask: Ask, database: Database) -> None:
    for email in ("ada", "bob"):
        ask("User.create", data={"email": email, "logins": 1})
    data = {"create": {"email": "ada"}, "update": {"email": "bob", "logins": {"increment": 1}}}
    with pytest.raises(UniqueViolationError):
        ask("User.upsert", where={"email": "ada", "logins": {"gte": 0}}, data=data)
    assert sorted((user["email"], user["logins"]) for user in ask("User.find_many")) == [("ada", 1), ("bob", 1)]
    # The connection is good for more.
    assert (
        ask("User.upsert", where={"email": "ada"}, data={"create": {"email": "ada"}, "update": {"logins": 5}})["logins"]
        == 5
    )
