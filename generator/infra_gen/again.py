"""Ends a run before it begins: where the last one had the same inputs, and the package is as that one left it, nothing is parsed or made.

Whatever is out of the ordinary makes the run go on: it says what is wrong, with its place. May import `config`, `front`'s parts that read
generator blocks, `generate`, `memo`, and the runtime's settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra_gen import ir
from infra_gen.config import Options, options_folder, plugin_names, read_options
from infra_gen.failure import Failure
from infra_gen.generate import Result, unchanged
from infra_gen.generate.inputs import inputs
from infra_gen.memo import Memo
from infra_gen.resolve import generators
from infra_gen.resolve.schema import PROVIDERS
from infra_gen.schema.parser import configuration as configuration_blocks
from infra_gen.schema.source import Diagnostic, SourceFile, Span
from infra_gen.schema.syntax import Document, StringValue

if TYPE_CHECKING:
    from infra_runtime.configuration.reading import Read


@dataclass(frozen=True, slots=True)
class Done:
    """What a run would do, and what it would say."""

    result: Result
    warnings: tuple[Diagnostic, ...]


def probable_options(files: Sequence[SourceFile], flags: Mapping[str, Any], memo: Memo) -> Options | None:
    """The options that a run would have, if nothing is wrong; None where they cannot be told, or where plug-ins decide, too."""
    blocks = tuple(configuration_blocks(files, memo))
    document = Document(tuple(files), blocks)
    place = next((block.span for block in blocks if block.keyword == "datasource"), Span(files[0], 0, 0))
    datasource = ir.Datasource("", "sqlite", None, "foreignKeys", (), {}, place)
    outline = ir.Schema(datasource, generators(document), (), (), ())
    try:
        if plugin_names(outline.generators, flags=flags):
            return None
        return read_options(outline, schema_folder=options_folder(outline), flags=flags)
    except Failure:
        return None


def done_before(files: Sequence[SourceFile], options: Options, configuration: Read | None, memo: Memo) -> Done | None:
    """What a run with these options would do, if it is nothing."""
    if configuration is not None and _is_doubtful(files, configuration, memo):
        return None
    found = unchanged(options.output, lambda run: run.get("inputs") == inputs_of(files, options, configuration))
    if found is None:
        return None
    result, run = found
    try:
        return Done(result, tuple(_warning(files, *item) for item in run["warnings"]))
    except (KeyError, TypeError, IndexError):
        return None


def remembered(
    files: Sequence[SourceFile], options: Options, configuration: Read | None, warnings: Sequence[Diagnostic]
) -> Mapping[str, Any]:
    """What the next run is to know of this one."""
    order = {file.path: index for index, file in enumerate(files)}
    told = [
        [item.message, order[item.span.file.path], item.span.offset, item.span.end - item.span.start]
        for item in warnings
    ]
    found = inputs_of(files, options, configuration)
    return {} if found is None else {"inputs": found, "warnings": told}


def inputs_of(files: Sequence[SourceFile], options: Options, configuration: Read | None) -> str | None:
    """See `generate.inputs`."""
    folder = Path(files[0].path).parent.resolve()
    said = None if configuration is None else configuration.configuration
    return inputs([(file.path, file.text) for file in files], options, folder, said)


def _is_doubtful(files: Sequence[SourceFile], configuration: Read, memo: Memo) -> bool:
    """Could a run find something wrong with the configuration? What it says of a database may come from the environment."""
    written = (
        item.value.value
        for block in configuration_blocks(files, memo)
        for item in block.properties
        if block.keyword == "datasource" and item.name.name == "provider" and isinstance(item.value, StringValue)
    )
    provider = PROVIDERS.get(next(written, ""))
    if provider is None or configuration.problems:
        return True
    # Imported where there is a file: most projects have none, and this run is to be short.
    from infra_runtime.configuration.binding import problems_of_databases

    return any(problems_of_databases(configuration.configuration, provider))


def _warning(files: Sequence[SourceFile], message: str, file: int, start: int, length: int) -> Diagnostic:
    return Diagnostic(message, Span(files[file], start, start + length), "warning")
