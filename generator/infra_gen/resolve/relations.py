"""Relations: which two fields make one, which side holds the foreign key, and what happens to it on delete and update.

Two fields belong together when each names the other's model and both have the same relation name (or none).
Source: Prisma's documentation, "Relations" and "Referential actions".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from infra_gen import ir
from infra_gen.resolve.names import constraint_name, relation_name
from infra_gen.resolve.reading import argument, attribute, names, text
from infra_gen.schema.syntax import Attribute, Field, ModelBlock


@dataclass(frozen=True, slots=True)
class Side:
    """A relation field as written, with what its attribute says."""

    model: ModelBlock
    field: Field
    target: str
    name: str | None
    fields: tuple[str, ...]
    references: tuple[str, ...]
    attribute: Attribute | None

    @property
    def key(self) -> tuple[str, str]:
        return self.model.name.name, self.field.name.name

    @property
    def is_list(self) -> bool:
        return self.field.type.arity == "list"


def sides(model: ModelBlock, models: Collection[str]) -> tuple[Side, ...]:
    """The relation fields of a model, in the order of the source. `models` are the names of all."""
    return tuple(_sides(model, models))


def _sides(model: ModelBlock, models: Collection[str]) -> Iterator[Side]:
    for field in model.fields:
        if field.type.unsupported is not None or field.type.name not in models:
            continue
        written = attribute(field.attributes, "relation")
        yield Side(
            model,
            field,
            field.type.name,
            text(argument(written, "name", 0)) if written else None,
            names(argument(written, "fields")) if written else (),
            names(argument(written, "references")) if written else (),
            written,
        )


def opposites(listed: Iterable[Side]) -> dict[tuple[str, str], Side]:
    """Each relation field's other side, by model and field."""
    found: dict[tuple[str, str], Side] = {}
    waiting: dict[tuple[str, str, str | None], Side] = {}
    for side in listed:
        partner = waiting.pop((side.target, side.model.name.name, side.name), None)
        if partner is None:
            waiting[side.model.name.name, side.target, side.name] = side
        else:
            found[side.key] = partner
            found[partner.key] = side
    return found


def action(side: Side, name: str) -> ir.ReferentialAction | None:
    """`onDelete` or `onUpdate` as written."""
    written = text(argument(side.attribute, name)) if side.attribute else None
    return cast("ir.ReferentialAction | None", written)


def full_name(side: Side) -> str:
    return side.name or relation_name(side.model.name.name, side.target)


def resolve_relation(
    side: Side, opposite: Side, model: ir.Model, related: ir.Model, provider: ir.Provider
) -> ir.Relation:
    """The relation of two sides, whichever of them is given first. `model` is that of `side`, `related` that of `opposite`."""
    if side.is_list and opposite.is_list:
        return _many_to_many((side, model), (opposite, related))
    (owner, owning), other = ((side, model), opposite) if side.fields else ((opposite, related), side)
    return ir.Relation(
        name=full_name(side),
        kind="one_to_many" if other.is_list else "one_to_one",
        model_a=owner.model.name.name,
        field_a=owner.field.name.name,
        model_b=other.model.name.name,
        field_b=other.field.name.name,
        foreign_key=_foreign_key(owner, owning, provider),
    )


def _many_to_many(one: tuple[Side, ir.Model], other: tuple[Side, ir.Model]) -> ir.Relation:
    (a, model), (b, _) = sorted((one, other), key=lambda item: item[0].key)
    name = full_name(one[0])
    return ir.Relation(
        name=name,
        kind="many_to_many",
        model_a=a.model.name.name,
        field_a=a.field.name.name,
        model_b=b.model.name.name,
        field_b=b.field.name.name,
        table=f"_{name}",
        schema=model.schema,
    )


def _foreign_key(owner: Side, model: ir.Model, provider: ir.Provider) -> ir.ForeignKey:
    columns = {scalar.name: scalar for scalar in model.scalars}
    # With one required field the key cannot become NULL: Prisma's engine then takes the relation for a required one.
    required = any(columns[name].is_required for name in owner.fields)
    mapped = text(argument(owner.attribute, "map")) if owner.attribute else None
    default_delete: ir.ReferentialAction = "SetNull"
    if required:
        default_delete = "Restrict"
    return ir.ForeignKey(
        fields=owner.fields,
        model=owner.target,
        references=owner.references,
        on_delete=action(owner, "onDelete") or default_delete,
        on_update=action(owner, "onUpdate") or "Cascade",
        constraint=mapped
        or constraint_name(provider, model.table, [columns[name].column for name in owner.fields], "_fkey"),
    )
