"""What a projection reads of its model, field by field; and what is wrong with it.

The type of a column is taken from the model's row class. Imports `annotations`, `markers`, `types`, and of the runtime `arguments`,
`context`, `engine`, `errors`, `rows` and `schema`.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from infra_runtime.arguments.projection import Counted, Joined, Related
from infra_runtime.arguments.query import query_shape
from infra_runtime.arguments.walk import Walk, unknown
from infra_runtime.arguments.where import where_shape
from infra_runtime.context import current_context
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError
from infra_runtime.projections.annotations import Declared, misplaced
from infra_runtime.projections.imports import names_in
from infra_runtime.projections.markers import Count, From
from infra_runtime.projections.types import holds, members, text
from infra_runtime.rows import PackageRows, row_class
from infra_runtime.schema import Model, RelationField, Schema


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What a projection is of: a model, and the package whose rows it has."""

    package: PackageRows
    model: Model

    @property
    def schema(self) -> Schema:
        return self.package.schema

    def at(self, relation: RelationField) -> Subject:
        """The model that a relation leads to."""
        return Subject(self.package, self.schema.model[relation.model])

    def column_type(self, name: str) -> Any:
        """What a row holds in a column."""
        return self.package.row_class(self.model.name).model_fields[name].annotation


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the model itself."""

    name: str


Source = Column | Joined | Related | Counted


class Unfit(Exception):
    """A field that does not fit the model: what to tell of it."""


def source_of(cls: type[BaseModel], subject: Subject, field: Declared, *, last: bool) -> Source | None:
    """Where a field's value comes from; None for an open field that is fine as far as it is known.

    `last`: nothing may be open any more. Errors: Unfit.
    """
    if len(field.markers) > 1:
        raise Unfit("its value comes from one place: leave one of From and Count")
    for marker in misplaced(field.annotation):
        raise Unfit(f"write Annotated[…, {marker}] around the whole type")
    marker = field.markers[0] if field.markers else From(field.name)
    if isinstance(marker, Count):
        counted = _count(subject, field, marker)
        if field.is_open and last:
            raise _not_found(cls, field)
        return counted
    path = marker.name.split(".")
    owner = _followed(subject, path[:-1])
    name = path[-1]
    if name in owner.model.relation:
        if field.is_open and not last:
            return None
        return _related(cls, owner, field, marker, path)
    scalar = owner.model.scalar.get(name)
    if scalar is None or not scalar.readable:
        raise _unknown(owner.model, name, field, is_marked=bool(field.markers))
    if marker.arguments:
        raise Unfit(f"{name} is a column: leave out {', '.join(marker.arguments)}")
    if field.is_open:
        if last:
            raise _not_found(cls, field)
        return None
    column = owner.column_type(name)
    if len(path) > 1 and _may_be_missing(subject, path[:-1]):
        column = column | None
    _check_type(f"{owner.model.name}.{name}", field, column, whole=len(path) == 1)
    return Joined(tuple(path[:-1]), name) if len(path) > 1 else Column(name)


def _followed(subject: Subject, path: Iterable[str]) -> Subject:
    """The model at the end of a path of to-one relations."""
    for name in path:
        relation = subject.model.relation.get(name)
        if relation is None:
            relations = [item.name for item in subject.model.relations if not item.is_list]
            raise Unfit(unknown("relation", name, relations, subject.model).message)
        if relation.is_list:
            raise Unfit(
                f"{name} leads to many rows of {relation.model}: a list of a projection can hold what they have"
            )
        subject = subject.at(relation)
    return subject


def _may_be_missing(subject: Subject, path: Iterable[str]) -> bool:
    for name in path:
        relation = subject.model.relation[name]
        if not relation.is_required:
            return True
        subject = subject.at(relation)
    return False


def _unknown(model: Model, name: str, field: Declared, *, is_marked: bool) -> Unfit:
    known = [*(item.name for item in model.readable), *(item.name for item in model.relations)]
    said = unknown("field", name, known, model).message
    nearest = said.rpartition("did you mean `")[2].partition("`")[0] if "did you mean" in said else "…"
    if is_marked:
        return Unfit(said)
    return Unfit(f'{said} A field of another name is Annotated[…, From("{nearest}")]')


def _not_found(cls: type[BaseModel], field: Declared) -> Unfit:
    """An annotation names what is not there when it is needed."""
    module = sys.modules.get(cls.__module__)
    named = names_in(field.missing)
    missing = sorted(name for name in named if not hasattr(module, name) and not hasattr(builtins, name))
    return Unfit(f"`{' and '.join(missing) or field.missing}` is not in {cls.__module__}: define or import it there")


def _check_type(what: str, field: Declared, given: Any, *, whole: bool) -> None:
    """Can the field hold what the column does?"""
    if holds(field.annotation, given):
        return
    parts = members(given)
    if NoneType in parts and NoneType not in members(field.annotation):
        but_none = [part for part in parts if part is not NoneType]
        if all(holds(field.annotation, part) for part in but_none):
            absent = "may be NULL" if whole else "may be missing"
            raise Unfit(f"{what} {absent}: write {text(field.annotation)} | None")
    if given is Any or Any in parts:
        raise Unfit(
            f"{what} is Json, and {text(field.annotation)} is not made of JSON's types: write Json, or a TypedDict"
        )
    raise Unfit(f"{what} is {text(given)}, and {text(field.annotation)} does not hold that: write {text(given)}")


# -- relations ---------------------------------------------------------------------------------------------------------
def _related(cls: type[BaseModel], owner: Subject, field: Declared, marker: From, path: list[str]) -> Related:
    name = path[-1]
    relation = owner.model.relation[name]
    if len(path) > 1:
        raise Unfit(
            f"{marker.name} leads to rows of {relation.model}: From follows relations to a column; "
            f"nest a projection of {owner.model.name} that has {name}"
        )
    if field.is_open:
        raise _not_found(cls, field)
    element, in_list = _element(field.annotation)
    of = _subject_of(element)
    if of is None:
        raise _no_rows(field, relation)
    if element is cls:
        raise Unfit(
            f"{cls.__name__} would contain itself without end: declare a class for each level, the last one without {field.name}"
        )
    target = owner.at(relation)
    if of.model is not target.model:
        kind = "a projection" if _is_projection(element) else "a row"
        raise Unfit(
            f"{element.__name__} is {kind} of {of.model.name}, and {name} leads to {target.model.name}: "
            f"write a class that is made from Projection[{target.model.name}]"
        )
    optional = NoneType in members(field.annotation)
    _check_number(relation, element, in_list, optional)
    if marker.arguments:
        _check_arguments(target, relation, marker.arguments, optional)
    return Related(name, {**marker.arguments, "projection": element} if _is_projection(element) else marker.arguments)


def _element(annotation: Any) -> tuple[Any, bool]:
    """What one row is to become, and whether there are several; None where that is not one class."""
    parts = [part for part in members(annotation) if part is not NoneType]
    if len(parts) != 1:
        return None, False
    [part] = parts
    container = get_origin(part)
    if isinstance(container, type) and issubclass(list, container) and get_args(part):
        return get_args(part)[0], True
    return part, False


def _is_projection(element: Any) -> bool:
    return hasattr(element, "__subject__")


def _subject_of(element: Any) -> Subject | None:
    """What a projection is of, or a row class; None for anything else."""
    if _is_projection(element):
        of: Subject | None = element.__subject__
        return of
    if not isinstance(element, type) or row_class(element) is not element:
        return None
    package = PackageRows.of(element)
    return Subject(package, package.model(element)) if package is not None else None


def _no_rows(field: Declared, relation: RelationField) -> Unfit:
    if relation.is_list and holds(field.annotation, int):
        return Unfit(
            f"{relation.name} leads to rows of {relation.model}: their number is Annotated[int, Count({relation.name!r})]"
        )
    example = f"{relation.model}Card"
    return Unfit(
        f"{relation.name} leads to rows of {relation.model}, which {text(field.annotation)} does not hold: "
        f"write {f'list[{example}]' if relation.is_list else example}, with a class {example}(Projection[{relation.model}])"
    )


def _check_number(relation: RelationField, element: Any, in_list: bool, optional: bool) -> None:
    """Is there a list for many rows, one place for one, and None where there may be no row?"""
    if relation.is_list and not in_list:
        raise Unfit(f"{relation.name} leads to many rows of {relation.model}: write list[{element.__name__}]")
    if not relation.is_list and in_list:
        raise Unfit(f"{relation.name} leads to one row of {relation.model}: write {element.__name__}")
    if relation.arity == "optional" and not optional:
        raise Unfit(f"{relation.name} may lead to no row: write {element.__name__} | None")


def _check_arguments(target: Subject, relation: RelationField, arguments: Mapping[str, Any], optional: bool) -> None:
    if not relation.is_list:
        others = [name for name in arguments if name != "where"]
        if others:
            raise Unfit(f"{relation.name} leads to one row: leave out {', '.join(others)}")
        if not optional:
            raise Unfit(f"{relation.name} has a condition, so that there may be no row: write … | None")
    try:
        query_shape(_walk(target), target.model, arguments)
    except ArgumentError as error:
        raise Unfit(f"From(…): {_located(error)}") from None


def _count(subject: Subject, field: Declared, marker: Count) -> Counted:
    lists = {relation.name: relation for relation in subject.model.relations if relation.is_list}
    if marker.relation not in lists:
        if marker.relation in subject.model.relation:
            raise Unfit(f"{marker.relation} leads to one row: Count is for relations to many")
        raise Unfit(unknown("relation", marker.relation, lists, subject.model).message)
    if not field.is_open and not holds(field.annotation, int):
        raise Unfit(
            f"a count is an int, and {text(field.annotation)} does not hold that: write Annotated[int, {marker}]"
        )
    if marker.where is not None:
        target = subject.at(lists[marker.relation])
        try:
            where_shape(_walk(target), target.model, marker.where)
        except ArgumentError as error:
            raise Unfit(f"Count(…): {_located(error.under('where'))}") from None
    return Counted(marker.relation, marker.where)


def _located(error: ArgumentError) -> str:
    return f"{'.'.join(map(str, error.path))}: {error.message}"


def _walk(subject: Subject) -> Walk:
    """A walk of arguments that are checked, and run by nobody."""
    return Walk(Engine(subject.schema, row_types=subject.package), current_context())
