"""The whole schema: blocks to models, enums, relations, datasource and generators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra_gen import ir
from infra_gen.directives import DIRECTIVES, Registry, prose
from infra_gen.directives import values as directives_of
from infra_gen.memo import Memo
from infra_gen.resolve import keys, relations
from infra_gen.resolve.reading import argument, attribute, function, items, names, plain, properties, text
from infra_gen.schema.syntax import (
    ArrayValue,
    Attribute,
    ConfigBlock,
    Document,
    Documentation,
    EnumBlock,
    Field,
    FunctionValue,
    ModelBlock,
    NumberValue,
    Value,
)

PROVIDERS: dict[str, ir.Provider] = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "sqlite": "sqlite",
}


def resolve(document: Document, directives: Registry = DIRECTIVES, memo: Memo | None = None) -> ir.Schema:
    """The IR of a document that passed the checks. A schema without a datasource counts as one for SQLite without URL."""
    memo = memo or Memo()
    blocks = {
        block.name.name: block for block in document.blocks if isinstance(block, ModelBlock) and block.keyword != "type"
    }
    enums = {block.name.name: block for block in document.blocks if isinstance(block, EnumBlock)}
    config = [block for block in document.blocks if isinstance(block, ConfigBlock)]
    datasource = _datasource(next((block for block in config if block.keyword == "datasource"), None), document)
    provider = datasource.provider
    models_called, enums_called = memo.same(frozenset(blocks)), memo.same(frozenset(enums))
    sides = {name: memo(relations.sides, block, models_called) for name, block in blocks.items()}
    listed = [side for found in sides.values() for side in found]
    others = relations.opposites(listed)
    models = {
        name: memo(_model, block, enums_called, sides[name], _names_of(sides[name], others), provider, directives)
        for name, block in blocks.items()
    }
    return ir.Schema(
        datasource=datasource,
        generators=generators(document),
        models=tuple(models.values()),
        enums=tuple(memo(_enum, block, directives) for block in enums.values()),
        relations=_relations(listed, others, models, provider, memo),
    )


def _names_of(sides: Sequence[relations.Side], others: Mapping[tuple[str, str], relations.Side]) -> tuple[str, ...]:
    """What the opposites of relation fields are called."""
    return tuple([others[side.key].field.name.name for side in sides])


def _relations(
    sides: Sequence[relations.Side],
    others: Mapping[tuple[str, str], relations.Side],
    models: Mapping[str, ir.Model],
    provider: ir.Provider,
    memo: Memo,
) -> tuple[ir.Relation, ...]:
    """Each relation once, where its first side stands."""
    seen: set[tuple[str, str]] = set()
    found = []
    for side in sides:
        if side.key in seen:
            continue
        opposite = others[side.key]
        seen |= {side.key, opposite.key}
        model, related = models[side.key[0]], models[side.target]
        # The same relation of a changed model is the same object: its other model is not to be made anew.
        found.append(memo.same(memo(relations.resolve_relation, side, opposite, model, related, provider)))
    return tuple(found)


def _datasource(block: ConfigBlock | None, document: Document) -> ir.Datasource:
    if block is None:
        from infra_gen.schema.source import Span

        return ir.Datasource("db", "sqlite", None, "foreignKeys", (), {}, Span(document.files[0], 0, 0))
    values = {item.name.name: item.value for item in block.properties}
    own = ("provider", "url", "relationMode", "schemas")
    url = values.get("url")
    return ir.Datasource(
        name=block.name.name,
        provider=PROVIDERS[_text(values, "provider")],
        url=plain(url) if url is not None else None,
        relation_mode="prisma" if text(values.get("relationMode")) == "prisma" else "foreignKeys",
        schemas=names(values.get("schemas")),
        properties=properties(values, own),
        span=block.span,
    )


def _text(values: Mapping[str, Value | None], name: str) -> str:
    return text(values.get(name)) or ""


def generators(document: Document) -> tuple[ir.Generator, ...]:
    """The generator blocks, also of a document that has not passed the checks."""
    blocks = (block for block in document.blocks if isinstance(block, ConfigBlock))
    return tuple(_generator(block) for block in blocks if block.keyword == "generator")


def _generator(block: ConfigBlock) -> ir.Generator:
    values = {item.name.name: item.value for item in block.properties}
    provider = values.get("provider")
    return ir.Generator(
        name=block.name.name,
        provider=plain(provider) if provider is not None else "",
        properties=properties(values, ("provider",)),
        documentation=_documentation(block.documentation),
        span=block.span,
    )


def _documentation(documentation: Documentation | None) -> str | None:
    return documentation.text if documentation else None


def _mapped(attributes: Sequence[Attribute], name: str) -> str | None:
    written = attribute(attributes, name)
    return text(argument(written, "name", 0)) if written else None


def _schema_of(attributes: Sequence[Attribute]) -> str | None:
    written = attribute(attributes, "schema")
    return text(argument(written, "map", 0)) if written else None


def _model(
    block: ModelBlock,
    enums: frozenset[str],
    sides: Sequence[relations.Side],
    opposites: Sequence[str],
    provider: ir.Provider,
    directives: Registry,
) -> ir.Model:
    """One model. `sides` are its relation fields, `opposites` what the fields on their other sides are called."""
    name = block.name.name
    mapped = _mapped(block.attributes, "map")
    table = mapped or name
    columns = {field.name.name: _mapped(field.attributes, "map") or field.name.name for field in block.fields}
    key = keys.primary_key(block, table, columns, provider)
    single_id = key.fields[0].name if key and len(key.fields) == 1 else None
    related = {
        side.field.name.name: _relation_field(side, opposite, directives)
        for side, opposite in zip(sides, opposites, strict=True)
    }
    return ir.Model(
        name=name,
        table=table,
        is_mapped=mapped is not None,
        schema=_schema_of(block.attributes),
        is_view=block.keyword == "view",
        is_ignored=attribute(block.attributes, "ignore") is not None,
        fields=tuple(
            related.get(field.name.name) or _scalar_field(field, enums, columns, single_id, directives)
            for field in block.fields
        ),
        primary_key=key,
        indexes=keys.indexes(block, table, columns, provider),
        shard_key=_shard_key(block),
        documentation=_documentation(block.documentation),
        directives=directives_of(block.documentation, directives),
        span=block.span,
        prose=prose(block.documentation, directives),
    )


def _shard_key(block: ModelBlock) -> tuple[str, ...]:
    """Of `@@shardKey([…])`, or the field with `@shardKey`."""
    if written := attribute(block.attributes, "shardKey"):
        return names(argument(written, "fields", 0))
    return tuple(field.name.name for field in block.fields if attribute(field.attributes, "shardKey"))


def _relation_field(side: relations.Side, opposite: str, directives: Registry) -> ir.RelationField:
    field = side.field
    return ir.RelationField(
        name=field.name.name,
        model=side.target,
        arity=field.type.arity,
        relation=relations.full_name(side),
        opposite=opposite,
        fields=side.fields,
        references=side.references,
        on_delete=relations.action(side, "onDelete"),
        on_update=relations.action(side, "onUpdate"),
        is_ignored=attribute(field.attributes, "ignore") is not None,
        documentation=_documentation(field.documentation),
        directives=directives_of(field.documentation, directives),
        span=field.span,
        prose=prose(field.documentation, directives),
    )


def _scalar_field(
    field: Field,
    enums: frozenset[str],
    columns: Mapping[str, str],
    single_id: str | None,
    directives: Registry,
) -> ir.ScalarField:
    name, unsupported = field.name.name, field.type.unsupported
    is_enum = unsupported is None and field.type.name in enums
    default = attribute(field.attributes, "default")
    return ir.ScalarField(
        name=name,
        type=unsupported.value if unsupported else field.type.name,
        arity=field.type.arity,
        column=columns[name],
        is_mapped=attribute(field.attributes, "map") is not None,
        is_enum=is_enum,
        is_unsupported=unsupported is not None,
        is_id=name == single_id,
        is_unique=attribute(field.attributes, "unique") is not None,
        is_updated_at=attribute(field.attributes, "updatedAt") is not None,
        is_ignored=attribute(field.attributes, "ignore") is not None,
        native=_native(field),
        default=_default(argument(default, "value", 0), is_enum=is_enum) if default else None,
        default_name=text(argument(default, "map")) if default else None,
        documentation=_documentation(field.documentation),
        directives=directives_of(field.documentation, directives),
        span=field.span,
        prose=prose(field.documentation, directives),
    )


def _native(field: Field) -> ir.NativeType | None:
    for written in field.attributes:
        _, dot, name = written.name.name.partition(".")
        if dot:
            given = written.arguments.arguments if written.arguments else ()
            return ir.NativeType(name, tuple(item.value.span.text for item in given))
    return None


def _default(value: Value | None, *, is_enum: bool) -> ir.Default | None:
    match value:
        case None:
            return None
        case FunctionValue():
            return _called(function(value))
        case ArrayValue():
            return ir.LiteralDefault(tuple(_literal(item, is_enum) for item in items(value)), value.span.text)
        case _:
            return ir.LiteralDefault(_literal(value, is_enum), value.span.text)


def _called(written: ir.FunctionDefault) -> ir.FunctionDefault:
    """The functions of defaults take one argument at most, and by whatever name: `nanoid(length: 12)` is `nanoid(12)`."""
    return ir.FunctionDefault(written.name, (*written.arguments, *written.named_arguments.values()))


def _literal(value: Value, is_enum: bool) -> Any:
    """A number with a fraction keeps its text, as nothing may pass through float on its way; members of an enum may be called `true`."""
    if isinstance(value, NumberValue) and "." in value.text:
        return value.text
    return text(value) if is_enum else plain(value)


def _enum(block: EnumBlock, directives: Registry) -> ir.Enum:
    mapped = _mapped(block.attributes, "map")
    return ir.Enum(
        name=block.name.name,
        database=mapped or block.name.name,
        is_mapped=mapped is not None,
        schema=_schema_of(block.attributes),
        values=tuple(
            ir.EnumValue(
                member.name.name,
                member.name.name if (own := _mapped(member.attributes, "map")) is None else own,
                own is not None,
                _documentation(member.documentation),
                member.span,
                prose(member.documentation, directives),
            )
            for member in block.members
        ),
        documentation=_documentation(block.documentation),
        directives=directives_of(block.documentation, directives),
        span=block.span,
        prose=prose(block.documentation, directives),
    )
