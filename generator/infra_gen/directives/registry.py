"""The directives there are, as data: where each may stand, its arguments and their kinds. Imports the kinds and the nodes' places.

A registry is a value: `Registry((*DIRECTIVES.types, mine))`, given to `compile_schema`, knows one more. What is registered under
`infra.` reaches the runtime as `options` of the model, field or enum it stands on, under its name without the `infra.`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from infra_gen.directives.kinds import IDENTIFIER, Columns, EmptyColumn, Kind, Text, Texts, Truth, WholeNumber, Word
from infra_gen.directives.nodes import Place
from infra_gen.schema.syntax import Annotation


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument that a directive takes."""

    name: str
    kind: Kind
    about: str
    """What it says, as a sentence."""
    is_required: bool = False
    is_positional: bool = False
    """May be given without its name; of several, in their order."""


@dataclass(frozen=True)
class DirectiveType:
    """A directive: `name` is what stands behind the `@`."""

    name: str
    places: tuple[Place, ...]
    parameters: tuple[Parameter, ...]
    about: str
    """What it says, as a sentence."""
    example: str
    """As written in a schema."""

    @cached_property
    def parameter(self) -> Mapping[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}


@dataclass(frozen=True)
class Registry:
    """The directives in force."""

    types: tuple[DirectiveType, ...]

    @cached_property
    def by_name(self) -> Mapping[str, DirectiveType]:
        return {item.name: item for item in self.types}

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return frozenset(item.name.partition(".")[0].casefold() for item in self.types if "." in item.name)

    def claims(self, annotation: Annotation) -> bool:
        """Is this a directive, known or not: in the namespace of a known one, or with arguments and the very name of one?

        Everything else that begins with `@` is left to other tools, or is no more than a word.
        """
        name, has_arguments = (
            annotation.name.name,
            annotation.arguments is not None or annotation.unreadable is not None,
        )
        namespace, dot, _ = name.partition(".")
        if namespace.casefold() in self._namespaces:
            return bool(dot) or has_arguments
        return has_arguments and name in self.by_name


CACHE = DirectiveType(
    "infra.cache",
    ("model", "view"),
    (
        Parameter("ttl", WholeNumber(1), "For how many seconds what was read is kept."),
        Parameter("tags", Texts(), "Names under which entries can be dropped together."),
        Parameter("enabled", Truth(), "`false` keeps the model out of the cache."),
    ),
    "Reads of the model are cached.",
    '@infra.cache(ttl: 1800, tags: ["user", "auth"])',
)

AUDIT = DirectiveType(
    "infra.audit",
    ("model",),
    (
        Parameter(
            "track", Columns(), "The fields whose changes are recorded; all, where it is not given.", is_positional=True
        ),
        Parameter("exclude", Columns(), "Fields that never appear in a record."),
        Parameter("enabled", Truth(), "`false` keeps the model out of the audit."),
    ),
    "Changes of the model's rows are recorded.",
    "@infra.audit(track: [email, role])",
)

SEARCH = DirectiveType(
    "infra.search",
    ("model", "view"),
    (
        Parameter(
            "fields",
            Columns(("String",), but_native=("Bit", "Inet", "Uuid", "VarBit", "Xml")),
            "The fields that are searched.",
            is_required=True,
            is_positional=True,
        ),
        Parameter("language", Text(), "The language of their texts, as the database names it."),
    ),
    "The model's rows can be searched by words.",
    '@infra.search(fields: [name, email], language: "english")',
)

SOFT_DELETE = DirectiveType(
    "infra.softDelete",
    ("model",),
    (
        Parameter(
            "field",
            EmptyColumn("DateTime"),
            "The field that says when a row was deleted.",
            is_required=True,
            is_positional=True,
        ),
        Parameter(
            "unique",
            Word(
                ("full", "partial"),
                {
                    (
                        "partial",
                        "mysql",
                    ): "its unique keys hold for all rows. Leave it out: values of deleted rows stay taken."
                },
            ),
            "Whether the values of a deleted row's unique keys are free again (`partial`, without it where the database can), or stay taken (`full`, always on MySQL).",
        ),
    ),
    "Deleted rows stay in the database, out of sight.",
    "@infra.softDelete(field: deletedAt)",
)

PYTHON = DirectiveType(
    "Python",
    ("model", "view"),
    (Parameter("instance_name", IDENTIFIER, "The model's attribute on the client."),),
    "Prisma Client Python's way to rename a client's attribute.",
    '@Python(instance_name: "people")',
)

DIRECTIVES = Registry((AUDIT, CACHE, SEARCH, SOFT_DELETE, PYTHON))
"""Those of the toolkit."""
