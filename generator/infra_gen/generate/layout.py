"""The layout of rendered text: blank lines and ends of lines as black has them, and black itself for templates that are not ours.

Our own templates are black-stable but for the blank lines that loops leave; black would take longer than everything else together.
"""

from __future__ import annotations

from importlib.metadata import version

from infra_gen.failure import Failure


def tidy(text: str) -> str:
    """At most two blank lines together, one within a block, none at either end."""
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    text = text.replace("\n\n\n ", "\n\n ").strip("\n")
    return f"{text}\n" if text else ""


def blackened(path: str, text: str) -> str:
    """A file laid out by black, with its defaults. Errors: Failure where it is no Python."""
    import black
    from black.parsing import InvalidInput

    try:
        return black.format_str(text, mode=black.Mode()) if path.endswith(".py") else text
    except InvalidInput as error:
        raise Failure(f"The templates make a {path} that is no Python: {error}") from error


def black_version() -> str:
    """Which black that is."""
    return version("black")
