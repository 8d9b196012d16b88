"""Finds which relation fields belong together and what kind of relation they make.

Imports the facts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infra_gen.checks.facts import Model, Relation, RelationField


def find_relations(models: Iterable[Model]) -> tuple[Relation, ...]:
    """Every relation once, each at the field it is told by."""
    return tuple(relation for model in models for field in model.relations for relation in _relation_of(field))


def _relation_of(field: RelationField) -> Iterator[Relation]:
    """The relation of a field, if this field is the one of the two that tells it."""
    opposite = _opposite_of(field)
    if opposite is None:
        yield _one_sided(field)
    elif field.arity == "list" and opposite.arity == "list":
        if _comes_first(field, opposite):
            is_embedded = field.fields is not None or opposite.fields is not None
            yield Relation("embedded many to many" if is_embedded else "many to many", field, opposite)
    elif field.arity == "list":
        return
    elif opposite.arity == "list":
        yield Relation("one to many", field, opposite)
    elif _holds_foreign_key(field, opposite):
        yield Relation("one to one", field, opposite)


def _opposite_of(field: RelationField) -> RelationField | None:
    """The first field of the related model that refers back under the same name."""
    for candidate in field.related.relations:
        if (
            candidate.related is field.model
            and candidate is not field
            and candidate.relation_name == field.relation_name
        ):
            return candidate
    return None


def _one_sided(field: RelationField) -> Relation:
    if field.arity == "list":
        return Relation("one to many", None, field)
    columns = [item.name for item in field.fields or ()]
    is_unique = any(key.is_unique and key.field_names == columns for key in field.model.keys)
    return Relation("one to one" if field.fields is not None and is_unique else "one to many", field, None)


def _comes_first(field: RelationField, opposite: RelationField) -> bool:
    """The order that names the columns of a join table: by model, then (within one model) by field."""
    if field.model is opposite.model:
        return field.name <= opposite.name
    return field.model.name <= opposite.model.name


def _holds_foreign_key(field: RelationField, opposite: RelationField) -> bool:
    """In a one-to-one relation the required side holds the foreign key; between equals, the side with `fields`."""
    if field.arity != opposite.arity:
        return field.arity == "required"
    if field.arity == "optional":
        if field.fields is not None:
            return True
        if opposite.fields is not None:
            return False
    return (field.model.name, field.name) <= (opposite.model.name, opposite.name)
