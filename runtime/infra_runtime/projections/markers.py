"""What stands in `Annotated[…]` beside the type of a projection's field. Imports nothing of the runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class From:
    """Where a field's value comes from, where its name does not say it.

        mail: Annotated[str, From("email")]
        author_name: Annotated[str, From("author.name")]
        newest: Annotated[list[PostTitle], From("posts", order={"created_at": "desc"}, take=3)]

    Args:
        name: a field of the model; before dots, to-one relations that lead to another model's.
        where, order, take, skip, distinct: of a relation to many, which rows and how many of them for each row, as in `include`.
    """

    def __init__(
        self,
        name: str,
        *,
        where: Mapping[str, Any] | None = None,
        order: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        take: int | None = None,
        skip: int | None = None,
        distinct: Sequence[str] | None = None,
    ) -> None:
        self.name = name
        given = {"where": where, "order": order, "take": take, "skip": skip, "distinct": distinct}
        self.arguments = {key: value for key, value in given.items() if value is not None}

    def __repr__(self) -> str:
        return f"From({', '.join([repr(self.name), *(f'{key}={value!r}' for key, value in self.arguments.items())])})"


class Count:
    """How many rows a relation leads to.

        published: Annotated[int, Count("posts", where={"published": True})]

    Args:
        relation: a relation to many.
        where: only those that this lets through.
    """

    def __init__(self, relation: str, *, where: Mapping[str, Any] | None = None) -> None:
        self.relation = relation
        self.where = where

    def __repr__(self) -> str:
        return f"Count({self.relation!r}{'' if self.where is None else f', where={self.where!r}'})"
