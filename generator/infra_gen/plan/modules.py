"""What a generated module imports: names come in as they are used, with an underscore before those that would be hidden.

A field called `datetime` or `Post` hides the import of that name within its class, for checkers and pydantic alike; then the module
imports it `as _datetime`. No name of a schema begins with an underscore, so that only another alias can have it; then underscores
follow it, never a second one before it, which Python would mangle within a class. Imports nothing of the toolkit.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection
from dataclasses import dataclass, field

BUILTINS = frozenset({"bool", "bytes", "float", "int", "list", "str"})
"""Types that annotations name without an import."""


@dataclass(frozen=True, slots=True)
class Import:
    """`from module import name as alias`, names sorted as isort sorts them. `width` is what a line may have."""

    module: str
    names: tuple[tuple[str, str], ...]
    width: int = 88

    @property
    def lines(self) -> tuple[str, ...]:
        """The statements, sorted by their first names: one for what keeps its name, on one line where it fits, and one for each alias."""
        plain = [name for name, alias in self.names if name == alias]
        statements = [([name], self._statement([f"{name} as {alias}"])) for name, alias in self.names if name != alias]
        if plain:
            statements.append((plain, self._statement(plain)))
        statements.sort(key=lambda statement: _member_order(statement[0][0]))
        return tuple(line for _, statement in statements for line in statement)

    def _statement(self, names: list[str]) -> tuple[str, ...]:
        line = f"from {self.module} import {', '.join(names)}"
        if len(line) <= self.width:
            return (line,)
        return (f"from {self.module} import (", *(f"    {name}," for name in names), ")")


@dataclass
class Imports:
    """Collects what one module uses. `hidden` are the names that its classes' fields take."""

    hidden: Collection[str] = ()
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _checking: dict[str, dict[str, str]] = field(default_factory=dict)
    _owners: dict[str, tuple[str, str]] = field(default_factory=dict)

    def name(self, module: str, name: str, *, checking: bool = False) -> str:
        """Uses `name` of `module` and answers what to call it. `checking`: only checkers see the import."""
        alias = name
        if alias in self.hidden or self._is_owned(alias, (module, name)):
            alias = f"_{name}"
        return self._use(module, name, alias, checking)

    def submodule(self, package: str, name: str, *, checking: bool = False) -> str:
        """Uses a module of a package, always by an alias: modules are called like fields."""
        return self._use(package, name, f"_{name}", checking)

    def own(self, name: str) -> str:
        """Claims a name for something that the module itself defines, and answers what to call it."""
        while self._is_owned(name, ("", name)):
            name += "_"
        self._owners[name] = ("", name)
        return name

    def _use(self, module: str, name: str, alias: str, checking: bool) -> str:
        while self._is_owned(alias, (module, name)):
            alias += "_"
        self._owners[alias] = (module, name)
        if checking:
            self.name("typing", "TYPE_CHECKING")
        (self._checking if checking else self._names).setdefault(module, {})[name] = alias
        return alias

    def _is_owned(self, alias: str, owner: tuple[str, str]) -> bool:
        """Does something else go by that name?"""
        return self._owners.get(alias, owner) != owner

    def builtin(self, name: str) -> str:
        """Uses a builtin type."""
        return self.name("builtins", name) if name in self.hidden else name

    @property
    def groups(self) -> tuple[tuple[Import, ...], ...]:
        """Import statements in groups: standard library, other packages, the generated package's own."""
        return _grouped(self._names)

    @property
    def checking(self) -> tuple[tuple[Import, ...], ...]:
        """The statements under `if TYPE_CHECKING:`, in the same groups."""
        return _grouped(self._checking, 84)


def _grouped(names: dict[str, dict[str, str]], width: int = 88) -> tuple[tuple[Import, ...], ...]:
    imports = [
        Import(module, tuple(sorted(used.items(), key=lambda item: _member_order(item[0]))), width)
        for module, used in sorted(names.items(), key=lambda item: (-_dots(item[0]), item[0].casefold(), item[0]))
    ]
    groups = [tuple(item for item in imports if _section(item.module) == section) for section in range(3)]
    return tuple(group for group in groups if group)


def _section(module: str) -> int:
    if module.startswith("."):
        return 2
    return 0 if module.split(".")[0] in _STANDARD else 1


_STANDARD = frozenset({builtins.__name__, "collections", "datetime", "decimal", "enum", "functools", "typing"})


def _dots(module: str) -> int:
    return len(module) - len(module.lstrip("."))


def _member_order(name: str) -> tuple[int, str, str]:
    """Constants, then classes, then the rest, as isort orders them."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name.casefold(), name
