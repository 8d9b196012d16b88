"""Reading attributes: the small questions that resolution asks of the syntax tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from infra_gen import ir
from infra_gen.schema.syntax import (
    ArrayValue,
    Attribute,
    ConstantValue,
    FunctionValue,
    NumberValue,
    ObjectValue,
    StringValue,
    Value,
)

WORDS = {"true": True, "false": False}


def attribute(attributes: Sequence[Attribute], name: str) -> Attribute | None:
    """The first attribute of that name."""
    return next((item for item in attributes if item.name.name == name), None)


def argument(item: Attribute | FunctionValue, name: str, position: int | None = None) -> Value | None:
    """An argument by its name, or else the unnamed one at `position` (counted among the unnamed)."""
    if item.arguments is None:
        return None
    unnamed = []
    for given in item.arguments.arguments:
        if given.name is None:
            unnamed.append(given.value)
        elif given.name.name == name:
            return given.value
    return unnamed[position] if position is not None and position < len(unnamed) else None


def text(value: Value | None) -> str | None:
    """A string's text or a bare word; None for nothing."""
    match value:
        case StringValue(value=string):
            return string
        case ConstantValue(name=name):
            return name
        case _:
            return None


def items(value: Value | None) -> tuple[Value, ...]:
    """An array's items; a single value stands for an array of it."""
    if value is None:
        return ()
    return value.items if isinstance(value, ArrayValue) else (value,)


def names(value: Value | None) -> tuple[str, ...]:
    """An array of bare words."""
    return tuple(word for word in map(text, items(value)) if word is not None)


def plain(value: Value) -> Any:
    """A value as plain Python: str, int, float, bool, tuple, dict, `EnvironmentVariable` or `FunctionDefault`."""
    match value:
        case StringValue(value=string):
            return string
        case NumberValue(text=number):
            # By way of Decimal: Python reads no text of thousands of digits as a number, be they zeros.
            return float(number) if "." in number else int(Decimal(number))
        case ConstantValue(name=word):
            return WORDS.get(word, word)
        case ArrayValue(items=values):
            return tuple(plain(item) for item in values)
        case ObjectValue(members=members):
            return {member.name.name: plain(member.value) for member in members}
        case FunctionValue(name=name) if name.name == "env":
            return ir.EnvironmentVariable(text(argument(value, "", 0)) or "")
        case FunctionValue():
            return function(value)


def function(value: FunctionValue) -> ir.FunctionDefault:
    """A function call with its arguments as plain Python."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for given in value.arguments.arguments:
        if given.name is None:
            positional.append(plain(given.value))
        else:
            named[given.name.name] = plain(given.value)
    return ir.FunctionDefault(value.name.name, tuple(positional), named)


def properties(pairs: Mapping[str, Value | None], without: Sequence[str]) -> dict[str, Any]:
    """Properties of a configuration block as plain Python."""
    return {name: plain(value) for name, value in pairs.items() if value is not None and name not in without}
