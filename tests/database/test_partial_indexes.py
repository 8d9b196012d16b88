"""A partial index's condition, written as an object, is SQL over columns that the databases keep to."""

from __future__ import annotations

import sqlite3

import pytest

from infra_gen.database.ddl import statements
from infra_gen.front import compile_schema
from infra_gen.schema.source import SourceFile

TICKETS = """
generator client {
  provider        = "infra-gen"
  previewFeatures = ["partialIndexes"]
}
datasource db {
  provider = "%s"
}
model Ticket {
  id     Int     @id
  seat   Int?    @map("seat no")
  holder String
  paid   Boolean
  price  Decimal
  @@unique([seat], where: { seat: { not: null }, holder: { not: "it's nobody" }, paid: true, price: { not: 9.50 } }, map: "taken")
  @@index([holder], where: { seat: null }, map: "standing")
}
"""
CONDITIONS = {
    "taken": '"seat no" IS NOT NULL AND "holder" != \'it\'\'s nobody\' AND "paid" = true AND "price" != 9.50',
    "standing": '"seat no" IS NULL',
}


def schema_statements(provider: str) -> list[str]:
    return list(statements(compile_schema([SourceFile("schema.prisma", TICKETS % provider)]).schema))


@pytest.mark.parametrize("provider", ["sqlite", "postgresql"])
def test_the_condition_is_written_as_prisma_writes_it(provider: str) -> None:
    written = "\n".join(schema_statements(provider))
    for name, condition in CONDITIONS.items():
        assert f'"{name}"' in written
        assert condition in written


def test_only_rows_of_the_condition_are_unique() -> None:
    connection = sqlite3.connect(":memory:")
    for sql in schema_statements("sqlite"):
        connection.execute(sql)
    insert = 'INSERT INTO "Ticket" VALUES (?, ?, ?, ?, ?)'
    connection.execute(insert, (1, 7, "Ada", True, 10))
    connection.execute(insert, (2, 7, "it's nobody", True, 10))
    connection.execute(insert, (3, 7, "Bo", False, 10))
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(insert, (4, 7, "Cy", True, 10))


def test_postgresql_takes_the_conditions(postgresql_url: str) -> None:
    import psycopg

    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        for sql in schema_statements("postgresql"):
            connection.execute(sql.encode())
        rows = connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname IN ('taken', 'standing')")
        assert all(" WHERE " in definition for (definition,) in rows.fetchall())
