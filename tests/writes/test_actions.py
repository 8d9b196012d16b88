"""Referential actions: the database's own with foreign keys, the runtime's with `relationMode = "prisma"`; and optional one-to-one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime.errors import ForeignKeyViolationError, RequiredRelationViolationError
from infra_runtime.infrastructure import SyncInfrastructure
from infra_runtime.operation import Operation
from infra_runtime.schema import ReferentialAction, RelationMode
from tests.databases import Databases, datasource
from tests.writes.schemas import office, office_tables

Ask = Callable[..., Any]
Open = Callable[..., Ask]

SQL: dict[str, str] = {"Cascade": "CASCADE", "SetNull": "SET NULL", "Restrict": "RESTRICT", "NoAction": "NO ACTION"}
MODES: tuple[RelationMode, ...] = ("prisma", "foreignKeys")


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    """Opens an office with the given actions: Ann has a desk and a task with a note, Ben has nothing."""
    clients: list[SyncInfrastructure] = []

    def open_office(
        mode: RelationMode = "prisma",
        on_delete: ReferentialAction = "SetNull",
        on_update: ReferentialAction = "Cascade",
    ) -> Ask:
        path = tmp_path / "office.db"
        with sqlite3.connect(path) as connection:
            connection.executescript(office_tables(mode, SQL[on_delete], SQL[on_update]))
        schema = office(mode, on_delete, on_update)
        infra = SyncInfrastructure(schema=schema, url=f"file:{path}")
        infra.connect()
        clients.append(infra)

        def ask(call: str, /, **arguments: Any) -> Any:
            model, _, operation = call.partition(".")
            return infra.execute(Operation(operation, schema.model[model], arguments))

        ann = {
            "id": 1,
            "code": "ann",
            "desk": {"create": {"id": 1}},
            "tasks": {"create": {"id": 1, "notes": {"create": {"id": 1}}}},
        }
        ask("Person.create", data=ann)
        ask("Person.create", data={"id": 2, "code": "ben"})
        return ask

    yield open_office
    for client in clients:
        client.disconnect()


def keys(ask: Ask) -> tuple[Any, ...]:
    """Whose are the desk and the task, and is the note there?"""
    desks, tasks = ask("Desk.find_many"), ask("Task.find_many")
    return (*(row["owner_code"] for row in (*desks, *tasks)), ask("Note.count"))


@pytest.mark.parametrize("mode", MODES)
def test_on_delete_cascade(opened: Open, mode: RelationMode) -> None:
    ask = opened(mode, on_delete="Cascade")

    assert ask("Person.delete", where={"code": "ann"})["id"] == 1

    assert keys(ask) == (0,)


@pytest.mark.parametrize("mode", MODES)
def test_on_delete_set_null(opened: Open, mode: RelationMode) -> None:
    ask = opened(mode, on_delete="SetNull")

    assert ask("Person.delete_many", where={"id": 1}) == 1

    assert keys(ask) == (None, None, 1)


def test_on_delete_restrict(opened: Open) -> None:
    ask = opened("prisma", on_delete="Restrict")

    with pytest.raises(RequiredRelationViolationError, match="'DeskToPerson' between the `Desk` and `Person` models"):
        ask("Person.delete", where={"id": 1})
    assert ask("Person.delete", where={"id": 2})["code"] == "ben"
    assert ask("Person.count") == 1


def test_on_delete_restrict_of_the_database(opened: Open) -> None:
    ask = opened("foreignKeys", on_delete="Restrict")

    with pytest.raises(ForeignKeyViolationError):
        ask("Person.delete", where={"id": 1})


def test_on_delete_no_action_leaves_all_as_it_is(opened: Open) -> None:
    ask = opened("prisma", on_delete="NoAction")

    ask("Person.delete", where={"id": 1})

    assert keys(ask) == ("ann", "ann", 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("call", ["update", "update_many", "upsert"])
def test_on_update_cascade(opened: Open, mode: RelationMode, call: str) -> None:
    ask = opened(mode)
    data: Any = {"code": "anna"}
    if call == "upsert":
        data = {"create": {"id": 1}, "update": data}

    ask(f"Person.{call}", where={"id": 1}, data=data)

    assert keys(ask) == ("anna", "anna", 1)


@pytest.mark.parametrize("mode", MODES)
def test_on_update_set_null(opened: Open, mode: RelationMode) -> None:
    ask = opened(mode, on_update="SetNull")

    ask("Person.update", where={"id": 1}, data={"name": "Ann"})
    assert keys(ask) == ("ann", "ann", 1)
    ask("Person.update", where={"id": 1}, data={"code": {"set": "anna"}})
    assert keys(ask) == (None, None, 1)


def test_on_update_restrict(opened: Open) -> None:
    ask = opened("prisma", on_update="Restrict")

    with pytest.raises(RequiredRelationViolationError):
        ask("Person.update", where={"id": 1}, data={"code": "anna"})
    assert ask("Person.update", where={"id": 1}, data={"code": "ann"})["code"] == "ann"
    assert ask("Person.update", where={"id": 2}, data={"code": "benny"})["code"] == "benny"


@pytest.mark.parametrize("mode", MODES)
def test_nested_deletes_have_the_same_consequences(opened: Open, mode: RelationMode) -> None:
    ask = opened(mode)

    ask("Person.update", where={"id": 1}, data={"tasks": {"delete": {"id": 1}}})

    assert keys(ask) == ("ann", 0)


@pytest.mark.parametrize("mode", MODES)
def test_an_optional_one_to_one_moves(opened: Open, mode: RelationMode) -> None:
    ask = opened(mode)
    ask("Desk.create", data={"id": 2, "owner": {"connect": {"code": "ben"}}})

    def owners() -> list[str | None]:
        return [row["owner_code"] for row in ask("Desk.find_many", order={"id": "asc"})]

    ask("Person.update", where={"id": 2}, data={"desk": {"connect": {"id": 1}}})
    assert owners() == ["ben", None]
    ask("Desk.update", where={"id": 2}, data={"owner": {"connect": {"id": 2}}})
    assert owners() == [None, "ben"]
    ask("Person.update", where={"id": 2}, data={"desk": {"create": {"id": 3}}})
    assert owners() == [None, None, "ben"]
    ask(
        "Desk.update", where={"id": 1}, data={"owner": {"connect_or_create": {"where": {"id": 2}, "create": {"id": 3}}}}
    )
    assert owners() == ["ben", None, None]
    ask("Person.update", where={"id": 2}, data={"desk": {"disconnect": {"id": 2}}})
    assert owners() == ["ben", None, None]
    ask("Person.update", where={"id": 2}, data={"desk": {"disconnect": True}})
    assert owners() == [None, None, None]
    ask("Desk.create", data={"id": 4, "owner": {"connect": {"id": 1}}})
    assert owners() == [None, None, None, "ann"]


def test_a_row_may_be_all_the_databases_making(opened: Open) -> None:
    ask = opened()

    assert ask("Ticket.create") == {"id": 1}
    assert ask("Ticket.create_many", data=[{}, {"id": 9}, {}], skip_duplicates=True) == 3
    assert [row["id"] for row in ask("Ticket.create_many_and_return", data=[{}, {}])] == [10, 11]


LIBRARY = """
model Author {
  id    Int    @id
  books Book[]
}

model Book {
  id       Int      @id
  moved    DateTime @updatedAt
  authorId Int?
  author   Author?  @relation(fields: [authorId], references: [id], onDelete: SetNull, onUpdate: Cascade)
}
"""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_actions_do_not_touch_the_rows_they_change(databases: Databases, provider: str, mode: str) -> None:
    database = databases(provider)
    source = datasource(database.provider).replace("}", f'  relationMode = "{mode}"\n}}')
    models = f"{LIBRARY}// {mode}"
    with connect(source + models, url=database.url(models), interface="sync") as infra:
        infra.push(force=True)
        authors, books = infra.repository("Author"), infra.repository("Book")
        authors.create(data={"id": 1, "books": {"create": {"id": 1, "moved": LONG_AGO}}})

        authors.update(where={"id": 1}, data={"id": 2})
        assert books.find_many() == [{"id": 1, "moved": LONG_AGO, "authorId": 2}]

        authors.delete(where={"id": 2})
        assert books.find_many() == [{"id": 1, "moved": LONG_AGO, "authorId": None}]


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
@pytest.mark.parametrize(
    ("model", "data", "is_touched"),
    [
        ("Book", {"author": {"disconnect": True}}, False),
        ("Author", {"books": {"disconnect": {"id": 1}}}, False),
        ("Author", {"books": {"set": []}}, False),
        ("Book", {"author": {"connect": {"id": 1}}}, True),
        ("Author", {"books": {"connect": {"id": 1}}}, True),
    ],
)
def test_what_takes_a_relation_from_a_row_does_not_touch_it(
    databases: Databases, provider: str, model: str, data: dict[str, Any], is_touched: bool
) -> None:
    database = databases(provider)
    with connect(datasource(database.provider) + LIBRARY, url=database.url(LIBRARY), interface="sync") as infra:
        infra.repository("Author").create(data={"id": 1, "books": {"create": {"id": 1, "moved": LONG_AGO}}})

        infra.repository(model).update(where={"id": 1}, data=data)

        assert (infra.repository("Book").find_first()["moved"] != LONG_AGO) is is_touched
