"""Plans of what reads: from arguments to a compiled statement and the driver's values, and nothing done twice that the values do not change.

A plan is kept by its shape, which is what the walk of the arguments answers. Where arguments have an outline, the plan is also kept by this,
with the function that encodes their values, and such arguments are walked but once. With predicate scopes all are walked, as what a scope
says is anybody's guess. Imports `arguments`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from infra_runtime.arguments.outline import Encode, outline, walked
from infra_runtime.arguments.walk import Shape, Walk
from infra_runtime.context import OperationContext
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError
from infra_runtime.schema import Model

Plan = TypeVar("Plan")


@dataclass(frozen=True, slots=True, eq=False)
class Planning(Generic[Plan]):
    """How arguments of a kind are walked, and their shape compiled. Made once for each kind, as plans are kept by it, too."""

    name: tuple[Any, ...]
    """Plans of one name and one shape are the same."""
    shape: Callable[[Walk, Model, Mapping[str, Any]], Shape]
    """Walks arguments. Errors: ArgumentError."""
    compile: Callable[[Engine, Model, Shape], Plan]


@dataclass(frozen=True, slots=True)
class _Outlined(Generic[Plan]):
    """What is kept by an outline."""

    plan: Plan
    encode: Encode


_WALKED = "walked"
"""What is kept by an outline that does not say all."""


def planned(
    planning: Planning[Plan], engine: Engine, context: OperationContext, model: Model, arguments: Mapping[str, Any]
) -> tuple[Plan, list[Any]]:
    """The plan of arguments, and what its slots hold. Errors: ArgumentError and its subclasses, with the path and the model's name."""
    outlined = None if engine.scopes else outline(arguments)
    if outlined is None:
        return _by_walk(planning, engine, context, model, arguments)
    parts, values = outlined
    key = (planning, model, *parts)
    kept = engine.plans.find(key)
    if kept is None:
        found = walked(Walk(engine, context), model, parts, planning.shape)
        if found is not None:
            kept = _Outlined(_kept(planning, engine, model, found[0]), found[1])
            engine.plans.keep(key, kept)
    if type(kept) is _Outlined:
        try:
            return kept.plan, kept.encode(*values)
        except ArgumentError:
            # The walk says where the value stands.
            pass
    answer = _by_walk(planning, engine, context, model, arguments)
    if kept is None:
        # Only of arguments that are right: wrong ones leave nothing behind.
        engine.plans.keep(key, _WALKED)
    return answer


def _by_walk(
    planning: Planning[Plan], engine: Engine, context: OperationContext, model: Model, arguments: Mapping[str, Any]
) -> tuple[Plan, list[Any]]:
    walk = Walk(engine, context)
    try:
        shape = planning.shape(walk, model, arguments)
    except ArgumentError as error:
        error.model = error.model or model.name
        raise
    return _kept(planning, engine, model, shape), walk.values


def _kept(planning: Planning[Plan], engine: Engine, model: Model, shape: Shape) -> Plan:
    return engine.plans.get((planning.name, model, shape), lambda: planning.compile(engine, model, shape))
