"""A folder as `init` finds it. Reads, and writes nothing. Imports `config`, `front`, `plugins` and the schema's loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_gen import ir
from infra_gen.config import options_folder, own_block, read_options
from infra_gen.failure import Failure
from infra_gen.front import compile_schema
from infra_gen.plan.settings import Interface
from infra_gen.plugins.choosing import chosen_by
from infra_gen.schema.load import SchemaNotLoadedError, load
from infra_gen.schema.source import SourceFile


@dataclass(frozen=True, slots=True)
class Present:
    """A schema that is there already."""

    file: SourceFile
    """The file that has its datasource."""
    provider: ir.Provider
    url: str | ir.EnvironmentVariable | None
    has_generator: bool
    package: Path
    """Where the package goes, relative to the folder."""
    interface: Interface


@dataclass(frozen=True, slots=True)
class Folder:
    """What there is in the folder of a project to be: the schema, and the texts of files that `init` would write or add to."""

    path: Path
    schema: Present | None
    texts: Mapping[str, str]
    foreign: frozenset[str]
    """Folders within that are no packages of ours."""


def look(path: Path, names: tuple[str, ...], package: str) -> Folder:
    """What is there of the files called `names`, and whether the folder of the package is free.

    Errors: Failure for what cannot be read; SchemaError for a schema with errors.
    """
    if path.exists() and not path.is_dir():
        raise Failure(f"{path} is a file: name a folder, there or not.")
    texts = {name: _read(path / name) for name in names if (path / name).exists()}
    place = path / package
    is_foreign = (
        place.exists() and not (place / ".infra-gen.json").is_file() and (place.is_file() or any(place.iterdir()))
    )
    return Folder(path, _schema(path), texts, frozenset({package}) if is_foreign else frozenset())


def _schema(path: Path) -> Present | None:
    try:
        files = load(None, start=path) if path.is_dir() else ()
    except SchemaNotLoadedError as error:
        if error.missing:
            raise
        return None
    if not files:
        return None
    schema = compile_schema(files, for_generators=False, plugins=chosen_by(start=path.absolute())).schema
    file = next(file for file in files if file.path == schema.datasource.span.file.path)
    options = read_options(schema, schema_folder=options_folder(schema), start=path.absolute())
    output = path.absolute() / options.output
    return Present(
        file,
        schema.datasource.provider,
        schema.datasource.url,
        own_block(schema) is not None,
        output.relative_to(path.absolute()) if output.is_relative_to(path.absolute()) else output,
        options.plan.interface,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} is in the way, and cannot be read.") from error
