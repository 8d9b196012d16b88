"""Where in the source a projection and its fields stand: looked up when there is something wrong to tell. Imports nothing of the runtime."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """A file, a line and a column, both counted from one; nowhere where the source is not to be found."""

    file: str = ""
    line: int = 0
    column: int = 0


NOWHERE = Place()


def place_of(cls: type, field: str = "") -> Place:
    """The place of a class, or of one of its fields."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if not file:
        return NOWHERE
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return NOWHERE
    found = list(_classes(tree, cls.__qualname__.split(".")[-1]))
    for node in reversed(found):
        target = _field(node, field) if field else node
        if target is not None:
            return Place(_shown(file), target.lineno, target.col_offset + 1)
    return Place(_shown(file), found[-1].lineno, found[-1].col_offset + 1) if found else NOWHERE


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
