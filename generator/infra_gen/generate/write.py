"""Writes a package: compares, replaces file by file what differs, prunes what it once wrote and no longer does.

Each file is replaced atomically. What is the generator's own stands in a manifest, `.infra-gen.json`: before the first change it is
made to name old and new files alike, and at the end the new ones alone, so that whenever a run is killed every file is whole and the
next run knows them all. Runs at once wait for each other, and all that stays is the last one's. A file that the manifest does not name
is foreign: it is neither overwritten nor removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_gen.failure import Failure
from infra_gen.generate.alone import alone
from infra_gen.generate.reading import content
from infra_gen.replace import TEMPORARY, replace_file
from infra_gen.version import version

MANIFEST = ".infra-gen.json"


@dataclass(frozen=True, slots=True)
class Changes:
    """How a folder differs from the files it should hold; paths within it, sorted."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.written or self.removed)


def compare(folder: Path, files: Mapping[str, str]) -> Changes:
    """What writing `files` into `folder` would change.

    Errors: Failure where a foreign file is in the way, or something cannot be read.
    """
    owned = _manifest(folder)
    written, unchanged = [], []
    for path, text in sorted(files.items()):
        present = _read(folder, path)
        if present == text.encode():
            unchanged.append(path)
            continue
        if present is not None and path not in owned:
            raise Failure(
                f"{folder / path} is not a file of infra-gen's, and the generated package needs that name. Move it away, or "
                "generate into another folder (option `output`). Nothing was written."
            )
        written.append(path)
    removed = sorted(path for path in owned - files.keys() if (folder / path).is_file())
    return Changes(tuple(written), tuple(unchanged), tuple(removed))


def write(folder: Path, files: Mapping[str, str]) -> Changes:
    """Makes `folder` hold `files`, and answers what changed.

    Errors: Failure as for `compare`, and where something cannot be written; then every file is whole, old or new.
    """
    if not folder.is_dir():
        compare(folder, files)  # What is in its way is told before anything is made.
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            return _written(folder, files)
    except OSError as error:
        place = error.filename or folder
        raise Failure(
            f"{place} cannot be written: {error.strerror}. Files written so far are whole; run again once that is mended."
        ) from error


def lists(folder: Path, paths: Iterable[str]) -> bool:
    """Is the manifest that of a package with these files?"""
    return _read(folder, MANIFEST) == _manifest_text(paths).encode()


def _written(folder: Path, files: Mapping[str, str]) -> Changes:
    changes = compare(folder, files)
    listed = _manifest_text(files)
    if not changes.any and lists(folder, files):
        return changes
    all_files = {*files, *_manifest(folder)}
    _remove_leftovers(folder, all_files)
    if changes.any:
        replace_file(folder / MANIFEST, _manifest_text(all_files).encode())
    for path in changes.written:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        replace_file(folder / path, files[path].encode())
    for path in changes.removed:
        (folder / path).unlink(missing_ok=True)
    _remove_empty_folders(folder, changes.removed)
    replace_file(folder / MANIFEST, listed.encode())
    return changes


def _read(folder: Path, name: str) -> bytes | None:
    try:
        return content(os.path.join(folder, name))
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        path = folder / name
        file = next(folder for folder in path.parents if folder.is_file())
        raise Failure(
            f"{file} is a file, and the generated package needs a folder of that name. Move it away, or generate into another "
            "folder (option `output`). Nothing was written."
        ) from error
    except OSError as error:
        raise Failure(f"{folder / name} cannot be read: {error.strerror}. Nothing was written.") from error


def _manifest(folder: Path) -> set[str]:
    """The paths that earlier runs wrote; none where there is no manifest that makes sense."""
    try:
        listed = json.loads((_read(folder, MANIFEST) or b"{}").decode())
        return {path for path in listed["files"] if _is_inside(path)}
    except (ValueError, KeyError, TypeError):
        return set()


def _is_inside(path: str) -> bool:
    """Does a path of a manifest stay in the folder? Anyone can edit that file."""
    return not os.path.isabs(path) and (".." not in path or ".." not in Path(path).parts)


def _manifest_text(paths: Iterable[str]) -> str:
    return json.dumps({"version": version(), "files": sorted(paths)}, indent=1) + "\n"


def written_by(folder: Path) -> str | None:
    """The version of the toolkit that wrote a package last; None where there is none, or none that says so. Errors: Failure, if it cannot be read."""
    try:
        said = json.loads((_read(folder, MANIFEST) or b"{}").decode()).get("version")
    except (ValueError, AttributeError):
        return None
    return said if isinstance(said, str) else None


def _remove_leftovers(folder: Path, paths: Iterable[str]) -> None:
    """Temporary files of runs that were killed."""
    for place in {os.path.join(folder, os.path.dirname(path)) for path in (MANIFEST, *paths)}:
        for leftover in Path(place).glob(f"{TEMPORARY}*-*"):
            leftover.unlink(missing_ok=True)


def _remove_empty_folders(folder: Path, removed: Iterable[str]) -> None:
    within = {folder / parent for path in removed for parent in Path(path).parents} - {folder}
    for place in sorted(within, reverse=True):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
