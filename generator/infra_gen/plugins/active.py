"""The plug-ins that a project names, asked together: their directives, their changes to the schema. Imports `directives`, `ir`, its own modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from infra_gen import ir
from infra_gen.directives import DIRECTIVES, DirectiveType, Registry
from infra_gen.failure import Failure
from infra_gen.plugins.api import File, Generation, Plugin
from infra_gen.plugins.consistency import problems
from infra_gen.plugins.installed import Loaded, failing, load

NAMESPACE = "infra."


@dataclass(frozen=True)
class ActivePlugins:
    """Plug-ins in the order of their names."""

    plugins: tuple[Loaded, ...] = ()

    def directives(self, others: Registry = DIRECTIVES) -> Registry:
        """Others' directives and theirs: one object for the same, each time.

        Errors: Failure for one that is there twice, or whose name does not begin with `infra.`.
        """
        return _registry(self.plugins, others) if self.plugins else others

    @property
    def transforming(self) -> tuple[Loaded, ...]:
        """Those that change what a schema means."""
        return tuple(item for item in self.plugins if type(item.plugin).transform is not Plugin.transform)

    def transformed(self, schema: ir.Schema) -> ir.Schema:
        """The schema that they make of one. Errors: Failure for one that does not hold together, naming the plug-in."""
        for item in self.transforming:
            with failing(item.source, "change the schema"):
                schema = item.plugin.transform(schema)
            if found := problems(schema):
                listed = "".join(f"\n  {problem}" for problem in found)
                raise Failure(f"{item.source} answered a schema that does not hold together:{listed}")
        return schema

    def named(self, names: Iterable[str]) -> ActivePlugins:
        """Those of these names: the ones that add to a package."""
        wanted = frozenset(names)
        return ActivePlugins(tuple(item for item in self.plugins if item.name in wanted))

    def templates(self) -> Iterator[tuple[str, Path]]:
        """Their folders of templates, with their names."""
        for item in self.plugins:
            with failing(item.source, "name its templates"):
                folder = item.plugin.templates()
            if folder is not None:
                yield item.name, Path(folder)

    def files(self, generation: Generation) -> Iterator[tuple[str, File]]:
        """The files that they make, with their names."""
        for item in self.plugins:
            with failing(item.source, "make its files"):
                files = tuple(item.plugin.files(generation))
            for file in files:
                if not isinstance(file, File):
                    raise Failure(f"{item.source} makes {type(file).__name__} where a File is wanted.")
                yield item.name, file


NONE = ActivePlugins()

Chooser: TypeAlias = Callable[[Sequence[ir.Generator]], ActivePlugins]
"""From the generator blocks of a schema to the plug-ins that are active for it."""


def activated(names: Iterable[str]) -> ActivePlugins:
    """The plug-ins of these names, loaded once in a process. Errors: Failure, see `installed.load`."""
    return _activated(tuple(sorted(set(names))))


@cache
def _activated(names: tuple[str, ...]) -> ActivePlugins:
    return ActivePlugins(tuple(load(name) for name in names))


def activated_plugins_forgotten() -> None:
    """For processes in which packages come and go, such as those of tests."""
    _activated.cache_clear()


@cache
def _registry(plugins: tuple[Loaded, ...], others: Registry) -> Registry:
    sources = {type_.name: "the toolkit" for type_ in others.types}
    added: list[DirectiveType] = []
    for item in plugins:
        with failing(item.source, "say its directives"):
            types = tuple(item.plugin.directives())
        for type_ in types:
            if not isinstance(type_, DirectiveType) or not _is_ours(type_.name):
                name = getattr(type_, "name", type_)
                raise Failure(
                    f"{item.source} has a directive `{name}`: it must be a DirectiveType whose name is `{NAMESPACE}<name>`."
                )
            if other := sources.get(type_.name):
                raise Failure(f"{item.source} has a directive `@{type_.name}`, which is there already, of {other}.")
            sources[type_.name] = f"the plug-in `{item.name}`"
            added.append(type_)
    return Registry((*others.types, *added))


def _is_ours(name: str) -> bool:
    return name.startswith(NAMESPACE) and name.removeprefix(NAMESPACE).isidentifier()
