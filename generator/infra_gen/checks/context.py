"""What every rule is given beside the thing it looks at. Imports the facts, the report and the names of constraints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from infra_gen.checks.constraints import ConstraintNames
from infra_gen.checks.facts import Schema
from infra_gen.checks.providers import Provider
from infra_gen.checks.report import Report


@dataclass(frozen=True)
class Context:
    """The whole schema, and where to report."""

    schema: Schema
    report: Report

    @cached_property
    def provider(self) -> Provider:
        return self.schema.provider

    @cached_property
    def names(self) -> ConstraintNames:
        return ConstraintNames(self.schema)

    def has(self, feature: str) -> bool:
        """Whether a preview feature is on."""
        return feature in self.schema.features


class Hopeless(Exception):
    """Raised by a rule after its report, when what follows from the error would only confuse."""
