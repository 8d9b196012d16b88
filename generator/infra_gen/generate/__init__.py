"""From a schema to a written package: plan → render → layout → write.

`files_of` is a pure function from IR to `{path: text}`; `generate` compares that with the output folder and writes what differs.
May import `config`, `plugins`, `ir`, `memo`, `metadata`, `plan` and its own modules; jinja2 and black at the first use only.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra_gen import ir
from infra_gen.config import Options
from infra_gen.failure import Failure
from infra_gen.generate.alone import alone
from infra_gen.generate.memory import NOTHING, Memory
from infra_gen.generate.write import Changes, compare, lists, write
from infra_gen.memo import Memo
from infra_gen.metadata import metadata
from infra_gen.plan.models import Documentation
from infra_gen.plan.package import Documentations, PackagePlan
from infra_gen.plan.settings import PlanSettings
from infra_gen.plugins.active import activated
from infra_gen.plugins.api import Generation


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did, or with `check` would do."""

    output: Path
    changes: Changes
    seconds: float
    is_check: bool = False

    @property
    def is_stale(self) -> bool:
        """Did the output differ from what the schema makes?"""
        return self.changes.any

    @property
    def told(self) -> str:
        """What was done, or with `check` would be."""
        verbs = ("to write", "to remove") if self.is_check else ("written", "removed")
        changes = self.changes
        return (
            f"{self.output}: {len(changes.written)} {verbs[0]}, {len(changes.unchanged)} unchanged, "
            f"{len(changes.removed)} {verbs[1]}"
        )

    def __str__(self) -> str:
        return f"{self.told} in {self.seconds:.2f} s"


def generate(
    schema: ir.Schema,
    options: Options,
    *,
    schema_folder: Path | None = None,
    check: bool = False,
    force: bool = False,
    memo: Memo | None = None,
    run: Callable[[], Mapping[str, Any]] = dict,
) -> Result:
    """Generates the package of a schema.

    Args:
        schema: a resolved, valid schema.
        options: see `infra_gen.config`.
        schema_folder: where the schema's files are: what `file:` URLs in it are relative to.
        check: write nothing, only compare.
        force: make every file anew, and not only what is made from something else than by the last run; `check` always does.
        memo: what is known of the schema's parts, see `infra_gen.memo`.
        run: answers what the next run is to know of this one; asked at the end, see `unchanged`.
    Errors: Failure for a folder with foreign files in the way, one that cannot be written, broken templates of the user's, or a plug-in
        that is not there or failed.
    """
    began = time.perf_counter()
    folder = None
    if schema_folder is not None:
        folder = Path(os.path.relpath(schema_folder, options.output)).as_posix()
    if check:
        changes = compare(options.output, files_of(schema, options, folder=folder, memo=memo))
    else:
        memory = Memory(options.output, forgotten=force, memo=memo)
        changes = write(options.output, files_of(schema, options, folder=folder, memory=memory, memo=memo))
        memory.save(run())
    return Result(options.output, changes, time.perf_counter() - began, check)


def unchanged(output: Path, is_same: Callable[[Mapping[str, Any]], bool]) -> tuple[Result, Mapping[str, Any]] | None:
    """What a run would do, and what the last one said of itself, if nothing has changed since then; otherwise None.

    Args:
        is_same: asked with what the last run said: is this one made from the same?
    """
    began = time.perf_counter()
    memory = Memory(output)
    if not memory.run or not is_same(memory.run):
        return None
    try:
        with alone(output):
            paths = memory.untouched()
            if paths is None or not lists(output, paths):
                return None
    except (OSError, Failure):
        return None  # The run that then follows says what is wrong.
    return Result(output, Changes((), tuple(sorted(paths)), ()), time.perf_counter() - began), memory.run


def files_of(
    schema: ir.Schema,
    options: Options,
    *,
    folder: str | None = None,
    memory: Memory = NOTHING,
    memo: Memo | None = None,
) -> dict[str, str]:
    """The files of a schema's package, by their paths within it: the same for the same input, always.

    Args:
        folder: the schema's folder as seen from the package.
        memory: where files are taken from that need not be made again.
        memo: what is known of the schema's parts.
    Errors: Failure for a model to include or exclude that is not there, or broken templates of the user's.
    """
    from infra_gen.generate.render import Made, render
    from infra_gen.generate.templates import Folder

    memo = memo or Memo()
    plan = _planned(schema, options, folder, memo)
    plugins = activated(options.plugins)
    own = [Folder(options.templates)] if options.templates is not None else []
    theirs = [Folder(path, name) for name, path in plugins.templates()]
    made = [
        Made(file.path, name, file.text, f"{name}/{file.template}" if file.template else "", file.given, file.model)
        for name, file in (plugins.files(Generation(schema, plan.view, options.plan)) if plugins.plugins else ())
    ]
    return render(plan, [*own, *theirs], made, memory, memo)


def generation_of(schema: ir.Schema, options: Options) -> Generation:
    """What plug-ins are given of a package, without making it. Errors: Failure, as for `files_of`."""
    return Generation(schema, _planned(schema, options, None, Memo()).view, options.plan)


def _planned(schema: ir.Schema, options: Options, folder: str | None, memo: Memo) -> PackagePlan:
    _check_patterns(schema, options.plan)
    known = replace(metadata(schema, memo=memo), folder=folder)
    return PackagePlan(known, documentations(schema, memo), options.plan, schema, memo)


def _check_patterns(schema: ir.Schema, settings: PlanSettings) -> None:
    """A name that matches no model is a mistake; a pattern to exclude may be there for models to come."""
    names = [model.name for model in schema.models if not model.is_ignored]
    for option, patterns in (("include", settings.include), ("exclude", settings.exclude)):
        for pattern in patterns:
            may_be_idle = option == "exclude" and any(sign in pattern for sign in "*?[")
            if may_be_idle or any(fnmatchcase(name, pattern) for name in names):
                continue
            near = get_close_matches(pattern, names, 1)
            hint = f"did you mean {near[0]}?" if near else f"the schema's models are {', '.join(names) or 'none'}."
            raise Failure(f"The option `{option}` names {pattern}, and no model of the schema is called so: {hint}")


def documentations(schema: ir.Schema, memo: Memo) -> Documentations:
    """The schema's `///` comments, without what they say to tools."""
    return Documentations(
        {model.name: memo(_documentation_of_model, model) for model in schema.models},
        {enum.name: memo(_documentation_of_enum, enum) for enum in schema.enums},
    )


def _documentation_of_model(model: ir.Model) -> Documentation:
    return Documentation(model.prose, {field.name: field.prose for field in model.fields})


def _documentation_of_enum(enum: ir.Enum) -> Documentation:
    return Documentation(enum.prose, {value.name: value.prose for value in enum.values})
