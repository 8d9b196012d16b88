"""What each database can do, as values: the only place where checks know that databases differ.

Imports only the tables of native types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from infra_gen.checks import native_types
from infra_gen.checks.native_types import NativeType

ConstraintKind: TypeAlias = Literal["id", "key", "foreign key"]

ALL_ACTIONS = ("Cascade", "Restrict", "NoAction", "SetNull", "SetDefault")


@dataclass(frozen=True)
class ConstraintScope:
    """Where names of constraints must differ: in the whole database (schema), or within one model."""

    description: str
    within_model: bool
    holds: frozenset[ConstraintKind]
    """The constraints whose names live here."""
    reported_on: frozenset[ConstraintKind]
    """Those of them that are told of a clash."""


@dataclass(frozen=True)
class Provider:
    """The capabilities of one database, as Prisma sees them."""

    name: str
    """The name in messages."""
    identifier_bytes: int
    """The longest name of a constraint."""
    native_types: Mapping[str, NativeType]
    constraint_scopes: tuple[ConstraintScope, ...]
    emulated_actions: tuple[str, ...]
    """The referential actions that can be had without foreign keys (`relationMode = "prisma"`)."""
    foreign_key_actions: tuple[str, ...] = ALL_ACTIONS
    index_types: frozenset[str] = frozenset({"BTree"})
    preview_features: frozenset[str] = frozenset()
    """Those that only this database knows."""
    key_types_needing_length: frozenset[str] = frozenset()
    """Native types that an index can only hold by a prefix."""
    unindexable_types: frozenset[str] = frozenset()
    scalar_lists: bool = False
    decimal: bool = True
    references_in_any_order: bool = True
    """Whether `references` may list the columns of a key in another order."""
    named_ids: bool = False
    named_foreign_keys: bool = True
    schemas: bool = False
    extensions: bool = False
    operator_classes: bool = False
    partial_indexes: bool = False
    fulltext_indexes: bool = False
    index_prefix_length: bool = False
    shard_keys: bool = False
    autoincrement_beside_id: bool = False
    autoincrement_without_index: bool = False
    autoincrement_repeated: bool = False
    set_default_unsupported: bool = False
    """The database takes SetDefault in its grammar and does not do it."""
    set_null_on_required: bool = False
    """The database takes SetNull on a required column (and fails when it is triggered)."""


_KEYS: frozenset[ConstraintKind] = frozenset({"key"})
_FOREIGN_KEYS: frozenset[ConstraintKind] = frozenset({"foreign key"})

POSTGRESQL = Provider(
    name="PostgreSQL",
    identifier_bytes=63,
    native_types=native_types.POSTGRESQL,
    constraint_scopes=(
        ConstraintScope(
            "global for primary key, indexes and unique constraints",
            within_model=False,
            holds=frozenset({"id", "key"}),
            reported_on=frozenset({"id", "key"}),
        ),
        ConstraintScope(
            "on the model for primary key, indexes, unique constraints and foreign keys",
            within_model=True,
            holds=frozenset({"id", "key", "foreign key"}),
            reported_on=frozenset({"id", "foreign key"}),
        ),
    ),
    emulated_actions=("Cascade", "Restrict", "SetNull"),
    index_types=frozenset({"BTree", "Hash", "Gist", "Gin", "SpGist", "Brin"}),
    preview_features=frozenset({"fullTextSearchPostgres"}),
    unindexable_types=frozenset({"Xml"}),
    scalar_lists=True,
    named_ids=True,
    schemas=True,
    extensions=True,
    operator_classes=True,
    partial_indexes=True,
    autoincrement_beside_id=True,
    autoincrement_without_index=True,
    autoincrement_repeated=True,
    set_null_on_required=True,
)

MYSQL = Provider(
    name="MySQL",
    identifier_bytes=64,
    native_types=native_types.MYSQL,
    constraint_scopes=(
        ConstraintScope("global for foreign keys", within_model=False, holds=_FOREIGN_KEYS, reported_on=_FOREIGN_KEYS),
        ConstraintScope(
            "on the model for indexes and unique constraints", within_model=True, holds=_KEYS, reported_on=_KEYS
        ),
    ),
    emulated_actions=("Cascade", "Restrict", "NoAction", "SetNull"),
    index_types=frozenset({"BTree"}),
    key_types_needing_length=frozenset(
        {"Text", "LongText", "MediumText", "TinyText", "Blob", "TinyBlob", "MediumBlob", "LongBlob"}
    ),
    fulltext_indexes=True,
    index_prefix_length=True,
    shard_keys=True,
    autoincrement_beside_id=True,
    set_default_unsupported=True,
)

SQLITE = Provider(
    name="SQLite",
    identifier_bytes=10_000,
    native_types={},
    constraint_scopes=(
        ConstraintScope(
            "global for indexes and unique constraints", within_model=False, holds=_KEYS, reported_on=_KEYS
        ),
    ),
    emulated_actions=("Cascade", "Restrict", "SetNull"),
    named_foreign_keys=False,
    partial_indexes=True,
)

UNDECLARED = Provider(
    name="a schema without a datasource",
    identifier_bytes=2**63,
    native_types={},
    constraint_scopes=(),
    emulated_actions=ALL_ACTIONS,
    decimal=False,
    references_in_any_order=False,
    named_foreign_keys=False,
)
"""A schema without a datasource: what no particular database is needed for."""

SUPPORTED: Mapping[str, Provider] = {
    "postgresql": POSTGRESQL,
    "postgres": POSTGRESQL,
    "mysql": MYSQL,
    "sqlite": SQLITE,
}

NOT_YET_SUPPORTED = frozenset({"mongodb", "sqlserver", "cockroachdb"})
"""Providers that Prisma knows and the toolkit refuses."""
