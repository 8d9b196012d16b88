"""Queries on models that keep deleted rows (`@infra.softDelete`). Imports the rest of the builder."""

# mypy: disable-error-code="no-any-return"
# What `execute` answers is an Any; the signatures here say what it is.

from __future__ import annotations

from typing import Any, Generic, Self

from infra_runtime.builder.clauses import Clauses
from infra_runtime.builder.endings import Arguments, changed
from infra_runtime.builder.query import SyncWritableQuery, WritableQuery
from infra_runtime.repository import FieldT, RowT, WhereT, WhereUniqueT
from infra_runtime.schema import Model


def purged(model: Model, arguments: Arguments) -> dict[str, Any]:
    """The arguments of a `purge_many`, which by itself is about deleted rows, too. Errors: ArgumentError for what it cannot keep to."""
    return {"deleted": "without", **changed(model, arguments, "purge")}


class _Views(Clauses[WhereT, WhereUniqueT, FieldT], Generic[WhereT, WhereUniqueT, FieldT]):
    """What both interfaces share."""

    def with_deleted(self) -> Self:
        """Deleted rows, too. Those of included relations stay out of sight, unless the include says `deleted` as well."""
        return self._with(deleted="with")

    def only_deleted(self) -> Self:
        """Deleted rows alone."""
        return self._with(deleted="only")


class SoftDeleteQuery(
    _Views[WhereT, WhereUniqueT, FieldT],
    WritableQuery[RowT, WhereT, WhereUniqueT, FieldT],
    Generic[RowT, WhereT, WhereUniqueT, FieldT],
):
    """A query on a model that keeps deleted rows, awaitable. `delete` marks its rows."""

    async def restore(self) -> int:
        """Brings back the deleted rows of the query, and what was deleted with them; answers how many of the first."""
        return await self._run("restore_many", changed(self._model, self._arguments, "restore"))

    async def purge(self) -> int:
        """Deletes the rows for good and answers how many: those that it reads, so deleted ones `with_deleted()` or `only_deleted()`."""
        return await self._run("purge_many", purged(self._model, self._arguments))


class SyncSoftDeleteQuery(
    _Views[WhereT, WhereUniqueT, FieldT],
    SyncWritableQuery[RowT, WhereT, WhereUniqueT, FieldT],
    Generic[RowT, WhereT, WhereUniqueT, FieldT],
):
    """A query on a model that keeps deleted rows, for blocking code. `delete` marks its rows."""

    def restore(self) -> int:
        """Brings back the deleted rows of the query, and what was deleted with them; answers how many of the first."""
        return self._run("restore_many", changed(self._model, self._arguments, "restore"))

    def purge(self) -> int:
        """Deletes the rows for good and answers how many: those that it reads, so deleted ones `with_deleted()` or `only_deleted()`."""
        return self._run("purge_many", purged(self._model, self._arguments))
