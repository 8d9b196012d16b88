"""Python types of scalars: one table from Prisma's types to what rows hold, filters take and updates do.

May import the runtime's `schema` and `plan.modules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra_gen.plan.modules import Imports
from infra_runtime.schema import ScalarField

FILTERS = "infra_runtime.filters"


@dataclass(frozen=True, slots=True)
class Scalar:
    """How a scalar type looks in Python. `filters` is the prefix of its types in `infra_runtime.filters`."""

    module: str
    name: str
    filters: str
    is_number: bool = False


SCALARS = {
    "String": Scalar("builtins", "str", "String"),
    "Boolean": Scalar("builtins", "bool", "Boolean"),
    "Int": Scalar("builtins", "int", "Int", is_number=True),
    "BigInt": Scalar("builtins", "int", "Int", is_number=True),
    "Float": Scalar("builtins", "float", "Float", is_number=True),
    "Decimal": Scalar("decimal", "Decimal", "Decimal", is_number=True),
    "DateTime": Scalar("datetime", "datetime", "DateTime"),
    "Json": Scalar(FILTERS, "Json", "Json"),
    "Bytes": Scalar("builtins", "bytes", "Bytes"),
}


@dataclass(frozen=True, slots=True)
class ScalarTypes:
    """The types of scalar fields as text, in one module; what they use is imported there.

    `enums` is the module of enums seen from there; `enum_filters` that of their input types, None where rows are described.
    """

    imports: Imports
    enums: str
    enum_filters: str | None
    classes: Mapping[str, str]
    enum_inputs: Mapping[str, Mapping[str, str]]

    def value(self, field: ScalarField) -> str:
        """One value, not None."""
        if field.is_enum:
            if self.enum_filters is None:
                return self.imports.name(self.enums, self.classes[field.type])
            return self._input(field, "Value")
        scalar = SCALARS[field.type]
        if scalar.module == "builtins":
            return self.imports.builtin(scalar.name)
        return self.imports.name(scalar.module, scalar.name)

    def column(self, field: ScalarField) -> str:
        """What the column holds."""
        value = self.value(field)
        if field.is_list:
            return f"{self.imports.builtin('list')}[{value}]"
        return f"{value} | None" if field.arity == "optional" else value

    def filter(self, field: ScalarField) -> str:
        """What stands behind the field in `where`."""
        if field.is_list:
            return self._input(field, "ListFilter")
        if field.type == "Json" and not field.is_enum:
            return self._input(field, "Filter")
        return self._input(field, "NullableCondition" if field.arity == "optional" else "Condition")

    def update(self, field: ScalarField) -> str:
        """What stands behind the field in the data of an update."""
        if field.is_list:
            return f"{self.column(field)} | {self._input(field, 'ListUpdate')}"
        if not field.is_enum and SCALARS[field.type].is_number:
            return self._input(field, "NullableChange" if field.arity == "optional" else "Change")
        return self.column(field)

    def order(self, field: ScalarField) -> str:
        """What stands behind the field in `order`."""
        direction = self.imports.name(FILTERS, "SortDirection")
        if field.arity == "optional":
            return f"{direction} | {self.imports.name(FILTERS, 'NullsOrder')}"
        return direction

    def _input(self, field: ScalarField, suffix: str) -> str:
        if field.is_enum:
            assert self.enum_filters is not None
            return self.imports.name(self.enum_filters, self.enum_inputs[field.type][suffix])
        return self.imports.name(FILTERS, f"{SCALARS[field.type].filters}{suffix}")
