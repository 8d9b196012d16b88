"""Reads the attributes of relation fields.

Imports the syntax tree, the facts and the reading of arguments.
"""

from __future__ import annotations

from infra_gen.checks import values
from infra_gen.checks.arguments import Arguments, AttributeSet
from infra_gen.checks.facts import Action, Model, RelationField, ScalarField
from infra_gen.checks.keys import ResolvedFields, fields_of_unknown_type, resolve_fields
from infra_gen.checks.providers import ALL_ACTIONS
from infra_gen.checks.report import Report
from infra_gen.schema.advice import did_you_mean
from infra_gen.schema.source import Span
from infra_gen.schema.syntax import ConstantValue


def read(field: RelationField, report: Report) -> None:
    """Read `@relation` and `@ignore`; refuse what only a column can have."""
    if not field.syntax.attributes:
        return
    attributes = AttributeSet(field.syntax.attributes, report)
    for name, arguments in attributes.singles("relation", "id", "ignore", "default", "map", "unique"):
        match name:
            case "relation":
                _read_relation(field, arguments)
            case "id":
                arguments.fail(
                    f"The field `{field.name}` is a relation field and cannot be marked with `@id`. Only scalar fields "
                    "can be declared as id."
                )
            case "ignore":
                field.is_ignored = True
                arguments.finish()
            case "default":
                arguments.fail("Cannot set a default value on a relation field. Put it on the field in `fields`.")
            case "map":
                arguments.fail(
                    "The attribute `@map` cannot be used on relation fields. Put it on the field in `fields`."
                )
                arguments.take_main("name")
            case "unique":
                arguments.fail(
                    f"The field `{field.name}` is a relation field and cannot be marked with `unique`. Only scalar "
                    f"fields can be made unique.{_unique_suggestion(field)}"
                )
    attributes.finish()


def _unique_suggestion(field: RelationField) -> str:
    names = [item.name for item in field.fields or ()]
    if not names:
        return ""
    if len(names) == 1:
        return f" Did you mean to put it on `{names[0]}`?"
    return f" Did you mean to provide `@@unique([{', '.join(names)}])`?"


def _read_relation(field: RelationField, arguments: Arguments) -> None:
    report, attribute = arguments.report, arguments.attribute
    field.attribute = attribute
    if value := arguments.take("fields"):
        found = resolve_fields(value, field.model, attribute.span, report)
        field.fields = _columns(found, "fields", field.model, value.span, report)
    if value := arguments.take("references"):
        found = resolve_fields(value, field.related, attribute.span, report)
        field.references = _columns(found, "references", field.related, attribute.span, report)
    if value := arguments.take_main_if_given("name"):
        name = values.string(value, report)
        if name == "":
            arguments.fail("A relation cannot have an empty name. Leave the name out or write one.")
        field.relation_name = name or None
    field.on_delete = _read_action(arguments, "onDelete")
    field.on_update = _read_action(arguments, "onUpdate")
    field.mapped_name = arguments.take_string("map")
    arguments.finish()


def _columns(
    found: ResolvedFields | None, argument: str, model: Model, span: Span, report: Report
) -> list[ScalarField]:
    if found is None:
        return []
    if found.unknown:
        report.error(
            f"Error validating: The argument `{argument}` must refer only to existing fields of the model "
            f"`{model.name}`. The following fields do not exist in it: {', '.join(found.unknown)}."
            + (did_you_mean(found.unknown[0], model.fields) if len(found.unknown) == 1 else ""),
            span,
        )
    if found.relations:
        report.error(
            f"Error validating: The argument `{argument}` must refer only to scalar fields of the model "
            f"`{model.name}`. But it is referencing the following relation fields: "
            f"{', '.join(item.name for item in found.relations)}",
            span,
        )
    if found.untyped:
        report.error(
            f"Error validating: The argument `{argument}` refers to the {fields_of_unknown_type(found.untyped)}.", span
        )
    return [] if found.has_problems else [item.field for item in found.fields]


def _read_action(arguments: Arguments, name: str) -> Action | None:
    value = arguments.take(name)
    if value is None or values.word(value, arguments.report) is None:
        return None
    assert isinstance(value, ConstantValue)
    if value.name not in ALL_ACTIONS:
        arguments.report.attribute_error(
            "@relation",
            f"Invalid referential action: `{value.name}`. Use one of {', '.join(ALL_ACTIONS)}.",
            value.span,
        )
        return None
    return Action(value.name, value.span)
