"""The intermediate representation: a valid schema, resolved, as immutable values.

Everything a later step asks is answered here once: which side holds a foreign key, what a constraint is called in the
database, what a default means. It imports nothing but `infra_gen.schema.source` (for positions) and knows no Python
names: those are the plan's. Orders are the source's (files in order of their paths).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from infra_gen.schema.source import Span

Provider = Literal["sqlite", "postgresql", "mysql"]
Arity = Literal["required", "optional", "list"]
ReferentialAction = Literal["Cascade", "Restrict", "NoAction", "SetNull", "SetDefault"]
SCALAR_TYPES = ("String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes")


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """`env("NAME")`."""

    name: str


@dataclass(frozen=True, slots=True)
class Datasource:
    name: str
    provider: Provider
    """As resolved: `postgres` becomes `postgresql`."""
    url: str | EnvironmentVariable | None
    relation_mode: Literal["foreignKeys", "prisma"]
    schemas: tuple[str, ...]
    properties: Mapping[str, Any]
    """All other properties, values as plain Python (text, bool, list, EnvironmentVariable)."""
    span: Span


@dataclass(frozen=True, slots=True)
class Generator:
    name: str
    provider: str | EnvironmentVariable
    properties: Mapping[str, Any]
    """All properties but the provider, values as plain Python."""
    documentation: str | None
    span: Span


class FieldName(str):
    """In the argument of a directive: the name of a field of the same model. It follows where fields are renamed."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Directive:
    """`@infra.cache(ttl: 1800, tags: ["user"])` in a `///` comment: `name` is `infra.cache`.

    `arguments` by name, those given without one too. Values are int, bool, str, `FieldName`, or tuples of them.
    """

    name: str
    arguments: Mapping[str, Any]
    span: Span


@dataclass(frozen=True, slots=True)
class LiteralDefault:
    """A literal. `value` is str, int, bool, or a tuple of those; a number with a fraction is its text, an enum member its name."""

    value: Any
    text: str
    """As written in the source; for lists the whole `[…]`."""


@dataclass(frozen=True, slots=True)
class FunctionDefault:
    """`autoincrement()`, `cuid(2)`, `uuid(7)`, `ulid()`, `nanoid(16)`, `now()`, `dbgenerated("…")`, `sequence(…)`, `auto()`."""

    name: str
    arguments: tuple[Any, ...]
    named_arguments: Mapping[str, Any] = field(default_factory=dict)


Default: TypeAlias = LiteralDefault | FunctionDefault


@dataclass(frozen=True, slots=True)
class NativeType:
    """`@db.VarChar(40)` → `NativeType("VarChar", ("40",))`, arguments as written."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class ScalarField:
    """A column. `type` is a scalar type, an enum's name when `is_enum`, or the database's type when `is_unsupported`."""

    name: str
    type: str
    arity: Arity
    column: str
    is_mapped: bool
    """Whether `@map` says the column, be it the field's own name."""
    is_enum: bool
    is_unsupported: bool
    is_id: bool
    """`@id` on the field, or the only field of `@@id`."""
    is_unique: bool
    """`@unique` on the field itself."""
    is_updated_at: bool
    is_ignored: bool
    native: NativeType | None
    default: Default | None
    default_name: str | None
    """The name of the default's constraint (SQL Server only; kept for the DMMF)."""
    documentation: str | None
    """As Prisma has it: with all that is written in it for tools."""
    directives: tuple[Directive, ...]
    span: Span
    prose: str = ""
    """The documentation without what is written in it for tools."""

    @property
    def is_list(self) -> bool:
        return self.arity == "list"

    @property
    def is_required(self) -> bool:
        return self.arity == "required"


@dataclass(frozen=True)
class RelationField:
    """One side of a relation; see `Relation` for the whole."""

    name: str
    model: str
    """The model it leads to."""
    arity: Arity
    relation: str
    """The relation's name: as written, or Prisma's default (`PostToUser`)."""
    opposite: str
    fields: tuple[str, ...]
    """Empty on the side without the foreign key, and in a many-to-many."""
    references: tuple[str, ...]
    on_delete: ReferentialAction | None
    """As written; None when not."""
    on_update: ReferentialAction | None
    is_ignored: bool
    documentation: str | None
    directives: tuple[Directive, ...]
    span: Span
    prose: str = ""

    @property
    def is_list(self) -> bool:
        return self.arity == "list"

    @property
    def is_required(self) -> bool:
        return self.arity == "required"

    @property
    def is_owner(self) -> bool:
        return bool(self.fields)


Field: TypeAlias = ScalarField | RelationField


@dataclass(frozen=True, slots=True)
class IndexField:
    """A field of a key or index. `path` is only longer than one for composite types."""

    name: str
    sort: Literal["Asc", "Desc"] | None = None
    length: int | None = None
    operator_class: str | None = None
    """PostgreSQL's; the raw text where `is_raw_operator_class` (`ops: raw("…")`)."""
    is_raw_operator_class: bool = False


@dataclass(frozen=True)
class PrimaryKey:
    """`@id` or `@@id`. `name` is the client's name of a compound key (`@@id(name: …)`), `constraint` the database's."""

    fields: tuple[IndexField, ...]
    name: str | None
    constraint: str
    """In force: as mapped, or Prisma's default (`User_pkey`), cut to the database's limit."""
    is_constraint_mapped: bool
    clustered: bool | None
    is_on_field: bool
    """Written as `@id` on the field."""


@dataclass(frozen=True)
class Index:
    """`@unique`, `@@unique`, `@@index` or `@@fulltext`."""

    kind: Literal["unique", "normal", "fulltext"]
    fields: tuple[IndexField, ...]
    name: str | None
    """The client's name (`@@unique(name: …)`)."""
    constraint: str
    """In force: as mapped, or Prisma's default (`User_email_key`, `User_name_idx`), cut to the database's limit."""
    is_constraint_mapped: bool
    algorithm: str | None
    """`BTree`, `Hash`, `Gin` … as written in `type:`."""
    clustered: bool | None
    is_on_field: bool
    where: str | None = None
    """A partial index's predicate, as SQL (`where: raw("…")`)."""


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key as the database has it: of a relation's owning side."""

    fields: tuple[str, ...]
    model: str
    references: tuple[str, ...]
    on_delete: ReferentialAction
    """In force, defaults filled in."""
    on_update: ReferentialAction
    constraint: str
    """In force: as mapped, or Prisma's default (`Post_authorId_fkey`), cut to the database's limit."""


@dataclass(frozen=True)
class Relation:
    """A relation as a whole. For `many_to_many`, `a` and `b` are in the order of columns A and B, and `table` is the join table.

    For the others `a` is the side with the foreign key (`foreign_key` says it), `b` the other.
    """

    name: str
    kind: Literal["one_to_one", "one_to_many", "many_to_many"]
    model_a: str
    field_a: str
    model_b: str
    field_b: str
    foreign_key: ForeignKey | None = None
    table: str = ""
    schema: str | None = None


@dataclass(frozen=True)
class Model:
    """A model or a view. `fields` holds scalars and relations in the order of the source."""

    name: str
    table: str
    is_mapped: bool
    schema: str | None
    is_view: bool
    is_ignored: bool
    fields: tuple[Field, ...]
    primary_key: PrimaryKey | None
    indexes: tuple[Index, ...]
    """Those on fields, then those of blocks, each in the order of the source."""
    shard_key: tuple[str, ...]
    documentation: str | None
    directives: tuple[Directive, ...]
    span: Span
    prose: str = ""

    @cached_property
    def field(self) -> dict[str, Field]:
        return {item.name: item for item in self.fields}

    @cached_property
    def scalars(self) -> tuple[ScalarField, ...]:
        return tuple(item for item in self.fields if isinstance(item, ScalarField))

    @cached_property
    def relations(self) -> tuple[RelationField, ...]:
        return tuple(item for item in self.fields if isinstance(item, RelationField))


@dataclass(frozen=True, slots=True)
class EnumValue:
    name: str
    database: str
    is_mapped: bool
    documentation: str | None
    span: Span
    prose: str = ""


@dataclass(frozen=True)
class Enum:
    name: str
    database: str
    is_mapped: bool
    schema: str | None
    values: tuple[EnumValue, ...]
    documentation: str | None
    directives: tuple[Directive, ...]
    span: Span
    prose: str = ""


@dataclass(frozen=True)
class Schema:
    """A whole schema. `models` includes views and ignored models: those who render leave them out."""

    datasource: Datasource
    generators: tuple[Generator, ...]
    models: tuple[Model, ...]
    enums: tuple[Enum, ...]
    relations: tuple[Relation, ...]

    @cached_property
    def model(self) -> dict[str, Model]:
        return {model.name: model for model in self.models}

    @cached_property
    def enum(self) -> dict[str, Enum]:
        return {enum.name: enum for enum in self.enums}
