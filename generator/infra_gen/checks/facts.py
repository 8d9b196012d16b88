"""What the checks learn of a schema: models with their fields, keys and relations, each with the syntax it came from.

The reading phase fills them in; the rules only read them. Imports only the syntax tree and the providers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from infra_gen.checks.providers import UNDECLARED, Provider
from infra_gen.schema.source import Span
from infra_gen.schema.syntax import (
    Argument,
    Attribute,
    ConfigBlock,
    Document,
    EnumBlock,
    Field,
    FunctionValue,
    ModelBlock,
    StringValue,
    Value,
)

KeyKind: TypeAlias = Literal["id", "unique", "index", "fulltext"]
RelationKind: TypeAlias = Literal["one to one", "one to many", "many to many", "embedded many to many"]


@dataclass(frozen=True)
class ScalarType:
    """The type of a field that is a column. Exactly one of these is set."""

    builtin: str | None = None
    enum: str | None = None
    composite: str | None = None
    unsupported: str | None = None


@dataclass(eq=False)
class ScalarField:
    """A field that is a column."""

    model: Model
    syntax: Field
    type: ScalarType
    is_ignored: bool = False
    mapped_name: str | None = None
    default: Default | None = None
    native_type: NativeTypeUse | None = None

    def __post_init__(self) -> None:
        self.name = self.syntax.name.name
        self.arity: str = self.syntax.type.arity

    @property
    def column(self) -> str:
        return self.mapped_name or self.name


@dataclass(eq=False)
class RelationField:
    """A field whose type is a model."""

    model: Model
    syntax: Field
    related: Model
    attribute: Attribute | None = None
    fields: list[ScalarField] | None = None
    references: list[ScalarField] | None = None
    relation_name: str | None = None
    on_delete: Action | None = None
    on_update: Action | None = None
    mapped_name: str | None = None
    is_ignored: bool = False

    def __post_init__(self) -> None:
        self.name = self.syntax.name.name
        self.arity: str = self.syntax.type.arity

    @property
    def name_or_generated(self) -> str:
        """The relation's name: given, or made from the names of both models."""
        return self.relation_name or "To".join(sorted((self.model.name, self.related.name)))


@dataclass(frozen=True)
class Action:
    """`onDelete: Cascade`."""

    name: str
    span: Span


@dataclass(frozen=True)
class Default:
    """`@default(…)` with a value that fits the field's type."""

    attribute: Attribute
    value: Value
    mapped_name: str | None

    @property
    def function(self) -> str | None:
        return self.value.name.name if isinstance(self.value, FunctionValue) else None


@dataclass(frozen=True)
class NativeTypeUse:
    """`@db.VarChar(40)`."""

    scope: str
    name: str
    arguments: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class KeyField:
    """A field in a key or index, with its own arguments."""

    field: ScalarField
    sort: str | None = None
    length: int | None = None
    operator_class: str | None = None
    raw_operator_class: bool = False


@dataclass(eq=False)
class Key:
    """A primary key, unique constraint or index."""

    kind: KeyKind
    model: Model
    attribute: Attribute
    fields: list[KeyField] = field(default_factory=list)
    name: str | None = None
    """The name in the client (`name:`)."""
    mapped_name: str | None = None
    algorithm: str | None = None
    clustered: bool | None = None
    where: Argument | None = None

    @property
    def label(self) -> str:
        return f"{'@@' if self.attribute.block else '@'}{self.attribute.name.name}"

    @property
    def is_unique(self) -> bool:
        return self.kind == "unique"

    @property
    def field_names(self) -> list[str]:
        return [item.field.name for item in self.fields]

    @property
    def is_strict(self) -> bool:
        """Whether it always tells rows apart: no optional fields, none of an unsupported type."""
        return all(item.field.arity != "optional" and item.field.type.unsupported is None for item in self.fields)


@dataclass(eq=False)
class Model:
    """A model or view."""

    syntax: ModelBlock
    fields: dict[str, ScalarField | RelationField | None] = field(default_factory=dict)
    """By name. None: a field whose type is not known."""
    scalars: list[ScalarField] = field(default_factory=list)
    relations: list[RelationField] = field(default_factory=list)
    id: Key | None = None
    keys: list[Key] = field(default_factory=list)
    """Unique constraints and indexes, in the order they are read."""
    shard_keys: list[Attribute] = field(default_factory=list)
    shard_key_fields: list[ScalarField] = field(default_factory=list)
    is_ignored: bool = False
    mapped_name: str | None = None
    schema: StringValue | None = None

    def __post_init__(self) -> None:
        self.name = self.syntax.name.name
        self.is_view = self.syntax.keyword == "view"

    @property
    def table(self) -> str:
        return self.mapped_name or self.name

    @property
    def keyword(self) -> str:
        return self.syntax.keyword

    @property
    def schema_name(self) -> str | None:
        return self.schema.value if self.schema else None

    @property
    def unique_criteria(self) -> list[Key]:
        """The primary key and the unique constraints."""
        uniques = [key for key in self.keys if key.is_unique]
        return [self.id, *uniques] if self.id else uniques


@dataclass(eq=False)
class Enum:
    """An enum."""

    syntax: EnumBlock
    mapped_name: str | None = None
    schema: StringValue | None = None

    @property
    def name(self) -> str:
        return self.syntax.name.name

    @property
    def database_name(self) -> str:
        return self.mapped_name or self.name


@dataclass(frozen=True, eq=False)
class Relation:
    """A relation between two models.

    `forward` is the field on the side that holds the foreign key (for many-to-many relations: on the model whose name
    comes first), `back` the one on the other side; a relation written on one side only lacks one of them.
    """

    kind: RelationKind
    forward: RelationField | None
    back: RelationField | None

    @property
    def told_by(self) -> RelationField:
        """The field by which it is found: `forward` where there is one."""
        field = self.forward or self.back
        assert field is not None
        return field

    @property
    def referencing_model(self) -> Model:
        if self.forward:
            return self.forward.model
        assert self.back is not None
        return self.back.related


@dataclass(frozen=True)
class Datasource:
    """The datasource block, read."""

    syntax: ConfigBlock
    provider: Provider
    relation_mode: Literal["foreignKeys", "prisma"] = "foreignKeys"
    schemas: frozenset[str] = frozenset()
    schemas_span: Span | None = None
    extensions: tuple[Value, ...] = ()
    extensions_span: Span | None = None

    @property
    def name(self) -> str:
        return self.syntax.name.name


@dataclass(frozen=True)
class Schema:
    """What is known of a schema: everything, or all that the models are judged by which are looked at."""

    document: Document
    models: tuple[Model, ...]
    """Those that are looked at: models first, then views, each in the order of the source."""
    enums: tuple[Enum, ...]
    composites: tuple[ModelBlock, ...]
    relations: tuple[Relation, ...]
    """Each that is told by a field of these models."""
    datasource: Datasource | None
    features: frozenset[str]

    @property
    def provider(self) -> Provider:
        return self.datasource.provider if self.datasource else UNDECLARED

    @property
    def relation_mode(self) -> Literal["foreignKeys", "prisma"]:
        return self.datasource.relation_mode if self.datasource else "foreignKeys"
