"""Rules for whole models and views, enums, composite types and the datasource, once all attributes are known to be well formed.

Imports the facts, the context and the names of constraints.
"""

from __future__ import annotations

from infra_gen.checks.arguments import argument_of
from infra_gen.checks.constraints import id_name
from infra_gen.checks.context import Context
from infra_gen.checks.facts import Datasource, Enum, Model, ScalarField, Schema
from infra_gen.schema.source import Span
from infra_gen.schema.syntax import Attribute, ConstantValue, FunctionValue, ModelBlock


def invalid(model: Model, message: str) -> str:
    """A message about a model or view."""
    return f'Error validating {model.keyword} "{model.name}": {message}'


# ---- datasource


def extensions_need_their_feature(datasource: Datasource, context: Context) -> None:
    if datasource.extensions_span and not context.has("postgresqlExtensions"):
        context.report.error(
            "The `extensions` property is only available with the `postgresqlExtensions` preview feature. Add it to "
            "`previewFeatures` in a generator block.",
            datasource.extensions_span,
        )


def extensions_are_well_named(datasource: Datasource, context: Context) -> None:
    if not context.has("postgresqlExtensions"):
        return
    for extension in datasource.extensions:
        match extension:
            case ConstantValue(name=name):
                pass
            case FunctionValue(name=identifier):
                name = identifier.name
            case _:
                continue
        if name[:1].isnumeric():
            context.report.error(
                "Error validating: The name of an extension must not start with a number.", extension.span
            )
        elif "-" in name:
            context.report.error(
                f"Error validating: The character `-` is not allowed in extension names. Write "
                f'`{name.replace("-", "_")}(map: "{name}")`.',
                extension.span,
            )


# ---- composite types


def composite_types_are_not_supported(composite: ModelBlock, context: Context) -> None:
    context.report.error(
        f"Error validating: Composite types are not supported on {context.provider.name}. Use a model and a relation, "
        "or a Json field.",
        composite.span,
    )


# ---- database names of models and enums


def tables_are_distinct(schema: Schema, context: Context) -> None:
    """The error stands at the `@@map` of one of the two."""
    seen: dict[tuple[str | None, str], Model] = {}
    for model in schema.models:
        place = model.schema_name, model.table
        other = seen.get(place)
        seen[place] = model
        if other is None:
            continue
        named, blamed = (other, model) if model.mapped_name is not None else (model, other)
        context.report.error(
            f'The {blamed.keyword} with database name "{model.table}" could not be defined because another model or '
            f'view with this name exists: "{named.name}". Map one of them to another table.',
            _map_attribute_span(blamed),
        )


def _map_attribute_span(model: Model) -> Span:
    found = next((item for item in model.syntax.attributes if item.name.name == "map"), None)
    return found.span if found else model.syntax.name.span


def enums_are_distinct(schema: Schema, context: Context) -> None:
    seen: set[tuple[str | None, str]] = set()
    for enum in schema.enums:
        place = enum.schema.value if enum.schema else None, enum.database_name
        if place in seen:
            context.report.error(
                f"An enum with the same database name is already defined: `{enum.database_name}`.", enum.syntax.span
            )
        seen.add(place)


# ---- @@schema


def schema_is_declared(item: Model | Enum, context: Context) -> None:
    """A block's `@@schema` must be one of the datasource's `schemas`."""
    datasource = context.schema.datasource
    if item.schema is None:
        return
    if not context.provider.schemas:
        context.report.error(
            "@@schema is not supported on the current datasource provider. Remove it.", item.schema.span
        )
    elif datasource and item.schema.value not in datasource.schemas:
        context.report.error(
            f'This schema is not defined in the datasource. Add "{item.schema.value}" to `schemas` there. Read more '
            "on `@@schema` at https://pris.ly/d/multi-schema",
            item.schema.span,
        )


def schema_is_given(item: Model | Enum, context: Context) -> None:
    """Where the datasource lists schemas, every block must say which one it lives in."""
    datasource = context.schema.datasource
    if item.schema or not datasource or not datasource.schemas_span or not context.provider.schemas:
        return
    names = " or ".join(f'`@@schema("{name}")`' for name in sorted(datasource.schemas))
    if isinstance(item, Enum):
        context.report.error(f"This enum is missing an `@@schema` attribute. Add {names}.", item.syntax.span)
    else:
        context.report.error(
            invalid(item, f"This {item.keyword} is missing an `@@schema` attribute. Add {names}."), item.syntax.span
        )


# ---- models and views


def views_need_their_feature(model: Model, context: Context) -> None:
    if not context.has("views"):
        context.report.error(
            "Error validating: View definitions are only available with the `views` preview feature. Add it to "
            "`previewFeatures` in a generator block.",
            model.syntax.span,
        )


def rows_can_be_told_apart(model: Model, context: Context) -> None:
    if model.is_ignored or any(key.is_strict for key in model.unique_criteria):
        return
    message = (
        "Each model must have at least one unique criteria that has only required fields. Either mark a single field "
        "with `@id`, `@unique` or add a multi field criterion with `@@id([])` or `@@unique([])` to the model."
    )
    loose = ["- " + ", ".join(key.field_names) for key in model.unique_criteria]
    if loose:
        message += (
            " The following unique criteria were not considered as they contain fields that are not required:\n"
            + "\n".join(loose)
        )
    context.report.error(invalid(model, message), model.syntax.span)


def id_has_a_distinct_name(model: Model, context: Context) -> None:
    key = model.id
    name = id_name(key, context.provider) if key else None
    if key is None or name is None:
        return
    name_fits(model, key.attribute, name, context)
    for scope in context.names.clashes("id", model, name):
        argument = argument_of(key.attribute, "map")
        context.report.attribute_error(
            key.label, clash_message(name, scope.description), argument.span if argument else key.attribute.span
        )


def id_has_a_distinct_client_name(model: Model, context: Context) -> None:
    key = model.id
    if key and key.name is not None and context.names.client_name_clashes(model, key.name):
        argument = argument_of(key.attribute, "name")
        context.report.attribute_error(
            key.label, client_clash_message(key.name), argument.span if argument else key.attribute.span
        )


def id_has_fields(model: Model, context: Context) -> None:
    if model.id and not model.id.fields:
        context.report.attribute_error(
            model.id.label,
            f"The list of fields in an `{model.id.label}()` attribute cannot be empty. Please specify at least one "
            "field.",
            model.id.attribute.span,
        )


def id_client_name_is_no_field(model: Model, context: Context) -> None:
    """A compound id is one argument in the client, named after its fields."""
    key = model.id
    if not key or len(key.fields) <= 1:
        return
    name = "_".join(key.field_names)
    if isinstance(model.fields.get(name), ScalarField):
        context.report.error(
            invalid(
                model,
                f"The field `{name}` clashes with the `@@id` attribute's name. Please resolve the conflict by "
                'providing a custom id name: `@@id([...], name: "custom_name")`',
            ),
            key.attribute.span,
        )


def id_name_is_supported(model: Model, context: Context) -> None:
    if model.id and model.id.mapped_name is not None and not context.provider.named_ids:
        context.report.error(
            invalid(
                model,
                "You defined a database name for the primary key on the model. This is not supported by the provider: "
                "remove `map`.",
            ),
            model.syntax.span,
        )


def id_prefix_length_is_supported(model: Model, context: Context) -> None:
    if context.provider.index_prefix_length or not model.id:
        return
    if any(item.length is not None for item in model.id.fields):
        context.report.attribute_error(
            model.id.label,
            "The length argument is not supported in the primary key with the current connector. Remove `length`.",
            model.id.attribute.span,
        )


def id_has_no_sort_order(model: Model, context: Context) -> None:
    if model.id and any(item.sort is not None for item in model.id.fields):
        context.report.attribute_error(
            model.id.label,
            "The sort argument is not supported in the primary key with the current connector. Remove `sort`.",
            model.id.attribute.span,
        )


def id_has_no_clustering(model: Model, context: Context) -> None:
    if model.id and model.id.clustered is not None:
        context.report.attribute_error(
            model.id.label,
            "Defining clustering is not supported in the current connector. Remove `clustered`.",
            model.id.attribute.span,
        )


def views_have_no_id(model: Model, context: Context) -> None:
    if model.id:
        context.report.error(
            "Error validating: Views cannot have primary keys. Use `@unique` or `@@unique` to tell rows apart.",
            model.id.attribute.span,
        )


def shard_key_has_fields(model: Model, context: Context) -> None:
    for attribute in model.shard_keys:
        if not model.shard_key_fields:
            context.report.attribute_error(
                "@@shardKey",
                "The list of fields in a `@@shardKey()` attribute cannot be empty. Please specify at least one field.",
                attribute.span,
            )


def shard_key_is_supported(model: Model, context: Context) -> None:
    for attribute in model.shard_keys:
        label = _shard_key_label(attribute)
        if not context.has("shardKeys"):
            context.report.attribute_error(
                label,
                "Defining shard keys requires the `shardKeys` preview feature. Add it to `previewFeatures` in a generator block.",
                attribute.span,
            )
        if not context.provider.shard_keys:
            context.report.attribute_error(
                label, f"Shard keys are not currently supported for provider {context.provider.name}", attribute.span
            )


def _shard_key_label(attribute: Attribute) -> str:
    return "@@shardKey" if attribute.block else "@shardKey"


def autoincrement_is_supported(model: Model, context: Context) -> None:
    fields = [field for field in model.scalars if field.default and field.default.function == "autoincrement"]
    provider, report = context.provider, context.report
    if len(fields) > 1 and not provider.autoincrement_repeated:
        report.attribute_error(
            "@default",
            "The `autoincrement()` default value is used multiple times on this model even though the underlying "
            "datasource only supports one instance per table.",
            model.syntax.span,
        )
    for field in fields:
        if not provider.autoincrement_beside_id and not (model.id and model.id.field_names == [field.name]):
            report.attribute_error(
                "@default",
                "The `autoincrement()` default value is used on a non-id field even though the datasource does not "
                "support this.",
                field.syntax.span,
            )
        if not provider.autoincrement_without_index and not _leads_a_key(field):
            report.attribute_error(
                "@default",
                "The `autoincrement()` default value is used on a non-indexed field even though the datasource does "
                "not support this.",
                field.syntax.span,
            )


def _leads_a_key(field: ScalarField) -> bool:
    model = field.model
    keys = [*model.keys, *([model.id] if model.id else [])]
    return any(key.fields and key.fields[0].field is field for key in keys)


# ---- shared by rules about names of constraints


def name_fits(model: Model, attribute: Attribute, name: str | None, context: Context) -> None:
    """Whether the name of a constraint is short enough for the database."""
    limit = context.provider.identifier_bytes
    if name is not None and len(name.encode()) > limit:
        sign = "@@" if attribute.block else "@"
        context.report.error(
            invalid(
                model,
                f"The constraint name '{name}' specified in the `map` argument for the `{sign}{attribute.name.name}` "
                f"constraint is too long for your chosen provider. The maximum allowed length is {limit} bytes.",
            ),
            attribute.span,
        )


def clash_message(name: str, place: str) -> str:
    """A constraint's name is taken."""
    return (
        f"The given constraint name `{name}` has to be unique in the following namespace: {place}. Please provide a "
        "different name using the `map` argument."
    )


def client_clash_message(name: str) -> str:
    """The name of a key in the client is taken."""
    return (
        f"The given custom name `{name}` has to be unique on the model. Please provide a different name for the "
        "`name` argument."
    )
