"""What `prisma format` adds to a schema: the other side of a relation, its foreign key, and the arguments of `@relation`.

Only a schema whose names, types and attributes are in order is completed; whether it is valid beyond that does not matter, for
what is missing is what makes it invalid. Imports the parser, and the reading phase of the checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra_gen.checks import names, reading
from infra_gen.checks.facts import Key, Model, Relation, RelationField, ScalarField
from infra_gen.checks.relations import find_relations
from infra_gen.checks.report import Report
from infra_gen.formatting.naming import camel_case, plural
from infra_gen.memo import Memo
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SourceFile, Span

_ARITY_SIGNS = {"required": "", "optional": "?", "list": "[]"}


@dataclass(frozen=True)
class _Insertion:
    file: SourceFile
    offset: int
    text: str


def completed(files: Sequence[SourceFile]) -> tuple[SourceFile, ...]:
    """The files with what their relations lack, not yet laid out."""
    relations = [relation for relation in _relations(files) if relation.kind in ("one to one", "one to many")]
    insertions = [insertion for relation in relations for insertion in _missing_fields(relation)]
    insertions += [insertion for relation in relations for insertion in _missing_attribute(relation)]
    insertions += [insertion for relation in relations for insertion in _missing_arguments(relation)]
    return tuple(_with(file, [item for item in insertions if item.file is file]) for file in files)


def _relations(files: Sequence[SourceFile]) -> tuple[Relation, ...]:
    """The relations of a schema; none where it is too broken to speak of relations."""
    document, diagnostics = parse(files)
    report = Report()
    names.check_names(document, report, Memo())
    if diagnostics or report.has_errors:
        return ()
    types = reading.Types(document)
    reading.read_facts(types.models, types, report)
    return () if report.has_errors else find_relations(types.models)


def _with(file: SourceFile, insertions: list[_Insertion]) -> SourceFile:
    if not insertions:
        return file
    parts: list[str] = []
    written = 0
    for insertion in sorted(insertions, key=lambda item: item.offset):
        parts += [file.text[written : insertion.offset], insertion.text]
        written = insertion.offset
    return SourceFile(file.path, "".join([*parts, file.text[written:]]))


# Fields ---------------------------------------------------------------------------------------------------------------


def _missing_fields(relation: Relation) -> Iterator[_Insertion]:
    referencing, referenced = relation.referencing_model, _referenced_model(relation)
    if relation.back is None:
        yield _at_end_of(referenced, _back_field(relation, referencing))
    if relation.forward is None:
        arity = "?" if any(column.arity == "optional" for column in _columns(relation)) else ""
        attribute = f"@relation({_fields_argument(relation)}, {_references_argument(relation)})"
        yield _at_end_of(referencing, f"{camel_case(referenced.name)} {referenced.name}{arity} {attribute}")
    if relation.forward is None or relation.forward.fields is None:
        existing = {field.name for field in referencing.scalars}
        for column in _columns(relation):
            if column.name in existing:
                continue
            if column.type is None:
                return
            text = f"{column.name} {column.type}{_ARITY_SIGNS[column.arity]} {column.native_type}"
            yield _at_end_of(referencing, text)


def _back_field(relation: Relation, referencing: Model) -> str:
    name = camel_case(referencing.name)
    ignore = "@ignore" if referencing.is_ignored else ""
    if relation.kind == "one to one":
        return f"{name} {referencing.name}? {ignore}"
    return f"{plural(name)} {referencing.name}[] {ignore}"


def _at_end_of(model: Model, line: str) -> _Insertion:
    span = model.syntax.span
    return _Insertion(span.file.whole, span.end - 1, f"{line}\n")


# Attributes -----------------------------------------------------------------------------------------------------------


def _missing_attribute(relation: Relation) -> Iterator[_Insertion]:
    field = relation.forward
    if field is None or field.attribute is not None:
        return
    text = f" @relation({_fields_argument(relation)}, {_references_argument(relation)})"
    span = _type_span(field)
    yield _Insertion(span.file.whole, span.end, text)


def _missing_arguments(relation: Relation) -> Iterator[_Insertion]:
    field = relation.forward
    if field is None or field.attribute is None:
        return
    missing = []
    if field.fields is None:
        missing.append(_fields_argument(relation))
    if field.references is None:
        missing.append(_references_argument(relation))
    if not missing:
        return
    arguments, span = field.attribute.arguments, field.attribute.span
    if arguments is None or not arguments.arguments:
        yield _Insertion(span.file.whole, span.end, f"({', '.join(missing)})")
    else:
        yield _Insertion(span.file.whole, span.end - 1, f", {', '.join(missing)}")


def _type_span(field: RelationField) -> Span:
    """The type as far as no space stands in it: Prisma writes the attribute between `Post` and ` ?`."""
    span = field.syntax.type.span
    return Span(span.file, span.start, span.start + len(span.text.split()[0]))


def _fields_argument(relation: Relation) -> str:
    return f"fields: [{', '.join(column.name for column in _columns(relation))}]"


def _references_argument(relation: Relation) -> str:
    return f"references: [{', '.join(field.name for field in _referenced_fields(relation))}]"


# The foreign key ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    """A column of the foreign key, as it is or should be."""

    name: str
    type: str | None
    """None where only the schema's author can know."""
    arity: str
    native_type: str


def _columns(relation: Relation) -> list[_Column]:
    """The foreign key that refers to the first unique key of the other model."""
    referencing, referenced = relation.referencing_model, _referenced_model(relation)
    key = next(iter(referenced.unique_criteria), None)
    existing = {field.name: field for field in referencing.scalars}
    arity = "optional" if relation.forward is None else relation.forward.arity
    return [] if key is None else [_column(item.field, referenced, existing, arity) for item in key.fields]


def _column(target: ScalarField, referenced: Model, existing: dict[str, ScalarField], arity: str) -> _Column:
    name = referenced.name[0].lower() + referenced.name[1:] + target.name[0].upper() + target.name[1:]
    native_type = "" if target.native_type is None else target.native_type.span.text
    if name in existing:
        return _Column(name, existing[name].type.builtin, existing[name].arity, native_type)
    return _Column(name, target.type.builtin, arity, native_type)


def _referenced_fields(relation: Relation) -> list[ScalarField]:
    if relation.forward is not None and relation.forward.references is not None:
        return relation.forward.references
    strict: Key | None = next((key for key in _referenced_model(relation).unique_criteria if key.is_strict), None)
    return [] if strict is None else [item.field for item in strict.fields]


def _referenced_model(relation: Relation) -> Model:
    if relation.forward is not None:
        return relation.forward.related
    assert relation.back is not None
    return relation.back.model
