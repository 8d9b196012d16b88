"""Reads ids, unique constraints, indexes and shard keys, with the arguments of their fields.

Imports the syntax tree, the facts and the reading of arguments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from infra_gen.checks import values
from infra_gen.checks.arguments import Arguments, argument_of
from infra_gen.checks.facts import Key, KeyField, Model, RelationField, ScalarField
from infra_gen.checks.operator_classes import OPERATOR_CLASSES
from infra_gen.checks.report import Report
from infra_gen.schema.advice import did_you_mean
from infra_gen.schema.source import Span
from infra_gen.schema.syntax import (
    Argument,
    ConstantValue,
    FunctionValue,
    NumberValue,
    ObjectMember,
    ObjectValue,
    StringValue,
    Value,
)

_SORTS = ("Asc", "Desc")
_INDEX_TYPES = ("BTree", "Hash", "Gist", "Gin", "SpGist", "Brin")
_CLIENT_NAME = re.compile(r"[_a-zA-Z0-9]*\Z")


# ---- on fields


def read_field_id(field: ScalarField, arguments: Arguments) -> None:
    """`@id`."""
    model = field.model
    if model.id is not None:
        arguments.report.error(
            f'Error validating model "{model.name}": At most one field must be marked as the id field with the `@id` '
            "attribute. Use `@@id([…])` for an id of several fields.",
            model.syntax.span,
        )
        arguments.refuse("A second `@id` cannot be, nor can its arguments. Remove it.")
        return
    key = Key("id", model, arguments.attribute)
    key.mapped_name = arguments.take_string("map")
    key.fields = [_field_of_attribute(field, arguments)]
    key.clustered = _read_clustered(arguments)
    model.id = key
    arguments.finish()


def read_field_unique(field: ScalarField, arguments: Arguments) -> None:
    """`@unique`."""
    key = Key("unique", field.model, arguments.attribute)
    key.mapped_name = arguments.take_string("map")
    key.fields = [_field_of_attribute(field, arguments)]
    key.clustered = _read_clustered(arguments)
    key.where = _read_where(field.model, arguments)
    field.model.keys.append(key)
    arguments.finish()


def read_field_shard_key(field: ScalarField, arguments: Arguments) -> None:
    """`@shardKey`."""
    model = field.model
    if model.shard_keys:
        arguments.report.error(
            f'Error validating model "{model.name}": At most one field must be marked as the shard key with the '
            "`@shardKey` attribute. Use `@@shardKey([…])` for several fields.",
            model.syntax.span,
        )
    else:
        model.shard_keys.append(arguments.attribute)
        model.shard_key_fields = [field]
    arguments.finish()


def _field_of_attribute(field: ScalarField, arguments: Arguments) -> KeyField:
    length_value = arguments.take("length")
    length = values.integer(length_value, arguments.report) if length_value else None
    sort_value = arguments.take("sort")
    sort = values.word(sort_value, arguments.report) if sort_value else None
    if sort is not None and sort not in _SORTS:
        arguments.fail(f"The `sort` argument can only be `Asc` or `Desc`, you provided: {sort}.")
        sort = None
    return KeyField(field, sort=sort, length=length)


# ---- on models


def read_model_id(model: Model, arguments: Arguments) -> None:
    """`@@id([…])`."""
    report, attribute = arguments.report, arguments.attribute
    value = arguments.take_main("fields")
    found = _resolve_with_arguments(value, model, attribute.span, report, follow_composites=False) if value else None
    if value is None or found is None or found.report_id_problems(model, value.span, attribute.span, report):
        arguments.discard()
        return
    optional = [item.field.name for item in found.fields if item.field.arity != "required"]
    if optional and not model.is_ignored:
        report.error(
            f'Error validating model "{model.name}": The id definition refers to the optional '
            f"{_fields(optional)}. ID definitions must reference only required fields.",
            attribute.span,
        )
    if model.id is not None:
        report.error(
            f'Error validating model "{model.name}": Each model must have at most one id criteria. You can\'t have '
            "`@id` and `@@id` at the same time.",
            model.syntax.span,
        )
    key = Key("id", model, attribute, fields=list(found.fields))
    key.mapped_name = arguments.take_string("map")
    key.name = _read_client_name(model, arguments)
    key.clustered = _read_clustered(arguments)
    model.id = key
    arguments.finish()


def read_index(model: Model, arguments: Arguments) -> None:
    """`@@index([…])`."""
    key = Key("index", model, arguments.attribute)
    key.fields = _read_key_fields(key, arguments)
    name = arguments.take_string("name")
    mapped_name = arguments.take_string("map")
    if name is not None and mapped_name is not None:
        arguments.fail(
            "The `@@index` attribute accepts the `name` argument as an alias for the `map` argument, not both. Please "
            "use the `map` argument for the name in the database."
        )
    else:
        key.mapped_name = name or mapped_name
    type_value = arguments.take("type")
    algorithm = values.word(type_value, arguments.report) if type_value else None
    if algorithm is not None and algorithm not in _INDEX_TYPES:
        arguments.fail(f"Unknown index type: {algorithm}. Use one of {', '.join(_INDEX_TYPES)}.")
    else:
        key.algorithm = algorithm
    key.clustered = _read_clustered(arguments)
    key.where = _read_where(model, arguments)
    model.keys.append(key)
    arguments.finish()


def read_unique(model: Model, arguments: Arguments) -> None:
    """`@@unique([…])`."""
    key = Key("unique", model, arguments.attribute)
    key.fields = _read_key_fields(key, arguments)
    key.name = _read_client_name(model, arguments)
    key.mapped_name = arguments.take_string("map")
    key.clustered = _read_clustered(arguments)
    key.where = _read_where(model, arguments)
    model.keys.append(key)
    arguments.finish()


def read_fulltext(model: Model, arguments: Arguments) -> None:
    """`@@fulltext([…])`."""
    key = Key("fulltext", model, arguments.attribute)
    key.fields = _read_key_fields(key, arguments)
    key.mapped_name = arguments.take_string("map")
    model.keys.append(key)
    arguments.finish()


def read_model_shard_key(model: Model, arguments: Arguments) -> None:
    """`@@shardKey([…])`."""
    report, attribute = arguments.report, arguments.attribute
    value = arguments.take_main("fields")
    found = resolve_fields(value, model, attribute.span, report) if value else None
    if value is not None and found is not None:
        _read_shard_key_fields(model, found, arguments, value.span)
    arguments.finish()


def _read_shard_key_fields(model: Model, found: ResolvedFields, arguments: Arguments, span: Span) -> None:
    report, attribute = arguments.report, arguments.attribute
    prefix = f'Error validating model "{model.name}": The'
    if found.unknown:
        report.error(
            f"{prefix} multi field shard key declaration refers to the unknown {_fields(found.unknown)}.", span
        )
    if found.relations:
        report.error(
            f"{prefix} shard key definition refers to the relation "
            f"{_fields([item.name for item in found.relations])}. Shard key definitions must reference only scalar "
            "fields.",
            attribute.span,
        )
    if found.untyped:
        report.error(
            f"{prefix} shard key definition refers to the {fields_of_unknown_type(found.untyped)}.", attribute.span
        )
    if found.has_problems:
        return
    fields = [item.field for item in found.fields]
    optional = [field.name for field in fields if field.arity != "required"]
    if optional and not model.is_ignored:
        report.error(
            f"{prefix} shard key definition refers to the optional {_fields(optional)}. Shard key definitions must "
            "reference only required fields.",
            attribute.span,
        )
    if model.shard_keys:
        report.error(
            f'Error validating model "{model.name}": Each model must have at most one shard key. You can\'t have '
            "`@shardKey` and `@@shardKey` at the same time.",
            model.syntax.span,
        )
    model.shard_keys.append(attribute)
    model.shard_key_fields = fields


def check_required_key_fields(model: Model, report: Report) -> None:
    """A field that is the id, or the shard key, must be required, unless the client ignores the whole model."""
    if model.is_ignored:
        return
    if model.id and not model.id.attribute.block and model.id.fields[0].field.arity != "required":
        report.attribute_error(
            "@id",
            "Fields that are marked as id must be required: write the type without `?` or `[]`.",
            model.id.attribute.span,
        )
    if model.shard_keys and not model.shard_keys[-1].block and model.shard_key_fields[0].arity != "required":
        report.attribute_error(
            "@shardKey", "Fields that are marked as shard keys must be required.", model.shard_keys[-1].span
        )


def _read_key_fields(key: Key, arguments: Arguments) -> list[KeyField]:
    value = arguments.take_main("fields")
    if value is None:
        return []
    attribute, report = arguments.attribute, arguments.report
    found = _resolve_with_arguments(value, key.model, attribute.span, report, follow_composites=True)
    if found is None or found.report_index_problems(key, report):
        return []
    return list(found.fields)


def _read_client_name(model: Model, arguments: Arguments) -> str | None:
    """The `name` of a key becomes a name in the client."""
    name = arguments.take_string("name")
    if name is not None and not _CLIENT_NAME.match(name):
        arguments.report.error(
            f'Error validating model "{model.name}": The `name` property within the `{arguments.label}` attribute only '
            "allows for the following characters: `_a-zA-Z0-9`.",
            arguments.attribute.span,
        )
    return name


def _read_clustered(arguments: Arguments) -> bool | None:
    value = arguments.take("clustered")
    return values.boolean(value, arguments.report) if value else None


def _read_where(model: Model, arguments: Arguments) -> Argument | None:
    """The condition of a partial index: `where: raw("…")`, or `where: { active: true }`."""
    argument = argument_of(arguments.attribute, "where")
    value = arguments.take("where")
    if argument is None or value is None:
        return None
    match value:
        case FunctionValue(name=name) if name.name == "raw":
            given = value.arguments.arguments
            text = values.string(given[0].value, arguments.report) if len(given) == 1 else None
            if text is None:
                arguments.fail("The `where` argument takes one string: `where: raw(\"status = 'active'\")`.")
            elif not text:
                arguments.fail("The `where` argument cannot contain an empty string.")
        case ObjectValue(members=()):
            arguments.fail("The `where` argument cannot be an empty object. Write a condition, `{ active: true }`.")
        case ObjectValue(members=members):
            for member in members:
                if problem := _condition_problem(member, model):
                    arguments.fail(problem)
        case _:
            arguments.fail(
                "The `where` argument must be SQL, as in `where: raw(\"status = 'active'\")`, or an object, as in "
                "`where: { active: true }`."
            )
    return argument


_CONDITIONS = "`true`, `false`, `null`, a string, a number, or one of them as in `{ not: null }`"


def _condition_problem(member: ObjectMember, model: Model) -> str | None:
    """What is wrong with one `field: value` of a partial index's condition."""
    name, value = member.name.name, member.value
    if name not in model.fields:
        return f"There is no field `{name}` in the model `{model.name}` for the condition to be about."
    field = model.fields[name]
    if field is None:
        return f"The condition refers to the field `{name}`, whose type is not known."
    if isinstance(field, RelationField):
        return f"The field `{name}` is a relation. A condition can only be about scalar fields."
    if isinstance(value, ObjectValue):
        if len(value.members) != 1:
            return "An object in a condition must have one key: write `{ not: null }` or another value in it."
        if value.members[0].name.name != "not":
            return f"There is no `{value.members[0].name.name}` in conditions. Only `not` is supported."
        value = value.members[0].value
    kind = _kind_in_condition(value)
    if kind is None:
        return f"A condition cannot be about `{values.source_of(value)}`. Write {_CONDITIONS}."
    if field.type.unsupported is not None and kind != "null":
        return f'The field `{name}` has an unsupported type. Write the condition in SQL: `where: raw("…")`.'
    wanted = "String" if field.type.enum else _KINDS_IN_CONDITIONS.get(field.type.builtin or "")
    if kind not in ("null", wanted):
        type_ = field.type.builtin or field.type.enum
        advice = f"a {wanted} or null" if wanted else 'null, or the condition in SQL: `where: raw("…")`'
        return f"The field `{name}` is of type {type_}, but `{values.source_of(value)}` is a {kind}. Write {advice}."
    return None


_KINDS_IN_CONDITIONS = {
    "Boolean": "Boolean",
    "Int": "Number",
    "BigInt": "Number",
    "Float": "Number",
    "Decimal": "Number",
    "String": "String",
    "DateTime": "String",
}


def _kind_in_condition(value: Value) -> str | None:
    match value:
        case ConstantValue(name="true" | "false"):
            return "Boolean"
        case ConstantValue(name="null"):
            return "null"
        case StringValue():
            return "String"
        case NumberValue():
            return "Number"
        case _:
            return None


# ---- fields in lists


@dataclass(frozen=True)
class ResolvedFields:
    """What a list of field names turned out to be."""

    fields: Sequence[KeyField]
    unknown: Sequence[str]
    relations: Sequence[RelationField]
    untyped: Sequence[str]
    """Fields whose type is not known."""

    @property
    def has_problems(self) -> bool:
        return bool(self.unknown or self.relations or self.untyped)

    def report_id_problems(self, model: Model, list_span: Span, span: Span, report: Report) -> bool:
        """Report names that cannot be part of an id. Returns whether there were any."""
        prefix = f'Error validating model "{model.name}": The'
        if self.unknown:
            report.error(
                f"{prefix} multi field id declaration refers to the unknown "
                f"{_fields(self.unknown)}.{_advice(self.unknown, model)}",
                list_span,
            )
        if self.relations:
            names = [field.name for field in self.relations]
            report.error(
                f"{prefix} id definition refers to the relation {_fields(names)}. ID definitions must reference only "
                f"scalar fields.{_suggestion('id', self.relations)}",
                span,
            )
        if self.untyped:
            report.error(f"{prefix} id definition refers to the {fields_of_unknown_type(self.untyped)}.", span)
        return self.has_problems

    def report_index_problems(self, key: Key, report: Report) -> bool:
        """Report names that cannot be part of an index. Returns whether there were any."""
        what = "unique index" if key.is_unique else "index"
        prefix = f'Error validating model "{key.model.name}": The {what} definition refers to the'
        if self.unknown:
            report.error(
                f"{prefix} unknown fields: {', '.join(self.unknown)}.{_advice(self.unknown, key.model)}",
                key.attribute.span,
            )
        if self.relations:
            names = ", ".join(field.name for field in self.relations)
            report.error(
                f"{prefix} relation fields {names}. Index definitions must reference only scalar fields."
                f"{_suggestion(key.attribute.name.name, self.relations)}",
                key.attribute.span,
            )
        if self.untyped:
            report.error(f"{prefix} {fields_of_unknown_type(self.untyped)}.", key.attribute.span)
        return self.has_problems


def resolve_fields(value: Value, model: Model, span: Span, report: Report) -> ResolvedFields | None:
    """A list of plain field names. None: something is wrong that has been reported."""
    words = values.list_of(values.word, value, report)
    if words is None:
        return None
    return _resolve([_Entry(name) for name in words], model, span, report, follow_composites=False)


def _resolve_with_arguments(
    value: Value, model: Model, span: Span, report: Report, *, follow_composites: bool
) -> ResolvedFields | None:
    """A list of field names with arguments: `[title(sort: Desc), slug]`. None: reported."""
    entries = values.list_of(_read_entry, value, report)
    if entries is None:
        return None
    return _resolve(entries, model, span, report, follow_composites=follow_composites)


@dataclass(frozen=True)
class _Entry:
    name: str
    sort: str | None = None
    length: int | None = None
    operator_class: str | None = None
    raw_operator_class: bool = False


def _resolve(
    entries: Sequence[_Entry], model: Model, span: Span, report: Report, *, follow_composites: bool
) -> ResolvedFields | None:
    found: dict[str, KeyField] = {}
    unknown: list[str] = []
    relations: list[RelationField] = []
    untyped: list[str] = []
    for entry in entries:
        if "." in entry.name and follow_composites and _leads_into_composite(entry.name, model):
            continue
        field = model.fields.get(entry.name)
        if entry.name not in model.fields:
            unknown.append(entry.name)
        elif isinstance(field, RelationField):
            relations.append(field)
        elif entry.name in found:
            report.error(
                f'Error validating model "{model.name}": The definition refers to the field {entry.name} multiple '
                "times. Name each field once.",
                span,
            )
            return None
        elif field is None:
            untyped.append(entry.name)
        else:
            found[entry.name] = KeyField(
                field, entry.sort, entry.length, entry.operator_class, entry.raw_operator_class
            )
    return ResolvedFields(list(found.values()), unknown, relations, untyped)


def _leads_into_composite(path: str, model: Model) -> bool:
    """Composite types are refused as such, so what a path names within one does not matter."""
    root = model.fields.get(path.split(".", 1)[0])
    return isinstance(root, ScalarField) and root.type.composite is not None


def _read_entry(value: Value, report: Report) -> _Entry | None:
    match value:
        case ConstantValue(name=name):
            return _Entry(name)
        case FunctionValue():
            return _read_entry_with_arguments(value, report)
        case _:
            values.mismatch("constant literal", value, report)
            return None


def _read_entry_with_arguments(value: FunctionValue, report: Report) -> _Entry:
    given = {item.name.name: item for item in reversed(value.arguments.arguments) if item.name}
    sort = length = operator_class = None
    if "sort" in given:
        sort = values.word(given["sort"].value, report)
        if sort is not None and sort not in _SORTS:
            report.error(f"Unexpected token `{sort}`. Expected one of: Asc, Desc", given["sort"].span)
            sort = None
    if "length" in given:
        length = values.integer(given["length"].value, report)
        length = length if length is not None and length >= 0 else None
    is_raw = False
    if "ops" in given:
        operator_class = _read_operator_class(given["ops"], report)
        is_raw = isinstance(given["ops"].value, FunctionValue)
    return _Entry(value.name.name, sort, length, operator_class, is_raw)


def _read_operator_class(argument: Argument, report: Report) -> str | None:
    match argument.value:
        case ConstantValue(name=name) if name in OPERATOR_CLASSES:
            return name
        case ConstantValue(name=name):
            report.error(
                f'Invalid operator class: {name}. For one that Prisma does not know, write `raw("{name}")`.',
                argument.value.span,
            )
        case FunctionValue(name=function) as call if function.name == "raw":
            given = call.arguments.arguments
            if len(given) != 1:
                report.error(f"Wrong number of arguments for `raw`. Expected: 1, got: {len(given)}", call.span)
            elif isinstance(given[0].value, StringValue):
                return given[0].value.value
            else:
                report.error("Invalid parameter type for `raw`: expected a string.", call.span)
        case _:
            report.error(
                'Unexpected token. Expected an operator class, as in `ops: JsonbPathOps` or `ops: raw("…")`.',
                argument.span,
            )
    return None


# ---- wording


def fields_of_unknown_type(names: Sequence[str]) -> str:
    """Fields that could be columns if their types were known."""
    return f"{_fields(names)}, whose type is not known"


def _advice(unknown: Sequence[str], model: Model) -> str:
    """What one unknown field was probably meant to be."""
    return did_you_mean(unknown[0], model.fields) if len(unknown) == 1 else ""


def _fields(names: Sequence[str]) -> str:
    word = "field" if len(names) == 1 else "fields"
    return f"{word} {', '.join(f'`{name}`' for name in names)}"


def _suggestion(attribute: str, relations: Sequence[RelationField]) -> str:
    """The columns behind relation fields, as the attribute that was probably meant."""
    columns = [field.name for relation in relations for field in relation.fields or ()]
    return f" Did you mean `@@{attribute}([{', '.join(columns)}])`?" if columns else ""
