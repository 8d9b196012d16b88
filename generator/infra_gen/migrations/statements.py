"""Scripts taken apart into statements: only to say which of them a database refused, as the database itself takes the text apart.

Quotes, comments and PostgreSQL's dollar quotes are known; bodies of routines that SQLite and MySQL write with BEGIN are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENTS = r"--[^\n]*|/\*.*?\*/"
_TOKENS = {
    "postgresql": r"[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<tag>\$\w*\$).*?(?P=tag)|"
    + _COMMENTS,
    "mysql": r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`|#[^\n]*|" + _COMMENTS,
    "sqlite": r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\]|" + _COMMENTS,
}
_TOKEN = {provider: re.compile(f"{token}|;|.", re.DOTALL) for provider, token in _TOKENS.items()}
_BLANK = re.compile(rf"(?:\s|{_COMMENTS})*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Statement:
    """`line` of its first word, counted from 1."""

    line: int
    text: str


def statements(script: str, provider: str) -> Iterator[Statement]:
    """The statements of a script, without the comments before each."""
    start = 0
    for match in _TOKEN[provider].finditer(script):
        if match[0] == ";":
            yield from _statement(script, start, match.end())
            start = match.end()
    yield from _statement(script, start, len(script))


def statement_at(script: str, provider: str, place: int) -> Statement | None:
    """The statement that a place in the script, counted from 0, is in."""
    line = script.count("\n", 0, place) + 1
    found = [statement for statement in statements(script, provider) if statement.line <= line]
    return Statement(line, found[-1].text) if found else None


def _statement(script: str, start: int, end: int) -> Iterator[Statement]:
    blank = _BLANK.match(script, start, end)
    begin = blank.end() if blank else start
    if text := script[begin:end].strip().rstrip(";").strip():
        yield Statement(script.count("\n", 0, begin) + 1, text)
