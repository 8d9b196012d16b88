"""What a peer is: a class with a method for each workload, on one database. Imports `infra_runtime.urls` to take URLs apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

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

    def related(self, row: Any, name: str) -> Iterable[Any]:
        """The rows that were read with `row`."""
        related: Iterable[Any] = getattr(row, name)
        return related

    def group(self, group: Any) -> tuple[Any, ...]:
        """A group's category, number of rows, sum of `stock`, sum of `price`."""
        return tuple(group)
