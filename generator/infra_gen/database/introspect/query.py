"""How the readers ask a database: the one thing they need of a connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Query = Callable[[str, Sequence[Any]], Sequence[tuple[Any, ...]]]
"""Runs SQL with parameters and answers its rows."""
