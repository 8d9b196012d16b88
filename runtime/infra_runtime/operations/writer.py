"""What the steps of a write share, and the values they handle.

Rows come and go as decoded values by field name; only rows to insert and assignments hold driver values. Imports `arguments.data`,
`changes`, `engine` and the consequences of changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra_runtime.arguments.data import Assignment, DataWalk
from infra_runtime.changes import Change, Changed, ChangeSet, Wants
from infra_runtime.context import OperationContext
from infra_runtime.effects import Steps
from infra_runtime.engine import Engine
from infra_runtime.operations import consequences
from infra_runtime.operations.keys import Row, key_values
from infra_runtime.schema import Model


class Writer:
    """What the steps of one write share: engine, context, the walk of its data, and the change set where somebody listens."""

    __slots__ = ("_acting", "changes", "context", "data", "emulates", "engine")

    def __init__(self, engine: Engine, context: OperationContext, data: DataWalk, operation: str) -> None:
        self.engine = engine
        self.context = context
        self.data = data
        self.changes = ChangeSet(operation, context) if engine.changes is not None else None
        self.emulates = engine.schema.relation_mode == "prisma"
        """Are referential actions the runtime's business?"""
        self._acting: set[tuple[Any, ...]] = set()

    def wants(self, model: Model) -> Wants | None:
        """What the listeners want of `model`."""
        listeners = self.engine.changes
        return None if listeners is None else listeners.wants(model)

    def follows(self, model: Model) -> bool:
        """Are consequences of changes of `model` the runtime's business: to carry out, or to tell of?"""
        if self.emulates or self.changes is None:
            return self.emulates
        return any(self.wants(one) is not None for one in consequences.reached(self.engine, model))

    def note(self, change: Change) -> None:
        """Adds `change` to the change set, where there is one."""
        if self.changes is not None:
            self.changes.changes.append(change)

    def report(self) -> Steps[None]:
        """Tells the listeners what was changed; the last step of a write."""
        if self.changes is not None and self.changes.changes:
            yield Changed(self.changes)

    def begin_acting(self, model: Model, row: Row) -> bool:
        """Marks a row whose referential actions are being carried out. False if they already are: a circle ends there."""
        mark = (model, *key_values(model, row))
        if mark in self._acting:
            return False
        self._acting.add(mark)
        return True

    def end_acting(self, model: Model, rows: Sequence[Row]) -> None:
        """Forgets the marks of `rows`."""
        self._acting.difference_update((model, *key_values(model, row)) for row in rows)


# -- values ------------------------------------------------------------------------------------------------------------


def encoded(engine: Engine, model: Model, values: Mapping[str, Any]) -> Row:
    """Driver values of decoded ones."""
    scalar, codec = model.scalar, engine.codec
    return {name: None if value is None else codec(scalar[name]).encode(value) for name, value in values.items()}


def decoded(engine: Engine, model: Model, values: Mapping[str, Any]) -> Row:
    """What driver values say."""
    row: Row = {}
    for name, value in values.items():
        decode = engine.codec(model.scalar[name]).decode
        row[name] = value if value is None or decode is None else decode(value)
    return row


def setting(writer: Writer, model: Model, values: Mapping[str, Any], *, touches: bool = True) -> tuple[Assignment, ...]:
    """Assignments of decoded values, and, if it `touches` the rows, of what every update of `model` sets.

    As in Prisma, what takes a relation from a row, or is a referential action, does not touch it.
    """
    driver_values = encoded(writer.engine, model, values)
    assignments = [Assignment(model.scalar[name], "set", value) for name, value in driver_values.items()]
    if not touches:
        return tuple(assignments)
    return (*assignments, *(item for item in writer.data.touched(model) if item.field.name not in values))


def computed(engine: Engine, row: Row, assignments: Sequence[Assignment]) -> Row:
    """The values of `row` once `assignments` are made."""
    changed = dict(row)
    for item in assignments:
        name = item.field.name
        if name in row:
            decode = engine.codec(item.field).decode
            operand = item.value if item.value is None or decode is None else decode(item.value)
            changed[name] = operand if item.operator == "set" else _operated(engine, item.operator, row[name], operand)
    return changed


def _operated(engine: Engine, operator: str, value: Any, operand: Any) -> Any:
    if value is None:
        return None
    if operator == "push":
        return [*value, *operand]
    if operator == "increment":
        return value + operand
    if operator == "decrement":
        return value - operand
    if operator == "multiply":
        return value * operand
    if isinstance(value, int):
        # What is left over is cut off; or the half of it makes one more.
        half = abs(operand) // 2 + abs(operand) % 2 if engine.dialect.rounds_quotients else abs(operand)
        quotient, left = divmod(abs(value), abs(operand))
        quotient += left >= half
        return quotient if (value < 0) == (operand < 0) else -quotient
    return value / operand


def every_field(model: Model) -> tuple[str, ...]:
    """The names of a row's fields."""
    return tuple(field.name for field in model.readable)
