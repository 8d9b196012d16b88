"""IR → the DMMF's datamodel, equal to what Prisma prints of the same schema: keys, values and their order.

Imports the IR and the DMMF's form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast

from infra_gen import ir
from infra_gen.dmmf.defaults import default_value
from infra_gen.dmmf.document import Datamodel, Enum, EnumValue, Field, Index, IndexField, Model, NamedKey

Node = TypeVar("Node", bound=Mapping[str, Any])

KINDS_OF_BLOCKS = ("normal", "unique", "fulltext")
"""In which order Prisma lists what `@@index`, `@@unique` and `@@fulltext` say; what stands on fields comes before."""


def datamodel(schema: ir.Schema) -> Datamodel:
    """The datamodel of a schema, as Prisma prints it: JSON values only, every dict in the order of its keys.

    Left out, as there: ignored models, ignored fields (as relations to ignored models must be), fields of unsupported
    types, the predicates of partial indexes, the schemas of enums.
    """
    models = sorted((model for model in schema.models if not model.is_ignored), key=lambda model: model.is_view)
    return Datamodel(
        enums=[_enum(enum) for enum in schema.enums],
        models=[_model(model) for model in models],
        types=[],
        indexes=[index for model in models for index in _indexes(model)],
    )


def _node(form: type[Node], values: dict[str, Any]) -> Node:
    """A node of that form: without those of its optional keys that have no value."""
    optional: frozenset[str] = cast(Any, form).__optional_keys__
    return cast(Node, {key: value for key, value in values.items() if value is not None or key not in optional})


# ---- enums


def _enum(enum: ir.Enum) -> Enum:
    return _node(
        Enum,
        {
            "name": enum.name,
            "values": [_enum_value(value) for value in enum.values],
            "dbName": enum.database if enum.is_mapped else None,
            "documentation": enum.documentation,
        },
    )


def _enum_value(value: ir.EnumValue) -> EnumValue:
    return _node(
        EnumValue,
        {
            "name": value.name,
            "dbName": value.database if value.is_mapped else None,
            "documentation": value.documentation,
        },
    )


# ---- models


def _model(model: ir.Model) -> Model:
    key = model.primary_key
    uniques = [index for index in _in_dmmf_order(model) if index.kind == "unique" and not index.is_on_field]
    keys = [_named_key(index) for index in uniques if index.where is None]
    return _node(
        Model,
        {
            "name": model.name,
            "dbName": model.table if model.is_mapped else None,
            "schema": model.schema,
            "fields": list(_fields(model)),
            "primaryKey": _named_key(key) if key and not key.is_on_field else None,
            "uniqueFields": [unique["fields"] for unique in keys],
            "uniqueIndexes": keys,
            "isGenerated": False,
            "documentation": model.documentation,
        },
    )


def _named_key(key: ir.PrimaryKey | ir.Index) -> NamedKey:
    return NamedKey(name=key.name, fields=[field.name for field in key.fields])


def _in_dmmf_order(model: ir.Model) -> list[ir.Index]:
    return sorted(model.indexes, key=lambda index: -1 if index.is_on_field else KINDS_OF_BLOCKS.index(index.kind))


# ---- fields


def _fields(model: ir.Model) -> Iterator[Field]:
    in_foreign_keys = {name for relation in model.relations for name in relation.fields}
    alone = [index for index in model.indexes if index.kind == "unique" and len(index.fields) == 1]
    # A partial unique index hides a whole one on the same field; that is how Prisma counts.
    unique = {index.fields[0].name for index in alone} - {index.fields[0].name for index in alone if index.where}
    for field in model.fields:
        if field.is_ignored:
            continue
        if isinstance(field, ir.RelationField):
            yield _relation(field)
        elif not field.is_unsupported:
            yield _scalar(field, is_unique=field.name in unique, is_read_only=field.name in in_foreign_keys)


def _scalar(field: ir.ScalarField, *, is_unique: bool, is_read_only: bool) -> Field:
    return _node(
        Field,
        {
            "name": field.name,
            "dbName": field.column if field.is_mapped else None,
            "kind": "enum" if field.is_enum else "scalar",
            "isList": field.is_list,
            "isRequired": field.arity != "optional",
            "isUnique": is_unique and not field.is_id,
            "isId": field.is_id,
            "isReadOnly": is_read_only,
            "hasDefaultValue": field.default is not None,
            "type": field.type,
            "nativeType": [field.native.name, list(field.native.arguments)] if field.native else None,
            "default": default_value(field),
            "isGenerated": False,
            "isUpdatedAt": field.is_updated_at,
            "documentation": field.documentation,
        },
    )


def _relation(field: ir.RelationField) -> Field:
    return _node(
        Field,
        {
            "name": field.name,
            "kind": "object",
            "isList": field.is_list,
            "isRequired": field.arity != "optional",
            "isUnique": False,
            "isId": False,
            "isReadOnly": False,
            "hasDefaultValue": False,
            "type": field.model,
            "nativeType": None,
            "relationName": field.relation,
            "relationFromFields": list(field.fields),
            "relationToFields": list(field.references),
            "relationOnDelete": field.on_delete,
            "relationOnUpdate": field.on_update,
            "isGenerated": False,
            "isUpdatedAt": False,
            "documentation": field.documentation,
        },
    )


# ---- indexes


def _indexes(model: ir.Model) -> Iterator[Index]:
    if model.primary_key:
        yield _index(model, model.primary_key, "id", algorithm=None)
    for index in _in_dmmf_order(model):
        yield _index(model, index, index.kind, algorithm=index.algorithm)


def _index(model: ir.Model, key: ir.PrimaryKey | ir.Index, kind: str, *, algorithm: str | None) -> Index:
    return _node(
        Index,
        {
            "model": model.name,
            "type": kind,
            "isDefinedOnField": key.is_on_field,
            "name": key.name,
            "dbName": key.constraint if key.is_constraint_mapped else None,
            "algorithm": algorithm,
            "clustered": key.clustered,
            "fields": [_index_field(field) for field in key.fields],
        },
    )


def _index_field(field: ir.IndexField) -> IndexField:
    return _node(
        IndexField,
        {
            "name": field.name,
            "sortOrder": field.sort.lower() if field.sort else None,
            "length": field.length,
            "operatorClass": field.operator_class,
        },
    )
