"""String literals: what their escapes mean. Imports the sources.

Source of the rules: strings are those of JSON (RFC 8259, section 7).
"""

from __future__ import annotations

import re

from infra_gen.schema.source import Diagnostic, Piece, SourceFile, Span

_ESCAPE = re.compile(
    r"\\(?:u(?P<half>[Dd][89A-Fa-f][0-9A-Fa-f]{2})(?:\\u(?P<second>[0-9A-Fa-f]{4}))?"
    r"|u(?P<code>[0-9A-Fa-f]{4})|(?P<letter>[\s\S]))"
)
_MEANINGS = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescaped(file: SourceFile | Piece, start: int, end: int) -> str:
    """The text meant by the string literal, quotes included, at those offsets; a wrong escape means nothing."""
    content = file.text[start + 1 : end - 1]
    return content if "\\" not in content else _ESCAPE.sub(lambda escape: _character(escape)[0], content)


def escape_errors(literal: Span) -> list[Diagnostic]:
    """What is wrong with the escapes of a string literal."""
    content = literal.file.text[literal.start + 1 : literal.end - 1]
    if "\\" not in content:
        return []
    return [
        Diagnostic(problem, Span(literal.file, literal.start + 1 + escape.start(), literal.start + 1 + escape.end()))
        for escape in _ESCAPE.finditer(content)
        if (problem := _character(escape)[1]) is not None
    ]


def _character(escape: re.Match[str]) -> tuple[str, str | None]:
    """The character an escape means, and what is wrong with it."""
    half, second, code, letter = escape.group("half", "second", "code", "letter")
    if code is not None:
        return chr(int(code, 16)), None
    if letter is not None:
        if letter == "u":
            return "", "Invalid unicode escape: write `\\u` and four hexadecimal digits."
        if letter not in _MEANINGS:
            return (
                "",
                f"Unknown escape sequence `\\{letter}`. To mean a backslash itself, as in a Windows path, write `\\\\`.",
            )
        return _MEANINGS[letter], None
    high, low = int(half, 16), int(second or "0", 16)
    if high < 0xDC00 and 0xDC00 <= low < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), None
    return (
        "",
        "Invalid unicode escape: a surrogate (D800 to DFFF) must be the first half of a pair, followed by its second half.",
    )
