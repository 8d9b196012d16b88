"""What a peer is: a class with a method for each workload, on one database. Imports `infra_runtime.urls` to take URLs apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

from benchmarks.comparison.data import Values
from infra_runtime.urls import DatabaseUrl, parse_url

CONNECTIONS = 8
"""How many connections everybody may have open for `clients`."""
BATCH = 1_000
"""How many rows everybody fetches at a time in `stream`."""


@dataclass(frozen=True)
class Place:
    """Where a peer works: the provider, the database's URL as Prisma writes it, and the package generated for it."""

    provider: str
    url: str
    package: ModuleType

    @property
    def path(self) -> str:
        """The file of an SQLite database."""
        return self.url.removeprefix("file:")

    @property
    def parts(self) -> DatabaseUrl:
        return parse_url(self.url)

    @property
    def address(self) -> dict[str, Any]:
        """The server's address and the user by the words most libraries have for them."""
        parts = self.parts
        return {"host": parts.host, "port": parts.port, "user": parts.user, "password": parts.password or ""}

    @property
    def database(self) -> str:
        return self.parts.database or ""


Pair = tuple[Any, list[Any]]
"""A row and its related rows."""


def paired(parents: Iterable[Any], children: Iterable[Any], column: str) -> list[Pair]:
    """Each parent with its children, which may be pairs themselves."""
    found = defaultdict[int, list[Any]](list)
    for child in children:
        row = child[0] if type(child) is tuple else child
        found[getattr(row, column)].append(child)
    return [(parent, found[parent.id]) for parent in parents]


def naive(row: Values) -> Values:
    """A row whose moments are without their zone, which is UTC, for those that take no other."""
    return {
        name: value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


class Peer:
    """The base of peers. `open` and `close` and the workloads' methods are coroutines in peers of the async interface.

    The methods, one for each `method` of a workload, take what its `arguments` makes and answer the peer's own objects.
    """

    def __init__(self, place: Place) -> None:
        self.place = place

    def open(self) -> Any:
        """Connects."""

    def close(self) -> Any:
        """Disconnects."""

    # Where a library leaves it to its user to put related rows to a row, they are answered beside it: a pair.
    def columns(self, row: Any) -> Any:
        """The object that has the columns of `row` as attributes."""
        return row[0] if type(row) is tuple else row

    def related(self, row: Any, name: str) -> Iterable[Any]:
        """The rows that were read with `row`."""
        related: Iterable[Any] = row[1] if type(row) is tuple else getattr(row, name)
        return related

    def group(self, group: Any) -> tuple[Any, ...]:
        """A group's category, number of rows, sum of `stock`, sum of `price`; databases answer sums in types of their own."""
        category, number, stock, price = group
        return category, number, int(stock), Decimal(str(price))
