"""Those of the generator's options that decide what is in a package. Imports nothing of the toolkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Naming = Literal["schema", "snake_case"]
Interface = Literal["asyncio", "sync", "both"]
Relations = Literal["strict", "optional"]
Missing = Literal["raise", "none"]


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """See docs/generator.md for what each means."""

    naming: Naming = "schema"
    interface: Interface = "both"
    relations: Relations = "strict"
    missing: Missing = "raise"
    frozen: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
