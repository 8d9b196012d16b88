"""The generator's options: where they come from, and which source wins.

Flags of the command beat the `generator` block whose provider runs `infra-gen`, which beats `[tool.infra-gen]` in pyproject.toml, which
beats the defaults. Paths are relative to where they stand: the working folder, the folder of the schema's file, pyproject.toml's. An
unknown option is an error that names the nearest. May import `failure`, `ir` and `plan.settings`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra_gen import ir
from infra_gen.failure import Failure
from infra_gen.plan.settings import PlanSettings

PROVIDER = "infra-gen"
DEFAULT_OUTPUT = Path("db")


@dataclass(frozen=True, slots=True)
class Options:
    """All options, defaults filled in."""

    output: Path = DEFAULT_OUTPUT
    templates: Path | None = None
    """A folder of templates that win over the toolkit's own of the same name."""
    plan: PlanSettings = field(default_factory=PlanSettings)
    plugins: tuple[str, ...] = ()
    """The plug-ins that add to the package."""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Who said so, by option: the flags, the generator block, pyproject.toml. Defaults are not among them."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where options stand: what to call it in errors, and what its paths are relative to."""

    name: str
    folder: Path


def read_options(
    schema: ir.Schema,
    *,
    schema_folder: Path,
    flags: Mapping[str, Any] | None = None,
    start: Path | None = None,
    generator: str | None = None,
) -> Options:
    """The options in force.

    Args:
        schema: gives the generator block.
        schema_folder: what paths in that block are relative to, see `options_folder`.
        flags: the command's, by option; None as a value means that the flag was not given.
        start: the working folder: pyproject.toml is looked for here and above.
        generator: the name of the block; without it, it is the one whose provider is ours.
    Errors: Failure for an unknown option, a value that is none, an unreadable pyproject.toml, two generator blocks.
    """
    here = Path.cwd() if start is None else start
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    sources = (
        _from_pyproject(here),
        _from_block(schema, schema_folder, generator),
        (_Source("the flags", here), given),
    )
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for source, said in filter(None, sources):
        read = _read(said, source)
        values |= read
        origins |= dict.fromkeys(read, source.name)
    output, templates = values.pop("output", here / DEFAULT_OUTPUT), values.pop("templates", None)
    plugins = values.pop("plugins", ())
    if output == Path(os.path.normpath(schema_folder.absolute())):
        raise Failure(
            f"The option `output` is the schema's own folder, {output}: the package needs a folder to itself, where its modules hide "
            f'no others. Name one within, such as "{DEFAULT_OUTPUT}".'
        )
    return Options(_from_here(output, here), templates, PlanSettings(**values), plugins, origins)


def default_output(start: Path) -> Path:
    """Where the package goes if no block and no flag says so. Errors: Failure, as for `read_options`."""
    found = _from_pyproject(start)
    values = {} if found is None else _read(found[1], found[0])
    output: Path = values.get("output", start / DEFAULT_OUTPUT)
    return output


def plugin_names(
    generators: Sequence[ir.Generator],
    *,
    flags: Mapping[str, Any] | None = None,
    start: Path | None = None,
    generator: str | None = None,
) -> tuple[str, ...]:
    """The plug-ins that a schema is read with: those of all its packages, as all are made of what it means.

    Args: as for `read_options`. Errors: Failure for a value that is none, an unreadable pyproject.toml.
    """
    here = Path.cwd() if start is None else start
    if (flags or {}).get("plugins") is not None:
        return _plugins("plugins", (flags or {})["plugins"], _Source("the flags", here))
    blocks = [block for block in generators if block.name == generator or _is_run_by_us(block)]
    told = [block for block in blocks if "plugins" in block.properties]
    found: dict[str, None] = {}
    for block in told:
        source = _Source(f"the generator block `{block.name}` ({block.span})", here)
        found |= dict.fromkeys(_plugins("plugins", _value("plugins", block.properties["plugins"], source), source))
    project = _pyproject(here) if len(told) < max(1, len(blocks)) else None
    if project is not None and "plugins" in project[0]:
        found |= dict.fromkeys(_plugins("plugins", project[0]["plugins"], project[1]))
    return tuple(found)


def _is_run_by_us(block: ir.Generator) -> bool:
    """As `_is_ours`, where nothing is generated: there, a provider that would not work is nobody's concern."""
    provider = _text(block.provider)
    return isinstance(provider, str) and _runs_us(provider.removesuffix(" generate").split())


def options_folder(schema: ir.Schema, generator: str | None = None) -> Path:
    """What paths in our generator block are relative to: the folder of the file it stands in, as in Prisma.

    Without a block, that of the datasource. Args and errors: as for `read_options`.
    """
    placed = own_block(schema, generator) or schema.datasource
    return Path(placed.span.file.path).parent.resolve()


def _from_here(path: Path, here: Path) -> Path:
    """The path as short as the user would write it, where it is below the working folder."""
    return path.relative_to(here) if here == Path.cwd() and path.is_relative_to(here) else path


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """What pyproject.toml says of the project rather than of the generated package. `folder`: where it stands."""

    seed: str | None
    folder: Path
    config: Path | None = None
    """The infrastructure.config.yml that it names."""


def read_settings(start: Path) -> ProjectSettings:
    """Of the nearest pyproject.toml. Errors: Failure for one that cannot be read, or a `seed` that is no command, or a `config` that is no path."""
    found = _pyproject(start)
    if found is None:
        return ProjectSettings(None, start)
    table, source = found
    seed = table.get("seed")
    if seed is not None and not (isinstance(seed, str) and seed.strip()):
        raise _wrong("seed", seed, 'a command, as in "python seed.py"', source)
    config = table.get("config")
    return ProjectSettings(seed, source.folder, None if config is None else _path("config", config, source))


def _from_pyproject(start: Path) -> tuple[_Source, Mapping[str, Any]] | None:
    """Who says something, and what, as it is written."""
    found = _pyproject(start)
    if found is None:
        return None
    table, source = found
    return source, {name: value for name, value in table.items() if name not in _OF_THE_PROJECT}


_OF_THE_PROJECT = ("seed", "config")
"""What stands in the table beside the generator's options."""


def _pyproject(start: Path) -> tuple[Mapping[str, Any], _Source] | None:
    """The toolkit's table of the nearest pyproject.toml."""
    file = next(
        (folder / "pyproject.toml" for folder in (start, *start.parents) if (folder / "pyproject.toml").is_file()), None
    )
    if file is None:
        return None
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"{file} cannot be read: {error}") from error
    given: Any = tables
    for key in ("tool", PROVIDER):
        given = given.get(key, {})
        if not isinstance(given, dict):
            raise Failure(f"`{key}` in {file} is {given!r}: it takes a table, [tool.{PROVIDER}].")
    return given, _Source(f"[tool.{PROVIDER}] of {file}", file.parent)


def _from_block(schema: ir.Schema, folder: Path, generator: str | None) -> tuple[_Source, Mapping[str, Any]] | None:
    block = own_block(schema, generator)
    if block is None:
        return None
    ignored = {"binaryTargets", "previewFeatures", "engineType"}
    source = _Source(f"the generator block `{block.name}` ({block.span})", folder)
    given = {name: _value(name, value, source) for name, value in block.properties.items() if name not in ignored}
    return source, given


def own_block(schema: ir.Schema, name: str | None = None) -> ir.Generator | None:
    """The block of that name; without one the only block whose provider is ours. Errors: Failure for several, or one that would not work."""
    if name is not None:
        return next((block for block in schema.generators if block.name == name), None)
    blocks = [block for block in schema.generators if _is_ours(block)]
    if len(blocks) > 1:
        places = " and ".join(str(block.span) for block in blocks)
        raise Failure(f"There are several generator blocks whose provider is {PROVIDER} ({places}): keep one.")
    return blocks[0] if blocks else None


def _is_ours(block: ir.Generator) -> bool:
    """Does the provider run infra-gen? As in `.venv/bin/infra-gen`, `uv run infra-gen`, `python -m infra_gen`.

    Errors: Failure for `infra-gen generate`, which would generate twice under Prisma, and answer it nothing.
    """
    provider = _text(block.provider)
    words = provider.split() if isinstance(provider, str) else []
    if words[-1:] == ["generate"] and _runs_us(words[:-1]):
        raise Failure(
            f'The provider of the generator block `{block.name}` ({block.span}) is "{provider}": write '
            f'"{" ".join(words[:-1])}", as Prisma tells its generators on stdin what to do.'
        )
    return _runs_us(words)


def _runs_us(command: list[str]) -> bool:
    return bool(command) and Path(command[-1]).name in (PROVIDER, f"{PROVIDER}.exe", "infra_gen")


def _value(name: str, value: Any, source: _Source) -> Any:
    text = _text(value)
    if text is None and isinstance(value, ir.EnvironmentVariable):
        raise Failure(f"The option `{name}` in {source.name} comes from the variable {value.name}, which is not set.")
    return text


def _text(value: Any) -> Any:
    if isinstance(value, ir.EnvironmentVariable):
        return os.environ.get(value.name)
    return value


def _read(given: Mapping[str, Any], source: _Source) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        reader = _OPTIONS.get(name)
        if reader is None:
            near = difflib.get_close_matches(name, _OPTIONS, 1)
            meant = f"did you mean `{near[0]}`?" if near else f"options are {', '.join(_OPTIONS)}."
            raise Failure(f"Unknown option `{name}` in {source.name}: {meant}")
        if value is not None:
            values[name] = reader(name, value, source)
    return values


def _path(name: str, value: Any, source: _Source) -> Path:
    if not isinstance(value, (str, Path)) or not str(value):
        raise _wrong(name, value, "a path", source)
    return Path(os.path.normpath(source.folder / value))


def _one_of(*choices: str) -> Callable[[str, Any, _Source], str]:
    def read(name: str, value: Any, source: _Source) -> str:
        if value not in choices:
            raise _wrong(name, value, " or ".join(f'"{choice}"' for choice in choices), source)
        return str(value)

    return read


def _truth(name: str, value: Any, source: _Source) -> bool:
    """A Prisma block has truth values as words, or as texts."""
    truths = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if str(value) not in truths:
        raise _wrong(name, value, "true or false", source)
    return truths[str(value)]


def _names(name: str, value: Any, source: _Source) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(item, str) for item in names):
        raise _wrong(name, value, 'names of models (patterns such as "Audit*" too)', source)
    return tuple(item.strip() for item in names if item.strip())


def _plugins(name: str, value: Any, source: _Source) -> tuple[str, ...]:
    if value in ("", ()) or not value:
        return ()
    try:
        return _names(name, value, source)
    except Failure:
        raise _wrong(name, value, 'names of plug-ins, as in ["one", "two"]', source) from None


def _wrong(name: str, value: Any, wanted: str, source: _Source) -> Failure:
    return Failure(f"The option `{name}` in {source.name} is {value!r}: it takes {wanted}.")


_OPTIONS: dict[str, Callable[[str, Any, _Source], Any]] = {
    "output": _path,
    "naming": _one_of("schema", "snake_case"),
    "interface": _one_of("asyncio", "sync", "both"),
    "relations": _one_of("strict", "optional"),
    "missing": _one_of("raise", "none"),
    "frozen": _truth,
    "templates": _path,
    "include": _names,
    "exclude": _names,
    "plugins": _plugins,
}
