"""Expressions in one spelling: what a schema says of a default or a condition, and what a database makes of it, become the same text.

Databases give an expression back with casts, brackets and capitals of their own. Nothing is evaluated: two texts that mean the same in
ways this does not know differ, and a comparison shows them.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<text>[EeNn]?'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
  | (?P<cast>::)
  | (?P<word>\w+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
SAME = {
    "now()": "current_timestamp",
    "current_timestamp()": "current_timestamp",
    "curdate()": "current_date",
    "curtime()": "current_time",
}
"""Spellings that databases use for one another."""
_NUMBER_IN_QUOTES = re.compile(r"'(-?\d+(?:\.\d+)?)'")
_ARRAY_TEXT = re.compile(r"'\{([^{}\"\\']*)\}'")
_NEEDLESS = re.compile(r"(?<![\w\"`])\((-?\d+(?:\.\d+)?|'(?:[^']|'')*')\)")
"""Brackets around one constant."""
_TYPE_WORDS = ("varying", "precision", "with", "without", "time", "zone")


def canonical(text: str) -> str:
    """The expression without white space, casts and needless brackets, in small letters where case says nothing."""
    parts = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(text)]
    plain = "".join(_written(kind, part) for kind, part in _without_casts([it for it in parts if it[0] != "space"]))
    plain = _NEEDLESS.sub(r"\1", _NUMBER_IN_QUOTES.sub(r"\1", plain))
    while plain.startswith("(") and _closes_at_the_end(plain):
        plain = plain[1:-1]
    return SAME.get(plain, plain)


def canonical_list(text: str) -> str:
    """The same for the default of an array: PostgreSQL takes it as a text, `'{a,b}'`, too. One with signs of its own within stays."""
    plain = canonical(text)
    found = _ARRAY_TEXT.fullmatch(plain)
    if found is None:
        return plain
    items = [f"'{item.strip()}'" for item in found[1].split(",") if item.strip()]
    return canonical(f"array[{','.join(items)}]")


def _without_casts(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leaves out `::type`, whatever the type: quoted, with arguments, of several words, an array."""
    kept: list[tuple[str, str]] = []
    place = 0
    while place < len(parts):
        if parts[place][0] != "cast":
            kept.append(parts[place])
            place += 1
            continue
        place += 2
        while place < len(parts):
            kind, part = parts[place]
            if part == "." or (kind == "word" and part.lower() in _TYPE_WORDS) or parts[place - 1][1] == ".":
                place += 1
            elif part in "([" and _is_of_a_type(parts, place):
                place = next(at for at in range(place, len(parts)) if parts[at][1] in ")]") + 1
            else:
                break
    return kept


def _is_of_a_type(parts: list[tuple[str, str]], place: int) -> bool:
    """Do these brackets hold nothing but numbers: `(10,2)`, `[]`?"""
    for kind, part in parts[place + 1 :]:
        if part in ")]":
            return True
        if kind != "number" and part != ",":
            return False
    return False


_PLAIN = re.compile(r'"([a-z_][a-z0-9_]*)"')
"""A quoted name that says the same without its quotes."""


def _written(kind: str, part: str) -> str:
    if kind == "name" and (plain := _PLAIN.fullmatch(part)):
        return plain[1]
    return part.lower() if kind in ("word", "number") else part


def _closes_at_the_end(text: str) -> bool:
    """Is the first bracket closed by the last one?"""
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end() == len(text)
    return False
