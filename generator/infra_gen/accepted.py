"""A schema that Prisma accepted and the toolkit's own parser or checks refuse: made from what Prisma says of it, its DMMF.

Prisma's language grows, and an older infra-gen then meets what it does not know. Under `prisma generate` Prisma has read the schema already, so
that the run goes on without what is only in that text. What the toolkit itself does not take (a database, a directive) stays an error.
Imports the parser, the checks, the DMMF, the resolution, the plug-ins, and the front whose place it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from infra_gen.checks import check
from infra_gen.checks.configuration import refused_provider
from infra_gen.directives import DIRECTIVES, Registry, problems
from infra_gen.dmmf.document import Datamodel
from infra_gen.dmmf.reading import UnreadableDmmfError, datamodel_of, syntax_tree
from infra_gen.dmmf.spelling import is_of_unknown_type
from infra_gen.front import Compiled, compiled
from infra_gen.plugins.active import NONE, Chooser
from infra_gen.resolve import generators, resolve
from infra_gen.schema.parser import parse
from infra_gen.schema.source import Diagnostic, SchemaError, SourceFile
from infra_gen.schema.syntax import ConfigBlock, Document, EnumBlock, ModelBlock
from infra_gen.version import version
from infra_runtime.configuration.reading import Read

MOST_SHOWN = 3
"""How many of the places are named in the one line that tells of them."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The schema, and the sentence that says what infra-gen did not know of it."""

    compiled: Compiled
    warning: str


def compile_accepted(
    files: Sequence[SourceFile],
    dmmf: Any,
    refused: SchemaError,
    *,
    directives: Registry = DIRECTIVES,
    plugins: Chooser | None = None,
    configuration: Read | None = None,
) -> Accepted:
    """Compiles a schema that `compile_schema` refused.

    Args:
        dmmf: the datamodel of its DMMF, as it came.
        refused: the refusal.
        directives, plugins, configuration: as for `compile_schema`.

    Raises:
        SchemaError: what is wrong is the toolkit's own matter (and then only that is told), or the DMMF has a form that it does not
            know: the refusal.
    """
    try:
        told = datamodel_of(dmmf)
    except UnreadableDmmfError:
        raise refused from None
    document, found = parse(files)
    active = plugins(generators(document)) if plugins is not None else NONE
    directives = active.directives(directives)
    judged = check(document, well_formed=not found, directives=directives)
    errors = [item for item in (*found, *judged) if _is_error(item)]
    own = problems(document, directives, well_formed=not found)
    if not errors or refused_provider(document):
        raise refused
    if own:
        raise SchemaError(own)
    tree = syntax_tree(told, [block for block in document.blocks if isinstance(block, ConfigBlock)], document)
    if own := problems(tree, directives, well_formed=True):
        raise SchemaError(own)
    warnings = [item for item in refused.diagnostics if not _is_error(item)]
    made = compiled(tree, resolve(tree, directives), warnings, active, directives, configuration=configuration)
    return Accepted(made, _sentence(errors, document, told))


def _is_error(item: Diagnostic) -> bool:
    return item.severity == "error"


# ---- what is told of it


def _sentence(errors: Sequence[Diagnostic], document: Document, told: Datamodel) -> str:
    first = list(_first_of_each(errors, document))
    places = [f"{item.span} (`{_line(item)}`)" for item in first[:MOST_SHOWN]]
    if len(first) > MOST_SHOWN:
        places.append(f"{len(first) - MOST_SHOWN} lines more")
    missing = dict.fromkeys((*(_missing(item, document, told) for item in first), *_of_unknown_types(told)))
    return (
        f"Prisma accepts what infra-gen {version()} does not know: {', '.join(places)}. The package is made from Prisma's own reading "
        f"of the schema, without {'; '.join(missing)}."
    )


def _first_of_each(errors: Sequence[Diagnostic], document: Document) -> Iterator[Diagnostic]:
    """One for each line; of lines that follow each other and are in nothing that is known, such as those of a block, the first."""
    before: Diagnostic | None = None
    for item in sorted(errors, key=lambda item: (item.span.file.path, item.span.offset)):
        lines = item.span.line - before.span.line if before and before.span.file.path == item.span.file.path else None
        if lines is None or lines > 1 or (lines == 1 and _owner(item, document)):
            yield item
        before = item


def _line(item: Diagnostic) -> str:
    return item.span.file.line_text(item.span.line).strip()


def _missing(item: Diagnostic, document: Document, told: Datamodel) -> str:
    """What is not there for a line that is not known."""
    word = _line(item).partition(" ")[0].partition("(")[0]
    owner = _owner(item, document)
    if owner is None:
        return f"what stands there (`{word}`)"
    if word in _names_in(owner, told):
        return f"what that line says of `{owner}.{word}` beyond its type, column, keys and default"
    return f"`{word}` of `{owner}`"


def _owner(item: Diagnostic, document: Document) -> str | None:
    """The model or enum that a diagnostic is in."""
    for block in document.blocks:
        span = block.span
        if span.file.whole is item.span.file.whole and 0 <= item.span.offset - span.offset < span.end - span.start:
            return block.name.name if isinstance(block, (ModelBlock, EnumBlock)) else None
    return None


def _names_in(owner: str, told: Datamodel) -> set[str]:
    """What the DMMF has in a model or an enum."""
    fields = {field["name"] for model in told["models"] if model["name"] == owner for field in model["fields"]}
    return fields | {value["name"] for enum in told["enums"] if enum["name"] == owner for value in enum["values"]}


def _of_unknown_types(told: Datamodel) -> Iterator[str]:
    for model in told["models"]:
        for field in model["fields"]:
            if is_of_unknown_type(field):
                yield f"`{model['name']}.{field['name']}`, as infra-gen has no values of the type `{field['type']}`"
