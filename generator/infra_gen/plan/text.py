"""Python source text as black would lay it out, at any line length from 88 up: what fits stays on a line, the rest is one item a line.

Pure functions. May import the runtime's `schema` (for nothing but reading dataclasses of it).
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Any

WIDTH = 88
_POSITIONAL = {
    "Default": 1,
    "NativeType": 2,
    "ScalarField": 2,
    "RelationField": 2,
    "UniqueKey": 2,
    "EnumValue": 2,
    "Enum": 2,
    "Model": 1,
}
"""How many leading fields of the runtime's metadata are written without their names."""


class Code(str):
    """Text that is an expression already, for `literal` to leave as it is."""


def text(value: str) -> str:
    """A literal for `value`, in double quotes unless single ones need fewer escapes."""
    quote = '"' if value.count('"') <= value.count("'") else "'"
    if value.isprintable() and quote not in value and "\\" not in value:
        return f"{quote}{value}{quote}"
    return quote + "".join(_escaped(character, quote) for character in value) + quote


def _escaped(character: str, quote: str) -> str:
    if character in ("\\", quote):
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def literal(value: Any, indent: int = 0, before: int = 0) -> str:
    """An expression for `value`: plain values, tuples, dicts and dataclasses of them.

    Args:
        indent: how far the line is indented that the expression begins on.
        before: how many characters of that line stand before it.
    """
    return _laid_out(_expression(value), indent, before)


@dataclass(slots=True)
class _Expression:
    """An expression on one line, however long, and the parts that stand on lines of their own where it is too long."""

    line: str
    opening: str = ""
    parts: Sequence[tuple[str, _Expression]] = ()
    """Each with what stands before it."""
    closing: str = ""


def _expression(value: Any) -> _Expression:
    """Each part's line is made once: of the whole line of what it is in, too."""
    kind = type(value)
    if kind is str:
        return _Expression(text(value))
    if kind is tuple:
        parts, opening, closing = [("", _expression(item)) for item in value], "(", ")"
    elif kind in _PLAIN:
        return _Expression(repr(value))
    elif isinstance(value, str):
        return _Expression(value if isinstance(value, Code) else text(value))
    elif isinstance(value, Mapping):
        parts, opening, closing = [(f"{text(key)}: ", _expression(item)) for key, item in value.items()], "{", "}"
    elif is_dataclass(kind):
        parts, opening, closing = _attributes(value, kind), f"{kind.__name__}(", ")"
    else:
        return _Expression(repr(value))
    comma = "," if kind is tuple and len(value) == 1 else ""
    line = f"{opening}{', '.join([prefix + part.line for prefix, part in parts])}{comma}{closing}"
    return _Expression(line, opening, parts, closing)


_PLAIN = frozenset({int, bool, float, type(None)})


def _attributes(value: Any, kind: type) -> list[tuple[str, _Expression]]:
    """The fields of a dataclass that are shown, each with what stands before it."""
    shown = []
    for name, prefix, default in _shown(kind):
        attribute = getattr(value, name)
        if not prefix or attribute != default:
            shown.append((prefix, _expression(attribute)))
    return shown


def _laid_out(expression: _Expression, indent: int, before: int) -> str:
    # One more for the comma behind it.
    fits = indent + before + len(expression.line) + 1 <= WIDTH and "\n" not in expression.line
    if fits or not expression.opening:
        return expression.line
    inner = indent + 4
    lines = [f"{' ' * inner}{prefix}{_laid_out(part, inner, len(prefix))}," for prefix, part in expression.parts]
    return "\n".join([expression.opening, *lines, f"{' ' * indent}{expression.closing}"])


@cache
def _shown(kind: type) -> tuple[tuple[str, str, Any], ...]:
    """The fields of a dataclass: the name, what stands before the value, the default that is left out."""
    positional = _POSITIONAL.get(kind.__name__, 0)
    return tuple(
        (field.name, "" if index < positional else f"{field.name}=", _default(field))
        for index, field in enumerate(fields(kind))
    )


@cache
def names_of_fields(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass."""
    return tuple(field.name for field in fields(kind))


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def docstring(content: str, indent: int) -> str:
    """A docstring with `content`, wrapped; its first line is not indented, as it follows the indent in the template."""
    lines = [line for paragraph in content.strip().split("\n") for line in _wrapped(paragraph, 80 - indent)]
    body = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines] or [""]
    if len(body) == 1 and indent + len(body[0]) + 8 <= WIDTH:
        start, end = (" " if body[0].startswith('"') else ""), (" " if body[0].endswith('"') else "")
        return f'"""{start}{body[0]}{end}"""'
    margin = " " * indent
    rest = [f"{margin}{line}" if line else "" for line in body[1:]]
    return "\n".join([f'"""{" " if body[0].startswith(chr(34)) else ""}{body[0]}', *rest, f'{margin}"""'])


def _wrapped(paragraph: str, width: int) -> list[str]:
    if not paragraph.isprintable():
        paragraph = "".join(character if character.isprintable() else " " for character in paragraph)
    clean = paragraph.rstrip()
    if len(clean) <= width:
        return [clean]
    return textwrap.wrap(clean, width, break_long_words=True, break_on_hyphens=False) or [""]


def class_header(name: str, *bases: str) -> str:
    """`class name(bases):`, on one line where it fits, else one base a line."""
    line = f"class {name}({', '.join(bases)}):"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"class {name}(", *(f"    {base}," for base in bases), "):"])


def signature(head: str, parameters: Sequence[str], result: str) -> str:
    """`head(self, parameters) -> result:` of a method, on one line where it fits, else one parameter a line."""
    return _called(head, ["self", *parameters], f" -> {result}:", 4)


def call(head: str, arguments: Sequence[tuple[str, Any]]) -> str:
    """`head(value, name=value)` as a statement of a method, on one line where it fits, else one argument a line; a name may be empty."""
    named = [(f"{name}=" if name else "", value) for name, value in arguments]
    line = _called(head, [name + literal(value) for name, value in named], "", 8)
    if "\n" not in line:
        return line
    return _called(head, [name + literal(value, 12, len(name)) for name, value in named], "", 8)


def _called(head: str, items: Sequence[str], behind: str, indent: int) -> str:
    line = f"{head}({', '.join(items)}){behind}"
    if indent + len(line) <= WIDTH and "\n" not in line:
        return line
    margin = " " * indent
    return "\n".join([f"{head}(", *(f"{margin}    {item}," for item in items), f"{margin}){behind}"])


def annotated(name: str, type_: str, indent: int = 4, *, value: str = "") -> str:
    """`name: type = value`, the type in parentheses on lines of its own where it would be too long."""
    behind = f" = {value}" if value else ""
    if indent + len(name) + 2 + len(type_) + len(behind) <= WIDTH:
        return f"{name}: {type_}{behind}"
    margin = " " * (indent + 4)
    if len(margin) + len(type_) <= WIDTH or (" | " not in type_ and "." in type_):
        return f"{name}: (\n{margin}{type_}\n{' ' * indent}){behind}"
    if " | " not in type_:
        return f"{name}: {type_}{behind}"
    alternatives = f"\n{margin}| ".join(type_.split(" | "))
    return f"{name}: (\n{margin}{alternatives}\n{' ' * indent}){behind}"
