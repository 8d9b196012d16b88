"""From the views of a package to the DTOs of its models. Imports `fields` and the plug-in API."""

from __future__ import annotations

from infra_gen import ir
from infra_gen.plugins import ModelView, PackageView
from infra_gen_dto.fields import Column, Dto, dtos


def dtos_of(model: ModelView, package: PackageView) -> tuple[Dto, ...]:
    """The classes of a model. Errors: Failure, see `dtos`."""
    enums = {enum.source.name: enum.name for enum in package.enums}
    taken = frozenset(field.name for field in model.fields)
    columns = tuple(
        Column(field.name, field.source, taken, enums)
        for field in model.fields
        if isinstance(field.source, ir.ScalarField)
    )
    return tuple(dtos(model.row, model.source, columns))


def has_enums(model: ModelView) -> bool:
    """Is a column of an enum?"""
    return any(isinstance(field.source, ir.ScalarField) and field.source.is_enum for field in model.fields)
