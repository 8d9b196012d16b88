"""What every command has, whoever wrote it; and what a command keeps that has it by itself."""

from __future__ import annotations

import json
from typing import Annotated

import pytest
import typer
from typer.main import get_command

from infra_gen.cli import console
from infra_gen.cli.commands import equip
from infra_gen.cli.options import JsonOption
from tests.cli.tree import options_of


def call(app: typer.Typer, *words: str) -> int:
    with pytest.raises(SystemExit) as leaving:
        get_command(app)(list(words))
    return int(leaving.value.code or 0)


def test_a_command_that_knows_nothing_of_it_is_quiet_when_it_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def greet(name: str) -> None:
        console.tell(f"hello {name}")

    equip(app)
    assert [call(app, "Ada"), call(app, "Ada", "-q")] == [0, 0]
    assert capsys.readouterr().out == "hello Ada\n"


def test_its_own_flags_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def count(
        verbose: Annotated[int, typer.Option("--verbose", "-v", count=True)] = 0, query: str = typer.Option("", "-q")
    ) -> None:
        typer.echo(f"{verbose} {query}")

    equip(app)
    assert call(app, "-vv", "-q", "x") == 0
    assert capsys.readouterr().out == "2 x\n"
    assert "--no-color" in options_of(get_command(app))


def test_its_own_context_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def told(context: typer.Context) -> None:
        console.detail(str(context.info_name))

    equip(app)
    assert call(app, "-v") == 0
    assert "· " in capsys.readouterr().err


def test_twice_is_once() -> None:
    app = typer.Typer()

    @app.command()
    def nothing() -> None: ...

    equip(app)
    once = app.registered_commands[0].callback
    equip(app)
    assert app.registered_commands[0].callback is once


def test_a_defect_is_a_document_and_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def fails(as_json: JsonOption = False) -> None:
        raise KeyError("x")

    equip(app)
    with pytest.raises(KeyError):
        get_command(app)(["--json"])
    [error] = json.loads(capsys.readouterr().out)["errors"]
    assert "A defect of infra-gen's: KeyError" in error["message"]
    with pytest.raises(KeyError):
        get_command(app)([])
    assert capsys.readouterr().out == ""
