"""Where in the source a projection and its fields stand: looked up when there is something wrong to tell. Imports nothing of the runtime."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple


class Place(NamedTuple):
    """A file, a line and a column, both counted from one; nowhere where the source is not to be found."""

    file: str = ""
    line: int = 0
    column: int = 0


NOWHERE = Place()


def line_of_statement(cls: type) -> int:
    """The line of the statement that is making `cls`; 0 where the module it says it is from is not running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") == cls.__module__:
            return frame.f_lineno
        frame = frame.f_back
    return 0


def place_of(cls: type, field: str = "", *, line: int = 0) -> Place:
    """The place of a class, or of one of its fields. `line`: where the class is made, if that is known, as others may have its name."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if not file:
        return NOWHERE
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return NOWHERE
    found = sorted(_classes(tree, cls.__name__), key=lambda node: abs(node.lineno - line))
    targets = [_field(node, field) for node in found] if field else found
    for target in (*filter(None, targets), *found):
        return Place(_shown(file), target.lineno, target.col_offset + 1)
    return NOWHERE


def _classes(tree: ast.Module, name: str) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name)


def _field(node: ast.ClassDef, name: str) -> ast.AnnAssign | None:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if statement.target.id == name:
                return statement
    return None


def _shown(file: str) -> str:
    """The path as short as the user would write it."""
    path = Path(file)
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
