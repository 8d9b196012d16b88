"""`generate`: writes the package of a schema."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from infra_gen import ir
from infra_gen.cli import console
from infra_gen.cli.completion import model_names, one_of
from infra_gen.cli.options import JsonOption, SchemaOption, compiled, read_files
from infra_gen.config import Options, options_folder, read_options
from infra_gen.front import Compiled
from infra_gen.memo import Memo, uninterrupted
from infra_gen.plugins.active import activated

if TYPE_CHECKING:
    from infra_gen.generate import Result
    from infra_runtime.configuration.reading import Read

OutputOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="DIR", help="Where the package goes.", show_default=False),
]
NamingOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--naming",
        metavar="schema|snake_case",
        help="How fields are spelt.",
        autocompletion=one_of("schema", "snake_case"),
    ),
]
InterfaceOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--interface",
        metavar="asyncio|sync|both",
        help="Which clients are made.",
        autocompletion=one_of("asyncio", "sync", "both"),
    ),
]
RelationsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--relations",
        metavar="strict|optional",
        help="What reading a relation that was not loaded does.",
        autocompletion=one_of("strict", "optional"),
    ),
]
MissingOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--missing",
        metavar="raise|none",
        help="What update and delete do about a row that is not there.",
        autocompletion=one_of("raise", "none"),
    ),
]
FrozenOption: TypeAlias = Annotated[
    bool | None, typer.Option("--frozen/--mutable", help="May rows be changed?", show_default=False)
]
TemplatesOption: TypeAlias = Annotated[
    str | None, typer.Option("--templates", metavar="DIR", help="Templates that win over the toolkit's own.")
]
IncludeOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--include", metavar="NAMES", help="Only these models, by comma; patterns too.", autocompletion=model_names
    ),
]
ExcludeOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--exclude", metavar="NAMES", help="All but these models, by comma; patterns too.", autocompletion=model_names
    ),
]
PluginsOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--plugins", metavar="NAMES", help="The plug-ins that add to the package, by comma."),
]


def generate(
    schema: SchemaOption = None,
    output: OutputOption = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 and list what is stale.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Make every file anew, not only what has changed.")] = False,
    naming: NamingOption = None,
    interface: InterfaceOption = None,
    relations: RelationsOption = None,
    missing: MissingOption = None,
    frozen: FrozenOption = None,
    templates: TemplatesOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    plugins: PluginsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the typed package of a schema.

    Options may also stand in the schema's generator block whose provider is infra-gen, or under [tool.infra-gen] in pyproject.toml.

    Example: `infra-gen generate --check`
    """
    began = time.perf_counter()
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
    with uninterrupted():
        made = generated(schema, flags, check=check, force=force)
    stale = _stale(made) if check else []
    if as_json:
        fields = {**told_of(made), "seconds": round(time.perf_counter() - began, 3)}
        console.document(
            fields, errors=[console.entry(f"{what}. Run: infra-gen generate", path) for path, what in stale]
        )
    elif stale:
        for path, what in stale:
            console.refuse(f"{path}: {what}")
        console.refuse("Run: infra-gen generate")
    else:
        console.tell(str(made))
    if stale:
        raise typer.Exit(1)


def told_of(made: Result) -> dict[str, Any]:
    """What a run did, for scripts."""
    changes = made.changes
    return {
        "output": str(made.output),
        "written": sorted(changes.written),
        "unchanged": len(changes.unchanged),
        "removed": sorted(changes.removed),
    }


def _stale(made: Result) -> list[tuple[str, str]]:
    changes = made.changes
    return [
        *((str(made.output / path), "stale") for path in sorted(changes.written)),
        *((str(made.output / path), "no longer made") for path in sorted(changes.removed)),
    ]


def generated(
    schema: Path | None,
    flags: Mapping[str, Any],
    *,
    check: bool = False,
    force: bool = False,
    memo: Memo | None = None,
    templates: Callable[[Path], None] = lambda folder: None,
) -> Result:
    """One run: makes the package, if it is not as it would be made.

    Args:
        check: write nothing, only compare. Neither `check` nor `force` believes what the last run said.
        memo: what this process knows from its last run.
        templates: told of each folder of templates before it is read.
    """
    from infra_gen.again import done_before, probable_options

    memo = memo or Memo()
    files, configuration = read = read_files(schema)
    if not (check or force) and (options := probable_options(files, flags, memo)) is not None:
        if options.templates is not None:
            templates(options.templates)
        if done := done_before(files, options, configuration, memo):
            console.warn_of(done.warnings)
            _detail(options)
            return done.result
    package = _prepared(compiled(schema, flags, read=read, memo=memo), flags)
    for folder in package.template_folders():
        templates(folder)
    made = package.generate(check=check, force=force, memo=memo, configuration=configuration)
    memo.forget_unused()
    return made


def prepared(schema: Path | None, flags: Mapping[str, Any]) -> Prepared:
    """The schema that `--schema` names, and the options in force. Warnings go to stderr."""
    return _prepared(compiled(schema, flags), flags)


def _prepared(result: Compiled, flags: Mapping[str, Any]) -> Prepared:
    options = read_options(result.schema, schema_folder=options_folder(result.schema), flags=flags)
    _detail(options)
    return Prepared(result, options)


def _detail(options: Options) -> None:
    console.detail(f"output: {options.output}")
    for name, origin in options.origins.items():
        console.detail(f"option {name}: from {origin}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a package is made from."""

    compiled: Compiled
    options: Options

    @property
    def schema(self) -> ir.Schema:
        return self.compiled.schema

    def template_folders(self) -> list[Path]:
        """Where the templates stand that are not the toolkit's."""
        own = [self.options.templates] if self.options.templates is not None else []
        return [*own, *(folder for _, folder in activated(self.options.plugins).templates())]

    def generate(self, *, check: bool, force: bool, memo: Memo, configuration: Read | None) -> Result:
        """Writes the package, or with `check` compares only; see `infra_gen.generate`."""
        from infra_gen.again import inputs_of, remembered
        from infra_gen.generate import generate

        files, warnings = self.compiled.files, self.compiled.warnings
        before = inputs_of(files, self.options, configuration)

        def run() -> Mapping[str, Any]:
            said = remembered(files, self.options, configuration, warnings)
            # Templates may have been changed while they were rendered.
            return said if said.get("inputs") == before else {}

        with console.phase("the package was made and compared"):
            return generate(
                self.schema,
                self.options,
                schema_folder=Path(files[0].path).parent.resolve(),
                check=check,
                force=force,
                memo=memo,
                run=run,
            )
