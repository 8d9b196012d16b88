"""Rules for unique constraints and indexes, and those ids share with them.

Imports the facts, the context, the names of constraints and the operator classes.
"""

from __future__ import annotations

from infra_gen.checks.arguments import argument_of
from infra_gen.checks.constraints import key_name
from infra_gen.checks.context import Context
from infra_gen.checks.facts import Key, KeyField, Model, ScalarField
from infra_gen.checks.model_rules import clash_message, client_clash_message, invalid, name_fits
from infra_gen.checks.operator_classes import DEFAULT_NATIVE_TYPES, DEFAULT_PRISMA_TYPES, OPERATOR_CLASSES
from infra_gen.schema.source import Span


def _fail(key: Key, message: str, context: Context, span: Span | None = None) -> None:
    context.report.attribute_error(key.label, message, span or key.attribute.span)


def has_fields(key: Key, context: Context) -> None:
    if not key.fields:
        _fail(key, "The list of fields in an index cannot be empty. Please specify at least one field.", context)


def has_a_distinct_name(key: Key, context: Context) -> None:
    name = key_name(key, context.provider)
    for scope in context.names.clashes("key", key.model, name):
        argument = argument_of(key.attribute, "map", "name")
        _fail(key, clash_message(name, scope.description), context, argument.span if argument else None)


def has_a_distinct_client_name(key: Key, context: Context) -> None:
    if key.name is not None and context.names.client_name_clashes(key.model, key.name):
        argument = argument_of(key.attribute, "name")
        _fail(key, client_clash_message(key.name), context, argument.span if argument else None)


def client_name_is_no_field(key: Key, context: Context) -> None:
    """A compound unique constraint is one argument in the client, named after its fields."""
    if not key.is_unique or len(key.fields) <= 1:
        return
    name = "_".join(key.field_names)
    if isinstance(key.model.fields.get(name), ScalarField):
        context.report.error(
            invalid(
                key.model,
                f"The field `{name}` clashes with the `{key.label}` name. Please resolve the conflict by providing a "
                f'custom id name: `{key.label}([...], name: "custom_name")`',
            ),
            key.attribute.span,
        )


def prefix_length_is_supported(key: Key, context: Context) -> None:
    if not context.provider.index_prefix_length and any(item.length is not None for item in key.fields):
        _fail(
            key,
            "The length argument is not supported in an index definition with the current connector. Remove `length`.",
            context,
        )


def type_is_supported(key: Key, context: Context) -> None:
    if key.algorithm and key.algorithm not in context.provider.index_types:
        argument = argument_of(key.attribute, "type")
        _fail(
            key,
            "The given index type is not supported with the current connector. Supported here: "
            f"{', '.join(sorted(context.provider.index_types))}.",
            context,
            argument.span if argument else None,
        )


def hash_is_not_sorted(key: Key, context: Context) -> None:
    supported = "Hash" in context.provider.index_types
    if supported and key.algorithm == "Hash" and any(item.sort is not None for item in key.fields):
        _fail(key, "Hash type does not support sort option. Remove `sort`.", context)


def fulltext_is_supported(key: Key, context: Context) -> None:
    if key.kind != "fulltext":
        return
    if not context.provider.fulltext_indexes:
        _fail(
            key,
            "Defining fulltext indexes is not supported with the current connector. Use `@@index`, or MySQL.",
            context,
        )
        return
    if any(item.length is not None for item in key.fields):
        _fail(key, "The length argument is not supported in a @@fulltext attribute. Remove `length`.", context)
    if any(item.sort is not None for item in key.fields):
        _fail(
            key,
            "The sort argument is not supported in a @@fulltext attribute in the current connector. Remove `sort`.",
            context,
        )


def name_fits_the_database(key: Key, context: Context) -> None:
    name_fits(key.model, key.attribute, key.mapped_name, context)


def clustering_is_not_supported(key: Key, context: Context) -> None:
    if key.clustered is not None:
        _fail(key, "Defining clustering is not supported in the current connector. Remove `clustered`.", context)


def operator_classes_are_for_indexes(key: Key, context: Context) -> None:
    if key.kind != "index" and any(item.operator_class is not None for item in key.fields):
        _fail(key, "Operator classes can only be defined to fields in an @@index attribute.", context)


def partial_index_is_supported(key: Key, context: Context) -> None:
    if key.where is None:
        return
    if not context.has("partialIndexes"):
        _fail(
            key,
            'Partial indexes are a preview feature. Add "partialIndexes" to previewFeatures in your generator block.',
            context,
            key.where.span,
        )
    elif not context.provider.partial_indexes:
        _fail(
            key,
            "Partial indexes (with a `where` clause) are not supported by the current connector.",
            context,
            key.where.span,
        )


def views_have_no_indexes(key: Key, context: Context) -> None:
    if not key.is_unique:
        context.report.error(
            "Error validating: Views cannot have indexes. Index the tables behind it.", key.attribute.span
        )


def unique_criteria_of_views_are_plain(key: Key, context: Context) -> None:
    """A view may say what tells its rows apart; there is nothing behind it in the database."""
    if not key.is_unique:
        return
    prefix = "Error validating: @@unique annotations on views are not backed by unique indexes in the database and"
    if key.mapped_name is not None:
        context.report.error(f"{prefix} cannot specify a mapped database name.", key.attribute.span)
    if key.clustered is not None:
        context.report.error(f"{prefix} cannot be clustered.", key.attribute.span)
    if any((item.length, item.sort, item.operator_class) != (None, None, None) for item in key.fields):
        _fail(key, "Scalar fields in @@unique attributes in views cannot have arguments.", context)


# ---- lengths and column types, of ids and keys


def lengths_are_of_texts(key: Key, context: Context) -> None:
    if not context.provider.index_prefix_length:
        return
    for item in key.fields:
        if item.length is not None and not item.field.type.unsupported:
            if item.field.type.builtin not in ("String", "Bytes"):
                _fail(key, "The length argument is only allowed with field types `String` or `Bytes`.", context)


def long_columns_have_a_length(model: Model, context: Context) -> None:
    """MySQL indexes texts and blobs by a prefix only."""
    needing = context.provider.key_types_needing_length
    if not needing:
        return
    for key in (*model.keys, *([model.id] if model.id else [])):
        if key.kind == "fulltext":
            continue
        for item in key.fields:
            native = item.field.native_type
            if native and native.name in needing and item.length is None:
                context.report.error(
                    f"{_cannot_be_used(key, native.name, context)} Please use the `length` argument to the field in "
                    "the index definition to allow this.",
                    key.attribute.span,
                )
                break


def columns_can_be_indexed(model: Model, context: Context) -> None:
    """Some types of a database cannot be in an index at all."""
    if not context.provider.unindexable_types:
        return
    for key in model.keys:
        for item in key.fields:
            native = item.field.native_type
            if native and native.name in context.provider.unindexable_types:
                context.report.error(_cannot_be_used(key, native.name, context), item.field.syntax.span)
                break


def _cannot_be_used(key: Key, native_type: str, context: Context) -> str:
    database = context.provider.name
    if key.kind == "id":
        return f"Native type `{native_type}` of {database} cannot be used on a field that is `@id` or `@@id`."
    if key.is_unique:
        return f"Native type `{native_type}` cannot be unique in {database}."
    return f"You cannot define an index on fields with native type `{native_type}` of {database}."


# ---- operator classes


def operator_classes_fit(model: Model, context: Context) -> None:
    """The operator class of each field is one of the index type, and for the field's type."""
    if context.provider.operator_classes:
        for key in model.keys:
            _check_operator_classes(key, context)


def _check_operator_classes(key: Key, context: Context) -> None:
    for item in key.fields:
        if not item.raw_operator_class and (problem := _operator_class_problem(item, key.algorithm or "BTree")):
            _fail(key, problem, context)
    if key.algorithm == "SpGist" and len(key.fields) != 1:
        _fail(key, "SpGist does not support multi-column indices. Define one index for each field.", context)


def _operator_class_problem(item: KeyField, index_type: str) -> str | None:
    operator_class = OPERATOR_CLASSES[item.operator_class] if item.operator_class else None
    field = item.field
    native = field.native_type.name if field.native_type else None
    if operator_class is None:
        return _default_class_problem(field, native, index_type)
    given = f"The given operator class `{operator_class.name}`"
    if index_type not in operator_class.index_types:
        return f"{given} is not supported with the `{index_type}` index type."
    if operator_class.lists:
        return None if field.arity == "list" else f"{given} expects the type of field `{field.name}` to be an array."
    if native is not None:
        if native in operator_class.native_types:
            return None
        return f"{given} does not support native type `{native}` of field `{field.name}`."
    if operator_class.prisma_type is None:
        return f"{given} expects the field `{field.name}` to define a valid native type."
    if field.type.builtin != operator_class.prisma_type:
        return f"{given} points to the field `{field.name}` that is not of {operator_class.prisma_type} type."
    return None


def _default_class_problem(field: ScalarField, native: str | None, index_type: str) -> str | None:
    if index_type not in DEFAULT_NATIVE_TYPES or (index_type == "Gin" and field.arity == "list"):
        return None
    if native is not None:
        if native in DEFAULT_NATIVE_TYPES[index_type]:
            return None
        return f"The {index_type} index field type `{native}` has no default operator class. Name one with `ops`."
    if field.type.unsupported is not None or field.type.builtin in DEFAULT_PRISMA_TYPES[index_type]:
        return None
    return f"The {index_type} index type does not support the type of the field `{field.name}`."
