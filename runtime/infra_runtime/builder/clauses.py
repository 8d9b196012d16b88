"""Clauses: what a query says, and the methods that add to it.

A query holds the arguments of a `find_many` under their names there (`take`, `order`, …), so that whatever operations understand a
query can say. The methods whose arguments are named like fields (`where`, `include`, `order_by`) are generated for each model, typed by
its inputs; here is what they do.

Imports `builder.composed`, `arguments`, `engine`, `errors` and `repository` of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Self

from infra_runtime.arguments.walk import unknown
from infra_runtime.builder.composed import NOTHING, Composed
from infra_runtime.engine import UNSCOPED
from infra_runtime.errors import ArgumentError
from infra_runtime.repository import FieldT, WhereT, WhereUniqueT

if TYPE_CHECKING:
    from infra_runtime.filters import Search


class Clauses(Composed, Generic[WhereT, WhereUniqueT, FieldT]):
    """What a query on a model says so far."""

    def distinct(self, *fields: FieldT) -> Self:
        """One row, the first in order, of those that have the same values in `fields`; called again, these fields are added."""
        return self._with(distinct=[*self._arguments.get("distinct", ()), *fields])

    def cursor(self, cursor: WhereUniqueT) -> Self:
        """Begins with the row that has this unique key, in the query's order."""
        return self._with(cursor=cursor)

    def search(
        self,
        query: str | Search[FieldT],
        *,
        fields: Sequence[FieldT] | None = None,
        mode: Literal["all", "any", "phrase", "prefix"] | None = None,
        language: str | None = None,
    ) -> Self:
        """Only rows with these words, the best first where no order is given; a second search takes the place of the first.

        Arguments: `query`, what somebody typed, or all of this as a mapping; `fields`, where to look: without them in those of
        `@infra.search`; `mode`, whether `all` of the words are wanted, `any` of them, the `phrase`, or words that begin so (`prefix`);
        `language`, for indexes of this language alone.
        """
        given: dict[str, Any] = {"query": query} if isinstance(query, str) else dict(query)
        said = {"fields": fields, "mode": mode, "language": language}
        return self._with(search={**given, **{name: value for name, value in said.items() if value is not None}})

    def unscoped(self, *names: str) -> Self:
        """Without the client's scopes of these names, or without all that have one; those without a name always hold.

        Errors: FieldNotFoundError for a name that no scope has.
        """
        known = self._client.engine.scope_names
        for name in names:
            if name not in known:
                raise unknown("scope", name, known)
        before = (self._options or NOTHING).get(UNSCOPED, ())
        return self.options(**{UNSCOPED: tuple(dict.fromkeys((*before, *(names or known))))})

    # What generated methods do.

    def _where(self, filters: Sequence[WhereT], fields: Any) -> Self:
        """All of these conditions, and what was said before."""
        arguments = self._arguments
        where = arguments.get("where")
        for condition in (*filters, fields):
            where = both(where, condition)
        return self if where is None else self._with(where=where)

    def _or_where(self, filters: Sequence[WhereT], fields: Any) -> Self:
        """What was said before, or all of these conditions."""
        condition: Any = None
        for given in (*filters, fields):
            condition = both(condition, given)
        if not condition:
            raise ArgumentError(
                "or_where() needs a condition: without one it would let every row through", model=self._model.name
            )
        before = self._arguments.get("where")
        return self._with(where={"OR": [before, condition]} if before else condition)

    def _include(self, names: Sequence[str], relations: Any) -> Self:
        """These relations, and those asked for before."""
        before = self._arguments.get("include") or NOTHING
        return self._with(include=merged(before, {**dict.fromkeys(names, True), **relations}))

    def _order_by(self, orders: Sequence[Any], fields: Any) -> Self:
        """What was said before, then by these, in their order."""
        added = [*orders, *({name: direction} for name, direction in fields.items())]
        return self._with(order=[*self._arguments.get("order", ()), *added])


def both(first: Any, second: Any) -> Any:
    """Two conditions as one: side by side where their keys differ, so that paths in errors stay short, else under AND."""
    if not second:
        return first
    if not first:
        return second
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return {"AND": [first, second]}
    if first.keys().isdisjoint(second):
        return {**first, **second}
    if first.keys() == {"AND"} and isinstance(first["AND"], list):
        return {"AND": [*first["AND"], second]}
    return {"AND": [first, second]}


def merged(before: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What both include, or select: arguments given again replace those before, what is nested is merged."""
    merged = dict(before)
    for name, value in more.items():
        known = merged.get(name)
        if isinstance(known, Mapping) and (value is True or isinstance(value, Mapping)):
            merged[name] = known if value is True else _merged_arguments(known, value)
        else:
            merged[name] = value
    return merged


def _merged_arguments(known: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    arguments = {**known, **value}
    for name in ("include", "select"):
        if isinstance(known.get(name), Mapping) and isinstance(value.get(name), Mapping):
            arguments[name] = merged(known[name], value[name])
    return arguments
