"""A pull from beginning to end: patches until nothing is left to say, and the layout of the blocks that were touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from infra_gen import ir
from infra_gen.database.catalog import Catalog, TableName
from infra_gen.database.compare import Difference
from infra_gen.database.dialects import DIALECTS
from infra_gen.directives import DIRECTIVES, Registry
from infra_gen.failure import Failure
from infra_gen.front import compile_schema
from infra_gen.pull.live import said, sayable
from infra_gen.pull.patching import patch
from infra_gen.schema.layout import laid_out
from infra_gen.schema.parser import parse
from infra_gen.schema.report import render_diagnostics
from infra_gen.schema.source import SchemaError, SourceFile, Span
from infra_gen.schema.syntax import Block, ConfigBlock, Document

ROUNDS = 4
"""More than one is wanted where a patch makes the schema say something that it did not say before, such as a default in other words."""
Comments = Mapping[tuple[TableName, str | None], str]


@dataclass(frozen=True, slots=True)
class Pulled:
    """The files of a schema after a pull. `changes`: what was written, a line each; `unsaid`: what no schema can say; `schema`: what it means."""

    files: tuple[SourceFile, ...]
    schema: ir.Schema
    changes: tuple[str, ...]
    unsaid: tuple[str, ...]


def pull(
    files: Sequence[SourceFile],
    catalog: Catalog,
    comments: Comments | None = None,
    directives: Registry = DIRECTIVES,
) -> Pulled:
    """Writes what a live database has into the files of a schema.

    Args:
        files: those of a valid schema.
        catalog: the live database's, as `live.read_live` reads it.
        comments: the database's, by table and column (None: the table's own); they document what is new.
        directives: those that can stand in the schema's documentation.
    Errors: SchemaError for a schema that is not valid; Failure where what the database has makes no valid schema.
    """
    if not comments:
        return _pulled(files, catalog, {}, directives)
    try:
        return _pulled(files, catalog, comments, directives)
    except Failure:
        # A comment that reads as a directive may be none that holds.
        pulled = _pulled(files, catalog, {}, directives)
        return replace(
            pulled, unsaid=(*pulled.unsaid, "the database's comments: as documentation they make the schema invalid")
        )


def _pulled(files: Sequence[SourceFile], catalog: Catalog, comments: Comments, directives: Registry) -> Pulled:
    now = tuple(files)
    schema = compile_schema(now, for_generators=False, directives=directives).schema
    changes: list[str] = []
    verbatim: frozenset[tuple[str, str]] = frozenset()
    unsaid: dict[str, None] = {}
    for round_ in range(ROUNDS):
        live = sayable(schema, catalog)
        work = patch(schema, parse(now)[0], live.catalog, verbatim=verbatim, comments=comments)
        if round_ == 0:
            unsaid |= dict.fromkeys((*live.unsaid, *work.unsaid))
        if not work.text.edits:
            break
        changes += work.changes
        now = _laid_out(work.text.edits.applied(now), work.text.touched)
        schema = _compiled(now, directives)
        verbatim |= _defaults_that_differ(schema, live.catalog)
    unsaid |= dict.fromkeys(_left(difference(schema, sayable(schema, catalog).catalog)))
    now = tuple(_with_line_ends(after, before) for after, before in zip(now, files, strict=True))
    return Pulled(now, schema, tuple(dict.fromkeys(changes)), tuple(unsaid))


def _with_line_ends(after: SourceFile, before: SourceFile) -> SourceFile:
    """The text with the line ends that the file had."""
    if "\r\n" not in before.text or after.text == before.text:
        return after
    return SourceFile(after.path, after.text.replace("\r\n", "\n").replace("\n", "\r\n"))


def _compiled(files: Sequence[SourceFile], directives: Registry) -> ir.Schema:
    try:
        return compile_schema(files, for_generators=False, directives=directives).schema
    except SchemaError as error:
        raise Failure(
            "What the database has cannot be said in a valid schema; nothing was written.\n"
            + render_diagnostics([item for item in error.diagnostics if item.severity == "error"], color=False)
        ) from error


def difference(schema: ir.Schema, live: Catalog) -> Difference:
    """What the schema says otherwise than the database has it."""
    return DIALECTS[schema.datasource.provider].compare(said(schema), live)


def _defaults_that_differ(schema: ir.Schema, live: Catalog) -> frozenset[tuple[str, str]]:
    """Columns whose default was understood, and is something else in the words of the schema."""
    return frozenset(
        (str(change.after.name), after.name)
        for change in difference(schema, live).changed
        for before, after in change.changed
        if after.default is not None and before.default != after.default
    )


def _left(difference: Difference) -> Iterator[str]:
    """What schemas say otherwise than this database has it, a line for each table."""
    for change in difference.changed:
        columns = [f"column {column.name} ({column.type})" for _, column in change.changed]
        keys = ["primary key"] if change.primary_key_differs else []
        indexes = ["indexes"] if change.indexes else []
        foreign_keys = ["foreign keys"] if change.foreign_keys else []
        parts = ", ".join([*columns, *keys, *indexes, *foreign_keys])
        yield f"table {change.after.name}: a schema says this otherwise, and a push would change it: {parts}"


# -- layout ----------------------------------------------------------------------------------------------------------
_BLANK_LINES = re.compile(r"\n{3,}")


def _laid_out(files: Sequence[SourceFile], touched: set[str]) -> tuple[SourceFile, ...]:
    """The files with the blocks of these names laid out, all else as it is."""
    document = parse(files)[0]
    return tuple(_with_layout(file, document, touched) for file in files)


def _with_layout(file: SourceFile, document: Document, touched: set[str]) -> SourceFile:
    text = file.text
    own = [block for block in document.blocks if block.span.file is file and block.name.name in touched]
    for block in reversed(own):
        lines = laid_out(SourceFile(file.path, block.span.text)).removesuffix("\n")
        text = text[: block.span.start] + lines + text[block.span.end :]
    return SourceFile(file.path, text)


# -- schemas with nothing in them ------------------------------------------------------------------------------------
def emptied(files: Sequence[SourceFile]) -> tuple[SourceFile, ...]:
    """The files without models, views and enums: with the datasource, generators and comments alone."""
    document = parse(files)[0]
    return tuple(_without(file, [block for block in document.blocks if block.span.file is file]) for file in files)


def _without(file: SourceFile, blocks: Sequence[Block]) -> SourceFile:
    text = file.text
    for block in reversed(blocks):
        if not isinstance(block, ConfigBlock):
            span = _with_documentation(block)
            text = text[: span.start] + text[span.end :]
    return SourceFile(file.path, _BLANK_LINES.sub("\n\n", text).strip("\n") + "\n" if text.strip() else "")


def _with_documentation(block: Block) -> Span:
    own = block.documentation
    if own is not None and not block.span.file.text[own.span.end : block.span.start].strip():
        return Span(block.span.file, own.span.start, block.span.end)
    return block.span


def new_schema(path: str, provider: ir.Provider) -> SourceFile:
    """A schema of a database and the toolkit's generator. Its URL is in the environment, as a URL holds a secret."""
    return SourceFile(
        path,
        f'datasource db {{\n  provider = "{provider}"\n  url      = env("DATABASE_URL")\n}}\n\n'
        'generator client {\n  provider = "infra-gen"\n}\n',
    )
