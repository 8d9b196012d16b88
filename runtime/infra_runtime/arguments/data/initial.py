"""What a new row of a model gets without being told: literal defaults, and what the client makes.

Imports the runtime's `engine`, `schema` and `values`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra_runtime.engine import Engine
from infra_runtime.schema import Model, ScalarField
from infra_runtime.values.defaults import default_maker


@dataclass(frozen=True, slots=True)
class InitialValues:
    """What a new row of a model gets without being told."""

    required: tuple[ScalarField, ...]
    """Nothing: these have to be given."""
    constants: tuple[tuple[str, Any], ...]
    """Literal defaults, as driver values."""
    made: tuple[tuple[str, Callable[[], Any] | None, Callable[[Any], Any]], ...]
    """Field, maker (None: the operation's `now`) and encoder of what is made for each row."""


def initial_values(engine: Engine, model: Model) -> InitialValues:
    """What new rows of `model` get; made once."""
    return engine.plans.get(("initial values", model), lambda: _initial_values(engine, model))


def _initial_values(engine: Engine, model: Model) -> InitialValues:
    required: list[ScalarField] = []
    constants: list[tuple[str, Any]] = []
    made: list[tuple[str, Callable[[], Any] | None, Callable[[Any], Any]]] = []
    for field in model.scalars:
        default, make = field.default, default_maker(engine, field)
        encode = engine.codec(field).encode
        if field.updated_at or (default is not None and default.kind == "client" and default.function == "now"):
            made.append((field.name, None, encode))
        elif default is None:
            if field.is_required:
                required.append(field)
        elif default.kind == "value" and make is not None:
            constants.append((field.name, encode(make())))
        elif make is not None:
            made.append((field.name, make, encode))
    return InitialValues(tuple(required), tuple(constants), tuple(made))
