"""Whatever the tables are, the steps that are planned make them those of the schema, on the real databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_gen import ir
from infra_gen.database.connection import DriverConnection, connected
from infra_gen.database.dialects import DIALECTS, catalogs
from infra_gen.database.push import plan_push, push
from infra_runtime.urls import parse_url
from tests.database.making import schemas
from tests.database.schemas import LIBRARY, schema_of

PROVIDERS = ("sqlite", "postgresql", "mysql")


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connection(provider: str, request: pytest.FixtureRequest) -> Iterator[DriverConnection]:
    url = "sqlite://:memory:" if provider == "sqlite" else request.getfixturevalue(f"{provider}_url")
    with connected(parse_url(url), schema_of(LIBRARY, provider)) as opened:
        yield opened


def differs(schema: ir.Schema, connection: DriverConnection) -> bool:
    return bool(DIALECTS[schema.datasource.provider].compare(*catalogs(schema, connection.query)))


def test_a_pushed_schema_does_not_differ_from_the_database(provider: str, connection: DriverConnection) -> None:
    schema = schema_of(LIBRARY, provider)
    assert differs(schema, connection)
    push(schema, connection)
    assert not differs(schema, connection)
    assert plan_push(schema, connection).steps == ()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_one_schema_becomes_another(provider: str, connection: DriverConnection, data: st.DataObject) -> None:
    for _ in range(3):
        schema = schema_of(data.draw(schemas(provider)), provider)
        push(schema, connection)
        assert not differs(schema, connection)
    nothing = schema_of("", provider)
    push(nothing, connection)
    assert not differs(nothing, connection)


def test_a_column_stops_and_starts_to_count(provider: str, connection: DriverConnection) -> None:
    for default in ("@default(autoincrement())", "", "@default(autoincrement())"):
        schema = schema_of(f"model ledger {{\n  id Int @id {default}\n  text String?\n}}", provider)
        push(schema, connection)
        assert not differs(schema, connection)
