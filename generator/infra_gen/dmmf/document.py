"""The form of the DMMF's datamodel, key by key in the order in which Prisma writes them. Imports nothing of ours.

A key that is `NotRequired` is left out where there is nothing to say; the others are there and may be null. Annotations are
evaluated here (no `from __future__ import annotations`): otherwise no class would know its `__optional_keys__`.
Source: what Prisma's own parser (`get_datamodel` of `@prisma/prisma-schema-wasm`) prints.
"""

from typing import Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

Value: TypeAlias = str | int | float | bool
"""A value of a default. BigInt and Bytes (base64), DateTime (RFC 3339) and Json are text; Decimal is a number."""


class Function(TypedDict):
    """A default that is computed. `cuid()` and `uuid()` have the version in force as their argument."""

    name: str
    args: list[Value]


class Field(TypedDict):
    """A scalar, an enum or (`object`) a relation; fields that are ignored or of an unsupported type are not there."""

    name: str
    dbName: NotRequired[str]
    """The column, where `@map` says one."""
    kind: Literal["scalar", "enum", "object"]
    isList: bool
    isRequired: bool
    """True for lists too."""
    isUnique: bool
    """The only field of a unique key; never true of what `isId`."""
    isId: bool
    """The only field of the primary key."""
    isReadOnly: bool
    """Part of a foreign key."""
    hasDefaultValue: bool
    type: str
    nativeType: tuple[str, list[str]] | None
    default: NotRequired[Value | list[Value] | Function]
    relationName: NotRequired[str]
    relationFromFields: NotRequired[list[str]]
    relationToFields: NotRequired[list[str]]
    relationOnDelete: NotRequired[str]
    """As written; not there when the default is in force."""
    relationOnUpdate: NotRequired[str]
    isGenerated: bool
    isUpdatedAt: bool
    documentation: NotRequired[str]


class NamedKey(TypedDict):
    """A key by the client's name of it, its fields in their order."""

    name: str | None
    fields: list[str]


class Model(TypedDict):
    """A model or, after all models, a view; ignored models are not there."""

    name: str
    dbName: str | None
    """The table, where `@@map` says one."""
    schema: str | None
    fields: list[Field]
    primaryKey: NamedKey | None
    """Of `@@id`; a key that stands on its field is the field's `isId`."""
    uniqueFields: list[list[str]]
    """Of each `@@unique` that holds for all rows."""
    uniqueIndexes: list[NamedKey]
    """The same, with names."""
    isGenerated: bool
    documentation: NotRequired[str]


class EnumValue(TypedDict):
    name: str
    dbName: str | None
    documentation: NotRequired[str]


class Enum(TypedDict):
    name: str
    values: list[EnumValue]
    dbName: str | None
    documentation: NotRequired[str]


class IndexField(TypedDict):
    name: str
    sortOrder: NotRequired[Literal["asc", "desc"]]
    length: NotRequired[int]
    operatorClass: NotRequired[str]


class Index(TypedDict):
    """A key or index as the database has it."""

    model: str
    type: Literal["id", "unique", "normal", "fulltext"]
    isDefinedOnField: bool
    name: NotRequired[str]
    """The client's name."""
    dbName: NotRequired[str]
    """The database's name, where `map` says one."""
    algorithm: NotRequired[str]
    clustered: NotRequired[bool]
    fields: list[IndexField]


class Datamodel(TypedDict):
    """The whole. `types` are MongoDB's composite types."""

    enums: list[Enum]
    models: list[Model]
    types: list[Model]
    indexes: list[Index]
