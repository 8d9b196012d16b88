"""What a module imports for checkers alone, under `if TYPE_CHECKING:`, looked up when it is needed after all.

Modules that name one another's projections cannot all import each other while they are loaded, and some linters move imports that only
annotations use. Imports nothing of the runtime.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Collection, Iterator
from importlib import import_module
from importlib.util import resolve_name
from types import ModuleType
from typing import Any


def imported_for_checkers(module: ModuleType, names: Collection[str]) -> dict[str, Any]:
    """Those of `names` that a module imports under `if TYPE_CHECKING:`; what cannot be imported is left out."""
    found: dict[str, Any] = {}
    for node in _imports(module):
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if name in names:
                try:
                    found[name] = _imported(module, node, alias)
                except (ImportError, AttributeError):
                    # Whoever needs it is told that it is not there.
                    continue
    return found


def _imports(module: ModuleType) -> Iterator[ast.Import | ast.ImportFrom]:
    try:
        tree = ast.parse("".join(linecache.getlines(getattr(module, "__file__", None) or "")))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            yield from (item for item in node.body if isinstance(item, (ast.Import, ast.ImportFrom)))


def _imported(module: ModuleType, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> Any:
    if isinstance(node, ast.Import):
        imported = import_module(alias.name)
        return imported if alias.asname else import_module(alias.name.partition(".")[0])
    source = resolve_name("." * node.level + (node.module or ""), module.__package__)
    origin = import_module(source)
    return getattr(origin, alias.name) if hasattr(origin, alias.name) else import_module(f"{source}.{alias.name}")


def names_in(annotation: str) -> set[str]:
    """The names of types in the text of an annotation, those in quotes within it too; what a marker is given is no type."""
    try:
        pending: list[ast.AST] = [ast.parse(annotation, mode="eval")]
    except SyntaxError:
        return set()
    names: set[str] = set()
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= names_in(node.value)
        pending.extend([node.func] if isinstance(node, ast.Call) else ast.iter_child_nodes(node))
    return names
