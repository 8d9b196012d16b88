"""Who is compared: one row of a table for each peer. Nothing of a peer is imported before its own process is started."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from benchmarks.comparison.peers import prisma

PROVIDERS = ("sqlite", "postgresql", "mysql")
INTERFACES = ("sync", "async")
DRIVERS = {
    ("sqlite", "sync"): (),
    ("sqlite", "async"): (),
    ("postgresql", "sync"): ("psycopg",),
    ("postgresql", "async"): ("psycopg",),
    ("mysql", "sync"): ("PyMySQL",),
    ("mysql", "async"): ("asyncmy",),
}
"""What the reference and infra-gen need."""


DISTRIBUTIONS = (
    "pydantic",
    "psycopg",
    "PyMySQL",
    "asyncmy",
    "asyncpg",
    "aiosqlite",
    "SQLAlchemy",
    "Django",
    "tortoise-orm",
    "piccolo",
    "aprisma",
)
"""Whose versions stand beside the figures."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A peer on some databases by one interface.

    `peer` is what `--peers` names, `title` what the tables call it; `where` is its module and class below this package; `needs` are
    distributions without which it is left out. `by_hand`: it is written on a driver alone, so no library to compare with.
    """

    peer: str
    title: str
    where: str
    interface: str
    providers: tuple[str, ...] = PROVIDERS
    needs: tuple[str, ...] = ()
    by_hand: bool = False


NODE = "prisma"
"""The `where` of the peer that runs on Node."""
REFERENCE, OURS = "by_hand", "infra"

AWAITED = (
    (("sqlite",), ("greenlet", "aiosqlite")),
    (("postgresql",), ("greenlet", "asyncpg")),
    (("mysql",), ("greenlet",)),
)
"""What SQLAlchemy needs for its async interface, by provider."""

ENTRIES = (
    Entry("by_hand", "by hand", "by_hand.blocking:ByHand", "sync", by_hand=True),
    Entry("by_hand", "by hand", "by_hand.awaited:AsyncByHand", "async", ("postgresql", "mysql"), by_hand=True),
    Entry("by_hand", "by hand", "by_hand.awaited:InThread", "async", ("sqlite",), by_hand=True),
    Entry("infra", "infra-gen", "infra:Infra", "sync"),
    Entry("infra", "infra-gen", "infra:AsyncInfra", "async"),
    Entry("validated", "by hand, validated", "by_hand.blocking:ByHandValidated", "sync", by_hand=True),
    Entry(
        "validated",
        "by hand, validated",
        "by_hand.awaited:AsyncByHandValidated",
        "async",
        ("postgresql", "mysql"),
        by_hand=True,
    ),
    Entry("validated", "by hand, validated", "by_hand.awaited:InThreadValidated", "async", ("sqlite",), by_hand=True),
    Entry("asyncpg", "by hand, asyncpg", "by_hand.libraries:Asyncpg", "async", ("postgresql",), ("asyncpg",), True),
    Entry("aiosqlite", "by hand, aiosqlite", "by_hand.libraries:Aiosqlite", "async", ("sqlite",), ("aiosqlite",), True),
    Entry("core", "SQLAlchemy Core", "alchemy.core:Core", "sync"),
    *(Entry("core", "SQLAlchemy Core", "alchemy.core_async:AsyncCore", "async", *on) for on in AWAITED),
    Entry("orm", "SQLAlchemy ORM", "alchemy.orm:Orm", "sync"),
    *(Entry("orm", "SQLAlchemy ORM", "alchemy.orm_async:AsyncOrm", "async", *on) for on in AWAITED),
    Entry("django", "Django ORM", "django_orm.work:Django", "sync", ("sqlite", "mysql"), ("Django",)),
    Entry("django", "Django ORM", "django_orm.work:Django", "sync", ("postgresql",), ("Django", "psycopg-pool")),
    Entry("tortoise", "Tortoise ORM", "tortoise_orm:TortoiseOrm", "async", ("sqlite",), ("tortoise-orm", "aiosqlite")),
    Entry(
        "tortoise", "Tortoise ORM", "tortoise_orm:TortoiseOrm", "async", ("postgresql",), ("tortoise-orm", "asyncpg")
    ),
    Entry("tortoise", "Tortoise ORM", "tortoise_orm:TortoiseOrm", "async", ("mysql",), ("tortoise-orm", "asyncmy")),
    Entry("piccolo", "Piccolo", "piccolo_orm:Piccolo", "async", ("sqlite",), ("piccolo", "aiosqlite")),
    Entry("piccolo", "Piccolo", "piccolo_orm:Piccolo", "async", ("postgresql",), ("piccolo", "asyncpg")),
    Entry("aprisma", "aprisma", "aprisma_client:Aprisma", "async", ("sqlite",), ("aprisma", "aiosqlite", "greenlet")),
    Entry("aprisma", "aprisma", "aprisma_client:Aprisma", "async", ("postgresql",), ("aprisma", "asyncpg", "greenlet")),
    Entry("prisma", "Prisma 7 (Node)", NODE, "async"),
)

PEERS = tuple(dict.fromkeys(entry.peer for entry in ENTRIES))


def entries(provider: str, interface: str, peers: tuple[str, ...]) -> Iterator[Entry]:
    """The peers for a database and an interface, in the order of the tables."""
    return (
        entry
        for entry in ENTRIES
        if entry.peer in peers and entry.interface == interface and provider in entry.providers
    )


def missing(entry: Entry, provider: str) -> str | None:
    """Why a peer cannot run here; None where it can."""
    if entry.where == NODE:
        return prisma.missing()
    for name in (*entry.needs, *DRIVERS[provider, entry.interface]):
        try:
            version(name)
        except PackageNotFoundError:
            return f"{name} is not installed"
    return None
