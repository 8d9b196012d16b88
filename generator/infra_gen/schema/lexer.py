"""The lexical grammar of the Prisma schema language: one compiled pattern per lexeme, matched at an offset. Imports nothing.

The language is read line by line, and what a character means depends on the line it stands in (`Int` may be a field, a type or
an enum's member), so there is no token stream: the grammar asks for the lexeme that can come next. Every quantifier is
possessive: a lexeme never gives characters back, as in the parsing expression grammar that Prisma's own parser runs.
"""

from __future__ import annotations

import re

_SPACE = r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*+"
_NEWLINE = r"(?:\r\n|\n|\r)"
_LETTER = (
    r"(?![\u00b2\u00b3\u00b9\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2150-\u2182\u2185-\u2189\u2460-\u249b\u24ea-\u24ff"
    r"\u2776-\u2793\u3007\u3021-\u3029])[^\W\d_]"
)
"""A letter of any script: what `re` takes for part of a word, without digits and the numerals that are none."""

_IDENTIFIER = rf"(?:[A-Za-z0-9]|{_LETTER})[A-Za-z0-9_-]*+(?:{_LETTER}[A-Za-z0-9_-]*+)*+"
_PATH = rf"{_IDENTIFIER}(?:\.(?:{_IDENTIFIER})?+)*+"
_STRING = r'"(?:\\[\s\S]|[^"\\\x00-\x1f])*+"'


def _base_type(group: str) -> str:
    """A type without its arity; the string of an unsupported one is captured as `group`."""
    return rf"(?:Unsupported\({_SPACE}(?P<{group}>{_STRING}){_SPACE}\)|{_IDENTIFIER})"


SPACE = re.compile(_SPACE)
"""What may stand between two lexemes of a line."""

EMPTY_LINES = re.compile(rf"(?:{_SPACE}{_NEWLINE})++")

REST_OF_LINE = re.compile(rf"[^\n\r]++{_NEWLINE}?+")
"""A line that is nothing else, with its end."""

COMMENT = re.compile(
    rf"{_SPACE}(?:(?P<documentation>///[^\n\r]*+)|(?P<line>//[^\n\r]*+)|(?P<block>/\*[\s\S]*?\*/)){_NEWLINE}?+"
)
"""One comment of a block of comments, with the spaces before it and the line end behind it."""

LINE_END = re.compile(
    rf"{_SPACE}(?:(?P<documentation>///[^\n\r]*+)|(?P<line>//[^\n\r]*+)|(?P<block>/\*[\s\S]*?\*/))?+{_SPACE}{_NEWLINE}"
)
"""The end of a line that means something: perhaps a comment, then the line's end."""

BLOCK_OPENING = re.compile(
    rf"(?P<keyword>model|type|view|enum|datasource|generator){_SPACE}(?P<name>{_IDENTIFIER}){_SPACE}"
    rf"\{{[^\n\r]*+{_NEWLINE}"
)

PIECE = re.compile(
    rf"(?:{_SPACE}//[^\n\r]*+{_NEWLINE})*+{_SPACE}(?:model|type|view|enum){_SPACE}{_IDENTIFIER}{_SPACE}\{{[^\n\r]*+{_NEWLINE}"
    rf"(?:(?!{_SPACE}\}})[^\n\r]*+{_NEWLINE})*+{_SPACE}\}}"
)
"""A closed block with the comments right above it, if no lexeme of it goes over the end of a line (`OVER_LINES`)."""

OVER_LINES = re.compile(r"/\*|\\[\n\r]")
"""Where a lexeme may begin, or go on, that does not end with its line."""

OPENING_COMMENT = re.compile(rf"{_SPACE}\{{{_SPACE}(?P<documentation>///[^\n\r]*+)")
"""What a block's opening ends with, behind its name."""

UNKNOWN_BLOCK = re.compile(rf"{_IDENTIFIER}{_SPACE}\{{[^\n\r]*+{_NEWLINE}[^}}]*+\}}")
"""A block of no known keyword, to its first closing brace."""

TYPE_ALIAS = re.compile(rf"type{_SPACE}{_IDENTIFIER}{_SPACE}={_SPACE}{_base_type('unsupported')}{_SPACE}")

FIELD = re.compile(
    rf"(?P<name>{_IDENTIFIER}){_SPACE}(?P<colon>:)?+{_SPACE}"
    rf"(?:(?P<base>{_base_type('unsupported')})"
    rf"(?:{_SPACE}(?P<suffix>\[\]{_SPACE}\?|\[\]|\?|!))?+"
    rf"|(?P<brackets>\[{_SPACE}(?P<element>{_base_type('unsupported_element')}){_SPACE}\]))?+"
)
"""A field's name and type; the legacy forms (`name: Type`, `Type!`, `[Type]`, `Type[]?`) are there to be refused by name."""

MEMBER = re.compile(_IDENTIFIER)
PROPERTY = re.compile(rf"(?P<name>{_IDENTIFIER}){_SPACE}(?P<equals>=)")
FIELD_ATTRIBUTE = re.compile(rf"{_SPACE}(?P<sign>@){_SPACE}(?P<name>{_PATH})(?:{_SPACE}(?P<opening>\())?+")
BLOCK_ATTRIBUTE = re.compile(rf"(?P<sign>@@){_SPACE}(?P<name>{_PATH})(?:{_SPACE}(?P<opening>\())?+")
ARGUMENT_NAME = re.compile(rf"{_SPACE}(?P<name>{_IDENTIFIER}){_SPACE}:")

ANNOTATED_LINE = re.compile(r"///[^\n\r]*@")
"""What every text with annotations holds somewhere."""

ANNOTATION = re.compile(rf"@(?P<name>{_PATH})(?: *+(?P<opening>\())?+")
"""In documentation: something written like an attribute."""

VALUE = re.compile(
    rf"{_SPACE}(?:(?P<function>{_PATH}){_SPACE}\(|(?P<array>\[)|(?P<object>\{{)|(?P<number>-?[0-9]++(?:\.[0-9]++)?+)"
    rf"|(?P<string>{_STRING})|(?P<constant>{_PATH}))"
)
"""The beginning of a value: the whole of it, or up to the bracket that opens its list."""

COMMA = re.compile(rf"{_SPACE},")
CLOSING_PARENTHESIS = re.compile(rf"{_SPACE}\)")
CLOSING_BRACKET = re.compile(rf"{_SPACE}\]")
CLOSING_BRACE = re.compile(rf"{_SPACE}\}}")

BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What is trimmed from the text of a comment: Unicode's White_Space, and not what Python strips beyond it."""
