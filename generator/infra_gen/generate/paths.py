"""Paths in a generated package, and how files are called in messages. Pure but for the working folder; imports `failure`."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from infra_gen.failure import Failure

OURS = (".infra-gen.json", "__pycache__")
"""What the package's folder holds beside what is made."""


def problem(path: str) -> str:
    """Why no file can be made at a path; an empty text where it can. It is relative to the package, with slashes."""
    parts = path.split("/")
    if PurePosixPath(path).is_absolute() or "\\" in path or ":" in path or not all(parts) or {".", ".."} & set(parts):
        return f"{path} is no path within the package: write it as `folder/file.py`."
    if parts[0].casefold() in OURS:
        return f"{path} is what infra-gen keeps for itself: take another name."
    return ""


def fault_at(file: Path, line: int, text: str) -> Failure:
    """What is wrong in a line of a file, so that nothing is generated."""
    return Failure(f"{place(file, line)}: {text} Nothing was written.", file=shown(file), line=line)


def place(file: Path, line: int) -> str:
    """`folder/file:line`, from the working folder where the file is below it."""
    return f"{shown(file)}:{line}"


def shown(file: Path) -> str:
    """A file's path as short as its user would write it."""
    here = Path.cwd()
    return (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()
