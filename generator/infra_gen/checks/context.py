"""What every rule is given beside the thing it looks at. Imports the facts, the report and the names of constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from infra_gen.checks.constraints import Claim, ConstraintNames, claims, is_inline
from infra_gen.checks.facts import Model, Relation, Schema
from infra_gen.checks.providers import Provider
from infra_gen.checks.report import Report


@dataclass(frozen=True)
class Context:
    """The schema, and where to report."""

    schema: Schema
    report: Report

    @cached_property
    def provider(self) -> Provider:
        return self.schema.provider

    @cached_property
    def claims(self) -> Mapping[Model, tuple[Claim, ...]]:
        return claims(self.schema)

    @cached_property
    def names(self) -> ConstraintNames:
        return ConstraintNames(self.schema, self.claims)

    @cached_property
    def foreign_keys_of(self) -> Mapping[Model, Sequence[Relation]]:
        """The relations written on both sides, by the model that holds the foreign key."""
        found: dict[Model, list[Relation]] = {}
        for relation in self.schema.relations:
            if is_inline(relation) and relation.forward and relation.back:
                found.setdefault(relation.forward.model, []).append(relation)
        return found

    def has(self, feature: str) -> bool:
        """Whether a preview feature is on."""
        return feature in self.schema.features


class Hopeless(Exception):
    """Raised by a rule after its report, when what follows from the error would only confuse."""
