"""From the IR to the catalog: the tables, columns, keys and types that a database of this schema has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from infra_gen import ir
from infra_gen.database.catalog import (
    Catalog,
    Column,
    EnumType,
    Extension,
    ForeignKey,
    FullTextIndex,
    Index,
    KeyColumn,
    PrimaryKey,
    Table,
    TableName,
)
from infra_gen.database.columns import column_default, column_type, is_autoincrement
from infra_runtime import full_text

SQL_SORT: dict[str | None, Literal["ASC", "DESC"] | None] = {"Asc": "ASC", "Desc": "DESC", None: None}
PARTIAL_INDEXES = ("sqlite", "postgresql")
"""Providers whose unique keys can hold for some rows alone."""
ALGORITHMS = {"Hash": "HASH", "Gin": "GIN", "Gist": "GIST", "SpGist": "SPGIST", "Brin": "BRIN"}
"""`BTree` is every database's usual one and is not written."""


def expected_catalog(schema: ir.Schema, *, directives: bool = True) -> Catalog:
    """What the database of `schema` holds. Views and extensions' contents are the user's own to make.

    `directives`: with what they ask for, of which Prisma knows nothing.
    """
    is_postgresql = schema.datasource.provider == "postgresql"
    models = [model for model in schema.models if not model.is_view]
    links = sorted(
        (relation for relation in schema.relations if relation.kind == "many_to_many"),
        key=lambda relation: _position(schema, relation.model_a, relation.field_a),
    )
    return Catalog(
        tables=(
            *(_model_table(schema, model, directives=directives) for model in models),
            *(_link_table(schema, link) for link in links),
        ),
        enums=tuple(
            EnumType(TableName(enum.database, enum.schema), tuple(value.database for value in enum.values))
            for enum in schema.enums
            if is_postgresql
        ),
        schemas=_database_schemas(schema) if is_postgresql else (),
        extensions=_extensions(schema) if is_postgresql else (),
    )


def _position(schema: ir.Schema, model: str, field: str) -> tuple[int, int]:
    names = [item.name for item in schema.models]
    return names.index(model), [item.name for item in schema.model[model].fields].index(field)


def _database_schemas(schema: ir.Schema) -> tuple[str, ...]:
    used = {model.schema for model in schema.models} | {enum.schema for enum in schema.enums}
    return tuple(sorted(name for name in used if name)) or ("public",)


def _extensions(schema: ir.Schema) -> tuple[Extension, ...]:
    listed = schema.datasource.properties.get("extensions", ())
    return tuple(
        (
            Extension(item.name, item.named_arguments.get("schema"), item.named_arguments.get("version"))
            if not isinstance(item, str)
            else Extension(item)
        )
        for item in listed
    )


def _model_table(schema: ir.Schema, model: ir.Model, *, directives: bool) -> Table:
    key = model.primary_key
    columns = {scalar.name: scalar.column for scalar in model.scalars}
    living = _living(model, columns, schema.datasource.provider) if directives else None
    return Table(
        name=TableName(model.table, model.schema),
        columns=tuple(_column(schema, scalar) for scalar in model.scalars),
        primary_key=(
            PrimaryKey(tuple(_key_column(columns, item) for item in key.fields), key.constraint) if key else None
        ),
        indexes=tuple(
            _index(columns, index, living if _may_be_partial(schema, model, index) else None)
            for index in sorted(model.indexes, key=_creation_order)
        ),
        foreign_keys=_foreign_keys(schema, model),
        search=_search(schema, model) if directives else None,
    )


def _column(schema: ir.Schema, field: ir.ScalarField) -> Column:
    type_ = column_type(schema, field)
    return Column(
        name=field.column,
        type=type_,
        nullable=not field.is_required and not field.is_list,
        default=column_default(schema, field, type_),
        autoincrement=is_autoincrement(field),
        is_list=field.is_list,
    )


def _key_column(columns: dict[str, str], item: ir.IndexField) -> KeyColumn:
    return KeyColumn(columns[item.name], SQL_SORT[item.sort], item.length, _operator_class(item))


def _operator_class(item: ir.IndexField) -> str | None:
    if item.operator_class is None or item.is_raw_operator_class:
        return item.operator_class
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in item.operator_class)
    return words.strip("_")


def _creation_order(index: ir.Index) -> int:
    """Prisma makes the uniques of fields first, then `@@index`es, `@@unique`s and full-text indexes."""
    return 0 if index.is_on_field else ("normal", "unique", "fulltext").index(index.kind) + 1


def _living(model: ir.Model, columns: dict[str, str], provider: ir.Provider) -> str | None:
    """The condition, as SQL, that a row is not deleted: unique keys hold for such rows alone where the database can do that."""
    said = _said(model, "infra.softDelete")
    if said is None or said.get("unique") == "full" or provider not in PARTIAL_INDEXES:
        return None
    name = columns[said["field"]].replace('"', '""')
    return f'"{name}" IS NULL'


def _may_be_partial(schema: ir.Schema, model: ir.Model, index: ir.Index) -> bool:
    """Is it a unique key to which no foreign key refers, as those want one that holds for all rows?"""
    fields = {item.name for item in index.fields}
    return _is_key(index) and not any(
        relation.foreign_key is not None
        and relation.foreign_key.model == model.name
        and set(relation.foreign_key.references) == fields
        for relation in schema.relations
    )


def _said(model: ir.Model, directive: str) -> Mapping[str, Any] | None:
    return next((item.arguments for item in model.directives if item.name == directive), None)


def _index(columns: dict[str, str], index: ir.Index, living: str | None = None) -> Index:
    return Index(
        name=index.constraint,
        kind=index.kind,
        columns=tuple(_key_column(columns, item) for item in index.fields),
        algorithm=ALGORITHMS.get(index.algorithm or ""),
        where=index.where or living,
    )


def _search(schema: ir.Schema, model: ir.Model) -> FullTextIndex | None:
    """The full-text index of a model; none where Prisma's own is on the same columns."""
    said = _said(model, "infra.search")
    if said is None:
        return None
    scalar = {item.name: item for item in model.scalars}
    names = tuple(map(str, said["fields"]))
    keys = [tuple(item.name for item in index.fields) for index in model.indexes if _is_key(index)]
    id_ = tuple(item.name for item in model.primary_key.fields) if model.primary_key else ()
    key = full_text.certain_key(id_, keys, lambda name: scalar[name].is_required)
    own = [{item.name for item in index.fields} for index in model.indexes if index.kind == "fulltext"]
    if not key or set(names) in own:
        return None
    return FullTextIndex(
        name=full_text.index_name(schema.datasource.provider, model.table),
        columns=tuple(scalar[name].column for name in names),
        language=said.get("language"),
        key=tuple(_column(schema, scalar[name]) for name in key),
        is_numbered=full_text.is_numbered([scalar[name].type for name in key]),
    )


def _is_key(index: ir.Index) -> bool:
    return index.kind == "unique" and index.where is None


def _foreign_keys(schema: ir.Schema, model: ir.Model) -> tuple[ForeignKey, ...]:
    if schema.datasource.relation_mode == "prisma":
        return ()
    owned = {
        relation.field_a: relation.foreign_key
        for relation in schema.relations
        # No database lets a foreign key refer to a view.
        if relation.model_a == model.name
        and relation.foreign_key is not None
        and not schema.model[relation.model_b].is_view
    }
    # No foreign key can refer to a view.
    return tuple(
        _foreign_key(schema, model, owned[field.name])
        for field in model.relations
        if field.name in owned and not schema.model[field.model].is_view
    )


def _foreign_key(schema: ir.Schema, model: ir.Model, key: ir.ForeignKey) -> ForeignKey:
    target = schema.model[key.model]
    here = {scalar.name: scalar.column for scalar in model.scalars}
    there = {scalar.name: scalar.column for scalar in target.scalars}
    return ForeignKey(
        constraint=key.constraint,
        columns=tuple(here[name] for name in key.fields),
        table=TableName(target.table, target.schema),
        references=tuple(there[name] for name in key.references),
        on_delete=key.on_delete,
        on_update=key.on_update,
    )


def _link_table(schema: ir.Schema, relation: ir.Relation) -> Table:
    """The join table of an implicit many-to-many: columns A and B, each pair once, an index on B."""
    sides = (("A", schema.model[relation.model_a]), ("B", schema.model[relation.model_b]))
    is_postgresql = schema.datasource.provider == "postgresql"
    pair = (KeyColumn("A"), KeyColumn("B"))
    on_b = Index(f"{relation.table}_B_index", "normal", (KeyColumn("B"),))
    return Table(
        name=TableName(relation.table, relation.schema),
        columns=tuple(Column(side, column_type(schema, _single_id(model)), nullable=False) for side, model in sides),
        primary_key=PrimaryKey(pair, f"{relation.table}_AB_pkey") if is_postgresql else None,
        indexes=(on_b,) if is_postgresql else (Index(f"{relation.table}_AB_unique", "unique", pair), on_b),
        foreign_keys=(
            ()
            if schema.datasource.relation_mode == "prisma"
            else tuple(
                ForeignKey(
                    f"{relation.table}_{side}_fkey",
                    (side,),
                    TableName(model.table, model.schema),
                    (_single_id(model).column,),
                    "Cascade",
                    "Cascade",
                )
                for side, model in sides
            )
        ),
    )


def _single_id(model: ir.Model) -> ir.ScalarField:
    """The field a join table points at: the checks allow an implicit many-to-many only between models with a one-field id."""
    key = model.primary_key
    name = (
        key.fields[0].name if key else next(index for index in model.indexes if index.kind == "unique").fields[0].name
    )
    return next(scalar for scalar in model.scalars if scalar.name == name)
