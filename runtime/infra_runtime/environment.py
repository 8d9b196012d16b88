"""Environment variables, and the `.env` files that stand in for them while developing.

Prisma (up to 6) and Prisma Client Python read `.env` and `prisma/.env`; what the environment holds beats both. Imports nothing of
the runtime.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

FILES = (".env", "prisma/.env")
_LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)\s*=\s*
    (?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>[^']*)' | (?P<plain>[^\n#]*?) )
    \s*(?:\#.*)?""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def variable(name: str, folder: Path | None = None) -> str | None:
    """The variable's value: from the environment, else from a `.env` file under `folder` (the working directory)."""
    found = os.environ.get(name)
    if found is not None:
        return found
    for file in FILES:
        path = (folder or Path()) / file
        if path.is_file():
            found = read_variables(path.read_text(encoding="utf-8")).get(name)
            if found is not None:
                return found
    return None


def read_variables(text: str) -> dict[str, str]:
    """The variables of a `.env` file; lines that are none are passed over, as they are by dotenv."""
    matches = (_LINE.fullmatch(line) for line in text.splitlines())
    return {match["name"]: _value(match) for match in matches if match is not None}


def _value(match: re.Match[str]) -> str:
    if match["double"] is not None:
        return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), match["double"])
    return match["single"] if match["single"] is not None else match["plain"]
