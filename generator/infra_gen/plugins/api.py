"""What a plug-in is, and what it is given. Imports `directives`, `ir`, `plan`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from infra_gen import ir
from infra_gen.directives import DirectiveType
from infra_gen.plan.settings import PlanSettings
from infra_gen.plan.views import PackageView

if TYPE_CHECKING:
    import typer

API_VERSION = "1.0"
"""Of `infra_gen.plugins`, `infra_gen.ir` and the public part of the views. The first number changes when something goes or means something
else, the second when something is added."""


@dataclass(frozen=True, slots=True)
class Generation:
    """What the files of a package are made from."""

    schema: ir.Schema
    """As the active plug-ins have changed it, with the models and enums that the package leaves out."""
    package: PackageView
    """What templates are given: the models and enums that the package has, under their names in Python."""
    settings: PlanSettings
    """The options that decide what is in the package."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the generated package: a text, or a template with what it is given."""

    path: str
    """Within the package, with slashes. What ends in `.py` must be Python, and is laid out by black."""
    text: str = ""
    template: str = ""
    """The name of a template in the plug-in's folder; the user's folder may hold another, under `<plug-in>/<name>`."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """What the template is given, beside `package`."""
    model: str = ""
    """The model that it is about, where it is about one: said in messages."""


class Project(Protocol):
    """The project that a command works on."""

    def generation(self, schema: Path | None = None) -> Generation:
        """What its package is made from.

        Args:
            schema: a file or a folder; without it, where `infra-gen generate` finds it.
        Errors: those of `infra-gen generate`, for a schema or for options that are not valid. A command lets them through.
        """
        ...


class Plugin:
    """The base class. A subclass states `api_version`, and overrides what it needs; an instance is made without arguments.

    Of several active plug-ins each method is called in the order of their names. What a method raises is told to the user as one message that
    names the plug-in; a `Failure` is told in its own words.
    """

    api_version: ClassVar[str]
    """The version of this API that it is written for, such as "1.0". A toolkit of the same first number, and of the same second number or
    a higher one, loads it."""

    def directives(self) -> Iterable[DirectiveType]:
        """Directives that `///` comments may hold, named `infra.<name>`. They are checked as the toolkit's own are, with their places."""
        return ()

    def transform(self, schema: ir.Schema) -> ir.Schema:
        """Another schema in the place of a valid one. All commands see it: tables are made of it, too.

        It must depend on nothing but its argument, as the same schema has to make the same bytes. The answer is checked: names,
        references, and the two sides of relations must fit.
        """
        return schema

    def templates(self) -> Path | None:
        """The folder of its templates. They are called `<plug-in>/<path in the folder>`; those whose first line says so make files."""
        return None

    def files(self, generation: Generation) -> Iterable[File]:
        """Files of the generated package, beside those that templates make by themselves. The same generation makes the same files."""
        return ()

    def commands(self, project: Project) -> typer.Typer | None:
        """Commands, as a typer application: `infra-gen <plug-in> <command>`. Asked for when one of them is called, and not before."""
        return None


def arguments_of(node: ir.Model | ir.Field | ir.Enum, directive: str) -> Mapping[str, Any] | None:
    """What a directive says of a model, field or enum, by its arguments' names; None where it does not stand there.

    Args:
        directive: with its namespace, as in `infra.dto`.
    """
    return next((item.arguments for item in node.directives if item.name == directive), None)
