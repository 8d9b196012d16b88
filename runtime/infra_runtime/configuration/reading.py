"""From a file or a dict to settings, with everything that is wrong with them. Imports nodes, settings, YAML, and the runtime's `environment`."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any

from infra_runtime.configuration.kinds import NAME, Kind, MismatchError, Text, Texts, described
from infra_runtime.configuration.nodes import Items, Node, Scalar, Table, node_of
from infra_runtime.configuration.places import Origin, Path, Place, problem
from infra_runtime.configuration.settings import Configuration, Setting, Settings
from infra_runtime.configuration.variables import HOW
from infra_runtime.configuration.yaml_file import HIDDEN, UnreadableError, parse
from infra_runtime.environment import variable
from infra_runtime.errors import ConfigurationError, ConfigurationProblem

Needed = Callable[[Path], bool]
"""Is this setting asked for? The others are left out where variables are in them: it makes no difference what these are, or whether."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: the settings that could be, and what is wrong with the others."""

    configuration: Configuration
    problems: tuple[ConfigurationProblem, ...] = ()

    def valid(self) -> Configuration:
        """The settings. Errors: ConfigurationError, if anything is wrong."""
        if self.problems:
            raise ConfigurationError.of(self.problems)
        return self.configuration


def everything(path: Path) -> bool:
    return True


def read_file(path: str | os.PathLike[str], *, needed: Needed = everything) -> Read:
    """The configuration in a file. Variables: of the environment, then of `.env` files in the working folder and beside the file.

    Errors: MissingExtraError. A file that cannot be read is one of the problems.
    """
    file = FilePath(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return _nothing(file, f"the configuration cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return _nothing(file, "the configuration is not UTF-8 text: save it as UTF-8")
    return read_text(text, str(path), lambda name: _found(name, file.parent), needed=needed)


def read_text(text: str, file: str, variable: Callable[[str], str | None], *, needed: Needed = everything) -> Read:
    """The configuration in a YAML text that is in `file`. Errors: MissingExtraError."""
    try:
        root = parse(text, variable)
    except UnreadableError as error:
        return Read(Configuration(), (problem((), f"this is no YAML: {error}", Origin(file, {}), error.place),))
    return _Reader(file, needed).read(root)


def read_mapping(settings: Mapping[str, Any]) -> Read:
    """The configuration in a dict, whose values are as they are."""
    return _Reader("", everything).read(node_of(settings))


def _found(name: str, folder: FilePath) -> str | None:
    """Of the working folder or the file's. What is empty in the one is not looked up in the other."""
    found = variable(name)
    return variable(name, folder) if found is None else found


def _nothing(file: FilePath, message: str) -> Read:
    return Read(Configuration(), (problem((), message, Origin(str(file), {})),))


class _Reader:
    """Reads the nodes of one configuration."""

    def __init__(self, file: str, needed: Needed) -> None:
        self._file = file
        self._needed = needed
        self._places: dict[Path, Place] = {}
        self._problems: list[ConfigurationProblem] = []

    def read(self, root: Node | None) -> Read:
        section = self._section(Configuration, root or Scalar(None), ())
        assert isinstance(section, Configuration)
        origin = Origin(self._file, self._places) if self._file else None
        return Read(replace(section, origin=origin), tuple(self._problems))

    def _section(self, type_: type[Settings], node: Node, path: Path) -> Settings:
        known = type_.entries()
        values: dict[str, Any] = {}
        for name, place, value in self._entries(node, path):
            entry = known.get(name)
            if entry is None:
                self._refuse(path, _unknown(name if NAME.fullmatch(name) else HIDDEN, known), place)
            elif isinstance(entry, Setting):
                values[name] = self._setting(entry.kind, value, (*path, name))
            elif entry.by_name:
                values[name] = self._by_name(entry.type, value, (*path, name))
            else:
                values[name] = self._section(entry.type, value, (*path, name))
        return type_(**values)

    def _by_name(self, type_: type[Settings], node: Node, path: Path) -> dict[str, Settings]:
        sections: dict[str, Settings] = {}
        for name, place, value in self._entries(node, path):
            if NAME.fullmatch(name):
                sections[name] = self._section(type_, value, (*path, name))
            else:
                self._refuse(path, "takes names, and this is none", place)
        return sections

    def _entries(self, node: Node, path: Path) -> Iterable[tuple[str, Place, Node]]:
        """What is in a mapping, once by each name. A section of which nothing stands in the file but its name is empty."""
        if isinstance(node, Scalar) and node.value is None:
            return
        if not isinstance(node, Table):
            self._refuse(path, f"takes settings, each as `name: value`, not {_described(node)}", node.place)
            return
        seen = set()
        for key, value in node.entries():
            name = key.value
            if not isinstance(name, str):
                self._refuse(path, "takes names, each followed by a colon", key.place)
            elif name in seen:
                self._refuse(
                    path, f"`{name if NAME.fullmatch(name) else HIDDEN}` is given twice: keep one of them", key.place
                )
            else:
                seen.add(name)
                self._places[*path, name] = key.place
                yield name, key.place, value

    def _setting(self, kind: Kind, node: Node, path: Path) -> Any:
        """The value; None if it is wrong, or made of variables and not needed."""
        scalars, is_needed = list(_scalars(node)), self._needed(path)
        for scalar in scalars:
            if not scalar.is_readable:
                self._refuse(path, f"has a `${{` that begins no variable: {HOW}", scalar.place)
            for name in scalar.unset if is_needed else ():
                self._refuse(
                    path,
                    f"the environment variable {name} is not set: set it, or write a default as in ${{{name}:-…}}",
                    scalar.place,
                )
        if any(scalar.unset or not scalar.is_readable for scalar in scalars):
            return None
        if not is_needed and any(scalar.variables for scalar in scalars):
            return None
        # What is said of a value points to it; what is said of its absence, to its name.
        self._places[path] = node.place
        if isinstance(node, Items):
            self._places |= {(*path, str(index)): scalar.place for index, scalar in enumerate(scalars)}
        try:
            return kind.take(_plain(node, kind))
        except MismatchError as error:
            self._refuse(path, f"takes {kind.wanted}, not {error.what}{_hint(kind, node)}", node.place)
            return None

    def _refuse(self, path: Path, message: str, place: Place) -> None:
        self._problems.append(problem(path, message, Origin(self._file, {}), place))


def _scalars(node: Node) -> Iterable[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Items):
        yield from (item for item in node.items() if isinstance(item, Scalar))


def _plain(node: Node, kind: Kind) -> object:
    """The value of a node as kinds take it."""
    match node:
        case Scalar(value=str(text), variables=(_, *_)):
            return kind.parse(text)
        case Scalar():
            return node.value
        case Items():
            return [item.value if isinstance(item, Scalar) else {} for item in node.items()]
        case Table():
            return {}


def _described(node: Node) -> str:
    return described(node.value if isinstance(node, Scalar) else [] if isinstance(node, Items) else {})


def _hint(kind: Kind, node: Node) -> str:
    if not isinstance(node, Scalar):
        return ""
    if node.variables:
        return f", which is what {' and '.join(node.variables)} made of it"
    if isinstance(node.value, (bool, int, float)) and isinstance(kind, (Text, Texts)):
        return ": write it in quotes"
    return ""


def _unknown(name: str, known: Collection[str]) -> str:
    folded = {item.replace("_", ""): item for item in known}
    near = get_close_matches(name.replace("_", "").lower(), folded, 1)
    meant = f"did you mean `{folded[near[0]]}`?" if near else f"it knows {_listed(known)}"
    return f"`{name}` is not known to this version: {meant}"


def _listed(names: Collection[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
