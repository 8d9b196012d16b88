"""The DMMF's datamodel → the syntax tree that resolution reads, for a schema that Prisma accepted and our parser does not.

What the DMMF says is written in the schema language, node by node, and read by the parser: so one resolution makes the IR, whichever
way a schema comes. Places in what comes out are those of the text where it says the same, and else name what they are of: `User.email`.
Imports the DMMF's form, its spelling, and the schema language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from infra_gen.dmmf import document, spelling
from infra_gen.dmmf.document import Datamodel
from infra_gen.failure import Failure
from infra_gen.resolve.keys import KINDS
from infra_gen.resolve.names import relation_name
from infra_gen.resolve.reading import argument, attribute, items, text
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SourceFile
from infra_gen.schema.syntax import (
    ArgumentList,
    Attribute,
    Block,
    ConfigBlock,
    Document,
    Documentation,
    EnumBlock,
    EnumMember,
    Field,
    FunctionValue,
    ModelBlock,
)

Named = TypeVar("Named", ModelBlock, EnumBlock, EnumMember, Field)
Holder: TypeAlias = ModelBlock | EnumBlock | Field
MORE_EXACT = ("default", "id", "unique")
"""Attributes of fields that the text says more exactly: `1.50` is a number in the DMMF, `uuid(4)` is `uuid()`, a partial key has no condition."""
UNTOLD_OF_BLOCKS = ("schema", "shardKey")
UNTOLD_OF_FIELDS = ("shardKey",)
"""Attributes that the DMMF says of nothing, or not of everything; beside them native types, in Prisma 5."""
UNTOLD_OF_RELATIONS = ("onUpdate", "map")


class UnreadableDmmfError(Failure):
    """A DMMF in another form than that of Prisma 5 to 7."""


def datamodel_of(value: Any) -> Datamodel:
    """A DMMF's datamodel, as it came. Errors: UnreadableDmmfError where it has not that form."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Datamodel).validate_python(_filled(value))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableDmmfError(
            f"Prisma's DMMF has a form that infra-gen does not know: {place}: {first['msg']}"
        ) from None


def _filled(value: Any) -> Any:
    """With nulls for what Prisma 5 does not say: the schemas of models, and native types."""
    match value:
        case {"models": [*models]}:
            return {**value, "models": [_filled_model(model) for model in models]}
    return value


def _filled_model(model: Any) -> Any:
    match model:
        case {"fields": [*fields]}:
            filled = [{"nativeType": None, **field} if isinstance(field, dict) else field for field in fields]
            return {"schema": None, **model, "fields": filled}
    return model


def syntax_tree(told: Datamodel, configuration: Iterable[ConfigBlock], written: Document) -> Document:
    """The schema of a datamodel.

    Args:
        configuration: the datasource and the generators, which are not in the DMMF.
        written: what could be read of the schema's text. It gives what the DMMF has not: which models are views, the order among them,
            what is ignored or of an unsupported type, defaults to the letter, schemas of enums.
    """
    models = {block.name.name: block for block in written.blocks if isinstance(block, ModelBlock)}
    enums = {block.name.name: block for block in written.blocks if isinstance(block, EnumBlock)}
    read: list[Block] = [*configuration]
    read += [_enum(enum, enums.get(enum["name"])) for enum in told["enums"]]
    made = [
        _model(
            model, [index for index in told["indexes"] if index["model"] == model["name"]], models.get(model["name"])
        )
        for model in told["models"]
    ]
    read += _paired(_in_written_order(made, list(models.values()), _is_ignored))
    return Document(written.files, tuple(read))


# ---- models


def _model(told: document.Model, indexes: Sequence[document.Index], written: ModelBlock | None) -> ModelBlock:
    name = told["name"]
    written_fields = {field.name.name: field for field in written.fields} if written else {}
    hidden = [field for field in written_fields.values() if _is_hidden(field)]
    there = {field["name"] for field in told["fields"]} | {field.name.name for field in hidden}
    kept = [index for index in indexes if all(field["name"] in there for field in index["fields"])]
    fields = [
        _field(field, name, [index for index in kept if _is_of(index, field)], written_fields.get(field["name"]))
        for field in told["fields"]
    ]
    block = _parsed(name, spelling.model(told, kept), ModelBlock)
    of_block = [index for index in kept if not index["isDefinedOnField"]]
    keys = zip(of_block, block.attributes, strict=False)
    return replace(
        block,
        keyword=written.keyword if written else block.keyword,
        attributes=(
            *_keys(keys, told, written),
            *block.attributes[len(of_block) :],
            *_untold(block, written, UNTOLD_OF_BLOCKS),
        ),
        fields=tuple(_in_written_order(fields, list(written_fields.values()), _is_hidden)),
        documentation=_documentation(told, block, written),
    )


def _is_of(index: document.Index, field: document.Field) -> bool:
    """Does it stand on the field?"""
    return index["isDefinedOnField"] and index["fields"][0]["name"] == field["name"]


def _keys(
    made: Iterable[tuple[document.Index, Attribute]], told: document.Model, written: ModelBlock | None
) -> Iterator[Attribute]:
    """The keys of a block as the text has them, in its order; then those that only the DMMF has.

    Of a partial one, it does not have the condition, and says that it is one by what it leaves out.
    """
    also = (
        {_place_of(item): item for item in written.attributes if item.name.name in KINDS or item.name.name == "id"}
        if written
        else {}
    )
    found = {_place_of(item): (index, item) for index, item in made}
    yield from (item for place, item in also.items() if place in found)
    for place, (index, item) in found.items():
        is_whole = index["type"] != "unique" or _named_key(index) in told["uniqueIndexes"]
        if place not in also and is_whole:
            yield item


def _named_key(index: document.Index) -> document.NamedKey:
    return {"name": index.get("name"), "fields": [field["name"] for field in index["fields"]]}


def _place_of(item: Attribute) -> tuple[str, tuple[str, ...], str | None]:
    """What tells a key of a block from the others: its kind, its fields, its name in the database."""
    listed = items(argument(item, "fields", 0))
    names = tuple(value.name.name if isinstance(value, FunctionValue) else text(value) or "" for value in listed)
    name = text(argument(item, "map"))
    if name is None and item.name.name in ("index", "fulltext"):
        name = text(argument(item, "name"))
    return item.name.name, names, name


def _field(told: document.Field, owner: str, indexes: Sequence[document.Index], written: Field | None) -> Field:
    """
    Args:
        indexes: those that stand on the field.
    """
    if written is None:
        # A partial key has a condition, which the DMMF does not have, and makes no field unique.
        indexes = [index for index in indexes if index["type"] != "unique" or told["isUnique"] or told["isId"]]
    field = _only(_parsed(f"{owner}.{told['name']}", spelling.field(told, owner, indexes), ModelBlock).fields)
    attributes = [*field.attributes, *_untold(field, written, UNTOLD_OF_FIELDS), *_untold_native(field, written)]
    return replace(
        field,
        attributes=tuple(_exact(item, written) for item in attributes),
        documentation=_documentation(told, field, written),
    )


def _exact(made: Attribute, written: Field | None) -> Attribute:
    """An attribute as the text has it where that says more."""
    also = attribute(written.attributes, made.name.name) if written else None
    if also is None:
        return made
    if made.name.name == "relation":
        told = made.arguments.arguments if made.arguments else ()
        given = {item.name.name for item in told if item.name}
        more = [item for item in (also.arguments.arguments if also.arguments else ()) if item.name]
        added = [
            item for item in more if item.name and item.name.name in UNTOLD_OF_RELATIONS and item.name.name not in given
        ]
        return replace(made, arguments=ArgumentList((*told, *added), (), None, made.span)) if added else made
    return also if made.name.name in MORE_EXACT else made


def _untold_native(made: Field, written: Field | None) -> Iterator[Attribute]:
    if written and not any(map(_is_native, made.attributes)):
        yield from (item for item in written.attributes if _is_native(item))


def _is_native(item: Attribute) -> bool:
    return "." in item.name.name


def _is_ignored(block: ModelBlock) -> bool:
    return attribute(block.attributes, "ignore") is not None


def _is_hidden(field: Field) -> bool:
    """Does the DMMF leave it out?"""
    return field.type.unsupported is not None or attribute(field.attributes, "ignore") is not None


# ---- enums


def _enum(told: document.Enum, written: EnumBlock | None) -> EnumBlock:
    members = {member.name.name: member for member in written.members} if written else {}
    block = _parsed(told["name"], spelling.enum(told), EnumBlock)
    return replace(
        block,
        members=tuple(_member(value, told["name"], members.get(value["name"])) for value in told["values"]),
        attributes=(*block.attributes, *_untold(block, written, UNTOLD_OF_BLOCKS)),
        documentation=_documentation(told, block, written),
    )


def _member(told: document.EnumValue, owner: str, written: EnumMember | None) -> EnumMember:
    member = _only(_parsed(f"{owner}.{told['name']}", spelling.enum_value(told, owner), EnumBlock).members)
    return replace(member, documentation=_documentation(told, member, written))


# ---- what is common to them


def _parsed(place: str, source: str, kind: type[Named]) -> Named:
    """A block of that source; in messages, `place` is the name of its file."""
    tree, wrong = parse((SourceFile(place, source),))
    if wrong or len(tree.blocks) != 1 or not isinstance(tree.blocks[0], kind):
        raise UnreadableDmmfError(
            f"What Prisma's DMMF says of `{place}` cannot be written in the schema language: {source!r}"
        )
    return tree.blocks[0]


def _only(items: Sequence[Named]) -> Named:
    (item,) = items
    return item


def _untold(made: Holder, written: Holder | None, names: Sequence[str]) -> Iterator[Attribute]:
    """The attributes of those names that only the text has."""
    for name in names:
        found = attribute(written.attributes, name) if written else None
        if found is not None and attribute(made.attributes, name) is None:
            yield found


def _documentation(told: Mapping[str, Any], made: Named, written: Named | None) -> Documentation | None:
    """As it is written, where that is what the DMMF says, so that messages have its place."""
    also = written.documentation if written else None
    return also if also is not None and told.get("documentation", also.text) == also.text else made.documentation


def _in_written_order(made: Sequence[Named], written: Sequence[Named], is_left_out: Any) -> list[Named]:
    """What was made, and what is written but left out of the DMMF, in the order of the text; what is not in the text follows the one before it."""
    by_name = {item.name.name: item for item in made}
    order = [
        item
        for item in (by_name.get(item.name.name) or item for item in written)
        if item.name.name in by_name or is_left_out(item)
    ]
    names = [item.name.name for item in order]
    for before, item in zip((None, *made), made, strict=False):
        if item.name.name not in names:
            at = names.index(before.name.name) + 1 if before is not None else 0
            names.insert(at, item.name.name)
            order.insert(at, item)
    return order


def _paired(models: Sequence[ModelBlock]) -> Iterator[ModelBlock]:
    """The models without the relation fields whose other side is in no model: it could not be read."""
    names = {model.name.name for model in models}
    sides = Counter(key for model in models for field in model.fields if (key := _relation(model, field, names)))
    for model in models:
        kept = (field for field in model.fields if (key := _relation(model, field, names)) is None or sides[key] == 2)
        yield replace(model, fields=tuple(kept))


def _relation(model: ModelBlock, field: Field, models: set[str]) -> tuple[frozenset[str], str] | None:
    """What the two sides of a relation have in common; None for what is no relation."""
    if field.type.unsupported is not None or field.type.name not in models:
        return None
    named = attribute(field.attributes, "relation")
    name = text(argument(named, "name", 0)) if named else None
    ends = model.name.name, field.type.name
    return frozenset(ends), name or relation_name(*ends)
