"""The `datasource` and `generator` blocks.

Imports the syntax tree, the report, the readers of values, the providers and the preview features. Both generations of
the datasource are read: with `url`, `directUrl` and `shadowDatabaseUrl` (up to Prisma 6) and without them (Prisma 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from infra_gen.checks import features, values
from infra_gen.checks.facts import Datasource
from infra_gen.checks.providers import NOT_YET_SUPPORTED, SUPPORTED, Provider
from infra_gen.checks.report import Report
from infra_gen.schema.source import Diagnostic
from infra_gen.schema.syntax import (
    Argument,
    ArrayValue,
    ConfigBlock,
    ConstantValue,
    Document,
    FunctionValue,
    Property,
    StringValue,
    Value,
)

_CONNECTION_PROPERTIES = ("url", "directUrl", "shadowDatabaseUrl")
_PROVIDERS = "sqlite, postgresql or mysql"
_RELATION_MODES = ("foreignKeys", "prisma")


def blocks_of(document: Document, keyword: Literal["datasource", "generator"]) -> list[ConfigBlock]:
    """The datasource or generator blocks of a document."""
    return [block for block in document.blocks if isinstance(block, ConfigBlock) and block.keyword == keyword]


def refused_provider(document: Document) -> Diagnostic | None:
    """The one sentence for a schema whose database the toolkit cannot serve, if that is so."""
    for block in blocks_of(document, "datasource"):
        given = _by_name(block).get("provider")
        value = given.value if given else None
        if isinstance(value, StringValue) and value.value in NOT_YET_SUPPORTED:
            return Diagnostic(
                f'The datasource provider "{value.value}" is not supported by infra-gen. Use {_PROVIDERS}.', value.span
            )
    return None


def read_datasource(document: Document, report: Report) -> Datasource | None:
    """The datasource of a document, checked. None: there is none, or it cannot be read."""
    blocks = blocks_of(document, "datasource")
    found = [datasource for block in blocks if (datasource := _read_datasource(block, report))]
    if len(found) > 1:
        for block in blocks:
            report.error(
                f"Error validating datasource `{block.name.name}`: You defined more than one datasource. This is not "
                "allowed: keep one.",
                block.span,
            )
    return found[0] if found else None


def read_features(document: Document, datasource: Datasource | None, report: Report) -> frozenset[str]:
    """Check the generator blocks of a document. Returns the preview features they switch on."""
    provider = datasource.provider if datasource else None
    found: set[str] = set()
    for block in blocks_of(document, "generator"):
        found |= _read_generator(block, provider, report)
    return frozenset(found)


def _by_name(block: ConfigBlock) -> dict[str, Property]:
    """The properties of a block. Of two with one name (an error reported elsewhere) the last counts."""
    return {item.name.name: item for item in block.properties}


def _valued_properties(block: ConfigBlock, report: Report) -> dict[str, Value] | None:
    """The values of a block's properties, or None and an error when one has none."""
    for item in block.properties:
        if item.value is None:
            report.error(
                f"Property {item.name.name} in {block.keyword} {block.name.name} needs to be assigned a value. Write "
                f'`{item.name.name} = "…"` or remove it.',
                block.span,
            )
            return None
    return {name: item.value for name, item in _by_name(block).items() if item.value is not None}


# ---- datasource


def _read_datasource(block: ConfigBlock, report: Report) -> Datasource | None:
    given = _valued_properties(block, report)
    if given is None:
        return None
    provider = _read_provider(block, given.pop("provider", None), report)
    if provider is None:
        return None
    relation_mode = _read_relation_mode(block, given, report)
    _check_connection(block, given, report)
    extensions, extensions_value = _read_extensions(given, provider, report)
    schemas_value = given.pop("schemas", None)
    schemas = _read_schemas(schemas_value, report) if schemas_value else None
    if schemas_value and schemas and not provider.schemas:
        report.error("The `schemas` property is not supported on the current connector. Remove it.", schemas_value.span)
    _check_left_over(block, given, report)
    return Datasource(
        syntax=block,
        provider=provider,
        relation_mode=relation_mode,
        schemas=schemas or frozenset(),
        schemas_span=schemas_value.span if schemas_value and schemas else None,
        extensions=extensions,
        extensions_span=extensions_value.span if extensions_value else None,
    )


def _read_provider(block: ConfigBlock, value: Value | None, report: Report) -> Provider | None:
    label = f"Error validating datasource `{block.name.name}`: The provider argument in a datasource"
    match value:
        case None:
            report.error(
                f'Argument "provider" is missing in data source block "{block.name.name}". Add `provider = "sqlite"`, '
                '`"postgresql"` or `"mysql"`.',
                block.span,
            )
        case FunctionValue(name=name) if name.name == "env":
            report.error(
                "A datasource must not use the env() function in the provider argument. Write the provider itself, "
                'as in `provider = "sqlite"`.',
                block.span,
            )
        case StringValue(value=""):
            report.error(f'{label} must not be empty. Write `"sqlite"`, `"postgresql"` or `"mysql"`.', value.span)
        case StringValue(value=name) if name in SUPPORTED:
            return SUPPORTED[name]
        case StringValue(value=name):
            report.error(f'Datasource provider not known: "{name}". Use {_PROVIDERS}.', value.span)
        case _:
            report.error(f'{label} must be a string literal, as in `provider = "sqlite"`.', value.span)
    return None


def _read_relation_mode(
    block: ConfigBlock, given: dict[str, Value], report: Report
) -> Literal["foreignKeys", "prisma"]:
    current, former = given.pop("relationMode", None), given.pop("referentialIntegrity", None)
    if former:
        span = _by_name(block)["referentialIntegrity"].span
        report.warning(
            "The `referentialIntegrity` attribute is deprecated. Please use `relationMode` instead. Learn more at "
            "https://pris.ly/d/relation-mode",
            span,
        )
        if current:
            report.error(
                "The `referentialIntegrity` and `relationMode` attributes cannot be used together. Please use only "
                "`relationMode`.",
                span,
            )
            return "foreignKeys"
    value = current or former
    mode = values.string(value, report) if value else None
    if mode is not None and mode not in _RELATION_MODES:
        report.error(
            f'Error validating datasource `relationMode`: Invalid relation mode setting: "{mode}". Supported values: '
            '"prisma", "foreignKeys"',
            block.span,
        )
    return "prisma" if mode == "prisma" else "foreignKeys"


def _check_connection(block: ConfigBlock, given: dict[str, Value], report: Report) -> None:
    """`url` and its companions, as Prisma 6 has them. A shadow database that is the database itself would be wiped."""
    found = {name: given.pop(name) for name in _CONNECTION_PROPERTIES if name in given}
    read = {name: _string_or_env(value, report) for name, value in found.items()}
    shadow = read.get("shadowDatabaseUrl")
    if not shadow or shadow == ("literal", ""):
        return
    for name in ("directUrl", "url"):
        if read.get(name) == shadow:
            report.error(
                f'shadowDatabaseUrl is the same as {name} for datasource "{block.name.name}". Please specify a '
                "different database as shadow database to avoid data loss.",
                found[name].span,
            )


def _read_schemas(value: Value, report: Report) -> frozenset[str] | None:
    if values.list_of(values.string, value, report) is None:
        return None
    names = [item for item in values.items(value) if isinstance(item, StringValue)]
    if not names:
        report.error(
            'If provided, the schemas array can not be empty. Write `schemas = ["public"]` or remove it.', value.span
        )
        return None
    seen: set[str] = set()
    for name in names:
        if name.value in seen:
            first = next(item for item in names if item.value == name.value)
            report.error(f'Duplicated schema names are not allowed: "{name.value}" is listed twice.', first.span)
        seen.add(name.value)
    return frozenset(seen)


def _check_left_over(block: ConfigBlock, given: dict[str, Value], report: Report) -> None:
    for name in given:
        span = _by_name(block)[name].span
        if name == "previewFeatures":
            report.error(
                "Preview features are only supported in the generator block. Please move this field to the generator "
                "block.",
                span,
            )
        else:
            report.error(f'Property not known: "{name}". A datasource does not have it; remove it.', span)


# ---- extensions of PostgreSQL


@dataclass(frozen=True)
class _Extension:
    name: str
    arguments: tuple[Argument, ...]


def _read_extensions(
    given: dict[str, Value], provider: Provider, report: Report
) -> tuple[tuple[Value, ...], Value | None]:
    if not provider.extensions:
        return (), None
    value = given.pop("extensions", None)
    extensions = values.list_of(_extension, value, report) if value else None
    if value is None or extensions is None:
        return (), None
    for extension in extensions:
        _check_extension_arguments(extension.arguments, report)
    return tuple(values.items(value)), value


def _extension(value: Value, report: Report) -> _Extension | None:
    match value:
        case ConstantValue(name=name):
            return _Extension(name, ())
        case FunctionValue(name=identifier, arguments=arguments):
            return _Extension(identifier.name, arguments.arguments)
        case _:
            values.mismatch("constant or function", value, report)
            return None


def _check_extension_arguments(arguments: Iterable[Argument], report: Report) -> None:
    seen: set[str] = set()
    for argument in arguments:
        if argument.name is None:
            report.error(
                "Error validating: The argument must have a name: `map`, `schema` or `version`.", argument.span
            )
            continue
        name = argument.name.name
        if name in seen:
            report.error(f"Error validating: The argument `{name}` can only be defined once", argument.span)
            continue
        seen.add(name)
        if name not in ("map", "schema", "version"):
            values.string(argument.value, report)
            report.error(f'Argument not known: "{name}". Use `map`, `schema` or `version`.', argument.span)
        elif values.string(argument.value, report) is None:
            report.error(f"Error validating: The `{name}` argument must be a string literal", argument.span)


# ---- generator


def _read_generator(block: ConfigBlock, provider: Provider | None, report: Report) -> frozenset[str]:
    given = _valued_properties(block, report)
    if given is None:
        return frozenset()
    if (engine := given.get("engineType")) and not isinstance(engine, StringValue):
        values.mismatch("String", engine, report)
    target = given.pop("provider", None)
    if target is None:
        report.error(
            f'Argument "provider" is missing in generator block "{block.name.name}". Add `provider = "infra-gen"`.',
            block.span,
        )
        return frozenset()
    if _string_or_env(target, report) is None:
        return frozenset()
    if output := given.pop("output", None):
        _string_or_env(output, report)
    if targets := given.pop("binaryTargets", None):
        values.list_of(_string_or_env, targets, report)
    preview = given.pop("previewFeatures", None)
    names = values.list_of(values.string, preview, report) if preview else None
    for value in given.values():
        _check_environment_calls(value, report)
    if preview is None or names is None:
        return frozenset()
    return features.read_features(names, provider, preview.span, report)


def _check_environment_calls(value: Value, report: Report) -> None:
    """A generator's own properties hold what they like; only `env()` has a form."""
    match value:
        case FunctionValue(name=name) if name.name == "env":
            _environment_variable(value, report)
        case ArrayValue(items=items):
            for item in items:
                _check_environment_calls(item, report)
        case _:
            pass


# ---- strings and env()


def _string_or_env(value: Value, report: Report) -> tuple[Literal["literal", "env"], str] | None:
    """A string, or the environment variable that holds it."""
    match value:
        case StringValue(value=text):
            return "literal", text
        case FunctionValue(name=name) if name.name == "env":
            variable = _environment_variable(value, report)
            return ("env", variable) if variable is not None else None
        case _:
            values.mismatch("String", value, report)
            return None


def _environment_variable(call: FunctionValue, report: Report) -> str | None:
    """The name in `env("NAME")`."""
    arguments = call.arguments
    for argument in arguments.arguments:
        if argument.name:
            report.warning('The env function doesn\'t expect named arguments: write `env("NAME")`.', argument.span)
    if arguments.empty_names and not arguments.arguments:
        report.error('The env function expects a singular, unnamed, string argument: write `env("NAME")`.', call.span)
        return None
    if len(arguments.arguments) + len(arguments.empty_names) != 1 or arguments.trailing_comma:
        report.error('Exactly one string parameter must be passed to the env function: write `env("NAME")`.', call.span)
        return None
    return values.string(arguments.arguments[0].value, report)
