"""Reads the blocks of a document into facts, and checks on the way what can be seen in one place: types of fields,
attributes and their arguments.

Imports the syntax tree, the facts, the reading of arguments, and the readers of single attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from infra_gen.checks import defaults, keys, relation_fields
from infra_gen.checks.arguments import Arguments, AttributeSet
from infra_gen.checks.facts import Enum, Model, NativeTypeUse, RelationField, ScalarField, ScalarType
from infra_gen.checks.names import BUILTIN_TYPES
from infra_gen.checks.report import Report
from infra_gen.checks.values import source_of, string
from infra_gen.schema.advice import did_you_mean
from infra_gen.schema.syntax import (
    Attribute,
    Block,
    ConfigBlock,
    Document,
    EnumBlock,
    Field,
    ModelBlock,
    StringValue,
)


class Types:
    """The types a field can name. Where two blocks share a name (an error reported elsewhere) the later counts."""

    def __init__(self, document: Document) -> None:
        self._models: dict[str, Model] = {}
        self._others: dict[str, ScalarType] = {}
        self.models: list[Model] = []
        self.enums: list[Enum] = []
        self.composites: list[ModelBlock] = []
        self.members: dict[str, frozenset[str]] = {}
        self.blocks: dict[str, Block] = {}
        """The block of each type."""
        for block in document.blocks:
            if isinstance(block, ConfigBlock):
                continue
            name = block.name.name
            self._models.pop(name, None)
            self._others.pop(name, None)
            self.blocks[name] = block
            if isinstance(block, EnumBlock):
                self.enums.append(Enum(block))
                self.members[name] = frozenset(member.name.name for member in block.members)
                self._others[name] = ScalarType(enum=name)
            elif block.keyword == "type":
                self.composites.append(block)
                self._others[name] = ScalarType(composite=name)
            else:
                model = Model(block)
                self.models.append(model)
                self._models[name] = model

    @property
    def names(self) -> list[str]:
        """The names of all types there are."""
        return [*self._models, *self._others, *_BUILTINS]

    def of(self, field: Field) -> ScalarType | Model | None:
        """What the type of a field is; None where there is no such type."""
        if field.type.unsupported is not None:
            return ScalarType(unsupported=field.type.unsupported.value)
        name = field.type.name
        if name in _BUILTINS:
            return _BUILTINS[name]
        return self._models.get(name) or self._others.get(name)


_BUILTINS = {name: ScalarType(builtin=name) for name in BUILTIN_TYPES}


def read_facts(models: Sequence[Model], types: Types, report: Report) -> None:
    """Read these models, all enums and all composite types into facts, and report what is wrong with them.

    The models they are related to are read, too, as rules look at both ends of a relation; so where `models` are not all there are,
    the others must be known to be in order.
    """
    _read_fields(models, types, report)
    related = _related_to(models)
    _read_fields(related, types, report)
    # What the related models refer to must have fields by then, if no more.
    _read_fields(_related_to([*models, *related]), types, report)
    for composite in types.composites:
        for field in composite.fields:
            _check_composite_field_type(composite, field, types, report)
    for enum in types.enums:
        if not enum.syntax.members:
            report.error(
                "Error validating: An enum must have at least one value. Add one, or remove the enum.",
                enum.syntax.span,
            )
    for model in (*models, *related):
        report.about = model
        for relation_field in model.relations:
            relation_fields.read(relation_field, report)
    for model in (*models, *related):
        report.about = model
        _read_model_attributes(model, types, report)
    report.about = None
    for enum in types.enums:
        _read_enum_attributes(enum, report)
    for composite in types.composites:
        _read_composite_attributes(composite, types, report)


def _related_to(models: Iterable[Model]) -> list[Model]:
    """The models that relations of these lead to, without these."""
    given = dict.fromkeys(models)
    return list(
        dict.fromkeys(field.related for model in given for field in model.relations if field.related not in given)
    )


# ---- types of fields


def _read_fields(models: Iterable[Model], types: Types, report: Report) -> None:
    for model in models:
        report.about = model
        for field in model.syntax.fields:
            _read_field(model, field, types, report)
    report.about = None


def _read_field(model: Model, syntax: Field, types: Types, report: Report) -> None:
    type_ = types.of(syntax)
    if isinstance(type_, ScalarType):
        scalar = ScalarField(model, syntax, type_)
        model.scalars.append(scalar)
        model.fields[syntax.name.name] = scalar
    elif type_ is not None:
        relation = RelationField(model, syntax, type_)
        model.relations.append(relation)
        model.fields[syntax.name.name] = relation
    else:
        model.fields[syntax.name.name] = None
        _report_unknown_type(syntax, types, report)


def _check_composite_field_type(composite: ModelBlock, syntax: Field, types: Types, report: Report) -> None:
    match types.of(syntax):
        case Model() as related:
            report.error(
                f'Error validating composite type "{composite.name.name}": {related.name} refers to a model, making '
                "this a relation field. Relation fields inside composite types are not supported.",
                syntax.type.span,
            )
        case None:
            _report_unknown_type(syntax, types, report)
        case _:
            pass


def _report_unknown_type(syntax: Field, types: Types, report: Report) -> None:
    name = syntax.type.name
    message = f'Type "{name}" is neither a built-in type, nor refers to another model, composite type, or enum.'
    report.error(message + did_you_mean(name, types.names), syntax.type.span)


# ---- attributes of models


def _read_model_attributes(model: Model, types: Types, report: Report) -> None:
    mapped: dict[str, ScalarField] = {}
    for field in model.scalars:
        _read_scalar_attributes(field, types, mapped, report)
    attributes = AttributeSet(model.syntax.attributes, report)
    if arguments := attributes.single("ignore"):
        _read_model_ignore(model, arguments)
    if arguments := attributes.single("id"):
        keys.read_model_id(model, arguments)
    if arguments := attributes.single("map"):
        model.mapped_name = _read_name(arguments, "name")
    if arguments := attributes.single("schema"):
        model.schema = _read_schema(arguments)
    for arguments in attributes.each("index"):
        keys.read_index(model, arguments)
    for arguments in attributes.each("unique"):
        keys.read_unique(model, arguments)
    for arguments in attributes.each("fulltext"):
        keys.read_fulltext(model, arguments)
    if arguments := attributes.single("shardKey"):
        keys.read_model_shard_key(model, arguments)
    attributes.finish()
    keys.check_required_key_fields(model, report)


def _read_scalar_attributes(field: ScalarField, types: Types, mapped: dict[str, ScalarField], report: Report) -> None:
    if not field.syntax.attributes:
        return
    attributes = AttributeSet(field.syntax.attributes, report)
    for name, arguments in attributes.singles(
        "map", "ignore", "relation", "id", "updatedAt", "default", "unique", "shardKey"
    ):
        match name:
            case "map":
                field.mapped_name = _read_name(arguments, "name")
                _check_distinct_column(field, mapped, report)
            case "ignore":
                _read_field_ignore(field, arguments)
            case "relation":
                arguments.fail(
                    "Invalid field type, not a relation. Give the field a model as its type or remove `@relation`."
                )
                arguments.finish()
            case "id":
                keys.read_field_id(field, arguments)
            case "updatedAt":
                _read_updated_at(field, arguments)
            case "default":
                defaults.read(field, types.members, arguments)
            case "unique":
                keys.read_field_unique(field, arguments)
            case "shardKey":
                keys.read_field_shard_key(field, arguments)
    if field.type.builtin and (native := attributes.native_type()):
        field.native_type = _read_native_type(native)
    attributes.finish()


def _read_name(arguments: Arguments, argument: str) -> str | None:
    """The one string an attribute takes: `@map("…")`."""
    value = arguments.take_main(argument)
    name = string(value, arguments.report) if value else None
    arguments.finish()
    return name


def _read_schema(arguments: Arguments) -> StringValue | None:
    value = arguments.take_main("map")
    if value:
        string(value, arguments.report)
    arguments.finish()
    return value if isinstance(value, StringValue) else None


def _read_native_type(attribute: Attribute) -> NativeTypeUse:
    scope, name = attribute.name.name.split(".", 1)
    given = attribute.arguments.arguments if attribute.arguments else ()
    return NativeTypeUse(scope, name, tuple(source_of(item.value) for item in given), attribute.span)


def _check_distinct_column(field: ScalarField, mapped: dict[str, ScalarField], report: Report) -> None:
    """Two fields cannot be one column."""
    name = field.mapped_name
    if name is None:
        return
    clashes = name in mapped
    mapped[name] = field
    other = field.model.fields.get(name)
    if isinstance(other, ScalarField) and other is not field:
        clashes = clashes or other.mapped_name in (None, name)
    if clashes:
        report.error(
            f'Field "{field.name}" is already defined on {field.model.keyword} "{field.model.name}": another field is '
            f"the column `{name}`. Map one of them to another column.",
            field.syntax.span,
        )


def _read_field_ignore(field: ScalarField, arguments: Arguments) -> None:
    if field.type.unsupported is not None:
        arguments.fail(
            "Fields of type `Unsupported` cannot take an `@ignore` attribute. They are already ignored by the client; "
            "remove it."
        )
    else:
        field.is_ignored = True
    arguments.finish()


def _read_updated_at(field: ScalarField, arguments: Arguments) -> None:
    if field.type.builtin != "DateTime":
        arguments.fail("Fields that are marked with @updatedAt must be of type DateTime.")
    if field.arity == "list":
        arguments.fail("Fields that are marked with @updatedAt cannot be lists.")
    arguments.finish()


def _read_model_ignore(model: Model, arguments: Arguments) -> None:
    model.is_ignored = True
    for field in model.scalars:
        if field.is_ignored:
            arguments.report.attribute_error(
                "@ignore",
                "Fields on an already ignored model do not need an `@ignore` annotation; remove it.",
                field.syntax.span,
            )
    arguments.finish()


# ---- attributes of enums and composite types


def _read_enum_attributes(enum: Enum, report: Report) -> None:
    for member in enum.syntax.members:
        if member.attributes:
            attributes = AttributeSet(member.attributes, report)
            if arguments := attributes.single("map"):
                _read_name(arguments, "name")
            attributes.finish()
    attributes = AttributeSet(enum.syntax.attributes, report)
    if arguments := attributes.single("map"):
        enum.mapped_name = _read_name(arguments, "name")
    if arguments := attributes.single("schema"):
        enum.schema = _read_schema(arguments)
    attributes.finish()


def _read_composite_attributes(composite: ModelBlock, types: Types, report: Report) -> None:
    """Composite types are refused by every database served; their attributes are read so that all errors are told."""
    # The name a mapped field is called by is free for those behind it, as in Prisma.
    called, stored = {field.name.name for field in composite.fields}, set[str]()
    for field in composite.fields:
        type_ = types.of(field)
        attributes = AttributeSet(field.attributes, report)
        if isinstance(type_, ScalarType) and type_.builtin:
            attributes.native_type()
        if (arguments := attributes.single("map")) and (name := _read_name(arguments, "name")) is not None:
            called.discard(field.name.name)
            if name in called | stored:
                report.error(
                    f'Field "{field.name.name}" is already defined on composite type "{composite.name.name}": another '
                    f"field is stored as `{name}`. Map one of them to another name.",
                    field.span,
                )
            stored.add(name)
        if arguments := attributes.single("default"):
            defaults.read_of_composite(field, type_, types.members, arguments)
        attributes.finish()


def models_in_order(models: Iterable[Model]) -> tuple[Model, ...]:
    """Models first, then views."""
    every = tuple(models)
    return tuple(model for model in every if not model.is_view) + tuple(model for model in every if model.is_view)
