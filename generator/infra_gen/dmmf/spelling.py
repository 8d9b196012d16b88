"""The DMMF's nodes in the schema language: what Prisma read, written again. Imports the DMMF's form and the IR's names of types.

Nothing that the DMMF says is lost; what it has not (the exact text of numbers, predicates of partial indexes …) is not made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from infra_gen import ir
from infra_gen.dmmf.defaults import VERSIONS_IN_FORCE
from infra_gen.dmmf.document import Enum, EnumValue, Field, Function, Index, IndexField, Model, Value
from infra_gen.resolve.names import relation_name

_WORD = re.compile(r"[A-Za-z]\w*", re.ASCII)
_UNQUOTED = ("Int", "BigInt", "Float", "Decimal")
"""Types whose literals are written bare, be they text in JSON."""


def model(told: Model, indexes: Sequence[Index]) -> str:
    """A model's name, documentation and attributes; its fields come one by one, see `field`."""
    keys = [_of_block(index) for index in indexes if not index["isDefinedOnField"]]
    return _block(f"model {told['name']}", told, [*keys, *_block_names(told)])


def field(told: Field, owner: str, indexes: Sequence[Index]) -> str:
    """A field, as the only one of its model. `indexes` are those that stand on it."""
    written = " ".join((told["name"], _type(told), *_attributes(told, owner, indexes)))
    return "\n".join((f"model {owner} {{", *_comments(told, "  "), f"  {written}", "}", ""))


def enum(told: Enum) -> str:
    """An enum without its values."""
    return _block(f"enum {told['name']}", told, [*_block_names(told)])


def enum_value(told: EnumValue, owner: str) -> str:
    """A value, as the only one of its enum."""
    return "\n".join((f"enum {owner} {{", *_comments(told, "  "), f"  {told['name']}{_map(told)}", "}", ""))


def is_of_unknown_type(told: Field) -> bool:
    """Is it of a type that this toolkit has no values for?"""
    return told["kind"] != "object" and told["kind"] != "enum" and told["type"] not in ir.SCALAR_TYPES


def quoted(text: str) -> str:
    """A string literal: those of the language are JSON's."""
    return json.dumps(text, ensure_ascii=False)


def _block(head: str, told: Model | Enum, lines: Sequence[str]) -> str:
    return "\n".join((*_comments(told, ""), f"{head} {{", *(f"  {line}" for line in lines), "}", ""))


def _comments(told: Model | Field | Enum | EnumValue, indent: str) -> Iterator[str]:
    documentation = told.get("documentation")
    if documentation is not None:
        yield from (f"{indent}/// {line}".rstrip() for line in documentation.split("\n"))


def _block_names(told: Model | Enum) -> Iterator[str]:
    if name := told.get("dbName"):
        yield f"@@map({quoted(name)})"
    if schema := told.get("schema"):
        yield f"@@schema({quoted(str(schema))})"


def _map(told: Field | EnumValue) -> str:
    name = told.get("dbName")
    return "" if name is None else f" @map({quoted(name)})"


def _type(told: Field) -> str:
    name = f"Unsupported({quoted(told['type'])})" if is_of_unknown_type(told) else told["type"]
    return f"{name}{'[]' if told['isList'] else '' if told['isRequired'] else '?'}"


# ---- attributes of fields


def _attributes(told: Field, owner: str, indexes: Sequence[Index]) -> Iterator[str]:
    for index in indexes:
        name = "@id" if index["type"] == "id" else "@unique"
        yield name + _arguments((*_of_index(index), *_of_index_field(index["fields"][0])))
    if "default" in told and told["hasDefaultValue"]:
        yield f"@default({_default(told, told['default'])})"
    if told["isUpdatedAt"]:
        yield "@updatedAt"
    if told["kind"] == "object":
        yield f"@relation{_arguments(tuple(_relation(told, owner)))}"
    if native := told.get("nativeType"):
        yield f"@db.{native[0]}{_arguments(native[1])}"
    if name := _map(told):
        yield name.strip()


def _relation(told: Field, owner: str) -> Iterator[str]:
    # A name that is the default one is said by no side, or by both.
    if (name := told.get("relationName")) and name != relation_name(owner, told["type"]):
        yield quoted(name)
    if told.get("relationFromFields"):
        yield f"fields: [{', '.join(told.get('relationFromFields', ()))}]"
        yield f"references: [{', '.join(told.get('relationToFields', ()))}]"
    if action := told.get("relationOnDelete"):
        yield f"onDelete: {action}"
    if action := told.get("relationOnUpdate"):
        yield f"onUpdate: {action}"


def _default(told: Field, value: Value | list[Value] | Function) -> str:
    if isinstance(value, dict):
        return _call(value)
    if isinstance(value, list):
        return f"[{', '.join(_literal(told, item) for item in value)}]"
    return _literal(told, value)


def _call(function: Function) -> str:
    """Prisma 5 has the version that is in force in the name of the function: `uuid(4)`. It is what the function means without."""
    name, _, version = function["name"].removesuffix(")").partition("(")
    arguments = function["args"] or ([int(version)] if version.isdecimal() else [])
    if arguments == [VERSIONS_IN_FORCE.get(name)]:
        arguments = []
    return f"{name}({', '.join(map(_plain, arguments))})"


def _literal(told: Field, value: Value) -> str:
    if isinstance(value, str) and (told["kind"] == "enum" or told["type"] in _UNQUOTED):
        # A number that no float holds is text, and a string in the schema as well.
        return value if _WORD.fullmatch(value) or told["type"] == "BigInt" else quoted(value)
    return _plain(value)


def _plain(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return format(Decimal(repr(value)), "f")
        case int():
            return str(value)
        case str():
            return quoted(value)


# ---- keys and indexes


def _of_block(index: Index) -> str:
    kind = {"id": "@@id", "unique": "@@unique", "normal": "@@index", "fulltext": "@@fulltext"}[index["type"]]
    name = index.get("name")
    fields = ", ".join(item["name"] + _arguments(tuple(_of_index_field(item))) for item in index["fields"])
    said = (f"[{fields}]", *((f"name: {quoted(name)}",) if name else ()), *_of_index(index))
    return f"{kind}({', '.join(said)})"


def _of_index(index: Index) -> Iterator[str]:
    if (name := index.get("dbName")) is not None:
        yield f"map: {quoted(name)}"
    if algorithm := index.get("algorithm"):
        yield f"type: {algorithm}"
    if (clustered := index.get("clustered")) is not None:
        yield f"clustered: {_plain(clustered)}"


def _of_index_field(told: IndexField) -> Iterator[str]:
    if length := told.get("length"):
        yield f"length: {length}"
    if sort := told.get("sortOrder"):
        yield f"sort: {sort.capitalize()}"
    if operator_class := told.get("operatorClass"):
        yield f"ops: {operator_class if _WORD.fullmatch(operator_class) else f'raw({quoted(operator_class)})'}"


def _arguments(said: Sequence[str]) -> str:
    return f"({', '.join(said)})" if said else ""
