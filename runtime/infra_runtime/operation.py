"""One call of a repository method, as a value: what middleware sees and operations are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra_runtime.schema import Model


@dataclass(frozen=True, slots=True)
class Operation:
    """`infra.user.find_many(where=…)` is `Operation("find_many", User, {"where": …})`.

    `arguments` holds only what the caller gave (sentinels are gone), in Python's spelling of argument names
    (`order`, `skip_duplicates`); spellings within them are the caller's.
    """

    name: str
    model: Model | None
    """None for raw queries."""
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        """What to call it where people read: no argument's value is in it."""
        return f"{self.model.attribute}.{self.name}()" if self.model is not None else f"{self.name}()"
