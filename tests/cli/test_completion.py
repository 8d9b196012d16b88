"""Completion: a shell that has the script completes commands, options, and names that only the project knows."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import SCHEMA

BIN = Path(sys.executable).parent
MODELS = SCHEMA + "\nmodel Page {\n  id Int @id\n}\n\nmodel Place {\n  id Int @id\n}\n"
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
BASH = pytest.mark.skipif(shutil.which("bash") is None or sys.platform == "win32", reason="there is no bash")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(MODELS)
    for name in ("20260101000000_init", "20260102000000_more"):
        (tmp_path / "migrations" / name).mkdir(parents=True)
    return tmp_path


def offered(folder: Path, line: str, shell: str = "bash") -> list[str]:
    """What is offered at the end of a line, by the protocol between a shell's script and the command."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    asked = {
        "bash": {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        "powershell": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1]},
    }
    done = subprocess.run(
        [str(BIN / "infra-gen")],
        cwd=folder,
        env=ENVIRONMENT | asked[shell] | {"_INFRA_GEN_COMPLETE": f"complete_{shell}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("infra-gen val", ["validate"]),
        ("infra-gen migrate re", ["resolve", "reset"]),
        ("infra-gen generate --nam", ["--naming"]),
        ("infra-gen generate --naming s", ["schema", "snake_case"]),
        ("infra-gen generate --include P", ["Page", "Place"]),
        ("infra-gen generate --include Page,", ["Page,Note", "Page,Place"]),
        ("infra-gen migrate resolve --applied ", ["20260102000000_more", "20260101000000_init"]),
        ("infra-gen init --provider my", ["mysql"]),
    ],
)
def test_what_is_offered(project: Path, line: str, expected: list[str]) -> None:
    assert offered(project, line) == expected


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_other_shells_are_offered_the_same(project: Path, shell: str) -> None:
    assert "Place" in " ".join(offered(project, "infra-gen generate --include Pl", shell))


def test_names_of_another_place_are_offered_where_the_line_names_it(project: Path) -> None:
    (project / "other").mkdir()
    (project / "schema.prisma").rename(project / "other" / "a.prisma")
    (project / "migrations").rename(project / "other" / "steps")
    assert offered(project, "infra-gen generate --schema other/a.prisma --include Pl") == ["Place"]
    line = "infra-gen migrate resolve --schema other/a.prisma --migrations other/steps --applied "
    assert len(offered(project, line)) == 2


def test_a_schema_that_is_not_valid_has_names_too(project: Path) -> None:
    (project / "schema.prisma").write_text(MODELS + "model Broken {\n  id Nope\n}\n")
    assert offered(project, "infra-gen generate --include Br") == ["Broken"]


def test_where_there_is_none_nothing_is_offered(tmp_path: Path) -> None:
    assert offered(tmp_path, "infra-gen generate --include ") == []
    assert offered(tmp_path, "infra-gen migrate resolve --applied ") == []


@BASH
def test_bash_completes_once_it_is_installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    environment = ENVIRONMENT | {"HOME": str(home)}
    installed = subprocess.run(
        ["bash", "--norc", "-c", "infra-gen --install-completion; exit $?"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert installed.returncode == 0, installed.stderr
    typing = "COMP_WORDS=(infra-gen generate --include Pl); COMP_CWORD=3; _infra_gen_completion infra-gen; echo ${COMPREPLY[@]}"
    script = f"source {home}/.bashrc; complete -p infra-gen > /dev/null && {{ {typing}; }}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=project, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("Place\n", "")


@BASH
def test_the_script_is_shown(tmp_path: Path) -> None:
    shown = subprocess.run(
        ["bash", "--norc", "-c", "infra-gen --show-completion; exit $?"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (shown.returncode, "complete -o default -F _infra_gen_completion infra-gen" in shown.stdout) == (0, True)
