"""The project: its schema, its options, the block for `prisma generate`, the generated package. Imports `config`, `front`, `generate`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_gen import ir
from infra_gen.config import Options, options_folder, own_block, read_options
from infra_gen.doctor import shell
from infra_gen.doctor.findings import Finding, ok
from infra_gen.explanation import missing_extra
from infra_gen.failure import Failure
from infra_gen.front import Compiled, compile_schema
from infra_gen.infrastructure_file import FILE, read_for
from infra_gen.plugins.choosing import chosen_by
from infra_gen.schema.load import DEFAULT_PLACES, SchemaNotLoadedError, load
from infra_gen.schema.report import count
from infra_gen.schema.source import SchemaError, SourceFile
from infra_gen.version import version
from infra_runtime.configuration.reading import Read
from infra_runtime.errors import InfraError, MissingExtraError
from infra_runtime.urls import parse_url


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at. `here` is the working folder; the rest is what the flags name."""

    here: Path
    schema: Path | None = None
    url: str | None = None
    migrations: Path | None = None
    offline: bool = False

    @property
    def said(self) -> Mapping[str, str | None]:
        """The flag that every command needs to look at the same."""
        return {"--schema": str(self.schema) if self.schema else None}

    @property
    def said_of_database(self) -> Mapping[str, str | None]:
        """Those that a command needs which connects. A URL with a password is not shown again."""
        return {**self.said, "--url": self.url if self.shows_url else None}

    @property
    def said_of_migrations(self) -> Mapping[str, str | None]:
        return {**self.said_of_database, "--migrations": str(self.migrations) if self.migrations else None}

    @property
    def shows_url(self) -> bool:
        """May `--url` stand in what is printed?"""
        try:
            return self.url is not None and not parse_url(self.url).password
        except InfraError:
            return False

    @property
    def hint(self) -> str | None:
        """What a command wants besides, where it cannot be shown."""
        return None if self.url is None or self.shows_url else "With the same --url"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a schema is compiled from: its files, and what infrastructure.config.yml says beside them."""

    files: tuple[SourceFile, ...]
    configuration: Read | None


def sources(place: Place) -> tuple[Sources | None, Finding | None]:
    """The texts, if they can be read."""
    try:
        files = load(place.schema, start=place.here)
    except SchemaNotLoadedError as error:
        return None, _no_schema(place, error)
    try:
        configuration = read_for(files, start=place.here)
    except MissingExtraError as error:
        return None, Finding(
            "config", "problem", f"{FILE} is there, and {error.package} is not", shell.install_extra(error)
        )
    except (Failure, InfraError) as error:
        return None, Finding("config", "problem", str(error))
    if configuration is None:
        return Sources(files, None), ok("config", f"there is no {FILE}: the schema and the environment say all")
    origin = configuration.configuration.origin
    read = Sources(files, configuration)
    return read, ok("config", f"{origin.file if origin else FILE} is read") if not configuration.problems else None


def schema(place: Place, read: Sources) -> tuple[Compiled | None, Finding]:
    """The compiled schema, if it is valid."""
    try:
        compiled = compile_schema(read.files, plugins=chosen_by(start=place.here), configuration=read.configuration)
    except Failure as error:
        return None, Finding("schema", "problem", str(error))
    except SchemaError as error:
        wrong = [item for item in error.diagnostics if item.severity == "error"]
        first = wrong[0].span
        return None, Finding(
            "schema",
            "problem",
            f"{first}: {wrong[0].message.rstrip('.')} ({count(len(wrong), 'error')})",
            advice=f"All errors, each with what to write instead: {shell.infra_gen('validate', options=place.said)}",
            file=first.file.path,
            line=first.line,
        )
    names = ", ".join(file.path for file in compiled.files)
    text = (
        f"{names}: valid ({count(len(compiled.schema.models), 'model')}, {count(len(compiled.schema.enums), 'enum')})"
    )
    if not compiled.warnings:
        return compiled, ok("schema", text)
    span = compiled.warnings[0].span
    return compiled, Finding(
        "schema",
        "warning",
        f"{text}, {count(len(compiled.warnings), 'warning')}; the first: {span}: {compiled.warnings[0].message.rstrip('.')}",
        advice=f"All of them: {shell.infra_gen('validate', options=place.said)}",
        file=span.file.path,
        line=span.line,
    )


def _no_schema(place: Place, error: SchemaNotLoadedError) -> Finding:
    """`infra-gen init` makes one where none is named, and none of the usual places is taken."""
    taken = any((place.here / name).exists() for name in DEFAULT_PLACES)
    if place.schema is None and not error.missing and not taken:
        return Finding("schema", "problem", f"there is no schema in {place.here}", shell.infra_gen("init"))
    return Finding("schema", "problem", str(error))


def options(place: Place, compiled: Compiled) -> tuple[Options | None, Finding]:
    """The generator's options, and who said them."""
    try:
        read = read_options(compiled.schema, schema_folder=options_folder(compiled.schema), start=place.here)
    except Failure as error:
        return None, Finding("options", "problem", str(error))
    sources = list(dict.fromkeys(read.origins.values()))
    return read, ok("options", f"read from {' and '.join(sources)}" if sources else "none is said: the defaults hold")


def block(compiled: Compiled) -> Iterator[Finding]:
    """Would `prisma generate` find what the generator block names?"""
    try:
        own = own_block(compiled.schema)
    except Failure:
        return  # `options` has told it.
    if own is None:
        yield ok(
            "generator",
            "no generator block runs infra-gen: prisma generate leaves it out, infra-gen generate needs none",
        )
        return
    provider = (
        os.environ.get(own.provider.name, "") if isinstance(own.provider, ir.EnvironmentVariable) else own.provider
    )
    found = shutil.which(str(provider).split()[0])  # Prisma's shell starts in the working folder.
    if found is None:
        yield Finding(
            "generator",
            "warning",
            f"the block `{own.name}` ({own.span}) runs {provider}, which the shell does not find: prisma generate would fail",
            advice=f'Activate the environment before it, or write provider = "{shutil.which(shell.PROGRAM) or shell.beside()}"',
            file=own.span.file.path,
            line=own.span.line,
        )
    else:
        yield ok("generator", f"the block `{own.name}` ({own.span}) runs {found}")


def package(place: Place, compiled: Compiled, read: Options) -> Iterator[Finding]:
    """Is the generated package there, as the schema and this toolkit make it?"""
    from infra_gen.generate.write import written_by

    command = shell.infra_gen("generate", options=place.said)
    if not read.output.is_dir():
        yield Finding("package", "problem", f"{read.output} is not there: nothing was generated yet", command)
        return
    writer = written_by(read.output)
    try:
        from infra_gen.generate import generate

        made = generate(compiled.schema, read, schema_folder=Path(compiled.files[0].path).parent.resolve(), check=True)
    except Failure as error:
        yield Finding("package", "problem", str(error))
        return
    except ModuleNotFoundError as error:
        missing = missing_extra(error)
        if missing is None:
            raise
        text = (
            f"{read.output} is there; whether it is as the schema says is not known without the extra {missing.extra}"
        )
        yield Finding("package", "warning", text, shell.install_extra(missing))
        return
    changed = len(made.changes.written) + len(made.changes.removed)
    by = f", written by infra-gen {writer}" if writer not in (None, version()) else ""
    if changed:
        yield Finding(
            "package", "problem", f"{read.output} is not as the schema says ({count(changed, 'file')}){by}", command
        )
    elif by:
        yield Finding(
            "package", "warning", f"{read.output} is as the schema says{by}, and this is {version()}", command
        )
    else:
        yield ok("package", f"{read.output} is as the schema says ({count(len(made.changes.unchanged), 'file')})")
