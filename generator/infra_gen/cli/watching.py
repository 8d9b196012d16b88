"""`watch`: `generate` whenever the schema, the options or the user's templates change."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from infra_gen.cli import console
from infra_gen.cli.commands import OUTPUT, is_defect
from infra_gen.cli.database import pushed
from infra_gen.cli.failures import document_of, reporting_failures
from infra_gen.cli.generating import (
    ExcludeOption,
    FrozenOption,
    IncludeOption,
    InterfaceOption,
    MissingOption,
    NamingOption,
    OutputOption,
    PluginsOption,
    RelationsOption,
    TemplatesOption,
    generated,
    told_of,
)
from infra_gen.cli.options import SchemaOption, UrlOption, compiled
from infra_gen.infrastructure_file import places as file_places
from infra_gen.memo import Memo, collect, uninterrupted
from infra_gen.schema.load import DEFAULT_PLACES, SchemaNotLoadedError, located
from infra_gen.watch.inputs import Place, places, told
from infra_gen.watch.watching import watch as watch_places

LinesOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print JSON documents for scripts, one a line.", rich_help_panel=OUTPUT)
]


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
    plugins: PluginsOption = None,
    as_json: LinesOption = False,
) -> None:
    """Write the package now, and again whenever its schema, its options or its templates change. Ctrl-C ends it.

    A schema with errors changes nothing: they are printed, and the package stays as it was.

    Example: `infra-gen watch --push --check`
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
        "plugins": plugins,
    }
    from infra_gen.generate.write import MANIFEST

    here, memo = Path.cwd(), Memo()

    def watched() -> tuple[Place, ...]:
        schemas = _schema_places(schema, here)
        return (*places(here, schemas, MANIFEST), *(Place(file) for file in file_places(here, schemas[0])))

    def run(files: tuple[Path, ...], also: Callable[[Place], None]) -> None:
        began = time.perf_counter()
        moment = time.strftime("%H:%M:%S")

        def generate_and_push() -> None:
            with uninterrupted():
                made = generated(schema, flags, memo=memo, templates=lambda folder: also(Place(folder)))
            seconds = time.perf_counter() - began
            if as_json:
                console.document(
                    {"time": moment, "changed": _paths(files), **told_of(made), "seconds": round(seconds, 3)}
                )
            else:
                _tell(f"{made.told} in {seconds:.2f} s", moment, files, here)
            if push:
                pushed(compiled(schema, flags, show_warnings=False, memo=memo), url)

        failed = not (_is_documented(generate_and_push, schema) if as_json else _is_told(generate_and_push))
        if failed and not as_json:
            _tell("failed, waiting for a change", moment, files, here)
        elif check and not failed:
            # A process of its own: the code that it imports may have changed, and Python imports a module once.
            _check(as_json)
        collect()

    with console.speaking(console.in_lines()):
        watch_places(watched, run)


def _is_told(work: Callable[[], None]) -> bool:
    """Runs it. Did it succeed? What failed is said."""
    try:
        return reporting_failures(work) == 0
    except (typer.Exit, typer.Abort):
        return False  # A person said no to what a push would cost.


def _is_documented(work: Callable[[], None], schema: Path | None) -> bool:
    try:
        work()
    except Exception as error:
        if is_defect(error):
            raise
        document_of(error, schema)
        return False
    return True


def _check(as_json: bool) -> None:
    command = [sys.executable, "-m", "infra_gen", "check", *(["--quiet"] if console.is_quiet() else [])]
    if not as_json:
        subprocess.run(command, check=False)
        return
    done = subprocess.run([*command, "--json"], check=False, stdout=subprocess.PIPE)
    console.print_json(json.loads(done.stdout))


def _paths(files: tuple[Path, ...]) -> list[str]:
    return [str(file) for file in files]


def _schema_places(schema: Path | None, here: Path) -> tuple[Path, ...]:
    """Where the schema is, and all places where one would be found."""
    if schema is not None:
        return (here / schema,)
    defaults = [here / place for place in DEFAULT_PLACES]
    try:
        return tuple(dict.fromkeys([located(None, start=here), *defaults]))
    except SchemaNotLoadedError as error:
        return (*defaults, *error.missing)


def _tell(line: str, moment: str, files: tuple[Path, ...], here: Path) -> None:
    """One line for a run: when, why, and what came of it."""
    because = f"{told(files, here)} changed: " if files else ""
    console.tell(f"{moment} {because}{line}")
