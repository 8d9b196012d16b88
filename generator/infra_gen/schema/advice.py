"""What to tell of writing that is not the Prisma schema language: what it is, and what to write instead. Imports the lines.

Prisma says of a line it cannot read only that it is invalid. Most such lines are one of a few mistakes, which are named here.
"""

from __future__ import annotations

from infra_gen.schema.lines import BrokenLine, LegacyForm
from infra_gen.schema.source import Span

_KEYWORDS = "`model`, `enum`, `type`, `view`, `datasource` or `generator`"

TYPE_ALIAS = (
    "A type cannot be given another name with `=`. Write a block, `type Name { … }`, or the type itself on each field."
)

LEGACY_FORMS: dict[LegacyForm, str] = {
    "colon": "A field has no `:` between its name and its type. Write `name Type`.",
    "required": "Fields are required unless marked with `?`. Leave out the `!`.",
    "brackets": "A list is written `Type[]`, not `[Type]`.",
    "optional list": "Optional lists are not supported. Write either `Type[]` or `Type?`.",
}

_WANTED = {
    "model": "This line is not a valid field or attribute definition.",
    "view": "This line is not a valid field or attribute definition.",
    "type": "This line is not a valid field or attribute definition.",
    "enum": "This line is not an enum value definition.",
    "datasource": "This line is not a valid definition within a datasource.",
    "generator": "This line is not a valid definition within a generator.",
    None: f"This line is invalid: it does not start with {_KEYWORDS}.",
}


def broken_line(line: BrokenLine, keyword: str | None) -> str:
    """Of a line that cannot be read, in a block of that keyword, or outside any."""
    return _WANTED[keyword]


def unknown_block(span: Span) -> str:
    """Of a block that begins with no known keyword."""
    return f"This block does not start with a known keyword. Write {_KEYWORDS}, then a name, then `{{`."


def field_without_type(name: str) -> str:
    """Of a field that is only a name."""
    return f"The field `{name}` has no type. Write it behind the name, for example `{name} String`."


def composite_type_attribute(name: str) -> str:
    """Of an attribute of a `type` block."""
    if name == "map":
        return "A `type` has no name in the database, so there is nothing to map. Leave out the `@@map`."
    if name in ("unique", "index", "fulltext"):
        return f"A `type` has no indexes of its own. Write the `@@{name}` in the model that embeds it."
    return f"A `type` block has no attributes. Leave out the `@@{name}`."


def composite_field_attribute(name: str) -> str:
    """Of an attribute of a field of a `type` block."""
    return f"A field of a `type` cannot have `@{name}`. Leave it out, or make the type a model."
