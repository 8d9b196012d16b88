"""The office: one-to-one and one-to-many relations with whatever referential actions a test needs, in either relation mode.

`Person` has a `Desk` (one-to-one; the desk holds the key) and `Task`s (one-to-many), both by the unique `code`; a task has `Note`s.
A `Ticket` is nothing but a number that the database gives.
May import `infra_runtime.schema` only.
"""

from __future__ import annotations

from infra_runtime.schema import (
    Default,
    Model,
    ReferentialAction,
    RelationField,
    RelationMode,
    ScalarField,
    Schema,
    UniqueKey,
)

OFFICE_TABLES = """\
CREATE TABLE "Person" ("id" INTEGER NOT NULL PRIMARY KEY, "code" TEXT UNIQUE, "name" TEXT);
CREATE TABLE "Desk" ("id" INTEGER NOT NULL PRIMARY KEY, "owner_code" TEXT UNIQUE {desk});
CREATE TABLE "Task" ("id" INTEGER NOT NULL PRIMARY KEY, "owner_code" TEXT {task});
CREATE TABLE "Note" ("id" INTEGER NOT NULL PRIMARY KEY, "task_id" INTEGER NOT NULL {note});
CREATE TABLE "Ticket" ("id" INTEGER PRIMARY KEY AUTOINCREMENT);
"""


def office_tables(mode: RelationMode, on_delete: str = "SET NULL", on_update: str = "CASCADE") -> str:
    """The tables, with foreign keys where the relation mode has them."""
    if mode == "prisma":
        return OFFICE_TABLES.format(desk="", task="", note="")
    owner = f'REFERENCES "Person" ("code") ON DELETE {on_delete} ON UPDATE {on_update}'
    return OFFICE_TABLES.format(
        desk=owner, task=owner, note='REFERENCES "Task" ("id") ON DELETE CASCADE ON UPDATE CASCADE'
    )


def office(
    mode: RelationMode = "prisma", on_delete: ReferentialAction = "SetNull", on_update: ReferentialAction = "Cascade"
) -> Schema:
    """The schema with these actions on what leads to a person; a task's notes go with it."""

    def owner(opposite: str, relation: str) -> RelationField:
        return RelationField(
            "owner",
            "Person",
            "optional",
            relation=relation,
            opposite=opposite,
            fields=("owner_code",),
            references=("code",),
            on_delete=on_delete,
            on_update=on_update,
        )

    person = Model(
        name="Person",
        attribute="person",
        id=("id",),
        unique_keys=(UniqueKey("id", ("id",)), UniqueKey("code", ("code",))),
        scalars=(
            ScalarField("id", "Int"),
            ScalarField("code", "String", "optional"),
            ScalarField("name", "String", "optional"),
        ),
        relations=(
            RelationField("desk", "Desk", "optional", relation="DeskToPerson", opposite="owner"),
            RelationField("tasks", "Task", "list", relation="PersonToTask", opposite="owner"),
        ),
    )
    desk = Model(
        name="Desk",
        attribute="desk",
        id=("id",),
        unique_keys=(UniqueKey("id", ("id",)), UniqueKey("owner_code", ("owner_code",))),
        scalars=(ScalarField("id", "Int"), ScalarField("owner_code", "String", "optional")),
        relations=(owner("desk", "DeskToPerson"),),
    )
    task = Model(
        name="Task",
        attribute="task",
        id=("id",),
        unique_keys=(UniqueKey("id", ("id",)),),
        scalars=(ScalarField("id", "Int"), ScalarField("owner_code", "String", "optional")),
        relations=(
            owner("tasks", "PersonToTask"),
            RelationField("notes", "Note", "list", relation="NoteToTask", opposite="task"),
        ),
    )
    note = Model(
        name="Note",
        attribute="note",
        id=("id",),
        unique_keys=(UniqueKey("id", ("id",)),),
        scalars=(ScalarField("id", "Int"), ScalarField("task_id", "Int")),
        relations=(
            RelationField(
                "task",
                "Task",
                "required",
                relation="NoteToTask",
                opposite="notes",
                fields=("task_id",),
                references=("id",),
                on_delete="Cascade",
                on_update="Cascade",
            ),
        ),
    )
    ticket = Model(
        name="Ticket",
        attribute="ticket",
        id=("id",),
        unique_keys=(UniqueKey("id", ("id",)),),
        scalars=(ScalarField("id", "Int", default=Default("database", function="autoincrement")),),
    )
    return Schema(provider="sqlite", models=(person, desk, task, note, ticket), relation_mode=mode)
