"""The layout of rendered text: blank lines and ends of lines as black has them, and black itself for templates that are not ours.

Our own templates are black-stable but for the blank lines that loops leave; black would take longer than everything else together.
"""

from __future__ import annotations

import re

from infra_gen.failure import Failure

_BLANK_LINES = re.compile(r"\n{4,}")
_BLANK_IN_BLOCK = re.compile(r"\n{3,}(?= )")


def tidy(text: str) -> str:
    """At most two blank lines together, one within a block, none at either end."""
    text = _BLANK_IN_BLOCK.sub("\n\n", _BLANK_LINES.sub("\n\n\n", text)).strip("\n")
    return f"{text}\n" if text else ""


def blackened(files: dict[str, str]) -> dict[str, str]:
    """The files laid out by black, with its defaults. Errors: Failure where one is no Python."""
    import black
    from black.parsing import InvalidInput

    formatted = {}
    for path, text in files.items():
        try:
            formatted[path] = black.format_str(text, mode=black.Mode()) if path.endswith(".py") else text
        except InvalidInput as error:
            raise Failure(f"The templates make a {path} that is no Python: {error}") from error
    return formatted
