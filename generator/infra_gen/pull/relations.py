"""Relations of foreign keys and join tables: the fields that say them, and what changes in those that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra_gen import ir
from infra_gen.database.catalog import Column, ForeignKey, Table
from infra_gen.pull.fields import Written, is_nullable, is_unique
from infra_gen.pull.naming import Link
from infra_gen.pull.text import quoted
from infra_gen.resolve.names import constraint_name
from infra_gen.schema.syntax import Attribute, Field

Lines = tuple[tuple[str, str], tuple[str, str]]
"""Two models, each with the line of a field that it gets."""


def new_relation(written: Written, table: Table, key: ForeignKey) -> Lines:
    """The fields for a foreign key: of the model that has it, and of the other."""
    naming = written.naming
    here, there = naming.model(table.name), naming.model(key.table)
    names = naming.relation(table.name, key)
    arguments = [
        *([quoted(names.relation)] if names.relation else []),
        f"fields: [{', '.join(naming.field(table.name, column) for column in key.columns)}]",
        f"references: [{', '.join(naming.field(key.table, column) for column in key.references)}]",
        *_actions(table, key),
        *foreign_key_map(written, table, key),
    ]
    back = f" @relation({quoted(names.relation)})" if names.relation else ""
    optional = "?" if _is_optional(table, key) else ""
    many = "?" if is_unique(table, key.columns) else "[]"
    return (
        (here, f"{names.forward} {there}{optional} @relation({', '.join(arguments)})"),
        (there, f"{names.back} {here}{many}{back}"),
    )


def new_link(written: Written, link: Link) -> Lines:
    """The fields for a join table."""
    naming = written.naming
    a, b = naming.model(link.a), naming.model(link.b)
    names = naming.link(link)
    relation = f" @relation({quoted(names.relation)})" if names.relation else ""
    return (a, f"{names.forward} {b}[]{relation}"), (b, f"{names.back} {a}[]{relation}")


def forward_type(table: Table, key: ForeignKey, model: str) -> str:
    """The type of the field that has a foreign key."""
    return f"{model}{'?' if _is_optional(table, key) else ''}"


def back_type(table: Table, key: ForeignKey, model: str, field: Field, *, was_unique: bool) -> str:
    """The type of the field on the other side: a list may stay one also where the key is unique."""
    unique = is_unique(table, key.columns)
    if field.type.arity == "list":
        return f"{model}{'?' if unique and not was_unique else '[]'}"
    return f"{model}{'?' if unique else '[]'}"


def changed_attribute(written: Written, table: Table, key: ForeignKey, attribute: Attribute, now: ir.ForeignKey) -> str:
    """The attribute of a relation that stays, with the actions and the name of its foreign key; as it is where they are said already."""
    actions = dict(_pairs(_actions(table, key)))
    for name, action in (("onDelete", key.on_delete), ("onUpdate", key.on_update)):
        if _argument(attribute, name) == action:
            actions[name] = action
    mapped = dict(_pairs(foreign_key_map(written, table, key)))
    if not mapped and now.constraint == key.constraint and (given := _argument(attribute, "map")):
        mapped["map"] = given
    if written.provider == "sqlite" and (given := _argument(attribute, "map")):
        # SQLite tells no names of foreign keys: what is said stays.
        mapped["map"] = given
    wanted = actions | mapped
    if wanted == {name: given for name in ("onDelete", "onUpdate", "map") if (given := _argument(attribute, name))}:
        return attribute.span.text
    kept = [
        argument.span.text
        for argument in (attribute.arguments.arguments if attribute.arguments else ())
        if argument.name is None or argument.name.name not in ("onDelete", "onUpdate", "map")
    ]
    return f"@relation({', '.join([*kept, *(f'{name}: {value}' for name, value in wanted.items())])})"


def _argument(attribute: Attribute, name: str) -> str | None:
    arguments = attribute.arguments.arguments if attribute.arguments else ()
    return next((item.value.span.text for item in arguments if item.name and item.name.name == name), None)


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    for argument in arguments:
        name, _, value = argument.partition(": ")
        yield name, value


def _columns(table: Table, key: ForeignKey) -> list[Column]:
    return [column for column in table.columns if column.name in key.columns]


def _is_optional(table: Table, key: ForeignKey) -> bool:
    return any(is_nullable(table, column) for column in _columns(table, key))


def _actions(table: Table, key: ForeignKey) -> list[str]:
    """The actions that are not the usual ones. Where some columns may be missing and some not, what is done on delete is always said."""
    nullable = {is_nullable(table, column) for column in _columns(table, key)}
    usual = {True: "SetNull", False: "Restrict"}[nullable.pop()] if len(nullable) == 1 else None
    return [
        *([] if key.on_delete == usual else [f"onDelete: {key.on_delete}"]),
        *([] if key.on_update == "Cascade" else [f"onUpdate: {key.on_update}"]),
    ]


def foreign_key_map(written: Written, table: Table, key: ForeignKey) -> list[str]:
    """The name of a foreign key, where it is not Prisma's. SQLite tells none."""
    usual = constraint_name(written.provider, table.name.name, key.columns, "_fkey")
    return [f"map: {quoted(key.constraint)}"] if key.constraint and key.constraint != usual else []
