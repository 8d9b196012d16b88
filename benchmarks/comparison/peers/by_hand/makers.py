"""The two ways to make a row by hand: of trusted values, as the runtime does, or through pydantic's validation."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.comparison.peers.base import Place
from infra_runtime.rows import row_maker

Maker = Callable[[dict[str, Any]], Any]
Decode = Callable[[Any], Any]


def trusted(row: type[Any]) -> Maker:
    return row_maker(row)


def validated(row: type[Any]) -> Maker:
    return lambda values: row(**values)


def decoders(place: Place, maker: Callable[[type], Maker]) -> dict[str, Decode]:
    """For each table the function that makes a row of a tuple of the place's driver."""
    module = import_module(f"benchmarks.comparison.peers.by_hand.decoding_{place.provider}")
    found: dict[str, Decode] = module.decoders(place.package, maker)
    return found
