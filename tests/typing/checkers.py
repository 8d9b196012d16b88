"""Runs mypy and pyright on files as a user would, and answers what they report by line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = [str(ROOT / name) for name in ("generator", "templates", "runtime")]

Reports = dict[str, dict[int, str]]
"""What a checker reports: all it says of a line as one text, by file name and line."""

_MYPY = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+): error: (?P<message>.*)$", re.MULTILINE)


def mypy(folder: Path, paths: Sequence[str], *, settings: str = "") -> Reports:
    """Runs `mypy --strict` on files and packages in `folder`; `settings` are further lines of its configuration."""
    (folder / "mypy.ini").write_text(
        f"[mypy]\nstrict = true\npython_version = 3.11\nmypy_path = {':'.join(SOURCES)}\n{settings}\n"
    )
    ran = _run([sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", ".mypy", *paths], folder)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    reports: Reports = defaultdict(dict)
    for match in _MYPY.finditer(ran.stdout):
        _add(reports, match["file"], int(match["line"]), match["message"])
    return reports


def pyright(folder: Path, paths: Sequence[str], mode: str = "standard") -> Reports:
    """Runs pyright on files and packages in `folder`."""
    settings = {
        "include": list(paths),
        "extraPaths": SOURCES,
        "pythonVersion": "3.11",
        "typeCheckingMode": mode,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    ran = _run([sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable], folder)
    assert ran.stdout.startswith("{"), ran.stdout + ran.stderr
    reports: Reports = defaultdict(dict)
    for found in json.loads(ran.stdout)["generalDiagnostics"]:
        if found["severity"] == "error":
            path, start = Path(found["file"]), found["range"]["start"]
            message = found["message"] + _pointed_at(path, start["line"], start["character"])
            _add(reports, str(path.relative_to(folder.resolve())), start["line"] + 1, message)
    return reports


def _pointed_at(path: Path, line: int, column: int) -> str:
    """Pyright underlines the wrong value and does not spell its key: here is what one sees before the underlined place."""
    before = re.search(r'"(\w+)": $', path.read_text().splitlines()[line][:column])
    return f" (the value of {before[1]})" if before else ""


CHECKERS: dict[str, Callable[[Path, list[str]], Reports]] = {"mypy": mypy, "pyright": pyright}


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _add(reports: Reports, file: str, line: int, message: str) -> None:
    reports[file][line] = f"{reports[file].get(line, '')}\n{message}".strip()
