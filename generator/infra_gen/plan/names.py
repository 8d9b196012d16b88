"""Python's names for what a schema names: one rule, told to users in docs/naming.md.

A name is the schema's own, or its snake_case where `naming` says so. Where Python, pydantic or the client already means something by
it, or another of its kind has it, `_` is appended until it is free. Names that need no change are given out first, so that adding a
field never renames one that was plain. Only the Python side changes: columns, tables and values in the database keep theirs.

May import `memo`, `metadata`, `naming`, `plan.settings` and the runtime's `schema`.
"""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, NamedTuple

from infra_gen.memo import Memo
from infra_gen.metadata import with_field_names
from infra_gen.naming import snake_case
from infra_gen.plan.modules import BUILTINS
from infra_gen.plan.settings import Naming
from infra_runtime.schema import Enum, Model, RelationField, ScalarField, Schema, UniqueKey

KEYWORDS = frozenset(keyword.kwlist)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


MODULES = frozenset({"client", "enums", "schema", "types", "cache_keys", "audit", "py"})
"""Modules of a generated package that belong to no model."""

CLIENT_ATTRIBUTES = words("""
    add_scope audit batch batch_ bind cache cached_property check_health connect context disconnect effects engine events execute
    execute_raw is_connected listen metrics missing on_statement pool_status query query_first query_raw repository row_types
    run_transaction schema scope statements stream tables transaction tx use
    """)
"""What the clients have, or will have, as attributes of their own; and the decorator that makes those of models."""

ROW_ATTRIBUTES = words("""
    construct copy dict from_orm json model_computed_fields model_config model_construct model_copy model_dump model_dump_json
    model_extra model_fields model_fields_set model_json_schema model_parametrized_name model_post_init model_rebuild
    model_validate model_validate_json model_validate_strings parse_file parse_obj parse_raw schema schema_json
    update_forward_refs validate
    """)
"""What every pydantic model has as an attribute."""

COMBINATORS = frozenset({"AND", "OR", "NOT"})
"""Keys of `where` that are no fields."""

ENUM_ATTRIBUTES = words("""
    capitalize casefold center count encode endswith expandtabs find format format_map index isalnum isalpha isascii isdecimal
    isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip maketrans mro name partition
    removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title
    translate upper value zfill
    """)
"""What every member of an enum of texts has as an attribute."""

CLASSES = BUILTINS | words("""
    annotations Any AttributeError getattr globals import_module Infrastructure StrEnum SyncInfrastructure TYPE_CHECKING
    """)
"""Names in a generated package that belong to no model or enum, and that modules need where classes of models and enums are in sight."""


ENUM_SUFFIXES = (
    "Name",
    "Value",
    "Filter",
    "NullableFilter",
    "Condition",
    "NullableCondition",
    "ListFilter",
    "ListUpdate",
)
"""What follows an enum's class in the names of its inputs."""


def given_out(wanted: Mapping[str, str], reserved: Collection[str], *, ignoring_case: bool = False) -> dict[str, str]:
    """Names given out: for each key the wanted name, with `_` appended until nothing else has it.

    Args:
        wanted: by the name in the schema, in the schema's order.
        reserved: names nobody can have.
        ignoring_case: names that differ by case alone count as the same (files on macOS and Windows).
    """
    folded = str.casefold if ignoring_case else str
    taken: set[str] = set()
    names: dict[str, str] = {}
    plain_first = sorted(wanted.items(), key=lambda item: item[0] != item[1] or item[1] in reserved)
    for key, name in plain_first:
        while name in reserved or folded(name) in taken:
            name += "_"
        taken.add(folded(name))
        names[key] = name
    return {key: names[key] for key in wanted}


class DerivedClasses(NamedTuple):
    """The names of the classes made for a model beside its row."""

    repository: str
    sync_repository: str
    fields: str
    clauses: str
    query: str
    sync_query: str


DERIVED = DerivedClasses("{}Repository", "Sync{}Repository", "{}Fields", "{}Clauses", "{}Query", "Sync{}Query")
"""What they are called where the name is free."""


@dataclass(frozen=True)
class NamedSchema:
    """A schema in Python's names, and the ways back to the names in the schema file."""

    schema: Schema
    """`Model.name` and `Enum.name` are the schema file's; `Model.attribute` and all fields are Python's."""
    classes: Mapping[str, str]
    """The class of each model and enum, by its name in the schema file."""
    enum_inputs: Mapping[str, Mapping[str, str]]
    """The inputs of each enum, by enum and by what follows the enum's class where the name is free (`ENUM_SUFFIXES`)."""
    derived: Mapping[str, DerivedClasses]
    """The classes made for each model beside its row."""
    modules: Mapping[str, str]
    """The module of each model."""
    members: Mapping[str, Mapping[str, str]]
    """The members of each enum in Python, by enum and by their names in the schema file."""
    sources: Mapping[str, Mapping[str, str]]
    """The name in the schema file of each field, by model and by the field's Python name."""


def named(schema: Schema, naming: Naming, memo: Memo) -> NamedSchema:
    """Gives everything in a schema (in the schema file's own names) its Python name."""
    own = [*(enum.name for enum in schema.enums), *(model.name for model in schema.models)]
    classes = given_out({name: name for name in own}, KEYWORDS | CLASSES)
    derived = _derived_classes(schema, {*KEYWORDS, *CLASSES, *classes.values()})
    attributes = given_out({model.name: model.attribute for model in schema.models}, KEYWORDS | CLIENT_ATTRIBUTES)
    modules = given_out(
        {model.name: attributes[model.name] for model in schema.models},
        {*KEYWORDS, *MODULES, *CLASSES, *classes.values(), *chain.from_iterable(derived.values())},
        ignoring_case=True,
    )
    fields = {model.name: memo(_field_names, tuple(field_names(model)), naming) for model in schema.models}
    models = (
        memo(
            _renamed,
            model,
            attributes[model.name],
            fields[model.name],
            tuple([fields[relation.model] for relation in model.relations]),
        )
        for model in schema.models
    )
    return NamedSchema(
        replace(schema, models=tuple(models)),
        classes,
        _enum_inputs(schema, classes),
        derived,
        modules,
        {enum.name: memo(_member_names, enum) for enum in schema.enums},
        {model: memo(_sources, names) for model, names in fields.items()},
    )


def _sources(fields: Mapping[str, str]) -> dict[str, str]:
    return {python: source for source, python in fields.items()}


def field_names(model: Model) -> list[str]:
    """The names of all fields, scalars first."""
    return [*(field.name for field in model.scalars), *(relation.name for relation in model.relations)]


def _derived_classes(schema: Schema, reserved: Collection[str]) -> dict[str, DerivedClasses]:
    """`SyncUserRepository` may be the sync one of `User` or the async one of `SyncUser`: the second asked gets the underscore."""
    wanted = {f"{model.name} {pattern}": pattern.format(model.name) for model in schema.models for pattern in DERIVED}
    names = given_out(wanted, reserved)
    return {
        model.name: DerivedClasses(*(names[f"{model.name} {pattern}"] for pattern in DERIVED))
        for model in schema.models
    }


def _enum_inputs(schema: Schema, classes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The inputs of all enums share a module with the enums: `RoleListFilter` may be of lists of `Role` or of one `RoleList`."""
    wanted = {
        f"{enum.name} {suffix}": f"{classes[enum.name]}{suffix}" for enum in schema.enums for suffix in ENUM_SUFFIXES
    }
    names = given_out(wanted, {*KEYWORDS, *CLASSES, *classes.values()})
    return {enum.name: {suffix: names[f"{enum.name} {suffix}"] for suffix in ENUM_SUFFIXES} for enum in schema.enums}


def _field_names(names: Sequence[str], naming: Naming) -> dict[str, str]:
    spelled = snake_case if naming == "snake_case" else str
    return given_out({name: spelled(name) for name in names}, KEYWORDS | ROW_ATTRIBUTES | COMBINATORS)


def _member_names(enum: Enum) -> dict[str, str]:
    return given_out({value.name: value.name for value in enum.values}, KEYWORDS | ENUM_ATTRIBUTES)


def _renamed(model: Model, attribute: str, own: Mapping[str, str], related: Sequence[Mapping[str, str]]) -> Model:
    """`own` are the names of its fields, `related` those of the fields of the models that its relations lead to."""
    return replace(
        model,
        attribute=attribute,
        scalars=tuple(_renamed_scalar(field, own) for field in model.scalars),
        relations=tuple(
            _renamed_relation(field, own, others) for field, others in zip(model.relations, related, strict=True)
        ),
        id=tuple(own[name] for name in model.id),
        unique_keys=_renamed_keys(model.unique_keys, own),
        options=_renamed_options(model.options, own),
    )


def _renamed_options(options: Mapping[str, Any], own: Mapping[str, str]) -> Mapping[str, Any]:
    renamed: Mapping[str, Any] = with_field_names(options, lambda name: own.get(name, name))
    return renamed


def _renamed_scalar(field: ScalarField, own: Mapping[str, str]) -> ScalarField:
    name = own[field.name]
    if name == field.name and not field.options:
        return field
    column = field.column if name == field.name else field.column_name
    return replace(field, name=name, column=column, options=_renamed_options(field.options, own))


def _renamed_relation(field: RelationField, own: Mapping[str, str], other: Mapping[str, str]) -> RelationField:
    return replace(
        field,
        name=own[field.name],
        opposite=other.get(field.opposite, field.opposite),
        fields=tuple(own[name] for name in field.fields),
        references=tuple(other[name] for name in field.references),
        options=_renamed_options(field.options, own),
    )


def _renamed_keys(keys: Iterable[UniqueKey], own: Mapping[str, str]) -> tuple[UniqueKey, ...]:
    """Single keys go by their field's name, compound ones by their fields' joined, unless the schema names them.

    Of keys on the same fields (`@id @unique`) the first is kept.
    """
    names: list[UniqueKey] = []
    taken = set(own.values())
    for key in keys:
        fields = tuple(own[name] for name in key.fields)
        if any(fields == known.fields for known in names):
            continue
        if len(fields) == 1:
            name = fields[0]
        else:
            name = "_".join(fields) if key.name == "_".join(key.fields) else key.name
            while name in taken:
                name += "_"
            taken.add(name)
        names.append(UniqueKey(name, fields))
    return tuple(names)
