"""Every value of every option, said to every front end, makes the package that it means."""

from __future__ import annotations

import io
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra_gen import cli
from infra_gen.config import Options
from infra_gen.generate import files_of
from infra_gen.hook.running import run as run_hook
from tests.generator.packages import compiled
from tests.options.table import CASES, NO_DEFAULT, SCHEMA, VALUES, block, flags, line, meant, name_of


def run(*arguments: str) -> int:
    """Runs the command line in this process."""
    before = sys.argv
    sys.argv = ["infra-gen", *arguments]
    try:
        return cli.run()
    finally:
        sys.argv = before


def hook(project: Path) -> int:
    """Runs as Prisma does."""
    params = {"generator": {"name": "infra"}, "schemaPath": str(project / "prisma" / "schema.prisma")}
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "generate", "params": params}).encode() + b"\n"
    answers = io.BytesIO()
    code = run_hook(io.BytesIO(request), answers, io.StringIO())
    assert json.loads(answers.getvalue()).get("result", "none") is None, answers.getvalue()
    return code


def in_block(project: Path, *lines: str) -> None:
    (project / "prisma" / "schema.prisma").write_text(block(*lines) + SCHEMA)


def in_pyproject(project: Path, *lines: str) -> None:
    (project / "pyproject.toml").write_text("\n".join(["[tool.infra-gen]", *lines, ""]))


def by_flag(project: Path, option: str, value: Any) -> int:
    return run("generate", *flags(option, value))


def by_block(project: Path, option: str, value: Any) -> int:
    in_block(project, line(option, value, before="../"))
    return run("generate")


def by_pyproject(project: Path, option: str, value: Any) -> int:
    in_pyproject(project, line(option, value))
    return run("generate")


def by_block_for_prisma(project: Path, option: str, value: Any) -> int:
    in_block(project, line(option, value, before="../"))
    return hook(project)


def by_pyproject_for_prisma(project: Path, option: str, value: Any) -> int:
    in_block(project)
    in_pyproject(project, line(option, value))
    return hook(project)


FRONT_ENDS: dict[str, Callable[[Path, str, Any], int]] = {
    "flag": by_flag,
    "block": by_block,
    "pyproject": by_pyproject,
    "block, prisma": by_block_for_prisma,
    "pyproject, prisma": by_pyproject_for_prisma,
}


def written(folder: Path) -> dict[str, str]:
    """The files of a package as they are on the disk."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path.read_text()
        for name, path in files.items()
        if name != ".infra-gen.json" and not name.startswith("__pycache__")
    }


def wanted(project: Path, options: Options) -> dict[str, str]:
    folder = Path(os.path.relpath(project / "prisma", options.output)).as_posix()
    return files_of(compiled(SCHEMA), options, folder=folder)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize(("option", "value"), CASES, ids=name_of)
def test_a_value_makes_what_it_means(front_end: str, option: str, value: Any, project: Path) -> None:
    assert FRONT_ENDS[front_end](project, option, value) == 0
    options = meant(option, value, project)
    assert written(options.output) == wanted(project, options)


@pytest.mark.parametrize(("option", "value"), CASES, ids=name_of)
def test_a_value_changes_the_package_unless_it_is_the_default(option: str, value: Any, project: Path) -> None:
    is_default = option not in NO_DEFAULT and value == VALUES[option][0]
    if option == "output":
        return
    default = wanted(project, Options(output=project / "db"))
    assert (wanted(project, meant(option, value, project)) == default) is is_default


@pytest.mark.parametrize(("option", "value"), CASES, ids=name_of)
def test_check_compares_with_what_the_flags_mean(option: str, value: Any, project: Path) -> None:
    is_default = option not in NO_DEFAULT and value == VALUES[option][0]
    assert run("generate") == 0
    assert run("generate", "--check", *flags(option, value)) == (0 if is_default else 1)
    assert run("generate", *flags(option, value)) == 0
    assert run("generate", "--check", *flags(option, value)) == 0


def test_watch_takes_the_flags_of_generate(project: Path, installed: Path) -> None:
    given = {
        "output": "elsewhere/rows",
        "naming": "snake_case",
        "interface": "sync",
        "relations": "optional",
        "missing": "none",
        "frozen": False,
        "templates": "own",
        "include": ["User", "Team", "Note"],
        "exclude": ["N*"],
        "plugins": ["one"],
    }
    assert given.keys() == VALUES.keys()
    arguments = [flag for option, value in given.items() for flag in flags(option, value)]
    assert run("generate", *arguments) == 0
    generated = written(project / "elsewhere" / "rows")
    arguments[1] = "elsewhere/watched"
    command = [sys.executable, "-m", "infra_gen", "watch", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said = _first_line(process)
        process.send_signal(signal.SIGINT)
    assert re.search(r"elsewhere/watched: \d+ written", said), said
    assert written(project / "elsewhere" / "watched") == generated


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    stdout = process.stdout
    threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
    ends = time.monotonic() + 60
    return lines.get(timeout=max(0.0, ends - time.monotonic()))
