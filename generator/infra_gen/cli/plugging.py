"""The commands of plug-ins, beside the toolkit's own: `infra-gen <plug-in> <command>`.

A plug-in is found by the metadata of installed distributions, and imported when a command of its own is called: help, completion and all
other commands start without it, and do not mind if it is broken.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from infra_gen.cli.commands import equip, is_usage
from infra_gen.cli.generating import prepared
from infra_gen.explanation import explanation
from infra_gen.failure import Failure
from infra_gen.plugins.api import Generation
from infra_gen.plugins.installed import distribution, failing, load, names

PANEL = "Plug-ins"


class WithPlugins(TyperGroup):
    """The root of the command line: a name that is none of its own commands' may be a plug-in's."""

    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return [*own, *(name for name in _installed(ctx) if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        return own or (PluginCommands(cmd_name) if cmd_name in _installed(ctx) else None)


class PluginCommands(TyperGroup):
    """Stands for a plug-in's commands until one of them is called."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, help=f"Commands of {distribution(name)}.", rich_help_panel=PANEL)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        assert self.name is not None
        return _commands(self.name).make_context(info_name, args, parent=parent, **extra)


class ProjectHere:
    """The project of the working folder."""

    def generation(self, schema: Path | None = None) -> Generation:
        from infra_gen.generate import generation_of

        found = prepared(schema, {})
        return generation_of(found.schema, found.options)


def _installed(context: Any) -> list[str]:
    """The names of the plug-ins, looked up once for each command line that is read."""
    meta = context.meta
    if __name__ not in meta:
        meta[__name__] = names()
    found: list[str] = meta[__name__]
    return found


def _commands(name: str) -> Any:
    """A plug-in's commands. Errors: Failure, where it cannot be loaded, or has none."""
    plugin = load(name)
    with failing(plugin.source, "make its commands"):
        app = plugin.plugin.commands(ProjectHere())
        if app is None:
            raise Failure(f"{plugin.source} has no commands.")
        # As a group within another it is one also where it has a single command, and completes nothing by itself.
        root = typer.Typer(add_completion=False)
        root.add_typer(app, name=name)
        equip(root)
        groups: Any = get_command(root)
        command = groups.commands[name]
    command.invoke = _guarded(command.invoke, plugin.source)
    return command


def _guarded(invoke: Callable[[Any], Any], whose: str) -> Callable[[Any], Any]:
    """Runs a command: what is its user's mistake is told as everywhere, and what is a defect of the plug-in's as that."""

    def run(context: Any) -> Any:
        try:
            return invoke(context)
        except Exception as error:
            is_told = (
                isinstance(error, (typer.Exit, typer.Abort, OSError)) or explanation(error, color=False) is not None
            )
            if is_told or is_usage(error):
                raise
            with failing(whose, "run its command"):
                raise

    return run
