"""How a query ends: what its arguments become for each operation that can be its end.

What says how rows look changes nothing where no rows are answered. What says which rows is kept to, or refused where the operation
cannot keep to it: a query never does something to rows that it would not read. Imports `builder.composed`, `errors` and `schema` of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra_runtime.builder.composed import SAID_BY
from infra_runtime.errors import ArgumentError
from infra_runtime.schema import Model

Arguments = Mapping[str, Any]

LOOKS = frozenset({"include", "select", "projection", "columns"})
"""How rows look."""
CONDITIONS = frozenset({"where", "search", "deleted"})
"""Which rows, whatever their order."""
COUNTED = CONDITIONS | {"order", "take", "skip", "cursor"}
"""What counts and aggregates keep to."""


def counted(model: Model, arguments: Arguments, end: str) -> dict[str, Any]:
    """The arguments of a `count` or an `aggregate`. Errors: ArgumentError for what it cannot keep to."""
    kept = COUNTED | {"distinct"} if end == "count" else COUNTED
    return _only(model, arguments, kept, end, "group_by() answers one row for each of equal values")


def grouped(model: Model, arguments: Arguments) -> dict[str, Any]:
    """The arguments of a `group_by`; the order of rows is none of groups. Errors: ArgumentError for what it cannot keep to."""
    rows = {name: value for name, value in arguments.items() if name != "order"}
    return _only(model, rows, CONDITIONS, "group_by", "say it of the groups, after group_by()")


def changed(model: Model, arguments: Arguments, end: str) -> dict[str, Any]:
    """The arguments of an `update_many` or a `delete_many`. Errors: ArgumentError for what it cannot keep to."""
    limit = arguments.get("take")
    if limit is not None and arguments.get("order"):
        raise ArgumentError(
            f"{end}() with a limit takes any of the rows, not the first in order: leave order_by() or limit() out, or find the "
            "rows first and name their keys",
            model=model.name,
        )
    rows = {name: value for name, value in arguments.items() if name not in ("order", "take")}
    kept = _only(model, rows, CONDITIONS, end, "find the rows first and name their keys")
    return kept if limit is None else {**kept, "limit": limit}


def existing(arguments: Arguments) -> tuple[str, Arguments]:
    """The operation that tells whether there is a row, and its arguments; where the place of rows matters, one is read."""
    rows = {name: value for name, value in arguments.items() if name not in LOOKS}
    conditions = {name: value for name, value in rows.items() if name in CONDITIONS}
    if not conditions.keys() | {"order"} >= rows.keys():
        return first(rows)
    return "exists", conditions


def first(arguments: Arguments) -> tuple[str, Arguments]:
    """The operation that answers the first row, and its arguments; of no rows there is none."""
    take = arguments.get("take")
    if take is None:
        return "find_first", arguments
    if take == 0:
        return "find_many", arguments
    return "find_first", {name: value for name, value in arguments.items() if name != "take"}


def at_most_two(arguments: Arguments) -> dict[str, Any]:
    """Enough rows to see whether there is one."""
    return {**arguments, "take": min(arguments.get("take", 2), 2)}


def _only(model: Model, arguments: Arguments, kept: frozenset[str], end: str, instead: str) -> dict[str, Any]:
    for name in arguments:
        if name not in kept and name not in LOOKS:
            raise ArgumentError(f"{end}() cannot keep to {SAID_BY.get(name, name)}(): {instead}", model=model.name)
    return {name: value for name, value in arguments.items() if name in kept}


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that were given."""
    return {name: value for name, value in arguments.items() if value is not None}
