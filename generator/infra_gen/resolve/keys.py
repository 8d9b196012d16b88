"""Ids, uniques and indexes, with the names they have in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from infra_gen import ir
from infra_gen.resolve.names import constraint_name
from infra_gen.resolve.reading import argument, attribute, items, plain, text
from infra_gen.schema.syntax import (
    Attribute,
    ConstantValue,
    Field,
    FunctionValue,
    ModelBlock,
    ObjectValue,
    StringValue,
    Value,
)

KINDS: dict[str, Literal["unique", "normal", "fulltext"]] = {
    "unique": "unique",
    "index": "normal",
    "fulltext": "fulltext",
}
ENDINGS = {"unique": "_key", "normal": "_idx", "fulltext": "_idx"}


def primary_key(
    block: ModelBlock, table: str, columns: Mapping[str, str], provider: ir.Provider
) -> ir.PrimaryKey | None:
    """The id of a model, from `@id` or `@@id`."""
    for field in block.fields:
        if written := attribute(field.attributes, "id"):
            return _primary_key(written, (_field_key(field, written),), table, provider, is_on_field=True)
    if written := attribute(block.attributes, "id"):
        return _primary_key(written, _fields(written), table, provider, is_on_field=False)
    return None


def _primary_key(
    written: Attribute, fields: tuple[ir.IndexField, ...], table: str, provider: ir.Provider, *, is_on_field: bool
) -> ir.PrimaryKey:
    mapped = text(argument(written, "map"))
    return ir.PrimaryKey(
        fields=fields,
        name=None if is_on_field else text(argument(written, "name")),
        constraint=mapped or constraint_name(provider, table, (), "_pkey"),
        is_constraint_mapped=mapped is not None,
        clustered=_flag(written, "clustered"),
        is_on_field=is_on_field,
    )


def indexes(block: ModelBlock, table: str, columns: Mapping[str, str], provider: ir.Provider) -> tuple[ir.Index, ...]:
    """The uniques of fields, then all that blocks say, in the order of the source."""
    found = []
    for field in block.fields:
        if written := attribute(field.attributes, "unique"):
            found.append(
                _index(written, "unique", (_field_key(field, written),), table, columns, provider, is_on_field=True)
            )
    for written in block.attributes:
        if kind := KINDS.get(written.name.name):
            found.append(_index(written, kind, _fields(written), table, columns, provider, is_on_field=False))
    return tuple(found)


def _index(
    written: Attribute,
    kind: Literal["unique", "normal", "fulltext"],
    fields: tuple[ir.IndexField, ...],
    table: str,
    columns: Mapping[str, str],
    provider: ir.Provider,
    *,
    is_on_field: bool,
) -> ir.Index:
    mapped = text(argument(written, "map"))
    # An @@index(name: …) of early schemas is the database's name; of a unique it is the client's.
    name = None if is_on_field else text(argument(written, "name"))
    if kind != "unique" and mapped is None:
        mapped, name = name, None
    paths = [columns[field.name] for field in fields]
    return ir.Index(
        kind=kind,
        fields=fields,
        name=name,
        constraint=mapped or constraint_name(provider, table, paths, ENDINGS[kind]),
        is_constraint_mapped=mapped is not None,
        algorithm=text(argument(written, "type")),
        clustered=_flag(written, "clustered"),
        is_on_field=is_on_field,
        where=_condition(argument(written, "where"), columns),
    )


def _flag(written: Attribute, name: str) -> bool | None:
    value = argument(written, name)
    return None if value is None else bool(plain(value))


def _condition(value: Value | None, columns: Mapping[str, str]) -> str | None:
    """The SQL of a partial index's condition. The databases that have such indexes agree on its spelling."""
    if not isinstance(value, ObjectValue):
        return _raw(value)
    return " AND ".join(_comparison(columns[member.name.name], member.value) for member in value.members)


def _comparison(column: str, value: Value) -> str:
    is_negated = False
    if isinstance(value, ObjectValue):
        is_negated, value = True, value.members[0].value
    quoted = '"' + column.replace('"', '""') + '"'
    match value:
        case ConstantValue(name="null"):
            return f"{quoted} IS NOT NULL" if is_negated else f"{quoted} IS NULL"
        case StringValue(value=string):
            operand = "'" + string.replace("'", "''") + "'"
        case _:
            operand = value.span.text
    return f"{quoted} {'!=' if is_negated else '='} {operand}"


def _raw(value: Value | None) -> str | None:
    return text(argument(value, "", 0)) if isinstance(value, FunctionValue) else text(value)


def _fields(written: Attribute) -> tuple[ir.IndexField, ...]:
    return tuple(_key_field(item) for item in items(argument(written, "fields", 0)))


def _field_key(field: Field, written: Attribute) -> ir.IndexField:
    return _with_arguments(field.name.name, written)


def _key_field(item: Value) -> ir.IndexField:
    match item:
        case ConstantValue(name=name):
            return ir.IndexField(name)
        case FunctionValue(name=identifier):
            return _with_arguments(identifier.name, item)
        case _:
            raise AssertionError("the checks allow only fields in a key")


def _with_arguments(name: str, written: Attribute | FunctionValue) -> ir.IndexField:
    length, operator_class = argument(written, "length"), argument(written, "ops")
    is_raw = isinstance(operator_class, FunctionValue)
    return ir.IndexField(
        name=name,
        sort=cast(Literal["Asc", "Desc"] | None, text(argument(written, "sort"))),
        length=None if length is None else int(plain(length)),
        operator_class=_raw(operator_class),
        is_raw_operator_class=is_raw,
    )


def id_fields(key: ir.PrimaryKey | None) -> Sequence[str]:
    return [field.name for field in key.fields] if key else ()
