"""Groups: what `group_by` of a query answers; clauses on groups, and their aggregates.

Imports `builder.composed`, `builder.clauses` and `repository` of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Self

from infra_runtime.builder.clauses import both
from infra_runtime.builder.composed import Composed, Rows, SyncRows
from infra_runtime.repository import Aggregate, FieldT, Logic


class GroupClauses(Composed, Generic[FieldT]):
    """What is asked of groups so far."""

    _name: ClassVar[str] = "group_by"

    def having(self, *filters: Mapping[FieldT | Logic, Any]) -> Self:
        """Only groups that meet all of these conditions, too: `{"total": {"_sum": {"gt": 100}}}`."""
        having = self._arguments.get("having")
        for condition in filters:
            having = both(having, condition)
        return self if having is None else self._with(having=having)

    def order_by(self, *orders: Mapping[FieldT | Aggregate, Any]) -> Self:
        """In this order, too: `{"role": "asc"}`, `{"_sum": {"total": "desc"}}`."""
        return self._with(order=[*self._arguments.get("order", ()), *orders])


class Groups(GroupClauses[FieldT], Rows[dict[str, Any]], Generic[FieldT]):
    """Groups of rows, awaitable: each a dict of the fields grouped by, and the aggregates asked for."""


class SyncGroups(GroupClauses[FieldT], SyncRows[dict[str, Any]], Generic[FieldT]):
    """Groups of rows, for blocking code: each a dict of the fields grouped by, and the aggregates asked for."""
