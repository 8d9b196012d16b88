"""From the fields of a model to the lines of its DTOs. Pure; imports the plug-in API and the IR."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from infra_gen import ir
from infra_gen.plugins import Failure, arguments_of

DIRECTIVE = "infra.dto"

TYPES = {
    "String": "str",
    "Boolean": "bool",
    "Int": "int",
    "BigInt": "int",
    "Float": "float",
    "Decimal": "_decimal.Decimal",
    "DateTime": "_datetime.datetime",
    "Json": "_pydantic.JsonValue",
    "Bytes": "bytes",
}
"""The types of scalars, under names that no field has; those without a dot are Python's own."""

LENGTHS = ("Char", "VarChar", "NChar", "NVarChar", "Binary", "VarBinary")
"""Native types whose first argument is how long a value may be."""
SIZES = {"TinyInt": 8, "SmallInt": 16, "MediumInt": 24, "Int": 32, "Integer": 32, "Oid": 32, "BigInt": 64}
"""How many bits a native integer has, also behind `Unsigned`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A field of a DTO: `name: type`, and its default as text, empty where it has none."""

    name: str
    type: str
    default: str = ""

    @property
    def text(self) -> str:
        return f"{self.name}: {self.type}{f' = {self.default}' if self.default else ''}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that DTOs may have. `name`: in Python; `taken`: the names of all fields; `enums`: the classes of enums."""

    name: str
    source: ir.ScalarField
    taken: frozenset[str]
    enums: Mapping[str, str]

    @property
    def is_required(self) -> bool:
        return self.source.is_required

    @property
    def is_made_elsewhere(self) -> bool:
        """Does the database or the client give it its value?"""
        return self.source.is_updated_at or (self.source.default is not None and self.default is None)

    @property
    def default(self) -> str | None:
        """The default's text, where it is a value that can be written down."""
        default = self.source.default
        if not isinstance(default, ir.LiteralDefault):
            return None
        values = default.value if isinstance(default.value, tuple) else (default.value,)
        written = [self._literal(value) for value in values]
        if any(item is None for item in written):
            return None
        return f"[{', '.join(map(str, written))}]" if self.source.is_list else written[0]

    def _literal(self, value: str | int | bool) -> str | None:
        if self.source.is_enum:
            return f"_enums.{self.enums[self.source.type]}({text(str(value))})"
        match self.source.type:
            case "String":
                return text(str(value))
            case "Boolean" | "Int" | "BigInt":
                return repr(value)
            case "Float":
                return repr(float(value))
            case "Decimal":
                return f"_decimal.Decimal({text(str(Decimal(str(value))))})"
        return None

    def line(self, *, is_optional: bool, default: str = "", is_checked: bool = True) -> Line:
        """The field with all that is known of it. `is_checked`: is a value to be refused that the database would refuse?"""
        value = self._value()
        constraints = dict(_constraints(self.source)) if is_checked else {}
        if self.source.is_list:
            value = f"{self._builtin('list')}[{_annotated(value, constraints)}]"
            constraints = {}
        if is_optional:
            value = f"{value} | None"
        described = {"description": text(self.source.prose)} if self.source.prose else {}
        return Line(self.name, _annotated(value, {**constraints, **described}), default)

    def _value(self) -> str:
        if self.source.is_enum:
            return f"_enums.{self.enums[self.source.type]}"
        name = TYPES[self.source.type]
        return name if "." in name else self._builtin(name)

    def _builtin(self, name: str) -> str:
        """Python's own type, also where a field has its name."""
        assert hasattr(builtins, name)
        return f"_builtins.{name}" if name in self.taken else name


def text(value: str) -> str:
    """A literal in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def _annotated(type_: str, facts: Mapping[str, str]) -> str:
    """A type with what pydantic is to know of it."""
    listed = ", ".join(f"{name}={value}" for name, value in facts.items())
    return f"_typing.Annotated[{type_}, _pydantic.Field({listed})]" if listed else type_


def _constraints(field: ir.ScalarField) -> Iterator[tuple[str, str]]:
    native = field.native
    name, arguments = (native.name, native.arguments) if native is not None else ("", ())
    if field.is_enum:
        return
    if name in LENGTHS and arguments:
        yield "max_length", arguments[0]
    if field.type == "Decimal" and name in ("Decimal", "Numeric", "Money") and arguments:
        yield "max_digits", arguments[0]
        if len(arguments) > 1:
            yield "decimal_places", arguments[1]
    if field.type in ("Int", "BigInt"):
        bits = SIZES.get(name.removeprefix("Unsigned"), 32 if field.type == "Int" else 64)
        low, high = (0, 2**bits - 1) if name.startswith("Unsigned") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        yield "ge", str(low)
        yield "le", str(high)


# Which fields a DTO has


@dataclass(frozen=True, slots=True)
class Dto:
    """A class to write. `inputs`: the type of what the repository takes, empty where it takes none."""

    name: str
    documentation: str
    lines: tuple[Line, ...]
    inputs: str = ""
    data: str = ""
    """The name of the method that answers that."""
    not_null: tuple[str, ...] = ()
    """Fields that may be left out, and yet not be null."""
    refusing: str = ""
    """The name of the validator that says so."""


def dtos(row: str, model: ir.Model, columns: tuple[Column, ...]) -> Iterator[Dto]:
    """The classes of a model. Errors: Failure for a directive that means nothing where it stands.

    Args:
        row: the class of the model's rows.
        columns: those that the client can read.
    """
    shown = tuple(column for column in columns if not _is_hidden(model, column.source))
    written = tuple(column for column in shown if not column.is_made_elsewhere and not _says(column.source, "readOnly"))
    if not model.is_view:
        data, refusing = (_free(name, columns) for name in ("data", "refuse_null"))
        if _is_creatable(model):
            about = f"What a new row of `{model.name}` is made of."
            yield Dto(f"{row}Create", about, tuple(map(_created, written)), f"{row}Create", data)
        not_null = tuple(column.name for column in written if column.is_required or column.source.is_list)
        lines = tuple(column.line(is_optional=True, default="None") for column in written)
        about = f"What is to change in a row of `{model.name}`: what is left out stays as it is."
        yield Dto(f"{row}Update", about, lines, f"{row}Update", data, not_null, refusing)
    read = tuple(
        column.line(is_optional=column.source.arity == "optional", is_checked=False)
        for column in shown
        if not _says(column.source, "writeOnly")
    )
    yield Dto(f"{row}Read", f"A row of `{model.name}` as it is shown.", read)


def _created(column: Column) -> Line:
    is_optional = column.source.arity == "optional"
    default = column.default or ("None" if is_optional else "[]" if column.source.is_list else "")
    return column.line(is_optional=is_optional, default=default)


def _free(name: str, columns: tuple[Column, ...]) -> str:
    while any(column.name == name for column in columns):
        name += "_"
    return name


def _is_creatable(model: ir.Model) -> bool:
    """Is there no required column that the client never sees?"""
    unseen = (field for field in model.scalars if field.is_ignored or field.is_unsupported)
    return not any(field.is_required and field.default is None for field in unseen)


def _is_hidden(model: ir.Model, field: ir.ScalarField) -> bool:
    for directive in field.directives:
        if directive.name == DIRECTIVE and "hidden" in directive.arguments:
            raise Failure(
                f"`hidden` of `@{DIRECTIVE}` names fields of a model, and stands on the field `{model.name}.{field.name}` "
                f"({directive.span}): write `/// @{DIRECTIVE}(hidden: [{field.name}])` above the model."
            )
    return field.name in (arguments_of(model, DIRECTIVE) or {}).get("hidden", ())


def _says(field: ir.ScalarField, what: str) -> bool:
    return bool((arguments_of(field, DIRECTIVE) or {}).get(what))
