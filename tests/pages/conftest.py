"""A schema whose rows can be ordered in every way, on every database, and a client whose rows are dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra_gen.front import compile_schema
from infra_gen.metadata import metadata
from infra_gen.schema.source import SourceFile
from infra_runtime.builder.paging import SyncPaging
from infra_runtime.infrastructure import SyncInfrastructure
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database, Databases, Provider, datasource

MODELS = """
generator db {
  provider        = "infra-gen"
  previewFeatures = ["views"]
}

enum Level {
  HIGH
  LOW    @map("below")
  MEDIUM
}

model Owner {
  id      Int     @id
  name    String?
  rank    Int
  entries Entry[]
}

model Entry {
  id       Int       @id
  code     String    @unique
  spare    Int?      @unique
  number   Int
  turn     Int       @default(0)
  big      BigInt?
  real     Float?
  amount   Decimal?
  text     String?
  flag     Boolean
  level    Level
  maybe    Level?
  at       DateTime?
  data     Bytes?
  document Json?
  owner_id Int?
  owner    Owner?    @relation(fields: [owner_id], references: [id])
  notes    Note[]

  @@index([number, code])
  @@index([turn, id(sort: Desc)])
  @@index([big, id])
}

model Note {
  book     Int
  page     Int
  text     String
  entry_id Int
  entry    Entry  @relation(fields: [entry_id], references: [id])

  @@id([book, page])
}

view Scrap {
  text String
}
"""


def schema_of(provider: Provider) -> Schema:
    source = SourceFile("schema.prisma", datasource(provider) + MODELS)
    return metadata(compile_schema((source,), for_generators=False).schema)


Run = Callable[..., Any]


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture
def infra(database: Database) -> Iterator[SyncInfrastructure]:
    with SyncInfrastructure(schema=schema_of(database.provider), url=database.url(MODELS)) as client:
        yield client


@pytest.fixture
def run(infra: SyncInfrastructure) -> Run:
    """`run("find_many", "Entry", take=3)`."""

    def run_(name: str, model: str, /, **arguments: Any) -> Any:
        return infra.execute(Operation(name, infra.engine.schema.model[model], arguments))

    return run_


def query(infra: SyncInfrastructure, model: str, **arguments: Any) -> SyncPaging[Any]:
    """What a query says so far, given as arguments of `find_many`."""
    return SyncPaging(infra, infra.engine.schema.model[model], arguments)
