"""Clients: where their database is, what they share, and the registered one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

import infra_runtime
from infra_runtime import (
    ClientAlreadyRegisteredError,
    ClientNotRegisteredError,
    ConfigurationError,
    FieldNotFoundError,
    RawQueryError,
    Schema,
    SyncInfrastructure,
    get_client,
    register,
)
from infra_runtime.operations.raw import numbered_to_sqlite, only_reads
from infra_runtime.registry import unregister
from infra_runtime.schema import ScalarField
from tests.runtime.conftest import Client
from tests.runtime.schemas import SHOP, TAG


def files(shop: SyncInfrastructure) -> list[str]:
    return [row["file"] for row in shop.query_raw("SELECT file FROM pragma_database_list")]


def test_a_client_without_a_schema_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="use a generated client, or give schema="):
        SyncInfrastructure(url=":memory:")


def test_the_argument_beats_the_environment_and_the_environment_the_schema(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    schema = Schema("sqlite", (), url=f"file:{tmp_path}/schema.db", url_variable="SOME_URL")
    with SyncInfrastructure(schema=schema) as shop:
        assert files(shop) == [f"{tmp_path}/schema.db"]
    monkeypatch.setenv("SOME_URL", f"file:{tmp_path}/environment.db")
    with SyncInfrastructure(schema=schema) as shop:
        assert files(shop) == [f"{tmp_path}/environment.db"]
    with SyncInfrastructure(schema=schema, url=f"file:{tmp_path}/argument.db") as shop:
        assert files(shop) == [f"{tmp_path}/argument.db"]


def test_a_client_without_a_url_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_URL", raising=False)
    with pytest.raises(ConfigurationError, match="the environment variable SHOP_URL is not set"):
        SyncInfrastructure(schema=SHOP).connect()


def test_a_file_url_is_relative_to_the_schemas_folder_as_seen_from_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "prisma").mkdir()
    (tmp_path / "db" / "generated_client.py").write_text(
        "from infra_runtime import Schema\n"
        "from infra_runtime import SyncInfrastructure as Base\n"
        "class SyncInfrastructure(Base):\n"
        "    schema = Schema('sqlite', (), url='file:./dev.db', folder='../prisma')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "db"))
    monkeypatch.chdir(tmp_path)
    generated_client = import_module("generated_client")

    class Subclass(generated_client.SyncInfrastructure):  # type: ignore[misc, name-defined]
        """An application's own client, in another place."""

    try:
        with Subclass() as shop:
            assert [Path(file).resolve() for file in files(shop)] == [tmp_path / "prisma" / "dev.db"]
    finally:
        del sys.modules["generated_client"]


def test_a_url_for_another_provider_is_refused_at_connect() -> None:
    with pytest.raises(ConfigurationError, match="provider is sqlite"):
        SyncInfrastructure(schema=SHOP, url="postgresql://localhost/shop").connect()


def test_public_names_are_all_there() -> None:
    for name in infra_runtime.__all__:
        assert getattr(infra_runtime, name) is not None
    assert set(dir(infra_runtime)) == set(infra_runtime.__all__)
    unknown = "Nothing"
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        getattr(infra_runtime, unknown)


@pytest.fixture
def nobody_registered() -> Iterator[None]:
    unregister()
    yield
    unregister()


@pytest.mark.usefixtures("nobody_registered")
def test_the_registered_client(shop: SyncInfrastructure) -> None:
    with pytest.raises(ClientNotRegisteredError):
        get_client()
    register(shop)
    assert get_client() is shop
    with pytest.raises(ClientAlreadyRegisteredError):
        register(lambda: shop)


@pytest.mark.usefixtures("nobody_registered")
def test_a_function_may_be_registered_in_the_place_of_a_client(shop: SyncInfrastructure) -> None:
    register(lambda: shop)
    assert get_client() is shop


class Label(BaseModel):
    name: str


def test_raw_queries_give_dicts_models_or_any_class(client: Client) -> None:
    client.execute('INSERT INTO "Tag" (name) VALUES ($2), ($1)', "blue", "red")
    by_hand = 'SELECT name FROM "Tag" ORDER BY id'
    assert client.query(by_hand) == [{"name": "red"}, {"name": "blue"}]
    assert client.wait(client.infra.query_first(by_hand)) == {"name": "red"}
    assert client.wait(client.infra.query_first('SELECT * FROM "Tag" WHERE id = ?', 99)) is None
    typed: list[Any] = client.wait(client.infra.query_raw(by_hand, model=Label))
    assert typed == [Label(name="red"), Label(name="blue")]
    for model in ("Tag", TAG):
        rows: list[Any] = client.wait(client.infra.query_raw('SELECT * FROM "Tag"', model=model))
        assert rows == [{"id": 1, "label": "red"}, {"id": 2, "label": "blue"}]
    with pytest.raises(FieldNotFoundError, match="no model 'Nothing'"):
        client.wait(client.infra.query_raw(by_hand, model="Nothing"))


def test_a_typed_row_needs_all_its_columns(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.engine.row_types, "row", lambda model: dict)
    client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    with pytest.raises(RawQueryError, match="the query answers no column for label of Tag"):
        client.wait(client.infra.query_raw('SELECT id FROM "Tag"', model="Tag"))


def test_raw_parameters_go_to_the_driver_as_a_column_of_their_type_would(client: Client) -> None:
    codec = client.engine.codec
    moment, amount, document = datetime(2024, 5, 6, tzinfo=UTC), Decimal("1.25"), {"a": [1]}
    assert client.query(
        "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e", moment, amount, document, UUID(int=1), True
    ) == [
        {
            "a": codec(ScalarField("x", "DateTime")).encode(moment),
            "b": codec(ScalarField("x", "Decimal")).encode(amount),
            "c": codec(ScalarField("x", "Json")).encode(document),
            "d": "00000000-0000-0000-0000-000000000001",
            "e": 1,
        }
    ]
    with pytest.raises(infra_runtime.InputError, match="parameter of type object"):
        client.query("SELECT ?", object())


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 1", True),
        ("  -- why\n /* and how */ select 1", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("WITH a AS (SELECT 1) DELETE FROM b", False),
        ("INSERT INTO a VALUES (1) RETURNING id", False),
        ("PRAGMA user_version = 1", False),
        ("EXPLAIN SELECT 1", True),
        ("selection", False),
    ],
)
def test_which_raw_queries_run_on_a_reader(sql: str, reads: bool) -> None:
    assert only_reads(sql) is reads


def test_numbered_placeholders_in_text_names_and_comments_are_left_alone() -> None:
    sql = """SELECT $1, '$2', "$3", `$4`, [$5] -- $6\n, $12 /* $7 */"""
    assert numbered_to_sqlite(sql) == """SELECT ?1, '$2', "$3", `$4`, [$5] -- $6\n, ?12 /* $7 */"""
