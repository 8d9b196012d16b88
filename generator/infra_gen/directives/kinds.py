"""What an argument of a directive can be: one class for each kind of value. Imports the syntax tree, the nodes and the IR's values.

A kind reads a value of the syntax tree and answers it as plain Python; what it cannot read it reports, and answers None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Protocol

from infra_gen import ir
from infra_gen.directives.nodes import Node
from infra_gen.schema.source import Diagnostic, Span
from infra_gen.schema.strings import escape_errors
from infra_gen.schema.syntax import ArrayValue, ConstantValue, Field, NumberValue, StringValue, Value


class Reading:
    """The argument that is being read: what it is called, the node it is about, and where to report.

    `node` is None where only the writing is judged: then every field there might be is taken.
    """

    def __init__(self, argument: str, node: Node | None, found: list[Diagnostic]) -> None:
        self.argument = argument
        self.node = node
        self._found = found

    def refuse(self, message: str, span: Span) -> None:
        """An error of what the argument says."""
        self._found.append(Diagnostic(message, span))

    def mismatch(self, wanted: str, value: Value) -> None:
        """An error of what the argument is."""
        self.refuse(f"{self.argument} takes {wanted}, not `{value.span.text}`.", value.span)

    def has_wrong_escapes(self, value: StringValue) -> bool:
        """Is something wrong with a string's escapes? Then it is reported."""
        errors = escape_errors(value.span)
        self._found.extend(errors)
        return bool(errors)


class Kind(Protocol):
    """A kind of value."""

    @property
    def wanted(self) -> str:
        """What it is, in the words of messages and documentation: "a whole number"."""
        ...

    def read(self, value: Value, reading: Reading) -> Any: ...


_MOST_DIGITS = 15
"""Numbers beyond are mistakes, and would be no numbers to some who read them."""


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """An int."""

    minimum: int = 0

    @property
    def wanted(self) -> str:
        return f"a whole number of {self.minimum} or more"

    def read(self, value: Value, reading: Reading) -> int | None:
        if isinstance(value, NumberValue) and "." not in value.text and len(value.text) <= _MOST_DIGITS:
            if (number := int(value.text)) >= self.minimum:
                return number
        reading.mismatch(self.wanted, value)
        return None


@dataclass(frozen=True, slots=True)
class Truth:
    """A bool."""

    @property
    def wanted(self) -> str:
        return "`true` or `false`"

    def read(self, value: Value, reading: Reading) -> bool | None:
        if isinstance(value, ConstantValue) and value.name in ("true", "false"):
            return value.name == "true"
        reading.mismatch(self.wanted, value)
        return None


@dataclass(frozen=True, slots=True)
class Word:
    """A str: one of a few words, written bare. `but_on`: which of them some provider cannot do, and why, by word and provider."""

    choices: tuple[str, ...]
    but_on: Mapping[tuple[str, str], str] = field(default_factory=dict, hash=False)

    @property
    def wanted(self) -> str:
        return " or ".join(f"`{choice}`" for choice in self.choices)

    def read(self, value: Value, reading: Reading) -> str | None:
        if isinstance(value, ConstantValue) and value.name in self.choices:
            provider = reading.node.provider if reading.node is not None else ""
            if why := self.but_on.get((value.name, provider)):
                reading.refuse(f"{reading.argument} cannot be `{value.name}` on {provider}: {why}", value.span)
            return value.name
        reading.mismatch(self.wanted, value)
        return None


@dataclass(frozen=True, slots=True)
class Text:
    """A str, not empty."""

    wanted: str = 'a text, such as `"text"`'
    pattern: str = r"[\s\S]+"

    def read(self, value: Value, reading: Reading) -> str | None:
        if isinstance(value, StringValue):
            if reading.has_wrong_escapes(value):
                return None
            if re.fullmatch(self.pattern, value.value):
                return value.value
        if isinstance(value, ConstantValue):
            reading.refuse(
                f'{reading.argument} takes text, which stands in quotes: write `"{value.name}"`.', value.span
            )
        else:
            reading.mismatch(self.wanted, value)
        return None


IDENTIFIER = Text('a name of Python\'s, such as `"name"`', r"[^\W\d_]\w*")
"""Text that can be an attribute in Python."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A tuple of texts."""

    @property
    def wanted(self) -> str:
        return 'texts, such as `["one", "two"]`'

    def read(self, value: Value, reading: Reading) -> tuple[str, ...] | None:
        return _items(value, reading, self.wanted, lambda item: Text(self.wanted).read(item, reading))


@dataclass(frozen=True, slots=True)
class Columns:
    """A tuple of `ir.FieldName`: columns of the node's model that the client can read. `types`: only columns of these, no lists, and none
    whose type in the database is one of `but_native`."""

    types: tuple[str, ...] = ()
    but_native: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        of_type = f" of type {' or '.join(self.types)}" if self.types else ""
        return f"fields of the model{of_type}, such as `[one, two]`"

    def read(self, value: Value, reading: Reading) -> tuple[ir.FieldName, ...] | None:
        return _items(value, reading, self.wanted, lambda item: self._column(item, reading))

    def _column(self, value: Value, reading: Reading) -> ir.FieldName | None:
        if isinstance(value, StringValue):
            message = f"{reading.argument} takes fields, which stand without quotes: write `{value.value}`."
            reading.refuse(message, value.span)
            return None
        if not isinstance(value, ConstantValue):
            reading.mismatch(self.wanted, value)
            return None
        node = reading.node
        problem = self._problem(value.name, node) if node is not None else ""
        if problem:
            reading.refuse(problem, value.span)
            return None
        return ir.FieldName(value.name)

    def _problem(self, name: str, node: Node) -> str:
        field = node.fields.get(name)
        if field is None:
            return f"There is no field `{name}` in {node.owner or node.label}.{did_you_mean(name, node.fields)}"
        if node.is_relation(field):
            return f"`{name}` is a relation. Name a field that is a column."
        if any(attribute.name.name == "ignore" for attribute in field.attributes):
            return f"`{name}` is ignored (`@ignore`), so the client never sees it. Leave it out."
        if field.type is not None and field.type.unsupported is not None:
            return f"`{name}` has a type that the client does not support, so it never sees it. Leave it out."
        return self._wrong_type(field)

    def _wrong_type(self, field: Field) -> str:
        for attribute in field.attributes:
            if attribute.name.name.removeprefix("db.") in self.but_native:
                return (
                    f"`{field.name.name}` is `@{attribute.name.name}` in the database, which is no text. Leave it out."
                )
        if not self.types or field.type is None or (field.type.name in self.types and field.type.arity != "list"):
            return ""
        return f"`{field.name.name}` is of type {field.type.span.text}. Name fields of type {' or '.join(self.types)}."


@dataclass(frozen=True, slots=True)
class EmptyColumn:
    """An `ir.FieldName`: one column of the node's model that has no value until somebody gives it one. `type`: of which type."""

    type: str

    @property
    def wanted(self) -> str:
        return f"a field of the model of type {self.type}?, such as `one`"

    def read(self, value: Value, reading: Reading) -> ir.FieldName | None:
        if isinstance(value, ArrayValue):
            reading.mismatch(self.wanted, value)
            return None
        names = Columns((self.type,)).read(value, reading)
        if not names or reading.node is None:
            return names[0] if names else None
        field = reading.node.fields[names[0]]
        problem = self._problem(field)
        if problem:
            reading.refuse(problem, value.span)
            return None
        return names[0]

    def _problem(self, field: Field) -> str:
        name = field.name.name
        if field.type is not None and field.type.arity != "optional":
            return f"`{name}` always has a value. Make it `{name} {self.type}?`."
        own = {attribute.name.name for attribute in field.attributes}
        for attribute in ("updatedAt", "default", "id", "unique"):
            if attribute in own:
                return f"`{name}` has `@{attribute}`, but it is empty in every row that is not deleted. Leave `@{attribute}` out."
        return ""


def did_you_mean(name: str, known: Iterable[str], sign: str = "") -> str:
    """A sentence with the nearest name, with a space before it; nothing where none is near."""
    by_folded = {item.casefold(): item for item in known}
    near = get_close_matches(name.casefold(), by_folded, 1)
    return f" Did you mean `{sign}{by_folded[near[0]]}`?" if near else ""


def _items(value: Value, reading: Reading, wanted: str, read: Callable[[Value], Any]) -> tuple[Any, ...] | None:
    """The items of a list, each read; one value alone stands for a list of it, as everywhere in the schema language."""
    items = value.items if isinstance(value, ArrayValue) else (value,)
    if not items:
        reading.mismatch(wanted, value)
        return None
    found: list[Any] = []
    for item in items:
        one = read(item)
        if one is None:
            continue
        if one in found:
            reading.refuse(f"`{item.span.text}` is there twice. Keep one of them.", item.span)
        found.append(one)
    return tuple(found)
