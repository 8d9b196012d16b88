"""The nodes of a YAML text, each with its place. PyYAML's safe loader reads it, and is imported at the first text.

What PyYAML says of a text it cannot read is told without the text: a line of it may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from infra_runtime.configuration.kinds import NAME
from infra_runtime.configuration.nodes import Items, Node, Scalar, Table
from infra_runtime.configuration.places import Place
from infra_runtime.configuration.variables import expand
from infra_runtime.errors import MissingExtraError

if TYPE_CHECKING:
    import yaml

Variable = Callable[[str], str | None]

HIDDEN = "…"
"""What is shown of a value: nothing. A secret may stand in the wrong place."""
_QUOTED = re.compile(r"\s*'(?!<[a-z ]+>')[^']{2,}'")
"""What PyYAML quotes from the text. Names of tokens, as `'<stream end>'`, are its own."""


class UnreadableError(ValueError):
    """A text is no YAML. `place` is where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


def parse(text: str, variable: Variable) -> Node | None:
    """The node of a text's only document; None for an empty one. Errors: UnreadableError, MissingExtraError."""
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise MissingExtraError("pyyaml", "config") from error
    failed: UnreadableError
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return None if root is None else _Nodes(variable, yaml.SafeLoader("")).node(root)
    except yaml.MarkedYAMLError as error:
        failed = UnreadableError(*_told(error))
    except yaml.YAMLError:
        failed = UnreadableError("it has characters that YAML does not allow", Place(1, 1))
    except RecursionError:
        failed = UnreadableError("it is nested too deep", Place(1, 1))
    # Outside of the handlers: their errors show the line, and would be shown with this one.
    raise failed


def _told(error: yaml.MarkedYAMLError) -> tuple[str, Place]:
    mark = error.problem_mark or error.context_mark
    said = ", ".join(filter(None, [error.context, error.problem])) or "it cannot be read"
    return _QUOTED.sub("", said), Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


class _Nodes:
    """Makes nodes of PyYAML's."""

    def __init__(self, variable: Variable, loader: yaml.SafeLoader) -> None:
        self._variable = variable
        self._loader = loader

    def node(self, node: yaml.Node) -> Node:
        import yaml

        place = Place(node.start_mark.line + 1, node.start_mark.column + 1, HIDDEN)
        match node:
            case yaml.MappingNode():
                return Table(lambda: self._entries(node), place)
            case yaml.SequenceNode():
                return Items(lambda: map(self.node, node.value), place)
            case _:
                return self._scalar(node, place)

    def _entries(self, node: yaml.MappingNode) -> Iterable[tuple[Scalar, Node]]:
        for key, value in node.value:
            name = key.value if isinstance(key.value, str) else None
            shown = name if name is not None and NAME.fullmatch(name) else HIDDEN
            yield Scalar(name, Place(key.start_mark.line + 1, key.start_mark.column + 1, shown)), self.node(value)

    def _scalar(self, node: yaml.Node, place: Place) -> Scalar:
        value = self._constructed(node)
        if not isinstance(value, str) or "${" not in value:
            return Scalar(value, place)
        expanded = expand(value, self._variable)
        return Scalar(expanded.text, place, expanded.variables, expanded.unset, expanded.is_readable)

    def _constructed(self, node: yaml.Node) -> Any:
        """The plain value; an object of no kind for a tag that the safe loader refuses, or a value that its tag does not fit."""
        import yaml

        try:
            return self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            return object()
