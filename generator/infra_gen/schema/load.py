"""Where a schema's text comes from: a file, a folder, or the places where Prisma looks. Imports the sources and `Failure`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from infra_gen.failure import Failure
from infra_gen.schema.source import SourceFile

DEFAULT_PLACES = ("schema.prisma", "prisma/schema.prisma", "prisma/schema")
"""Looked at in this order, which is Prisma's; the last is a folder, the default of its preview of several files."""

_PRISMA_CONFIGURATIONS = ("prisma.config.ts", "prisma.config.mts", "prisma.config.js", "prisma.config.mjs")


class SchemaNotLoadedError(Failure):
    """No schema could be read. Says what was looked for, where, and what to do.

    `missing` are the places that `package.json` names and that are not there.
    """

    missing: tuple[Path, ...] = ()


def load(path: Path | None, *, start: Path) -> tuple[SourceFile, ...]:
    """The files of a schema, in Prisma's order.

    `path` is a schema file or a folder whose `.prisma` files, also those in folders within, are one schema; relative to `start`.
    Without it, the key `prisma.schema` of the nearest `package.json` says where the schema is, else it is at one of
    `DEFAULT_PLACES` below `start`. The files' paths are as a user who works in the current folder would write them.

    Raises `SchemaNotLoadedError` when there is none, or one cannot be read.
    """
    location = located(path, start=start)
    if os.path.isdir(location):
        found = tuple(_schema_files(location, frozenset()))
        if not found:
            raise SchemaNotLoadedError(
                f"{_shown(location)} is a folder without a schema: neither it nor the folders within hold a file whose "
                f"name ends in .prisma. Name another with --schema."
            )
        return tuple(_read(file) for file in found)
    return (_read(location),)


def located(path: Path | None, *, start: Path) -> Path:
    """Where the schema is that `load` reads: a file or a folder, which need not be there where `path` names it.

    Raises `SchemaNotLoadedError` where `path` is None, and none is found.
    """
    return start / (path or _configured(start) or _default(start))


def _configured(start: Path) -> Path | None:
    """The schema that the nearest `package.json` names, if it does."""
    for folder in (start, *start.absolute().parents):
        package = folder / "package.json"
        if not package.is_file():
            continue
        try:
            content = json.loads(package.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            return None
        settings = content.get("prisma") if isinstance(content, dict) else None
        named = settings.get("schema") if isinstance(settings, dict) else None
        if not isinstance(named, str):
            return None
        location = folder / named
        if not location.exists():
            error = SchemaNotLoadedError(
                f'There is no schema at {_shown(location)}, where the key "prisma.schema" of {_shown(package)} says it is. '
                f"Mend the key, or name the schema with --schema."
            )
            error.missing = (location.absolute(),)
            raise error
        return location.absolute()
    return None


def _default(start: Path) -> Path:
    file, file_in_folder, folder = (start / place for place in DEFAULT_PLACES)
    for location in (file, file_in_folder):
        if location.is_file():
            return location.absolute()
    if folder.is_dir():
        return folder.absolute()
    configuration = next((name for name in _PRISMA_CONFIGURATIONS if (start / name).is_file()), None)
    hint = f" (the schema that {configuration} names is not looked up: it is a program)" if configuration else ""
    raise SchemaNotLoadedError(
        f"No schema was found in {start.absolute()}: there is no file schema.prisma, no file prisma/schema.prisma and no folder "
        f'prisma/schema, and no package.json names one under the key "prisma.schema". Name yours with --schema{hint}.'
    )


def _schema_files(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    """The `.prisma` files of a folder and the folders within, entry by entry in the order of their names' bytes.

    `above` are the folders it lies in, links resolved: a link back to one of them is not followed.
    """
    real = folder.resolve()
    if real in above:
        return
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise SchemaNotLoadedError(f"The folder {_shown(folder)} cannot be read: {error.strerror}.") from error
    for entry in entries:
        if entry.is_dir():
            yield from _schema_files(entry, above | {real})
        elif entry.suffix == ".prisma":
            yield entry


def _read(location: Path) -> SourceFile:
    try:
        content = location.read_bytes()
    except FileNotFoundError as error:
        raise SchemaNotLoadedError(
            f"There is no schema at {_shown(location)}: no such file or folder. Name the schema file, or the folder that holds "
            f"the .prisma files, with --schema."
        ) from error
    except OSError as error:
        raise SchemaNotLoadedError(f"The schema {_shown(location)} cannot be read: {error.strerror}.") from error
    try:
        return SourceFile(_shown(location), content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            found = "it is UTF-16"
        else:
            found = f"line {content.count(bytes([10]), 0, error.start) + 1} holds the byte 0x{content[error.start]:02x}"
        raise SchemaNotLoadedError(
            f"The schema {_shown(location)} is not UTF-8 text: {found}. Save it as UTF-8."
        ) from error


def _shown(location: Path) -> str:
    """A path as a user in the current folder would write it: relative where it lies within, or was given so."""
    here = Path.cwd()
    within = location.relative_to(here) if location.is_relative_to(here) else location
    return within.as_posix()
