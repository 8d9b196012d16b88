"""The one way from files to IR: parse, check, resolve; or every error at once.

Imports the parser, the checks and the resolution; command line, generator and dynamic API start here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra_gen import ir
from infra_gen.checks import check
from infra_gen.directives import DIRECTIVES, Registry
from infra_gen.memo import Memo
from infra_gen.resolve import resolve
from infra_gen.schema.parser import parse
from infra_gen.schema.source import Diagnostic, SchemaError, SourceFile
from infra_gen.schema.syntax import ConfigBlock, Document


@dataclass(frozen=True, slots=True)
class Compiled:
    """A valid schema: the files it came from, its IR, and what is doubtful about it."""

    files: tuple[SourceFile, ...]
    schema: ir.Schema
    warnings: tuple[Diagnostic, ...]


def compile_schema(
    files: Sequence[SourceFile],
    *,
    for_generators: bool = True,
    directives: Registry = DIRECTIVES,
    memo: Memo | None = None,
) -> Compiled:
    """Compiles the files of one schema.

    Args:
        for_generators: if not, what stands in generator blocks concerns nobody, and refuses nothing.
        directives: those that can stand in its documentation.
        memo: what is known of the schema's parts. Places in what comes out are right until it is used again.

    Raises:
        SchemaError: the schema is not valid; holds every error and warning, in the order of the source.
    """
    document, found = parse(files, memo)
    told = check(document, well_formed=not found, for_generators=for_generators, directives=directives)
    diagnostics = _in_source_order((*found, *told), files)
    if not for_generators:
        diagnostics = _outside_generators(document, diagnostics)
    if any(item.severity == "error" for item in diagnostics):
        raise SchemaError(diagnostics)
    return Compiled(tuple(files), resolve(document, directives, memo), diagnostics)


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
