"""`init`: a new project, asked for on a terminal or told by flags."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from infra_gen import ir
from infra_gen.cli import console
from infra_gen.cli.completion import one_of
from infra_gen.cli.consent import is_interactive
from infra_gen.cli.options import JsonOption
from infra_gen.doctor import shell
from infra_gen.doctor.installation import Versions, libraries, versions
from infra_gen.failure import Failure
from infra_gen.replace import replace_file
from infra_gen.starting.plan import (
    ENV,
    NAMES,
    PACKAGE,
    Planned,
    Wanted,
    default_url,
    generator_block,
    plan,
    variable_of,
)
from infra_gen.starting.project import Folder, look
from infra_runtime.environment import read_variables
from infra_runtime.errors import InfraError
from infra_runtime.urls import parse_url

PROVIDERS: tuple[ir.Provider, ...] = ("sqlite", "postgresql", "mysql")


def init(
    directory: Annotated[
        Path | None,
        typer.Option("--directory", "--path", metavar="DIR", help="Where. Default: here.", show_default=False),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider", metavar="|".join(PROVIDERS), help="Which database.", autocompletion=one_of(*PROVIDERS)
        ),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="The database's URL; it goes into .env.")] = None,
    is_async: Annotated[
        bool | None, typer.Option("--async/--sync", help="Which interface the script uses.", show_default=False)
    ] = None,
    example: Annotated[
        bool | None,
        typer.Option("--example/--no-example", help="Models to begin with, and a script on them.", show_default=False),
    ] = None,
    script: Annotated[bool, typer.Option("--script/--no-script", help="Write main.py.")] = True,
    package: Annotated[str, typer.Option("--package", metavar="NAME", help="The folder of the package.")] = PACKAGE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; change a schema that is there.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write files anew that are there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Begin a project: a schema, infrastructure.config.yml, .env, and a script that runs.

    On a terminal it asks for what no flag says. A schema that is there is kept, and so is .env: it only adds what is missing.

    Example: `infra-gen init --provider postgresql --sync`
    """
    asks = is_interactive() and not (yes or as_json)
    if not re.fullmatch(r"[^\W\d]\w*", package):
        raise Failure(f"--package is {package!r}: it takes a name of Python's, such as {PACKAGE}.")
    place = directory or (Path(_asked("Where", ".")) if asks else Path())
    folder = look(place, NAMES, package)
    wanted = _wanted(folder, provider, url, is_async, example, script, package, asks=asks, yes=yes)
    planned = plan(replace(wanted, force=force), folder)
    _write(place, {**planned.made, **planned.changed})
    _report(place, planned, _next_commands(place, wanted, has_script=planned.has_script))


def _wanted(
    folder: Folder,
    provider: str | None,
    url: str | None,
    is_async: bool | None,
    example: bool | None,
    script: bool,
    package: str,
    *,
    asks: bool,
    yes: bool,
) -> Wanted:
    """The answers: what flags say, what a person says, what is there, and the defaults."""
    present = folder.schema
    chosen = _provider(folder, provider, url, asks=asks)
    variable = variable_of(present)
    found = read_variables(folder.texts.get(ENV, "")).get(variable) if variable else None
    if url is not None and variable is None:
        raise Failure("The schema that is there has a URL itself: change it there, or leave --url away.")
    if url is not None and found not in (None, url):
        raise Failure(
            f"{folder.path / ENV} has another {variable} than --url says: change it there, or leave --url away."
        )
    suggested = default_url(chosen, folder.path.absolute().name)
    if url is None and asks and variable is not None and found is None and chosen != "sqlite":
        url = _asked("The database's URL", suggested, lambda text: _valid_url(text, chosen))
    if url is not None:
        parse_url(url, provider=chosen)
    if example is None:
        example = typer.confirm("With models to begin with?", default=True, err=True) if asks and not present else True
    interface = _interface(folder, is_async, asks=asks)
    adds_generator = present is not None and not present.has_generator and yes
    if asks and present is not None and not present.has_generator:
        typer.echo(f"\n{generator_block(present, folder, package)}", err=True)
        adds_generator = typer.confirm(f"Add this to {present.file.path}?", default=True, err=True)
    return Wanted(chosen, url or found or suggested, package, interface, example, script, adds_generator)


def _provider(folder: Folder, provider: str | None, url: str | None, *, asks: bool) -> ir.Provider:
    if provider is not None:
        _valid_provider(provider)
    of_schema = folder.schema.provider if folder.schema else None
    of_url = parse_url(url).provider if url is not None else None
    if of_schema is not None and provider not in (None, of_schema):
        raise Failure(
            f"--provider is {provider}, but the schema that is there is for {of_schema}: leave --provider away."
        )
    known = of_schema or provider or of_url
    if known is None and asks:
        known = _asked(f"Which database ({', '.join(PROVIDERS)})", "sqlite", _valid_provider)
    return cast("ir.Provider", known or "sqlite")


def _interface(folder: Folder, is_async: bool | None, *, asks: bool) -> Literal["async", "sync"]:
    """Of the script. A schema's options may leave one interface alone."""
    alone = {"asyncio": True, "sync": False}.get(folder.schema.interface) if folder.schema else None
    if alone is not None:
        if is_async not in (None, alone):
            raise Failure(
                f"The package has no {'asynchronous' if is_async else 'synchronous'} client, as its option `interface` says: leave "
                f"--{'async' if is_async else 'sync'} away."
            )
        is_async = alone
    if is_async is None and asks:
        is_async = _asked("Which interface (async, sync)", "async", _valid_interface) == "async"
    return "sync" if is_async is False else "async"


def _asked(question: str, default: str, valid: Callable[[str], str] = str) -> str:
    """A person's answer; one that is not valid is asked for again."""
    while True:
        answer: str = typer.prompt(question, default=default, err=True)
        try:
            return valid(answer)
        except (Failure, InfraError) as error:
            typer.echo(f"{error}", err=True)


def _valid_provider(text: str) -> str:
    if text not in PROVIDERS:
        raise Failure(f"A provider is one of {', '.join(PROVIDERS)}, not {text!r}.")
    return text


def _valid_interface(text: str) -> str:
    if text not in ("async", "sync"):
        raise Failure(f"The interface is async or sync, not {text!r}.")
    return text


def _valid_url(text: str, provider: ir.Provider) -> str:
    parse_url(text, provider=provider)
    return text


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes all files; where one cannot be written, those that were not there before are taken away again."""
    made: list[Path] = []
    for name, text in texts.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                made.append(path)
            replace_file(path.resolve(), text.encode())
        except OSError as error:
            for earlier in made:
                with suppress(OSError):
                    earlier.unlink()
            raise Failure(f"{path} cannot be written: {error.strerror}.") from error


def _next_commands(folder: Path, wanted: Wanted, *, has_script: bool) -> list[str]:
    """The commands that bring the project to life, as they are typed."""
    extras = ",".join(missing_extras(wanted.provider))
    return [
        *([f"cd {shlex.quote(str(folder))}"] if folder.resolve() != Path.cwd() else []),
        *([shell.install(f"infra-gen[{extras}]")] if extras else []),
        "infra-gen generate",
        "infra-gen db push" + ("" if wanted.provider == "sqlite" else " --create-database"),
        *(["python main.py"] if has_script else []),
    ]


def missing_extras(provider: ir.Provider, found: Versions = versions) -> list[str]:
    """The extras of the toolkit that the project's commands and script want, and that are not installed."""
    brought = libraries()
    wanted = ("generator", provider)
    return [extra for extra in wanted if any(found(name) is None for name in brought.get(extra, ()))]


def _report(folder: Path, planned: Planned, commands: list[str]) -> None:
    written = list(planned.made)
    if console.is_json():
        console.document(
            {
                "directory": str(folder),
                "written": written,
                "changed": list(planned.changed),
                "kept": list(planned.kept),
                "notes": list(planned.notes),
                "next": commands,
            }
        )
        return
    for name in written:
        console.tell(f"{folder / name}: written")
    for name in planned.changed:
        console.tell(f"{folder / name}: added to")
    for name in planned.kept:
        console.tell(f"{folder / name}: kept")
    for text in planned.notes:
        console.tell(f"\n{text.rstrip()}")
    console.tell("\nNext:\n\n" + "\n".join(f"  {command}" for command in commands))
