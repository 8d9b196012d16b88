"""Several ways to do one thing, measured in turn within each round, so that a busy machine slows them alike; the best round counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Ways = dict[str, Callable[[], Any]]


def microseconds(ways: Ways, *, rounds: int, calls: int) -> dict[str, float]:
    """Microseconds a call, for each way."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            for _ in range(calls):
                way()
            best[name] = min(best[name], (time.perf_counter() - began) / calls * 1e6)
    return best


def report(title: str, figures: dict[str, float]) -> None:
    """Prints the figures, and their ratios to the first."""
    base = next(iter(figures.values()))
    print(title)
    for name, figure in figures.items():
        print(f"  {name:36} {figure:9.1f} µs   {figure / base:5.2f}×", flush=True)
