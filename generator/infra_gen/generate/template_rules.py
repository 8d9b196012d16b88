"""What templates that are not the toolkit's must keep to, seen before any is rendered; and which files they make.

Jinja passes over a block that nothing prints, text that stands outside the blocks of a template that extends another, and a file that
nothing refers to: each is a mistake, and is told. A template makes files of its own where its first line says so:
`{# makes dto/{module}.py for each model #}`. May import `generate.paths`, `infra_templates`, jinja2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Literal, cast

from jinja2 import Environment, TemplateNotFound, nodes
from jinja2.meta import find_referenced_templates

from infra_gen.failure import Failure
from infra_gen.generate.paths import fault_at, problem
from infra_templates.table import Template

SUFFIX = ".jinja"
"""What the names of templates end in; other files in their folders are left alone."""

_SAYS_WHAT_IT_MAKES = re.compile(r"\{#-?\s*makes\b")
_MAKES = re.compile(r"\{#-?\s*makes\s+(?P<path>[^\s#]+)(?:\s+for\s+each\s+(?P<each>\w+))?\s*-?#\}")
_PRINTING = (nodes.Output, nodes.Include, nodes.For, nodes.CallBlock, nodes.FilterBlock)


def references(environment: Environment, name: str) -> tuple[str, ...]:
    """The templates that one refers to by their names; what it works out while it runs is not known."""
    return _references(source(environment, name)[0])


@lru_cache(maxsize=256)
def _references(text: str) -> tuple[str, ...]:
    """By the text alone: the toolkit's templates are looked at in every run, and are the same in all of them."""
    return tuple(other for other in find_referenced_templates(Environment().parse(text)) if other)


def parsed(environment: Environment, name: str) -> nodes.Template:
    """The syntax tree of a template. Errors: jinja2's TemplateSyntaxError and TemplateNotFound; Failure for one that cannot be read."""
    text, file = source(environment, name)
    return environment.parse(text, name, file)


def source(environment: Environment, name: str) -> tuple[str, str | None]:
    """The text of a template, and its file."""
    assert environment.loader is not None
    try:
        text, file, _ = environment.loader.get_source(environment, name)
    except TemplateNotFound:
        raise
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Failure(f"The template {name} cannot be read: {reason}. Nothing was written.") from error
    return text, file


class Rules:
    """Checks the templates of some folders."""

    def __init__(
        self, environment: Environment, files: Mapping[str, Sequence[Path]], toolkits: Iterable[str], own: Iterable[str]
    ) -> None:
        """
        Args:
            files: the files of each name; the first wins, the last is of who brought the name up.
            toolkits: the names of the toolkit's templates.
            own: the names in the user's own folder.
        """
        self._environment = environment
        self._files = files
        self._toolkits = frozenset(toolkits)
        self._own = frozenset(own)

    def rows(self) -> list[Template]:
        """What the templates make. Errors: Failure, with file and line; jinja2's TemplateSyntaxError."""
        trees = {name: parsed(self._environment, name) for name in sorted(self._files)}
        rows = [row for name in trees for row in self._row(name)]
        for name, tree in trees.items():
            self._check_blocks(name, tree)
        self._check_use(trees, {row.file for row in rows})
        return rows

    # What they make

    def _row(self, name: str) -> Iterator[Template]:
        """The row of a template whose first line says what it makes."""
        *others, first = self._files[name]
        for file in others if name not in self._toolkits else [*others, first]:
            if _SAYS_WHAT_IT_MAKES.match(_first_line(file)):
                of = "the toolkit's" if name in self._toolkits else "a plug-in's"
                raise fault_at(
                    file,
                    1,
                    f"{name} is {of} template, whose files are known: leave out `makes`, or give yours another "
                    "name.",
                )
        line = _first_line(first)
        if name in self._toolkits or not _SAYS_WHAT_IT_MAKES.match(line):
            return
        found = _MAKES.match(line)
        each = (found["each"] or "package") if found else ""
        if found is None or each not in ("package", "model", "enum"):
            raise fault_at(
                first,
                1,
                "what this template makes is said as {# makes dto.py #}, {# makes dto/{module}.py for each model "
                "#}, or `for each enum`.",
            )
        path = found["path"]
        if wrong := _wrong_path(path, each):
            raise fault_at(first, 1, wrong)
        yield Template(name, path, cast('Literal["package", "model", "enum"]', each))

    # What is never printed

    def _check_blocks(self, name: str, tree: nodes.Template) -> None:
        """Of a template that extends another: its blocks are the other's, and nothing is printed outside of them."""
        extended = next((node for node in tree.body if isinstance(node, nodes.Extends)), None)
        if extended is None or not isinstance(extended.template, nodes.Const):
            return
        file = self._files[name][0]
        blocks = self._blocks(name, file)
        for block in _outermost_blocks(tree):
            if block.name not in blocks:
                near = get_close_matches(block.name, blocks, 1)
                meant = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(sorted(blocks))}."
                raise fault_at(
                    file, block.lineno, f"there is no block `{block.name}` in {extended.template.value}: {meant}"
                )
        for node in tree.body[tree.body.index(extended) :]:
            if isinstance(node, _PRINTING) and not _is_blank(node):
                raise fault_at(
                    file,
                    _first_printed(node),
                    "this stands outside of the blocks of a template that extends another, where it is "
                    "never printed: put it into a block.",
                )

    def _blocks(self, name: str, file: Path) -> set[str]:
        """The blocks of what a template extends, and of what that extends."""
        blocks: set[str] = set()
        seen = {name}
        extended = parsed(self._environment, name).find(nodes.Extends)
        while extended is not None and isinstance(extended.template, nodes.Const):
            parent = str(extended.template.value)
            if parent in seen:
                raise fault_at(file, extended.lineno, self._circle(name, parent))
            seen.add(parent)
            try:
                tree = parsed(self._environment, parent)
            except TemplateNotFound as error:
                near = near_template(self._environment, parent)
                raise fault_at(file, extended.lineno, f"there is no template {parent}.{near}") from error
            blocks |= {block.name for block in tree.find_all(nodes.Block)}
            extended = tree.find(nodes.Extends)
        return blocks

    def _circle(self, name: str, parent: str) -> str:
        if parent != name:
            return f"{name} extends {parent}, which comes back to itself."
        originals = (
            "infra_templates" if name in self._toolkits else "infra_plugins" if len(self._files[name]) > 1 else ""
        )
        instead = f': write {{% extends "{originals}/{name}" %}} for the original' if originals else ""
        return f"{name} extends itself, as it wins over every other template of its name{instead}."

    # What is never used

    def _check_use(self, trees: Mapping[str, nodes.Template], making: set[str]) -> None:
        """A template of the user's that no other refers to and that makes nothing has the wrong name."""
        referred = {name: list(find_referenced_templates(tree)) for name, tree in trees.items()}
        if any(None in names for names in referred.values()):
            return
        known = {
            *self._toolkits,
            *(name for name in self._files if name not in self._own or len(self._files[name]) > 1),
        }
        used = {*known, *making, *(other for names in referred.values() for other in names if other)}
        for name in sorted(self._own - used):
            near = get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]}?" if near else "the toolkit's templates are in docs/templates.md."
            raise fault_at(
                self._files[name][0],
                1,
                f"nothing uses this template, as there is none to win over with the name {name}: {meant} "
                "One that makes files of its own says so in its first line: {# makes dto.py #}.",
            )


def near_template(environment: Environment, name: str) -> str:
    """A sentence with the name of a template that is there, for one that is not."""
    known = [known for known in environment.list_templates() if known.endswith(SUFFIX)]
    near = get_close_matches(name, known, 1)
    return f" Did you mean `{near[0]}`?" if near else f" Names of templates end in {SUFFIX}, and start at their folder."


def _first_line(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.readline()


def _wrong_path(path: str, each: str) -> str:
    """What is wrong with where files go; nothing is an empty text."""
    try:
        names = {name for _, name, _, _ in Formatter().parse(path) if name is not None}
    except ValueError:
        return f"the braces in the path {path} do not match."
    if each == "package" and names:
        return f"{path} is one file, so that nothing can stand for {{{min(names)}}}: add `for each model`, or `for each enum`."
    if each != "package" and names != {"module"}:
        return f"there is a file for each {each}, so that the path needs {{module}}, and nothing else in braces: {path} has not."
    return problem(path.replace("{module}", "module"))


def _outermost_blocks(node: nodes.Node) -> Iterator[nodes.Block]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child
        else:
            yield from _outermost_blocks(child)


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(item, nodes.TemplateData) and not item.data.strip() for item in node.nodes
    )


def _first_printed(node: nodes.Node) -> int:
    """The line of the first thing in a node that is no blank."""
    first = node.nodes[0] if isinstance(node, nodes.Output) else node
    if isinstance(first, nodes.TemplateData):
        return first.lineno + first.data[: len(first.data) - len(first.data.lstrip())].count("\n")
    return first.lineno
