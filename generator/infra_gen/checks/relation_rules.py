"""Rules for relation fields and for whole relations.

Imports the facts, the context and the names of constraints.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra_gen.checks.arguments import argument_of
from infra_gen.checks.constraints import foreign_key_name
from infra_gen.checks.context import Context, Hopeless
from infra_gen.checks.facts import Action, Key, Model, Relation, RelationField, ScalarField
from infra_gen.checks.model_rules import clash_message, invalid, name_fits
from infra_gen.schema.source import Span


def _place(field: RelationField) -> str:
    return f"`{field.name}` on {field.model.keyword} `{field.model.name}`"


def _fail(field: RelationField, message: str, context: Context, span: Span | None = None) -> None:
    context.report.attribute_error("@relation", message, span or field.syntax.span)


# ---- relation fields


def is_not_ambiguous(field: RelationField, context: Context) -> None:
    """Fields between the same two models need names to tell their relations apart. Stops the checks: what the other
    rules would say of such relations helps nobody."""
    rivals = [
        other
        for other in field.model.relations
        if other.related is field.related and other.name_or_generated == field.name_or_generated
    ]
    is_self = field.related is field.model
    if len(rivals) < 2 or (is_self and field.relation_name and len(rivals) == 2):
        return
    names = _enumerate([other.name for other in rivals])
    subject = f"The fields {names} in model `{field.model.name}`"
    if field.relation_name is None and is_self:
        message = (
            f"Ambiguous self relation detected. {subject} both refer to `{field.related.name}`. If they are part of "
            "the same relation add the same relation name for them with `@relation(<name>)`."
            if len(rivals) == 2
            else f"Unnamed self relation detected. {subject} have no relation name. Please provide a relation name "
            "for one of them by adding `@relation(<name>)`."
        )
    elif field.relation_name is None:
        message = (
            f"Ambiguous relation detected. {subject} both refer to `{field.related.name}`. Please provide different "
            "relation names for them by adding `@relation(<name>)`."
        )
    elif is_self:
        message = (
            f"Wrongly named self relation detected. {subject} have the same relation name. At most two relation "
            "fields can belong to the same relation. Please assign a different relation name to one of them."
        )
    else:
        message = (
            f"Wrongly named relation detected. {subject} both use the same relation name. Please provide different "
            "relation names for them through `@relation(<name>)`."
        )
    context.report.error(invalid(field.model, message), field.syntax.span)
    raise Hopeless


def _enumerate(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


def ignored_model_needs_ignored_field(field: RelationField, context: Context) -> None:
    if field.related.is_ignored and not field.is_ignored and not field.model.is_ignored:
        context.report.attribute_error(
            "@ignore",
            f"The relation field {_place(field)} must specify the `@ignore` attribute, because the model "
            f"{field.related.name} it is pointing to is marked ignored.",
            field.syntax.span,
        )


def actions_are_supported(field: RelationField, context: Context) -> None:
    emulated = context.schema.relation_mode == "prisma"
    provider = context.provider
    allowed = provider.emulated_actions if emulated else provider.foreign_key_actions
    for argument_name, action in (("onDelete", field.on_delete), ("onUpdate", field.on_update)):
        if action is None or action.name in allowed:
            continue
        message = (
            f"Error validating: Invalid referential action: `{action.name}`. Allowed values: "
            f"({', '.join(f'`{name}`' for name in allowed)})"
        )
        if emulated and action.name == "NoAction":
            message += (
                f'. `NoAction` is not implemented for {provider.name} when using `relationMode = "prisma"`, you '
                "could try using `Restrict` instead. Learn more at https://pris.ly/d/relation-mode"
            )
        context.report.error(message, _argument_span(field, argument_name))


def _argument_span(field: RelationField, name: str) -> Span:
    argument = argument_of(field.attribute, name) if field.attribute else None
    return argument.span if argument else field.syntax.span


def foreign_key_name_is_supported(field: RelationField, context: Context) -> None:
    if field.mapped_name is None or field.attribute is None:
        return
    if not context.provider.named_foreign_keys:
        _fail(field, "Your provider does not support named foreign keys. Remove `map`.", context, field.attribute.span)
    else:
        name_fits(field.model, field.attribute, field.mapped_name, context)


def emulated_relation_has_an_index(field: RelationField, context: Context) -> None:
    """Without foreign keys no database makes an index of its own accord."""
    datasource = context.schema.datasource
    if datasource is None or datasource.relation_mode != "prisma" or field.fields is None:
        return
    names = [item.name for item in field.fields]
    keys: list[Key] = [*field.model.keys, *([field.model.id] if field.model.id else [])]
    if any(key.field_names[: len(names)] == names for key in keys):
        return
    context.report.warning(
        'With `relationMode = "prisma"`, no foreign keys are used, so relation fields will not benefit from the index '
        "usually created by the relational database under the hood. This can lead to poor performance when querying "
        f"these fields. We recommend adding an index manually: `@@index([{', '.join(names)}])`.",
        field.attribute.span if field.attribute else field.syntax.span,
    )


def set_default_is_done(model: Model, context: Context) -> None:
    """Not every database that takes SetDefault in its grammar acts on it."""
    if not context.provider.set_default_unsupported or context.schema.relation_mode == "prisma":
        return
    for field in model.relations:
        for name, action in (("onDelete", field.on_delete), ("onUpdate", field.on_update)):
            if action and action.name == "SetDefault":
                context.report.warning(
                    f"{context.provider.name} does not actually support the `SetDefault` referential action, so using "
                    "it may result in unexpected errors. Read more at https://pris.ly/d/mysql-set-default",
                    _argument_span(field, name),
                )


# ---- relations that are a foreign key


def references_are_unique(relation: Relation, context: Context) -> None:
    field = relation.forward
    if field is None or not field.references:
        return
    wanted = sorted(item.name for item in field.references)
    matching = [key for key in field.related.unique_criteria if sorted(key.field_names) == wanted]
    if matching:
        _check_order_of_references(field, matching, context)
        return
    names = [item.name for item in field.references]
    advice = (
        f"an `@unique` attribute to the field `{names[0]}` in the model"
        if len(names) == 1
        else f"an `@@unique([{', '.join(names)}])` attribute to the model"
    )
    _fail(
        field,
        "The argument `references` must refer to a unique criterion in the related model. Consider adding "
        f"{advice} `{field.related.name}`.",
        context,
    )


def _check_order_of_references(field: RelationField, keys: Sequence[Key], context: Context) -> None:
    names = [item.name for item in field.references or ()]
    if not context.provider.references_in_any_order and not any(key.field_names == names for key in keys):
        context.report.error(
            "Error validating: The argument `references` must refer to a unique criterion in the related model "
            f"`{field.related.name}` using the same order of fields: `{', '.join(keys[0].field_names)}`.",
            field.syntax.span,
        )


def both_lists_are_equally_long(relation: Relation, context: Context) -> None:
    field = relation.forward
    if field is None or field.fields is None or field.references is None or field.attribute is None:
        return
    if len(field.fields) != len(field.references):
        context.report.error(
            "Error validating: You must specify the same number of fields in `fields` and `references`.",
            field.attribute.span,
        )


def optional_columns_make_an_optional_relation(relation: Relation, context: Context) -> None:
    field = relation.forward
    if field is None or field.arity != "required" or not field.fields:
        return
    if any(item.arity == "optional" for item in field.fields):
        context.report.error(
            f"Error validating: The relation field `{field.name}` uses the scalar fields "
            f"{', '.join(item.name for item in field.fields)}. At least one of those fields is optional. Hence the "
            f"relation field must be optional as well: write `{field.related.name}?`.",
            field.syntax.span,
        )


def types_match(relation: Relation, context: Context) -> None:
    field = relation.forward
    if field is None or field.fields is None:
        return
    for referencing, referenced in zip(field.fields, _referenced_columns(field), strict=False):
        if referencing.type != referenced.type:
            _fail(
                field,
                f"The type of the field `{referencing.name}` in the model `{referencing.model.name}` is not matching "
                f"the type of the referenced field `{referenced.name}` in model `{referenced.model.name}`.",
                context,
            )


def _referenced_columns(field: RelationField) -> list[ScalarField]:
    """The columns in `references`, or else those of the first key that always tells rows apart."""
    if field.references is not None:
        return field.references
    key = next((key for key in field.related.unique_criteria if key.is_strict), None)
    return [item.field for item in key.fields] if key else []


def foreign_key_has_a_distinct_name(relation: Relation, context: Context) -> None:
    """Told at the field that holds the foreign key; where that is missing, at the model that has the other."""
    field = relation.forward or relation.back
    if field is None:
        return
    name = foreign_key_name(relation, context.provider)
    span = _argument_span(field, "map") if field is relation.forward else field.model.syntax.span
    for scope in context.names.clashes("foreign key", relation.referencing_model, name):
        _fail(field, clash_message(name, scope.description), context, span)


def required_columns_are_not_set_null(relation: Relation, context: Context) -> None:
    field = relation.forward
    if field is None or (field.fields is not None and not any(item.arity == "required" for item in field.fields)):
        return
    tolerated = context.provider.set_null_on_required and context.schema.relation_mode == "foreignKeys"
    for name, action in (("onDelete", field.on_delete), ("onUpdate", field.on_update)):
        if not _is_set_null(action):
            continue
        if tolerated:
            context.report.warning(
                f"The `{name}` referential action of a relation should not be set to `SetNull` when a referenced "
                "field is required. Choose another referential action, or make the referenced fields optional. Read "
                "more at https://pris.ly/d/postgres-set-null",
                field.syntax.span,
            )
        else:
            _fail(
                field,
                f"The `{name}` referential action of a relation must not be set to `SetNull` when a referenced field "
                "is required. Either choose another referential action, or make the referenced fields optional.",
                context,
            )


def _is_set_null(action: Action | None) -> bool:
    return action is not None and action.name == "SetNull"


def emulated_actions_do_not_cycle(relation: Relation, context: Context) -> None:
    """What the client does in place of foreign keys must come to an end: no row may be touched by its own change."""
    if context.schema.relation_mode != "prisma" or relation.forward is None or relation.back is None:
        return
    start = relation.forward
    to_visit, visited = [relation], set[Relation]()
    while to_visit:
        current = to_visit.pop()
        visited.add(current)
        field = current.forward
        if field is None or not _modifies(field):
            continue
        if field.related is field.model:
            _report_cycle(
                start,
                "A self-relation must have `onDelete` and `onUpdate` referential actions set to `NoAction` in one of "
                "the @relation attributes.",
                field,
                context,
            )
            return
        if field.related is start.model:
            _report_cycle(
                start,
                "Reference causes a cycle. One of the @relation attributes in this cycle must have `onDelete` and "
                "`onUpdate` referential actions set to `NoAction`.",
                field,
                context,
            )
            return
        to_visit.extend(item for item in context.foreign_keys_of.get(field.related, ()) if item not in visited)


def _modifies(field: RelationField) -> bool:
    """Whether changing the referenced row changes rows here."""
    return not {_on_delete(field), _on_update(field)} <= {"NoAction", "Restrict"}


def _on_update(field: RelationField) -> str:
    return field.on_update.name if field.on_update else "Cascade"


def _on_delete(field: RelationField) -> str:
    if field.on_delete:
        return field.on_delete.name
    is_required = field.arity == "required" or any(item.arity == "required" for item in field.fields or ())
    return "Restrict" if is_required else "SetNull"


def _report_cycle(start: RelationField, message: str, last: RelationField, context: Context) -> None:
    implied = [
        f"`{name}`: `{action}`"
        for name, given, action in (
            ("onDelete", start.on_delete, _on_delete(start)),
            ("onUpdate", start.on_update, _on_update(start)),
        )
        if given is None and action not in ("NoAction", "Restrict")
    ]
    if implied:
        message += f" (Implicit default {', and '.join(implied)})"
    if last is not start:
        message += f" The cycle closes at `{last.model.name}.{last.name}`."
    context.report.error(
        f"Error validating: {message} Read more at https://pris.ly/d/cyclic-referential-actions", start.syntax.span
    )


def both_sides_are_defined(relation: Relation, context: Context) -> None:
    field = relation.forward if relation.back is None else relation.back if relation.forward is None else None
    if field is not None:
        context.report.error(
            f"Error validating field `{field.name}` in {field.model.keyword} `{field.model.name}`: The relation field "
            f"{_place(field)} is missing an opposite relation field on the model `{field.related.name}`. Add a field "
            f"of the type `{field.model.name}` there.",
            field.syntax.span,
        )


# ---- one to one


def _sides(relation: Relation) -> tuple[RelationField, RelationField] | None:
    return (relation.forward, relation.back) if relation.forward and relation.back else None


def _columns_given(field: RelationField) -> dict[str, list[ScalarField] | None]:
    """The lists of columns in `@relation`, by the argument they are given in."""
    return {"fields": field.fields, "references": field.references}


def one_side_has_fields_and_references(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides is None:
        return
    for name in ("fields", "references"):
        if any(_columns_given(field)[name] for field in sides):
            continue
        for field, other in (sides, sides[::-1]):
            _fail(
                field,
                f"The relation fields {_place(field)} and {_place(other)} do not provide the `{name}` argument in the "
                "@relation attribute. You have to provide it on one of the two fields.",
                context,
            )


def only_one_side_has_fields_and_references(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides is None:
        return
    for name in ("fields", "references"):
        if not all(_columns_given(field)[name] for field in sides):
            continue
        for field, other in (sides, sides[::-1]):
            _fail(
                field,
                f"The relation fields {_place(field)} and {_place(other)} both provide the `{name}` argument in the "
                "@relation attribute. You have to provide it only on one of the two fields.",
                context,
            )


def only_one_side_has_actions(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides is None:
        return
    forward, back = sides
    if not (back.on_delete or back.on_update):
        return
    if forward.on_delete or forward.on_update:
        for field, other in ((forward, back), (back, forward)):
            _fail(
                field,
                f"The relation fields {_place(field)} and {_place(other)} both provide the `onDelete` or `onUpdate` "
                "argument in the @relation attribute. You have to provide it only on one of the two fields.",
                context,
            )
    else:
        _fail(back, _misplaced("`onDelete` or `onUpdate`", back, forward), context)


def _misplaced(argument: str, field: RelationField, other: RelationField) -> str:
    return (
        f"The relation field {_place(field)} must not specify the {argument} argument in the @relation attribute. You "
        f"must only specify it on the opposite field {_place(other)}."
    )


def columns_are_unique(relation: Relation, context: Context) -> None:
    field = relation.forward
    if field is None or field.fields is None:
        return
    names = [item.name for item in field.fields]
    if any(key.field_names == names for key in field.model.unique_criteria):
        return
    advice = (
        f"an `@unique` attribute to the field `{names[0]}`"
        if len(names) == 1
        else f"an `@@unique([{', '.join(names)}])` attribute to the model"
    )
    _fail(
        field,
        f"A one-to-one relation must use unique fields on the defining side. Either add {advice}, or change the "
        "relation to one-to-many.",
        context,
    )


def fields_and_references_stand_together(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides is None or context.report.has_errors:
        return
    forward, back = sides
    if forward.fields and back.references:
        for field in sides:
            _fail(field, _torn_apart(forward, "fields", back, "references"), context)
    if forward.references and back.fields:
        _fail(forward, _torn_apart(forward, "references", back, "fields"), context)


def _torn_apart(field: RelationField, argument: str, other: RelationField, other_argument: str) -> str:
    return (
        f"The relation field {_place(field)} provides the `{argument}` argument in the @relation attribute. And the "
        f"related field {_place(other)} provides the `{other_argument}` argument. You must provide both arguments on "
        "the same side."
    )


def back_side_is_optional(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides is None or context.report.has_errors:
        return
    forward, back = sides
    if back.arity == "required":
        _fail(
            back,
            f"The relation field {_place(back)} is required. This is not valid because it's not possible to enforce "
            f"this constraint on the database level. Please change the field type from `{forward.model.name}` to "
            f"`{forward.model.name}?` to fix this.",
            context,
        )


def required_side_has_the_foreign_key(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides is None or context.report.has_errors:
        return
    forward, back = sides
    if forward.arity == "required" and (back.fields is not None or back.references is not None):
        _fail(
            back,
            f"The relation field `{back.model.name}.{back.name}` defines the `fields` and/or `references` argument. "
            f"You must set them on the required side of the relation (`{forward.model.name}.{forward.name}`) in order "
            "for the constraints to be enforced. Alternatively, you can change this field to be required and the "
            "opposite optional, or make both sides of the relation optional.",
            context,
        )


# ---- one to many


def singular_side_has_fields_and_references(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides is None:
        return
    forward, back = sides
    for name, given in _columns_given(forward).items():
        if not given:
            _fail(
                forward,
                f"The relation field {_place(forward)} must specify the `{name}` argument in the @relation attribute.",
                context,
            )
    if back.fields or back.references:
        _fail(back, _misplaced("`fields` or `references`", back, forward), context)


def list_side_has_no_actions(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides and (sides[1].on_delete or sides[1].on_update):
        _fail(sides[1], _misplaced("`onDelete` or `onUpdate`", sides[1], sides[0]), context)


# ---- many to many


def views_are_not_joined(relation: Relation, context: Context) -> None:
    sides = _sides(relation)
    if sides and any(field.model.is_view for field in sides):
        for field in sides:
            context.report.error(
                "Error validating: Implicit many-to-many relations are not supported for views.", field.syntax.span
            )


def joined_models_have_a_single_id(relation: Relation, context: Context) -> None:
    for field in _sides(relation) or ():
        key = field.related.id
        if key is None or len(key.fields) != 1:
            context.report.error(
                f"Error validating field `{field.name}` in {field.model.keyword} `{field.model.name}`: The relation "
                f"field {_place(field)} references `{field.related.name}` which does not have an `@id` field. Models "
                "without `@id` cannot be part of a many to many relation. Use an explicit intermediate model to "
                "represent this relationship.",
                field.syntax.span,
            )
        elif field.references is not None and [item.name for item in field.references] != key.field_names:
            context.report.error(
                "Error validating: Implicit many-to-many relations must always reference the id field of the related "
                f"model. Change the argument `references` to use the id field of the related model "
                f"`{field.related.name}`. But it is referencing the following fields that are not the id: "
                f"{', '.join(item.name for item in field.references)}",
                field.syntax.span,
            )


def joins_have_no_actions(relation: Relation, context: Context) -> None:
    for field in _sides(relation) or ():
        for action in (field.on_delete, field.on_update):
            if action:
                context.report.error(
                    "Error validating: Referential actions on implicit many-to-many relations are not supported. "
                    "Remove it, or use an explicit intermediate model.",
                    action.span,
                )


def joins_have_no_references(relation: Relation, context: Context) -> None:
    for field in _sides(relation) or ():
        if field.references is not None:
            _fail(
                field,
                "Implicit many-to-many relation should not have references argument defined. Either remove it, or "
                "change the relation to one-to-many.",
                context,
            )


def embedded_joins_are_not_supported(relation: Relation, context: Context) -> None:
    for field in _sides(relation) or ():
        context.report.error(
            f"Error validating: Embedded many-to-many relations are not supported on {context.provider.name}. Remove "
            "`fields` and `references`, or use an explicit intermediate model.",
            field.syntax.span,
        )
