"""Queries on models that are known at run time only: the generated methods without their types; rows are dicts.

Imports `builder.clauses` and `builder.query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from infra_runtime.builder.clauses import Clauses, merged
from infra_runtime.builder.query import SyncWritableQuery, WritableQuery

Given = Mapping[str, Any]
Row = dict[str, Any]


class DynamicClauses(Clauses[Given, Given, str]):
    """What queries on any model say, in both interfaces."""

    def where(self, /, *filters: Given, **fields: Any) -> Self:
        """Only rows that meet all of these conditions, too."""
        return self._where(filters, fields)

    def or_where(self, /, *filters: Given, **fields: Any) -> Self:
        """Rows let through so far, or by all of these conditions."""
        return self._or_where(filters, fields)

    def include(self, /, *relations: str, **fields: Any) -> Self:
        """Loads these relations with the rows, too."""
        return self._include(relations, fields)

    def order_by(self, /, *orders: Given, **fields: Any) -> Self:
        """In this order; where it leaves rows equal, by the next."""
        return self._order_by(orders, fields)

    def _select_names(self, names: tuple[str, ...], relations: Given) -> Self:
        before = self._arguments.get("select") or {}
        return self._with(select=merged(before, {**dict.fromkeys(names, True), **relations}))


class DynamicQuery(DynamicClauses, WritableQuery[Row, Given, Given, str]):
    """A query on any model."""

    def select(self, /, *fields: str, **relations: Any) -> Self:  # type: ignore[override]
        """Rows of these fields and relations alone: `select("id", posts={"select": {"title": True}})`."""
        return self._select_names(fields, relations)

    async def update(self, /, **data: Any) -> int:
        """Changes all rows of the query and answers how many."""
        return await self._update(data)


class SyncDynamicQuery(DynamicClauses, SyncWritableQuery[Row, Given, Given, str]):
    """A query on any model, for blocking code."""

    def select(self, /, *fields: str, **relations: Any) -> Self:  # type: ignore[override]
        """Rows of these fields and relations alone: `select("id", posts={"select": {"title": True}})`."""
        return self._select_names(fields, relations)

    def update(self, /, **data: Any) -> int:
        """Changes all rows of the query and answers how many."""
        return self._update(data)
