"""Rules for single fields: types the database has, native types, defaults, names.

Imports the facts, the context and what is known of defaults.
"""

from __future__ import annotations

import re

from infra_gen.checks import defaults
from infra_gen.checks.context import Context
from infra_gen.checks.facts import RelationField, ScalarField
from infra_gen.checks.model_rules import invalid

_UNSUPPORTED_TYPE = re.compile(r"([^(]+)(?:\((.*?)\))?", re.DOTALL)
"""A type of the database and its arguments, as in `Unsupported("timestamp(3) with time zone")`."""


def _invalid_field(field: ScalarField, message: str) -> str:
    return f"Error validating field `{field.name}` in {field.model.keyword} `{field.model.name}`: {message}"


def type_is_supported(field: ScalarField, context: Context) -> None:
    """Decimals and lists are not for every database."""
    provider, report, span = context.provider, context.report, field.syntax.span
    if field.type.builtin == "Decimal" and not provider.decimal:
        report.error(
            _invalid_field(field, "It can't be of type Decimal. The current connector does not support it."), span
        )
    if field.arity == "list" and not provider.scalar_lists:
        report.error(
            f'Field "{field.name}" in {field.model.keyword} "{field.model.name}" can\'t be a list. The current '
            "connector does not support lists of primitive types. Use a model and a relation, or a Json field.",
            span,
        )


def name_is_no_key_name(field: ScalarField | RelationField, context: Context) -> None:
    """Fields and the names of keys share one namespace in the client."""
    model = field.model
    for key in (*([model.id] if model.id else []), *model.keys):
        if key.name is not None and key.name == field.name:
            context.report.error(
                invalid(
                    model,
                    f"The custom name `{field.name}` specified for the `{key.label}` attribute is already used as a "
                    "name for a field. Please choose a different name.",
                ),
                model.syntax.span,
            )


def native_type_is_known(field: ScalarField, context: Context) -> None:
    """The native type exists, fits the Prisma type, and its arguments are in range."""
    use, datasource, report = field.native_type, context.schema.datasource, context.report
    if use is None or field.type.builtin is None:
        return
    if datasource and datasource.name != use.scope:
        report.error(
            f"The prefix {use.scope} is invalid. It must be equal to the name of an existing datasource e.g. "
            f"{datasource.name}. Did you mean to use {datasource.name}.{use.name}?",
            use.span,
        )
    native = context.provider.native_types.get(use.name)
    given = len(use.arguments)
    if native is None:
        report.error(f"Native type {use.name} is not supported for {context.provider.name}.", use.span)
    elif given < native.required or (given > native.required and not native.optional):
        report.error(f"Native type {use.name} takes {native.required} arguments, but received {given}.", use.span)
    elif native.optional and given > native.optional:
        report.error(
            f"Native type {use.name} takes {native.optional} optional arguments, but received {given}.", use.span
        )
    elif field.type.builtin not in native.prisma_types:
        report.error(
            f"Native type {use.name} is not compatible with declared field type {field.type.builtin}, expected field "
            f"type {' or '.join(native.prisma_types)}.",
            use.span,
        )
    else:
        numbers = native.numbers(use.arguments)
        written = f"({', '.join(use.arguments)})"
        if numbers is None:
            report.error(f"Expected {native.takes}, but found {written}.", use.span)
        elif native.out_of_range and (problem := native.out_of_range(numbers, field.type.builtin)):
            report.error(
                f"An argument is out of range for native type `{use.name}{written}` of {context.provider.name}: "
                f"{problem}",
                use.span,
            )


def default_function_is_known(field: ScalarField, context: Context) -> None:
    """The functions that fill a field when nothing is given."""
    if field.default is None:
        return
    name = defaults.unknown_function(field.default)
    if name is not None:
        context.report.error(
            f"Unknown function in @default(): `{name}` is not known. Use one of autoincrement, cuid, dbgenerated, "
            "nanoid, now, ulid, uuid.",
            field.default.value.span,
        )


def default_function_is_supported(field: ScalarField, context: Context) -> None:
    if field.default and field.default.function == "auto":
        context.report.attribute_error(
            "@default",
            "The current connector does not support the `auto()` function. Use `autoincrement()`.",
            field.default.value.span,
        )


def default_is_not_named(field: ScalarField, context: Context) -> None:
    if field.default and field.default.mapped_name is not None:
        context.report.attribute_error(
            "@default",
            "You defined a database name for the default value of a field on the model. This is not supported by the "
            "provider: remove `map`.",
            field.default.attribute.span,
        )


def default_literal_is_valid(field: ScalarField, context: Context) -> None:
    if field.default and field.type.builtin:
        defaults.check_literal(field.type.builtin, field.default.value, context.report)


def unsupported_type_is_unsupported(field: ScalarField, context: Context) -> None:
    """A type that Prisma does have must be written as that."""
    datasource, text = context.schema.datasource, field.type.unsupported
    found = _UNSUPPORTED_TYPE.match(text) if datasource and text else None
    if datasource is None or found is None:
        return
    native = context.provider.native_types.get(found[1].strip())
    arguments = [] if found[2] is None else [item.strip() for item in found[2].split(",")]
    if native is None or native.numbers(arguments) is None:
        return
    takes = f"({', '.join(arguments)})" if arguments and (native.required or native.optional) else ""
    context.report.error(
        f'Error validating: The type `Unsupported("{text}")` you specified in the type definition for the field '
        f"`{field.name}` is supported as a native type by Prisma. Please use the native type notation "
        f"`{native.prisma_types[-1]} @{datasource.name}.{native.name}{takes}` for full support.",
        field.syntax.span,
    )
