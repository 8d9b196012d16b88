"""Runs the guides: the Python blocks of a page, in order, as one program on the demo schema.

`infra` is a connected client of the demo's package on a new SQLite file, `await` stands where it likes, and an expression followed by
`# → text` must have `text` as its `repr`, or as its `str`.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANSWER = re.compile(r"# → (.*)$")


@dataclass(frozen=True)
class Block:
    """A block of Python in a guide; `line` is where it begins in the page."""

    line: int
    text: str


def blocks(guide: Path) -> Iterator[Block]:
    page = guide.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(page):
        yield Block(page.count("\n", 0, match.start(1)), match[1])


async def run(guide: Path, namespace: dict[str, Any]) -> int:
    """Runs a guide, and answers how many answers it showed. Errors: AssertionError for another answer, with its line in the page."""
    checked: list[int] = []
    # A module, so that the classes of a page find the names they use.
    module = ModuleType(f"guide_{guide.stem}")
    vars(module).update(namespace)

    def show(answer: Any, expected: str, line: int) -> None:
        checked.append(line)
        assert expected in (repr(answer), str(answer)), f"{guide.name}:{line}: {answer!r} is not {expected}"

    vars(module)["show"] = show
    sys.modules[module.__name__] = module
    try:
        for block in blocks(guide):
            tree = ast.parse(block.text)
            ast.increment_lineno(tree, block.line)
            shown = ast.fix_missing_locations(_Shown(block).visit(tree))
            code = compile(shown, str(guide), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            ran = eval(code, vars(module))
            if inspect.iscoroutine(ran):
                await ran
    finally:
        del sys.modules[module.__name__]
    return len(checked)


class _Shown(ast.NodeTransformer):
    """Puts `show(expression, text, line)` in the place of `expression  # → text`, wherever it stands."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._lines = block.text.splitlines()

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        expected = _ANSWER.search(self._lines[(node.end_lineno or 0) - self._block.line - 1])
        if expected is None:
            return node
        arguments = [node.value, ast.Constant(expected[1]), ast.Constant(node.lineno)]
        called = ast.Call(ast.Name("show", ast.Load()), arguments, [])
        return ast.copy_location(ast.Expr(called), node)


def as_module(guide: Path) -> str:
    """A guide as a module that checkers read."""
    text = "\n".join(block.text for block in blocks(guide))
    imports = [line for line in text.splitlines() if re.match(r"(from|import) ", line)]
    rest = "\n".join(line for line in text.splitlines() if not re.match(r"(from|import) ", line))
    head = ["from __future__ import annotations", *dict.fromkeys(["from shop import Infrastructure", *imports])]
    body = textwrap.indent(rest, "    ")
    return "\n".join(head) + f"\n\n\nasync def guide(infra: Infrastructure) -> None:\n{body}\n"
