"""A shop's sales on every database, asked through the dynamic API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_gen.dynamic import DynamicRepository, SyncDynamicInfrastructure, connect
from tests.databases import Database, Databases, datasource

MODELS = """
enum Channel {
  SHOP
  WEB  @map("web")
}

model Seller {
  id    Int    @id
  name  String
  sales Sale[]
}

model Sale {
  id       Int       @id @default(autoincrement())
  town     String
  channel  Channel   @default(WEB)
  pieces   Int
  grams    BigInt?
  rating   Float?
  price    Decimal?
  at       DateTime?
  extra    Json?
  gift     Boolean   @default(false)
  sellerId Int?
  seller   Seller?   @relation(fields: [sellerId], references: [id])
}
"""


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture
def shop(database: Database) -> Iterator[SyncDynamicInfrastructure]:
    with connect(datasource(database.provider) + MODELS, url=database.url(MODELS), interface="sync") as infra:
        yield infra


@pytest.fixture
def sales(shop: SyncDynamicInfrastructure) -> DynamicRepository:
    """The repository of sales, still without any."""
    return shop.repository("Sale")


def sale(town: str, pieces: int, **more: Any) -> dict[str, Any]:
    return {"town": town, "pieces": pieces, **more}


@pytest.fixture
def five(sales: DynamicRepository) -> DynamicRepository:
    """Five sales in three towns."""
    sales.create_many(
        data=[
            sale("Oslo", 1, rating=4.5, price="10.50", grams="9007199254740993", at="2024-03-01T10:00:00Z"),
            sale("Oslo", 3, rating=3.5, price="0.25", grams="7", at="2024-01-01T10:00:00Z", channel="SHOP"),
            sale("Bergen", 2, price="4", at="2024-02-01T10:00:00Z"),
            sale("Bergen", 6, channel="SHOP"),
            sale("Alta", 8, rating=1.0),
        ]
    )
    return sales
