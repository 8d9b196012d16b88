"""From the IR to the runtime's metadata: what queries need to know, with names as callers spell them.

The generated `schema.py` is this value written down; the dynamic API uses it as it is. Imports the IR and `infra_runtime.schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from infra_gen import ir
from infra_gen.memo import Memo
from infra_gen.naming import snake_case
from infra_runtime import schema as runtime

CLIENT_FUNCTIONS = ("uuid", "cuid", "ulid", "nanoid", "now")
NAMESPACE = "infra."
"""What the names of those directives begin with that are for the runtime."""

Rename = Callable[[str], str]


def unchanged(name: str) -> str:
    return name


def metadata(
    schema: ir.Schema,
    *,
    field_name: Rename = unchanged,
    attribute_name: Callable[[ir.Model], str] | None = None,
    memo: Memo | None = None,
) -> runtime.Schema:
    """The runtime's view of a schema. `field_name` converts names of fields and compound keys; `attribute_name` says a model's client attribute.

    Left out: ignored models, relations to them, unsupported fields. Ignored scalars stay, unreadable, when a key or a relation needs them.
    """
    memo = memo or Memo()
    url = schema.datasource.url
    relations = {
        side: relation
        for relation in schema.relations
        for side in ((relation.model_a, relation.field_a), (relation.model_b, relation.field_b))
    }
    ignored = memo.same(frozenset(model.name for model in schema.models if model.is_ignored))
    attribute_of = attribute_name or default_attribute
    return runtime.Schema(
        provider=schema.datasource.provider,
        models=tuple(
            memo(
                _model,
                model,
                tuple([relations[model.name, field.name] for field in model.relations]),
                ignored,
                field_name,
                attribute_of,
            )
            for model in schema.models
            if not model.is_ignored
        ),
        enums=tuple(memo(_enum, enum, field_name) for enum in schema.enums),
        relation_mode=schema.datasource.relation_mode,
        url=url if isinstance(url, str) else None,
        url_variable=url.name if isinstance(url, ir.EnvironmentVariable) else None,
    )


def _model(
    model: ir.Model,
    relations: Sequence[ir.Relation],
    ignored: frozenset[str],
    field_name: Rename,
    attribute_name: Callable[[ir.Model], str],
) -> runtime.Model:
    """One model. `relations` are those of its relation fields, in their order; `ignored` the models that are left out."""
    return _View(field_name).model(model, relations, ignored, attribute_name(model))


def _enum(enum: ir.Enum, field_name: Rename) -> runtime.Enum:
    return _View(field_name).enum(enum)


def default_attribute(model: ir.Model) -> str:
    """A model's attribute on the client: its name in snake_case, unless `@Python(instance_name: …)` says another."""
    renamed = [item.arguments.get("instance_name") for item in model.directives if item.name == "Python"]
    return next(filter(None, renamed), snake_case(model.name))


def with_field_names(options: Any, rename: Rename) -> Any:
    """What directives say, with another name for each field they name."""
    match options:
        case ir.FieldName():
            return ir.FieldName(rename(options))
        case tuple():
            return tuple(with_field_names(item, rename) for item in options)
        case Mapping():
            return {name: with_field_names(value, rename) for name, value in options.items()}
        case _:
            return options


class _View:
    """The conversion of names."""

    def __init__(self, field_name: Rename) -> None:
        self._field_name = field_name

    def model(
        self, model: ir.Model, relations: Sequence[ir.Relation], ignored: frozenset[str], attribute: str
    ) -> runtime.Model:
        needed = _names_in_keys(model)
        return runtime.Model(
            name=model.name,
            attribute=attribute,
            scalars=tuple(
                self._scalar(field)
                for field in model.scalars
                if not field.is_unsupported and (not field.is_ignored or field.name in needed)
            ),
            relations=tuple(
                self._relation(model, field, relation)
                for field, relation in zip(model.relations, relations, strict=True)
                if not field.is_ignored and field.model not in ignored
            ),
            id=self._names(item.name for item in model.primary_key.fields) if model.primary_key else (),
            unique_keys=self._unique_keys(model),
            table="" if model.table == model.name else model.table,
            schema=model.schema,
            is_view=model.is_view,
            creatable=not any(map(_blocks_creating, model.scalars)),
            options=self._options(model.directives),
        )

    def _options(self, directives: Iterable[ir.Directive]) -> Mapping[str, Any]:
        """What the runtime's parts read of the directives: by their names in a configuration file, `cache` for `infra.cache`."""
        return {
            item.name.removeprefix(NAMESPACE): with_field_names(item.arguments, self._field_name)
            for item in directives
            if item.name.startswith(NAMESPACE)
        }

    def _names(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self._field_name, names))

    def _scalar(self, field: ir.ScalarField) -> runtime.ScalarField:
        name = self._field_name(field.name)
        return runtime.ScalarField(
            name=name,
            type=field.type,
            arity=field.arity,
            column="" if field.column == name else field.column,
            is_enum=field.is_enum,
            native=runtime.NativeType(field.native.name, field.native.arguments) if field.native else None,
            default=_default(field.default),
            updated_at=field.is_updated_at,
            readable=not field.is_ignored,
            options=self._options(field.directives),
        )

    def _relation(self, model: ir.Model, field: ir.RelationField, relation: ir.Relation) -> runtime.RelationField:
        key = relation.foreign_key if field.is_owner else None
        is_link = relation.kind == "many_to_many"
        is_side_a = (relation.model_a, relation.field_a) == (model.name, field.name)
        return runtime.RelationField(
            name=self._field_name(field.name),
            model=field.model,
            arity=field.arity,
            relation=relation.name,
            opposite=self._field_name(field.opposite),
            fields=self._names(field.fields),
            references=self._names(field.references),
            on_delete=key.on_delete if key else None,
            on_update=key.on_update if key else None,
            link=relation.table,
            link_side=("A" if is_side_a else "B") if is_link else "",
            link_schema=relation.schema,
            options=self._options(field.directives),
        )

    def _unique_keys(self, model: ir.Model) -> tuple[runtime.UniqueKey, ...]:
        keys = [(model.primary_key.name, model.primary_key.fields)] if model.primary_key else []
        keys += [
            (index.name, index.fields) for index in model.indexes if index.kind == "unique" and index.where is None
        ]
        return tuple(
            runtime.UniqueKey(
                self._field_name(name) if name else "_".join(self._names(item.name for item in fields)),
                self._names(item.name for item in fields),
            )
            for name, fields in keys
        )

    def enum(self, enum: ir.Enum) -> runtime.Enum:
        return runtime.Enum(
            name=enum.name,
            values=tuple(runtime.EnumValue(value.name, value.database) for value in enum.values),
            type_name="" if enum.database == enum.name else enum.database,
            schema=enum.schema,
            options=self._options(enum.directives),
        )


def _names_in_keys(model: ir.Model) -> set[str]:
    keys = [model.primary_key.fields] if model.primary_key else []
    keys += [index.fields for index in model.indexes if index.kind == "unique"]
    return {item.name for fields in keys for item in fields} | {
        name for relation in model.relations for name in (*relation.fields,)
    }


def _blocks_creating(field: ir.ScalarField) -> bool:
    """A required field that nobody can give and that has no default."""
    return (field.is_ignored or field.is_unsupported) and field.is_required and field.default is None


def _default(default: ir.Default | None) -> runtime.Default | None:
    match default:
        case None:
            return None
        case ir.LiteralDefault(value=value):
            return runtime.Default("value", value)
        case ir.FunctionDefault(name=name, arguments=arguments) if name in CLIENT_FUNCTIONS:
            return runtime.Default("client", function=name, arguments=arguments)
        case ir.FunctionDefault(name=name, arguments=arguments):
            return runtime.Default("database", function=name, arguments=arguments)
