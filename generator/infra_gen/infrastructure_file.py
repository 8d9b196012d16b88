"""Where `infrastructure.config.yml` is for the commands, and what they read of it.

What it says of models is made into indexes and methods, so every command that reads a schema reads it too; of databases only the commands that
go to one. May import `config`, `failure` and the sources; the runtime reads the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra_gen.config import read_settings
from infra_gen.failure import Failure
from infra_gen.schema.source import SourceFile

if TYPE_CHECKING:
    from infra_runtime.configuration.places import Path as SettingPath
    from infra_runtime.configuration.reading import Read

FILE = "infrastructure.config.yml"


def located(start: Path, schema_folder: Path) -> Path | None:
    """The file: what `config` under [tool.infra-gen] in pyproject.toml names, else that in the working folder, else the one beside the schema.

    Errors: Failure, where pyproject.toml names one that is not there.
    """
    settings = read_settings(start)
    if settings.config is not None:
        if not settings.config.is_file():
            raise Failure(
                f"There is no file {settings.config}, which `config` under [tool.infra-gen] in {settings.folder / 'pyproject.toml'} names."
            )
        return settings.config
    return next((place for place in (start / FILE, schema_folder / FILE) if place.is_file()), None)


def places(start: Path, schema: Path) -> tuple[Path, ...]:
    """Where the file is, or would be found, for a schema that is `schema`, a file or a folder."""
    beside = schema if schema.is_dir() else schema.parent
    try:
        named = read_settings(start).config
    except Failure:
        named = None
    return tuple(filter(None, (named, start / FILE, beside / FILE)))


def read_for(
    files: Sequence[SourceFile], *, start: Path, needed: Callable[[SettingPath], bool] | None = None
) -> Read | None:
    """The configuration that goes with a schema; None where there is no file.

    Args:
        files: the schema's.
        needed: of which settings variables must have a value: by default those of models.
    Errors: Failure as `located`; MissingExtraError without PyYAML.
    """
    return read_beside(Path(files[0].path).parent, start=start, needed=needed or (lambda path: path[0] == "models"))


def read_beside(schema_folder: Path, *, start: Path, needed: Callable[[SettingPath], bool]) -> Read | None:
    """`read_for`, for a schema in this folder."""
    file = located(start, schema_folder)
    if file is None:
        return None
    # Most projects have none, and their commands need nothing of this.
    from infra_runtime.configuration.reading import read_file

    return read_file(_shown(file, start), needed=needed)


def _shown(file: Path, start: Path) -> Path:
    """The path as short as the user would write it, where it is below the working folder."""
    return file.relative_to(start) if start == Path.cwd() and file.is_relative_to(start) else file
