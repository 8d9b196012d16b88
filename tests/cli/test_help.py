"""Help: each command says in a line what it does, and shows how it is typed; what is mistyped is told with the nearest."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from infra_gen.cli.app import tree
from tests.cli.test_json import infra_gen
from tests.cli.tree import commands, options_of

COMMANDS = dict(commands(tree()))
EXAMPLES = {name: re.findall(r"Example: `(infra-gen [^`]+)`", command.help or "") for name, command in COMMANDS.items()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_in_one_line_what_it_does(name: str) -> None:
    summary, _, rest = (COMMANDS[name].help or "").partition("\n")
    assert re.fullmatch(r"[A-Z].{10,140}\.", summary), summary
    assert rest.startswith("\n"), "the summary is a paragraph"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_how_it_is_typed(name: str) -> None:
    assert EXAMPLES[name]
    for example in EXAMPLES[name]:
        words = shlex.split(example.removeprefix("infra-gen ").partition(" > ")[0])
        assert words[: len(name.split())] == name.split()
        COMMANDS[name].make_context(name, words[len(name.split()) :])  # Wrong usage is an exception.


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is(name: str) -> None:
    assert not [parameter.name for parameter in COMMANDS[name].params if not parameter.help]


def test_alone_it_shows_the_commands_in_groups(tmp_path: Path) -> None:
    told = infra_gen(tmp_path)
    shown = told.out + told.err
    for panel in ("The schema", "The package", "The database", "The project", "Output"):
        assert panel in shown
    for name in tree().commands:
        assert f" {name} " in shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("generte", "generate"), ("db psh", "push"), ("migrate deplo", "deploy"), ("validate --jsn", "--json")],
)
def test_what_is_mistyped_is_told_with_the_nearest(tmp_path: Path, typed: str, meant: str) -> None:
    told = infra_gen(tmp_path, *typed.split())
    assert told.code == 2
    assert re.search(f"(Did you mean|Possible options:) '?{meant}", told.err)


def test_the_flags_of_output_are_the_same_everywhere() -> None:
    for name, command in COMMANDS.items():
        assert {"-q", "-v"} <= options_of(command), name
        assert not (
            {"-q", "-v"}
            & {
                flag
                for parameter in command.params
                if parameter.name not in ("quiet", "verbose")
                for flag in parameter.opts
            }
        )
