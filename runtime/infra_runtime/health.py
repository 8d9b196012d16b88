"""Is the database there, and how busy is the pool: what a readiness probe or a metrics endpoint asks for.

Imports the runtime's `drivers.base`, `effects` and `errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra_runtime.drivers.base import PoolStatus
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.errors import InfraError

HEALTH_TIMEOUT = 2.0
"""Seconds within which a healthy database answers where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `check_health()` found. True in a condition where the database answered."""

    error: InfraError | None
    """Why it did not; None: it did."""
    seconds: float
    """How long that took, with the wait for a connection."""
    pool: PoolStatus
    """The pool's figures just after."""

    def __bool__(self) -> bool:
        return self.error is None


def probe() -> Program[None]:
    """The least a database can be asked. On a connection that broke meanwhile it is asked again on a new one, as any read is."""
    return Program("read", _ask())


def _ask() -> Steps[None]:
    yield Statement("SELECT 1")


def within(seconds: float) -> Mapping[str, Any]:
    """The options of an operation that may take as long."""
    return {"timeout": seconds}
