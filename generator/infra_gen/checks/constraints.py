"""Names of constraints: what a primary key, index or foreign key is called in the database, and which names clash.

Imports the facts and the providers. Source: Prisma, "Prisma's default naming conventions for indexes and constraints".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from infra_gen.checks.facts import Key, Model, Relation, Schema
from infra_gen.checks.providers import ConstraintKind, ConstraintScope, Provider


def id_name(key: Key, provider: Provider) -> str | None:
    """The name of a primary key, in databases that name it."""
    if not provider.named_ids:
        return None
    return key.mapped_name or _with_suffix(key.model.table, "_pkey", provider)


def key_name(key: Key, provider: Provider) -> str:
    """The name of a unique constraint or index."""
    if key.mapped_name:
        return key.mapped_name
    columns = [item.field.column for item in key.fields]
    return _default_name(key.model, columns, "_key" if key.is_unique else "_idx", provider)


def foreign_key_name(relation: Relation, provider: Provider) -> str:
    """The name of the foreign key of a relation."""
    field = relation.forward
    if field and field.mapped_name:
        return field.mapped_name
    columns = [item.column for item in field.fields or ()] if field else []
    return _default_name(relation.referencing_model, columns, "_fkey", provider)


def is_inline(relation: Relation) -> bool:
    """Whether the relation is a foreign key in one of its two tables."""
    return relation.kind in ("one to one", "one to many")


Claim: TypeAlias = tuple[str, str | None, str]
"""A name that a model takes: where it must be the only one of its kind, in words, in which model or schema of the database, and the name."""


def claims(schema: Schema) -> dict[Model, tuple[Claim, ...]]:
    """The names that each model takes, its table's and those of its constraints."""
    found: dict[Model, list[Claim]] = {model: [("table", model.schema_name, model.table)] for model in schema.models}
    scopes = schema.provider.constraint_scopes
    for kind, model, name in _all_names(schema) if scopes else ():
        for scope in scopes:
            # A view has no foreign keys of its own, though its relations are read as if it had.
            if kind in scope.holds and not (kind == "foreign key" and scope.within_model and model.is_view):
                found[model].append(_claim(scope, model, name))
    return {model: tuple(claimed) for model, claimed in found.items()}


class ConstraintNames:
    """The names taken, in each place where names must differ."""

    def __init__(self, schema: Schema, claimed: Mapping[Model, Iterable[Claim]]) -> None:
        self._provider = schema.provider
        self._taken = Counter(chain.from_iterable(claimed.values()))
        self._client_names: Counter[tuple[Model, str]] = Counter(
            (model, key.name)
            for model in schema.models
            for key in (*([model.id] if model.id else []), *model.keys)
            if key.name is not None
        )

    def clashes(self, kind: ConstraintKind, model: Model, name: str) -> Iterator[ConstraintScope]:
        """The places where a name is taken more than once."""
        for scope in self._provider.constraint_scopes:
            if kind in scope.reported_on and self._taken[_claim(scope, model, name)] > 1:
                yield scope

    def client_name_clashes(self, model: Model, name: str) -> bool:
        """Whether two keys of a model have the same name in the client."""
        return self._client_names[model, name] > 1


def _claim(scope: ConstraintScope, model: Model, name: str) -> Claim:
    return scope.description, model.name if scope.within_model else model.schema_name, name


def _all_names(schema: Schema) -> Iterator[tuple[ConstraintKind, Model, str]]:
    provider = schema.provider
    for model in schema.models:
        if model.id and (name := id_name(model.id, provider)) is not None:
            yield "id", model, name
        for key in model.keys:
            yield "key", model, key_name(key, provider)
    for relation in filter(is_inline, schema.relations):
        # Where the side with the foreign key is missing, Prisma counts its name on the side there is.
        yield "foreign key", relation.told_by.model, foreign_key_name(relation, provider)


def _default_name(model: Model, columns: Iterable[str], suffix: str, provider: Provider) -> str:
    parts: Sequence[str] = [model.table, "_".join(columns)]
    return _with_suffix("_".join(parts), suffix, provider)


def _with_suffix(stem: str, suffix: str, provider: Provider) -> str:
    """The stem cut (between characters) so that the whole fits into the longest name of the database."""
    limit = provider.identifier_bytes - len(suffix)
    encoded = stem.encode()
    return (stem if len(encoded) < limit else encoded[:limit].decode(errors="ignore")) + suffix
