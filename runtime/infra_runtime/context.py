"""The operation context: who asks, for whom, until when; one immutable value carried by a context variable.

`infra.bind(actor=…)` gives a client with a context of its own; `use_context` sets one for a block of code. A client's own
context wins over the ambient one, field by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    return _NOTHING


@dataclass(frozen=True, slots=True)
class OperationContext:
    """What surrounds an operation. Middleware, scopes and listeners read it; nothing changes it."""

    actor: Any = None
    tenant: Any = None
    request_id: str | None = None
    deadline: float | None = None
    """On the clock of `time.monotonic()`, in seconds."""
    values: Mapping[str, Any] = field(default_factory=_nothing)
    """Whatever else the application wants its scopes and middleware to know."""
    options: Mapping[str, Any] = field(default_factory=_nothing)
    """The `options=` of the call at hand: `timeout` in seconds, and what cache or plug-ins read."""

    def bind(self, **changes: Any) -> OperationContext:
        """A context with `changes`; names that are no field of the context go to `values`."""
        own = {name: changes.pop(name) for name in list(changes) if name in _FIELDS}
        if changes:
            own["values"] = MappingProxyType({**self.values, **own.get("values", {}), **changes})
        return replace(self, **own)

    def over(self, ambient: OperationContext) -> OperationContext:
        """This context where it says something, the ambient one elsewhere; the earlier of both deadlines."""
        if ambient is EMPTY:
            return self
        if self is EMPTY:
            return ambient
        deadlines = [deadline for deadline in (self.deadline, ambient.deadline) if deadline is not None]
        return OperationContext(
            actor=ambient.actor if self.actor is None else self.actor,
            tenant=ambient.tenant if self.tenant is None else self.tenant,
            request_id=ambient.request_id if self.request_id is None else self.request_id,
            deadline=min(deadlines, default=None),
            values=MappingProxyType({**ambient.values, **self.values}),
            options=MappingProxyType({**ambient.options, **self.options}),
        )


_FIELDS = frozenset(OperationContext.__dataclass_fields__)
EMPTY = OperationContext()
_current: ContextVar[OperationContext] = ContextVar("infra_runtime.context", default=EMPTY)


def current_context() -> OperationContext:
    """The ambient context of the running task or thread."""
    return _current.get()


@contextmanager
def use_context(**changes: Any) -> Iterator[OperationContext]:
    """Sets the ambient context for the block: `with use_context(actor=user): …`."""
    context = _current.get().bind(**changes)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
