"""Does an IR hold together? What the checks promise of a schema that was written, a plug-in has to keep. Imports `ir`."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from infra_gen import ir
from infra_gen.schema.source import Span

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def problems(schema: Any) -> list[str]:
    """What is wrong with a schema, a sentence each; empty for one that holds together."""
    if not isinstance(schema, ir.Schema):
        return [f"it is {_shown(schema)}, and no infra_gen.ir.Schema."]
    # What is of the wrong type cannot be asked for more.
    return list(_types(schema, ir.Schema, "schema")) or list(_meanings(schema))


# The types of values


def _types(value: Any, expected: Any, path: str) -> Iterator[str]:
    if not _is(value, expected):
        yield f"{path} is {_shown(value)}: it takes {_name(expected)}."
    elif is_dataclass(value) and not isinstance(value, (type, Span)):
        for name, kind in _hints(type(value)).items():
            label = f"{path}.{name}"
            yield from _types(getattr(value, name), kind, label)
    elif isinstance(value, tuple) and get_origin(expected) is tuple:
        for item in value:
            yield from _types(item, get_args(expected)[0], f"{path}[{getattr(item, 'name', '')}]")


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _is(value: Any, expected: Any) -> bool:
    """Is a value of a type as far as can be seen without looking into it?"""
    origin = get_origin(expected)
    if expected is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(_is(value, item) for item in get_args(expected))
    if origin is Literal:
        return value in get_args(expected)
    return isinstance(value, origin or expected)


def _name(expected: Any) -> str:
    if get_origin(expected) is Literal:
        return " or ".join(map(repr, get_args(expected)))
    if isinstance(expected, type) and get_origin(expected) is None:
        return expected.__name__
    return str(expected).replace("infra_gen.ir.", "").replace("typing.", "")


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, (str, int, type(None))) else f"a {type(value).__name__}"


# What they mean together


def _meanings(schema: ir.Schema) -> Iterator[str]:
    yield from _twice("model or enum", [*(item.name for item in schema.models), *(item.name for item in schema.enums)])
    yield from _twice(
        "table", [".".join(filter(None, (item.schema, item.table))) for item in schema.models if not item.is_view]
    )
    for enum in schema.enums:
        yield from _twice(f"value of `{enum.name}`", [value.name for value in enum.values])
        if not enum.values:
            yield f"The enum `{enum.name}` has no values."
    for model in schema.models:
        yield from _model(schema, model)
    yield from _relations(schema)


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"There are two of the {what} `{name}`."
        if not _NAME.fullmatch(name) and what.startswith(("model", "field", "value")):
            yield f"The {what} `{name}` has a name that no schema could have."
        seen.add(name)


def _model(schema: ir.Schema, model: ir.Model) -> Iterator[str]:
    yield from _twice(f"field of `{model.name}`", [item.name for item in model.fields])
    yield from _twice(f"column of `{model.name}`", [item.column for item in model.scalars])
    for field in model.scalars:
        label = f"The field `{model.name}.{field.name}`"
        if field.is_enum and field.type not in schema.enum:
            yield f"{label} is of the enum `{field.type}`, which is not there."
        elif not field.is_enum and not field.is_unsupported and field.type not in ir.SCALAR_TYPES:
            yield f"{label} is of the type `{field.type}`, which is none of {', '.join(ir.SCALAR_TYPES)}."
    columns = {item.name for item in model.scalars}
    key = [("key", model.primary_key.fields)] if model.primary_key else []
    for kind, members in (*key, *((f"{index.kind} index", index.fields) for index in model.indexes)):
        for member in members:
            if member.name not in columns:
                yield f"The {kind} of `{model.name}` names `{member.name}`, which is no column of it."
        if not members:
            yield f"A {kind} of `{model.name}` has no fields."


def _relations(schema: ir.Schema) -> Iterator[str]:
    sides: dict[tuple[str, str], ir.Relation] = {}
    for relation in schema.relations:
        yield from _relation(schema, relation)
        sides[relation.model_a, relation.field_a] = relation
        sides[relation.model_b, relation.field_b] = relation
    for model in schema.models:
        for field in model.relations:
            label = f"The relation field `{model.name}.{field.name}`"
            target = schema.model.get(field.model)
            if target is None:
                yield f"{label} leads to the model `{field.model}`, which is not there."
                continue
            opposite = target.field.get(field.opposite)
            if not isinstance(opposite, ir.RelationField) or (opposite.model, opposite.opposite) != (
                model.name,
                field.name,
            ):
                yield f"{label} has its other side in `{field.model}.{field.opposite}`, which does not lead back."
            if (model.name, field.name) not in sides:
                yield f"{label} is a side of none of the schema's relations."
            yield from _columns(label, model, field.fields)
            yield from _columns(label, target, field.references)
            if len(field.fields) != len(field.references):
                yield f"{label} has as many fields as references, or neither."


def _relation(schema: ir.Schema, relation: ir.Relation) -> Iterator[str]:
    label = f"The relation `{relation.name}`"
    for name, field in ((relation.model_a, relation.field_a), (relation.model_b, relation.field_b)):
        model = schema.model.get(name)
        if model is None or not isinstance(model.field.get(field), ir.RelationField):
            yield f"{label} has a side `{name}.{field}`, which is not there."
    is_link = relation.kind == "many_to_many"
    if is_link != bool(relation.table) or is_link == (relation.foreign_key is not None):
        yield f"{label} has a foreign key, or, as a many-to-many, a table of its own."
    if relation.foreign_key is not None and {relation.model_a, relation.foreign_key.model} <= schema.model.keys():
        yield from _columns(label, schema.model[relation.model_a], relation.foreign_key.fields)
        yield from _columns(label, schema.model[relation.foreign_key.model], relation.foreign_key.references)


def _columns(label: str, model: ir.Model, names: Iterable[str]) -> Iterator[str]:
    columns = {item.name for item in model.scalars}
    for name in names:
        if name not in columns:
            yield f"{label} names `{model.name}.{name}`, which is no column."
