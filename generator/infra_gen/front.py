"""The one way from files to IR: parse, check, resolve; or every error at once.

Imports the parser, the checks, the resolution and the plug-ins; command line, generator and dynamic API start here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra_gen import ir
from infra_gen.checks import check
from infra_gen.directives import DIRECTIVES, Registry
from infra_gen.memo import Memo
from infra_gen.plugins.active import NONE, ActivePlugins, Chooser
from infra_gen.resolve import generators, resolve
from infra_gen.schema.parser import parse
from infra_gen.schema.source import Diagnostic, SchemaError, SourceFile
from infra_gen.schema.syntax import ConfigBlock, Document

if TYPE_CHECKING:
    from infra_runtime.configuration.reading import Read


@dataclass(frozen=True, slots=True)
class Compiled:
    """A valid schema: the files it came from, its IR, and what is doubtful about it."""

    files: tuple[SourceFile, ...]
    schema: ir.Schema
    warnings: tuple[Diagnostic, ...]
    plugins: ActivePlugins = NONE
    """Those that it was read with."""


def compile_schema(
    files: Sequence[SourceFile],
    *,
    for_generators: bool = True,
    directives: Registry = DIRECTIVES,
    plugins: Chooser | None = None,
    memo: Memo | None = None,
    configuration: Read | None = None,
    is_configured: bool = True,
) -> Compiled:
    """Compiles the files of one schema.

    Args:
        for_generators: if not, what stands in generator blocks concerns nobody, and refuses nothing.
        directives: those that can stand in its documentation.
        plugins: which plug-ins are active, told by the generator blocks; without it, none. They add directives, and change the IR.
        memo: what is known of the schema's parts. Places in what comes out are right until it is used again.
        configuration: what `infrastructure.config.yml` says, which beats the directives.
        is_configured: is it about this schema? If not, but about another state of it, what does not fit is left out.

    Raises:
        Failure: a plug-in cannot be loaded, or failed.
        SchemaError: the schema is not valid; holds every error and warning, in the order of the source, then those of the configuration.
    """
    document, found = parse(files, memo)
    active = plugins(generators(document)) if plugins is not None else NONE
    directives = active.directives(directives)
    told = check(document, well_formed=not found, for_generators=for_generators, directives=directives, memo=memo)
    diagnostics = _in_source_order((*found, *told), files)
    if not for_generators:
        diagnostics = _outside_generators(document, diagnostics)
    if any(item.severity == "error" for item in diagnostics):
        raise SchemaError((*diagnostics, *_problems(configuration)))
    schema = resolve(document, directives, memo)
    return compiled(
        document, schema, diagnostics, active, directives, configuration=configuration, is_configured=is_configured
    )


def compiled(
    document: Document,
    schema: ir.Schema,
    warnings: Sequence[Diagnostic],
    plugins: ActivePlugins,
    directives: Registry,
    *,
    configuration: Read | None,
    is_configured: bool = True,
) -> Compiled:
    """What comes of a document that nothing is wrong with, and its IR. Errors, and what is not said here: as for `compile_schema`."""
    if configuration is not None:
        from infra_gen.configured import configured

        schema, wrong = configured(schema, document, configuration, directives)
        if wrong and is_configured:
            raise SchemaError((*warnings, *wrong))
    return Compiled(document.files, plugins.transformed(schema), tuple(warnings), plugins)


def _problems(configuration: Read | None) -> Iterable[Diagnostic]:
    """What is wrong with a configuration, whatever the schema. Without one, which is the rule, nothing of it is imported."""
    if configuration is None:
        return ()
    from infra_gen.configured import told_of

    return map(told_of, configuration.problems)


def _outside_generators(document: Document, diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    spans = [block.span for block in document.blocks if isinstance(block, ConfigBlock) and block.keyword == "generator"]
    return tuple(
        item
        for item in diagnostics
        if not any(span.file is item.span.file.whole and span.start <= item.span.offset < span.end for span in spans)
    )


def _in_source_order(diagnostics: Sequence[Diagnostic], files: Sequence[SourceFile]) -> tuple[Diagnostic, ...]:
    order = {file.path: index for index, file in enumerate(files)}
    return tuple(sorted(diagnostics, key=lambda item: (order[item.span.file.path], item.span.offset)))
