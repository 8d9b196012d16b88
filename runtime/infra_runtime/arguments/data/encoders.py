"""Encoders: what the walk does to plain arguments of writes, written out for the keys that are in them and compiled once.

Calls mostly have the same keys again and nothing unusual in them, so nothing is asked of their values that the keys have answered: a
value is checked and encoded, the client's defaults stand between them, and all go into one list, in the order that the statement wants.
At anything else that has to be said of arguments (other keys, a value that is refused, a nested write) an encoder gives up: the walk then
does them, or says what is wrong. The text of an encoder is made here and nowhere else, of nothing but the schema's own names.

Imports `initial`, `arguments.where`, and the runtime's `engine`, `errors` and `schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias

from infra_runtime.arguments.data.initial import initial_values
from infra_runtime.arguments.data.nesting import ARITHMETIC, NUMERIC
from infra_runtime.arguments.data.tree import AssignmentOperator
from infra_runtime.arguments.where import unique_key_of
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError
from infra_runtime.schema import Model, RelationField, ScalarField


class Clock:
    """Knows the moment of an operation, which all of its rows share, as in Prisma."""

    __slots__ = ("_now",)

    def __init__(self) -> None:
        self._now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The moment of this operation."""
        if self._now is None:
            self._now = datetime.now(UTC)
        return self._now


# -- rows to be made ---------------------------------------------------------------------------------------------------
EncodeRows: TypeAlias = Callable[[Sequence[Any], int, list[Any], Clock], None]
"""Adds the values of rows, from a place on, to a list, up to the first row that is unusual."""


@dataclass(frozen=True, slots=True)
class RowEncoder:
    """Encodes rows that have the same keys."""

    columns: tuple[str, ...]
    """The fields that rows set, in the model's order."""
    given: tuple[str, ...]
    """Those of them that the parent gives, which are None as yet."""
    encode: EncodeRows

    def by_name(self, values: Sequence[Any]) -> dict[str, Any]:
        """The values of one row by the names of its fields, but for those that the parent gives."""
        row = dict(zip(self.columns, values, strict=True))
        for name in self.given:
            del row[name]
        return row


def row_encoder(engine: Engine, model: Model, row: Any, parent: RelationField | None = None) -> RowEncoder | None:
    """The encoder of rows with the keys of `row`, nested by the relation `parent` or by none; None where these take more than scalars.

    It is only kept for keys that are right: wrong ones are found by the walk, and leave nothing behind.
    """
    if type(row) is not dict:
        return None
    shape = ("rows", model, parent, *row)
    found: RowEncoder | None = engine.plans.find(shape)
    if found is None:
        found = _row_encoder(engine, model, tuple(row), parent)
        if found is not None:
            engine.plans.keep(shape, found)
    return found


def _row_encoder(
    engine: Engine, model: Model, keys: tuple[Any, ...], parent: RelationField | None
) -> RowEncoder | None:
    given = () if parent is None else engine.schema.opposite(parent).fields
    source = Source(engine, model)
    values = source.row("row", keys, given)
    if not values:
        return None
    text = [
        "def encode(rows, start, values, clock):",
        *(f"    {line}" for line in source.before),
        "    add = values.extend",
        "    try:",
        "        for row in islice(rows, start, None) if start else rows:",
        *(f"            {line}" for line in source.lines),
        f"            add(({', '.join(values.values())},))",
        GIVING_UP,
    ]
    return RowEncoder(tuple(values), given, source.compiled(text))


# -- the arguments of one call -----------------------------------------------------------------------------------------
Encode: TypeAlias = Callable[[Any, Any, Any, Clock], list[Any] | None]
"""The values of a call's `where`, of its row to be made and of its changes, as far as it has them; None where they are unusual."""

ChangeKind: TypeAlias = Any
"""The key of a change; or, where the change is an operator with its operand, both keys."""
Change: TypeAlias = tuple[ScalarField, AssignmentOperator, str]
"""A change, and the expression for its driver value."""


def change_kinds(data: Mapping[str, Any]) -> tuple[ChangeKind, ...]:
    """The keys of changes, and of those that are written as operators."""
    return tuple([(key, *value) if type(value) is dict else key for key, value in data.items()])


GIVING_UP = "    except (KeyError, ArgumentError): return"
"""A key that is not there, or a value that its codec refuses: the walk says which."""


class Source:
    """The text of an encoder, part by part. A part answers expressions for its values; None where an encoder cannot say it."""

    def __init__(self, engine: Engine, model: Model) -> None:
        self._engine = engine
        self._model = model
        self._names: dict[str, Any] = {"ArgumentError": ArgumentError, "islice": islice}
        self.before: list[str] = []
        """What is done once, before any row."""
        self.lines: list[str] = []

    def row(self, variable: str, keys: Sequence[Any], given: Sequence[str] = ()) -> dict[str, str] | None:
        """A row to be made, from a mapping with these keys: by its fields in the model's order. `given`: what its parent gives it."""
        model = self._model
        if model.is_view or not model.creatable or not all(self._is_own(key) and key not in given for key in keys):
            return None
        initial = initial_values(self._engine, model)
        if any(field.name not in keys and field.name not in given for field in initial.required):
            return None
        self._check_size(variable, len(keys))
        constants = dict(initial.constants)
        made = {name: (make, encode) for name, make, encode in initial.made}
        values: dict[str, str] = {}
        for field in model.scalars:
            name = field.name
            if name in keys:
                values[name] = self._encoded(field, f"{variable}[{name!r}]")
            elif name in given:
                values[name] = "None"
            elif name in constants:
                values[name] = self._named("constant", constants[name])
            elif name in made:
                values[name] = self._made(*made[name])
        return values

    def condition(self, variable: str, where: Mapping[Any, Any]) -> dict[str, str] | None:
        """A condition by unique keys of what is to be written, from a mapping with the keys of `where`: by the fields it compares."""
        if self._model.is_view:
            return None
        try:
            unique_key_of(self._model, where)
        except ArgumentError:
            return None
        self._check_size(variable, len(where))
        values: dict[str, str] = {}
        for key in where:
            fields: tuple[str, ...] = (key,)
            if self._is_own(key):
                source = variable
            elif key in self._model.unique_key:
                fields = self._model.unique_key[key].fields
                source = self._new("key")
                self.lines.append(f"{source} = {variable}[{key!r}]")
                self._check_size(source, len(fields))
            else:
                return None
            for name in fields:
                field = self._model.scalar[name]
                if name in values or field.is_list or field.type == "Json":
                    return None
                values[name] = self._encoded(field, f"{source}[{name!r}]", takes_none=False)
        return values

    def changes(self, variable: str, kinds: Sequence[ChangeKind]) -> list[Change] | None:
        """Changes of a row, from a mapping with keys and operators of these kinds, and what every update sets."""
        if not kinds:
            return None
        self._check_size(variable, len(kinds))
        changes: list[Change] = []
        for kind in kinds:
            key, *operators = kind if isinstance(kind, tuple) else (kind,)
            if not self._is_own(key):
                return None
            field = self._model.scalar[key]
            if not operators:
                changes.append((field, "set", self._encoded(field, f"{variable}[{key!r}]")))
                continue
            operator = operators[0]
            if len(operators) != 1 or field.is_list or field.type == "Json" or field.is_enum:
                return None
            if operator != "set" and (operator not in ARITHMETIC or field.type not in NUMERIC):
                return None
            operand = self._new("operand")
            self.lines.append(f"{operand} = {variable}[{key!r}]")
            self._check_size(operand, 1)
            value = self._encoded(field, f"{operand}[{operator!r}]", takes_none=None if operator == "set" else False)
            changes.append((field, operator, value))
        changed = {field.name for field, _, _ in changes}
        for field in self._model.touched:
            if field.name not in changed:
                changes.append((field, "set", self._made(None, self._engine.codec(field).encode)))
        return changes

    def require_equal(self, one: str, other: str) -> None:
        """Gives up where two values differ."""
        self.lines.append(f"if {one} != {other}: return")

    def answering(self, values: Sequence[str]) -> Encode:
        """The encoder of one call's arguments, which answers these values."""
        text = [
            "def encode(where, row, changes, clock):",
            *(f"    {line}" for line in self.before),
            "    try:",
            *(f"        {line}" for line in self.lines),
            GIVING_UP,
            f"    return [{', '.join(values)}]",
        ]
        return self.compiled(text)  # type: ignore[no-any-return]

    def compiled(self, text: Sequence[str]) -> Any:
        exec("\n".join(text), self._names)
        return self._names["encode"]

    # -- pieces --------------------------------------------------------------------------------------------------------
    def _is_own(self, key: Any) -> bool:
        return key in self._model.scalar and self._model.scalar[key].readable

    def _new(self, kind: str) -> str:
        return f"{kind}_{len(self.before) + len(self.lines)}_{len(self._names)}"

    def _named(self, kind: str, value: Any) -> str:
        """A name for something that the text uses."""
        name = self._new(kind)
        self._names[name] = value
        return name

    def _check_size(self, variable: str, size: int) -> None:
        self.lines.append(f"if type({variable}) is not dict or len({variable}) != {size}: return")

    def _made(self, make: Callable[[], Any] | None, encode: Callable[[Any], Any]) -> str:
        """What the client makes: once for all, where it is the moment, or for each row."""
        encoder = self._named("encode", encode)
        if make is not None:
            return f"{encoder}({self._named('make', make)}())"
        moment = self._new("moment")
        self.before.append(f"{moment} = {encoder}(clock.now)")
        return moment

    def _encoded(self, field: ScalarField, given: str, *, takes_none: bool | None = None) -> str:
        """A value of a field, encoded. None goes to no codec, and a codec of Json may answer it. `takes_none` None: as the field does."""
        codec = self._engine.codec(field)
        encode, value = self._named("encode", codec.encode), self._new("value")
        as_it_is = codec.unchanged.format(value)
        takes_none = field.arity == "optional" if takes_none is None else takes_none
        self.lines.append(f"{value} = {given}")
        if takes_none:
            condition = f"{value} is not None and not ({as_it_is})" if as_it_is else f"{value} is not None"
            self.lines.append(f"if {condition}: {value} = {encode}({value})")
        elif as_it_is:
            self.lines += [
                f"if not ({as_it_is}):",
                f"    if {value} is None: return",
                f"    {value} = {encode}({value})",
            ]
        else:
            self.lines += [
                f"if {value} is None: return",
                f"{value} = {encode}({value})",
                f"if {value} is None: return",
            ]
        return value
