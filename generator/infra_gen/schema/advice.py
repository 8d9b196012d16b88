"""What to tell of writing that is not the Prisma schema language: what it is, and what to write instead.

Prisma says of a line it cannot read only that it is invalid. Most such lines are one of a few mistakes, which are named here.
Imports the lines and the lexemes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from infra_gen.schema import lexer
from infra_gen.schema.lines import BrokenLine, LegacyForm
from infra_gen.schema.source import Span

_KEYWORDS = ("model", "enum", "type", "view", "datasource", "generator")
_KEYWORD_LIST = "`model`, `enum`, `type`, `view`, `datasource` or `generator`"

TYPE_ALIAS = (
    "Invalid type definition: a type cannot be given another name with `=`. "
    "Write a block, `type Name { … }`, or the type itself on each field."
)

LEGACY_FORMS: dict[LegacyForm, str] = {
    "colon": "Field declarations don't require a `:`. Write `name Type`.",
    "required": "Fields are required by default. Leave out the `!`.",
    "brackets": "To specify a list, write `Type[]` instead of `[Type]`.",
    "optional list": "Optional lists are not supported. Write either `Type[]` or `Type?`.",
}

_NOT_A_FIELD = "This line is not a valid field or attribute definition."
_WANTED = {
    "model": _NOT_A_FIELD,
    "view": _NOT_A_FIELD,
    "type": _NOT_A_FIELD,
    "enum": "This line is not an enum value definition.",
    "datasource": "This line is not a valid definition within a datasource.",
    "generator": "This line is not a valid definition within a generator.",
    None: "This line is invalid.",
}


def broken_line(line: BrokenLine, keyword: str | None) -> str:
    """Of a line that cannot be read, in a block of that keyword, or outside any."""
    text = line.span.text.strip(lexer.BLANKS)
    rest = line.span.file.text[line.reached : line.span.end].strip(lexer.BLANKS)
    if keyword is None:
        advice = _anywhere(text, "") or _outside(text)
    elif keyword in ("datasource", "generator"):
        advice = _in_configuration(text)
    else:
        advice = _in_declaration(text, rest, keyword)
    advice = advice or _anywhere(text, rest)
    return f"{_WANTED[keyword]} {advice}" if advice else _WANTED[keyword]


def unknown_block(span: Span) -> str:
    """Of a block that begins with no known keyword, or with one but no name."""
    word = re.split(r"[^\w-]", span.text, maxsplit=1)[0]
    message = "This block is invalid. It does not start with any known keyword"
    if word in _KEYWORDS:
        return f"This block is invalid: it has no name. Write `{word} Name {{`."
    return f"{message}: {_KEYWORD_LIST}.{_meant(word)}"


def field_without_type(name: str) -> str:
    """Of a field that is only a name."""
    return f"This field declaration is invalid: `{name}` has no type. Write one behind it, for example `{name} String`."


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


def unreadable_arguments(text: str, rest: str) -> str:
    """Of the arguments of an annotation: `text` is the line of it up to where they cannot be read, `rest` the rest of the line."""
    if rest == "":
        return "Close them with `)`: in this line, or in the next if that is a `///` too."
    if rest.startswith("="):
        return "Behind a name stands a colon: `name: value`."
    return _anywhere(text + rest, rest)


def _outside(text: str) -> str:
    if text == "}":
        return "No block is open here that it could close."
    opening = re.match(r"(?P<word>[^\W\d]+)\s+(?P<name>[\w-]+)\s*(?P<rest>.*)", text)
    if opening is None or opening["word"] not in _KEYWORDS:
        meant = _meant(opening["word"]) if opening is not None and opening["rest"].startswith("{") else ""
        return f"It does not start with any known keyword: {_KEYWORD_LIST}.{meant}"
    if opening["rest"] == "":
        return f"Write the opening brace on the same line: `{opening['word']} {opening['name']} {{`."
    if opening["rest"].endswith("}"):
        return "A block takes several lines: one that ends in `{`, one for each thing in it, and one that is `}`."
    if opening["rest"].startswith("{"):
        return "The block it opens is not closed: write `}` on a line of its own behind its last line."
    return f"Write `{opening['word']} {opening['name']} {{` to open a block."


def _in_configuration(text: str) -> str:
    found = re.match(r"(?P<name>[\w-]+)\s*:?\s*(?P<value>[\"\[\w].*)", text)
    if found is None or "=" in text:
        return ""
    return f"Write `{found['name']} = {found['value']}`."


def _in_declaration(text: str, rest: str, keyword: str) -> str:
    if re.fullmatch(rf"(?:{'|'.join(_KEYWORDS)})\s+[\w-]+\s*\{{.*", text):
        return "A block cannot stand in another: close the one above with `}` on a line of its own."
    if text.startswith(("_", "-")):
        return "A name begins with a letter."
    if rest.startswith("@@"):
        return f"`{rest.split('(')[0]}` belongs to the block: write it on a line of its own."
    if rest.startswith("="):
        if keyword == "enum":
            return 'The value in the database is written `@map("…")`.'
        return "A default is written `@default(…)`."
    if keyword == "enum" and re.match(r"[\w,]", rest):
        return "Write each value on a line of its own, without a comma."
    if rest.startswith("<"):
        return "A list is written `Type[]`."
    if word := re.match(r"(?P<word>id|unique|default|updatedAt|map|relation|ignore)\b", rest):
        return f"An attribute begins with `@`: write `@{word['word']}`."
    if re.match(r"\w", rest) and "(" not in text:
        return "Behind its name and its type a field has only attributes, which begin with `@`."
    return ""


def _anywhere(text: str, rest: str) -> str:
    if text.startswith("#"):
        return "Comments begin with `//`."
    if strange := re.search("[\u200b-\u200f\u2060\ufeff]", text):
        return f"It holds an invisible character (U+{ord(strange[0]):04X}): write the line anew."
    if re.search("['‘’“”`]", rest):
        return 'Strings are written in straight double quotes: "text".'
    if rest.startswith('"') and lexer.VALUE.match(rest) is None:
        return 'A string begins and ends with `"` on one line; tabs in it are written `\\t`, quotes `\\"`.'
    if rest.startswith(("]", ")")) and re.search(r",\s*$", text[: len(text) - len(rest)]):
        return "Leave out the comma behind the last item."
    if rest == "" and _open_brackets(text):
        return "Its brackets are not closed: everything within them must stand on the same line."
    if rest.startswith("}"):
        return "Write the closing brace on a line of its own."
    if rest.startswith("/*"):
        return "Behind a comment on the same line nothing can follow: write the comment on a line of its own."
    if rest.startswith((",", ";")):
        return f"A line ends without `{rest[0]}`."
    return ""


def _open_brackets(text: str) -> bool:
    return sum(map(text.count, "([")) > sum(map(text.count, ")]"))


def _meant(word: str) -> str:
    return did_you_mean(word, _KEYWORDS)


def did_you_mean(word: str, known: Iterable[str], sign: str = "") -> str:
    """The sentence that names what was probably meant, with a space before it, or nothing. `sign` goes before the name."""
    by_folded = {name.lower(): name for name in known}
    matches = get_close_matches(word.lower(), by_folded, n=1)
    return f" Did you mean `{sign}{by_folded[matches[0]]}`?" if matches else ""
