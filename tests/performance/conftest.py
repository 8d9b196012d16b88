"""The comparison's schema with few rows, and infra-gen's own workloads of it, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.comparison import data
from benchmarks.comparison.databases import schema_for
from benchmarks.comparison.peers.base import Place
from benchmarks.comparison.peers.infra import AsyncInfra, Infra
from tests.databases import Database, Databases
from tests.generator.packages import imported

AUTHORS, PRODUCTS, READINGS = 60, 2_500, 6_000
"""Enough for a hundred products of a category, and for more of a stream than a driver reads at a time."""
PROVIDERS = ["sqlite", "postgresql", "mysql"]


def models_of(provider: str) -> str:
    """The schema without its datasource."""
    return schema_for(provider).partition("}\n")[2]


def fill(infra: Infra) -> None:
    client = infra.infra
    client.author.create_many([data.author(number) for number in range(1, AUTHORS + 1)])
    posts = range(1, AUTHORS * data.POSTS_EACH + 1)
    client.post.create_many([data.post(number, (number - 1) // data.POSTS_EACH + 1) for number in posts])
    comments = range(1, len(posts) * data.COMMENTS_EACH + 1)
    client.comment.create_many([data.comment(number, (number - 1) // data.COMMENTS_EACH + 1) for number in comments])
    client.product.create_many([data.product(number) for number in range(1, PRODUCTS + 1)])
    client.reading.create_many([data.reading(number) for number in range(1, READINGS + 1)])


@pytest.fixture(scope="session", params=PROVIDERS)
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture(scope="session")
def package(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated package for the database."""
    with imported(schema_for(database.provider), tmp_path_factory.mktemp("performance")) as module:
        yield module


@pytest.fixture(scope="session")
def package_folder(package: ModuleType) -> str:
    assert package.__file__ is not None
    return str(Path(package.__file__).parent)


@pytest.fixture(scope="session")
def place(database: Database, package: ModuleType) -> Place:
    """A database of few rows."""
    found = Place(database.provider, database.url(models_of(database.provider)), package)
    infra = Infra(found)
    infra.open()
    fill(infra)
    infra.close()
    return found


@pytest.fixture
def infra(place: Place) -> Iterator[Infra]:
    peer = Infra(place)
    peer.open()
    yield peer
    peer.close()


@pytest.fixture
async def async_infra(place: Place) -> AsyncIterator[AsyncInfra]:
    peer = AsyncInfra(place)
    await peer.open()
    yield peer
    await peer.close()
    await asyncio.sleep(0)
