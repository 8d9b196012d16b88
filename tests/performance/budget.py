"""`budget.json`: what work costs, as it was when somebody last looked. More than a tenth above is a regression; as much below is worth writing down."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "budget.json"
MARGIN = 0.10

Costs = dict[str, int]


def hold(section: str, found: Costs, *, update: bool, margin: float = MARGIN) -> None:
    """Compares costs with the budget's of the same section, or writes them there.

    Raises:
        AssertionError: something costs more than the budget and the margin allow, or the budget knows other things than were measured.
    """
    budget: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    if update:
        budget[section] = found
        FILE.write_text(json.dumps(dict(sorted(budget.items())), indent=2) + "\n", encoding="utf-8")
        return
    known: Costs = budget.get(section, {})
    assert known.keys() == found.keys(), f"budget.json knows other things of {section}: run make goldens"
    dearer = [
        f"{name}: {cost}, {known[name]} in the budget"
        for name, cost in found.items()
        if cost > known[name] * (1 + margin)
    ]
    cheaper = [
        f"{name}: {cost}, {known[name]} in the budget"
        for name, cost in found.items()
        if cost < known[name] * (1 - margin)
    ]
    if cheaper:
        warnings.warn(
            f"{section} costs less than its budget; keep that by make goldens: {'; '.join(cheaper)}", stacklevel=2
        )
    assert not dearer, f"{section} costs more than its budget: {'; '.join(dearer)}"
