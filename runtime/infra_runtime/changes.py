"""Change sets: what a write changed, reported to listeners in the same transaction and after its commit.

Cache invalidation, audit and events stand on this. When nobody listens, writes neither collect nor read anything more.
Imports `context`, `effects` and `schema` of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from infra_runtime.context import OperationContext
from infra_runtime.effects import Effect
from infra_runtime.schema import Model

ChangeKind = Literal["create", "update", "delete", "link", "unlink"]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that a write touched, or one many-to-many link it made or broke.

    `key` is the row's id (or first unique key) by field name; for links `relation` is the field on `model` and `other` the key
    on its far side. `before` and `after` are field values by name, only where a listener asked for them. `cascade` marks
    rows that a referential action touched.
    """

    kind: ChangeKind
    model: Model
    key: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    relation: str | None = None
    other: Mapping[str, Any] | None = None
    cascade: bool = False


@dataclass(slots=True)
class ChangeSet:
    """All changes of one operation, in the order they were made."""

    operation: str
    context: OperationContext
    changes: list[Change] = field(default_factory=list)


class Changed(Effect):
    """The last effect of a write that somebody listens to: all it changed. Its answer is None.

    The executor calls the listeners' `in_transaction` before the commit, and `after_commit` once that succeeded.
    """

    __slots__ = ("changes",)

    def __init__(self, changes: ChangeSet) -> None:
        self.changes = changes


class ChangeListener(Protocol):
    """Hears of changes. `wants` says for which models, and whether values before and after are needed (they cost a read)."""

    def wants(self, model: Model) -> Wants | None:
        """What to collect for `model`; None for nothing."""

    def in_transaction(self, changes: ChangeSet) -> None:
        """Called before the commit, on the executor's side; an error undoes the write."""

    def after_commit(self, changes: ChangeSet) -> None:
        """Called once the changes are durable; an error is the listener's own."""


@dataclass(frozen=True, slots=True)
class Wants:
    before: bool = False
    after: bool = False


class ChangeListeners:
    """The listeners of an engine, and what they want of each model together."""

    def __init__(self, listeners: Sequence[ChangeListener]) -> None:
        self.listeners = tuple(listeners)
        self._wants: dict[Model, Wants | None] = {}

    def wants(self, model: Model) -> Wants | None:
        """The union of what the listeners want of `model`."""
        if model not in self._wants:
            asked = [wish for wish in (listener.wants(model) for listener in self.listeners) if wish is not None]
            self._wants[model] = (
                Wants(any(wish.before for wish in asked), any(wish.after for wish in asked)) if asked else None
            )
        return self._wants[model]
