"""Errors of writes that more than one step raises. Imports the runtime's `errors` and `schema` only."""

from __future__ import annotations

from infra_runtime.errors import RecordNotFoundError, RequiredRelationViolationError
from infra_runtime.schema import RelationField


def not_found(operation: str, model: str) -> RecordNotFoundError:
    """P2025 for the row that a call is about."""
    cause = f"No record was found for {'an' if operation[0] in 'aeiou' else 'a'} {operation}."
    return RecordNotFoundError(
        f"An operation failed because it depends on one or more records that were required but not found. {cause}",
        model=model,
        meta={"modelName": model, "cause": cause},
    )


def required_relation_violation(relation: RelationField, child: str, parent: str) -> RequiredRelationViolationError:
    """P2014: `child` requires its `parent`."""
    return RequiredRelationViolationError(
        "The change you are trying to make would violate the required relation "
        f"'{relation.relation}' between the `{child}` and `{parent}` models.",
        model=child,
        fields=relation.fields,
        meta={"relation_name": relation.relation, "model_a_name": child, "model_b_name": parent},
    )
