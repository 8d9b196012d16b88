"""`find_many_by_ids`: the rows with many values of a unique key, in the order of the values, in as few statements as the database takes.

It takes `ids` (each the value of the id, or for a compound id the values of its fields, by name or in their order), `key` (the name of
another unique key whose values they are), `missing`, and what is wanted of each row, as `find_unique` does. `missing` says what stands for
a row that is not there: `none` None, `skip` nothing, `raise` refuses. Loaders are made of this, too.

Which value a row belongs to is told by its key as the database gives it. What a database takes for equal without its being so, as texts in
another case, is asked again by itself. Imports `arguments`, `compiler.select`, `operations.read`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra_runtime.arguments.query import query_shape
from infra_runtime.arguments.walk import Shape, unknown
from infra_runtime.compiler.plans import QueryPlan
from infra_runtime.compiler.select import query_plan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError, RecordNotFoundError
from infra_runtime.operation import Operation
from infra_runtime.operations.planning import Planning, planned
from infra_runtime.operations.read import finished, model_of
from infra_runtime.schema import Model, UniqueKey

CHUNK = 10_000
"""Values of one field in a statement, where they travel as one list."""
COMPOUND_CHUNK = 256
"""The same of compound keys, each of which is a condition of its own."""
MISSING = ("none", "skip", "raise")
SHOWN = 5
"""How many of the values that were not found an error names."""

Canonical = tuple[Any, ...]
"""The values of a key's fields as the driver takes them: one form for all spellings of a value."""
Wanted = tuple[Canonical, tuple[Any, ...]]
"""The same, and as they were given."""


def find_many_by_ids(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[Any]]:
    model = model_of(operation.model)
    arguments = dict(operation.arguments)
    try:
        key = key_named(model, arguments.pop("key", None))
        missing = arguments.pop("missing", "skip")
        if missing not in MISSING:
            raise unknown("choice", missing, MISSING).under("missing")
        wanted = key_values(engine, model, key, arguments.pop("ids", None))
    except ArgumentError as error:
        error.model = error.model or model.name
        raise
    rest = {**arguments, "order": [{name: "asc"} for name in key.fields]}
    # What can be refused is refused before anything is read.
    planned(CHECKED, engine, context, model, rest)
    return Program("read", _Search(engine, context, model, key, rest).found(wanted, missing))


# -- plans -------------------------------------------------------------------------------------------------------------
def _keyed(engine: Engine, model: Model, shape: Shape) -> QueryPlan:
    return query_plan(engine, model, shape, keys=True)


KEYED = Planning(("keyed",), query_shape, _keyed)
CHECKED = Planning(("checked",), query_shape, lambda engine, model, shape: True)
"""Plans nothing: only what is refused matters."""


# -- keys and their values ---------------------------------------------------------------------------------------------
def key_named(model: Model, name: str | None) -> UniqueKey:
    """A unique key by its name; the id, if none is given. Errors: ArgumentError, with the nearest name."""
    if name is not None:
        if name not in model.unique_key:
            raise unknown("unique key", name, model.unique_key, model)
        return model.unique_key[name]
    if not model.id:
        raise ArgumentError(
            f"{model.name} has no id: name a unique key" if model.unique_keys else "it has no unique key"
        )
    return model.unique_keys[0]


def key_values(engine: Engine, model: Model, key: UniqueKey, values: Any) -> list[Wanted]:
    """The values of a key. Errors: InputError and MissingRequiredValueError, with the path."""
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise InputError(f"expected values of {key.name}, got {type(values).__name__}").under("ids")
    listed: list[Wanted] = []
    for place, value in enumerate(values):
        try:
            listed.append(key_value(engine, model, key, value))
        except ArgumentError as error:
            raise error.under("ids", place) from None
    return listed


def key_value(engine: Engine, model: Model, key: UniqueKey, value: Any) -> Wanted:
    """One value of a key. Errors: as `key_values`."""
    parts = [value] if len(key.fields) == 1 else _parts(key, value)
    encoded = []
    for name, part in zip(key.fields, parts, strict=True):
        path = () if len(key.fields) == 1 else (name,)
        if part is None:
            raise MissingRequiredValueError("a value is required").under(*path)
        try:
            encoded.append(engine.codec(model.scalar[name]).encode(part))
        except ArgumentError as error:
            raise error.under(*path) from None
    return tuple(encoded), tuple(parts)


def _parts(key: UniqueKey, value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        for name in value:
            if name not in key.fields:
                raise unknown("field", name, key.fields)
        return [value.get(name) for name in key.fields]
    if isinstance(value, (list, tuple)) and len(value) == len(key.fields):
        return value
    raise InputError(f"expected the values of {', '.join(key.fields)}")


# -- steps -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for by one key."""

    engine: Engine
    context: OperationContext
    model: Model
    key: UniqueKey
    rest: Mapping[str, Any]
    """The other arguments; their order is that of the key, so that the plan reads it."""

    def found(self, wanted: Sequence[Wanted], missing: str) -> Steps[list[Any]]:
        left = list(dict(wanted).items())
        size = CHUNK if len(self.key.fields) == 1 else COMPOUND_CHUNK
        by_key: dict[Canonical, Any] = {}
        for start in range(0, len(left), size):
            chunk = left[start : start + size]
            rows = dict((yield from self._read([given for _, given in chunk])))
            by_key.update(rows)
            left_over = [item for item in chunk if item[0] not in rows]
            yield from self._read_alone(_alike(left_over, rows, rows.keys() - dict(chunk).keys()), by_key)
        if missing == "raise":
            self._require([given for canonical, given in wanted if canonical not in by_key])
        rows_in_order = [by_key.get(canonical) for canonical, _ in wanted]
        return [row for row in rows_in_order if row is not None] if missing == "skip" else rows_in_order

    def _read_alone(self, wanted: Sequence[Wanted], by_key: dict[Canonical, Any]) -> Steps[None]:
        for canonical, given in wanted:
            for _, row in (yield from self._read([given])):
                by_key[canonical] = row

    def _read(self, values: Sequence[tuple[Any, ...]]) -> Steps[list[tuple[Canonical, Any]]]:
        """The rows with these values, each with the value it has."""
        engine, model = self.engine, self.model
        plan, slots = planned(KEYED, engine, self.context, model, {**self.rest, "where": self._where(values)})
        tuples = yield Statement(plan.sql, [slots[slot] for slot in plan.slots], model=plan.model)
        rows = yield from finished(plan, tuples, slots)
        encode = [engine.codec(model.scalar[name]).encode for name in self.key.fields]
        return [
            (tuple([own(key.value(values)) for own, key in zip(encode, plan.keys, strict=True)]), row)
            for values, row in zip(tuples, rows, strict=True)
        ]

    def _where(self, values: Sequence[tuple[Any, ...]]) -> Mapping[str, Any]:
        fields = self.key.fields
        if len(fields) == 1:
            return {fields[0]: {"in": [value for (value,) in values]}}
        # Few lengths need few plans; the last value again and again says the same.
        size = 1
        while size < len(values):
            size *= 2
        padded = [*values, *[values[-1]] * (size - len(values))]
        return {"OR": [dict(zip(fields, value, strict=True)) for value in padded]}

    def _require(self, missing: Sequence[tuple[Any, ...]]) -> None:
        if not missing:
            return
        shown = ", ".join(repr(value[0] if len(value) == 1 else value) for value in missing[:SHOWN])
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        cause = f"No {self.model.name} was found with the {self.key.name} {shown}{more}."
        raise RecordNotFoundError(
            f"An operation failed because it depends on one or more records that were required but not found. {cause}",
            model=self.model.name,
            meta={"modelName": self.model.name, "cause": cause},
        )


def _alike(
    left_over: Sequence[Wanted], rows: Collection[Canonical], unclaimed: Collection[Canonical]
) -> Sequence[Wanted]:
    """The values that no row has as they are, and which the database may yet see in a row that it found."""
    if not left_over or not rows:
        return ()
    seen = {_loosely(canonical) for canonical in rows}
    alike = [item for item in left_over if _loosely(item[0]) in seen]
    return alike or (left_over if unclaimed else ())


def _loosely(canonical: Canonical) -> Canonical:
    """The same for all texts that a collation may take for equal: without case, accents, blanks and marks."""
    return tuple(
        "".join(filter(str.isalnum, unicodedata.normalize("NFKD", part).casefold())) if isinstance(part, str) else part
        for part in canonical
    )
