"""What every command has, whoever wrote it: `--quiet`, `--verbose`, `--no-color`, and failures that are told as its flags have it.

`equip` goes over a typer application and wraps its commands; they themselves know nothing of it but `console`.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_type_hints

import typer

from infra_gen.cli import console
from infra_gen.cli.failures import document_of

NAME = "infra-gen"
OUTPUT = "Output"
"""The panel of a command's help where these options stand."""

QuietOption: TypeAlias = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print errors and what was asked for, nothing else.", rich_help_panel=OUTPUT),
]
VerboseOption: TypeAlias = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Say what is read from where, and how long it takes.", rich_help_panel=OUTPUT),
]
NoColorOption: TypeAlias = Annotated[
    bool, typer.Option("--no-color", help="Print no colours; NO_COLOR=1 does the same.", rich_help_panel=OUTPUT)
]
COMMON: dict[str, Any] = {"quiet": QuietOption, "verbose": VerboseOption, "no_color": NoColorOption}

CONTEXT = "typer_context"
"""The parameter in which typer gives a command its context, unless it asks for that by itself."""


def equip(app: typer.Typer) -> None:
    """Gives every command of `app`, and of the groups within, the options of `COMMON`, and its failures their form.

    What a command has by itself of these, it keeps: a plug-in's may.
    """
    for command in app.registered_commands:
        if command.callback is not None and not hasattr(command.callback, _MARK):
            command.callback = _equipped(command.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            equip(group.typer_instance)


def _equipped(command: Callable[..., Any]) -> Callable[..., Any]:
    """`command` with more keywords. Typer reads a function's signature, so that says what there is."""
    hints = get_type_hints(command, include_extras=True)
    own = [
        item.replace(annotation=hints.get(item.name, item.annotation))
        for item in inspect.signature(command).parameters.values()
    ]
    asked = next((item.name for item in own if item.annotation is typer.Context), None)
    taken = {word for item in own for word in (item.name, *_flags(item))}
    added = {name: kind for name, kind in COMMON.items() if taken.isdisjoint((name, *_declared(kind)))}
    more = [
        *(inspect.Parameter(name, _KEYWORD, default=False, annotation=kind) for name, kind in added.items()),
        *([] if asked else [inspect.Parameter(CONTEXT, _KEYWORD, annotation=typer.Context)]),
    ]

    @wraps(command)
    def equipped(**given: Any) -> Any:
        context = given[asked] if asked else given.pop(CONTEXT)
        before = context.find_root().params  # `infra-gen -q generate` is `infra-gen generate -q`.
        said = {name: bool(given.pop(name) or before.get(name)) for name in added}
        spoken = console.Console(
            quiet=said.get("quiet", False), verbose=said.get("verbose", False), json=bool(given.get("as_json"))
        )
        if spoken.quiet and spoken.verbose:
            raise typer.BadParameter("--quiet and --verbose say the opposite of each other: give one.")
        with console.speaking(spoken):
            return _told(command, given)

    equipped.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    equipped.__annotations__ = {item.name: item.annotation for item in (*own, *more)}
    setattr(equipped, _MARK, True)
    return equipped


_MARK = "is_equipped"


def _flags(item: inspect.Parameter) -> tuple[str, ...]:
    """The flags that a parameter declares, in its annotation or, as older code has it, as its default."""
    return (*_declared(item.annotation), *(getattr(item.default, "param_decls", None) or ()))


def _declared(kind: Any) -> tuple[str, ...]:
    return tuple(
        flag for said in getattr(kind, "__metadata__", ()) for flag in getattr(said, "param_decls", None) or ()
    )


_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _told(command: Callable[..., Any], given: dict[str, Any]) -> Any:
    """Runs a command; with `--json` its failure is a document, and the exit code what it would be without."""
    if not console.is_json():
        return command(**given)
    try:
        return command(**given)
    except (typer.Exit, BrokenPipeError):
        raise
    except Exception as error:
        if is_usage(error):
            raise
        schema = given.get("schema")
        document_of(error, schema if isinstance(schema, Path) else None)
        if is_defect(error):
            raise
        raise typer.Exit(1) from error


def is_defect(error: Exception) -> bool:
    """Is it none that a user can do something about?"""
    from infra_gen.explanation import explanation

    return not isinstance(error, (typer.Abort, OSError)) and explanation(error, color=False) is None


def is_usage(error: BaseException) -> bool:
    """Is it one of the command line library's errors? Their class has no name of typer's in all its versions."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def run(app: Callable[..., Any], arguments: Sequence[str]) -> Any:
    """Runs the command line. Wrong usage is told as `--json` and `--no-color` have it, although no command has read them yet.

    Args:
        app: typer's command for the whole application, which reads the process's arguments.
        arguments: the same, to look for these two.
    """
    if "--no-color" in arguments:
        os.environ["NO_COLOR"] = "1"  # rich reads it, and so do the programs that commands start.
    if "--json" not in arguments:
        return app(prog_name=NAME)
    try:
        sys.exit(app(prog_name=NAME, standalone_mode=False))
    except typer.Abort:
        sys.exit(1)
    except Exception as error:
        if not is_usage(error):
            raise
        usage: Any = error
        console.document({}, errors=[console.entry(usage.format_message())])
        sys.exit(usage.exit_code)
