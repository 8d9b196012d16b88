"""Databases of each provider for pulls, with nothing in them at first, and pulls of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from infra_gen import ir
from infra_gen.database.connection import DriverConnection, connected
from infra_gen.database.dialects import DIALECTS, catalogs
from infra_gen.database.push import push
from infra_gen.front import compile_schema
from infra_gen.pull import Pulled, pull, read_comments, read_live
from infra_gen.schema.source import SourceFile
from infra_runtime.urls import parse_url
from tests.databases import Provider, datasource

PROVIDERS = ("sqlite", "postgresql", "mysql")


def compiled(files: Sequence[SourceFile]) -> ir.Schema:
    return compile_schema(files, for_generators=False).schema


@dataclass
class Live:
    """A database, and what a test does with it."""

    provider: Provider
    connection: DriverConnection

    def head(self) -> str:
        return datasource(self.provider)

    def run(self, *statements: str) -> None:
        self.connection.run(statements)

    def quote(self, name: str) -> str:
        return DIALECTS[self.provider].quote(name)

    def empty(self) -> None:
        """Takes all tables out, whoever made them."""
        nothing = compiled([SourceFile("schema.prisma", self.head())])
        push(nothing, self.connection, reset=True)

    def push(self, models: str) -> ir.Schema:
        """Gives the database the tables of `models`, and no others."""
        return self.push_text(self.head() + models)

    def push_text(self, text: str) -> ir.Schema:
        schema = compiled([SourceFile("schema.prisma", text)])
        push(schema, self.connection, reset=True)
        return schema

    def pull(self, models: str = "") -> Pulled:
        """Pulls into a schema of `models`."""
        return self.pull_text(self.head() + models)

    def pull_text(self, text: str) -> Pulled:
        return self.pull_files([SourceFile("schema.prisma", text)])

    def pull_files(self, files: Sequence[SourceFile]) -> Pulled:
        schema, query = compiled(files), self.connection.query
        return pull(files, read_live(schema, query), read_comments(schema, query))

    def pulled(self, models: str = "") -> str:
        """The models and enums of the text after a pull."""
        return self.pull(models).files[0].text.removeprefix(self.head()).lstrip("\n")

    def differs(self, schema: ir.Schema) -> bool:
        """Would a push change anything?"""
        return bool(DIALECTS[schema.datasource.provider].compare(*catalogs(schema, self.connection.query)))


@pytest.fixture(params=PROVIDERS)
def live(request: pytest.FixtureRequest) -> Iterator[Live]:
    yield from _opened(request, request.param)


@pytest.fixture
def sqlite(request: pytest.FixtureRequest) -> Iterator[Live]:
    yield from _opened(request, "sqlite")


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> Iterator[Live]:
    yield from _opened(request, "postgresql")


@pytest.fixture
def mysql(request: pytest.FixtureRequest) -> Iterator[Live]:
    yield from _opened(request, "mysql")


def _opened(request: pytest.FixtureRequest, provider: Provider) -> Iterator[Live]:
    url = "sqlite://:memory:" if provider == "sqlite" else request.getfixturevalue(f"{provider}_url")
    nothing = compiled([SourceFile("schema.prisma", datasource(provider))])
    with connected(parse_url(url), nothing) as connection:
        yield Live(provider, connection)
