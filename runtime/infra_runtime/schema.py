"""Model metadata as immutable values: what a query needs to know about a schema, and nothing about Python types.

The generated `schema.py` builds one `Schema`; the dynamic API builds the same value from the IR at run time. This module
is at the bottom of the runtime: it imports nothing of it.

Names: `name` is the spelling a caller uses (the schema's own, or snake_case where the generator was told so),
`table` and `column` are the database's. `Model.scalar` and friends are dictionary look-ups, made once per model. Models, fields,
enums and schemas are compared and hashed by identity, as they serve as keys on hot paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Provider = Literal["sqlite", "postgresql", "mysql"]
ScalarType = Literal["String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes"]
Arity = Literal["required", "optional", "list"]
ReferentialAction = Literal["Cascade", "Restrict", "NoAction", "SetNull", "SetDefault"]
RelationMode = Literal["foreignKeys", "prisma"]


@dataclass(frozen=True, slots=True)
class NativeType:
    """A `@db.` type: `@db.VarChar(40)` is `NativeType("VarChar", ("40",))`."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Default:
    """A `@default`. Exactly one reading:

    - `kind="value"`: `value` is the literal in its JSON form (text for Decimal, BigInt beyond 2**53, DateTime, base64 for
      Bytes; a tuple for lists; the member's name for enums; Json as text);
    - `kind="client"`: the runtime makes it per row with `function` (`uuid`, `cuid`, `ulid`, `nanoid`, `now`) and `arguments`;
    - `kind="database"`: the database makes it (`autoincrement`, `dbgenerated`, `sequence`), so the column is left out of INSERT.
    """

    kind: Literal["value", "client", "database"]
    value: Any = None
    function: str = ""
    arguments: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ScalarField:
    """A column: a scalar or an enum, possibly a list of them."""

    name: str
    type: str
    """A `ScalarType`, or the name of an enum when `is_enum`."""
    arity: Arity = "required"
    column: str = ""
    """The column's name; empty means the same as `name`."""
    is_enum: bool = False
    native: NativeType | None = None
    default: Default | None = None
    updated_at: bool = False
    readable: bool = True
    """False for `@ignore`d fields that must still be known (they take part in keys, or block creating)."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """See `Model.options`."""

    @property
    def column_name(self) -> str:
        return self.column or self.name

    @property
    def is_list(self) -> bool:
        return self.arity == "list"

    @property
    def is_required(self) -> bool:
        return self.arity == "required"


@dataclass(frozen=True, slots=True, eq=False)
class RelationField:
    """One side of a relation.

    Three kinds of side, told by `fields`, `references` and `link`:

    - the side that holds the foreign key: `fields` (here) → `references` (there);
    - the other side of it: `fields` is empty; the opposite side's `fields`/`references` say the columns;
    - a side of an implicit many-to-many: `link` is the join table; `link_side` is the column (`A` or `B`) that points at *this* model.
    """

    name: str
    model: str
    """The model it leads to."""
    arity: Arity
    relation: str
    """The relation's name: what tells two relations between the same two models apart."""
    opposite: str
    """The name of the field on the other model."""
    fields: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    on_delete: ReferentialAction | None = None
    on_update: ReferentialAction | None = None
    """The referential actions in force, defaults filled in; only on the side with the foreign key."""
    link: str = ""
    link_side: str = ""
    link_schema: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """See `Model.options`."""

    @property
    def is_list(self) -> bool:
        return self.arity == "list"

    @property
    def is_required(self) -> bool:
        return self.arity == "required"

    @property
    def is_owner(self) -> bool:
        """Does this side hold the foreign key?"""
        return bool(self.fields)

    @property
    def is_many_to_many(self) -> bool:
        return bool(self.link)


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """An id or a unique constraint. `name` is the key under which a compound one stands in `where` (`name_surname`)."""

    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Model:
    """A model or a view.

    `unique_keys` holds the id first, then the others in the schema's order; a single-field key has the field's own name.
    `id` may be empty for a view or a model that is only told apart by a unique key.
    """

    name: str
    """The name in the schema: `UserProfile`."""
    attribute: str
    """The client's attribute and module: `user_profile`."""
    scalars: tuple[ScalarField, ...]
    relations: tuple[RelationField, ...] = ()
    id: tuple[str, ...] = ()
    unique_keys: tuple[UniqueKey, ...] = ()
    table: str = ""
    """The table's name; empty means the same as `name`."""
    schema: str | None = None
    """The database schema (`@@schema`), where one is given."""
    is_view: bool = False
    creatable: bool = True
    """False when a required field without default is ignored or unsupported."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the `@infra.` directives say, by directive and argument: `{"cache": {"ttl": 1800}}`; fields by their names here."""

    @property
    def table_name(self) -> str:
        return self.table or self.name

    @cached_property
    def scalar(self) -> dict[str, ScalarField]:
        return {scalar.name: scalar for scalar in self.scalars}

    @cached_property
    def relation(self) -> dict[str, RelationField]:
        return {relation.name: relation for relation in self.relations}

    @cached_property
    def unique_key(self) -> dict[str, UniqueKey]:
        return {key.name: key for key in self.unique_keys}

    @cached_property
    def readable(self) -> tuple[ScalarField, ...]:
        """The scalars a row has, in the schema's order."""
        return tuple(scalar for scalar in self.scalars if scalar.readable)

    @cached_property
    def readable_names(self) -> tuple[str, ...]:
        """The names of the scalars a row has."""
        return tuple([scalar.name for scalar in self.readable])

    @cached_property
    def touched(self) -> tuple[ScalarField, ...]:
        """The scalars that every update sets: those with `@updatedAt`."""
        return tuple([scalar for scalar in self.scalars if scalar.updated_at])


@dataclass(frozen=True, slots=True)
class EnumValue:
    """`name` is the spelling in the schema and in Python, `database` what the column holds (`@map`)."""

    name: str
    database: str


@dataclass(frozen=True, eq=False)
class Enum:
    name: str
    values: tuple[EnumValue, ...]
    type_name: str = ""
    """The database's name of the type (`@@map`); empty means the same as `name`."""
    schema: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """See `Model.options`."""

    @cached_property
    def to_database(self) -> dict[str, str]:
        return {value.name: value.database for value in self.values}

    @cached_property
    def from_database(self) -> dict[str, str]:
        return {value.database: value.name for value in self.values}


@dataclass(frozen=True, eq=False)
class Schema:
    """A whole schema, as the runtime sees it."""

    provider: Provider
    models: tuple[Model, ...]
    enums: tuple[Enum, ...] = ()
    relation_mode: RelationMode = "foreignKeys"
    url: str | None = None
    """The datasource's literal URL, where the schema has one."""
    url_variable: str | None = None
    """The environment variable the datasource names (`env("DATABASE_URL")`)."""
    folder: str | None = None
    """Where the schema file was, relative to the generated package: what `file:` URLs are relative to."""

    @cached_property
    def model(self) -> dict[str, Model]:
        return {model.name: model for model in self.models}

    @cached_property
    def enum(self) -> dict[str, Enum]:
        return {enum.name: enum for enum in self.enums}

    def opposite(self, relation: RelationField) -> RelationField:
        """The field on the other side of `relation`."""
        return self.model[relation.model].relation[relation.opposite]
