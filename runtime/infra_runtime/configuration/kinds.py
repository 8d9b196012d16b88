"""What the value of a setting can be: one class for each kind. Imports nothing of the runtime.

A kind takes a plain value and answers it as the settings have it, or raises `MismatchError`. No message holds the value: it may be a secret that
stands in the wrong place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
"""What can be a name of a model, a field or a setting. Messages show such names, and nothing else that stands in a file."""

VARIABLE_SCHEMA: Mapping[str, Any] = {"type": "string", "pattern": r"\$\{"}
"""In JSON Schema: a text with a variable, which may stand for a value of any kind."""


class MismatchError(ValueError):
    """A value is not of the kind that was wanted. `what` it is, in words: "a list"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Kind(Protocol):
    """A kind of value."""

    @property
    def wanted(self) -> str:
        """What it is, in the words of messages and documentation: "a whole number of 1 or more"."""
        ...

    @property
    def is_secret(self) -> bool:
        """May nobody see it?"""
        ...

    def take(self, value: object) -> Any:
        """The value as settings have it. Errors: MismatchError."""

    def parse(self, text: str) -> object:
        """The plain value that the text of a variable stands for; the text itself where it stands for none."""

    def json_schema(self) -> dict[str, Any]:
        """The kind in JSON Schema, without variables."""
        ...


@dataclass(frozen=True, slots=True)
class _Open:
    """What kinds have in common whose values are no secrets, and that read variables as YAML would."""

    @property
    def is_secret(self) -> bool:
        return False

    def parse(self, text: str) -> object:
        return text


@dataclass(frozen=True, slots=True)
class WholeNumber(_Open):
    """An int."""

    minimum: int = 0

    @property
    def wanted(self) -> str:
        return f"a whole number of {self.minimum} or more"

    def take(self, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            if value >= self.minimum:
                return value
            raise MismatchError(f"{value}" if abs(value) < 10**9 else "so small a number")
        raise MismatchError(described(value))

    def parse(self, text: str) -> object:
        return int(text) if text.strip().lstrip("+-").isdecimal() and len(text) < 20 else text

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum}


@dataclass(frozen=True, slots=True)
class Seconds(_Open):
    """A float of 0 or more."""

    @property
    def wanted(self) -> str:
        return "seconds, a number of 0 or more"

    def take(self, value: object) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if math.isfinite(value) and 0 <= value < 1e9:
                return float(value)
            raise MismatchError("a number out of range")
        raise MismatchError(described(value))

    def parse(self, text: str) -> object:
        try:
            return float(text)
        except ValueError:
            return text

    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0}


@dataclass(frozen=True, slots=True)
class Truth(_Open):
    """A bool."""

    @property
    def wanted(self) -> str:
        return "`true` or `false`"

    def take(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise MismatchError(described(value))

    def parse(self, text: str) -> object:
        return {"true": True, "false": False}.get(text.lower(), text)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Word(_Open):
    """A str: one of a few words. `aliases`: others that mean one of them."""

    choices: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def wanted(self) -> str:
        return " or ".join(f"`{choice}`" for choice in self.choices)

    def take(self, value: object) -> str:
        if isinstance(value, str):
            meant = self.aliases.get(value, value)
            if meant in self.choices:
                return meant
            raise MismatchError("another text")
        raise MismatchError(described(value))

    def json_schema(self) -> dict[str, Any]:
        return {"enum": [*self.choices, *self.aliases]}


@dataclass(frozen=True, slots=True)
class Text(_Open):
    """A str, not empty."""

    @property
    def wanted(self) -> str:
        return "text"

    def take(self, value: object) -> str:
        if isinstance(value, str) and value:
            return value
        raise MismatchError(described(value))

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Secret(Text):
    """A str that nobody may see, such as a URL with a password."""

    @property
    def is_secret(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Texts(_Open):
    """A tuple of str, not empty; one text stands for a list of it."""

    item: Text = Text()
    of: str = "text"

    @property
    def wanted(self) -> str:
        return f"{self.of}, or a list of several"

    @property
    def is_secret(self) -> bool:
        return self.item.is_secret

    def take(self, value: object) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return (self.item.take(value),)
        if not value:
            raise MismatchError("an empty list")
        try:
            items = tuple(map(self.item.take, value))
        except MismatchError as error:
            raise MismatchError(f"{error.what} in a list") from None
        if len(set(items)) < len(items):
            raise MismatchError("a list that says one of them twice")
        return items

    def json_schema(self) -> dict[str, Any]:
        one = self.item.json_schema()
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]}


@dataclass(frozen=True, slots=True)
class Name(Text):
    """A str: the name of a field of one model, where it is bound."""

    @property
    def wanted(self) -> str:
        return "the name of a field"

    def take(self, value: object) -> str:
        name = super(Name, self).take(value)
        if NAME.fullmatch(name) is None:
            raise MismatchError("text that is no name")
        return name

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{NAME.pattern}$"}


@dataclass(frozen=True, slots=True)
class Names(Texts):
    """A tuple of names of fields: of one model, where they are bound."""

    item: Text = Name()
    of: str = "a name of a field"


def described(value: object) -> str:
    """What a plain value is, in words, without what it says."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case "":
            return "an empty text"
        case str():
            return "text"
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case _:
            return f"a value of the kind {type(value).__name__}"
