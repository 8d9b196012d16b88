"""`@default(…)`: which functions and literals a field of each type takes.

Imports the syntax tree, the facts and the reading of arguments. Literals are read for their form when the attribute is
read; what is in them (dates, JSON, numbers that fit) is a rule of its own, applied to schemas that are otherwise whole.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from infra_gen.checks import values
from infra_gen.checks.arguments import Arguments
from infra_gen.checks.facts import Default, ScalarField, ScalarType
from infra_gen.checks.report import Report
from infra_gen.schema.syntax import (
    Argument,
    ArrayValue,
    ConstantValue,
    Field,
    FunctionValue,
    NumberValue,
    StringValue,
    Value,
)

_FUNCTION_TYPES: Mapping[str, tuple[str, ...]] = {
    "autoincrement": ("Int", "BigInt"),
    "cuid": ("String",),
    "uuid": ("String",),
    "ulid": ("String",),
    "nanoid": ("String",),
    "now": ("DateTime",),
}
"""The functions and the types of the fields they fill. `dbgenerated` fills any; `auto` is MongoDB's."""

_NUMBERED_FUNCTIONS: Mapping[str, tuple[range, str]] = {
    "cuid": (range(1, 3), "which is either 1 or 2"),
    "uuid": (range(4, 8, 3), "which is either 4 or 7"),
    "nanoid": (range(2, 256), "between 2 and 255"),
}
"""Functions that take one number, and which."""

_LITERALS: Mapping[str, tuple[type[Value], ...]] = {
    "String": (StringValue,),
    "Json": (StringValue,),
    "Bytes": (StringValue,),
    "DateTime": (StringValue,),
    "Int": (NumberValue,),
    "BigInt": (NumberValue,),
    "Float": (NumberValue,),
    "Decimal": (NumberValue, StringValue),
    "Boolean": (ConstantValue,),
}


def read(field: ScalarField, members: Mapping[str, frozenset[str]], arguments: Arguments) -> None:
    """`@default` on a field of a model. `members` are the members of every enum."""
    value = arguments.take_main("value")
    if value is not None:
        mapped_name = arguments.take_string("map")
        if _fits(field, value, mapped_name, members, arguments):
            field.default = Default(arguments.attribute, value, mapped_name)
    arguments.finish()


def read_of_composite(field: Field, type_: object, members: Mapping[str, frozenset[str]], arguments: Arguments) -> None:
    """`@default` on a field of a composite type: no `map`, nothing the database makes."""
    value = arguments.take_main("value")
    if value is not None:
        if arguments.take("map") is not None:
            arguments.fail("The `map` argument is not allowed on a composite type field.")
        if isinstance(value, FunctionValue) and value.name.name in ("autoincrement", "auto", "dbgenerated"):
            arguments.fail(f"The function `{value.name.name}()` is not supported on composite fields.")
        elif isinstance(type_, ScalarType) and type_.composite:
            arguments.fail("Defaults on fields of type composite are not supported. Please remove the `@default`.")
        elif isinstance(type_, ScalarType) and type_.unsupported is not None:
            arguments.fail("A field of an unsupported type cannot have a default in a `type`. Remove the `@default`.")
        elif isinstance(type_, ScalarType):
            is_list = field.type.arity == "list"
            _literal_or_function_fits(type_, is_list, value, members, arguments)
    arguments.finish()


def _fits(
    field: ScalarField,
    value: Value,
    mapped_name: str | None,
    members: Mapping[str, frozenset[str]],
    arguments: Arguments,
) -> bool:
    if isinstance(value, FunctionValue):
        if value.name.name == "dbgenerated":
            return _dbgenerated_fits(value.arguments.arguments, arguments)
        if field.type.builtin and value.name.name == "autoincrement" and mapped_name is not None:
            arguments.fail("Naming an autoincrement default value is not allowed. Remove `map`.")
            return False
    if field.type.unsupported is not None:
        arguments.fail('Only @default(dbgenerated("…")) can be used for Unsupported types.')
        return False
    if field.type.composite is not None:
        arguments.fail(
            "Defaults on fields of type composite are not supported. Please remove the `@default` attribute."
        )
        return False
    return _literal_or_function_fits(field.type, field.arity == "list", value, members, arguments)


def _literal_or_function_fits(
    type_: ScalarType, is_list: bool, value: Value, members: Mapping[str, frozenset[str]], arguments: Arguments
) -> bool:
    if type_.enum is not None:
        return _enum_literal_fits(members[type_.enum], is_list, value, arguments)
    assert type_.builtin is not None
    if isinstance(value, FunctionValue):
        return _function_fits(type_.builtin, value, arguments)
    if is_list:
        if not isinstance(value, ArrayValue):
            arguments.fail("The default value of a list field must be a list. Write `[…]`.")
            return False
        return all(_literal_fits(type_.builtin, item, arguments) for item in value.items)
    if isinstance(value, ArrayValue):
        arguments.fail("The default value of a non-list field cannot be a list. Write one value, without brackets.")
        return False
    return _literal_fits(type_.builtin, value, arguments)


def _enum_literal_fits(members: frozenset[str], is_list: bool, value: Value, arguments: Arguments) -> bool:
    if is_list and isinstance(value, ArrayValue):
        return all(_enum_literal_fits(members, False, item, arguments) for item in value.items)
    if is_list or not isinstance(value, ConstantValue):
        what = "a list of enum values" if is_list else "an enum value"
        arguments.fail(f"Expected {what}, but found `{values.source_of(value)}`.")
        return False
    if value.name not in members:
        arguments.fail(
            f"The defined default value `{value.name}` is not a valid value of the enum specified for the field."
            f" Use one of {', '.join(sorted(members))}."
        )
        return False
    return True


def _literal_fits(builtin: str, value: Value, arguments: Arguments) -> bool:
    if not isinstance(value, _LITERALS[builtin]):
        arguments.fail(f"Expected a {builtin} value, but found `{values.source_of(value)}`.")
        return False
    if isinstance(value, ConstantValue) and value.name not in ("true", "false"):
        arguments.report.attribute_error("@default", "A boolean literal must be `true` or `false`.", value.span)
        return False
    return True


# ---- functions


def _function_fits(builtin: str, call: FunctionValue, arguments: Arguments) -> bool:
    name, given = call.name.name, call.arguments.arguments
    if name == "auto":
        return _takes_nothing(name, given, arguments)
    types = _FUNCTION_TYPES.get(name)
    if types is None:
        return True  # which functions there are is known with the datasource: see unknown_function
    if builtin not in types:
        arguments.fail(f"The function `{name}()` cannot be used on fields of type `{builtin}`.")
        return False
    if name in _NUMBERED_FUNCTIONS:
        return _number_fits(name, given, arguments)
    return _takes_nothing(name, given, arguments)


def _takes_nothing(name: str, given: Sequence[Argument], arguments: Arguments) -> bool:
    if given:
        arguments.fail(
            f"The `{name}` function does not take any argument. Consider changing this default to `{name}()`."
        )
    return not given


def _number_fits(name: str, given: Sequence[Argument], arguments: Arguments) -> bool:
    allowed, wording = _NUMBERED_FUNCTIONS[name]
    if not given:
        return True
    if len(given) > 1 or not isinstance(given[0].value, NumberValue):
        arguments.fail(f"`{name}()` takes a single Int argument.")
        return False
    if values.as_integer(given[0].value) not in allowed:
        arguments.fail(f"`{name}()` takes either no argument, or a single integer argument {wording}.")
        return False
    return True


def _dbgenerated_fits(given: Sequence[Argument], arguments: Arguments) -> bool:
    if not given:
        return True
    if len(given) > 1 or not isinstance(given[0].value, StringValue):
        arguments.fail("`dbgenerated()` takes a single String argument.")
        return False
    if not given[0].value.value:
        arguments.fail("`dbgenerated()` takes either no argument, or a single nonempty string argument.")
        return False
    return True


def unknown_function(default: Default) -> str | None:
    """The name of the function of a default, if there is no such function in any SQL database."""
    name = default.function
    return None if name is None or name in ("auto", "dbgenerated", *_FUNCTION_TYPES) else name


# ---- what is in literals

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+\-\u2212](?:[01]\d|2[0-3]):[0-5]\d)\Z", re.ASCII
)
_DECIMAL = re.compile(r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)


def check_literal(builtin: str, value: Value, report: Report) -> None:
    """Whether what a literal holds can be a value of the type: a date, JSON, a number that fits."""
    if isinstance(value, ArrayValue):
        for item in value.items:
            check_literal(builtin, item, report)
        return
    problem = _problem_of(builtin, value)
    if problem:
        report.attribute_error("@default", f"Parse error: {values.source_of(value)} is not {problem}.", value.span)


def _problem_of(builtin: str, value: Value) -> str | None:
    match builtin, value:
        case ("Int" | "BigInt", NumberValue()) if values.as_integer(value) is None:
            return "a valid integer"
        case "Json", StringValue(value=text) if not _is_json(text):
            return "a valid JSON string"
        case "Bytes", StringValue(value=text) if not _is_base64(text):
            return "a valid base64 string"
        case "DateTime", StringValue(value=text) if not _is_date_time(text):
            return 'a valid rfc3339 datetime string, as in "2024-01-31T12:00:00Z"'
        case "Decimal", StringValue(value=text) if not _DECIMAL.match(text):
            return "a valid decimal"
        case ("Float" | "Decimal", NumberValue(text=text) | StringValue(value=text)) if _is_infinite(text):
            return "a number of at most 308 digits before the point"
        case _:
            return None


def _is_json(text: str) -> bool:
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_finite)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no character
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_constant(name: str) -> object:
    """Python reads `NaN` and `Infinity`; JSON has no such thing."""
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _is_infinite(number: str) -> bool:
    """Whether it is beyond all binary fractions, which Prisma computes Floats and Decimals of defaults with."""
    return math.isinf(float(number.replace("_", "")))


def _is_base64(text: str) -> bool:
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except (binascii.Error, ValueError):
        return False


def _is_date_time(text: str) -> bool:
    found = _DATE_TIME.match(text)
    if not found:
        return False
    date, minutes, seconds = found[1], found[2], found[3]
    try:
        # A leap second is a second of its minute, and the year 0, which Python does not have, is a leap year.
        datetime.fromisoformat(f"{date.replace('0000-', '2000-')}T{minutes}:{seconds.replace('60', '59')}")
    except ValueError:
        return False
    return True
