"""What calls of clients ask for, as values: raw operations, transactions, and how long to wait. Imports `operation`, `transactions`."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from infra_runtime.drivers.base import TransactionOptions
from infra_runtime.engine import Engine
from infra_runtime.errors import (
    FieldNotFoundError,
)
from infra_runtime.operation import Operation
from infra_runtime.schema import Model
from infra_runtime.transactions import (
    TransactionRequest,
    isolation_of,
)

if TYPE_CHECKING:
    from infra_runtime.sql_text import Query

Seconds = float | timedelta

RETRIES = 3
FIRST_PAUSE = 0.02
"""Seconds before the first retry of a transaction; doubled with each further one, and spread at random."""


def transaction_request(
    isolation: str | None, max_wait: Seconds | None, timeout: Seconds | None, read_only: bool
) -> TransactionRequest:
    options = TransactionOptions(isolation_of(isolation), read_only)
    return TransactionRequest(options, seconds(max_wait), seconds(timeout))


def seconds(time: Seconds | None) -> float | None:
    """A time in seconds, given as such or, as Prisma Client Python has it, as a timedelta."""
    return time.total_seconds() if isinstance(time, timedelta) else time


def pause(attempt: int) -> float:
    return FIRST_PAUSE * float(2**attempt) * (0.5 + random.random())


def raw_operation(engine: Engine, name: str, query: Query, parameters: tuple[Any, ...], model: Any) -> Operation:
    """A raw operation. `model` names what its rows are: a model of the schema, or a class that validates dicts."""
    arguments: dict[str, Any] = {"query": query, "parameters": parameters}
    if model is None or isinstance(model, Model):
        return Operation(name, model, arguments)
    if isinstance(model, str):
        if model not in engine.schema.model:
            raise FieldNotFoundError(f"there is no model {model!r}")
        return Operation(name, engine.schema.model[model], arguments)
    # Row classes are told by what `infra_runtime.rows` gives them.
    known = engine.schema.model.get(_model_name(model)) if hasattr(model, "__relations__") else None
    if known is not None:
        return Operation(name, known, arguments)
    return Operation(name, None, {**arguments, "validate": model.model_validate})


def _model_name(row: type) -> str:
    """The model of a row class: what its package says, or for one made by hand its own name."""
    from infra_runtime.rows import PackageRows

    package = PackageRows.of(row)
    return package.model(row).name if package is not None else row.__name__
