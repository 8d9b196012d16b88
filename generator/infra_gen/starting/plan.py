"""What `init` writes into a folder: decided on values, from the texts in `files`. Imports `failure`, `ir` and `project`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal

from infra_gen import ir
from infra_gen.failure import Failure
from infra_gen.starting.project import Folder, Present
from infra_runtime.environment import read_variables

SCHEMA, CONFIG, EXAMPLE, ENV, IGNORED, SCRIPT = (
    "schema.prisma",
    "infrastructure.config.yml",
    ".env.example",
    ".env",
    ".gitignore",
    "main.py",
)
NAMES = (SCHEMA, CONFIG, EXAMPLE, ENV, IGNORED, SCRIPT)
"""What `init` writes, in this order; to .env and .gitignore it adds."""
PACKAGE = "db"
VARIABLE = "DATABASE_URL"
FILE_OF_SQLITE = "dev.db"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The answers: of flags, of a person, or the defaults."""

    provider: ir.Provider
    url: str
    package: str = PACKAGE
    interface: Literal["async", "sync"] = "async"
    example: bool = True
    """With models to begin with."""
    script: bool = True
    adds_generator: bool = False
    """May the generator block be added to a schema that is there?"""
    force: bool = False
    """Write files anew that are there."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done: texts by the names of files in the folder."""

    made: Mapping[str, str]
    """Files that are not there, or are written anew."""
    changed: Mapping[str, str]
    """Files that something is added to, whole."""
    kept: tuple[str, ...]
    """Files that are there and stay."""
    has_script: bool
    """Is the script there in the end as it is written here?"""
    notes: tuple[str, ...] = ()
    """What a person has to do."""


def default_url(provider: ir.Provider, name: str) -> str:
    """A URL to begin with; of a server's database a guess at a local one, called as the folder is."""
    database = re.sub(r"\W+", "_", name.lower()).strip("_") or "app"
    return {
        "sqlite": f"file:./{FILE_OF_SQLITE}",
        "postgresql": f"postgresql://postgres:postgres@localhost:5432/{database}",
        "mysql": f"mysql://root:mysql@localhost:3306/{database}",
    }[provider]


def variable_of(present: Present | None) -> str | None:
    """The variable that has the URL; None where the schema that is there has the URL itself."""
    match present.url if present else None:
        case ir.EnvironmentVariable(name):
            return name
        case str():
            return None
        case _:
            return VARIABLE


def plan(wanted: Wanted, folder: Folder) -> Planned:
    """What `init` has to do for the answers in this folder.

    To a project that has a schema it adds what is missing, and a folder that has none is to have nothing in the way.
    Errors: Failure for files in the way, or where nothing that works can come of it.
    """
    present = folder.schema
    if present is None and wanted.package in folder.foreign:
        raise Failure(
            f"{folder.path / wanted.package} is there, and infra-gen did not write it: name another folder for the package with --package."
        )
    made: dict[str, str] = {}
    changed: dict[str, str] = {}
    notes: list[str] = []
    kept: list[str] = []
    if present is None:
        made[SCHEMA] = _schema(wanted)
    elif present.has_generator:
        kept.append(Path(os.path.relpath(present.file.path, folder.path)).as_posix())
    else:
        name, block = Path(os.path.relpath(present.file.path, folder.path)).as_posix(), generator_block(
            present, folder, wanted.package
        )
        if wanted.adds_generator:
            changed[name] = f"{present.file.text.rstrip()}\n\n{block}"
        else:
            kept.append(name)
            notes.append(f"Add this to {name}, so that everybody generates the same:\n\n{block}")
    made[CONFIG] = _text(CONFIG, provider=wanted.provider, url=_configured_url(present))
    made[EXAMPLE] = _text("env.example", url=_quoted(default_url(wanted.provider, folder.path.absolute().name)))
    if wanted.script:
        script = _script(wanted, folder)
        if script is None:
            notes.append(
                f"{SCRIPT} was not written: the package goes outside of the folder, to {present and present.package}."
            )
        else:
            made[SCRIPT] = script
    _plan_environment(wanted, folder, made, changed, kept)
    _plan_ignored(wanted, folder, changed)
    differ = [name for name, text in made.items() if folder.texts.get(name, text) != text]
    if differ and present is None and not wanted.force:
        raise Failure(
            f"These files are there already, with another text: {', '.join(differ)}. Nothing was written. To write them anew: --force."
        )
    has_script = SCRIPT in made and (SCRIPT not in differ or wanted.force)
    for name in [name for name in made if name in folder.texts and not (name in differ and wanted.force)]:
        del made[name]
        kept.append(name)
    return Planned(made, changed, tuple(kept), has_script, tuple(notes))


def generator_block(present: Present, folder: Folder, package: str) -> str:
    """The generator block for a schema that has none: the package goes into the project's folder, wherever the schema is.

    Fields stay as the schema spells them, which code on it may know already.
    """
    output = os.path.relpath(folder.path.absolute() / package, Path(present.file.path).absolute().parent)
    return _text("generator.prisma", output=Path(output).as_posix(), naming="")


def _schema(wanted: Wanted) -> str:
    block = _text("generator.prisma", output=wanted.package, naming='  naming   = "snake_case"\n')
    return _text(SCHEMA, generator=block, provider=wanted.provider) + (_text("models.prisma") if wanted.example else "")


def _configured_url(present: Present | None) -> str:
    """The line of the URL. Where the schema itself has one, which may be a secret or no variable, the file says none."""
    variable = variable_of(present)
    return (
        f"  url: ${{{variable}}}"
        if variable
        else f"#  url: ${{{VARIABLE}}}                     # wins over the schema's"
    )


def _script(wanted: Wanted, folder: Folder) -> str | None:
    """The script; None where it could not import the package."""
    present = folder.schema
    package = present.package if present and present.has_generator else Path(wanted.package)
    if package.is_absolute():
        return None
    is_example = wanted.example and present is None
    name = f"{'main' if is_example else 'check'}_{wanted.interface}.py.txt"
    return _text(name, package=".".join(package.parts))


def _plan_environment(
    wanted: Wanted, folder: Folder, made: dict[str, str], changed: dict[str, str], kept: list[str]
) -> None:
    """The variable with the URL: a file .env is made, or added to; what it says already stays."""
    variable = variable_of(folder.schema)
    if variable is None:
        return
    before = folder.texts.get(ENV)
    line = f'{variable}="{_quoted(wanted.url)}"\n'
    if before is None:
        made[ENV] = line
    elif variable not in read_variables(before):
        changed[ENV] = _with_lines(before, line)
    else:
        kept.append(ENV)


def _plan_ignored(wanted: Wanted, folder: Folder, changed: dict[str, str]) -> None:
    """What belongs into no version control, added to a .gitignore that is there."""
    before = folder.texts.get(IGNORED)
    if before is None:
        return
    wants = [ENV, "__pycache__/"]
    if wanted.provider == "sqlite":
        wants += [FILE_OF_SQLITE, f"{FILE_OF_SQLITE}-shm", f"{FILE_OF_SQLITE}-wal"]
    patterns = list(_patterns(before))
    missing = [name for name in wants if not any(fnmatchcase(name.strip("/"), pattern) for pattern in patterns)]
    if missing:
        changed[IGNORED] = _with_lines(before, "".join(f"{name}\n" for name in missing))


def _patterns(ignored: str) -> Iterator[str]:
    for line in ignored.splitlines():
        if line.strip() and not line.startswith(("#", "!")):
            yield line.strip().strip("/")


def _with_lines(before: str, lines: str) -> str:
    return f"{before}{'' if not before or before.endswith(chr(10)) else chr(10)}{lines}"


def _quoted(value: str) -> str:
    """For double quotes in a .env file."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _text(name: str, **values: str) -> str:
    template = (files("infra_gen.starting") / "files" / name).read_text(encoding="utf-8")
    return Template(template).substitute(values)
