"""`watch`: `generate` whenever the schema, the options or the user's templates change."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from infra_gen.cli.database import push as push_schema
from infra_gen.cli.failures import reporting_failures
from infra_gen.cli.generating import (
    ExcludeOption,
    FrozenOption,
    IncludeOption,
    InterfaceOption,
    MissingOption,
    NamingOption,
    OutputOption,
    RelationsOption,
    TemplatesOption,
    prepared,
)
from infra_gen.cli.migrating import UrlOption
from infra_gen.cli.options import SchemaOption
from infra_gen.schema.load import DEFAULT_PLACES, SchemaNotLoadedError, located
from infra_gen.watch.inputs import Place, places, told
from infra_gen.watch.watching import watch as watch_places


def watch(
    schema: SchemaOption = None,
    output: OutputOption = None,
    push: Annotated[bool, typer.Option("--push", help="Then make the database's tables those of the schema.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Then check the projections in the code here.")] = False,
    url: UrlOption = None,
    naming: NamingOption = None,
    interface: InterfaceOption = None,
    relations: RelationsOption = None,
    missing: MissingOption = None,
    frozen: FrozenOption = None,
    templates: TemplatesOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
) -> None:
    """Write the package now, and again whenever its schema, its options or its templates change. Ctrl-C ends it.

    A schema with errors changes nothing: they are printed, and the package stays as it was.
    """
    flags: dict[str, Any] = {
        "output": output,
        "naming": naming,
        "interface": interface,
        "relations": relations,
        "missing": missing,
        "frozen": frozen,
        "templates": templates,
        "include": include,
        "exclude": exclude,
    }
    here = Path.cwd()

    def watched() -> tuple[Place, ...]:
        return places(here, _schema_places(schema, here))

    def run(files: tuple[Path, ...], also: Callable[[Place], None]) -> None:
        began = time.perf_counter()

        def generate_and_push() -> None:
            package = prepared(schema, flags)
            if package.options.templates is not None:
                also(Place(package.options.templates))
            _print(f"{package.generate().told} in {time.perf_counter() - began:.2f} s", files, here)
            if push:
                push_schema(schema=schema, url=url)

        try:
            failed = reporting_failures(generate_and_push) != 0
        except (typer.Exit, typer.Abort):
            failed = True  # A person said no to what a push would cost.
        if failed:
            _print("failed, waiting for a change", files, here)
        elif check:
            # A process of its own: the code that it imports may have changed, and Python imports a module once.
            subprocess.run([sys.executable, "-m", "infra_gen", "check"], check=False)

    watch_places(watched, run)


def _schema_places(schema: Path | None, here: Path) -> tuple[Path, ...]:
    """Where the schema is, and all places where one would be found."""
    if schema is not None:
        return (here / schema,)
    defaults = [here / place for place in DEFAULT_PLACES]
    try:
        return tuple(dict.fromkeys([located(None, start=here), *defaults]))
    except SchemaNotLoadedError as error:
        return (*defaults, *error.missing)


def _print(line: str, files: tuple[Path, ...], here: Path) -> None:
    """One line for a run: when, why, and what came of it."""
    because = f"{told(files, here)} changed: " if files else ""
    typer.echo(f"{time.strftime('%H:%M:%S')} {because}{line}")
